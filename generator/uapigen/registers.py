"""Members whose value the spec tells: what the reference device shows and the generated tests look for."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.leaves import leaves
from uapigen.model import Access, Field, Interface
from uapigen.pynames import Names, path

_ABI = "x86-64"


def registers(interface: Interface, names: Names) -> Iterator[tuple[str, str]]:
    """The read-only members that always read the same, by path, with the constant that they read.

    The one that is known is the version: the member of that name reads the constant that has a
    version policy.
    """
    versions = [constant for constant in interface.constants if constant.version_policy]
    for region in interface.region_type.regions if interface.region_type else ():
        for leaf in leaves(interface, region.layout, _ABI) if region.layout else ():
            is_version = isinstance(leaf.member, Field) and leaf.member.name == "version"
            if is_version and leaf.access is Access.RO and len(versions) == 1:
                yield path(leaf.path), names.constants[versions[0].name]
