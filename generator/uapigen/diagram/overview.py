"""The interface at a glance: user space, the driver, and what lies between them.

The room of places.  What there is, and which way data goes, is the matter of :mod:`uapigen.diagram.between`.
What does not always exist is dashed, what is mapped has a double line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from uapigen.diagram.between import DRIVER, USER, Thing, Way, things
from uapigen.diagram.model import Box, Drawing, Edge, Heads, Label, Point, Role, Stroke
from uapigen.folding import fold
from uapigen.model import Interface

_TEXTS = {USER: ("user", "space"), DRIVER: ("driver",)}
_AROUND = 6
"""Cells of an arrow besides its word: a blank on each side of it, the head, and lines."""
_NARROWEST = 16
"""Of a box in whose texts words are parted."""


def overview(interface: Interface, width: int, only: str | None = None) -> Drawing | None:
    """The drawing; None where nothing lies between the two, or ``width`` is too little.

    ``only``: the thing of this name alone.
    """
    found = [thing for thing in things(interface) if only in {None, thing.name}]
    if not found:
        return None
    gap, driver_gap = (
        max((len(way.word) for ways in side for way in ways), default=0) + _AROUND
        for side in ([thing.user for thing in found], [thing.driver for thing in found])
    )
    user, driver = (max(map(len, texts)) + 4 for texts in _TEXTS.values())
    room = width - user - gap - driver_gap - driver
    natural = 4 + max(len(text) for thing in found for text in thing.texts)
    if room < min(natural, _NARROWEST):
        return None
    middle = min(room, natural)
    left, right = user + gap, user + gap + middle - 1
    boxes: list[Box] = []
    edges: list[Edge] = []
    top = 0
    for thing in found:
        box = _box(thing, left, right, top)
        boxes.append(box)
        edges += _edges(thing.user, USER, thing.name, (user, left - 1), top + 1)
        edges += _edges(thing.driver, DRIVER, thing.name, (right + driver_gap, right + 1), top + 1)
        top = box.to.y + 1
    far = right + driver_gap + 1
    ends = (_end(USER, 0, user - 1, top - 1), _end(DRIVER, far, far + driver - 1, top - 1))
    return Drawing(far + driver, top, (*ends, *boxes), edges=tuple(edges))


def _end(name: str, left: int, right: int, bottom: int) -> Box:
    return Box(name, Point(left, 0), Point(right, bottom), _labels(_TEXTS[name], left + 2, 1, Role.NAME))


def _box(thing: Thing, left: int, right: int, top: int) -> Box:
    texts = [line for text in thing.texts for line in fold(text, right - left - 3)]
    titles = len(fold(thing.texts[0], right - left - 3))
    bottom = top + 1 + max(len(texts), len(thing.user), len(thing.driver))
    labels = (
        *_labels(texts[:titles], left + 2, top + 1, Role.NAME),
        *_labels(texts[titles:], left + 2, top + 1 + titles, Role.NOTE),
    )
    stroke = Stroke.SOLID if thing.always else Stroke.DASHED
    return Box(thing.name, Point(left, top), Point(right, bottom), labels, stroke)


def _labels(texts: Sequence[str], x: int, y: int, role: Role) -> tuple[Label, ...]:
    return tuple(Label(text, Point(x, line), role) for line, text in enumerate(texts, y))


def _edges(ways: Sequence[Way], who: str, thing: str, ends: tuple[int, int], top: int) -> Iterator[Edge]:
    """The lines between the cells beside ``who`` and beside the thing, one beneath the other."""
    for y, way in enumerate(ways, top):
        points = tuple(Point(x, y) for x in ends)
        names = who, thing
        if way.to is False:
            points, names = points[::-1], names[::-1]
        label = Label(f" {way.word} ", Point((sum(ends) - len(way.word)) // 2, y), Role.NUMBER)
        heads = Heads.BOTH if way.to is None else Heads.END
        stroke = Stroke.DOUBLE if way.word == "mmap" else Stroke.SOLID
        yield Edge(way.word, *names, points, (label,), stroke, heads)
