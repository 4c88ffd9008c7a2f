"""The C test: what the compiler must find in the header, and a program that checks the state table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from uapigen import ctable
from uapigen.abi import ABIS
from uapigen.cdecl import includes
from uapigen.cspelling import number
from uapigen.declared import numbers
from uapigen.escape import C
from uapigen.model import (
    Field,
    Group,
    Interface,
    Ioctl,
    Ioctls,
    Layout,
    Member,
    Placed,
    ScalarType,
    Struct,
)
from uapigen.render import Target

_ALIGNMENTS = (8, 4, 2)
"""The alignments of a natural 64-bit number on Linux; ABIs that agree in it lay out every struct alike."""

_CHOICE = "BY_ALIGNMENT"


def _context(interface: Interface) -> Mapping[str, Any]:
    structs = [_struct(interface, struct) for struct in _visible(interface)]
    bit_fields = [each for struct in _visible(interface) for each in _bit_fields(interface, struct)]
    ioctls = interface.ioctls
    tables = [ctable.table(machine) for machine in interface.machines]
    return {
        "license": interface.licenses.header.split(" WITH ")[0],
        "structs": structs,
        "values": [(each.c_name, number(each.value)) for each in numbers(interface)],
        "ioctls": [_ioctl(ioctls, command) for command in ioctls.commands] if ioctls else [],
        "bit_fields": bit_fields,
        "by_alignment": _CHOICE in f"{structs}{bit_fields}",
        "tables": tables,
        "checks": {check for table in tables for check, _ in table.checks},
        "count": 1 + len(bit_fields) + sum(len(table.checks) for table in tables),
    }


def _visible(interface: Interface) -> Iterator[Struct]:
    """The structs that a reader of the header knows: its own, and those of the headers that it includes."""
    headers = includes(interface, alone=True)
    return (struct for struct in interface.structs if not struct.external or struct.external in headers)


# --- layout ---------------------------------------------------------------------------------------


def _struct(interface: Interface, struct: Struct) -> dict[str, Any]:
    """The type of a struct, its size, and path, offset and size of its members as C has them.

    A bit field has no offset, a flexible array no size.
    """
    members = []
    for path, member, places in _members(interface, struct):
        if not _bits(member):
            flexible = isinstance(member, Field) and member.array and member.array.flexible
            size = None if flexible else _each(place.size for place in places)
            members.append((path, _each(place.offset for place in places), size))
    sizes = (layout.size for layout in _layouts(interface, struct))
    return {"type": _type(struct), "size": _each(sizes), "members": members}


def _bit_fields(interface: Interface, struct: Struct) -> Iterator[dict[str, Any]]:
    """The bit fields of a struct, each with its largest value and the bits where it lies.

    Bits are counted as they lie in memory, from the lowest or the highest of a byte as the ABI has it.
    """
    for path, member, places in _members(interface, struct):
        width = _bits(member)
        if width and isinstance(member, Field) and isinstance(member.type, ScalarType):
            yield {
                "function": f"{struct.name}_{path.replace('.', '_')}",
                "type": _type(struct),
                "path": path,
                "value": number(-1 if member.type.signed else (1 << width) - 1),
                "first": _each(place.bit_offset or 0 for place in places),
                "width": width,
            }


def _members(interface: Interface, struct: Struct) -> Iterator[tuple[str, Member, tuple[Placed, ...]]]:
    """The members that have a name, with their places by alignment."""
    layouts = (layout.members for layout in _layouts(interface, struct))
    for (path, member, _), *places in zip(struct.inside, *layouts, strict=True):
        if member.name:
            yield path, member, tuple(places)


def _layouts(interface: Interface, struct: Struct) -> tuple[Layout, ...]:
    """The layouts of a struct, in the order of the alignments."""
    abis = {abi.align64: name for name, abi in ABIS.items()}
    return tuple(interface.layouts[abis[alignment]][struct.name] for alignment in _ALIGNMENTS)


def _each(found: Iterator[int]) -> str:
    """One number where it is the same everywhere, else a choice by the alignment."""
    by_alignment = tuple(found)
    return str(by_alignment[0]) if len({*by_alignment}) == 1 else f"{_CHOICE}{by_alignment}"


def _bits(member: Member) -> int | None:
    return None if isinstance(member, Group) or not isinstance(member, Field) else member.bits


def _type(struct: Struct) -> str:
    return f"{struct.keyword} {struct.name}"


# --- values ---------------------------------------------------------------------------------------


def _ioctl(ioctls: Ioctls, command: Ioctl) -> dict[str, Any]:
    argument = command.argument if command.direction != "none" else None
    direction = {
        "none": "_IOC_NONE",
        "read": "_IOC_READ",
        "write": "_IOC_WRITE",
        "both": "_IOC_READ | _IOC_WRITE",
    }
    return {
        "name": command.name,
        "direction": direction[command.direction],
        "type": number(ioctls.type.value, hexadecimal=True),
        "number": (ioctls.base.value if ioctls.base else 0) + command.number,
        "size": f"sizeof({_type(argument)})" if argument else "0",
    }


TARGET = Target(
    name="ctest",
    help="a test of layout, constants and transitions in C",
    file="{name}_test.c",
    language=C,
    template="ctest/test.c.j2",
    context=_context,
)
