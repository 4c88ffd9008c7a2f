"""Text that fits into a cell: names in lines, what is said of them where there is room.

The room of folding: a name goes on in a line that begins with ``_``, ``.`` or ``[``, or behind one that
ends in ``-``.  Nothing that is said is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from uapigen.diagram.bytecells import Item

_PIECE = re.compile(r"[_.\[{,]*[^_.\[{,]*")
_INDENT = 2
_WIDE = 15
"""From how many characters on the alternatives of a union are indented."""


class Text(NamedTuple):
    """A line of a cell: a name or a piece of it, then a note, and the access at the right end."""

    name: str = ""
    note: str = ""
    access: str = ""
    indent: int = 0

    def fits(self, room: int) -> bool:
        """Whether the line has no more than ``room`` characters."""
        words = [word for word in (self.name, self.note, self.access) if word]
        return self.indent + sum(map(len, words)) + len(words) - 1 <= room


def margin(items: Sequence[Item], inside: int) -> int:
    """Blanks at both sides of the text of a cell that is ``inside`` wide: 1, 0 where that saves a cut."""
    pieces = (piece for item in items for piece in _PIECE.findall(item.title))
    notes = (item.notes[-1] for item in items if item.must)
    return int(max(map(len, (*pieces, *notes)), default=0) <= inside - 2)


def texts(items: Sequence[Item], room: int, height: int) -> list[Text]:
    """The lines for these items, no wider than ``room`` (at least 3).

    They are as few as what has to be said allows, but for the note of a single item: it may have what
    remains of ``height``.
    """
    indent = _INDENT if len(items) > 1 and items[0].notes[:1] == ("union of",) and room >= _WIDE else 0
    spare = height if len(items) == 1 else 0
    return [
        line
        for number, item in enumerate(items)
        for line in _item(item, room, spare, indent if number else 0)
    ]


def parted(name: str, room: int) -> list[str]:
    """A name in pieces of at most ``room`` characters, parted before a separator where there is one."""
    lines = [""]
    for piece in filter(None, _PIECE.findall(name)):
        rest = piece
        if len(lines[-1]) + len(rest) > room and lines[-1]:
            lines.append("")
        while len(rest) > room:
            lines[-1], rest = f"{rest[: room - 1]}-", rest[room - 1 :]
            lines.append("")
        lines[-1] += rest
    return lines


def _item(item: Item, room: int, height: int, indent: int) -> Iterator[Text]:
    """The lines of one item; its note may have one of its own while they are no more than ``height``."""
    *names, last = parted(item.title, room - indent)
    yield from (Text(name, indent=indent) for name in names)
    alone = Text(last, indent=indent)
    noted = alone if item.must else Text(f"{last}:", indent=indent)
    candidates = [[noted._replace(note=note, access=item.access)] for note in item.notes]
    if item.must or height >= len(names) + 2:
        candidates += [[noted, Text("", note, item.access, indent)] for note in item.notes]
    if item.must:
        candidates.append([noted, Text("", item.notes[-1], indent=indent), Text("", "", item.access, indent)])
    candidates += [[alone._replace(access=item.access)], [alone, Text("", "", item.access, indent)]]
    yield from next(lines for lines in candidates if all(line.fits(room) for line in lines))
