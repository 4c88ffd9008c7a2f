"""The stages in their order: the only module that knows all of them.

The room of sequence.  It decides nothing and prints nothing.
"""

from __future__ import annotations

import json
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from uapigen.files import read_source
from uapigen.layout import with_layouts
from uapigen.loader import read_tree
from uapigen.model import Interface
from uapigen.resolve import resolve
from uapigen.shape import check_shape
from uapigen.source import Source

SCHEMA = Path(__file__).parent / "schema.json"


def load_file(path: str | PathLike[str]) -> Interface:
    """The interface of a spec file.  Raises :class:`uapigen.diagnostics.SpecError`."""
    return load_source(read_source(fspath(path)))


def load_source(source: Source) -> Interface:
    """The interface of a spec that was read already.  Raises as :func:`load_file` does."""
    root = read_tree(source)
    check_shape(root, schema())
    return with_layouts(resolve(root))


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the language."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found
