"""Why a state machine answers a request as it does: the steps of an accepted one, what is wrong with another.

The room of one answer looked at closely.  All answers together are :mod:`uapigen.matrix`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from uapigen.machine import End, Walk, arc_between, supports, walk
from uapigen.matrix import Answer, answer
from uapigen.model import Arc, Machine, State, Verdict
from uapigen.wording import listing


class Step(NamedTuple):
    """What the driver does in one go.

    ``over``: the states between that the device lacks; ``arcs``: the transitions that the step is made
    of, one more than there are states between, in their order.
    """

    source: State
    target: State
    over: tuple[State, ...]
    arcs: tuple[Arc, ...]


def steps(machine: Machine, features: frozenset[str], answer: Answer) -> Iterator[Step]:
    """The steps of an accepted request; none for the state that the device is in."""
    if answer.path:
        source, between = answer.current, [answer.current]
        for state in _walk(machine, features, answer).steps:
            between.append(state)
            if supports(features, state):
                yield Step(source, state, tuple(between[1:-1]), tuple(_arcs(machine, between)))
                source, between = state, [state]


def meanings(machine: Machine, features: frozenset[str]) -> dict[tuple[str, str], tuple[Arc, ...]]:
    """The transitions that each step of a device stands for, by the names of the states before and after it.

    To stay in the state that a device is in is a step of no transition.  A step stands for the same ones
    whatever the request is: a rule proves it.
    """
    found: dict[tuple[str, str], tuple[Arc, ...]] = {}
    for current in machine.states:
        for requested in machine.states:
            given = answer(machine, features, current, requested)
            if given.next:
                first = next(steps(machine, features, given), None)
                found.setdefault((current.name, given.next.name), first.arcs if first else ())
    return found


def _arcs(machine: Machine, walked: list[State]) -> Iterator[Arc]:
    """The transitions of a walk: it takes no other steps."""
    arcs = (arc_between(machine, source, target) for source, target in pairwise(walked))
    yield from (arc for arc in arcs if arc)


def reason(machine: Machine, features: frozenset[str], answer: Answer) -> str:
    """Why a request is not accepted, as a sentence without a full stop; empty for an accepted one."""
    if answer.verdict is Verdict.ACCEPTED:
        return ""
    lacking = [state for state in (answer.current, answer.requested) if not supports(features, state)]
    if lacking:
        return f"the device lacks {lacked(features, lacking[0])}"
    if answer.requested.kind == "error":
        return f"{answer.requested.name} is entered by the driver and cannot be requested"
    if answer.current.name == answer.requested.name:
        return "the device is in that state already"
    return _wrong_way(machine, features, answer)


def missing(features: frozenset[str], state: State) -> tuple[str, ...]:
    """The features that a state needs and the device does not have."""
    return tuple(name for name in state.needs if name not in features)


def lacked(features: frozenset[str], state: State) -> str:
    """A state that the device lacks, and why, as in "RUNNING_P2P (no P2P)"."""
    return f"{state.name} ({', '.join(f'no {name}' for name in missing(features, state))})"


def _wrong_way(machine: Machine, features: frozenset[str], answer: Answer) -> str:
    """Why a walk does not arrive."""
    walked = _walk(machine, features, answer)
    end = walked.steps[-1] if walked.steps else answer.current
    way = _way((answer.current, *walked.steps))
    if walked.end is End.LOOPS:
        return f"the steps towards it go round in a circle: {way}"
    if walked.end is End.BLOCKED:
        where = f"the path comes to {end.name}, from where " if end is not answer.current else ""
        return f"{where}the spec blocks it (`blocked:` under `paths:`)"
    if all(arc.source.name != answer.current.name for arc in machine.arcs):
        reset = f"; a reset leads to {machine.reset.name}" if machine.reset else ""
        return f"no transition leaves {answer.current.name}{reset}"
    if machine.paths is None:
        return f"there is no transition {_way(answer[:2])}, and requests take no more than one (no `paths:`)"
    whole = walk(machine, None, answer.current, answer.requested)
    if whole.end is End.ARRIVES:
        lacking = (state for state in whole.steps if not supports(features, state))
        names = listing((lacked(features, state) for state in lacking), "and")
        return f"the path is {_way((answer.current, *whole.steps))}, and the device lacks {names}"
    return f"no path leads from {answer.current.name} to {answer.requested.name}"


def _walk(machine: Machine, features: frozenset[str], answer: Answer) -> Walk:
    return walk(machine, features, answer.current, answer.requested)


def _way(states: Iterable[State]) -> str:
    return " -> ".join(state.name for state in states)
