"""Where the members of a struct lie, on every ABI, computed from the model.

The first of the layouts that must agree: the text of the header is read back and laid out by other
code, and the C compiler is asked.  Rules of the ABIs: the psABI documents, as GCC implements them for
C, bit fields included.
"""

from __future__ import annotations

from collections.abc import Mapping

from uapigen.abi import ABIS, Abi
from uapigen.model import (
    Field,
    Gap,
    Group,
    Interface,
    Layout,
    Member,
    Pad,
    Placed,
    ScalarType,
    Struct,
)
from uapigen.record import changed
from uapigen.scalartypes import pad_type


def with_layouts(interface: Interface) -> Interface:
    """The interface with the layout of every struct on every ABI; equal ones of a struct are one object."""
    classes: dict[tuple[int, int, bool], dict[str, Layout]] = {}
    layouts = {name: classes.setdefault(abi.layout_class, {}) for name, abi in ABIS.items()}
    representatives = {abi.layout_class: abi for abi in ABIS.values()}
    # Structs come in an order in which C takes them; of two with one name, the first counts.
    for struct in interface.structs:
        if struct.name in layouts["x86-64"]:
            continue
        shared: dict[Layout, Layout] = {}
        for class_, abi in representatives.items():
            found = _struct(struct, abi, classes[class_])
            classes[class_][struct.name] = shared.setdefault(found, found)
    return changed(interface, layouts=layouts)


def _struct(struct: Struct, abi: Abi, done: Mapping[str, Layout]) -> Layout:
    cursor = _Cursor(abi, done, union=struct.union, packed=struct.packed)
    cursor.lay(struct.members)
    align = max(cursor.align, struct.align or 1)
    return cursor.finish(align)


class _Cursor:
    """Where the next member of one struct or union goes; ``end`` is in bits, everything else in bytes."""

    def __init__(self, abi: Abi, done: Mapping[str, Layout], *, union: bool, packed: bool) -> None:
        self.abi = abi
        self.done = done
        self.union = union
        self.packed = packed
        self.end = 0
        self.align = 1
        self.members: list[Placed] = []
        self.gaps: list[Gap] = []

    def lay(self, members: tuple[Member, ...]) -> None:
        for member in members:
            if isinstance(member, Group):
                self._group(member)
            elif isinstance(member, Pad):
                self._place(member.name, member.size, 1 if self.packed else _pad_align(member, self.abi))
            elif member.bits is not None and isinstance(member.type, ScalarType):
                self._bits(member, member.type, member.bits)
            else:
                size, align = self._extent(member)
                self._place(member.name, size, align)

    def finish(self, align: int) -> Layout:
        """The layout, padded to a multiple of its alignment."""
        used = -(-self.end // 8)
        size = -(-used // align) * align
        gaps = [*self.gaps]
        if size > used:
            gaps.append(Gap(used, size - used, ""))
        return Layout(size, align, tuple(self.members), tuple(gaps))

    def _extent(self, member: Field) -> tuple[int, int]:
        """Size and alignment of a member that is no bit field; a flexible array has size 0."""
        if isinstance(member.type, Struct):
            inner = self.done[member.type.name]
            size, align = inner.size, inner.align
        else:
            size, align = member.type.size, self._scalar_align(member.type)
        if self.packed and isinstance(member.type, Struct):
            align = 1
        return (size * member.array.count if member.array else size), align

    def _place(self, path: str, size: int, align: int, shown: str = "") -> int:
        """Put a member at the next offset that suits it; the offset.

        ``shown`` is the path that a gap before it is said to be before, where it has none itself.
        """
        used = 0 if self.union else -(-self.end // 8)
        offset = -(-used // align) * align
        if offset > used:
            self.gaps.append(Gap(used, offset - used, path or shown))
        self.members.append(Placed(path, offset, size, align))
        self._grow(8 * (offset + size), align)
        return offset

    def _group(self, group: Group) -> None:
        """Lay out a nested struct and take its members over, at their offset in the whole."""
        inner = _Cursor(self.abi, self.done, union=group.union, packed=False)
        inner.lay(group.members)
        layout = inner.finish(inner.align)
        align = 1 if self.packed else layout.align
        shown = next((placed.path for placed in layout.members if placed.path), "")
        offset = self._place(group.name, layout.size, align, shown)
        prefix = f"{group.name}." if group.name else ""
        for placed in layout.members:
            bit_offset = None if placed.bit_offset is None else placed.bit_offset + 8 * offset
            self.members.append(
                Placed(
                    prefix + placed.path,
                    placed.offset + offset,
                    placed.size,
                    placed.align,
                    bit_offset,
                    placed.bits,
                )
            )
        for gap in layout.gaps:
            before = prefix + gap.before if gap.before else ""
            inside = prefix + gap.inside if gap.inside else group.name
            self.gaps.append(Gap(gap.offset + offset, gap.size, before, inside))

    def _scalar_align(self, type_: ScalarType) -> int:
        """Packing does not undo an alignment that the type itself has."""
        if type_.aligned:
            return type_.size
        return 1 if self.packed else self.abi.align(type_.size)

    def _bits(self, member: Field, type_: ScalarType, bits: int) -> None:
        """A bit field follows what is before it, or starts a unit of its type where it does not fit."""
        start = 0 if self.union else self.end
        align = self._scalar_align(type_) if self.abi.bit_field_units or type_.aligned else 1
        if not self.abi.bit_field_units and self._is_integer(start, bits):
            align = max(align, self.abi.align(bits // 8))
        in_units = self.abi.bit_field_units and not self.packed
        if type_.aligned or (in_units and start % (8 * align) + bits > 8 * type_.size):
            start = -(-start // (8 * align)) * 8 * align
        self.members.append(Placed(member.name, start // 8, type_.size, align, start, bits))
        self._grow(start + bits, align)

    def _is_integer(self, start: int, bits: int) -> bool:
        """GCC takes a bit field for an integer that has the width of one and lies where one may."""
        if bits not in {8, 16, 32, 64} or (self.packed and bits > 8):
            return False
        return start % (8 * self.abi.align(bits // 8)) == 0

    def _grow(self, end: int, align: int) -> None:
        self.end = max(self.end, end) if self.union else end
        self.align = max(self.align, align)


def _pad_align(pad: Pad, abi: Abi) -> int:
    _, count = pad_type(pad.size)
    return abi.align(pad.size) if count == 1 else 1
