"""Bytes of a struct, row by row: where each lies, whose it is, and what it says.

The room between a layout and those who print it.  Nothing is guessed: what the input lacks is a row that
says so, and what belongs to no member is one as well.  Neither files nor terminals are known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from uapigen.decode.bits import Bytes, Order, extent
from uapigen.decode.expected import Expected, announced, told_version
from uapigen.decode.rows import Kind, Row
from uapigen.decode.symbols import Meaning, enumerated, state
from uapigen.model import Access, Field, Group, Interface, Member, Pad, Placed, ScalarType, Struct
from uapigen.record import EMPTY

ELEMENTS = 16
"""Elements of an array that have rows of their own; of the others, as many that something is wrong with."""


def decode(
    interface: Interface, struct: Struct, abi: str, order: Order, data: bytes, *, whole: bool = True
) -> tuple[Row, ...]:
    """The rows of a struct that these bytes begin with, in the order of the offsets.

    A flexible array at the end has as many elements as there are.  ``order`` is that of the bytes where a
    type has none of its own, and of bit fields.  ``whole``: the input ends with ``data``.
    """
    decoder = _Decoder(interface, abi, order, data)
    rows = [*decoder.record(struct, _At(struct, expected=told_version(interface, struct)))]
    size = decoder.layouts[struct.name].size
    if len(data) > size and not _is_open(struct):
        said = f"{_bytes(len(data) - size)} too many, of no member"
        rows.append(Row(Kind.EXTRA, size, data[size:], "", problem=said))
    if not whole:
        rows = [row for row in rows if row.kind is not Kind.MISSING]  # It may well be there.
        said = "the input goes on; what follows is not read"
        rows.append(Row(Kind.NOTE, len(data), b"", "", problem=said))
    return tuple(rows)


class _At(NamedTuple):
    """What is known of a struct, or a group in one, from outside.

    ``base`` is where ``struct`` begins, ``prefix`` what its members have before their paths.  ``open``: a
    flexible array at its end takes the rest of the input.  ``expected``: numbers by the paths in the struct.
    """

    struct: Struct
    base: int = 0
    prefix: str = ""
    access: Access | None = None
    open: bool = True
    expected: Mapping[str, Expected] = EMPTY


class _Node(NamedTuple):
    """A member, where it lies in its struct, and what is in it where it is a group."""

    member: Member
    path: str
    placed: Placed
    inside: tuple[_Node, ...]


class _Decoder:
    """Makes rows of the bytes of one input."""

    def __init__(self, interface: Interface, abi: str, order: Order, data: bytes) -> None:
        self.layouts = interface.layouts[abi]
        self._machines = {machine.name: machine for machine in interface.machines}
        self._bytes = Bytes(data, order)
        self._data = data
        self._nodes: dict[str, tuple[_Node, ...]] = {}

    def record(self, struct: Struct, at: _At) -> Iterator[Row]:
        """A struct that begins at ``at.base``."""
        layout = self.layouts[struct.name]
        if struct.name not in self._nodes:
            self._nodes[struct.name] = _nodes(struct.members, "", iter(layout.members))
        at = at._replace(expected={**at.expected, **announced(struct)})
        if struct.union:
            yield Row(Kind.UNION, at.base, b"", at.prefix.rstrip("."), values=(len(struct.members),))
        yield from self._members(self._nodes[struct.name], struct, at.base, layout.size, at)

    def _members(
        self, nodes: tuple[_Node, ...], owner: Struct | Group, begin: int, size: int, at: _At
    ) -> Iterator[Row]:
        """Everything in a struct or group of ``size`` bytes, and the gaps between."""
        behind = 8 * begin
        for number, node in enumerate(nodes, 1):
            start, end = extent(node.placed, at.base)
            if owner.union:
                rows = self._member(node, at)
                yield from (_alternative(row, number) for row in rows)
            else:
                yield from self._gap(behind, start)
                yield from self._member(node, at._replace(open=at.open and node is nodes[-1]))
            behind = max(behind, end)
        if not (at.open and _is_open(owner)):
            yield from self._gap(behind, 8 * (begin + size))

    def _member(self, node: _Node, at: _At) -> Iterator[Row]:
        member, offset, path = node.member, at.base + node.placed.offset, at.prefix + node.path
        if isinstance(member, Group):
            yield from self._group(node, member, at)
        elif isinstance(member, Pad):
            yield self._pad(member, path, offset)
        elif node.placed.bits is not None:
            yield self._bits(member, node, at)
        elif member.array and member.array.flexible:
            yield from self._flexible(node, member, at) if at.open else ()
        elif offset >= len(self._data) and node.placed.size:
            yield self._missing(path, offset, node.placed.size)
        elif member.array:
            yield from self._elements(node, member, at, 0, member.array.count)
        else:
            yield from self._element(member, path, offset, at, node.path)

    def _group(self, node: _Node, group: Group, at: _At) -> Iterator[Row]:
        offset, size = at.base + node.placed.offset, node.placed.size
        path = at.prefix + node.path if group.name else ""
        if group.name and offset >= len(self._data) and size:
            yield self._missing(path, offset, size)
            return
        absent = self._absent(group, at)
        if absent:
            yield Row(Kind.NOTE, offset, b"", path, remark=absent)
        if group.union:
            yield Row(Kind.UNION, offset, b"", path, values=(len(group.members),))
        yield from self._members(node.inside, group, offset, size, at)

    def _absent(self, group: Group, at: _At) -> str:
        """That the flag is not set which announces a group, "" where it is, or is not in this struct."""
        for path, member, _ in at.struct.inside if group.present else ():
            if (
                isinstance(member, Field)
                and group.present
                and member.enumeration is group.present.enumeration
            ):
                found = self._counter(at, path)
                if found is not None and not found & group.present.value.value:
                    return f"not there, {at.prefix}{path} lacks {group.present.value.name}"
        return ""

    # --- members ---

    def _element(self, field: Field, path: str, offset: int, at: _At, inner: str) -> Iterator[Row]:
        """A member that is no array, or one element; ``inner`` is its path in the struct that it is in."""
        access = field.access or at.access
        if isinstance(field.type, Struct):
            inside = at._replace(struct=field.type, base=offset, prefix=f"{path}.", access=access)
            prefix = f"{inner}."
            expected = {
                each.removeprefix(prefix): value
                for each, value in at.expected.items()
                if each.startswith(prefix)
            }
            yield from self.record(field.type, inside._replace(expected=expected))
            return
        size = field.type.size
        if offset + size > len(self._data):
            yield self._missing(path, offset, size)
            return
        data = self._data[offset : offset + size]
        row = Row(Kind.NUMBER, offset, data, path, (self._bytes.number(field.type, offset),), size)
        yield self._meant(row, field, access, at.expected.get(inner))

    def _elements(self, node: _Node, field: Field, at: _At, first: int, stop: int) -> Iterator[Row]:
        """These elements of an array: those that are there, and which of them are not."""
        path, begin = at.prefix + node.path, at.base + node.placed.offset
        size = self._size(field)
        if not size:
            return
        there = max(0, len(self._data) - begin)
        part = min(stop, -(-there // size))  # where the input ends in one, that one is in
        if isinstance(field.type, ScalarType) and not _has_names(field):
            part = min(stop, there // size)
            if first < part:
                yield self._array(field.type, path, begin, first, part)
        else:
            yield from self._each(field, node, at, first, part)
        if part < stop:
            yield self._missing(_slice(path, part, stop), begin + part * size, (stop - part) * size)

    def _each(self, field: Field, node: _Node, at: _At, first: int, stop: int) -> Iterator[Row]:
        """Elements with rows of their own: of many, the first ones and those with something wrong in them."""
        path, begin, size = at.prefix + node.path, at.base + node.placed.offset, self._size(field)
        at = at._replace(open=False)
        clean: set[bytes] = set()
        wrong = 0
        folded = range(first, first)
        problems = 0
        for index in range(first, stop):
            offset = begin + index * size
            data = self._data[offset : offset + size]
            is_early = index < first + ELEMENTS
            if is_early or data not in clean:
                rows = [*self._element(field, f"{path}[{index}]", offset, at, f"{node.path}[{index}]")]
                found = sum(bool(row.problem) for row in rows)
                if not found and len(clean) < 4096:
                    clean.add(data)
                wrong += bool(found) and not is_early
                if is_early or (found and wrong <= ELEMENTS):
                    yield from self._folded(path, begin, size, folded, problems)
                    yield from rows
                    folded, problems = range(index + 1, index + 1), 0
                    continue
                problems += bool(found)
            folded = range(folded.start, index + 1)
        yield from self._folded(path, begin, size, folded, problems)

    def _folded(self, path: str, begin: int, size: int, which: range, wrong: int) -> Iterator[Row]:
        if which:
            offset = begin + which.start * size
            data = self._data[offset : offset + len(which) * size]
            said = f"something is wrong in {wrong} of them" if wrong else ""
            path = _slice(path, which.start, which.stop)
            yield Row(Kind.FOLDED, offset, data, path, (len(which),), size, problem=said)

    def _array(self, type_: ScalarType, path: str, begin: int, first: int, stop: int) -> Row:
        size = type_.size
        data = self._data[begin + first * size : begin + stop * size]
        kind = {"char": Kind.TEXT, "u8": Kind.BYTES}.get(type_.name, Kind.NUMBERS)
        numbers = (self._bytes.number(type_, begin + index * size) for index in range(first, stop))
        return Row(kind, begin + first * size, data, path, tuple(numbers), size, first)

    def _flexible(self, node: _Node, field: Field, at: _At) -> Iterator[Row]:
        """What is left of the input, held against the member that counts it."""
        path, begin, size = at.prefix + node.path, at.base + node.placed.offset, self._size(field)
        there = len(self._data) - begin
        counter = field.array.counted_by if field.array else None
        counted = self._counter(at, counter) if counter else None
        if there < 0 or not size:
            return
        said = f"{at.prefix}{counter} says {counted}"
        counted = -(-there // size) if counted is None else max(0, counted)
        if not counted:
            yield Row(Kind.NOTE, begin, b"", path, remark="no elements")
        yield from self._elements(node, field, at, 0, counted)
        more = there - counted * size
        end = begin + counted * size
        if 0 < more <= self.layouts[at.struct.name].size - node.placed.offset:
            # An array of few elements lies within what sizeof has as the padding at the end.
            yield from self._gap(8 * end, 8 * (end + more))
        elif more > 0:
            whole = there // size
            which = _slice(path, counted, whole) if whole > counted else ""
            yield Row(Kind.NOTE, end, b"", which, problem=f"{said}, and {_bytes(more)} follow")
            yield from self._elements(node, field, at, counted, whole)
            rest = begin + whole * size
            if rest < len(self._data):
                yield Row(Kind.EXTRA, rest, self._data[rest:], "", remark="no whole element")

    def _pad(self, pad: Pad, path: str, offset: int) -> Row:
        if offset + pad.size > len(self._data):
            return self._missing(path, offset, pad.size)
        data = self._data[offset : offset + pad.size]
        row = Row(Kind.PAD, offset, data, path, size=pad.size)
        if pad.policy != "zero":
            return row._replace(remark="any value")
        if not any(data):
            return row._replace(remark="zero")
        first = next(offset + place for place, byte in enumerate(data) if byte)
        at = f"; the byte at {first:#x} is not" if pad.size > 8 else ""
        return row._replace(problem=f"must be zero{at}")

    def _gap(self, start: int, end: int) -> Iterator[Row]:
        """What lies between two members, in bits."""
        if start >= end:
            return
        first, last = start // 8, -(-end // 8)
        if last > len(self._data):
            yield self._missing("", first, last - first)
            return
        data = self._data[first:last]
        bits = end - start if start % 8 or end % 8 else 0
        remark = "not zero" if self._bytes.pick(start, end - start) else ""
        yield Row(Kind.GAP, first, data, "", bit=start % 8, bits=bits, remark=remark)

    def _bits(self, field: Field, node: _Node, at: _At) -> Row:
        start, end = extent(node.placed, at.base)
        first, last = start // 8, -(-end // 8)
        path, count = at.prefix + node.path, end - start
        if last > len(self._data):
            return self._missing(path, first, last - first)
        number = self._bytes.pick(start, count)
        if isinstance(field.type, ScalarType) and field.type.signed and number >> (count - 1):
            number -= 1 << count
        row = Row(Kind.NUMBER, first, self._data[first:last], path, (number,), bit=start % 8, bits=count)
        return self._meant(row, field, field.access or at.access, at.expected.get(node.path))

    def _missing(self, path: str, offset: int, size: int) -> Row:
        data = self._data[offset : offset + size]
        lacking = size - len(data)
        of = "" if path else " of a gap"
        said = f"{lacking} of {size} bytes{of} are missing" if data else f"missing, {_bytes(lacking)}{of}"
        return Row(Kind.MISSING, offset, data, path, lacking=lacking, problem=said)

    # --- numbers ---

    def _meant(self, row: Row, field: Field, access: Access | None, expected: Expected | None) -> Row:
        """The row with what its number means."""
        [number], width = row.values, row.bits or 8 * row.size
        meant = Meaning()
        if field.machine in self._machines:
            meant = state(self._machines[field.machine], number, width)
        elif field.enumeration:
            meant = enumerated(field.enumeration, number, width)
        elif field.pointer_to:
            meant = Meaning(bits=True, remark=f"address of {field.pointer_to}")
        elif expected and number == expected.value:
            meant = Meaning(expected.name)
        elif expected:
            meant = Meaning(problem=f"{expected.name or 'what is described here'} is {expected.value}")
        if meant.problem and access is Access.WO and number == 0:
            meant = meant._replace(problem="", remark="as write-only members read")
        return row._replace(
            names=meant.names,
            prefix=meant.prefix,
            remark=meant.remark,
            problem=meant.problem,
            hexadecimal=meant.bits,
        )

    def _counter(self, at: _At, name: str) -> int | None:
        """The number in a member of this struct, or of a group in it; None where it is not all there."""
        members = zip(at.struct.inside, self.layouts[at.struct.name].members, strict=True)
        named = [
            (path != name, member, placed)
            for (path, member, _), placed in members
            if isinstance(member, Field) and path.rpartition(".")[2] == name.rpartition(".")[2]
        ]
        if not named:
            return None  # It is a group or padding.
        _, member, placed = min(named, key=lambda each: each[0])
        start, end = extent(placed, at.base)
        if member.array or isinstance(member.type, Struct) or end > 8 * len(self._data):
            return None
        if placed.bits is not None:
            return self._bytes.pick(start, placed.bits)
        return self._bytes.number(member.type, start // 8)

    def _size(self, field: Field) -> int:
        """Bytes of an element."""
        return self.layouts[field.type.name].size if isinstance(field.type, Struct) else field.type.size


def _nodes(members: tuple[Member, ...], prefix: str, places: Iterator[Placed]) -> tuple[_Node, ...]:
    """The members with their places, which come in the order of :attr:`.Struct.inside`."""
    found = []
    for member in members:
        placed = next(places)
        path = prefix + member.name
        below = f"{path}." if member.name else prefix
        inside = _nodes(member.members, below, places) if isinstance(member, Group) else ()
        found.append(_Node(member, path, placed, inside))
    return tuple(found)


def _is_open(owner: Struct | Group) -> bool:
    """Whether it ends in a flexible array, or what is last in it does."""
    for member in owner.members if owner.union else owner.members[-1:]:
        if isinstance(member, Group) and _is_open(member):
            return True
        if isinstance(member, Field):
            if member.array and member.array.flexible:
                return True
            if isinstance(member.type, Struct) and not member.array and _is_open(member.type):
                return True
    return False


def _alternative(row: Row, number: int) -> Row:
    """A row in a union.  Which one is meant is not known: what is wrong in one of them may be right."""
    row = row._replace(alternative=(number, *row.alternative))
    if row.problem and row.kind is not Kind.MISSING:
        return row._replace(problem="", remark=f"{row.problem}, if it is this one")
    return row


def _has_names(field: Field) -> bool:
    return bool(field.enumeration or field.machine or field.pointer_to)


def _slice(path: str, first: int, stop: int) -> str:
    return f"{path}[{first}]" if stop - first == 1 else f"{path}[{first}..{stop - 1}]"


def _bytes(count: int) -> str:
    return f"{count} byte" + "s" * (count != 1)
