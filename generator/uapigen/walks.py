"""Walks over the arcs of a state machine that take every transition behind every other one.

The room of one search.  A driver that forgets something in a transition shows it in the next one, so
every pair of consecutive transitions has to be tried.
"""

from __future__ import annotations

from collections import deque
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
    missing = {(arc, each) for arc, following in after.items() for each in following}
    walks: list[tuple[State, ...]] = []
    begin = sorted(after, key=lambda arc: arc.source is not machine.initial)
    while missing:
        first = next(arc for arc in begin if _nearest(after, missing, arc))
        walk = [first]
        while found := _nearest(after, missing, walk[-1]):
            missing -= set(pairwise([walk[-1], *found]))
            walk += found
        walks.append((first.source, *(arc.target for arc in walk)))
    return tuple(walks)


def _is_taken(arc: Arc) -> bool:
    """Nobody can ask for an error state."""
    return arc.target.kind != "error"


def _nearest(after: dict[Arc, list[Arc]], missing: set[tuple[Arc, Arc]], start: Arc) -> list[Arc]:
    """The shortest way behind ``start`` whose last two arcs are a missing pair; empty without one.

    Of missing pairs that come next, the one is chosen whose second arc has most of them left.
    """
    left = {arc: sum((arc, each) in missing for each in following) for arc, following in after.items()}
    ways: deque[list[Arc]] = deque([[start]])
    seen = {start}
    while ways:
        way = ways.popleft()
        open_pairs = [each for each in after[way[-1]] if (way[-1], each) in missing]
        if open_pairs:
            return [*way[1:], max(open_pairs, key=left.__getitem__)]
        for each in after[way[-1]]:
            if each not in seen:
                seen.add(each)
                ways.append([*way, each])
    return []
