"""Rules on actions: who may touch a buffer, and what starts the driver."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.model import Interface, Protocol, Step
from uapigen.rules.examples import ACTIONS
from uapigen.rules.rule import Finding, rule


@rule(
    "action-mismatch",
    why="""The posted text told user space to write GET_BUFFER where SET_BUFFER was meant, and did not say
    at all what makes the driver fill the bitmap (review, D1 and D5).""",
    bad=ACTIONS
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
    good=ACTIONS
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
