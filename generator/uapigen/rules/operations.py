"""Rules on the steps of operations."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.diagnostics import Note, Severity
from uapigen.model import Field, Interface, Machine, MemberRef, Operation, Step
from uapigen.presence import announced_by, flag_name
from uapigen.rules.examples import ACTIONS, CTL, FILL, GET, SET, STATE, STATES, VERSION
from uapigen.rules.rule import Finding, rule
from uapigen.wording import listing


@rule(
    "step-access",
    why="""User space follows the steps; a step that the access of the member forbids fails, or reads
    zeros.""",
    bad=CTL + VERSION.replace("version", "action"),
    good=CTL + VERSION,
)
def step_access(interface: Interface) -> Iterator[Finding]:
    """What a step reads or answers is readable, what it writes or takes is writable."""
    # A member that cannot be written and starts an action is said where the action is.
    triggers = interface.protocol.triggers if interface.protocol else ()
    said = {(trigger.field.path, "write") for trigger in triggers}
    for operation in interface.operations:
        for step in operation.steps:
            ref = step.field
            wanted = _ACCESS.get(step.verb, "") if step.verb in _VERBS[step.by] else ""
            if ref and wanted and (ref.path, wanted) not in said and not _allows(ref, wanted):
                said.add((ref.path, wanted))
                access = ref.member.origin.where("access")
                yield Finding(
                    f"user space cannot {wanted} '{ref.path}': its access is {_FORBIDS[wanted]}",
                    step.origin.where("field"),
                    "name another member, or change the access of this one",
                    (operation,),
                    (Note("the member is declared here", access),),
                )


def _allows(ref: MemberRef, wanted: str) -> bool:
    """Whether the access of a member allows that user space does what is wanted."""
    access = ref.member.access if isinstance(ref.member, Field) else None
    return access is None or (access.readable if wanted == "read" else access.writable)


_FORBIDS = {"read": "wo", "write": "ro"}
_ACCESS = {"read": "read", "answer": "read", "write": "write", "take": "write", "enter": "write"}


@rule(
    "step-incomplete",
    why="""A program runs the steps: it has to know what is read, written, filled or loaded.""",
    bad=CTL + VERSION.replace(", field: version", ""),
    good=CTL + VERSION,
)
def step_incomplete(interface: Interface) -> Iterator[Finding]:
    """Each step names what its verb acts on, and the verb is one of who acts."""
    for operation in interface.operations:
        for step in operation.steps:
            missing = _missing(step)
            if missing:
                yield Finding(
                    f"the step '{step.by}: {step.verb}' {missing[0]}",
                    step.origin.where(),
                    missing[1],
                    (operation,),
                )


_VERBS = {"user": ("read", "write"), "driver": ("answer", "take", "enter", "freeze", "fill", "load")}
_NEEDS = {"answer": "field", "take": "field", "enter": "field", "freeze": "data", "fill": "region"}


def _missing(step: Step) -> tuple[str, str] | None:
    """What a step lacks, and the way out; None where it is complete."""
    if step.verb not in _VERBS[step.by]:
        verbs = (f"`{verb}`" for verb in _VERBS[step.by])
        return (f"is none that the {step.by} can take", f"the {step.by} can {listing(verbs, 'or')}")
    keys = step.origin.entries
    if step.by == "user":
        if ("field" in keys) == ("region" in keys):
            return ("does not say which member or region", "add either `field:` or `region:`")
        if step.verb == "write" and "field" in keys and not {"value", "argument"} & {*keys}:
            return ("does not say what is written", "add `value:` with a name, or `argument:`")
        return None
    need = _NEEDS.get(step.verb, "region")
    if need not in keys:
        return (f"does not say which {need}", f"add `{need}:`")
    return None


@rule(
    "operation-needs",
    why="""User space calls what the capabilities promise; a step on what a device may lack has to be
    announced.""",
    bad=ACTIONS + GET.replace("    needs: cap.DATA\n", "") + SET,
    good=ACTIONS + GET + SET,
)
def operation_needs(interface: Interface) -> Iterator[Finding]:
    """An operation on a region or member that a flag announces says `needs:` that flag."""
    for operation in interface.operations:
        for step in operation.steps:
            region = flag_name(step.region.present) if step.region else None
            needed = region or (announced_by(step.field) if step.field else None)
            if needed and needed != flag_name(operation.needs):
                what = f"region '{step.region.name}'" if region and step.region else "the member"
                yield Finding(
                    f"{what} exists with '{needed}' only, and the operation does not need that",
                    step.origin.where(),
                    f"add `needs: {needed}` to the operation",
                    (operation,),
                )
                break


_ENTER = (
    CTL.replace("enums:\n", f"{STATE}enums:\n")
    + STATES
    + """
