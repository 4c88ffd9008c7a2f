"""A struct, byte by byte: rows of 8 bytes, and a cell for each member.

The room of places.  The bytes have their numbers above, a row has its offset at the left.  A member of more
than one row has one outline; where its two pieces do not touch each other it has two, with ``>`` in the side
at which it goes on.  Of the rows that a long member fills, ``~`` in both sides stands for those in the
middle, and for however many a flexible array has.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from uapigen.diagram import byterows
from uapigen.diagram.bytecells import Cell, Item, Part, whole
from uapigen.diagram.byterows import Piece, Row, Scale
from uapigen.diagram.celltext import Text, parted, texts
from uapigen.diagram.model import Drawing, Fill, Label, Point, Role, Shape
from uapigen.model import Layout, Struct


class Mark(enum.Enum):
    """What is to be explained where it occurs."""

    PAD_ZERO = "padding of zeros"
    PAD_IGNORED = "padding of any value"
    ADDED = "bytes that the compiler adds"
    BITS = "bit fields"
    BROKEN = "a member in two pieces"
    FOLDED = "rows left out"
    OPEN = "a flexible array"
    ALTERNATIVES = "alternatives with maps of their own"


class Map(NamedTuple):
    """A drawing of a struct, or of an alternative of a union in it; ``name`` is empty for the struct."""

    name: str
    drawing: Drawing
    marks: frozenset[Mark]


def maps(struct: Struct, layout: Layout, width: int) -> tuple[Map, ...]:
    """The struct as an ABI lays it out, then those alternatives of unions that have members themselves.

    All offsets count from the start of the struct.  Where it has no bytes, and where 4 of them with an
    offset do not fit into ``width`` columns (22 do for a struct of up to 255 bytes), there are no maps.
    """
    scale = byterows.scale(layout.size, width)
    if scale is None:
        return ()
    return tuple(_map(part, scale, width) for part in _parts(whole(struct, layout)) if part.cells)


def _parts(part: Part) -> Iterator[Part]:
    yield part
    for cell in part.cells:
        for inner in cell.parts:
            yield from _parts(inner)


def _map(part: Part, scale: Scale, width: int) -> Map:
    pieces = [byterows.pieces(cell, scale) for cell in part.cells]
    rows = byterows.rows((piece for each in pieces for piece in each), scale, 1)
    shapes = tuple(shape for each in pieces for shape in _shapes(each, rows, scale))
    bottom = max(row.bottom for row in rows.values())
    labels = [*_numbers(rows, scale), *_beneath(part.empty, bottom + 1, scale, width)]
    drawing = Drawing(
        max(scale.x(scale.columns) + 1, *(label.at.x + len(label.text) for label in labels)),
        max(bottom, *(label.at.y for label in labels)) + 1,
        shapes=shapes,
        labels=tuple(labels),
    )
    marks = {mark for each in pieces for mark in _marks(each)}
    return Map(part.name, drawing, frozenset(marks | ({Mark.ALTERNATIVES} if part.name else set())))


def _marks(pieces: Sequence[Piece]) -> Iterator[Mark]:
    cell = pieces[0].cell
    if cell.pad:
        yield Mark.PAD_ZERO if cell.pad.policy == "zero" else Mark.PAD_IGNORED
    elif not cell.items:
        yield Mark.ADDED
    if any(item.bits for item in cell.items):
        yield Mark.BITS
    if any(piece.torn for piece in pieces):
        yield Mark.OPEN if cell.open else Mark.FOLDED
    if len(byterows.stacks(pieces)) > 1:
        yield Mark.BROKEN


# --- shapes ---------------------------------------------------------------------------------------


def _shapes(pieces: Sequence[Piece], rows: Mapping[int, Row], scale: Scale) -> Iterator[Shape]:
    """The outline of a cell, or the two of pieces that do not touch each other, with all that is in it."""
    cell = pieces[0].cell
    fill = Fill.HATCHED if cell.pad else None if cell.items else Fill.DOTTED
    stacks = byterows.stacks(pieces)
    for stack in stacks:
        labels = [label for piece in stack for label in _said(piece, rows[piece.row], scale)]
        labels += [label for piece in stack if piece.torn for label in _torn(piece, rows[piece.row], scale)]
        if stack is not stacks[0]:
            labels.append(Label(">", Point(scale.x(stack[0].left), rows[stack[0].row].top)))
        if stack is not stacks[-1]:
            labels.append(Label(">", Point(scale.x(stack[-1].right), rows[stack[-1].row].top)))
        name = cell.items[0].name if cell.items else ""
        yield Shape(name, byterows.corners(stack, rows, scale), tuple(labels), fill)


def _torn(piece: Piece, row: Row, scale: Scale) -> Iterator[Label]:
    for column in (piece.left, piece.right):
        yield Label("~", Point(scale.x(column), row.top))


def _said(piece: Piece, row: Row, scale: Scale) -> Iterator[Label]:
    """The text in a piece; padding has its name if there is room."""
    left, right = scale.x(piece.left), scale.x(piece.right)
    if not piece.spoken:
        return
    if piece.cell.pad:
        yield from _filler(piece.cell, Point(left + 1, row.top), right - left - 1, row.height)
        return
    blanks, lines = piece.texts(scale, row.height)
    for y, line in enumerate(lines, row.top):
        yield from _line(line, left + 1 + blanks, right - blanks, y)


def _line(line: Text, left: int, right: int, y: int) -> Iterator[Label]:
    """One line of text from the column ``left`` on; the access ends before ``right``."""
    x = left + line.indent
    if line.name:
        yield Label(line.name, Point(x, y), Role.NAME)
        x += len(line.name) + 1
    if line.note:
        yield Label(line.note, Point(x, y))
    if line.access:
        yield Label(line.access, Point(right - len(line.access), y))


def _filler(cell: Cell, at: Point, inside: int, height: int) -> Iterator[Label]:
    """The name of padding, in the middle of a hatching that is seen at both sides of it."""
    lines = [f" {line} " for item in cell.items for line in parted(item.name, max(inside - 4, 2))]
    if len(lines) <= height and all(len(line) <= inside - 2 for line in lines):
        for y, line in enumerate(lines, at.y + (height - len(lines)) // 2):
            yield Label(line, Point(at.x + (inside - len(line)) // 2, y), Role.NAME)


# --- around them ----------------------------------------------------------------------------------


def _numbers(rows: Mapping[int, Row], scale: Scale) -> Iterator[Label]:
    """The numbers of the bytes above, and the offset of each row at its left."""
    first = min(row.pieces[0].left for row in rows.values())
    last = max(row.pieces[-1].right for row in rows.values())
    for column in range(first, last):
        yield Label(str(column), Point(scale.x(column) + scale.pitch // 2, 0), Role.NUMBER)
    for number, row in rows.items():
        if not any(piece.torn for piece in row.pieces):
            yield Label(scale.offset(number * scale.columns), Point(0, row.top), Role.NUMBER)


def _beneath(empty: Iterable[tuple[int, Item]], y: int, scale: Scale, width: int) -> Iterator[Label]:
    """A line for each member without bytes: its offset, its name, what it is."""
    for offset, item in empty:
        left = scale.x(0)
        yield Label(scale.offset(offset), Point(0, y), Role.NUMBER)
        for line in texts((item,), width - left, 0):
            yield from _line(line, left, width, y)
            y += 1
