"""A drawing in plain ASCII.

The room of characters: which one stands for which line.  A corner is ``+``, and nothing else is; where two
lines cross, the vertical one goes on and the horizontal one passes beneath it::

    ---|--->
       +----
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product
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


_Canvas: TypeAlias = dict[Point, tuple[str, "Role | None"]]


def lines(drawing: Drawing) -> tuple[str, ...]:
    """The lines of the drawing, without blanks at their ends."""
    return tuple("".join(run.text for run in line) for line in runs(drawing))


def runs(drawing: Drawing) -> tuple[tuple[Run, ...], ...]:
    """The lines of the drawing in pieces, for who has a color for each role."""
    canvas = _painted(drawing)
    rows: dict[int, list[int]] = {}
    for x, y in canvas:
        rows.setdefault(y, []).append(x)
    return tuple(_line(canvas, y, max(rows.get(y, [-1])) + 1) for y in range(drawing.height))


def _line(canvas: _Canvas, y: int, width: int) -> tuple[Run, ...]:
    found: list[Run] = []
    for x in range(width):
        character, role = canvas.get(Point(x, y), (" ", None))
        if found and found[-1].role is role:
            found[-1] = Run(found[-1].text + character, role)
        else:
            found.append(Run(character, role))
    if found and not found[-1].text.strip():
        found.pop()
    return (*found[:-1], Run(found[-1].text.rstrip(), found[-1].role)) if found else ()


def _painted(drawing: Drawing) -> _Canvas:
    """What is painted later hides what was there: labels hide lines, and a vertical line a horizontal one."""
    canvas: _Canvas = {}
    pieces = [piece for edge in drawing.edges for piece in _pieces(edge)]
    _paint(canvas, (cell for across, cell in pieces if across))
    for lane in drawing.lanes:
        _paint(canvas, ((Point(lane.at.x, y), "|") for y in range(lane.at.y, lane.bottom + 1)))
    _paint(canvas, (cell for across, cell in pieces if not across))
    for edge in drawing.edges:
        _paint(canvas, _joints(edge))
    for box in drawing.boxes:
        _paint(canvas, _sides(box))
    for shape in drawing.shapes:
        _paint(canvas, _inside(shape))
    for shape in drawing.shapes:
        _paint(canvas, _outline(shape))
    for shape in drawing.shapes:
        _paint(canvas, ((at, "+") for at in shape.corners))
    for box in drawing.boxes:
        _paint(canvas, ((Point(x, y), "+") for x in (box.at.x, box.to.x) for y in (box.at.y, box.to.y)))
    for label in _labels(drawing):
        for x, character in enumerate(label.text, label.at.x):
            canvas[Point(x, label.at.y)] = character, label.role
    return canvas


def _paint(canvas: _Canvas, cells: Iterable[tuple[Point, str]]) -> None:
    for at, character in cells:
        canvas[at] = character, None


def _pieces(edge: Edge) -> Iterator[tuple[bool, tuple[Point, str]]]:
    """The cells of a line, with whether they belong to a horizontal piece."""
    for start, end in pairwise(edge.points):
        across = start.y == end.y
        for cell in _straight(start, end, (_ACROSS if across else _DOWN)[edge.stroke]):
            yield across, cell


def _straight(start: Point, end: Point, characters: str) -> Iterator[tuple[Point, str]]:
    """The cells from one to another, both included, with the characters in turn."""
    (dx, dy), length = _direction(start, end), abs(end.x - start.x) + abs(end.y - start.y)
    for step in range(length + 1):
        yield Point(start.x + dx * step, start.y + dy * step), characters[step % len(characters)]


def _direction(start: Point, end: Point) -> tuple[int, int]:
    dx, dy = end.x - start.x, end.y - start.y
    return (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)


def _joints(edge: Edge) -> Iterator[tuple[Point, str]]:
    """The corners of a line, and its heads."""
    yield from ((at, "+") for at in edge.points[1:-1])
    if edge.heads is not Heads.NONE:
        yield edge.points[-1], _HEADS[_direction(*edge.points[-2:])]
    if edge.heads is Heads.BOTH:
        yield edge.points[0], _HEADS[_direction(edge.points[1], edge.points[0])]


def _sides(box: Box) -> Iterator[tuple[Point, str]]:
    """The border of a box without its corners, and the blanks in it."""
    (left, top), (right, bottom) = box.at, box.to
    for y in (top, bottom):
        yield from _straight(Point(left, y), Point(right, y), _ACROSS[box.stroke])
    for x in (left, right):
        yield from _straight(Point(x, top), Point(x, bottom), _DOWN[box.stroke])
    for y in range(top + 1, bottom):
        yield from _straight(Point(left + 1, y), Point(right - 1, y), " ")


def _outline(shape: Shape) -> Iterator[tuple[Point, str]]:
    for start, end in pairwise((*shape.corners, shape.corners[0])):
        yield from _straight(start, end, "-" if start.y == end.y else "|")


def _inside(shape: Shape) -> Iterator[tuple[Point, str]]:
    """What fills a shape: the cells of a line that are inside both above and beneath its middle."""
    if shape.fill is None:
        return
    sides = sorted(map(sorted, pairwise((*shape.corners, shape.corners[0]))))
    upright = [(start, end) for start, end in sides if start.x == end.x]
    for y in range(min(at.y for at in shape.corners), max(at.y for at in shape.corners)):
        above = [start.x for start, end in upright if start.y < y <= end.y]
        beneath = [start.x for start, end in upright if start.y <= y < end.y]
        for (left, right), (first, last) in product(_spans(above), _spans(beneath)):
            for x in range(max(left, first) + 1, min(right, last)):
                yield Point(x, y), _FILLS[shape.fill]


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
