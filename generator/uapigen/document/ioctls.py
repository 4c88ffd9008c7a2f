"""The chapter on ioctl numbers."""

from __future__ import annotations

from uapigen.abi import ABIS
from uapigen.declared import ioctl_value
from uapigen.model import Interface, Ioctl, Ioctls, Prose
from uapigen.wording import listing

_DIRECTIONS = {"none": "_IO", "read": "_IOR", "write": "_IOW", "both": "_IOWR"}


def introduction(ioctls: Ioctls) -> Prose:
    """What the numbers are built on."""
    found: dict[str | None, list[str]] = {}
    for anchor in (ioctls.type, ioctls.base):
        if anchor:
            found.setdefault(anchor.external, []).append(f"{anchor.name} ({anchor.value:#x})")
    groups = (listing(names, "and") + (f" of {file}" if file else "") for file, names in found.items())
    return Prose(f"The numbers are built on {listing(groups, 'and')}.")


def number(interface: Interface, ioctls: Ioctls, command: Ioctl) -> Prose:
    """The number of an ioctl, and what its argument is."""
    argument = command.argument and f"{command.argument.keyword} {command.argument.name}"
    sized = f", {argument}" if argument and command.direction != "none" else ""
    place = f"{ioctls.base.name} + {command.number}" if ioctls.base else str(command.number)
    return Prose(
        f"{_DIRECTIONS[command.direction]}({ioctls.type.name}, {place}{sized}) is "
        f"{_values(interface, ioctls, command)}. The argument is {argument or 'a number, or none'}."
    )


def _values(interface: Interface, ioctls: Ioctls, command: Ioctl) -> str:
    """The number; where some ABIs have another one, theirs too."""
    found: dict[int, list[str]] = {}
    for name in interface.layouts:
        found.setdefault(ioctl_value(interface, ioctls, command, ABIS[name]), []).append(name)
    most, *others = sorted(found, key=lambda value: -len(found[value]))
    return ", ".join((f"{most:#x}", *(f"on {listing(found[value], 'and')} {value:#x}" for value in others)))
