"""Rules on the steps of operations."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.diagnostics import Note
from uapigen.model import Field, Group, Interface, Operation, Step, walk
from uapigen.rules.examples import CTL, DATA
from uapigen.rules.rule import Finding, rule
from uapigen.wording import listing


@rule(
    "step-access",
    why="""User space follows the steps; a step that the access of the member forbids fails, or reads
    zeros.""",
    bad=CTL
    + """
operations:
  - operation: get action
    number: 1
    steps:
      - {by: user, do: read, field: action}
""",
    good=CTL
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
            if step.by != "user" or step.verb not in _VERBS["user"]:
                continue
            if step.field is None or not isinstance(field, Field) or not field.access:
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
    bad=CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read}
""",
    good=CTL
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
    bad=DATA
    + """
operations:
  - operation: read data
    number: 1
    steps:
      - {by: user, do: read, region: DATA}
""",
    good=DATA
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
