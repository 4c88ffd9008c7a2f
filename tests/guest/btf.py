"""Reads BTF, the types that a kernel and its modules carry with them: the layout of their structs.

The format is that of Documentation/bpf/btf.rst.  A module has its own types alone, and counts types and
strings on from those of the kernel, its base.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from layouts import Layout, Place

_MAGIC = 0xEB9F
_HEADER = struct.Struct("=HBBIIIII")
_TYPE = struct.Struct("=III")
_ENTRY = struct.Struct("=III")
_INT, _POINTER, _ARRAY, _STRUCT, _UNION, _ENUM = 1, 2, 3, 4, 5, 6
_PROTOTYPE, _VARIABLE, _SECTION, _FLOAT, _TAG, _ENUM64 = 13, 14, 15, 16, 17, 19
_SIZED = (_INT, _STRUCT, _UNION, _ENUM, _FLOAT, _ENUM64)
_NAMES = (8, 9, 10, 11, 18)
"""What stands for another type: typedef, volatile, const, restrict, a tag on a type."""
_FIXED = {_INT: 4, _ARRAY: 12, _VARIABLE: 4, _TAG: 4}
"""Bytes behind a type of a kind."""
_EACH = {_STRUCT: 12, _UNION: 12, _ENUM: 8, _PROTOTYPE: 8, _SECTION: 12, _ENUM64: 12}
"""Bytes behind a type of a kind, for each of its entries."""
POINTER_BITS = 64
"""The size of a pointer, which BTF does not say: that of the machines on which this is used."""


class _Type(NamedTuple):
    at: int
    name: int
    kind: int
    flag: bool
    entries: int
    size: int
    """Of a type that has a size; else the type that it refers to."""


class Btf:
    """The types in a file such as /sys/kernel/btf/vmlinux; those of a module with ``base``, the kernel's.

    Raises ValueError where the file is something else.
    """

    def __init__(self, data: bytes, base: Btf | None = None) -> None:
        if len(data) < _HEADER.size or _HEADER.unpack_from(data)[0] != _MAGIC:
            raise ValueError("this is no BTF of this machine")
        _, _, _, head, types, types_length, strings, strings_length = _HEADER.unpack_from(data)
        self._base = base
        self._data = data
        self._types = range(head + types, head + types + types_length)
        self._strings = head + strings
        self._first_string: int = base._end_of_strings if base else 0
        self._end_of_strings: int = self._first_string + strings_length
        self._first = base.end if base else 1

    @property
    def end(self) -> int:
        """The number behind that of the last type."""
        return self._first + len(self._places)

    def layout(self, name: str) -> Layout | None:
        """The layout of a struct or union of these types, not of the base; None where there is none."""
        if name not in self._structs:
            return None
        found = self._type(self._structs[name])
        return Layout(found.size, dict(self._members(found)))

    @cached_property
    def _places(self) -> list[int]:
        """Where each type begins."""
        places = []
        at, end = self._types.start, self._types.stop
        while at < end:
            places.append(at)
            (info,) = struct.unpack_from("=I", self._data, at + 4)
            kind = info >> 24 & 0x1F
            at += _TYPE.size + _FIXED.get(kind, 0) + (info & 0xFFFF) * _EACH.get(kind, 0)
        return places

    @cached_property
    def _structs(self) -> dict[str, int]:
        """The numbers of the structs and unions that have a name."""
        found = {}
        for number in range(self._first, self.end):
            each = self._type(number)
            if each.kind in (_STRUCT, _UNION) and each.name:
                found[self._string(each.name)] = number
        return found

    def _type(self, number: int) -> _Type:
        if number < self._first and self._base:
            return self._base._type(number)
        at = self._places[number - self._first]
        name, info, size = _TYPE.unpack_from(self._data, at)
        return _Type(at, name, info >> 24 & 0x1F, bool(info >> 31), info & 0xFFFF, size)

    def _owner(self, number: int) -> Btf:
        """The types that this one is among."""
        return self._base._owner(number) if number < self._first and self._base else self

    def _string(self, at: int) -> str:
        if at < self._first_string and self._base:
            return self._base._string(at)
        start = self._strings + at - self._first_string
        return self._data[start : self._data.index(b"\0", start)].decode()

    def _members(self, whole: _Type, outer: str = "", begin: int = 0) -> Iterator[tuple[str, Place]]:
        for number in range(whole.entries):
            name, type_, place = _ENTRY.unpack_from(self._data, whole.at + _TYPE.size + number * _ENTRY.size)
            bits = place >> 24 if whole.flag else 0
            offset = begin + (place & 0xFFFFFF if whole.flag else place)
            path = f"{outer}{self._string(name)}"
            yield from self._placed(path, type_, Place(offset, bits))

    def _placed(self, path: str, number: int, place: Place) -> Iterator[tuple[str, Place]]:
        """A member, or what is in it where it is a struct or union; one without a name adds none."""
        found, owner = self._resolved(number)
        if found.kind in (_STRUCT, _UNION):
            outer = f"{path}." if path and not path.endswith(".") else path
            yield from owner._members(found, outer, place.offset)
        else:
            yield path, Place(place.offset, place.size or owner._bits(found))

    def _resolved(self, number: int) -> tuple[_Type, Btf]:
        """The type behind typedefs and qualifiers, and the types that it is among."""
        found = self._type(number)
        while found.kind in _NAMES:
            number = found.size
            found = self._type(number)
        return found, self._owner(number)

    def _bits(self, found: _Type) -> int:
        """The size of a type, which is one of these."""
        if found.kind == _ARRAY:
            element, _, count = _ENTRY.unpack_from(self._data, found.at + _TYPE.size)
            inner, owner = self._resolved(element)
            return int(count) * owner._bits(inner)
        if found.kind == _POINTER:
            return POINTER_BITS
        if found.kind in _SIZED:
            return 8 * found.size
        raise ValueError(f"a member has a type of kind {found.kind}, which has no size")
