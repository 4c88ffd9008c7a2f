"""Members of which the spec tells the one number that they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from uapigen.model import Field, Interface, Struct
from uapigen.registers import versions


class Expected(NamedTuple):
    """A number, and the name that C has for it, "" where it has none."""

    value: int
    name: str


def announced(struct: Struct) -> Mapping[str, Expected]:
    """By their paths, the members that tell which capability a struct is: those of the header in it."""
    capability, first = struct.capability, next(iter(struct.members), None)
    if capability is None or not isinstance(first, Field) or not isinstance(first.type, Struct):
        return {}
    return {
        f"{first.name}.id": Expected(capability.id, capability.name),
        f"{first.name}.version": Expected(capability.version, ""),
    }


def told_version(interface: Interface, struct: Struct) -> Mapping[str, Expected]:
    """By its path, the member of this struct that tells the version of the interface."""
    return {
        leaf.path: Expected(constant.value, constant.name)
        for layout, leaf, constant in versions(interface)
        if layout is struct
    }
