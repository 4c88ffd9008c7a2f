"""Rules on regions, actions and operations."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from uapigen import tree
from uapigen.diagnostics import Note
from uapigen.model import Element, Field, Group, Interface, Operation, Protocol, Step, walk
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.wording import closest

_CTL = """
structs:
  - struct: example_ctl
    doc: The control region.
    fields:
      - {name: version, type: u32, access: ro, doc: version}
      - {name: action, type: u32, access: wo, values: action, doc: what to do}
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    values:
      - {name: GET, value: 1}
      - {name: SET, value: 2}
flags:
  - flags: cap
    prefix: EXAMPLE_CAP_
    values:
      - {name: DATA, value: 1}
regions:
  type: {name: EXAMPLE_TYPE, value: 1, doc: The regions.}
  prefix: EXAMPLE_REGION_
  subtypes:
    - {name: CTL, value: 1, present: always, layout: example_ctl, doc: Control.}
"""
_DATA = _CTL + "    - {name: DATA, value: 2, present: cap.DATA, doc: Data.}\n"
_ACTIONS = (
    _DATA
    + """
actions:
  owner: {before: user, during: driver, after: user}
  triggers:
    - {trigger: get, field: action, value: GET, fills: DATA, category: data}
    - {trigger: set, field: action, value: SET, loads: DATA, category: data}
"""
)


@rule(
    "capability-without-region",
    why="""A capability that announces no region, beside others that do, is a promise that a user waits for
    (review, I4: a region exists exactly when its capability is shown).""",
    bad=_DATA.replace("{name: DATA, value: 1}", "{name: DATA, value: 1}\n      - {name: MORE, value: 2}"),
    good=_DATA,
)
def capability_without_region(interface: Interface) -> Iterator[Finding]:
    """Where one flag of a set announces a region, each of the set does."""
    if interface.region_type is None:
        return
    announced = [region.present for region in interface.region_type.regions if region.present]
    for enumeration in {ref.enumeration.name: ref.enumeration for ref in announced}.values():
        used = {ref.value.name for ref in announced if ref.enumeration.name == enumeration.name}
        for value in enumeration.values:
            if value.name not in used:
                yield Finding(
                    f"the capability '{value.name}' announces no region",
                    value.where(),
                    f"add the region with `present: {enumeration.name}.{value.name}`, or take the flag out",
                    (enumeration, value),
                )


@rule(
    "step-access",
    why="""User space follows the steps; a step that the access of the member forbids fails, or reads
    zeros.""",
    bad=_CTL
    + """
operations:
  - operation: get action
    number: 1
    steps:
      - {by: user, do: read, field: action}
""",
    good=_CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
""",
)
def step_access(interface: Interface) -> Iterator[Finding]:
    """A step of user space reads what is readable and writes what is writable."""
    for operation in interface.operations:
        for step in operation.steps:
            field = step.field.member if step.field else None
            if step.by != "user" or step.field is None or not isinstance(field, Field) or not field.access:
                continue
            allowed = field.access.readable if step.verb == "read" else field.access.writable
            if not allowed:
                yield Finding(
                    f"user space cannot {step.verb} '{step.field.path}': its access is {field.access.value}",
                    step.origin.where("field"),
                    "name another member, or change the access of this one",
                    (operation,),
                    (Note("the member is declared here", field.where("access")),),
                )


@rule(
    "step-incomplete",
    why="""A program runs the steps: it has to know what is read, written, filled or loaded.""",
    bad=_CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read}
""",
    good=_CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
""",
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


