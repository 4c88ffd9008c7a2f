"""Rules on what fails, and with which error."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from uapigen import tree
from uapigen.diagnostics import Note
from uapigen.model import (
    Element,
    Failure,
    Field,
    Interface,
    Machine,
    Member,
    MemberRef,
    Operation,
    ScalarType,
)
from uapigen.resolve.operations import COMPARISONS, TESTS
from uapigen.resolve.reading import text
from uapigen.rules.examples import CTL, STATE, STATES, VERSION
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.wording import closest


@rule(
    "unknown-errno",
    why="""Programs compare with the symbols of errno.h; one that is not there does not compile
    (botching-up-ioctls.rst: choose errors with care, each says something else to its reader).""",
    bad=CTL + VERSION + "    fails:\n      - {without: cap.DATA, errno: EINVL}\n",
    good=CTL + VERSION + "    fails:\n      - {without: cap.DATA, errno: EINVAL}\n",
)
def unknown_errno(interface: Interface) -> Iterator[Finding]:
    """An error is a symbol of errno.h that user space can see."""
    said: list[tuple[str, Span, tuple[Element, ...]]] = [
        (machine.errno, machine.where("errno"), (machine,)) for machine in interface.machines
    ]
    for operation in interface.operations:
        said += [(each.errno, each.origin.where("errno"), (operation,)) for each in operation.failures]
    for region in interface.region_type.regions if interface.region_type else ():
        section = region.origin.get("access")
        if region.access and isinstance(section, tree.Mapping):
            said.append((region.access.errno, section.where("errno"), (region,)))
    known = set(errno.errorcode.values()) | {"EWOULDBLOCK", "ENOTSUP"}
    for symbol, span, elements in said:
        if symbol not in known:
            meant = _IN_THE_KERNEL.get(symbol) or closest(symbol, sorted(known))
            help_ = f"did you mean `{meant}`?" if meant else "write a symbol of errno.h, such as EINVAL"
            yield Finding(f"there is no error '{symbol}' in errno.h", span, help_, elements)


_IN_THE_KERNEL = {
    "ENOTSUPP": "EOPNOTSUPP",
    "ENOIOCTLCMD": "ENOTTY",
    "EPROBE_DEFER": "EAGAIN",
    **dict.fromkeys(("ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK"), "EINTR"),
}
"""Errors that the kernel keeps to itself (linux/errno.h), and what user space gets in their place."""


_SIZE = "doc: what to do}\n      - {name: size, type: u32, access: rw, doc: bytes}"
_OPERATION = """
operations:
  - operation: set size
    number: 1
    steps:
      - {by: user, do: write, field: FIELD, argument: it}
    fails:
      - {CONDITION, errno: EINVAL}
