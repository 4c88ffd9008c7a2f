"""The lines that run up and down beside two columns of boxes: which track each one has, and where it ends.

The room of routing.  There is a channel between the columns and one on each outer side.  Two lines share a
track only where there is a row of boxes between them, and no two of them end at the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from uapigen.diagram.placing import Cell


class Link(NamedTuple):
    """A line to be drawn between two boxes; ``name`` is written on it."""

    name: str
    source: str
    target: str


LEFT, MIDDLE, RIGHT = range(3)
"""The channels: beside the first column, between the columns, beside the second one."""


class End(NamedTuple):
    """Where a line meets the side of a box.

    ``turn``: the line goes on upwards (-1) or downwards (1) in its channel; 0: it goes straight across.
    """

    link: Link
    cell: Cell
    turn: int
    starts: bool
    beside: bool
    """Whether tracks count from this side."""


class Channel(NamedTuple):
    """The lines of a channel: their tracks, and their ends in each row of boxes, downwards.

    Tracks count from the column that the channel lies beside; the middle one lies beside the first.
    """

    tracks: Mapping[Link, int]
    ends: Mapping[int, Sequence[End]]

    @property
    def breadth(self) -> int:
        """How many tracks there are."""
        return max(self.tracks.values(), default=-1) + 1


def channel_of(source: Cell, target: Cell) -> int | None:
    """The channel that a line needs, None where it goes along its column."""
    if source.column != target.column:
        return MIDDLE
    if abs(source.row - target.row) == 1:
        return None
    return RIGHT if source.column else LEFT


def channel(links: Sequence[Link], cells: Mapping[str, Cell]) -> Channel:
    """The tracks and ends of these lines, in the order with the fewest crossings that exchanges lead to."""
    turning = [link for link in links if cells[link.source].row != cells[link.target].row]
    turning += [link for link in links if link.source == link.target]
    turning.sort(key=lambda link: _span(link, cells)[1] - _span(link, cells)[0])
    best = _routed(turning, links, cells)
    cost = _crossings(best)
    improving = 1 < len(turning) <= _SEARCHED
    while improving and cost:
        improving = False
        for one, other in combinations(range(len(turning)), 2):
            tried = [*turning]
            tried[one], tried[other] = tried[other], tried[one]
            found = _routed(tried, links, cells)
            if (now := _crossings(found)) < cost:
                turning, best, cost, improving = tried, found, now, True
    return best


_SEARCHED = 12
"""With more lines in a channel, looking for a better order takes too long."""


def _routed(turning: Sequence[Link], links: Sequence[Link], cells: Mapping[str, Cell]) -> Channel:
    """The channel in which the lines take the first free track, one after the other."""
    tracks: dict[Link, int] = {}
    for link in turning:
        first, last = _span(link, cells)
        taken = {
            track
            for other, track in tracks.items()
            if first <= _span(other, cells)[1] and _span(other, cells)[0] <= last
        }
        tracks[link] = next(track for track in range(len(turning)) if track not in taken)
    ends: dict[int, list[End]] = {}
    count = max(tracks.values(), default=-1) + 1
    for end in _ends(links, cells):
        ends.setdefault(end.cell.row, []).append(end)
    for found in ends.values():
        found.sort(key=lambda end: _rank(end, tracks, count))
    return Channel(tracks, ends)


def _ends(links: Sequence[Link], cells: Mapping[str, Cell]) -> Iterator[End]:
    for link in links:
        source, target = cells[link.source], cells[link.target]
        if source.row == target.row and source != target:
            yield End(link, source, 0, starts=True, beside=source.column == 0)
        else:
            down = 1 if source.row <= target.row else -1
            same = source.column == target.column
            yield End(link, source, down, starts=True, beside=same or source.column == 0)
            yield End(link, target, -down, starts=False, beside=same or target.column == 0)


def _rank(end: End, tracks: Mapping[Link, int], count: int) -> tuple[int, int]:
    """Lines from above end above those from beneath, and within each other."""
    if not end.turn:
        return 0, 0
    track = tracks[end.link]
    from_box = track if end.beside else count - track
    return end.turn, -end.turn * from_box


def _span(link: Link, cells: Mapping[str, Cell]) -> tuple[int, int]:
    """The first and the last row of a line."""
    rows = cells[link.source].row, cells[link.target].row
    return min(rows), max(rows)


def _crossings(channel: Channel) -> int:
    """How often two lines of the channel cross."""
    ends = [(end, (row, place)) for row, found in channel.ends.items() for place, end in enumerate(found)]
    uprights: dict[Link, list[tuple[int, int]]] = {}
    for end, at in ends:
        uprights.setdefault(end.link, []).append(at)
    return sum(
        min(reach) < at < max(reach) and _passes(end, channel.tracks, track)
        for end, at in ends
        for link, track in channel.tracks.items()
        if (reach := uprights[link]) and link is not end.link
    )


def _passes(end: End, tracks: Mapping[Link, int], track: int) -> bool:
    """Whether the line, from its end to its own track, passes this one."""
    if not end.turn:
        return True
    return track < tracks[end.link] if end.beside else track > tracks[end.link]