@rule(
    "unknown-errno",
    why="""Programs compare with the symbols of errno.h; one that is not there does not compile
    (botching-up-ioctls.rst: choose errors with care, each says something else to its reader).""",
    bad=_CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
    fails:
      - {without: cap.DATA, errno: EINVL}
""",
    good=_CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
    fails:
      - {without: cap.DATA, errno: EINVAL}
""",
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
            meant = closest(symbol, sorted(known))
            help_ = f"did you mean `{meant}`?" if meant else "write a symbol of errno.h, such as EINVAL"
            yield Finding(f"there is no error '{symbol}' in errno.h", span, help_, elements)


_VERBS = {"user": ("read", "write"), "driver": ("answer", "take", "enter", "freeze", "fill", "load")}
_NEEDS = {"answer": "field", "take": "field", "enter": "field", "freeze": "data", "fill": "region"}


def _missing(step: Step) -> tuple[str, str] | None:
    """What a step lacks, and the way out; None where it is complete."""
    if step.verb not in _VERBS[step.by]:
        return ("is nothing that it does", f"the {step.by} can {', '.join(_VERBS[step.by])}")
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
    "action-mismatch",
    why="""The posted text told user space to write GET_BUFFER where SET_BUFFER was meant, and did not say
    at all what makes the driver fill the bitmap (review, D1 and D5).""",
    bad=_ACTIONS
    + """
operations:
  - operation: set data
    number: 1
    needs: cap.DATA
    steps:
      - {by: user, do: write, region: DATA}
      - {by: user, do: write, field: action, value: GET}
      - {by: driver, do: load, region: DATA, data: data}
""",
    good=_ACTIONS
    + """
operations:
  - operation: set data
    number: 1
    needs: cap.DATA
    steps:
      - {by: user, do: write, region: DATA}
      - {by: user, do: write, field: action, value: SET}
      - {by: driver, do: load, region: DATA, data: data}
""",
)
def action_mismatch(interface: Interface) -> Iterator[Finding]:
    """A driver fills or loads a region after a write that the actions say starts just that."""
    if interface.protocol is None:
        return
    for operation in interface.operations:
        for index, step in enumerate(operation.steps):
            if step.verb in {"fill", "load"} and step.region:
                started = _started(interface.protocol, operation.steps[:index])
                if (f"{step.verb}s", step.region.name) not in started:
                    yield Finding(
                        f"nothing makes the driver {step.verb} region '{step.region.name}' here",
                        step.origin.where(),
                        _way_out(interface.protocol, step),
                        (operation,),
                    )


def _started(protocol: Protocol, steps: tuple[Step, ...]) -> set[tuple[str, str]]:
    """What the writes among these steps start: effect and region."""
    writes = [step for step in steps if step.by == "user" and step.verb == "write" and step.field]
    return {
        (trigger.effect, trigger.region.name)
        for step in writes
        for trigger in protocol.triggers
        if step.field and trigger.field.path == step.field.path
        if trigger.value is None or (step.value and trigger.value.name == step.value.name)
    }


def _way_out(protocol: Protocol, step: Step) -> str:
    for trigger in protocol.triggers:
        if (trigger.effect, trigger.region) == (f"{step.verb}s", step.region):
            value = f", value: {trigger.value.name}" if trigger.value else ", argument: ..."
            return f"before it, `- {{by: user, do: write, field: {trigger.field.path}{value}}}`"
    return f"add a trigger with `{step.verb}s: {step.region.name if step.region else ''}` to the actions"


@rule(
    "operation-needs",
    why="""User space calls what the capabilities promise; a step on what a device may lack has to be
    announced.""",
    bad=_DATA
    + """
operations:
  - operation: read data
    number: 1
    steps:
      - {by: user, do: read, region: DATA}
""",
    good=_DATA
    + """
operations:
  - operation: read data
    number: 1
    needs: cap.DATA
    steps:
      - {by: user, do: read, region: DATA}
""",
)
def operation_needs(interface: Interface) -> Iterator[Finding]:
    """An operation on a region or member that a flag announces says `needs:` that flag."""
    for operation in interface.operations:
        for step in operation.steps:
            needed = _announced_by(step)
            if needed and needed not in {_needs(operation)}:
                yield Finding(
                    f"the step is on what only '{needed}' announces",
                    step.origin.where(),
                    f"add `needs: {needed}` to the operation",
                    (operation,),
                )
                break


def _needs(operation: Operation) -> str | None:
    ref = operation.needs
    return f"{ref.enumeration.name}.{ref.value.name}" if ref else None


def _announced_by(step: Step) -> str | None:
    ref = step.region.present if step.region else None
    if ref is None and step.field:
        for path, member in walk(step.field.struct.members):
            if isinstance(member, Group) and member.present and f"{step.field.path}.".startswith(f"{path}."):
                ref = member.present
    return f"{ref.enumeration.name}.{ref.value.name}" if ref else None
