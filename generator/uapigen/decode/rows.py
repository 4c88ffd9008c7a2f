"""What is said of a stretch of bytes: the rows that decoding makes and that printing takes."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Kind(enum.Enum):
    """What a row is about."""

    NUMBER = enum.auto()
    """A member that is one number, or a bit field."""
    NUMBERS = enum.auto()
    BYTES = enum.auto()
    TEXT = enum.auto()
    """An array: of numbers, of ``u8``, of ``char``."""
    PAD = enum.auto()
    GAP = enum.auto()
    """Bytes, or bits, that the compiler leaves between members."""
    UNION = enum.auto()
    """What follows are alternatives: they lie over each other."""
    FOLDED = enum.auto()
    """Elements of an array without rows of their own."""
    NOTE = enum.auto()
    """No bytes, only a remark or a problem."""
    MISSING = enum.auto()
    """A member of which the input lacks bytes."""
    EXTRA = enum.auto()
    """Bytes that belong to no member."""


class Row(NamedTuple):
    """A stretch of the input.  Offsets and sizes are in bytes, from the start of the struct.

    ``values`` are the numbers in it, each of ``size`` bytes; ``first``: the index of the first in its array.
    A bit field has ``bits`` bits from ``bit`` on, counted in the byte at ``offset`` as the byte order has it.
    ``hexadecimal``: that is how the number is best read.  ``lacking``: bytes that are not there.
    ``alternative``: which one of the union it is in, and of the union in that.

    ``names`` is what a number stands for, ``prefix`` what C has before these names; ``remark`` is what else
    there is to know; ``problem`` is what is wrong with the input, "" where it is as the spec wants it.
    """

    kind: Kind
    offset: int
    data: bytes
    path: str
    values: tuple[int, ...] = ()
    size: int = 0
    first: int = 0
    bit: int = 0
    bits: int = 0
    hexadecimal: bool = False
    lacking: int = 0
    alternative: tuple[int, ...] = ()
    names: str = ""
    prefix: str = ""
    remark: str = ""
    problem: str = ""
