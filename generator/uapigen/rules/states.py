"""Rules on state machines."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.diagnostics import Note
from uapigen.model import Arc, Interface
from uapigen.rules.rule import Finding, rule

_STATES = """
  - states: example_state
    set-by: user
    prefix: EXAMPLE_STATE_
    values:
      - {name: IDLE, value: 0}
      - {name: BUSY, value: 1}
"""


@rule(
    "initial-state",
    why="""Tests, documents and drivers start from the initial state; a device cannot start where nobody
    can lead it on from.""",
    bad=f"""
states:{_STATES}      - {{name: BROKEN, value: 2, kind: error}}
    initial: BROKEN
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
""",
    good=f"""
states:{_STATES}      - {{name: BROKEN, value: 2, kind: error}}
    initial: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
""",
)
def initial_state(interface: Interface) -> Iterator[Finding]:
    """The initial state, and those that a reset or a close leads to, are no error states."""
    for machine in interface.machines:
        for key in ("initial", "reset", "close"):
            state = getattr(machine, key)
            if state is not None and state.kind == "error":
                yield Finding(
                    f"the {key} state '{state.name}' is an error state",
                    machine.where(key),
                    "name a state that the user can leave",
                    (machine,),
                )


@rule(
    "duplicate-transition",
    why="""The second arc is never taken, or contradicts the first.""",
    bad=f"""
states:{_STATES}    initial: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
      - {{from: IDLE, to: BUSY, label: go}}
""",
    good=f"""
states:{_STATES}    initial: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
      - {{from: BUSY, to: IDLE, label: stop}}
""",
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
    "state-without-member",
    why="""A state that no member holds cannot be asked for.""",
    bad=f"""
states:{_STATES}    initial: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
structs:
  - struct: example
    doc: A struct that does not hold the state.
    fields:
      - {{name: state, type: u32, doc: state}}
""",
    good=f"""
states:{_STATES}    initial: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
structs:
  - struct: example
    doc: A struct that holds the state.
    fields:
      - {{name: state, type: u32, states: example_state, doc: state}}
""",
)
def state_without_member(interface: Interface) -> Iterator[Finding]:
    """Where an interface has structs, a member of one holds the state of each machine (`states:`)."""
    for machine in interface.machines:
        if interface.structs and machine.field is None:
            yield Finding(
                f"no member holds the state of '{machine.name}'",
                machine.where("states"),
                f"add `states: {machine.name}` to the member that holds it",
                (machine,),
            )
