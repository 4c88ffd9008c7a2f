"""Rules on numbers: they fit, and what must differ differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from uapigen.declared import Number, group_of, numbers, owners
from uapigen.diagnostics import Note, Severity
from uapigen.model import Element, Enumeration, Field, Interface, ScalarType, State, Struct
from uapigen.rules.examples import ENUM
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.tree import Mapping

_LARGEST_STRUCT = 1 << 30


@rule(
    "duplicate-value",
    why="""Two names for one number cannot be told apart by who reads the number.""",
    bad=ENUM.replace("value: 2", "value: 1"),
    good=ENUM,
)
def duplicate_value(interface: Interface) -> Iterator[Finding]:
    """Values of one enum, bits of one set of flags, regions of one type and states are distinct numbers."""
    for enumeration in interface.enumerations:
        if enumeration.flags:
            yield from _shared_bits((value.name, value.value, value) for value in enumeration.values)
        else:
            yield from _equal((value.name, value.value, value) for value in enumeration.values)
    if interface.region_type:
        regions = interface.region_type.regions
        yield from _equal((region.name, region.value, region) for region in regions)
    for machine in interface.machines:
        if machine.encoding == "bits":
            # Bits that overlap are a mistake of their own, too.
            if sum(part.value for part in machine.parts).bit_count() < len(machine.parts):
                continue
            yield from _same_bits((*machine.states, *machine.invalid))
        else:
            # Modifiers that share bits with others are a mistake of their own.
            alone = (state for state in machine.states if len(state.parts) == 1)
            yield from _equal((state.name, state.value, state) for state in alone)
    if interface.ioctls:
        commands = interface.ioctls.commands
        yield from _equal((command.name, command.number, command) for command in commands)
    yield from _equal((each.name, each.number, each) for each in interface.operations)
    yield from _among(interface)
    yield from _capabilities(interface)


def _among(interface: Interface) -> Iterator[Finding]:
    """Numbers of a group (`unique-among:`) that another macro of the group has; a mask is in no group."""
    declared = [*numbers(interface, external=True)]
    groups = {group for number in declared if (group := group_of(number.element))}
    seen: dict[tuple[str, int], Number] = {}
    for number in declared if groups else ():
        if number.c_name.endswith("_MASK"):
            continue
        starts = (number.c_name[:end] + "*" for end in range(len(number.c_name) + 1))
        for group in (start for start in starts if start in groups):
            other = seen.setdefault((group, number.value), number)
            # Values that are declared as one list are judged as that, and names by themselves.
            if other.c_name != number.c_name and group in (group_of(number.element), group_of(other.element)):
                value = f"{number.value}, which is to be unique among {group}"
                yield _same_number(number, other, value, "give one of them another number")
                break


def _capabilities(interface: Interface) -> Iterator[Finding]:
    """Capabilities of no group are taken for those of one chain."""
    seen: dict[tuple[int, int], Number] = {}
    for struct in owners(interface):
        capability = struct.capability
        if capability and not capability.unique_among:
            number = Number(capability.name, capability.id, struct)
            other = seen.setdefault((capability.id, capability.version), number)
            if other.c_name != number.c_name:
                help_ = (
                    "give one of them another number; in a chain of its own, it has `unique-among: PREFIX_*`"
                )
                yield _same_number(number, other, f"{number.value}, and its version", help_)


def _same_number(number: Number, other: Number, value: str, help_: str) -> Finding:
    return Finding(
        f"'{number.c_name}' has the number of '{other.c_name}': {value}",
        _place(number.element),
        help_,
        (number.element,),
        (Note("the other one is here", _place(other.element)),),
    )


def _place(element: Element) -> Span:
    """Where a number is written: that of a capability lies in its struct."""
    capability = element.origin.get("capability")
    return capability.where("id") if isinstance(capability, Mapping) else element.where("value")


def _equal(numbered: Iterable[tuple[str, int, Element]]) -> Iterator[Finding]:
    seen: dict[int, tuple[str, Element]] = {}
    for name, value, element in numbered:
        first, other = seen.setdefault(value, (name, element))
        if other is not element:
            yield _same(f"'{name}' has the number of '{first}': {value}", element, other)


def _same_bits(combinations: Iterable[State]) -> Iterator[Finding]:
    """Combinations of bits that are the same number."""
    seen: dict[int, State] = {}
    for state in combinations:
        first = seen.setdefault(state.value, state)
        if first is not state:
            bits = " | ".join(state.parts) or "no bit"
            what = f"the state '{first.name}'" if first.kind != "invalid" else "invalid"
            yield Finding(
                f"{bits} is {what} already",
                state.where("of"),
                "remove one of the two, or write other bits",
                (state,),
                (Note("the other one is here", first.where("of")),),
            )


def _shared_bits(numbered: Iterable[tuple[str, int, Element]]) -> Iterator[Finding]:
    """A flag of several bits is a mask of others and may contain them; single bits must differ."""
    single = ((name, value, element) for name, value, element in numbered if value.bit_count() == 1)
    yield from _equal(single)


def _same(message: str, element: Element, other: Element) -> Finding:
    key = "value" if "value" in element.origin.entries else "number"
    notes = (Note("the other one is here", other.where(key)),)
    return Finding(message, element.where(key), "give one of them another number", (element,), notes)


@rule(
    "value-range",
    why="""A number that does not fit is cut by the compiler, or not at all by Python: the two then
    disagree.""",
    bad="""
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    doc: What to do.
    values:
      - {name: GET, value: 256, doc: Get data.}
