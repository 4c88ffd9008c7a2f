"""Numbers in bytes, as a byte order has them.

The room of bits and bytes.  Whose they are is not known here.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from uapigen.model import Endian, Placed, ScalarType
from uapigen.record import Record

Order: TypeAlias = Literal["little", "big"]


class Bytes(Record):
    """Bytes in an order.  Offsets are in bytes from the first one; a bit is counted from there, too."""

    data: bytes
    order: Order

    def number(self, type_: ScalarType, offset: int) -> int:
        """The number of this type at an offset; a type with an order of its own is read in that."""
        order: Order = self.order
        if type_.endian is not Endian.NATIVE:
            order = "little" if type_.endian is Endian.LITTLE else "big"
        return int.from_bytes(self.data[offset : offset + type_.size], order, signed=type_.signed)

    def pick(self, start: int, count: int) -> int:
        """The number in ``count`` bits; the first bit of a byte is its lowest, or with "big" its highest."""
        data = self.data[start // 8 : -(-(start + count) // 8)]
        shift = start % 8 if self.order == "little" else 8 * len(data) - start % 8 - count
        return int.from_bytes(data, self.order) >> shift & (1 << count) - 1


def extent(placed: Placed, base: int) -> tuple[int, int]:
    """The first bit of a member, and the one behind it, of a struct that begins at the byte ``base``."""
    if placed.bits is not None and placed.bit_offset is not None:
        start = 8 * base + placed.bit_offset
        return start, start + placed.bits
    return 8 * (base + placed.offset), 8 * (base + placed.offset + placed.size)
