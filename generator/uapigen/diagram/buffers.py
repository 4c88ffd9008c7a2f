"""Who owns a buffer, before, during and after the write that starts an action."""

from __future__ import annotations

from uapigen.diagram.model import Drawing, Edge, Heads, Label, Lane, Point, Role, Stroke
from uapigen.model import Protocol

_OWNERS = {"user": "user space", "driver": "driver"}
_FIRST = 12
"""Where the names of the owners end."""


def ownership(protocol: Protocol, width: int) -> Drawing:
    """A double line is the time in which an owner has the buffer; ``width`` is at least 40."""
    phase = (min(width, 72) - _FIRST - 2) // 3
    starts = [_FIRST + number * (phase + 1) for number in range(3)]
    phases = (protocol.before, protocol.during, protocol.after)
    edges = [
        Edge(
            owner,
            _OWNERS[owner],
            _OWNERS[owner],
            (Point(start, y), Point(start + phase - 1, y)),
            stroke=Stroke.DOUBLE,
            heads=Heads.NONE,
        )
        for y, owner in enumerate(_OWNERS)
        for start, who in zip(starts, phases, strict=True)
        if who == owner
    ]
    marks = [("entry", starts[1] - 1), ("return", starts[2] - 1)]
    return Drawing(
        starts[2] + phase,
        len(_OWNERS) + 1,
        lanes=tuple(Lane(name, Point(x, 0), len(_OWNERS) - 1) for name, x in marks),
        edges=tuple(edges),
        labels=(
            *(Label(name, Point(0, y), Role.NAME) for y, name in enumerate(_OWNERS.values())),
            *(Label(name, Point(x - len(name) // 2, len(_OWNERS))) for name, x in marks),
        ),
    )
