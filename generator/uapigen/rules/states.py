"""Rules on state machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from uapigen import tree
from uapigen.diagnostics import Note
from uapigen.machine import (
    End,
    entered_with,
    feature_sets,
    needed_features,
    reached,
    spread,
    successors,
    supports,
    verdict,
    walk,
)
from uapigen.model import Access, Element, Field, Interface, Machine, State, StatePart, Verdict
from uapigen.rules.requests import contradicts_itself, with_features
from uapigen.rules.rule import Finding, rule
from uapigen.wording import listing

_STATES = """
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    values:
      - {name: IDLE, value: 0, doc: Nothing to do.}
      - {name: BUSY, value: 1, doc: At work.}
"""
_GO = """
    initial: IDLE
    reset: IDLE
    transitions:
      - {from: IDLE, to: BUSY, label: start}
"""


@rule(
    "initial-state",
    why="""Tests, documents and drivers start from the initial state; a device cannot start where nobody
    can lead it on from.""",
    bad=f"""
states:{_STATES}      - {{name: BROKEN, value: 2, kind: error, doc: Failed.}}
    initial: BROKEN
    reset: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
""",
    good=f"""
states:{_STATES}      - {{name: BROKEN, value: 2, kind: error, doc: Failed.}}
    initial: IDLE
    reset: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
""",
)
def initial_state(interface: Interface) -> Iterator[Finding]:
    """The states in the beginning, after a reset and after a close are no errors; such a device has them."""
    for machine in interface.machines:
        for key in ("initial", "reset", "close"):
            state: State | None = getattr(machine, key)
            if state is None:
                continue
            if state.kind == "error":
                yield Finding(
                    f"the {key} state '{state.name}' is an error state",
                    machine.where(key),
                    "name a state that the user can leave",
                    (machine,),
                )
            lacking = [features for features in feature_sets(machine) if not supports(features, state)]
            if lacking:
                yield Finding(
                    f"{with_features(machine, lacking[0])}a device does not have"
                    f" the {key} state '{state.name}'",
                    machine.where(key),
                    "name a state that needs no more features than the initial one",
                    (machine,),
                )


@rule(
    "state-without-member",
    why="""A state that no member holds cannot be asked for.""",
    bad=f"""
states:{_STATES}    initial: IDLE
    reset: IDLE
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
    reset: IDLE
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


@rule(
    "state-access",
    why="""Who asks for a state writes the member that holds it; the other side reads it there. A member that
    cannot be written or read by user space says something else.""",
    bad=f"""
states:{_STATES}    initial: IDLE
    reset: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
structs:
  - struct: example
    doc: A struct that holds the state.
    fields:
      - {{name: state, type: u32, access: ro, states: example_state, doc: state}}
""",
    good=f"""
states:{_STATES}    initial: IDLE
    reset: IDLE
    transitions:
      - {{from: IDLE, to: BUSY, label: start}}
structs:
  - struct: example
    doc: A struct that holds the state.
    fields:
      - {{name: state, type: u32, access: rw, states: example_state, doc: state}}
""",
)
def state_access(interface: Interface) -> Iterator[Finding]:
    """User space can write the member of a state that it sets, and read that of one that the driver sets."""
    for machine in interface.machines:
        member = machine.field.member if machine.field else None
        access = member.access if isinstance(member, Field) else None
        wrong = {"user": Access.RO, "driver": Access.WO}[machine.set_by]
        if member and access is wrong:
            verb, other = ("write", "wo") if wrong is Access.RO else ("read", "ro")
            who = "user space" if machine.set_by == "user" else "the driver"
            yield Finding(
                f"{who} sets the state '{machine.name}', and user space cannot {verb} '{member.name}'",
                member.where("access"),
                f"write `access: rw` or `access: {other}`, or another `set-by:`",
                (machine, member),
                (Note("who sets it is said here", machine.where("set-by")),),
            )


@rule(
    "unreachable-state",
    why="""A driver is written by the list of transitions, and a test walks along it: a state that was
    forgotten there is refused for good.""",
    bad=f"""
states:{_STATES}      - {{name: DONE, value: 2, doc: Done}}{_GO}      - {{from: DONE, to: IDLE, label: begin}}
""",
    good=f"""
states:{_STATES}      - {{name: DONE, value: 2, doc: Done}}{_GO}      - {{from: BUSY, to: DONE, label: end}}
      - {{from: DONE, to: IDLE, label: begin anew}}
""",
)
def unreachable_state(interface: Interface) -> Iterator[Finding]:
    """On each device that has it, requests lead to each state but those of errors.

    Where other requests are unspecified (`otherwise:`), it is enough that a transition mentions the state.
    """
    for machine in interface.machines:
        after = successors(machine)
        entered = reached(after, _entered(machine))
        if machine.otherwise is Verdict.UNSPECIFIED:
            entered |= {state.name for arc in machine.arcs for state in (arc.source, arc.target)}
        missing = [state for state in machine.states if state.name not in entered]
        if missing:
            yield from _unreachable(machine, missing, _first_ones(after, missing))
        if machine.otherwise is not Verdict.UNSPECIFIED and not contradicts_itself(machine):
            yield from _unreachable_with(machine, {state.name for state in missing})