operations:
  - operation: set state
    number: 1
    steps:
      - {by: user, do: write, field: FIELD, argument: state}
      - {by: driver, do: enter, field: FIELD}
"""
)


@rule(
    "enter-without-states",
    why="""The driver enters the state that a member holds; of another member, nobody knows what the state
    would be.""",
    bad=_ENTER.replace("FIELD", "action"),
    good=_ENTER.replace("FIELD", "state"),
)
def enter_without_states(interface: Interface) -> Iterator[Finding]:
    """A step `do: enter` is on a member that holds the state of a machine (`states:`)."""
    for operation in interface.operations:
        for step in operation.steps:
            member = step.field.member if step.field else None
            if step.verb == "enter" and step.field and not (isinstance(member, Field) and member.machine):
                yield Finding(
                    f"'{step.field.path}' holds no state that the driver could enter",
                    step.origin.where("field"),
                    "name the member that has `states:`",
                    (operation,),
                )


_VERSION = (
    CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
      - {by: driver, do: answer, field: FIELD, data: version}
"""
)


@rule(
    "step-without-cause",
    why="""A driver acts when user space accesses a member: it answers what was read, and takes what was
    written.""",
    bad=_VERSION.replace("FIELD", "caps"),
    good=_VERSION.replace("FIELD", "version"),
)
def step_without_cause(interface: Interface) -> Iterator[Finding]:
    """The driver answers, takes and enters members that user space read or wrote before in the operation."""
    for operation in interface.operations:
        done: list[tuple[str, MemberRef]] = []
        for step in operation.steps:
            cause = "read" if step.verb == "answer" else "write"
            if step.field and step.by == "user":
                done.append((step.verb, step.field))
            elif step.field and step.verb in _CAUSED:
                # What user space cannot do at all is said to be that.
                is_done = any(verb == cause and _is_within(step.field, ref) for verb, ref in done)
                if is_done or not _allows(step.field, cause):
                    continue
                what = ", argument: ..." if cause == "write" else ""
                yield Finding(
                    f"user space did not {cause} '{step.field.path}' before this step",
                    step.origin.where("field"),
                    f"add `- {{by: user, do: {cause}, field: {step.field.path}{what}}}` above it",
                    (operation,),
                )


_CAUSED = {"answer", "take", "enter"}


def _is_within(one: MemberRef, other: MemberRef) -> bool:
    return f"{one.path}.".startswith(f"{other.path}.") or f"{other.path}.".startswith(f"{one.path}.")


@rule(
    "step-key",
    why="""What a step says and nothing looks at is believed by the reader and done by nobody.""",
    bad=_VERSION.replace("FIELD", "version").replace(
        "do: read, field: version", "do: read, field: version, argument: it"
    ),
    good=_VERSION.replace("FIELD", "version"),
)
def step_key(interface: Interface) -> Iterator[Finding]:
    """A step has no key that means nothing for its verb."""
    for operation in interface.operations:
        for step in operation.steps:
            taken = _taken(step)
            for key, (name, _) in step.origin.entries.items():
                if taken and key not in taken:
                    on = " on a region" if step.region and step.by == "user" else ""
                    yield Finding(
                        f"`{key}:` means nothing in a step '{step.by}: {step.verb}'{on}",
                        name.span,
                        "remove it",
                        (operation,),
                    )