structs:
  - struct: example
    doc: A struct with a small member.
    fields:
      - {name: action, type: u8, values: action, doc: what to do}
""",
    good="""
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    doc: What to do.
    values:
      - {name: GET, value: 255, doc: Get data.}
structs:
  - struct: example
    doc: A struct with a small member.
    fields:
      - {name: action, type: u8, values: action, doc: what to do}
""",
)
def value_range(interface: Interface) -> Iterator[Finding]:
    """Every number fits its member, an enumerator an int, a macro 64 bits, a bit field its type."""
    said: set[int] = set()
    for finding in _out_of_range(interface):
        # A number may fit neither C nor any of the members that take it: it is one number.
        if finding.span.start not in said:
            said.add(finding.span.start)
            yield finding


def _out_of_range(interface: Interface) -> Iterator[Finding]:
    for number in numbers(interface, external=True):
        if not -(1 << 63) <= number.value < 1 << 64:
            yield _too_large(number.c_name, number.value, "64 bits", number.element)
    for enumeration in interface.enumerations:
        yield from _enumerators(enumeration)
    for struct in interface.structs:
        for path, member, _ in struct.inside:
            if isinstance(member, Field):
                yield from _fits(interface, struct, path, member)
        size = max((each[struct.name].size for each in interface.layouts.values()), default=0)
        if size > _LARGEST_STRUCT:
            yield Finding(
                f"struct '{struct.name}' has {size} bytes",
                struct.where(),
                f"a struct has {_LARGEST_STRUCT} bytes at most; larger data goes into a region",
                (struct,),
            )


def _enumerators(enumeration: Enumeration) -> Iterator[Finding]:
    for value in enumeration.values:
        if enumeration.flags and value.value < 0:
            yield Finding(
                f"the flag '{value.name}' is {value.value}, and a set of bits has no sign",
                value.where("value"),
                "write a number with a bit of its own: 1, 2, 4, 8",
                (value,),
            )
        elif enumeration.form != "defines" and not -(1 << 31) <= value.value < 1 << 31:
            yield _too_large(value.name, value.value, "an int, as C has enumerators", value)


def _fits(interface: Interface, struct: Struct, path: str, field: Field) -> Iterator[Finding]:
    if not isinstance(field.type, ScalarType):
        return
    if field.bits is not None and field.bits > 8 * field.type.size:
        yield Finding(
            f"the bit field '{path}' has {field.bits} bits, its type {8 * field.type.size}",
            field.where("bits"),
            "write fewer bits or a larger type",
            (struct, field),
        )
        return
    low, high = field.type.minimum, field.type.maximum
    if field.bits is not None:
        high = (1 << (field.bits - int(field.type.signed))) - 1
        low = -high - 1 if field.type.signed else 0
    taken: list[tuple[str, int, Element]] = []
    if field.enumeration:
        taken += [(value.name, value.value, value) for value in field.enumeration.values]
    for machine in interface.machines:
        if machine.name == field.machine:
            taken += [(state.name, state.value, state) for state in machine.states]
    for name, value, element in taken:
        if not low <= value <= high:
            yield _too_large(name, value, f"'{path}', which takes {low} to {high}", element)


def _too_large(name: str, value: int, room: str, element: Element) -> Finding:
    return Finding(
        f"'{name}' is {value}, which does not fit {room}",
        element.where("value"),
        "write a number that fits, or a larger type",
        (element,),
    )


@rule(
    "version-policy",
    severity=Severity.WARNING,
    why="""Nobody can tell whether a new number is compatible, so that every reader guesses (review, R7;
    ioctl.rst advises against version numbers at all).""",
    bad="""
constants:
  - {name: EXAMPLE_VERSION, value: 1, doc: The version.}
""",
    good="""
constants:
  - name: EXAMPLE_VERSION
    value: 1
    doc: The version.
    version-policy: A new number names an incompatible layout.
""",
    binds_existing=False,
)
def version_policy(interface: Interface) -> Iterator[Finding]:
    """A constant that is a version says what a new number means."""
    for constant in interface.constants:
        if "VERSION" in constant.name.upper().split("_") and not constant.version_policy:
            yield Finding(
                f"'{constant.name}' does not say what a new version means",
                constant.where(),
                "add `version-policy:` with what changes the number and what a reader does with one that it "
                "does not know, or do without a version",
                (constant,),
            )
