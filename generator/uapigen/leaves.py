"""The members of a struct that have no members themselves: what an access covers whole or not at all.

The room of the access map.  What was said of a nested struct holds for everything inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from uapigen.model import Access, Field, FlagRef, Group, Interface, Member, Pad, Placed, Struct


class Leaf(NamedTuple):
    """A member, where it lies on one ABI, and what user space may do with it.

    ``offset`` and ``size`` are bytes; ``bit`` and ``bits`` are those of a bit field, counted from the
    start of the struct, else 0.  ``present`` is the flag that announces the member.
    """

    path: str
    offset: int
    size: int
    member: Field | Pad
    access: Access | None = None
    present: FlagRef | None = None
    bit: int = 0
    bits: int = 0


class _Inside(NamedTuple):
    """What a nested struct gives its members."""

    prefix: str = ""
    offset: int = 0
    access: Access | None = None
    present: FlagRef | None = None


def leaves(interface: Interface, struct: Struct, abi: str) -> tuple[Leaf, ...]:
    """The members of a struct on an ABI, those of structs inside it included, in their order."""
    placed = iter(interface.layouts[abi][struct.name].members)
    return tuple(_leaves(interface, abi, struct.members, placed, _Inside()))


def _leaves(
    interface: Interface, abi: str, members: tuple[Member, ...], placed: Iterator[Placed], outer: _Inside
) -> Iterator[Leaf]:
    """``placed`` goes along with the members: it has the order of :attr:`.Struct.inside`."""
    for member in members:
        at = next(placed)
        path = f"{outer.prefix}{member.name}"
        if isinstance(member, Group):
            prefix = f"{path}." if member.name else outer.prefix
            inner = outer._replace(prefix=prefix, present=member.present or outer.present)
            yield from _leaves(interface, abi, member.members, placed, inner)
        elif isinstance(member, Field) and isinstance(member.type, Struct) and not member.array:
            layout = interface.layouts[abi][member.type.name]
            access = member.access or outer.access
            inner = _Inside(f"{path}.", outer.offset + at.offset, access, outer.present)
            yield from _leaves(interface, abi, member.type.members, iter(layout.members), inner)
        else:
            access = member.access if isinstance(member, Field) else None
            bit = 0 if at.bit_offset is None else 8 * outer.offset + at.bit_offset
            yield Leaf(
                path,
                outer.offset + at.offset,
                at.size,
                member,
                access or outer.access,
                outer.present,
                bit,
                at.bits or 0,
            )
