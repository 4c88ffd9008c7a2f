"""Boxes in two columns, and the lines between them.

The room of places: what :mod:`uapigen.diagram.placing` and :mod:`uapigen.diagram.channels` have decided gets
its lines of text and columns here.  A line has one of four ways:

- across: from a box to the one beside it;
- along: from a box to the next one of its column;
- through the middle: out of a box, along a track between the columns, into a box of the other column;
- around: out of a box, along a track beside its column, and back into that column, or into the same box.

No two lines share a cell but where they cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from uapigen.diagram.channels import LEFT, MIDDLE, RIGHT, Channel, End, Link, channel, channel_of
from uapigen.diagram.model import Box, Drawing, Edge, Label, Point, Role, Stroke
from uapigen.diagram.placing import Cell, place

_PITCHES = (4, 3, 2)
"""How far tracks are from each other: as far as there is room for."""
_GAP = 3
"""Lines of text between two rows of boxes that are joined: for a number, and a cell on each side of it."""


class Node(NamedTuple):
    """A box to be placed, with the lines of text in it."""

    name: str
    lines: tuple[str, ...]
    stroke: Stroke = Stroke.SOLID


def grid(nodes: Sequence[Node], links: Sequence[Link], width: int) -> Drawing | None:
    """The drawing, None where it needs more than ``width``.  Names of nodes and of links are unique."""
    cells = place([node.name for node in nodes], [(link.source, link.target) for link in links])
    ways: dict[int | None, list[Link]] = {}
    for link in links:
        ways.setdefault(channel_of(cells[link.source], cells[link.target]), []).append(link)
    channels = [channel(ways.get(number, []), cells) for number in (LEFT, MIDDLE, RIGHT)]
    along: dict[Cell, list[Link]] = {}
    for link in ways.get(None, []):
        along.setdefault(min(cells[link.source], cells[link.target]), []).append(link)
    for pitch in _PITCHES:
        sheet = _measured(nodes, cells, channels, along, pitch)
        if sheet.width <= width:
            return _drawn(nodes, cells, channels, along, sheet)
    return None


class _Sheet(NamedTuple):
    """Where boxes and tracks stand.

    ``lefts`` and ``rights``: the borders of the two columns.  ``tops`` and ``bottoms``: those of the rows.
    ``number``: how long the longest name of a line is.  ``zone``: from a border to the first track beside it.
    """

    width: int
    pitch: int
    number: int
    lefts: tuple[int, int]
    rights: tuple[int, int]
    tops: tuple[int, ...]
    bottoms: tuple[int, ...]

    @property
    def zone(self) -> int:
        """Room for a number and a head."""
        return self.number + 4

    def track(self, number: int, place: int) -> int:
        """Where a track of a channel is."""
        away = self.zone + place * self.pitch
        return self.lefts[0] - away if number == LEFT else self.rights[number == RIGHT] + away


def _measured(
    nodes: Sequence[Node],
    cells: Mapping[str, Cell],
    channels: Sequence[Channel],
    along: Mapping[Cell, Sequence[Link]],
    pitch: int,
) -> _Sheet:
    names = [end.link.name for each in channels for ends in each.ends.values() for end in ends]
    number = max(map(len, (*names, *(link.name for links in along.values() for link in links))), default=0)
    left, middle, right = (
        number + 4 + (each.breadth - 1) * pitch if each.breadth else 0 for each in channels
    )
    first, second = (_column(column, nodes, cells, along, number) for column in (0, 1))
    between = middle + number + 4 if middle else number + 8
    lefts = left, left + first + between
    rights = lefts[0] + first - 1, lefts[1] + second - 1
    tops, bottoms = [], []
    top = 0
    for row in range(1 + max((cell.row for cell in cells.values()), default=-1)):
        tops.append(top)
        bottoms.append(top + _height(row, nodes, cells, channels) - 1)
        joined = any(Cell(row, column) in along for column in (0, 1))
        top = bottoms[-1] + 1 + (_GAP if joined else 1)
    return _Sheet(rights[1] + right + 1, pitch, number, lefts, rights, tuple(tops), tuple(bottoms))


def _column(
    column: int,
    nodes: Sequence[Node],
    cells: Mapping[str, Cell],
    along: Mapping[Cell, Sequence[Link]],
    number: int,
) -> int:
    """How wide the boxes of a column are: for their texts, and the lines that end above or beneath them."""
    texts = [len(line) + 4 for node in nodes if cells[node.name].column == column for line in node.lines]
    lines = [len(links) * (number + 3) + 3 for cell, links in along.items() if cell.column == column]
    return max((*texts, *lines), default=0)


def _height(row: int, nodes: Sequence[Node], cells: Mapping[str, Cell], channels: Sequence[Channel]) -> int:
    """How high the boxes of a row are: for their texts, and the lines that end at their sides."""
    texts = [len(node.lines) for node in nodes if cells[node.name].row == row]
    return 2 + max(*texts, *(len(each.ends.get(row, ())) for each in channels))


def _drawn(
    nodes: Sequence[Node],
    cells: Mapping[str, Cell],
    channels: Sequence[Channel],
    along: Mapping[Cell, Sequence[Link]],
    sheet: _Sheet,
) -> Drawing:
    edges = [edge for number, each in enumerate(channels) for edge in _turning(number, each, cells, sheet)]
    edges += [edge for cell, links in along.items() for edge in _down(cell, links, cells, sheet)]
    return Drawing(
        sheet.width,
        sheet.bottoms[-1] + 1 if sheet.bottoms else 0,
        boxes=tuple(_box(node, cells[node.name], sheet) for node in nodes),
        edges=tuple(edges),
    )


def _box(node: Node, cell: Cell, sheet: _Sheet) -> Box:
    at = Point(sheet.lefts[cell.column], sheet.tops[cell.row])
    to = Point(sheet.rights[cell.column], sheet.bottoms[cell.row])
    first = at.y + 1 + (to.y - at.y - 1 - len(node.lines)) // 2
    labels = tuple(
        Label(text, Point(at.x + 2, y), Role.NOTE if y > first else Role.NAME)
        for y, text in enumerate(node.lines, first)
    )
    return Box(node.name, at, to, labels, node.stroke)


def _turning(number: int, found: Channel, cells: Mapping[str, Cell], sheet: _Sheet) -> Iterator[Edge]:
    """The lines that leave a box at its side."""
    ends: dict[Link, list[tuple[End, int]]] = {}
    for row, row_ends in found.ends.items():
        inner = sheet.bottoms[row] - sheet.tops[row] - 1
        first = sheet.tops[row] + 1 + (inner - len(row_ends)) // 2
        for y, end in enumerate(row_ends, first):
            ends.setdefault(end.link, []).append((end, y))
    for link, joined in ends.items():
        places = {end.starts: y for end, y in joined}
        source, target = (_side(number, cells[name], sheet) for name in (link.source, link.target))
        start = Point(source.x, places[True])
        if len(joined) == 1:  # straight across
            points: tuple[Point, ...] = (start, Point(target.x, start.y))
            middle = (start.x + target.x - len(link.name)) // 2
            label = _named(link, start, source.away) if found.breadth else _label(link, middle, start.y)
            yield Edge(link.name, link.source, link.target, points, (label,))
            continue
        track, last = sheet.track(number, found.tracks[link]), Point(target.x, places[False])
        points = (start, Point(track, start.y), Point(track, last.y), last)
        labels = _named(link, start, source.away), _named(link, last, target.away, head=1)
        yield Edge(link.name, link.source, link.target, points, labels)


class _Side(NamedTuple):
    """The cells beside a box: their column, and which way leads away from it."""

    x: int
    away: int


def _side(number: int, cell: Cell, sheet: _Sheet) -> _Side:
    """The side of a box at which a channel is."""
    if number == RIGHT or (number == MIDDLE and cell.column == 0):
        return _Side(sheet.rights[cell.column] + 1, 1)
    return _Side(sheet.lefts[cell.column] - 1, -1)


def _named(link: Link, at: Point, away: int, head: int = 0) -> Label:
    """The name of a line near its end ``at``, one cell away from it, or from its head."""
    near = at.x + away * (1 + head)
    return _label(link, near if away > 0 else near - len(link.name) + 1, at.y)


def _label(link: Link, x: int, y: int) -> Label:
    return Label(link.name, Point(x, y), Role.NUMBER)


def _down(cell: Cell, links: Sequence[Link], cells: Mapping[str, Cell], sheet: _Sheet) -> Iterator[Edge]:
    """The lines between a box and the one beneath it."""
    top, bottom = sheet.bottoms[cell.row] + 1, sheet.tops[cell.row + 1] - 1
    step = sheet.number + 3
    left, right = sheet.lefts[cell.column], sheet.rights[cell.column]
    first = (left + right - (len(links) - 1) * step) // 2
    for number, link in enumerate(links):
        x = first + number * step
        points = Point(x, top), Point(x, bottom)
        if cells[link.source].row > cell.row:
            points = points[1], points[0]
        label = _label(link, x, (top + bottom) // 2)
        yield Edge(link.name, link.source, link.target, points, (label,))