def _taken(step: Step) -> frozenset[str]:
    """The keys that mean something in a step; none where nobody knows (`step-incomplete` says why)."""
    if step.verb not in _VERBS[step.by] or (step.by == "user" and step.field and step.region):
        return frozenset()
    keys = _KEYS.get(step.verb, "")
    if step.by == "user":
        keys = "region length" if step.region else "field value argument" if step.verb == "write" else "field"
    return frozenset(("by", "do", "in", "doc", *keys.split()))


_KEYS = {
    "answer": "field data",
    "take": "field data",
    "enter": "field",
    "freeze": "data",
    "fill": "region data length",
    "load": "region data length",
}


def _filled(one: str, other: str) -> str:
    """The example with a region that is filled with one thing or the other."""
    first = FILL.replace("data: data", f"data: data, in: {one}")
    second = FILL.replace("data: data", f"data: nothing, in: {other}")
    text = ACTIONS.replace("enums:\n", f"{STATE}enums:\n") + STATES
    return text + GET.replace(FILL, first + second) + SET


@rule(
    "step-states",
    why="""Where a step is taken in some states only, a driver has to know what is done in the others; two
    steps for one state contradict each other (review, D2: two statements on when the bitmap exists).""",
    bad=_filled("[IDLE, BUSY]", "[BUSY]"),
    good=_filled("[IDLE]", "[BUSY]"),
)
def step_states(interface: Interface) -> Iterator[Finding]:
    """Steps that answer one member, fill or load one region have one of them for each state (`in:`)."""
    machine_of = {state.name: machine for machine in interface.machines for state in machine.states}
    for operation in interface.operations:
        groups: dict[tuple[str, str], list[Step]] = {}
        for step in operation.steps:
            target = step.field.path if step.field else step.region.name if step.region else ""
            if step.states and step.verb in {"answer", "fill", "load"}:
                groups.setdefault((step.verb, target), []).append(step)
        for (verb, target), steps in groups.items():
            yield from _one_for_each_state(operation, verb, target, steps, machine_of)


def _one_for_each_state(
    operation: Operation, verb: str, target: str, steps: list[Step], machine_of: dict[str, Machine]
) -> Iterator[Finding]:
    seen: dict[str, Step] = {}
    for step in steps:
        twice = [state.name for state in step.states if state.name in seen]
        if twice:
            yield Finding(
                f"two steps {verb} '{target}' in {listing(twice, 'and')}",
                step.origin.where("in"),
                "name each state in one of them",
                (operation,),
                (Note("the other one is here", seen[twice[0]].origin.where("in")),),
            )
        for state in step.states:
            seen.setdefault(state.name, step)
    allowed = {state.name for each in operation.failures if each.test == "outside" for state in each.states}
    needed = [
        state.name
        for state in machine_of[steps[0].states[0].name].states
        if state.kind != "error" and (not allowed or state.name in allowed)
    ]
    missing = [name for name in needed if name not in seen]
    if missing:
        yield Finding(
            f"no step says how to {verb} '{target}' in {listing(missing[:_FEW], 'and')}",
            steps[-1].origin.where("in"),
            "add a step for these states, or let the operation fail there (`outside:`)",
            (operation,),
        )


_FEW = 4


@rule(
    "operation-numbers",
    severity=Severity.WARNING,
    why="""Mails and documents speak of operations by their numbers; a gap looks like an operation that was
    lost.""",
    bad=_VERSION.replace("FIELD", "version").replace("number: 1", "number: 2"),
    good=_VERSION.replace("FIELD", "version"),
    binds_existing=False,
)
def operation_numbers(interface: Interface) -> Iterator[Finding]:
    """The operations are numbered from 1 on, in their order and without a gap."""
    seen = {0}
    before = 0
    for operation in interface.operations:
        if operation.number != before + 1 and operation.number not in seen:
            yield Finding(
                f"the operation '{operation.name}' has the number {operation.number}, and "
                + (f"the one before it {before}" if before else "it is the first"),
                operation.where("number"),
                f"write `number: {before + 1}`, and go on from there",
                (operation,),
            )
        before = operation.number
        seen.add(before)
