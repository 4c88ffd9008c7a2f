"""Dependency files: what the outputs come from, as make and ninja read it.

The room of their syntax.  Which files there are, and writing them, does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f*?\[%;=|()<>^`\\]|^~|[ :&]$")
"""What one of the two takes for something else, however it is written: make knows ``%`` and ``?`` as
patterns, ``=`` as an assignment, ``(`` as an archive; for ninja a name ends at ``;`` or ``<``."""

_ESCAPED = str.maketrans({" ": "\\ ", "#": "\\#", ":": "\\:", "$": "$$"})


class UnwritableError(ValueError):
    """A file has a name that cannot be written; the message says which, and why."""


def depfile(rules: Mapping[tuple[str, ...], Sequence[str]]) -> str:
    """The text of a dependency file; ``rules`` has the files that some outputs come from.

    Each of those is also a target that comes from nothing: then make does not stop where the file has gone,
    as after an update of the tool, and makes the outputs anew.  Raises :class:`UnwritableError`.
    """
    said = [f"{_list(outputs)}: \\\n  {_list(inputs)}\n\n" for outputs, inputs in rules.items()]
    alone = dict.fromkeys(name for inputs in rules.values() for name in inputs)
    return "".join((*said, *(f"{_escaped(name)}:\n" for name in alone)))


def _list(names: Sequence[str]) -> str:
    return " \\\n  ".join(map(_escaped, names))


def _escaped(name: str) -> str:
    found = _UNWRITABLE.search(name)
    if found:
        raise UnwritableError(
            f"a dependency file cannot have the name '{name}': make and ninja read {found[0]!r} differently"
        )
    return name.translate(_ESCAPED)
