"""The Python bindings: constants, classes of ctypes, and the tables that programs read.

The room of what a module of bindings contains, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from uapigen import cdoc, model, tree
from uapigen.buffers import buffers, machines_outside
from uapigen.escape import PYTHON
from uapigen.model import (
    Element,
    Interface,
    Machine,
    Prose,
    Region,
    RegionType,
    StatePart,
    Value,
)
from uapigen.pynames import Names, enum_member, names_of
from uapigen.pysource import Block, call, quoted, source
from uapigen.pystructs import classes
from uapigen.pytables import Tables, is_uneven
from uapigen.render import Target


class Constant(NamedTuple):
    """A number under its C name."""

    name: str
    value: str
    doc: Prose


class EnumMember(NamedTuple):
    """A member of an enum with the constant that is the same number."""

    name: str
    constant: str
    value: str
    doc: Prose


class Enum(NamedTuple):
    """A class of :mod:`enum`; ``more`` are constants that belong to it and are no members."""

    name: str
    base: str
    doc: Prose
    members: tuple[EnumMember, ...]
    more: tuple[Constant, ...] = ()


class Table(NamedTuple):
    """A table as source text."""

    source: str
    doc: str


def _context(interface: Interface) -> Mapping[str, Any]:
    names = names_of(interface)
    moving = buffers(interface)
    return {
        "names": names,
        "doc": Prose(f"{interface.title.text}.\n\n{cdoc.plain(interface).text}"),
        "imports": _imports(interface),
        "constants": tuple(_constants(interface, names)),
        "enums": tuple(_enums(interface, names)),
        "structs": classes(interface, names),
        "ioctls": tuple(_ioctls(interface, names)),
        "layouts": interface.structs,
        "uneven": is_uneven(interface),
        "region_type": interface.region_type,
        "buffers": moving,
        "protocol": interface.protocol,
        "machines": interface.machines,
        "outside": machines_outside(interface),
        "tables": tuple(_tables(interface, names)),
    }


def _constants(interface: Interface, names: Names) -> Iterator[Constant]:
    """The numbers that stand alone."""
    for constant in interface.constants:
        yield Constant(names.constants[constant.name], _number(constant), cdoc.constant(constant))
    for struct in interface.structs:
        if struct.capability:
            name = names.constants[struct.capability.name]
            yield Constant(name, str(struct.capability.id), cdoc.capability(struct))
    declared = {constant.name for constant in interface.constants}
    for anchor in (interface.ioctls.type, interface.ioctls.base) if interface.ioctls else ():
        if anchor and anchor.name not in declared:
            yield Constant(names.constants[anchor.name], _number(anchor), anchor.doc)


def _enums(interface: Interface, names: Names) -> Iterator[Enum]:
    for enumeration in interface.enumerations:
        base = "IntFlag" if enumeration.flags else "IntEnum"
        doc = _doc(enumeration, f"The names are {enumeration.prefix}* without the prefix.")
        members = tuple(_member(names, value) for value in enumeration.values)
        yield Enum(names.classes[enumeration.name], base, doc, members)
    for machine in interface.machines:
        yield _states(machine, names)
    type_ = interface.region_type
    if type_:
        name = names.constants[type_.name]
        constant = Constant(name, _number(type_), cdoc.plain(type_))
        members = tuple(_member(names, region) for region in type_.regions)
        yield Enum(names.subtypes, "IntEnum", cdoc.subtypes(type_), members, (constant,))


def _states(machine: Machine, names: Names) -> Enum:
    base = "IntEnum" if machine.encoding == "enumerated" else "IntFlag"
    initial = [f"A device starts as {machine.initial.name}."] if machine.initial else []
    members = tuple(_member(names, part) for part in machine.parts)
    mask = machine.mask
    more = (Constant(names.constants[mask.c_name], hex(mask.value), cdoc.plain(mask)),) if mask else ()
    return Enum(names.classes[machine.name], base, _doc(machine, *initial), members, more)


def _member(names: Names, element: Value | StatePart | Region) -> EnumMember:
    constant = names.constants[element.c_name]
    return EnumMember(enum_member(element.name), constant, _number(element), cdoc.plain(element))


def _doc(element: Element, sentence: str = "") -> Prose:
    """The doc of an element, with a sentence behind it or in its place."""
    said = "\n\n".join(part for part in (cdoc.plain(element).text, sentence) if part)
    return Prose(said or f"{element.name}.")


def _number(element: model.Constant | Value | StatePart | RegionType | Region) -> str:
    """A number in the base in which the spec has it."""
    node = element.origin.get("value")
    hexadecimal = isinstance(node, tree.Scalar) and node.text.lstrip("-").lower().startswith("0x")
    return hex(element.value) if hexadecimal else str(element.value)


def _ioctls(interface: Interface, names: Names) -> Iterator[Constant]:
    ioctls = interface.ioctls
    if ioctls is None:
        return
    type_ = names.constants[ioctls.type.name]
    base = f"{names.constants[ioctls.base.name]} + " if ioctls.base else ""
    for command in ioctls.commands:
        sized = command.argument and command.direction != "none"
        size = (
            f"ctypes.sizeof({names.structs[command.argument.name]})" if command.argument and sized else None
        )
        value = call(
            "_ioctl", quoted(command.direction), type_, f"{base}{command.number}", *([size] if size else [])
        )
        name = names.constants[command.name]
        yield Constant(name, source(value), cdoc.ioctl(command))


def _tables(interface: Interface, names: Names) -> Iterator[Table]:
    tables = Tables(interface, names)
    if interface.structs:
        keys = "type[ctypes.Structure] | type[ctypes.Union]"
        yield _table("LAYOUTS", f"Mapping[{keys}, Layout]", tables.layouts(), "The layout of every struct.")
    if interface.region_type:
        yield _table("REGIONS", f"Mapping[{names.subtypes}, Region]", tables.regions(), "The regions.")
    moving = buffers(interface)
    if moving:
        yield _table(
            "BUFFERS",
            f"Mapping[{names.subtypes}, Buffer]",
            tables.buffers(moving),
            "The regions that data moves through.",
        )
    if interface.machines:
        yield _table("MACHINES", "Mapping[str, Machine]", tables.machines(), "The state machines by name.")
    if interface.protocol:
        yield _table("OWNERSHIP", "Ownership", tables.ownership(interface.protocol), "Who owns the buffers.")
        yield _table(
            "TRIGGERS",
            "tuple[Trigger, ...]",
            tables.triggers(interface.protocol),
            "The writes that start actions.",
        )
    if interface.operations:
        yield _table(
            "OPERATIONS", "tuple[Operation, ...]", tables.operations(), "The operations in their order."
        )


def _table(name: str, type_: str, literal: Block, doc: str) -> Table:
    return Table(source(literal, f"{name}: Final[{type_}] = "), doc)


def _imports(interface: Interface) -> tuple[str, ...]:
    """The imports that the module has a use for."""
    structs, regions = bool(interface.structs), bool(interface.region_type)
    machines, operations = bool(interface.machines), bool(interface.operations)
    enums = machines or regions or operations or structs or bool(interface.enumerations)
    tabled = machines or regions or operations or structs
    wanted = {
        "ctypes": structs or regions,
        "enum": enums,
        "errno": machines or regions or operations,
        "functools": structs,
        "os": bool(interface.ioctls),
        "sys": structs,
    }
    lines = [f"import {module}" for module, needed in wanted.items() if needed]
    abstract = {"Iterable": regions, "Mapping": machines or regions or structs}
    if any(abstract.values()):
        lines.append(f"from collections.abc import {_chosen(abstract)}")
    typed = {
        "Any": structs,
        "Final": True,
        "Literal": structs or regions or machines,
        "NamedTuple": tabled,
        "Protocol": regions or bool(machines_outside(interface)),
    }
    return (*lines, f"from typing import {_chosen(typed)}")


def _chosen(names: Mapping[str, bool]) -> str:
    return ", ".join(name for name, needed in names.items() if needed)


TARGET = Target(
    name="bindings",
    help="Python bindings: ctypes structs, constants, state tables",
    file="{name}.py",
    language=PYTHON,
    template="bindings/module.py.j2",
    context=_context,
)
