"""The stages in their order: the only module that knows all of them.

The room of sequence.  It decides nothing and prints nothing.
"""

from __future__ import annotations

import json
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

from uapigen.diagnostics import Diagnostic, SpecError, in_order
from uapigen.files import read_source
from uapigen.layout import with_layouts
from uapigen.loader import read_tree
from uapigen.model import Interface
from uapigen.resolve import resolve
from uapigen.shape import check_shape
from uapigen.sound import sound_part, without
from uapigen.source import Source

SCHEMA = Path(__file__).parent / "schema.json"


class Examined(NamedTuple):
    """A spec as far as it can be made out.

    Without ``problems``, ``interface`` is the whole of it; with some, what can be judged by itself, and None
    where there is nothing of the kind.
    """

    interface: Interface | None
    problems: tuple[Diagnostic, ...]


def load_file(path: str | PathLike[str]) -> Interface:
    """The interface of a spec file.  Raises :class:`uapigen.diagnostics.SpecError`."""
    return load_source(read_source(fspath(path)))


def load_source(source: Source) -> Interface:
    """The interface of a spec that was read already.  Raises as :func:`load_file` does."""
    interface, problems = examine(source)
    if problems or interface is None:
        raise SpecError(problems)
    return interface


def examine(source: Source) -> Examined:
    """Everything that is wrong with a spec, by syntax alone or else by shape and names, and what is not."""
    try:
        root, unread, unusable = read_tree(source)
        shaped = check_shape(root, schema(), unusable)
    except SpecError as error:
        return Examined(None, error.diagnostics)
    remains = without(root, shaped.unusable, shaped.lacking)
    known = {found.span for found in shaped.problems}
    unread = tuple(each for each in unread if each.id != "yaml-ambiguous-scalar" or each.span not in known)
    interface, unbound, unknown = resolve(remains)
    problems = in_order((*unread, *shaped.problems, *unbound))
    if interface is None:
        return Examined(None, problems)
    if problems:
        errors = (*(found.span for found in problems if found.span), *unknown)
        interface = sound_part(interface, remains.lost, errors)
    return Examined(with_layouts(interface), problems)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the language."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found
