"""Rows of bytes: which columns of which rows a cell takes, and where the rows stand.

The room of geometry in rows and columns; what is painted there is decided in :mod:`uapigen.diagram.structs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from uapigen.diagram.bytecells import Cell
from uapigen.diagram.celltext import Text, margin, texts
from uapigen.diagram.model import Point

_SCALES = tuple((columns, pitch) for columns in (8, 4) for pitch in (8, 7, 6, 5, 4))
"""Bytes in a row and characters for each, the best first."""
_FOLDED = 5
"""From how many rows on that a cell fills the middle ones are left out."""


class Scale(NamedTuple):
    """``columns`` of bytes in a row, each ``pitch`` characters wide; ``digits`` of an offset."""

    columns: int
    pitch: int
    digits: int

    def x(self, column: int) -> int:
        """The border at the left of a column of bytes."""
        return self.digits + 3 + column * self.pitch

    def offset(self, value: int) -> str:
        """An offset, as long as every other one."""
        return f"0x{value:0{self.digits}x}"


def scale(size: int, width: int) -> Scale | None:
    """The best one for a struct of ``size`` bytes that needs no more than ``width`` columns."""
    digits = max(2, len(f"{size:x}"))
    scales = (Scale(columns, pitch, digits) for columns, pitch in _SCALES)
    return next((found for found in scales if found.x(found.columns) < width), None)


class Piece(NamedTuple):
    """What a row has of a cell: the columns from ``left`` to before ``right``.

    A torn row stands for any number of them.  ``spoken``: the text of the cell stands here.
    """

    cell: Cell
    row: int
    left: int
    right: int
    torn: bool = False
    spoken: bool = False

    def texts(self, scale: Scale, height: int = 0) -> tuple[int, list[Text]]:
        """The blanks at both sides of the text of the cell, and its lines, in this piece."""
        inside = (self.right - self.left) * scale.pitch - 1
        blanks = margin(self.cell.items, inside)
        return blanks, texts(self.cell.items, inside - 2 * blanks, height)


def pieces(cell: Cell, scale: Scale) -> list[Piece]:
    """The pieces of a cell, from its first row to its last.

    The text stands in the first piece that has as much room for it as any.
    """
    found = [*_pieces(cell, scale.columns)]
    if len(found) == 1:
        return [found[0]._replace(spoken=True)]
    best = min((piece for piece in found if not piece.torn), key=lambda piece: _lack(piece, scale))
    return [piece._replace(spoken=piece is best) for piece in found]


def _pieces(cell: Cell, count: int) -> Iterator[Piece]:
    row, last = cell.first // count, (cell.end - 1) // count
    if cell.open:
        yield Piece(cell, row, cell.first % count, count)
        yield Piece(cell, row + 1, 0, count, torn=True)
        return
    full = range(-(-cell.first // count), cell.end // count)
    middle = full[1:-1] if len(full) >= _FOLDED else full[:0]
    while row <= last:
        left = max(cell.first - row * count, 0)
        right = min(cell.end - row * count, count)
        yield Piece(cell, row, left, right, torn=row in middle)
        row = middle.stop if row in middle else row + 1


def _lack(piece: Piece, scale: Scale) -> tuple[int, int]:
    """How little room there is for the text: the lines that it takes, the characters that it has."""
    if not piece.cell.named:
        return 0, piece.left - piece.right
    _, lines = piece.texts(scale)
    return len(lines), -sum(len(line.note) for line in lines)


def stacks(found: Iterable[Piece]) -> list[list[Piece]]:
    """The pieces of a cell in groups that touch each other."""
    groups: list[list[Piece]] = []
    for piece in found:
        before = groups[-1][-1] if groups else None
        if before and max(before.left, piece.left) < min(before.right, piece.right):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


class Row(NamedTuple):
    """The lines of text that a row has, from ``top`` on; ``ruled``: there is a border above them."""

    pieces: Sequence[Piece]
    top: int
    height: int
    ruled: bool

    @property
    def bottom(self) -> int:
        """The line beneath."""
        return self.top + self.height


def rows(found: Iterable[Piece], scale: Scale, top: int) -> Mapping[int, Row]:
    """The rows by their numbers; the border of the first one is at ``top``."""
    by_row: dict[int, list[Piece]] = {}
    for piece in found:
        by_row.setdefault(piece.row, []).append(piece)
    placed: dict[int, Row] = {}
    above: list[Piece] = []
    for number, row in by_row.items():
        ruled = not _joined(above, row, scale.columns)
        heights = (len(piece.texts(scale)[1]) for piece in row if piece.spoken and piece.cell.named)
        placed[number] = Row(row, top + ruled, max(heights, default=1), ruled)
        top, above = placed[number].bottom, row
    return placed


def _joined(above: Iterable[Piece], below: Iterable[Piece], count: int) -> bool:
    """Whether a cell fills both rows, so that there is no border between them."""
    full = [piece for piece in (*above, *below) if piece.right - piece.left == count]
    return len(full) == 2 and full[0].cell is full[1].cell


def corners(stack: Sequence[Piece], placed: Mapping[int, Row], scale: Scale) -> tuple[Point, ...]:
    """The outline of pieces that touch each other."""
    right, left = list[Point](), list[Point]()
    for piece, below in zip(stack, (*stack[1:], None), strict=True):
        row = placed[piece.row]
        for y in (row.top - 1, placed[below.row].top - 1 if below else row.bottom):
            right.append(Point(scale.x(piece.right), y))
            left.append(Point(scale.x(piece.left), y))
    return tuple(_turns((*right, *reversed(left))))


def _turns(points: Sequence[Point]) -> Iterator[Point]:
    """The points of a closed line at which it turns."""
    for before, at, after in zip((points[-1], *points), points, (*points[1:], points[0]), strict=False):
        if not (before.x == at.x == after.x or before.y == at.y == after.y):
            yield at
