"""Members whose value the spec tells: what the reference device shows and the generated tests look for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from uapigen.leaves import Leaf, leaves
from uapigen.model import Access, Constant, Field, Interface, Struct

if TYPE_CHECKING:
    from uapigen.pynames import Names

_ABI = "x86-64"


def registers(interface: Interface, names: Names) -> Iterator[tuple[str, str]]:
    """The read-only members that always read the same, by path, with the constant that they read."""
    from uapigen.pynames import path

    for _, leaf, constant in versions(interface):
        yield path(leaf.path), names.constants[constant.name]


def versions(interface: Interface) -> Iterator[tuple[Struct, Leaf, Constant]]:
    """The read-only members that tell the version, each with the layout of its region and what it reads.

    The member of that name reads the constant that has a version policy.
    """
    known = [constant for constant in interface.constants if constant.version_policy]
    for region in interface.region_type.regions if interface.region_type else ():
        if region.layout is None or len(known) != 1:
            continue
        for leaf in leaves(interface, region.layout, _ABI):
            is_version = isinstance(leaf.member, Field) and leaf.member.name == "version"
            if is_version and leaf.access is Access.RO:
                yield region.layout, leaf, known[0]
