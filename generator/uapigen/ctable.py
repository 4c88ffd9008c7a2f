"""The state table of a machine as C has it, and the checks that hold for it whatever the machine.

The room of turning walks over arcs into numbers of a table.  What becomes of a request is decided in
:mod:`uapigen.machine`.
"""

from __future__ import annotations

from collections.abc import Iterator

from uapigen import cdoc
from uapigen.machine import next_state, verdict
from uapigen.model import Machine, State, Unknown, Verdict
from uapigen.record import Record

ANSWERS = {Verdict.REFUSED: "NO", Verdict.UNSPECIFIED: "OPEN"}
"""How the table has what is no state."""


class Table(Record):
    """A machine in C, of a device that has every feature.

    ``states`` are name, C expression and whether it is an error state.  ``rows`` have a column for each
    state: the index of the state after one step towards it, or a word of ``ANSWERS``.  ``arcs`` are
    pairs of indexes.  ``known`` is the C expression of the bits of a value that count, ``mask`` that of
    all bits of all states, empty where no check needs it.  ``reached`` counts the states that can be
    reached from the ``initial`` one.  ``same`` is the answer to a request for the current state, empty
    where it is accepted.  ``checks`` are names of C functions and what they check.
    """

    name: str
    states: tuple[tuple[str, str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    arcs: tuple[tuple[int, int], ...]
    known: str
    mask: str
    initial: int
    reached: int
    same: str
    checks: tuple[tuple[str, str], ...]


def table(machine: Machine) -> Table:
    """The table of a machine."""
    states = machine.states
    index = {state.name: place for place, state in enumerate(states)}
    preserves = machine.unknown is Unknown.PRESERVED
    bits = " | ".join(part.c_name for part in machine.parts if part.value) if preserves else ""
    initial = machine.initial or states[0]
    reached = len(_reached(machine, initial))
    return Table(
        name=machine.name,
        states=tuple(
            (state.name, cdoc.state_in_c(machine, state), state.kind == "error") for state in states
        ),
        rows=tuple(tuple(_answer(machine, index, one, other) for other in states) for one in states),
        arcs=tuple(
            (index[arc.source.name], index[arc.target.name])
            for arc in machine.arcs
            if verdict(machine, None, arc.source, arc.target) is Verdict.ACCEPTED
        ),
        known=bits or "~0ULL",
        mask=machine.mask.c_name if machine.mask else bits,
        initial=index[initial.name],
        reached=reached,
        same=ANSWERS.get(machine.same_state, ""),
        checks=tuple(_checks(machine, initial, reached)),
    )


def _answer(machine: Machine, index: dict[str, int], current: State, requested: State) -> str:
    after = next_state(machine, None, current, requested)
    return str(index[after.name]) if after else ANSWERS[verdict(machine, None, current, requested)]


def _reached(machine: Machine, initial: State) -> set[str]:
    """The names of the states that accepted requests lead to, one after the other, and the initial one."""
    reached = {initial.name}
    frontier = [initial]
    while frontier:
        current = frontier.pop()
        for state in machine.states:
            accepted = verdict(machine, None, current, state) is Verdict.ACCEPTED
            if accepted and state.name not in reached:
                reached.add(state.name)
                frontier.append(state)
    return reached


def _checks(machine: Machine, initial: State, reached: int) -> Iterator[tuple[str, str]]:
    same = {
        Verdict.ACCEPTED: "accepted and changes nothing",
        Verdict.REFUSED: "refused",
        Verdict.UNSPECIFIED: "not specified",
    }
    yield "check_values", "no two states have the same value"
    yield "check_arcs", "every arc is one step"
    yield "check_same", f"a request for the current state is {same[machine.same_state]}"
    yield "check_paths", "every accepted request arrives, over arcs only"
    yield "check_reached", f"{reached} of {len(machine.states)} states are reached from {initial.name}"
    if any(state.kind == "error" for state in machine.states):
        yield "check_errors", "an error state cannot be requested"
    if machine.mask:
        yield "check_mask", f"{machine.mask.c_name} has the bits of every state and no other"
    if machine.unknown is Unknown.PRESERVED:
        yield "check_preserved", "bits that are no state's do not change the answer"
    else:
        yield "check_unknown", "a value that is no state is refused"
