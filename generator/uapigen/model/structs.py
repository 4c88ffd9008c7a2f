"""Structs and their members, and what refers to one."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

from uapigen.model.element import Element, Place
from uapigen.model.numbers import Enumeration, Value
from uapigen.record import Record, ValueRecord


class Endian(enum.Enum):
    """The order of the bytes in memory."""

    NATIVE = "native"
    LITTLE = "little"
    BIG = "big"


class ScalarType(ValueRecord):
    """A number type.  ``aligned``: 8 bytes are aligned to 8 on every ABI (``__aligned_u64``)."""

    name: str
    c_name: str
    size: int
    signed: bool
    endian: Endian = Endian.NATIVE
    aligned: bool = False

    @property
    def number(self) -> str:
        """The name without the alignment, for what shows where a member lies."""
        return self.name.removesuffix("-natural")

    @property
    def minimum(self) -> int:
        """The smallest value that fits."""
        return -(1 << (8 * self.size - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        """The largest value that fits."""
        return (1 << (8 * self.size - int(self.signed))) - 1


class Access(enum.Enum):
    """What user space may do with a member."""

    RO = "ro"
    WO = "wo"
    RW = "rw"

    @property
    def readable(self) -> bool:
        """A read gives the value, not zeros."""
        return self is not Access.WO

    @property
    def writable(self) -> bool:
        """A write is taken, not refused."""
        return self is not Access.RO


class Array(ValueRecord):
    """``count`` elements, 0 for a flexible array; ``spelling`` is the constant that was named."""

    count: int
    spelling: str | None = None
    counted_by: str | None = None

    @property
    def flexible(self) -> bool:
        """The array has as many elements as follow."""
        return self.count == 0


class Field(Element, kw_only=True):
    """A member with a type: a number, or a struct that has a name of its own.

    ``bits`` is the width of a bit field.  ``enumeration`` or ``machine`` names what the values mean
    (the machine by name, because machines point at members).  ``pointer_to`` says what lies at the
    address that the number is.
    """

    type: ScalarType | Struct
    array: Array | None = None
    bits: int | None = None
    access: Access | None = None
    enumeration: Enumeration | None = None
    machine: str | None = None
    pointer_to: str | None = None
    asserted_offset: int | None = None
    asserted_size: int | None = None


class Pad(Element, kw_only=True):
    """Bytes that only fill a gap; ``policy`` is what a reader finds and a writer must write.

    ``zero``: reads as zero, must be written as zero.  ``ignored``: any value.
    """

    size: int
    policy: str = "zero"
    asserted_offset: int | None = None

    @property
    def meaning(self) -> str:
        """The policy in words, as every output says it."""
        return "reads as zero, must be written as zero" if self.policy == "zero" else "any value, ignored"


class Group(Element, kw_only=True):
    """A nested struct or union without a tag.  ``name`` is empty for an anonymous one.

    ``present`` is the flag that announces it, None where it always is.
    """

    union: bool
    members: tuple[Member, ...]
    present: FlagRef | None = None
    asserted_offset: int | None = None
    asserted_size: int | None = None


Member: TypeAlias = Field | Pad | Group

Inside: TypeAlias = tuple[str, Member, tuple[Element, ...]]
"""A member with its dotted path and all that it lies in: the struct, the groups, and at last itself."""


class Capability(Record, kw_only=True):
    """The number and version by which a chain of capabilities announces a struct."""

    name: str
    id: int
    version: int
    unique_among: str | None = None


class Struct(Element, kw_only=True):
    """A struct or union with a tag.  ``align`` and ``packed`` are the attributes of an existing one."""

    union: bool
    members: tuple[Member, ...]
    packed: bool = False
    align: int | None = None
    asserted_size: int | None = None
    capability: Capability | None = None
    external: str | None = None
    place: Place | None = None

    @property
    def keyword(self) -> str:
        """``struct`` or ``union``."""
        return "union" if self.union else "struct"

    @cached_property
    def inside(self) -> tuple[Inside, ...]:
        """Every member, outer ones first; what is anonymous adds nothing to a path.

        Goes into nested groups, not into structs that have a tag.  Nearly all that looks at a struct goes
        along its members, so that they are gathered once.
        """
        return tuple(_inside(self.members, "", (self,)))


def _inside(members: tuple[Member, ...], prefix: str, around: tuple[Element, ...]) -> Iterator[Inside]:
    for member in members:
        path = prefix + member.name
        elements = (*around, member)
        yield path, member, elements
        if isinstance(member, Group):
            yield from _inside(member.members, f"{path}." if member.name else prefix, elements)


class MemberRef(ValueRecord):
    """A member of a struct, by its dotted path."""

    struct: Struct
    path: str
    member: Member


class FlagRef(ValueRecord):
    """One flag of an enumeration."""

    enumeration: Enumeration
    value: Value
