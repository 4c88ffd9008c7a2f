"""The Python bindings: constants, classes of ctypes, and the tables that programs read.

The room of what a module of bindings contains, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from uapigen import cdoc, model, tree
from uapigen.buffers import buffers, machines_outside, machines_with_streams
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
from uapigen.pymigrate import Calls, calls
from uapigen.pynames import Names, enum_member, names_of
from uapigen.pysource import Block, call, quoted, source
from uapigen.pystructs import Class, classes, has_bits, has_shadowed_bytes
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


class Parts(NamedTuple):
    """What the module contains: a part that the interface has no use for is left out.

    Who drives a device through regions needs every table of them, also where it is empty.
    """

    layouts: bool
    uneven: bool
    regions: bool
    machines: bool
    outside: bool
    streams: bool
    bits: bool
    shadowed: bool
    protocol: bool
    operations: bool
    ioctls: bool


def _parts(interface: Interface, structs: tuple[Class, ...]) -> Parts:
    regions = interface.region_type is not None
    return Parts(
        layouts=bool(interface.structs) or regions,
        uneven=is_uneven(interface),
        regions=regions,
        machines=bool(interface.machines),
        outside=bool(machines_outside(interface)),
        streams=bool(machines_with_streams(interface)),
        bits=any(map(has_bits, structs)),
        shadowed=any(map(has_shadowed_bytes, structs)),
        protocol=interface.protocol is not None,
        operations=bool(interface.operations) or regions,
        ioctls=interface.ioctls is not None,
    )


def _context(interface: Interface) -> Mapping[str, Any]:
    names = names_of(interface)
    structs = classes(interface, names)
    parts = _parts(interface, structs)
    made = calls(interface, names)
    return {
        "names": names,
        "parts": parts,
        "doc": Prose(f"{interface.title.text}.\n\n{cdoc.plain(interface).text}"),
        "imports": tuple(_imports(interface, parts, made)),
        "constants": tuple(_constants(interface, names)),
        "enums": tuple(_enums(interface, names)),
        "structs": structs,
        "ioctls": tuple(_ioctls(interface, names)),
        "tables": tuple(_tables(interface, names, parts)),
        "members": made.members,
        "methods": made.methods,
        "migration": made.migration,
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
    more = tuple(
        Constant(
            names.constants[name],
            hex(each.value) if each is machine.mask else str(each.value),
            cdoc.plain(each),
        )
        for name, each in machine.c_names[len(machine.parts) :]
    )
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
    return f"0x{element.value:X}" if hexadecimal else str(element.value)


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


def _tables(interface: Interface, names: Names, parts: Parts) -> Iterator[Table]:
    tables = Tables(interface, names)
    subtypes = names.subtypes
    if parts.layouts:
        keys = "type[ctypes.Structure] | type[ctypes.Union]"
        yield _table("LAYOUTS", f"Mapping[{keys}, Layout]", tables.layouts(), "The layout of every struct.")
    if parts.regions:
        yield _table("REGIONS", f"Mapping[{subtypes}, Region]", tables.regions(), "The regions.")
        doc = "The regions that data moves through."
        yield _table("BUFFERS", f"Mapping[{subtypes}, Buffer]", tables.buffers(buffers(interface)), doc)
    if parts.machines:
        yield _table("MACHINES", "Mapping[str, Machine]", tables.machines(), "The state machines by name.")
    if interface.protocol:
        yield _table("OWNERSHIP", "Ownership", tables.ownership(interface.protocol), "Who owns a buffer.")
        doc = "The writes that start actions."
        yield _table("TRIGGERS", "tuple[Trigger, ...]", tables.triggers(interface.protocol), doc)
    if parts.operations:
        doc = "The operations in their order."
        yield _table("OPERATIONS", "tuple[Operation, ...]", tables.operations(), doc)


def _table(name: str, type_: str, literal: Block, doc: str) -> Table:
    return Table(source(literal, f"{name}: Final[{type_}] = "), doc)


def _imports(interface: Interface, parts: Parts, made: Calls) -> Iterator[str]:
    """The imports that the module has a use for."""
    plan = made.migration
    modules = {
        "builtins": parts.shadowed,
        "contextlib": plan is not None and bool(plan.ways.back),
        "ctypes": parts.layouts,
        "enum": bool(interface.enumerations) or parts.layouts or parts.machines or parts.operations,
        "errno": parts.regions or parts.machines or parts.operations,
        "functools": parts.layouts,
        "os": parts.ioctls or bool(plan and plan.streams),
        "select": bool(plan and plan.streams and plan.early),
        "sys": parts.layouts,
    }
    yield from (f"import {module}" for module, needed in modules.items() if needed)
    in_chunks = any(each.get and each.region.holds == "chunks" for each in made.categories)
    pages = bool(plan and plan.marked)
    abstract = {
        "Callable": plan is not None,
        "Iterable": parts.regions,
        "Iterator": in_chunks or pages,
        "Mapping": parts.layouts or parts.machines,
        "Sequence": pages,
    }
    if any(abstract.values()):
        yield f"from collections.abc import {_chosen(abstract)}"
    typed = {
        "Any": parts.layouts,
        "Final": True,
        "Literal": parts.layouts or parts.machines,
        "NamedTuple": parts.layouts or parts.machines or parts.operations or parts.protocol,
        "Protocol": parts.regions or parts.outside,
    }
    yield f"from typing import {_chosen(typed)}"


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
