"""What becomes of every request that a state machine can get: the matrix, as data.

The room between the walks over arcs (:mod:`uapigen.machine`) and those who print them: a row for each
current state, a column for each requested one.  How a cell looks is the matter of who prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from uapigen.machine import path, verdict
from uapigen.model import Machine, State, Verdict


class Answer(NamedTuple):
    """What becomes of one request.

    ``path``: the states that are entered one after the other, the requested one last; empty where the
    request is not accepted, and for the state that the device is in.
    """

    current: State
    requested: State
    verdict: Verdict
    path: tuple[State, ...]

    @property
    def next(self) -> State | None:
        """The state after one step, None where the request is not accepted."""
        if self.verdict is not Verdict.ACCEPTED:
            return None
        return self.path[0] if self.path else self.current


def answer(machine: Machine, features: frozenset[str] | None, current: State, requested: State) -> Answer:
    """What becomes of a request on a device with these features, None for all."""
    return Answer(
        current,
        requested,
        verdict(machine, features, current, requested),
        path(machine, features, current, requested),
    )


def matrix(
    machine: Machine, features: frozenset[str] | None, states: Sequence[State]
) -> tuple[tuple[Answer, ...], ...]:
    """The answers for all pairs of these states, in their order: rows are the current state."""
    return tuple(
        tuple(answer(machine, features, current, requested) for requested in states) for current in states
    )


def by_value(states: Iterable[State]) -> list[State]:
    """The states in the order in which they are printed: by their numbers."""
    return sorted(states, key=lambda state: state.value)
