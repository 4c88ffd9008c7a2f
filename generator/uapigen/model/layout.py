"""Structs as an ABI lays them out: bytes, unless a name says bits."""

from __future__ import annotations

from typing import NamedTuple


class Placed(NamedTuple):
    """Where a member lies: bytes from the start of the struct; for a bit field also in bits."""

    path: str
    offset: int
    size: int
    align: int
    bit_offset: int | None = None
    bits: int | None = None


class Gap(NamedTuple):
    """Padding that the compiler adds: ``before`` is the path of the next member, "" at the end."""

    offset: int
    size: int
    before: str
    inside: str = ""


class Layout(NamedTuple):
    """A struct as an ABI lays it out.  ``members`` have the order and the paths of :attr:`Struct.inside`."""

    size: int
    align: int
    members: tuple[Placed, ...]
    gaps: tuple[Gap, ...] = ()

    def find(self, path: str) -> Placed:
        """The member with this path.  Raises KeyError where there is none."""
        for placed in self.members:
            if placed.path == path:
                return placed
        raise KeyError(path)
