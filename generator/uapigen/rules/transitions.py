"""Rules on transitions: each is taken, and none contradicts another."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.diagnostics import Note, Severity
from uapigen.machine import arc_between
from uapigen.model import Arc, Interface, State
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.wording import quote

_START = """
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: IDLE
    reset: IDLE
    values:
      - {name: IDLE, value: 0, doc: Idle.}
      - {name: BUSY, value: 1, doc: Busy.}
      - {name: BROKEN, value: 2, kind: error, doc: Broken.}
    transitions:
      - {from: IDLE, to: BUSY, label: start}
"""
_THREE = """
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: IDLE
    reset: IDLE
    values:
      - {name: IDLE, value: 0, doc: Idle.}
      - {name: BUSY, value: 1, doc: Busy.}
      - {name: DONE, value: 2, doc: Done.}
    transitions:
      - {from: IDLE, to: BUSY, label: start}
      - {from: BUSY, to: DONE, label: finish}
"""
_BLOCKED = "    otherwise: refused\n    paths:\n      blocked:\n        - {{from: {}, to: DONE}}\n"


@rule(
    "duplicate-transition",
    why="""The second arc is never taken, or contradicts the first.""",
    bad=_START + "      - {from: IDLE, to: BUSY, label: go}\n",
    good=_START + "      - {from: BUSY, to: IDLE, label: stop}\n",
)
def duplicate_transition(interface: Interface) -> Iterator[Finding]:
    """Each pair of different states has one arc at most."""
    for machine in interface.machines:
        seen: dict[str, Arc] = {}
        for arc in machine.arcs:
            first = seen.setdefault(arc.name, arc)
            if first is not arc:
                notes = (Note("the first one is here", first.where()),)
                yield Finding(
                    f"there are two transitions {arc.name}", arc.where(), "remove one", (machine, arc), notes
                )
            elif arc.source.name == arc.target.name:
                yield Finding(
                    f"the transition {arc.name} leads nowhere",
                    arc.where(),
                    "`same-state:` says what a request for the present state does",
                    (machine, arc),
                )


@rule(
    "blocked-transition",
    why="""A reader believes the list of transitions, a driver the list of blocked pairs; in the kernel's own
    function for VFIO migration, the two blocked pairs made a loop without an end.""",
    bad=_THREE + _BLOCKED.format("BUSY"),
    good=_THREE + _BLOCKED.format("IDLE"),
)
def blocked_transition(interface: Interface) -> Iterator[Finding]:
    """A blocked pair is no transition, is two states, can be requested, and is listed once."""
    for machine in interface.machines:
        seen: dict[tuple[str, str], Span] = {}
        for blocked in machine.paths.blocked if machine.paths else ():
            source, target, span = blocked.source, blocked.target, blocked.origin.span
            pair = (source.name, target.name)
            first = seen.setdefault(pair, span)
            if first is not span:
                notes = (Note("the first one is here", first),)
                yield Finding(f"{_written(pair)} is blocked twice", span, "remove one", (machine,), notes)
            elif arc := arc_between(machine, source, target):
                yield Finding(
                    f"{_written(pair)} is a transition and is blocked, too",
                    span,
                    "remove one of the two",
                    (machine, arc),
                    (Note("the transition is here", arc.where()),),
                )
            elif why := _refused_anyway(source, target):
                message = f"{_written(pair)} needs no block: {why}"
                yield Finding(message, span, "remove it", (machine,))


def _refused_anyway(source: State, target: State) -> str | None:
    """Why the request is no matter of a block; None where it is one."""
    if source.name == target.name:
        return "`same-state:` says what a request for the present state does"
    if target.kind == "error":
        return "nobody can request an error state"
    return None


def _written(names: tuple[str, str]) -> str:
    return f"{names[0]} -> {names[1]}"


@rule(
    "requested-error-state",
    why="""The driver enters an error state when something is broken; nobody can ask for it, so that the
    transition is never taken.""",
    bad=_START + "      - {from: BUSY, to: BROKEN, label: break}\n",
    good=_START + "      - {from: BROKEN, to: IDLE, label: mend}\n",
)
def requested_error_state(interface: Interface) -> Iterator[Finding]:
    """No transition leads to an error state."""
    for machine in interface.machines:
        for arc in machine.arcs:
            if arc.target.kind == "error" and arc.source.name != arc.target.name:
                yield Finding(
                    f"the transition {arc.name} is never taken: nobody can request an error state",
                    arc.where("to"),
                    "remove it: the driver enters an error state from every state",
                    (machine, arc),
                    (Note(f"'{arc.target.name}' is an error state", arc.target.where("kind")),),
                )


@rule(
    "duplicate-label",
    severity=Severity.WARNING,
    why="""The label stands on the arrow and says what a request does; two requests that do different things
    need two.""",
    bad=_THREE + "      - {from: BUSY, to: IDLE, label: finish}\n",
    good=_THREE + "      - {from: BUSY, to: IDLE, label: stop}\n",
)
def duplicate_label(interface: Interface) -> Iterator[Finding]:
    """Transitions out of one state have different labels."""
    for machine in interface.machines:
        seen: dict[tuple[str, str], Arc] = {}
        for arc in machine.arcs:
            label = " ".join(arc.label.text.split())
            first = seen.setdefault((arc.source.name, label), arc)
            if first.name != arc.name:
                yield Finding(
                    f"{first.name} and {arc.name} have the same label: {quote(label)}",
                    arc.where("label"),
                    "give one of them another label, which says what is different",
                    (machine, arc),
                    (Note("the other one is here", first.where("label")),),
                )
