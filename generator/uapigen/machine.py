"""What a state machine answers to a request: accepted or not, and by which path.

The room of walks over arcs.  Everything is derived from the arcs and the rules of the spec; there is no
table.  ``features`` is the set of the names of the features that a device has, None for all.

A driver that is asked for a state takes one step towards it, asks anew from there, and so on.  So there is
one function at the bottom, the state after one step, and a path is what repeating it gives.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, combinations
from typing import NamedTuple

from uapigen.model import Arc, Machine, State, Verdict


def verdict(machine: Machine, features: frozenset[str] | None, current: State, requested: State) -> Verdict:
    """What becomes of the request for ``requested`` on a device that is in ``current``."""
    if not (supports(features, current) and supports(features, requested)):
        return Verdict.REFUSED
    if requested.kind == "error":
        return Verdict.REFUSED
    if current.name == requested.name:
        return machine.same_state
    match walk(machine, features, current, requested).end:
        case End.ARRIVES:
            return Verdict.ACCEPTED
        case End.BLOCKED | End.LOOPS:
            return Verdict.REFUSED
    return machine.otherwise


def path(
    machine: Machine, features: frozenset[str] | None, current: State, requested: State
) -> tuple[State, ...]:
    """The states that an accepted request enters, one after the other, ``requested`` last.

    Empty where the request is not accepted, and for the state that the device is in.
    """
    if verdict(machine, features, current, requested) is not Verdict.ACCEPTED:
        return ()
    return walk(machine, features, current, requested).entered


def next_state(
    machine: Machine, features: frozenset[str] | None, current: State, requested: State
) -> State | None:
    """The state after one step towards ``requested``, None where the request is not accepted."""
    if verdict(machine, features, current, requested) is not Verdict.ACCEPTED:
        return None
    return next(iter(walk(machine, features, current, requested).entered), current)


def arc_between(machine: Machine, source: State, target: State) -> Arc | None:
    """The arc from one state to another, None where there is none."""
    return _arcs(machine).get((source.name, target.name))


@lru_cache(64)
def _arcs(machine: Machine) -> dict[tuple[str, str], Arc]:
    """The arcs by their ends, the first one between each two."""
    return {(arc.source.name, arc.target.name): arc for arc in reversed(machine.arcs)}


# --- features -------------------------------------------------------------------------------------


def supports(features: frozenset[str] | None, state: State) -> bool:
    """Whether a device with these features has the state."""
    return features is None or features.issuperset(state.needs)


def needed_features(machine: Machine) -> tuple[str, ...]:
    """The names of the features that a state needs, in the order of the flags."""
    needed = {name for state in machine.states for name in state.needs}
    flags = (value.name for value in machine.features.values) if machine.features else ()
    return tuple(dict.fromkeys((*(name for name in flags if name in needed), *sorted(needed))))


def all_feature_sets(machine: Machine) -> Iterator[frozenset[str]]:
    """Every set of the features that a state needs, the smallest first."""
    names = needed_features(machine)
    for count in range(len(names) + 1):
        yield from map(frozenset, combinations(names, count))


def feature_sets(machine: Machine) -> Iterator[frozenset[str]]:
    """The sets of features that a device may have: the initial state exists with them.  Smallest first."""
    for features in all_feature_sets(machine):
        if machine.initial is None or supports(features, machine.initial):
            yield features


# --- walks ----------------------------------------------------------------------------------------


class End(enum.Enum):
    """How a walk ends."""

    ARRIVES = enum.auto()
    """It comes to the state that was asked for."""
    NOWHERE = enum.auto()
    """There is no further step towards it."""
    BLOCKED = enum.auto()
    """From where it came to, the request is blocked."""
    LOOPS = enum.auto()
    """It comes to a state where it was before, and would for ever."""


class Walk(NamedTuple):
    """Where repeating a request leads.

    ``steps`` are all states behind the first one, the last one that where it ended; ``entered`` are
    those of them that the device has.
    """

    steps: tuple[State, ...]
    entered: tuple[State, ...]
    end: End


@lru_cache(1 << 15)
def walk(machine: Machine, features: frozenset[str] | None, current: State, requested: State) -> Walk:
    """The walk of a request, one step after the other, whatever the verdict on it is.

    Where states that a device lacks are stepped over, the walk is that of a device with every feature.
    """
    over = machine.paths is not None and machine.paths.skip_unsupported
    first_steps = _first_steps(machine, None if over else features, requested.name)
    steps = [current]
    seen = {current.name}
    end = End.ARRIVES
    while steps[-1].name != requested.name:
        if (steps[-1].name, requested.name) in _blocked(machine):
            end = End.BLOCKED
            break
        step = first_steps.get(steps[-1].name)
        if step is None:
            end = End.NOWHERE
            break
        steps.append(step)
        if step.name in seen:
            end = End.LOOPS
            break
        seen.add(step.name)
    return Walk(tuple(steps[1:]), tuple(state for state in steps[1:] if supports(features, state)), end)


@lru_cache(64)
def _blocked(machine: Machine) -> frozenset[tuple[str, str]]:
    pairs = machine.paths.blocked if machine.paths else ()
    return frozenset((pair.source.name, pair.target.name) for pair in pairs)


@lru_cache(1 << 12)
def _first_steps(machine: Machine, features: frozenset[str] | None, requested: str) -> dict[str, State]:
    """The state after one step towards ``requested``, by the name of the state before.

    It is the first one of the shortest path; among equals of the one that avoids most, then of the one whose
    arc comes first.  A step that the spec gives wins, where there is an arc for it.
    """
    if machine.paths is None:
        return {arc.source.name: arc.target for arc in machine.arcs if arc.target.name == requested}
    found = {name: candidates[0] for name, candidates in nearest(machine, features, requested).items()}
    usable = {(arc.source.name, arc.target.name) for _, arc in chain(*_arriving(machine, features).values())}
    for given in reversed(machine.paths.first_steps):
        if given.target.name == requested and (given.source.name, given.step.name) in usable:
            found[given.source.name] = given.step
    return found


def nearest(machine: Machine, features: frozenset[str] | None, requested: str) -> dict[str, list[State]]:
    """The states after one step of a best path to ``requested``, by the name of the state before.

    Best is the shortest path, and among equals that with the fewest states to be avoided inside.  Where
    several are best, their first states are in the order of the arcs.  Needs a machine with paths.
    """
    assert machine.paths
    avoid = {state.name for state in machine.paths.avoid}
    arriving = _arriving(machine, features)
    # How many states to be avoided lie between a state and the one that is asked for.
    cost = {requested: 0}
    steps: dict[str, list[State]] = {}
    layer = [requested]
    while layer:
        found: dict[str, list[tuple[int, int, State]]] = {}
        for name in layer:
            through = cost[name] + (name in avoid and name != requested)
            for place, arc in arriving.get(name, ()):
                if arc.source.name not in cost:
                    found.setdefault(arc.source.name, []).append((through, place, arc.target))
        for name, candidates in found.items():
            least = min(through for through, _, _ in candidates)
            cost[name] = least
            best = sorted((place, state) for through, place, state in candidates if through == least)
            steps[name] = [state for _, state in best]
        layer = list(found)
    return steps


@lru_cache(64)
def _arriving(machine: Machine, features: frozenset[str] | None) -> dict[str, list[tuple[int, Arc]]]:
    """The arcs that a request can take, with their place in the list, by the state that they lead to."""
    found: dict[str, list[tuple[int, Arc]]] = {}
    for place, arc in enumerate(machine.arcs):
        if supports(features, arc.source) and supports(features, arc.target) and arc.target.kind != "error":
            found.setdefault(arc.target.name, []).append((place, arc))
    return found


def entered_with(machine: Machine, features: frozenset[str] | None) -> set[str]:
    """The names of the states that a device with these features can come to.

    It comes to some by itself (in the beginning, by a reset, by the last close, by an error), to others by
    requests that are accepted, in as many as it takes.
    """
    existing = [state for state in machine.states if supports(features, state)]
    itself = [state for state in (machine.initial, machine.reset, machine.close) if state in existing]
    left = [state for state in existing if state in itself or state.kind == "error"]
    found = {state.name for state in left}
    while left:
        current = left.pop()
        for requested in existing:
            for state in path(machine, features, current, requested):
                if state.name not in found:
                    found.add(state.name)
                    left.append(state)
    return found


# --- arcs, whatever the features ------------------------------------------------------------------


def successors(machine: Machine) -> Mapping[str, list[str]]:
    """The other states that one arc leads to from a state, by name; none where there is no arc."""
    found: dict[str, list[str]] = {}
    for arc in machine.arcs:
        if arc.target.kind != "error" and arc.target.name != arc.source.name:
            found.setdefault(arc.source.name, []).append(arc.target.name)
    return found


def reached(after: Mapping[str, list[str]], begin: Iterable[str]) -> set[str]:
    """The states that arcs lead to, one after the other, with those where they begin."""
    found: set[str] = set()
    for name in begin:
        spread(after, name, found)
    return found


def spread(after: Mapping[str, list[str]], begin: str, found: set[str]) -> None:
    """Add a state and what arcs lead to from there, but for what was found before."""
    left = [begin]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += after.get(name, ())
