"""What an interface declares in C: every name, with its element and its value.

The one list of them, for the rules, for the proof and for the collision check.
"""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.abi import Abi
from uapigen.model import Element, Interface, Ioctl, Ioctls, Struct
from uapigen.record import Record
from uapigen.source import Span
from uapigen.tree import Scalar


class Number(Record):
    """A macro or an enumerator.  ``value`` is that of ioctls on no ABI yet: see :func:`ioctl_value`."""

    c_name: str
    value: int
    element: Element


def numbers(interface: Interface, *, external: bool = False) -> Iterator[Number]:
    """Every number with a C name that the interface emits, but for ioctls; ``external``: others' too."""
    for constant in interface.constants:
        if external or not constant.external:
            yield Number(constant.name, constant.value, constant)
    for enumeration in interface.enumerations:
        if external or not enumeration.external:
            yield from (Number(value.c_name, value.value, value) for value in enumeration.values)
    yield from _region_numbers(interface)
    for machine in interface.machines:
        yield from (Number(name, each.value, each) for name, each in machine.c_names)
    for struct in owners(interface):
        if struct.capability:
            yield Number(struct.capability.name, struct.capability.id, struct)


def _region_numbers(interface: Interface) -> Iterator[Number]:
    type_ = interface.region_type
    if type_:
        yield Number(type_.name, type_.value, type_)
        yield from (Number(region.c_name, region.value, region) for region in type_.regions)


def ioctl_value(interface: Interface, ioctls: Ioctls, command: Ioctl, abi: Abi) -> int:
    """The number of an ioctl on an ABI (``asm-generic/ioctl.h`` and ``asm/ioctl.h`` of the ABI)."""
    direction = {
        "none": abi.ioc_none,
        "read": abi.ioc_read,
        "write": abi.ioc_write,
        "both": abi.ioc_read | abi.ioc_write,
    }[command.direction]
    size = 0
    if command.direction != "none" and command.argument:
        size = interface.layouts[abi.name][command.argument.name].size
    number = (ioctls.base.value if ioctls.base else 0) + command.number
    return direction << (16 + abi.ioc_size_bits) | size << 16 | ioctls.type.value << 8 | number


def group_of(element: Element) -> str | None:
    """The group (``PREFIX_*``) among which the number of an element is to be unique, None for none."""
    declared = element.capability if isinstance(element, Struct) else element
    return getattr(declared, "unique_among", None)


def tags(interface: Interface) -> Iterator[tuple[str, Element]]:
    """The tags of structs, unions and enums."""
    for struct in interface.structs:
        yield struct.name, struct
    for enumeration in interface.enumerations:
        if enumeration.form == "enum":
            yield enumeration.name, enumeration
    for machine in interface.machines:
        if machine.form == "enum":
            yield machine.name, machine


def name_place(name: str, element: Element) -> Span:
    """Where the spec has a name that an element declares: all of it, or what follows its prefix."""
    for key in _WHOLE:
        value = element.origin.get(key)
        if isinstance(value, Scalar) and value.text == name:
            return value.span
    return element.where("name")


_WHOLE = ("c-name", "struct", "union", "enum", "flags", "states")
"""The keys under which a whole name stands that is not called `name`."""


def owners(interface: Interface) -> Iterator[Struct]:
    """The structs that the interface declares itself."""
    return (struct for struct in interface.structs if not struct.external)
