"""A state machine: its states, and a numbered line for each transition."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.diagram.channels import Link
from uapigen.diagram.grid import Node, grid
from uapigen.diagram.model import Drawing, Stroke
from uapigen.matrix import by_value
from uapigen.model import Machine, State


def machine(machine_: Machine, width: int, around: State | None = None) -> Drawing | None:
    """The states and transitions, None where they need more than ``width`` columns.

    A line has the number that its transition has in the spec, from 1.  ``around``: only the transitions to
    and from this state.
    """
    arcs = [
        (number, arc)
        for number, arc in enumerate(machine_.arcs, 1)
        if around is None or around in {arc.source, arc.target}
    ]
    near = {around, *(state for _, arc in arcs for state in (arc.source, arc.target))}
    states = by_value((*machine_.states, *machine_.invalid))
    nodes = [_node(machine_, state) for state in states if around is None or state in near]
    return grid(nodes, [Link(str(number), arc.source.name, arc.target.name) for number, arc in arcs], width)


def _node(machine_: Machine, state: State) -> Node:
    if state.kind == "invalid":
        return Node(state.name, (f"{state.value} (invalid)",), Stroke.DASHED)
    notes = [*_notes(machine_, state)]
    return Node(state.name, (f"{state.value} {state.name}", *([f"({', '.join(notes)})"] if notes else [])))


def _notes(machine_: Machine, state: State) -> Iterator[str]:
    if machine_.initial is state:
        yield "initial"
    if state.kind == "error":
        yield "error"
