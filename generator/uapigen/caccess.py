"""The access map of a region as C has it: where the members lie, and what user space may do with them.

The room of turning leaves into C.  An offset or a size is a number where every ABI has the same one, else
an expression that the compiler works out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from uapigen.abi import ABIS
from uapigen.leaves import Leaf, leaves
from uapigen.model import Access, Enumeration, Field, FlagRef, Interface, Pad, Region, Struct
from uapigen.record import Record
from uapigen.render import snake

_PADDING = {"zero": "PAD", "ignored": "ANY"}


class Entry(NamedTuple):
    """A member: C expressions of its offset and its size in bytes, and what may be done with it.

    ``access`` is ``RO``, ``WO`` or ``RW``; of padding ``PAD`` (zeros) or ``ANY``.
    """

    leaf: Leaf
    offset: str
    size: str
    access: str

    @property
    def path(self) -> str:
        """The names from the struct to the member, with dots."""
        return self.leaf.path

    @property
    def present(self) -> FlagRef | None:
        """The flag without which the member is not there."""
        return self.leaf.present


class Together(NamedTuple):
    """Members that one write may cover, with where they begin and how many bytes they are."""

    paths: tuple[str, ...]
    offset: str
    size: str


class AccessMap(Record):
    """The map of a region.

    ``prefix`` is what its C names begin with, ``entries`` are the members that an access can cover (a
    flexible array has no size), and ``elsewhere`` the paths of bit fields that lie elsewhere on other ABIs.
    ``shown`` are the flags that announce members.  ``errno`` is the error of an access that is refused, None
    where the interface leaves open what becomes of any other access.
    """

    region: Region
    struct: Struct
    prefix: str
    entries: tuple[Entry, ...]
    elsewhere: tuple[str, ...]
    together: tuple[Together, ...]
    shown: tuple[Enumeration, ...]
    errno: str | None


def access_maps(interface: Interface) -> tuple[AccessMap, ...]:
    """The maps of the regions that have a layout."""
    regions = interface.region_type.regions if interface.region_type else ()
    alike = Counter(region.name.lower() for region in regions)
    return tuple(
        _map(interface, region, region.layout, name if alike[name] == 1 else region.name)
        for region in regions
        if region.layout
        for name in (region.name.lower(),)
    )


def _map(interface: Interface, region: Region, struct: Struct, name: str) -> AccessMap:
    found = [_entry(struct, each) for each in _by_abi(interface, struct) if each[0].size]
    entries = tuple(each for each in found if isinstance(each, Entry))
    return AccessMap(
        region=region,
        struct=struct,
        prefix=f"{snake(interface.name)}_{name}",
        entries=entries,
        elsewhere=tuple(each for each in found if isinstance(each, str)),
        together=tuple(_together(interface, region, struct, entries)),
        shown=tuple(dict.fromkeys(each.present.enumeration for each in entries if each.present)),
        errno=region.access.errno if region.access else None,
    )


def _by_abi(interface: Interface, struct: Struct) -> Iterator[tuple[Leaf, ...]]:
    """Each leaf as the ABIs have it."""
    return zip(*(leaves(interface, struct, abi) for abi in ABIS), strict=True)


def _entry(struct: Struct, each: tuple[Leaf, ...]) -> Entry | str:
    """The entry of a leaf; its path where C has no expression for where it lies."""
    leaf = each[0]
    moves = len({other.offset for other in each}) > 1
    grows = len({other.size for other in each}) > 1
    if leaf.bits and moves:
        return leaf.path
    record = f"{struct.keyword} {struct.name}"
    return Entry(
        leaf,
        f"offsetof({record}, {leaf.path})" if moves else str(leaf.offset),
        f"sizeof((({record} *)0)->{leaf.path})" if grows else str(leaf.size),
        _access(leaf),
    )


def _access(leaf: Leaf) -> str:
    """What may be done; where the spec does not say, everything."""
    if isinstance(leaf.member, Pad):
        return _PADDING[leaf.member.policy]
    assert isinstance(leaf.member, Field)
    return (leaf.access or Access.RW).value.upper()


def _together(
    interface: Interface, region: Region, struct: Struct, entries: tuple[Entry, ...]
) -> Iterator[Together]:
    """The sets of members that lie side by side and fill the bytes from the first one to the last."""
    lies = {leaf.path: leaf for leaf in leaves(interface, struct, next(iter(ABIS)))}
    known = {entry.path: entry for entry in entries}
    for members in region.access.together if region.access else ():
        paths = tuple(member.path for member in members)
        if not known.keys() >= {*paths}:
            continue
        begin, end = lies[paths[0]].offset, lies[paths[-1]].offset + lies[paths[-1]].size
        ends = ((each, each.offset + each.size) for each in lies.values() if each.size)
        covered = [each for each, behind in ends if begin <= each.offset and behind <= end]
        if (
            tuple(each.path for each in covered) == paths
            and sum(each.size for each in covered) == end - begin
        ):
            sizes = [known[path].size for path in paths]
            size = str(end - begin) if all(map(str.isdigit, sizes)) else " + ".join(sizes)
            yield Together(paths, known[paths[0]].offset, size)
