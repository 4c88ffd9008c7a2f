"""Walks over the arcs of a state machine that take every transition behind every other one.

The room of one search.  A driver that forgets something in a transition shows it in the next one, so
every pair of consecutive transitions has to be tried.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import pairwise

from uapigen.model import Arc, Machine, State


def pair_walks(machine: Machine) -> tuple[tuple[State, ...], ...]:
    """Walks, as the states that they enter, that have every pair of arcs that can follow each other.

    The first one begins in the initial state; there is a further one only where an arc cannot be
    reached from the end of the one before.
    """
    after = {
        arc: [each for each in machine.arcs if each.source is arc.target and _is_taken(each)]
        for arc in machine.arcs
        if _is_taken(arc)
    }
    missing = {arc: dict.fromkeys(following) for arc, following in after.items()}
    walks: list[tuple[State, ...]] = []
    begin = sorted(after, key=lambda arc: arc.source is not machine.initial)
    for first in begin:
        while found := _nearest(after, missing, first):
            walk = [first]
            while found:
                for arc, each in pairwise([walk[-1], *found]):
                    missing[arc].pop(each, None)
                walk += found
                found = _nearest(after, missing, walk[-1])
            walks.append((first.source, *(arc.target for arc in walk)))
    return tuple(walks)


def _is_taken(arc: Arc) -> bool:
    """Nobody can ask for an error state."""
    return arc.target.kind != "error"


def _nearest(
    after: Mapping[Arc, list[Arc]], missing: Mapping[Arc, Mapping[Arc, None]], start: Arc
) -> list[Arc]:
    """The shortest way behind ``start`` whose last two arcs are a missing pair; empty without one.

    Of missing pairs that come next, the one is chosen whose second arc has most of them left.
    """
    came: dict[Arc, Arc | None] = {start: None}
    ways = deque([start])
    while ways:
        arc: Arc | None = ways.popleft()
        assert arc
        if missing[arc]:
            way = [max(missing[arc], key=lambda each: len(missing[each]))]
            while arc is not start:
                assert arc
                way.append(arc)
                arc = came[arc]
            return way[::-1]
        for each in after[arc]:
            if each not in came:
                came[each] = arc
                ways.append(each)
    return []
