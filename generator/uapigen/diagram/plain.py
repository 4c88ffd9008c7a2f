"""A drawing in plain ASCII.

The room of characters: which one stands for which line.  A corner is ``+``, and nothing else is; where two
lines cross, the vertical one goes on and the horizontal one passes beneath it::

    ---|--->
       +----
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise, product
from typing import NamedTuple, TypeAlias

from uapigen.diagram.model import Box, Drawing, Edge, Fill, Heads, Label, Point, Role, Shape, Stroke

_HEADS = {(1, 0): ">", (-1, 0): "<", (0, 1): "v", (0, -1): "^"}
_ACROSS = {Stroke.SOLID: "-", Stroke.DASHED: "- ", Stroke.DOUBLE: "="}
_DOWN = {Stroke.SOLID: "|", Stroke.DASHED: ":", Stroke.DOUBLE: "|"}
_FILLS = {Fill.HATCHED: "/", Fill.DOTTED: "."}


class Run(NamedTuple):
    """Characters of a line that look alike; ``role`` is None for lines and what fills a box."""

    text: str
    role: Role | None


_Cells: TypeAlias = "tuple[Point, str]"
"""Characters from a cell to the right."""


class _Canvas:
    """Characters and their roles.  What is painted later hides what was there."""

    def __init__(self, width: int, height: int) -> None:
        self.characters = [[" "] * width for _ in range(height)]
        self.roles: list[list[Role | None]] = [[None] * width for _ in range(height)]

    def paint(self, cells: Iterable[_Cells], role: Role | None = None) -> None:
        for (x, y), text in cells:
            end = x + len(text)
            self.characters[y][x:end] = text
            self.roles[y][x:end] = [role] * len(text)

    @property
    def lines(self) -> tuple[str, ...]:
        """The characters, without blanks at the ends."""
        return tuple("".join(line).rstrip() for line in self.characters)


def lines(drawing: Drawing) -> tuple[str, ...]:
    """The lines of the drawing, without blanks at their ends."""
    return _painted(drawing).lines


def runs(drawing: Drawing) -> tuple[tuple[Run, ...], ...]:
    """The lines of the drawing in pieces, for who has a color for each role."""
    canvas = _painted(drawing)
    return tuple(map(_runs, canvas.lines, canvas.roles))


def _runs(line: str, roles: Sequence[Role | None]) -> tuple[Run, ...]:
    alike = groupby(zip(line, roles, strict=False), key=lambda cell: cell[1])
    return tuple(Run("".join(character for character, _ in cells), role) for role, cells in alike)


def _painted(drawing: Drawing) -> _Canvas:
    """Labels hide lines, and a vertical line a horizontal one."""
    canvas = _Canvas(drawing.width, drawing.height)
    pieces = [piece for edge in drawing.edges for piece in _pieces(edge)]
    canvas.paint(cells for across, cells in pieces if across)
    for lane in drawing.lanes:
        canvas.paint(_straight(lane.at, Point(lane.at.x, lane.bottom), "|"))
    canvas.paint(cells for across, cells in pieces if not across)
    for edge in drawing.edges:
        canvas.paint(_joints(edge))
    for box in drawing.boxes:
        canvas.paint(_sides(box))
    for shape in drawing.shapes:
        canvas.paint(_inside(shape))
    for shape in drawing.shapes:
        canvas.paint(_outline(shape))
    for shape in drawing.shapes:
        canvas.paint((at, "+") for at in shape.corners)
    for box in drawing.boxes:
        canvas.paint((Point(x, y), "+") for x in (box.at.x, box.to.x) for y in (box.at.y, box.to.y))
    for label in _labels(drawing):
        canvas.paint([(label.at, label.text)], label.role)
    return canvas


def _pieces(edge: Edge) -> Iterator[tuple[bool, _Cells]]:
    """The cells of a line, with whether they belong to a horizontal piece."""
    for start, end in pairwise(edge.points):
        across = start.y == end.y
        for cells in _straight(start, end, (_ACROSS if across else _DOWN)[edge.stroke]):
            yield across, cells


def _straight(start: Point, end: Point, pattern: str) -> Iterator[_Cells]:
    """The cells from one to another, both included, with the characters of the pattern in turn."""
    length = abs(end.x - start.x) + abs(end.y - start.y) + 1
    text = (pattern * length)[:length]
    if start.y == end.y:
        yield (start, text) if start.x <= end.x else (end, text[::-1])
        return
    step = 1 if start.y < end.y else -1
    for y, character in zip(range(start.y, end.y + step, step), text, strict=True):
        yield Point(start.x, y), character


def _direction(start: Point, end: Point) -> tuple[int, int]:
    dx, dy = end.x - start.x, end.y - start.y
    return (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)


def _joints(edge: Edge) -> Iterator[_Cells]:
    """The corners of a line, and its heads."""
    yield from ((at, "+") for at in edge.points[1:-1])
    if edge.heads is not Heads.NONE:
        yield edge.points[-1], _HEADS[_direction(*edge.points[-2:])]
    if edge.heads is Heads.BOTH:
        yield edge.points[0], _HEADS[_direction(edge.points[1], edge.points[0])]


def _sides(box: Box) -> Iterator[_Cells]:
    """The border of a box without its corners, and the blanks in it."""
    (left, top), (right, bottom) = box.at, box.to
    for y in (top, bottom):
        yield from _straight(Point(left, y), Point(right, y), _ACROSS[box.stroke])
    for x in (left, right):
        yield from _straight(Point(x, top), Point(x, bottom), _DOWN[box.stroke])
    for y in range(top + 1, bottom):
        yield from _straight(Point(left + 1, y), Point(right - 1, y), " ")


def _outline(shape: Shape) -> Iterator[_Cells]:
    for start, end in pairwise((*shape.corners, shape.corners[0])):
        yield from _straight(start, end, "-" if start.y == end.y else "|")


def _inside(shape: Shape) -> Iterator[_Cells]:
    """What fills a shape: the cells of a line that are inside both above and beneath its middle."""
    if shape.fill is None:
        return
    sides = sorted(map(sorted, pairwise((*shape.corners, shape.corners[0]))))
    upright = [(start, end) for start, end in sides if start.x == end.x]
    for y in range(min(at.y for at in shape.corners), max(at.y for at in shape.corners)):
        above = [start.x for start, end in upright if start.y < y <= end.y]
        beneath = [start.x for start, end in upright if start.y <= y < end.y]
        for (left, right), (first, last) in product(_spans(above), _spans(beneath)):
            x = max(left, first) + 1
            yield Point(x, y), _FILLS[shape.fill] * (min(right, last) - x)


def _spans(sides: Sequence[int]) -> Iterator[tuple[int, int]]:
    """What is between the sides that a line of cells comes to."""
    return zip(sides[::2], sides[1::2], strict=True)


def _labels(drawing: Drawing) -> Iterator[Label]:
    yield from drawing.labels
    for box in drawing.boxes:
        yield from box.labels
    for shape in drawing.shapes:
        yield from shape.labels
    for edge in drawing.edges:
        yield from edge.labels
