"""The drawings of the document, and what is said of how they are read.

The room between the layouts (:mod:`uapigen.diagram`) and the document's width.
"""

from __future__ import annotations

from uapigen import rst
from uapigen.diagram import states
from uapigen.diagram.model import Drawing
from uapigen.model import Machine, Prose
from uapigen.sentences import sentence

WIDTH = rst.WIDTH - len(rst.LITERAL_INDENT)
"""Columns of a drawing."""


def machine(machine_: Machine) -> Drawing | None:
    """The states and transitions, None where they do not fit."""
    return states.machine(machine_, WIDTH)


def about_machine(machine_: Machine, drawing: Drawing | None) -> Prose:
    """How the drawing is read, or that there is none."""
    if drawing is None:
        return Prose(
            f"The states with their transitions do not fit into a drawing of {rst.WIDTH} columns; the tables "
            "say all of them."
        )
    return sentence(
        "Each line is a transition, with its number in the table beneath.",
        "Where two lines cross, the upright one goes on and the other one passes beneath it."
        if drawing.crosses
        else "",
        "A dashed box is a value that is no state." if machine_.invalid else "",
    )
