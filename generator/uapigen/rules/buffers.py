"""Rules on what the steps of operations do with actions and buffers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from uapigen.diagnostics import Note, Severity
from uapigen.model import Interface, Operation, Region, State, Step, Trigger
from uapigen.rules.examples import ACTIONS, FILL, GET, READ, SET, STATE, STATES
from uapigen.rules.rule import Finding, rule

_IN_STATES = (
    ACTIONS.replace("value: GET, fills: DATA", "value: GET, fills: DATA, in: [IDLE]").replace(
        "enums:\n", f"{STATE}enums:\n"
    )
    + STATES
    + GET
    + "    fails:\n      - {outside: [STATE], errno: EBUSY}\n"
    + SET
)


@rule(
    "action-mismatch",
    why="""The posted text told user space to write GET_BUFFER where SET_BUFFER was meant, and did not say
    at all what makes the driver fill the bitmap (review, D1 and D5).""",
    bad=ACTIONS + GET + SET.replace("value: SET", "value: GET"),
    good=ACTIONS + GET + SET,
)
def action_mismatch(interface: Interface) -> Iterator[Finding]:
    """A driver fills or loads a region after a write that the actions say starts just that."""
    triggers = _by_path(interface)
    for operation in interface.operations:
        started: set[tuple[str, str]] = set()
        for step in operation.steps:
            started |= {(each.effect, each.region.name) for each in _starts(triggers, step)}
            if step.verb not in {"fill", "load"} or step.region is None:
                continue
            if (f"{step.verb}s", step.region.name) not in started:
                yield Finding(
                    f"nothing makes the driver {step.verb} region '{step.region.name}' here",
                    step.origin.where(),
                    _way_out(interface, operation, step.verb, step.region),
                    (operation,),
                )


def _by_path(interface: Interface) -> Mapping[str, list[Trigger]]:
    """The triggers by the member whose write starts them."""
    found: dict[str, list[Trigger]] = {}
    for trigger in interface.protocol.triggers if interface.protocol else ():
        found.setdefault(trigger.field.path, []).append(trigger)
    return found


def _starts(triggers: Mapping[str, list[Trigger]], step: Step) -> Iterator[Trigger]:
    """What a step starts: nothing where it is no write of user space."""
    if step.by == "user" and step.verb == "write" and step.field:
        for trigger in triggers.get(step.field.path, ()):
            if trigger.value is None or (step.value and trigger.value.name == step.value.name):
                yield trigger


def _way_out(interface: Interface, operation: Operation, verb: str, region: Region) -> str:
    trigger = next(_on(interface, verb, region), None)
    if trigger:
        return f"before it, `{_start(trigger)}`"
    protocol = interface.protocol
    write = next((each for each in operation.steps if each.by == "user" and each.field), None)
    field = write.field.path if write and write.field else "MEMBER"
    value = f", value: {write.value.name}" if write and write.value else ""
    category = protocol.triggers[0].category if protocol and protocol.triggers else "data"
    new = (
        f"{{trigger: {operation.name}, field: {field}{value}, {verb}s: {region.name}, category: {category}}}"
    )
    where = "" if write else ", with the member whose write starts it"
    if protocol:
        return f"add `- {new}` to the `triggers:`{where}"
    owner = "owner: {before: user, during: driver, after: user}"
    return f"add `actions: {{{owner}, triggers: [{new}]}}` to the spec{where}"


def _on(interface: Interface, verb: str, region: Region) -> Iterator[Trigger]:
    """The triggers that make the driver fill, or load, a region."""
    for trigger in interface.protocol.triggers if interface.protocol else ():
        if (trigger.effect, trigger.region) == (f"{verb}s", region):
            yield trigger


def _start(trigger: Trigger) -> str:
    """The step that starts an action."""
    value = f"value: {trigger.value.name}" if trigger.value else "argument: value"
    return f"- {{by: user, do: write, field: {trigger.field.path}, {value}}}"


@rule(
    "action-without-step",
    why="""The steps are what a driver is written by and a test runs; after the write, they have to say what
    the driver does.""",
    bad=ACTIONS + GET.replace(FILL, "") + SET,
    good=ACTIONS + GET + SET,
)
def action_without_step(interface: Interface) -> Iterator[Finding]:
    """Behind a write that starts an action, the driver fills or loads the region."""
    triggers = _by_path(interface)
    for operation in interface.operations:
        # A step on the region that does not fit the action is said to be that.
        moved = {step.region for step in operation.steps if step.by == "driver"}
        for step in operation.steps:
            for trigger in _starts(triggers, step):
                if trigger.region not in moved:
                    verb = trigger.effect.removesuffix("s")
                    yield Finding(
                        f"the write starts '{trigger.name}', and no step {verb}s region "
                        f"'{trigger.region.name}'",
                        step.origin.where(),
                        f"add `- {{by: driver, do: {verb}, region: {trigger.region.name}, data: ...}}` below",
                        (operation,),
                        (Note("the action is here", trigger.where()),),
                    )


@rule(
    "unused-trigger",
    severity=Severity.WARNING,
    why="""An action that no operation shows is one that every user has to guess the use of.""",
    bad=ACTIONS + GET,
    good=ACTIONS + GET + SET,
)
def unused_trigger(interface: Interface) -> Iterator[Finding]:
    """Where there are operations, one starts each action."""
    triggers = _by_path(interface)
    steps = [step for operation in interface.operations for step in operation.steps]
    started = {trigger for step in steps for trigger in _starts(triggers, step)}
    # What the caller gives may be any value; a step without the write before it is said to be that.
    given = {step.field.path for step in steps if step.argument and step.field}
    moved = {(f"{step.verb}s", step.region) for step in steps if step.by == "driver"}
    for trigger in interface.protocol.triggers if interface.protocol and steps else ():
        is_known = trigger in started or (trigger.effect, trigger.region) in moved
        if not is_known and trigger.field.path not in given:
            yield Finding(
                f"no operation starts the action '{trigger.name}'",
                trigger.where(),
                "add the operation that does, or take the action out",
                (trigger,),
            )


@rule(
    "action-states",
    why="""The action and the operation say in which states it is allowed; a driver can keep to one of two
    statements that contradict each other (review, D2).""",
    bad=_IN_STATES.replace("[STATE]", "[BUSY]"),
    good=_IN_STATES.replace("[STATE]", "[IDLE]"),
)
def action_states(interface: Interface) -> Iterator[Finding]:
    """An operation fails outside the states in which the action that it starts is allowed (`in:`)."""
    triggers = _by_path(interface)
    for operation in interface.operations:
        outside = [failure for failure in operation.failures if failure.test == "outside"]
        moved = {(f"{step.verb}s", step.region) for step in operation.steps if step.by == "driver"}
        for step in operation.steps:
            for trigger in _starts(triggers, step):
                allowed = _names(trigger.states)
                # An action that the operation does not go on with is said to be that.
                is_right = any(_names(each.states) == allowed for each in outside)
                if not allowed or is_right or (trigger.effect, trigger.region) not in moved:
                    continue
                states = f"[{', '.join(state.name for state in trigger.states)}]"
                if outside:
                    message = f"'{trigger.name}' is allowed in {states}, and the operation fails elsewhere"
                    span, help_ = outside[0].origin.where("outside"), f"write `outside: {states}`"
                else:
                    message = f"'{trigger.name}' is allowed in {states} only, and nothing says how it fails"
                    span = step.origin.where()
                    help_ = f"add to its `fails:` an entry `{{outside: {states}, errno: ...}}`"
                notes = (Note("the action is here", trigger.where("in")),)
                yield Finding(message, span, help_, (operation, trigger), notes)


def _names(states: tuple[State, ...]) -> frozenset[str]:
    return frozenset(state.name for state in states)


@rule(
    "buffer-order",
    why="""What is read before it is filled is what an action before left there; what is loaded before it is
    written, too.""",
    bad=ACTIONS + GET.replace(FILL, "").replace(READ, READ + FILL) + SET,
    good=ACTIONS + GET + SET,
)
def buffer_order(interface: Interface) -> Iterator[Finding]:
    """In an operation, a region is filled before it is read, and written before it is loaded."""
    for operation in interface.operations:
        for first, then, said in (("fill", "read", "filled"), ("write", "load", "written")):
            done: set[Region] = set()
            early: dict[Region, Step] = {}
            for step in operation.steps:
                if step.region and step.verb == then and step.region not in done:
                    early.setdefault(step.region, step)
                elif step.region and step.verb == first:
                    done.add(step.region)
            for region, step in early.items():
                if region in done:
                    yield Finding(
                        f"region '{region.name}' is {then} before it is {said}"
                        if then == "read"
                        else f"region '{region.name}' is loaded before it is {said}",
                        step.origin.where(),
                        f"move the step behind the one that {first}s the region",
                        (operation,),
                    )


@rule(
    "buffer-flow",
    severity=Severity.WARNING,
    why="""Data that one side puts into a region and the other never takes moves nowhere; data that nobody put
    there is not to be had.""",
    bad=ACTIONS + GET.replace(READ, "") + SET,
    good=ACTIONS + GET + SET,
)
def buffer_flow(interface: Interface) -> Iterator[Finding]:
    """In the operations together, what is filled is read, what is written is loaded, and the reverse."""
    triggers = _by_path(interface)
    first: dict[tuple[str, Region], tuple[Step, Operation]] = {}
    for operation in interface.operations:
        for step in operation.steps:
            if step.region and step.region.holds:
                first.setdefault((step.verb, step.region), (step, operation))
        # Where a step of the driver is missing, that is what is said, and not this.
        for step in operation.steps:
            for trigger in _starts(triggers, step):
                first.setdefault((trigger.effect.removesuffix("s"), trigger.region), (step, operation))
    for (verb, region), (step, operation) in first.items():
        other, message = _COUNTERPARTS.get(verb, ("", ""))
        # A step that the other side would take is said to be that.
        is_taken = step.by == ("user" if step.verb in {"read", "write"} else "driver")
        if other and is_taken and (other, region) not in first:
            message, help_ = message.format(region.name), _missing(interface, other, region)
            yield Finding(message, step.origin.where(), help_, (operation,))


def _missing(interface: Interface, verb: str, region: Region) -> str:
    """Where the step goes that the other side takes, and what starts it where the driver does."""
    if verb in {"read", "write"}:
        place = "below it" if verb == "read" else "above the write that starts this"
        return f"add `- {{by: user, do: {verb}, region: {region.name}}}` {place}"
    place = "above it" if verb == "fill" else "below it"
    step = f"- {{by: driver, do: {verb}, region: {region.name}, data: data}}"
    trigger = next(_on(interface, verb, region), None)
    start = f"`{_start(trigger)}`" if trigger else "the write that starts it"
    return f"add {start} and `{step}` {place}; or name the region that was meant"


_COUNTERPARTS = {
    "fill": ("read", "region '{}' is filled, and no operation reads it"),
    "read": ("fill", "region '{}' is read, and no operation fills it"),
    "write": ("load", "region '{}' is written, and no operation loads it"),
    "load": ("write", "region '{}' is loaded, and no operation writes it"),
}
