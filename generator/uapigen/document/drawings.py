"""The drawings of the document, and what is said of how they are read.

The room between the layouts (:mod:`uapigen.diagram`) and the document's width.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    "answer": "answers what is read",
    "take": "takes what is written",
    "fill": "fills regions with data",
    "load": "loads data from them",
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
        "Where two lines cross, the upright one goes on and the other one passes beneath it."
        if drawing.crosses
        else "",
        "A dashed box is a value that is no state." if machine_.invalid else "",
    )


def sequence(interface: Interface, operation: Operation) -> Drawing | None:
    """The steps of an operation, None where they do not fit."""
    return layouts.sequence(interface, operation, WIDTH)


def about_sequences(operations: Sequence[Operation]) -> Prose:
    """How the drawings of operations are read."""
    some = any(step.states for operation in operations for step in operation.steps)
    return sentence(
        "In the drawings time goes downwards. An arrow leads from who acts to what is acted on, with the "
        "number of the step in the list beneath; a box is what the driver does within itself.",
        "A dashed step is taken in some states only." if some else "",
    )


STEPS = Prose("The steps:")
"""What announces the drawing of an operation."""


def ownership(protocol: Protocol) -> Drawing:
    """Who owns a buffer, and when."""
    return layouts.ownership(protocol, WIDTH)