"""
_FAILS = CTL.replace("enums:\n", f"{STATE}enums:\n").replace("doc: what to do}", _SIZE) + STATES + _OPERATION
_SIZED = _FAILS.replace("FIELD", "size")


@rule(
    "failure-condition",
    why="""A driver checks for each failure and a test provokes it; both need one condition.""",
    bad=_SIZED.replace("CONDITION", "above: 4096"),
    good=_SIZED.replace("CONDITION", "field: size, above: 4096"),
)
def failure_condition(interface: Interface) -> Iterator[Finding]:
    """A failure has one condition; conditions on a value name the member, others none."""
    for operation in interface.operations:
        for failure in operation.failures:
            keys = failure.origin.entries
            tests = [key for key in keys if key in TESTS]
            if not tests:
                message, key = "the failure has no condition", ""
                member = failure.field.member if failure.field else None
                help_ = f"add one, such as `{_condition(member)}`" + ("" if member else " with `field:`")
            elif len(tests) > 1:
                message, key = f"the failure has two conditions: `{tests[0]}:` and `{tests[1]}:`", tests[1]
                help_ = "make two failures of it, each with its errno"
            elif failure.test == "unset" and text(failure.origin, "unset") != "true":
                message, key = "`unset: false` is no condition", "unset"
                help_ = "write `unset: true`, or remove the failure"
            elif failure.test in _OF_A_MEMBER and not failure.field:
                message, key = f"`{failure.test}:` is a condition on a member, and there is no `field:`", ""
                help_ = "add `field:` with the path of the member"
            elif failure.test not in _OF_A_MEMBER and failure.field:
                message, key = f"`{failure.test}:` is no condition on a member", "field"
                help_ = "remove `field:`"
            else:
                continue
            yield Finding(message, failure.origin.where(key or None), help_, (operation,))


def _condition(member: Member | None) -> str:
    """A condition that suits a member."""
    taken = (member.machine or member.enumeration) if isinstance(member, Field) else None
    if taken is None:
        return "above: 4096"
    return f"not-in: {taken if isinstance(taken, str) else taken.name}"


_OF_A_MEMBER = frozenset((*COMPARISONS, "not-in", "unset"))


@rule(
    "failure-values",
    why="""A value is checked against the list of the member that it is written to; against another list,
    right values fail and wrong ones do not.""",
    bad=_FAILS.replace("CONDITION", "field: action, not-in: cap").replace("FIELD", "action"),
    good=_FAILS.replace("CONDITION", "field: action, not-in: action").replace("FIELD", "action"),
)
def failure_values(interface: Interface) -> Iterator[Finding]:
    """`not-in:` names the values or the states that the member takes."""
    for operation in interface.operations:
        for failure in operation.failures:
            member, operand = failure.field.member if failure.field else None, failure.operand
            if failure.test != "not-in" or operand is None or not isinstance(member, Field):
                continue
            taken = member.machine or (member.enumeration.name if member.enumeration else None)
            named = operand.machine or (operand.enumeration.name if operand.enumeration else None)
            if taken != named and failure.field:
                what = f"takes '{taken}'" if taken else "takes plain numbers"
                yield Finding(
                    f"'{failure.field.path}' {what}, not '{named}'",
                    failure.origin.where("not-in"),
                    f"write `not-in: {taken}`" if taken else "add `values:` or `states:` to the member",
                    (operation,),
                    (Note("the member is declared here", member.where()),),
                )


@rule(
    "constant-failure",
    why="""A condition that never holds cannot be tested, and one that always does leaves nothing of the
    operation.""",
    bad=_SIZED.replace("CONDITION", "field: size, above: 0xffffffff"),
    good=_SIZED.replace("CONDITION", "field: size, above: 0xfffffff0"),
)
def constant_failure(interface: Interface) -> Iterator[Finding]:
    """The condition of a failure holds sometimes, not always and not never."""
    states = {state.name: machine for machine in interface.machines for state in machine.states}
    freezes = any(step.verb == "freeze" for each in interface.operations for step in each.steps)
    for operation in interface.operations:
        for failure in operation.failures:
            if failure.test == "outside" and failure.states:
                machine = states[failure.states[0].name]
                named = {state.name for state in failure.states}
                why = "is never true: these are all states" if named >= _names(machine) else None
            elif failure.test == "not-frozen":
                why = None if freezes else "is always true: no step freezes anything"
            else:
                why = _constant(failure)
            if why:
                yield Finding(
                    f"`{failure.test}:` {why}",
                    failure.origin.where(failure.test),
                    "write a condition that is true sometimes, or remove the failure",
                    (operation,),
                )


def _names(machine: Machine) -> set[str]:
    return {state.name for state in machine.states}


def _constant(failure: Failure) -> str | None:
    """Why the comparison of a member is always or never true; None where it is neither."""
    field, operand = failure.field, failure.operand
    if field is None or operand is None:
        return None
    if operand.member and operand.member.path == field.path:
        return f"compares '{field.path}' with itself"
    type_ = field.member.type if isinstance(field.member, Field) else None
    if operand.number is None or not isinstance(type_, ScalarType):
        return None
    number, low, high = operand.number, type_.minimum, type_.maximum
    takes = f"'{field.path}' takes {low} to {high}"
    if failure.test == "not-multiple-of":
        return (
            f"is never true: everything is a multiple of {number}"
            if number == 1
            else ("divides by 0" if number == 0 else None)
        )
    never = {"above": number >= high, "at-or-above": number > high, "equals": not low <= number <= high}
    always = {"above": number < low, "at-or-above": number <= low}
    if never.get(failure.test):
        return f"is never true: {takes}"
    return f"is always true: {takes}" if always.get(failure.test) else None


@rule(
    "failure-elsewhere",
    why="""An operation fails for what it does; a value that another one writes is refused there.""",
    bad=_SIZED.replace("CONDITION", "field: action, equals: 0"),
    good=_SIZED.replace("CONDITION", "field: size, equals: 0"),
)
def failure_elsewhere(interface: Interface) -> Iterator[Finding]:
    """What a failure compares is written in its operation; what it finds unset, in some operation."""
    written = {ref.path for operation in interface.operations for ref in _written(operation)}
    for operation in interface.operations:
        here = {ref.path for ref in _written(operation)}
        for failure in operation.failures:
            path = failure.field.path if failure.field else ""
            if failure.test == "unset" and path and not _among(path, written):
                message, help_ = (
                    f"no operation writes '{path}': it is always unset",
                    "add the operation that does",
                )
            elif failure.test != "unset" and path and not _among(path, here):
                message = f"the operation does not write '{path}', and fails because of its value"
                help_ = "move the failure to the operation that writes it, or add the step"
            else:
                continue
            yield Finding(message, failure.origin.where("field"), help_, (operation,))


def _written(operation: Operation) -> Iterator[MemberRef]:
    for step in operation.steps:
        if step.field and step.verb == "write":
            yield step.field


def _among(path: str, paths: set[str]) -> bool:
    """Whether a member, or what it is in, is among these."""
    parts = path.split(".")
    return any(".".join(parts[:count]) in paths for count in range(1, len(parts) + 1))


@rule(
    "duplicate-failure",
    why="""For one condition there is one error: a program compares with it, and a driver gives one.""",
    bad=_SIZED.replace(
        "{CONDITION, errno: EINVAL}", "{FAILURE, errno: EINVAL}\n      - {FAILURE, errno: ERANGE}"
    ).replace("FAILURE", "field: size, above: 4096"),
    good=_SIZED.replace("{CONDITION, errno: EINVAL}", "{FAILURE, errno: EINVAL}").replace(
        "FAILURE", "field: size, above: 4096"
    ),
)
def duplicate_failure(interface: Interface) -> Iterator[Finding]:
    """An operation has each condition once."""
    for operation in interface.operations:
        seen: dict[object, Failure] = {}
        for failure in operation.failures:
            states = frozenset(state.name for state in failure.states)
            path = failure.field.path if failure.field else ""
            first = seen.setdefault((failure.test, path, failure.operand, states, failure.flag), failure)
            if first is not failure and failure.test:
                said = f", with {first.errno}" if first.errno != failure.errno else ""
                yield Finding(
                    f"the operation fails for this already{said}",
                    failure.origin.where(),
                    "remove one of the two",
                    (operation,),
                    (Note("the first one is here", first.origin.where()),),
                )
