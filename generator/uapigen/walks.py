"""Walks over a state machine that take every step behind every other one.

The room of one search.  A driver that forgets something in a transition shows it in the next one, so
every pair of consecutive transitions has to be tried.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from uapigen.machine import path, reached
from uapigen.model import Machine, State


class Step(NamedTuple):
    """A request that leads to the next state at once, and to no other one on the way."""

    source: State
    target: State


def pair_walks(machine: Machine, features: frozenset[str] | None = None) -> tuple[tuple[State, ...], ...]:
    """Walks, as the states that they enter, that have every pair of steps that can follow each other.

    The steps are those of a device with these features, None for all: its transitions, and what leads over
    states that it lacks.  The first walk begins in the initial state where that has a step; there is a
    further one only where a step cannot be reached from the end of the one before.
    """
    steps = _steps(machine, features)
    after = {step: [each for each in steps if each.source is step.target] for step in steps}
    missing = {step: dict.fromkeys(following) for step, following in after.items()}
    walks: list[tuple[State, ...]] = []
    begin = sorted(after, key=lambda step: step.source is not machine.initial)
    for first in begin:
        while found := _nearest(after, missing, first):
            walk = [first]
            while found:
                for step, each in pairwise([walk[-1], *found]):
                    missing[step].pop(each, None)
                walk += found
                found = _nearest(after, missing, walk[-1])
            walks.append((first.source, *(step.target for step in walk)))
    return tuple(walks)


def _steps(machine: Machine, features: frozenset[str] | None) -> list[Step]:
    """The steps from states that requests lead to."""
    steps = [
        Step(current, requested)
        for current in machine.states
        for requested in machine.states
        if path(machine, features, current, requested) == (requested,)
    ]
    after: dict[str, list[str]] = {}
    for step in steps:
        after.setdefault(step.source.name, []).append(step.target.name)
    begin = (machine.initial,) if machine.initial else machine.states
    there = reached(after, (state.name for state in begin))
    return [step for step in steps if step.source.name in there]


def _nearest(
    after: Mapping[Step, list[Step]], missing: Mapping[Step, Mapping[Step, None]], start: Step
) -> list[Step]:
    """The shortest way behind ``start`` whose last two steps are a missing pair; empty without one.

    Of missing pairs that come next, the one is chosen whose second step has most of them left.
    """
    came: dict[Step, Step | None] = {start: None}
    ways = deque([start])
    while ways:
        step: Step | None = ways.popleft()
        assert step
        if missing[step]:
            way = [max(missing[step], key=lambda each: len(missing[each]))]
            while step is not start:
                assert step
                way.append(step)
                step = came[step]
            return way[::-1]
        for each in after[step]:
            if each not in came:
                came[each] = step
                ways.append(each)
    return []
