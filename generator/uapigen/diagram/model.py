"""A drawing whose every part has its place.

The room of geometry: no text of a language, no characters for lines.  The unit is the cell of a grid, as
wide as a character and as high as a line; a renderer of another kind multiplies.  The middle of the first
cell is the point (0, 0); x grows to the right, y downwards.
"""

from __future__ import annotations

import enum
from itertools import pairwise
from typing import NamedTuple

from uapigen.record import ValueRecord


class Point(NamedTuple):
    """A cell."""

    x: int
    y: int


class Stroke(enum.Enum):
    """How a line is drawn."""

    SOLID = "solid"
    DASHED = "dashed"
    """What does not always exist, or does not always happen."""
    DOUBLE = "double"


class Fill(enum.Enum):
    """What a shape is filled with."""

    HATCHED = "hatched"
    DOTTED = "dotted"


class Role(enum.Enum):
    """What a label says, for renderers that have colors."""

    NAME = "name"
    NUMBER = "number"
    NOTE = "note"


class Label(NamedTuple):
    """One line of text, its first character at ``at``."""

    text: str
    at: Point
    role: Role = Role.NOTE


class Box(ValueRecord):
    """A rectangle whose border goes through the cells of its corners, ``at`` and ``to``.

    ``name`` is what it stands for.  Boxes may share a border.
    """

    name: str
    at: Point
    to: Point
    labels: tuple[Label, ...] = ()
    stroke: Stroke = Stroke.SOLID


class Shape(ValueRecord):
    """What a closed line goes around, horizontally and vertically from one of its ``corners`` to the next.

    ``name`` is what it stands for, which more than one may do.  Shapes may share a border.
    """

    name: str
    corners: tuple[Point, ...]
    labels: tuple[Label, ...] = ()
    fill: Fill | None = None


class Lane(ValueRecord):
    """A life line, from ``at`` straight down to the line ``bottom``."""

    name: str
    at: Point
    bottom: int


class Heads(enum.Enum):
    """Which ends of a line have a head."""

    NONE = "none"
    END = "end"
    BOTH = "both"


class Edge(ValueRecord):
    """A line of horizontal and vertical pieces.

    ``source`` and ``target`` name the boxes or lanes that it joins; its ends are the cells beside them.
    """

    name: str
    source: str
    target: str
    points: tuple[Point, ...]
    labels: tuple[Label, ...] = ()
    stroke: Stroke = Stroke.SOLID
    heads: Heads = Heads.END


class Drawing(ValueRecord):
    """All parts, in cells of a grid that is ``width`` wide and ``height`` high."""

    width: int
    height: int
    boxes: tuple[Box, ...] = ()
    lanes: tuple[Lane, ...] = ()
    edges: tuple[Edge, ...] = ()
    labels: tuple[Label, ...] = ()
    shapes: tuple[Shape, ...] = ()

    @property
    def crosses(self) -> bool:
        """Whether two lines cross."""
        pieces = [(min(piece), max(piece)) for edge in self.edges for piece in pairwise(edge.points)]
        across = [(start, end) for start, end in pieces if start.y == end.y]
        upright = [(start, end) for start, end in pieces if start.x == end.x]
        return any(
            left.x < top.x < right.x and top.y < left.y < bottom.y
            for left, right in across
            for top, bottom in upright
        )