def _unreachable_with(machine: Machine, said: set[str]) -> Iterator[Finding]:
    """States that the device has and cannot come to, for want of the features of others, or by a block."""
    for features in feature_sets(machine):
        entered = entered_with(machine, features)
        for state in machine.states:
            if not supports(features, state) or state.name in entered or state.name in said:
                continue
            said.add(state.name)
            ways = [
                (current, walk(machine, features, current, state))
                for current in machine.states
                if current.name in entered
            ]
            # A walk that goes round, or ends at a block on its way, is a mistake of its own.
            if any(way.end is End.LOOPS or (way.end is End.BLOCKED and way.steps) for _, way in ways):
                continue
            blocked = {current.name for current, way in ways if way.end is End.BLOCKED}
            pairs = machine.paths.blocked if machine.paths else ()
            steps = "" if machine.paths and machine.paths.skip_unsupported else _STEP_OVER
            yield Finding(
                f"{with_features(machine, features)}no request leads to the state '{state.name}'",
                state.where("name"),
                f"add a transition between states that such a device has{steps}"
                + (", or take a block out" if blocked else ""),
                (machine, state),
                tuple(
                    Note("it is blocked here", pair.origin.span)
                    for pair in pairs
                    if pair.source.name in blocked and pair.target is state
                ),
            )


_STEP_OVER = ", or write `paths:` with `unsupported: stepped-over`"


def _unreachable(machine: Machine, missing: list[State], first: set[str]) -> Iterator[Finding]:
    """What to say of the states that nothing leads to; ``first`` are those that lead to all others.

    A part that is in no other state is said once, what is left in one finding.
    """
    if machine.encoding == "bits":
        yield from (_no_way_to(machine, state, state) for state in missing if state.name in first)
        return
    unreached = {state.name for state in missing}
    of: dict[str, list[str]] = {}
    for state in machine.states:
        for name in state.parts if state.kind != "error" else ():
            of.setdefault(name, []).append(state.name)
    for part in (part for part in machine.parts if part.name in of):
        if unreached.issuperset(of[part.name]) and not first.isdisjoint(of[part.name]):
            yield _no_way_to(machine, part, part)
            first = first.difference(of[part.name])
    rest = [state for state in missing if state.name in first]
    if rest:
        names = [f"'{state.name}'" for state in rest[:_FEW]]
        more = [f"{len(rest) - _FEW} more"] if len(rest) > _FEW else []
        yield Finding(
            f"no transition leads to {listing([*names, *more], 'or')}",
            machine.where("transitions"),
            "add transitions; where not every combination is a state, write `bits:` with `combinations:`",
            (machine,),
        )


_FEW = 4


def _no_way_to(machine: Machine, what: State | StatePart, element: Element) -> Finding:
    if isinstance(what, StatePart) and what.kind == "modifier":
        message = f"no transition leads to a state with '{what.name}'"
        help_ = f"add one: `- {{from: ..., to: ...+{what.name}, label: ...}}`"
    else:
        message = f"no transition leads to the state '{what.name}'"
        help_ = f"add one: `- {{from: ..., to: {what.name}, label: ...}}`"
    return Finding(message, element.where(), help_, (machine, element))


def _entered(machine: Machine) -> Iterator[str]:
    """The states that are entered without a request."""
    yield from (each.name for each in (machine.initial, machine.reset, machine.close) if each)
    yield from (state.name for state in machine.states if state.kind == "error")


def _first_ones(after: Mapping[str, list[str]], missing: list[State]) -> set[str]:
    """States that lead to all of these: an error is not to be said of what is only behind another."""
    targets = {name for source in missing for name in after.get(source.name, ())}
    first: set[str] = set()
    found: set[str] = set()
    for state in sorted(missing, key=lambda each: each.name in targets):
        if state.name not in found:
            first.add(state.name)
            spread(after, state.name, found)
    return first


@rule(
    "dead-end-state",
    why="""A device in a state that nothing leads out of is lost to its user until the machine is switched
    off.""",
    bad=f"""
states:{_STATES}{_GO.replace("    reset: IDLE", "")}
""",
    good=f"""
states:{_STATES}{_GO.replace("    reset: IDLE", "")}      - {{from: BUSY, to: IDLE, label: stop}}
""",
)
def dead_end_state(interface: Interface) -> Iterator[Finding]:
    """On each device that has it, each state can be left: by a request, by a reset or by the last close."""
    for machine in interface.machines:
        if machine.reset or machine.close or machine.otherwise is Verdict.UNSPECIFIED:
            continue
        if contradicts_itself(machine):
            continue
        said: set[tree.Mapping] = set()
        after = successors(machine)
        # What is so on every device is said without features.
        whole = needed_features(machine)
        for features in (frozenset(whole), *feature_sets(machine)):
            entered = entered_with(machine, features)
            for state in machine.states:
                if state.name not in entered or state.origin in said:
                    continue
                if not _can_be_left(machine, features, state):
                    said.add(state.origin)
                    always = state.name not in after
                    yield Finding(
                        f"{'' if always else with_features(machine, features)}nothing leads out of the state"
                        f" '{state.name}'",
                        state.origin.where(),
                        "add a transition from it, or say with `reset:` which state a reset leads to",
                        (machine, state),
                    )


def _can_be_left(machine: Machine, features: frozenset[str], state: State) -> bool:
    """Whether a request leads out of the state, or there is no other one to ask for."""
    others = [
        other
        for other in machine.states
        if other.name != state.name and other.kind != "error" and supports(features, other)
    ]
    if not others:
        return state.kind != "error"
    return any(verdict(machine, features, state, other) is Verdict.ACCEPTED for other in others)
