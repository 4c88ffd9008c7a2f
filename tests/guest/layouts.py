"""How a struct is laid out: what ctypes says of it, and how that differs from what another one says."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Struct = type[ctypes.Structure] | type[ctypes.Union]


class Place(NamedTuple):
    """Where a member lies in its struct, and how much it takes: in bits."""

    offset: int
    size: int


class Layout(NamedTuple):
    """The size of a struct or union in bytes, and its members: those of structs inside by a dotted path."""

    size: int
    members: Mapping[str, Place]


def layout_of(struct: Struct) -> Layout:
    """The layout of a struct as ctypes has it."""
    return Layout(ctypes.sizeof(struct), dict(_members(struct)))


def _members(struct: Struct, outer: str = "", begin: int = 0) -> Iterator[tuple[str, Place]]:
    for name, type_, *_ in struct._fields_:
        field = getattr(struct, name)
        path = outer if name in getattr(struct, "_anonymous_", ()) else f"{outer}{name}"
        if issubclass(type_, (ctypes.Structure, ctypes.Union)):
            inner = f"{path}." if path and path != outer else outer
            yield from _members(type_, inner, begin + field.offset)
        else:
            yield path, Place(8 * (begin + field.offset), 8 * field.size)


def differences(bound: Layout, found: Layout) -> list[str]:
    """How the kernel's layout of a struct differs from that of the bindings.

    A struct that begins with its size may have more behind its end: that is how it grows.
    """
    grows = next(iter(bound.members), "") == "argsz"
    ours = bound.members
    theirs = {
        path: place
        for path, place in found.members.items()
        if not (grows and place.offset >= 8 * bound.size and path not in ours)
    }
    said = []
    if found.size != bound.size and not (grows and found.size > bound.size):
        said.append(f"it has {found.size} bytes, not {bound.size}")
    return said + [
        f"{path} is {_words(theirs.get(path))}, not {_words(ours.get(path))}"
        for path in {**ours, **theirs}
        if ours.get(path) != theirs.get(path)
    ]


def _words(place: Place | None) -> str:
    return f"{place.size // 8} bytes at {place.offset // 8}" if place else "nowhere"
