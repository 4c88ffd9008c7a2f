"""Rules on what states are made of: base states, modifiers, bits and the features that they need."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from uapigen.diagnostics import Note, Severity
from uapigen.model import Interface, Machine
from uapigen.rules.rule import Finding, rule
from uapigen.wording import as_typed, listing

_STATES = """
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    values:
      - {name: IDLE, value: 0, doc: Idle.}
      - {name: BUSY, value: 1, doc: Busy.}
"""
_GO = """
    initial: IDLE
    reset: IDLE
    transitions:
      - {from: IDLE, to: BUSY, label: start}
"""
_MODIFIED = """
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: RUNNING
    transitions:
      - {{from: RUNNING, to: RUNNING+LOGGING, label: start logging}}
      - {{from: RUNNING+LOGGING, to: RUNNING, label: stop logging}}
    base:
      - {{name: RUNNING, value: 1, doc: Running.}}
    modifiers:
      - {{name: LOGGING, value: {}, doc: Logging.}}
"""


@rule(
    "overlapping-bits",
    why="""A modifier that has a bit of a base state cannot be told from it (review, R11: LOGGING is a
    modifier, and the value 2 is RUNNING with LOGGING).""",
    bad=f"""
states:{_MODIFIED.format(3)}
""",
    good=f"""
states:{_MODIFIED.format(2)}
""",
)
def overlapping_bits(interface: Interface) -> Iterator[Finding]:
    """Modifiers, and the bits that states are made of, share no bit and have one at least."""
    for machine in interface.machines:
        others = [part for part in machine.parts if part.kind != "modifier"]
        apart = [part for part in machine.parts if part.kind == "modifier"]
        if machine.encoding == "bits":
            others, apart = [], others
        for index, part in enumerate(apart):
            shared = next((each for each in (*others, *apart[:index]) if each.value & part.value), None)
            if shared:
                message = f"'{part.name}' has a bit of '{shared.name}': {part.value & shared.value:#x}"
            elif part.value == 0:
                message = f"'{part.name}' is 0: no bit tells whether it is set"
            else:
                continue
            notes = (Note(f"'{shared.name}' is here", shared.where("value")),) if shared else ()
            yield Finding(
                message, part.where("value"), "give it bits that no other has", (machine, part), notes
            )


@rule(
    "needs-without-features",
    why="""The features that a state needs are flags that a device shows; without `features:` nobody knows
    which flags they are.""",
    bad=f"""
states:{_STATES.replace("value: 1", "value: 1, needs: [P2P]")}{_GO}
""",
    good=f"""
flags:
  - flags: features
    doc: What there is.
    prefix: EXAMPLE_
    values:
      - {{name: P2P, value: 1, doc: Devices may meet.}}
states:{_STATES.replace("value: 1", "value: 1, needs: [P2P]")}    features: features{_GO}
""",
)
def needs_without_features(interface: Interface) -> Iterator[Finding]:
    """Where states need features, `features:` names the flags."""
    for machine in interface.machines:
        needing = (part for part in machine.parts if "needs" in part.origin.entries)
        first = next(needing, None)
        if first and machine.features is None:
            yield Finding(
                f"'{first.name}' needs a feature, and '{machine.name}' has no `features:`",
                first.where("needs"),
                f"add `features:` with the flags to '{machine.name}'",
                (machine, first),
            )


@rule(
    "unused-features",
    severity=Severity.WARNING,
    why="""A feature that changes nothing is a promise without content: a user asks for it, and a driver
    shows it, for no state.""",
    bad=f"""
flags:
  - flags: features
    doc: What there is.
    prefix: EXAMPLE_
    values:
      - {{name: P2P, value: 1, doc: Devices may meet.}}
states:{_STATES}    features: features{_GO}
""",
    good=f"""
flags:
  - flags: features
    doc: What there is.
    prefix: EXAMPLE_
    values:
      - {{name: P2P, value: 1, doc: Devices may meet.}}
states:{_STATES.replace("value: 1", "value: 1, needs: [P2P]")}    features: features{_GO}
""",
)
def unused_features(interface: Interface) -> Iterator[Finding]:
    """Where a machine has `features:`, states need them, each of them."""
    needed = {name for machine in interface.machines for state in machine.states for name in state.needs}
    for machine in interface.machines:
        if machine.features is None:
            continue
        idle = [each for each in machine.features.values if each.name not in needed and each.value]
        if not any(state.needs for state in machine.states):
            yield Finding(
                f"no state of '{machine.name}' needs a feature",
                machine.where("features"),
                "add `needs: [...]` to the states that a device may lack, or take `features:` out",
                (machine,),
            )
        elif machine.features.name not in _announcing(interface):
            for value in idle:
                yield Finding(
                    f"no state of '{machine.name}' needs the feature '{value.name}'",
                    value.where(),
                    f"add `needs: [{value.name}]` to the states that it brings, or take it out",
                    (machine, machine.features, value),
                )


def _announcing(interface: Interface) -> set[str]:
    """The flags that announce other things than states."""
    regions = interface.region_type.regions if interface.region_type else ()
    refs = [region.present for region in regions]
    refs += [operation.needs for operation in interface.operations]
    refs += [failure.flag for operation in interface.operations for failure in operation.failures]
    return {ref.enumeration.name for ref in refs if ref}


@rule(
    "kind-of-part",
    why="""A modifier or a bit is no state: what it is beside decides whether the driver enters it.""",
    bad=f"""
