"""What ctypes does with the members that it is given, and how to make it do what C does.

The room of ctypes' own rules.  It aligns as the C compiler of the machine does, but knows no ``aligned``
attribute before Python 3.13, packs what C leaves aligned, and its bit fields are those of C only where all
have one type.  So its choices are foreseen: bytes are put in where it would leave too few, and bit fields
are cut out of bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.abi import ABIS

FORESEEN = (ABIS["x86-64"], ABIS["i386"])
"""The two ways in which all ABIs but m68k align: a number of 64 bits to 8 bytes, or to 4."""

Pair = tuple[int, int]
"""A number on each of the two."""


def either(numbers: Pair) -> str:
    """The one that holds on the machine that runs the bindings, as an expression."""
    wide, narrow = numbers
    return (
        str(wide) if wide == narrow else f"({wide} if ctypes.alignment(ctypes.c_uint64) == 8 else {narrow})"
    )


class Form:
    """The items of ``_fields_`` of one class, and where ctypes puts them.

    Offsets and sizes are those of C, from the start of the class.  ``numbers`` tell the members that are
    put in apart, in one struct and all that is nested in it.
    """

    def __init__(self, numbers: Iterator[int], union: bool, packed: bool) -> None:
        self._numbers = numbers
        self.fields: list[str] = []
        self.align: Pair = (1, 1)
        self._union = union
        self._packed = packed
        self._end: Pair = (0, 0)
        self._bits: Pair = (0, 0)

    def put(self, name: str, type_: str, offset: Pair, size: Pair, align: Pair) -> None:
        """Add a member.  ``align`` is the alignment that ctypes gives to its type."""
        self._close_bits()
        if self._packed:
            align = (1, 1)
        if _up(self._start, align) != offset:
            self._add_bytes("_filler", offset)
        self.fields.append(f'("{name}", {type_})')
        start = _up(self._start, align)
        self._grow((start[0] + size[0], start[1] + size[1]), align)

    def put_bits(self, bit: Pair, width: int) -> None:
        """Leave room for a bit field, of which the first bit is given."""
        self._bits = _greater(self._bits, (-(-(bit[0] + width) // 8), -(-(bit[1] + width) // 8)))
        if self._union:
            self._close_bits()

    def finish(self, size: Pair, align: Pair) -> None:
        """Bring the class to the size and, where ctypes has a type for that, to the alignment of C."""
        self._close_bits()
        if align[0] > self.align[0] and align[0] <= 8 and not self._packed:
            type_ = f"ctypes.c_uint{8 * align[0]}"
            self.fields.insert(0, f'("_aligned{next(self._numbers)}", {type_} * 0)')
            self._grow(self._end, (FORESEEN[0].align(align[0]), FORESEEN[1].align(align[0])))
        if _up(self._end, self.align) != size:
            self._add_bytes("_filler", size)

    @property
    def _start(self) -> Pair:
        """Where the next member may begin."""
        return (0, 0) if self._union else self._end

    def _close_bits(self) -> None:
        """Add the bytes that the bit fields so far are cut out of."""
        if self._bits > self._start:
            self._add_bytes("_bits", self._bits)
        self._bits = (0, 0)

    def _add_bytes(self, name: str, end: Pair) -> None:
        """Add bytes up to an offset."""
        count = (end[0] - self._start[0], end[1] - self._start[1])
        self.fields.append(f'("{name}{next(self._numbers)}", ctypes.c_uint8 * {either(count)})')
        self._grow(end, (1, 1))

    def _grow(self, end: Pair, align: Pair) -> None:
        self._end = _greater(self._end, end)
        self.align = _greater(self.align, align)


def _up(offset: Pair, align: Pair) -> Pair:
    """The next offsets with these alignments."""
    return (-(-offset[0] // align[0]) * align[0], -(-offset[1] // align[1]) * align[1])


def _greater(one: Pair, other: Pair) -> Pair:
    return (max(one[0], other[0]), max(one[1], other[1]))
