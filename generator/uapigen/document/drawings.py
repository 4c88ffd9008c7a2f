"""The drawings of the document, and what is said of how they are read.

The room between the layouts (:mod:`uapigen.diagram`) and the document's width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from uapigen import diagram as layouts
from uapigen import rst
from uapigen.diagram.model import Drawing, Stroke
from uapigen.model import Interface, Machine, Operation, Prose, Protocol
from uapigen.sentences import sentence
from uapigen.wording import listing

WIDTH = rst.WIDTH - len(rst.LITERAL_INDENT)
"""Columns of a drawing."""


def overview(interface: Interface) -> Drawing | None:
    """What lies between user space and the driver."""
    return layouts.overview(interface, WIDTH)


def about_overview(interface: Interface, drawing: Drawing) -> Prose:
    """How the drawing is read: only what there is in it."""
    words = {edge.name for edge in drawing.edges}
    dashed = any(box.stroke is Stroke.DASHED for box in drawing.boxes)
    mapped = any(edge.stroke is Stroke.DOUBLE for edge in drawing.edges)
    moves = [said for word, said in _DRIVER.items() if word in words]
    type_ = interface.region_type
    return sentence(
        f"The type of the regions is {type_.name}." if type_ else "",
        "An arrow shows which way data goes.",
        f"The driver {listing(moves, 'and')}." if moves else "",
        "Double lines are memory that is mapped." if mapped else "",
        "What is dashed does not always exist." if dashed else "",
    )


_DRIVER = {
    "answer": "answers reads",
    "take": "takes what is written",
    "fill": "fills in data",
    "load": "loads data",
}


def machine(machine_: Machine) -> Drawing | None:
    """The states and transitions, None where they do not fit."""
    return layouts.machine(machine_, WIDTH)


def about_machine(machine_: Machine, drawing: Drawing | None, columns: int = rst.WIDTH) -> Prose:
    """How the drawing is read, or that there is none in so many columns."""
    if drawing is None:
        return Prose(
            f"The states with their transitions do not fit into a drawing of {columns} columns; the tables "
            "say all of them."
        )
    return sentence(
        "Each line is a transition, with its number in the table beneath.",
        "Where a line bends, its number stands at both ends."
        if any(len(edge.points) > 2 for edge in drawing.edges)
        else "",
        "Where two lines cross, the upright one goes on and the other one passes beneath it."
        if drawing.crosses
        else "",
        "A dashed box is a value that is no state." if machine_.invalid else "",
    )


Drawn: TypeAlias = "tuple[Operation, Drawing | None]"


def sequences(interface: Interface) -> tuple[Drawn, ...]:
    """The operations, each with its steps drawn, or None where they do not fit."""
    return tuple((each, layouts.sequence(interface, each, WIDTH)) for each in interface.operations)


def about_sequences(drawn: Sequence[Drawn]) -> Prose:
    """How the drawings of operations are read: only what there is in them."""
    steps = [step for operation, drawing in drawn if drawing for step in operation.steps]
    if not steps:
        return Prose("")
    return sentence(
        "In the drawings time goes downwards. An arrow shows which way data goes, with the number of its "
        "step in the list beneath; it passes beneath the lines that it crosses.",
        "Where the driver answers a read, the arrow of the read is the question."
        if any(step.verb == "answer" for step in steps)
        else "",
        "A box is what the driver does within itself."
        if any(step.verb in {"enter", "freeze"} for step in steps)
        else "",
        "A dashed step is taken only in the states that the list names."
        if any(step.states for step in steps)
        else "",
    )


def about_sequence(drawing: Drawing | None, columns: int = rst.WIDTH) -> Prose:
    """What announces the steps of an operation, or says that they are not drawn in so many columns."""
    if drawing:
        return Prose("The steps:")
    return Prose(f"The steps do not fit into a drawing of {columns} columns; the list says all of them.")


def ownership(protocol: Protocol) -> Drawing:
    """Who owns a buffer, and when."""
    return layouts.ownership(protocol, WIDTH)