states:{_MODIFIED.format("2, kind: error")}
""",
    good=f"""
states:{_MODIFIED.format(2)}
""",
)
def kind_of_part(interface: Interface) -> Iterator[Finding]:
    """Only states have a `kind:`, not the modifiers or bits that they are made of."""
    for machine in interface.machines:
        for part in machine.parts:
            is_part = part.kind == "modifier" or machine.encoding == "bits"
            if is_part and "kind" in part.origin.entries:
                what = "modifier" if part.kind == "modifier" else "bit"
                owner = "base state" if part.kind == "modifier" else "combination"
                yield Finding(
                    f"'{part.name}' is a {what} and has no kind of its own",
                    part.where("kind"),
                    f"remove `kind:`, or write it at a {owner}",
                    (machine, part),
                )


_BITS = """
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: RUNNING
    reset: RUNNING
    bits:
      - {name: RUNNING, value: 1, doc: It runs.}
      - {name: SAVING, value: 2, doc: It is saved.}
    combinations:
      - {name: RUNNING, of: [RUNNING], doc: Running.}
      - {name: STOPPED, of: [], doc: Stopped.}
      - {name: SAVING, of: [SAVING], doc: Stopped and saved.}
    transitions:
      - {from: RUNNING, to: STOPPED, label: stop}
      - {from: STOPPED, to: SAVING, label: save}
"""


@rule(
    "unnamed-combination",
    severity=Severity.WARNING,
    why="""A user can write every combination of bits: where the spec is silent about one, one driver takes
    it and the next one refuses it.""",
    bad=_BITS,
    good=_BITS + "    invalid:\n      - {of: [RUNNING, SAVING], doc: A device is stopped to be saved.}\n",
)
def unnamed_combination(interface: Interface) -> Iterator[Finding]:
    """Every combination of bits is a state, or is said to be none (`invalid:`)."""
    for machine in interface.machines:
        if machine.encoding != "bits":
            continue
        named = {state.value for state in (*machine.states, *machine.invalid)}
        bits = sum(part.value for part in machine.parts)
        if bits.bit_count() != len(machine.parts):
            continue  # they overlap, or have none or several: that is another mistake
        count = (1 << bits.bit_count()) - len(named)
        if count > 0:
            unnamed = islice((value for value in _subsets(bits) if value not in named), _FEW)
            sets = [[*_names(machine, value)] for value in unnamed]
            written = [" | ".join(names) or "no bit" for names in sets]
            more = [f"{count - _FEW} more"] if count > _FEW else []
            yield Finding(
                f"the combination{'s' if count > 1 else ''} {listing([*written, *more], 'and')}"
                f" {'are' if count > 1 else 'is'} neither a state nor invalid",
                machine.origin.entries["combinations"][0].span,
                "name what is a state; write the others below `invalid:`, as in"
                f" `- {{of: [{', '.join(map(as_typed, sets[0]))}], doc: ...}}`",
                (machine,),
            )


_FEW = 4


def _names(machine: Machine, value: int) -> Iterator[str]:
    return (part.name for part in machine.parts if part.value & value)


def _subsets(bits: int) -> Iterator[int]:
    """Every number that has no other bits than these, the smallest first."""
    value = 0
    while True:
        yield value
        value = (value - bits) & bits
        if value == 0:
            return


@rule(
    "mask-of-numbers",
    severity=Severity.WARNING,
    why="""A mask is all bits that a state can have (review, R11); states that are numbers have no bits, and
    who masks such a number gets another state.""",
    bad=f"""
states:{_STATES}    mask: {{name: MASK}}{_GO}
""",
    good=f"""
states:{_MODIFIED.format(2)}    mask: {{name: MASK}}
""",
)
def mask_of_numbers(interface: Interface) -> Iterator[Finding]:
    """A `mask:` is for states that are made of bits or of base and modifiers."""
    for machine in interface.machines:
        if machine.mask and (machine.encoding == "enumerated" or not machine.mask.value):
            why = "are numbers" if machine.mask.value else "have no bit"
            yield Finding(
                f"the mask of '{machine.name}' masks nothing: its states {why}",
                machine.mask.where(),
                "remove `mask:`",
                (machine, machine.mask),
            )
