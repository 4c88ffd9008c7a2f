"""The bytes of a struct in cells: what lies where, and what a map says of it.

The room of what a map shows; where that stands on paper is :mod:`uapigen.diagram.structs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from uapigen.model import Field, Group, Layout, Member, Pad, Placed, Struct


class Item(NamedTuple):
    """A member as a cell names it, with its access.

    ``notes`` are ways to say what it is, the longest one first; ``must``: one of them has to be said.
    ``bits``: it is a bit field.
    """

    name: str
    notes: tuple[str, ...] = ()
    access: str = ""
    must: bool = False
    bits: bool = False

    @property
    def title(self) -> str:
        """The name, with a colon where a note has to follow."""
        return f"{self.name}:" if self.name and self.must else self.name


class Cell(NamedTuple):
    """The bytes from ``first`` to before ``end``, and what lies there.

    ``pad`` fills them; where it is None and there are no items, the compiler does.  ``open``: an array of
    any length begins at ``first``.  ``parts`` are those of the alternatives of a union that have members
    themselves.
    """

    first: int
    end: int
    items: tuple[Item, ...] = ()
    pad: Pad | None = None
    open: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def named(self) -> bool:
        """Whether the items have to be said: what fills a gap may do without."""
        return bool(self.items) and self.pad is None


class Part(NamedTuple):
    """A struct, or one alternative of a union: cells for all of its bytes, from ``first`` to before ``end``.

    ``empty`` are members that take no bytes, with their offsets.
    """

    name: str
    first: int
    end: int
    cells: tuple[Cell, ...]
    empty: tuple[tuple[int, Item], ...] = ()


def whole(struct: Struct, layout: Layout) -> Part:
    """All of a struct as an ABI lays it out."""
    placed = iter(layout.members)
    if struct.union:
        return _part("", 0, layout.size, [_union(struct.members, "", "", 0, placed)])
    return _part("", 0, layout.size, _cells(struct.members, "", placed))


def _part(name: str, first: int, end: int, cells: Iterable[_Laid]) -> Part:
    laid = sorted(cells, key=lambda each: each.cell.first)  # what lies nowhere else comes in the order of C
    taken = max((each.cell.end for each in laid), default=first)
    empty = [each.cell for each in laid if each.cell.first == each.cell.end]
    tail = empty[0] if len(empty) == 1 and empty[0].open and empty[0].first >= taken else None
    solid = _shared([each for each in laid if each.cell.first < each.cell.end])
    if tail:
        solid.append(tail)
        end = max(tail.first, taken)
    notes = [note for each in empty if each is not tail for note in _notes(each)]
    notes += [note for each in solid for inner in each.parts if not inner.cells for note in inner.empty]
    return Part(name, first, end, tuple(_filled(solid, first, end)), tuple(notes))


def _notes(cell: Cell) -> Iterator[tuple[int, Item]]:
    """What is in a cell without bytes."""
    yield from ((cell.first, _no_bytes(item)) for item in cell.items if item.name)
    for part in cell.parts:
        for inner in part.cells:
            yield from _notes(inner)
        yield from part.empty


def _no_bytes(item: Item) -> Item:
    """A member that has to say of itself that it takes no bytes."""
    kinds = (f"{note.removesuffix(' of')}, no bytes" for note in item.notes[:1])
    return Item(item.name, (*kinds, "no bytes", "(0)"), item.access, must=True)


class _Laid(NamedTuple):
    """A cell before those that share bytes are joined; ``bits`` are those of its only item."""

    cell: Cell
    bits: range | None = None


def _shared(laid: Iterable[_Laid]) -> list[Cell]:
    """The cells in their order, those of bit fields that share a byte as one."""
    groups: list[list[_Laid]] = []
    for each in laid:
        before = groups[-1][-1] if groups else None
        if before and before.bits and each.bits and each.cell.first < before.cell.end:
            groups[-1].append(each)
        else:
            groups.append([each])
    return [_joined(group) if group[0].bits else group[0].cell for group in groups]


def _joined(group: list[_Laid]) -> Cell:
    first, end = group[0].cell.first, group[-1].cell.end
    items = [_bit_item(each.cell.items[0], each.bits, first) for each in group if each.bits]
    return Cell(first, end, tuple(items))


def _bit_item(item: Item, bits: range, first: int) -> Item:
    """A bit field with the numbers of its bits in the cell that begins at byte ``first``."""
    low, high = bits.start - 8 * first, bits.stop - 8 * first - 1
    numbers = str(low) if low == high else f"{low}-{high}"
    words = "bit" if low == high else "bits"
    return Item(item.name, (f"{words} {numbers}", numbers), item.access, must=True, bits=True)


def _filled(cells: Iterable[Cell], first: int, end: int) -> Iterator[Cell]:
    """The cells, and between them what the compiler adds."""
    at = first
    for cell in cells:
        if cell.first > at:
            yield Cell(at, cell.first)
        yield cell
        at = cell.end
    if end > at:
        yield Cell(at, end)


# --- members --------------------------------------------------------------------------------------


def _cells(members: Iterable[Member], prefix: str, placed: Iterator[Placed]) -> Iterator[_Laid]:
    """The cells of the members of a struct.  Takes what is placed in the order of the members."""
    for member in members:
        at = next(placed)
        path, inner = _paths(member, prefix)
        if not isinstance(member, Group):
            yield _leaf(member, path, at)
        elif member.union:
            yield _union(member.members, path, inner, at.offset, placed)
        else:
            yield from _cells(member.members, inner, placed)


def _paths(member: Member, prefix: str) -> tuple[str, str]:
    """The path of a member, empty where it has no name, and what stands before the names in it."""
    path = prefix + member.name
    return (path, f"{path}.") if member.name else ("", prefix)


def _leaf(member: Field | Pad, path: str, at: Placed) -> _Laid:
    if isinstance(member, Pad):
        return _Laid(Cell(at.offset, at.offset + at.size, (Item(path, ("padding",)),), member))
    access = member.access.value if member.access else ""
    if at.bit_offset is not None and at.bits is not None:
        bits = range(at.bit_offset, at.bit_offset + at.bits)
        first, end = bits.start // 8, (bits.stop + 7) // 8
        return _Laid(Cell(first, end, (Item(path, (), access),)), bits)
    if isinstance(member.type, Struct):
        type_ = f"{member.type.keyword} {member.type.name}"
    else:
        type_ = member.type.number
    count = "" if member.array is None else "[]" if member.array.flexible else f"[{member.array.count}]"
    flexible = member.array is not None and member.array.flexible
    item = Item(path + count, (type_,), access)
    return _Laid(Cell(at.offset, at.offset + at.size, (item,), open=flexible))


def _union(members: Iterable[Member], path: str, prefix: str, first: int, placed: Iterator[Placed]) -> _Laid:
    """One cell for a union: what it is, and a line for each alternative."""
    found = _alternatives(members, prefix, first, placed)
    head = Item(path, ("union of", "union", "any"), must=True)
    end = max((each.end for each in found), default=first)
    items, parts = (each.item for each in found), (each.part for each in found)
    only_open = end == first and any(each.open for each in found)
    return _Laid(Cell(first, end, (head, *items), open=only_open, parts=tuple(filter(None, parts))))


class _Alternative(NamedTuple):
    """A member of a union, up to before ``end``; its ``part`` where it has members itself."""

    item: Item
    end: int
    open: bool = False
    part: Part | None = None


def _alternatives(
    members: Iterable[Member], prefix: str, first: int, placed: Iterator[Placed]
) -> list[_Alternative]:
    """The alternatives of a union; those of a union in it that has no name are its own."""
    found: list[_Alternative] = []
    for member in members:
        at = next(placed)
        path, inner = _paths(member, prefix)
        if not isinstance(member, Group):
            cell, bits = _leaf(member, path, at)
            item = _bit_item(cell.items[0], bits, first) if bits else cell.items[0]
            found.append(_Alternative(item, cell.end, cell.open))
        elif member.union and not member.name:
            found += _alternatives(member.members, inner, first, placed)
        else:
            name, end = path or _without_name(member, inner), at.offset + at.size
            if member.union:
                part = _part(name, at.offset, end, [_union(member.members, "", inner, at.offset, placed)])
            else:
                part = _part(name, at.offset, end, _cells(member.members, inner, placed))
            item = Item(name, ("union" if member.union else "struct",))
            found.append(_Alternative(item, end, bool(part.cells) and part.cells[-1].open, part))
    return found


def _without_name(group: Group, prefix: str) -> str:
    """A struct without a name, by what is in it."""
    first = next((member.name for member in group.members if member.name), "")
    return f"{{{prefix}{first}{',...' if len(group.members) > 1 else ''}}}"
