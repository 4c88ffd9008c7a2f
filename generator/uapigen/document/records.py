"""The chapters on numbers, decisions, former names and waived rules: one fact in a row."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen import cdoc, tree
from uapigen.document import Table
from uapigen.model import (
    Decision,
    Element,
    Enumeration,
    Interface,
    Prose,
    Region,
    Unknown,
)

_UNKNOWN = {
    (True, Unknown.REFUSED): "Bits that are not listed are refused.",
    (True, Unknown.IGNORED): "Bits that are not listed are ignored.",
    (True, Unknown.PRESERVED): "Bits that are not listed keep their value.",
    (False, Unknown.REFUSED): "Values that are not listed are refused.",
    (False, Unknown.IGNORED): "Values that are not listed are ignored.",
    (False, Unknown.PRESERVED): "Values that are not listed are kept.",
}


def origin(interface: Interface) -> Prose:
    """The spec that the document is made from, as every generated file says it."""
    return Prose(f'Generated from spec/{interface.file} by "uapigen gen"; do not edit.')


def belonging(interface: Interface) -> Prose:
    """Where the declarations are, or are to be."""
    if interface.existing:
        return Prose(f"The declarations are in <{interface.header}>.")
    return Prose(f"The interface is a proposal; its declarations are to go into <{interface.header}>.")


def constants(interface: Interface) -> Table:
    """All constants."""
    return Table(
        ("Value", "Name", "Declared in", "Meaning"),
        tuple(
            (_number(found, found.value, found.spelling), found.name, found.external or "", cdoc.plain(found))
            for found in interface.constants
        ),
    ).compact()


def values(enumeration: Enumeration) -> Table:
    """The values of an enum or of flags."""
    return Table(
        ("Value", "Name", "Meaning"),
        tuple(
            (_number(value, value.value, value.spelling), value.c_name, cdoc.plain(value))
            for value in enumeration.values
        ),
    ).compact()


def name(enumeration: Enumeration) -> str:
    """What C calls the values as a group."""
    if enumeration.form == "enum":
        return f"enum {enumeration.name}"
    return f"{'Flags' if enumeration.flags else 'Values'} {enumeration.prefix}*"


def about(enumeration: Enumeration) -> Prose:
    """What the values are, what becomes of others, and where they are declared."""
    declared = f"Declared in {enumeration.external}." if enumeration.external else ""
    return cdoc.plain(enumeration, _UNKNOWN[enumeration.flags, enumeration.unknown], declared)


def _number(element: Element, value: int, spelling: str | None) -> str:
    """A number in the base in which the spec has it, with the expression that C has for it."""
    node = element.origin.get("value")
    hexadecimal = isinstance(node, tree.Scalar) and node.text.lstrip("-").lower().startswith("0x")
    number = f"{value:#x}" if hexadecimal else str(value)
    return f"{number} = {spelling}" if spelling else number


def departures(interface: Interface) -> Prose:
    """Where the points are from, and how their table is read."""
    departs = any(decision.departs for decision in interface.decisions)
    marked = (
        'Where the last column says "yes", the interface departs from what was posted.' if departs else ""
    )
    return Prose("\n\n".join(part for part in (interface.review.text, marked) if part))


def decisions(found: tuple[Decision, ...]) -> Table:
    """The points of the review, and what was decided."""
    return Table(
        ("Point", "What was said", "What was decided", "Departs"),
        tuple(
            (decision.id, decision.topic, decision.decision, "yes" if decision.departs else "")
            for decision in found
        ),
    ).compact()


def former_names(interface: Interface) -> Table:
    """The names that changed, each beside a name of its kind."""
    return Table(
        ("Name", "Former name"),
        tuple((_alike(name, found), found.was) for name, found in elements(interface) if found.was),
    )


def _alike(name: str, found: Element) -> str:
    """The name; of a region the short one where the former one is short."""
    if isinstance(found, Region) and found.was:
        prefix = found.c_name.removesuffix(found.name)
        return name if found.was.startswith(prefix) else f"region {found.name}"
    return name


def waivers(interface: Interface) -> Table:
    """The rules that an element breaks for a reason."""
    return Table(
        ("Element", "Rule", "Reason"),
        tuple((name, rule, why) for name, found in elements(interface) for rule, why in found.allow.items()),
    )


def elements(interface: Interface) -> Iterator[tuple[str, Element]]:
    """Every element, under the name by which a reader of the document finds it."""
    yield "the whole interface", interface
    yield from ((constant.name, constant) for constant in interface.constants)
    for enumeration in interface.enumerations:
        yield enumeration.name, enumeration
        yield from ((value.c_name, value) for value in enumeration.values)
    for struct in interface.structs:
        yield f"{struct.keyword} {struct.name}", struct
        yield from ((f"{struct.name}: {path}", member) for path, member, _ in struct.inside)
    if interface.region_type:
        yield interface.region_type.name, interface.region_type
        yield from ((region.c_name, region) for region in interface.region_type.regions)
    for machine in interface.machines:
        yield machine.name, machine
        yield from ((part.c_name, part) for part in machine.numbers)
        combinations = machine.states if machine.encoding == "bits" else ()
        yield from ((state.c_name or state.name, state) for state in combinations)
        yield from ((arc.name, arc) for arc in machine.arcs)
    if interface.ioctls:
        yield from ((command.name, command) for command in interface.ioctls.commands)
    if interface.protocol:
        yield from ((trigger.name, trigger) for trigger in interface.protocol.triggers)
    yield from ((operation.name, operation) for operation in interface.operations)
    yield from ((topic.name, topic) for topic in interface.topics)
