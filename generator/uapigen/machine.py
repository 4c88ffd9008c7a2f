"""What a state machine answers to a request: accepted or not, and by which path.

The room of walks over arcs.  Everything is derived from the arcs and the rules of the spec; there is no
table.  ``features`` is the set of the names of the features that a device has, None for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations

from uapigen.model import Arc, Machine, State, Verdict


def verdict(machine: Machine, features: frozenset[str] | None, current: State, requested: State) -> Verdict:
    """What becomes of the request for ``requested`` on a device that is in ``current``."""
    if not (supports(features, current) and supports(features, requested)):
        return Verdict.REFUSED
    if requested.kind == "error":
        return Verdict.REFUSED
    if current.name == requested.name:
        return machine.same_state if current.kind != "error" else machine.otherwise
    if _blocked(machine, current, requested):
        return Verdict.REFUSED
    return Verdict.ACCEPTED if _walk(machine, features, current, requested) else machine.otherwise


def path(
    machine: Machine, features: frozenset[str] | None, current: State, requested: State
) -> tuple[State, ...]:
    """The states that an accepted request enters, one after the other, ``requested`` last.

    Empty where the request is not accepted, and for the state that the device is in.
    """
    if current.name == requested.name:
        return ()
    if verdict(machine, features, current, requested) is not Verdict.ACCEPTED:
        return ()
    return _walk(machine, features, current, requested)


def next_state(
    machine: Machine, features: frozenset[str] | None, current: State, requested: State
) -> State | None:
    """The state after one step towards ``requested``, None where the request is not accepted."""
    if verdict(machine, features, current, requested) is not Verdict.ACCEPTED:
        return None
    walked = path(machine, features, current, requested)
    return walked[0] if walked else current


def arc_between(machine: Machine, source: State, target: State) -> Arc | None:
    """The arc from one state to another, None where there is none."""
    return _arcs(machine).get((source.name, target.name))


@lru_cache(64)
def _arcs(machine: Machine) -> dict[tuple[str, str], Arc]:
    """The arcs by their ends, the first one between each two."""
    return {(arc.source.name, arc.target.name): arc for arc in reversed(machine.arcs)}


def supports(features: frozenset[str] | None, state: State) -> bool:
    """Whether a device with these features has the state."""
    return features is None or features.issuperset(state.needs)


def feature_sets(machine: Machine) -> Iterator[frozenset[str]]:
    """Every set of features with which the initial state exists, the smallest first."""
    names = sorted({name for state in machine.states for name in state.needs})
    for count in range(len(names) + 1):
        for chosen in combinations(names, count):
            features = frozenset(chosen)
            if machine.initial is None or supports(features, machine.initial):
                yield features


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


def _blocked(machine: Machine, current: State, requested: State) -> bool:
    return (current.name, requested.name) in _blocked_pairs(machine)


@lru_cache(64)
def _blocked_pairs(machine: Machine) -> frozenset[tuple[str, str]]:
    pairs = machine.paths.blocked if machine.paths else ()
    return frozenset((one.name, other.name) for one, other in pairs)


def _walk(
    machine: Machine, features: frozenset[str] | None, current: State, requested: State
) -> tuple[State, ...]:
    """The path over the arcs, without ``current``; empty where there is none."""
    if machine.paths is None:
        direct = arc_between(machine, current, requested)
        return (requested,) if direct else ()
    if machine.paths.skip_unsupported:
        # The path is that of a device with every feature; what this one lacks is stepped over.
        whole = _shortest(machine, None, current, requested)
        return tuple(state for state in whole if supports(features, state))
    return _shortest(machine, features, current, requested)


def _shortest(
    machine: Machine, features: frozenset[str] | None, current: State, requested: State
) -> tuple[State, ...]:
    """The shortest path; among equals the one that avoids most, then the one whose arcs come first."""
    return _paths_from(machine, features, current.name).get(requested.name, ())


@lru_cache(1024)
def _paths_from(
    machine: Machine, features: frozenset[str] | None, current: str
) -> dict[str, tuple[State, ...]]:
    """The shortest path to each state that can be reached."""
    avoid = {state.name for state in machine.paths.avoid} if machine.paths else set()
    usable = _usable(machine, features)
    # What a state to be avoided costs, counts for the paths that lead through it, not for those to it.
    reached: dict[str, tuple[int, tuple[State, ...]]] = {current: (0, ())}
    frontier = [current]
    while frontier:
        found: dict[str, tuple[int, tuple[State, ...]]] = {}
        for name in frontier:
            cost, walked = reached[name]
            for arc in usable.get(name, ()):
                target = arc.target.name
                through = cost + (target in avoid)
                if target not in reached and (target not in found or through < found[target][0]):
                    found[target] = (through, (*walked, arc.target))
        reached |= found
        frontier = list(found)
    return {name: walked for name, (_, walked) in reached.items()}


@lru_cache(64)
def _usable(machine: Machine, features: frozenset[str] | None) -> dict[str, list[Arc]]:
    """The arcs that a request can take, by the state that they leave."""
    found: dict[str, list[Arc]] = {}
    for arc in machine.arcs:
        if supports(features, arc.source) and supports(features, arc.target) and arc.target.kind != "error":
            found.setdefault(arc.source.name, []).append(arc)
    return found
