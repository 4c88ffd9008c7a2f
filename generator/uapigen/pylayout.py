"""What ctypes does with the members that it is given, and how to make it do what C does.

The room of ctypes' own rules.  It aligns as the C compiler of the machine does, but knows no ``aligned``
attribute before Python 3.13, packs what C leaves aligned, and its bit fields are those of C only where all
have one type.  So its choices are foreseen, and bytes are put in where it would leave too few: bit fields are
cut out of these.
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

    Offsets and sizes are those of C, from the start of the class.  ``numbers`` tell the fillers apart, in
    one struct and all that is nested in it.
    """

    def __init__(self, numbers: Iterator[int], union: bool, packed: bool) -> None:
        self._numbers = numbers
        self._union = union
        self._packed = packed
        self._end: Pair = (0, 0)
        self.align: Pair = (1, 1)
        self.fields: list[str] = []

    def put(self, name: str, type_: str, offset: Pair, size: Pair, align: Pair) -> None:
        """Add a member.  ``align`` is the alignment that ctypes gives to its type."""
        if self._packed:
            align = (1, 1)
        if _up(self._start, align) != offset:
            self._fill(offset)
        start = _up(self._start, align)
        self._add(name, type_, (start[0] + size[0], start[1] + size[1]), align)

    def finish(self, size: Pair) -> None:
        """Bring the class to the size that it has in C."""
        if _up(self._end, self.align) != size:
            self._fill(size)

    @property
    def _start(self) -> Pair:
        """Where the next member may begin."""
        return (0, 0) if self._union else self._end

    def _fill(self, end: Pair) -> None:
        """Add bytes up to an offset."""
        count = (end[0] - self._start[0], end[1] - self._start[1])
        self._add(f"_filler{next(self._numbers)}", f"ctypes.c_uint8 * {either(count)}", end, (1, 1))

    def _add(self, name: str, type_: str, end: Pair, align: Pair) -> None:
        self.fields.append(f'("{name}", {type_})')
        self._end = _greater(self._end, end)
        self.align = _greater(self.align, align)


def _up(offset: Pair, align: Pair) -> Pair:
    """The next offsets with these alignments."""
    return (-(-offset[0] // align[0]) * align[0], -(-offset[1] // align[1]) * align[1])


def _greater(one: Pair, other: Pair) -> Pair:
    return (max(one[0], other[0]), max(one[1], other[1]))
