"""Byte maps, read back from their characters: each member is where the C compiler puts it."""

from __future__ import annotations

import ctypes
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import docutils.nodes
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pyoutput
from ctext import text_of
from documents import ALL, loaded, written
from mapread import Entry, ReadCell, ReadMap, UnreadableError, read
from rstread import parsed, section
from sample import fields_of, interface_of
from test_bindings_property import structs as declared_structs
from uapigen.declared import owners
from uapigen.diagram import plain
from uapigen.diagram.structs import Map, maps
from uapigen.document.bytemaps import reading
from uapigen.model import Field, Group, Interface, Pad, Struct
from witness import Said, compiler_says

Places = Mapping[str, range]
"""The bits of each member that has a path, from the start of the struct."""


# --- what is right --------------------------------------------------------------------------------


@cache
def compiled(abi: str) -> dict[str, Said]:
    """Where a compiler puts every member of every spec."""
    texts: dict[str, tuple[str, Said]] = {}
    for spec in ALL:
        interface = loaded(spec)
        if interface.structs:
            asked = {name: value for struct in owners(interface) for name, value in questions(struct)}
            texts[spec.stem] = text_of(interface, "header"), asked
    return compiler_says(texts, abi)


def questions(struct: Struct) -> Iterator[tuple[str, int | list[int]]]:
    """What is asked of a struct; the kind of the value says what kind of answer is wanted."""
    record = f"{struct.keyword} {struct.name}"
    yield f"sizeof({record})", 0
    for path, member, _ in struct.inside:
        if isinstance(member, Field) and member.bits:
            yield f"bits of {record}.{path}", []
        elif member.name:
            yield f"offsetof({record}, {path})", 0
            if not (isinstance(member, Field) and member.array and member.array.flexible):
                yield f"sizeof((({record} *)0)->{path})", 0


def places_of(struct: Struct, said: Said) -> Places:
    """The answers."""
    record, places = f"{struct.keyword} {struct.name}", dict[str, range]()
    for path, member, _ in struct.inside:
        bits = said.get(f"bits of {record}.{path}")
        if isinstance(bits, list):
            assert bits == list(range(bits[0], bits[-1] + 1))
            places[path] = range(bits[0], bits[-1] + 1)
        elif member.name:
            offset = said[f"offsetof({record}, {path})"]
            size = said.get(f"sizeof((({record} *)0)->{path})", 0)
            assert isinstance(offset, int)
            assert isinstance(size, int)
            places[path] = range(8 * offset, 8 * (offset + size))
    return places


def ctypes_places(class_: Any, struct: Struct) -> Places:
    """Where ctypes has the members."""
    return {path: _ctypes_place(class_, path.split(".")) for path, member, _ in struct.inside if member.name}


def _ctypes_place(class_: Any, path: list[str]) -> range:
    name, *rest = path
    found = vars(class_)[name] if name in vars(class_) else getattr(class_, name)
    if type(found).__name__ == "_Bits":
        return range(found._first, found._first + found._width)
    if not rest:
        return range(8 * found.offset, 8 * (found.offset + found.size))
    inner = _ctypes_place(_type(class_, name), rest)
    return range(inner.start + 8 * found.offset, inner.stop + 8 * found.offset)


def _type(class_: Any, name: str) -> Any:
    fields = dict(class_._fields_)
    inner = (fields[each] for each in getattr(class_, "_anonymous_", ()))
    return fields.get(name) or next(filter(None, (_type(each, name) for each in inner)), None)


# --- what is drawn --------------------------------------------------------------------------------


def drawn(map_: Map, width: int) -> ReadMap:
    """A map that keeps to its width, read back."""
    lines = plain.lines(map_.drawing)
    assert "".join(lines).isascii()
    assert max(map(len, lines)) <= map_.drawing.width <= width
    assert len(lines) == map_.drawing.height
    return read(lines)


def check(struct: Struct, found: Mapping[str, ReadMap], places: Places, size: int) -> None:
    """The maps show every member with its bytes, its access and its whole name, and nothing else."""
    cells = [cell for map_ in found.values() for cell in map_.cells]
    named = {entry.name: (cell, entry) for cell in cells for entry in cell.entries}
    named |= {
        entry.name: (ReadCell(at, at, ()), entry) for map_ in found.values() for at, entry in map_.empty
    }
    counted = Counter(entry.name for cell in cells for entry in cell.entries if entry.name)
    assert [name for name, count in counted.items() if count > 1] == []
    hatched = Counter((cell.first, cell.end) for cell in cells if cell.fill == "/")
    expected = set[str]()
    for path, member, around in struct.inside:
        outer = around[-2]
        alternative = isinstance(outer, Struct | Group) and outer.union
        place = places.get(path, range(0))
        first, end = place.start // 8, -(-place.stop // 8)
        if isinstance(member, Group):
            if (member.union or alternative) and member.name:
                expected.add(path)
                assert named[path][0].first == first
            if alternative and member.name and place:
                part = found[path].cells
                assert (part[0].first, part[-1].end) in {(first, end), (first, None)}
            continue
        if isinstance(member, Pad):
            expected.add(path)
            if not alternative:
                hatched[first, end] -= 1
                if path in named:
                    assert (named[path][0].first, named[path][0].end) == (first, end)
                continue
        count = member.array if isinstance(member, Field) else None
        name = path + ("" if not count else "[]" if count.flexible else f"[{count.count}]")
        cell, entry = named[name]
        expected.add(name)
        assert entry.access == (member.access.value if isinstance(member, Field) and member.access else "")
        if isinstance(member, Field) and member.bits:
            bits = [int(bit) for bit in entry.note.split()[-1].split("-")]
            assert range(8 * cell.first + bits[0], 8 * cell.first + bits[-1] + 1) == place
        elif alternative or (count and count.flexible):
            assert cell.first == first
            assert cell.end is None or end <= cell.end
        else:
            assert (cell.first, cell.end) == (first, end)
            assert entry.note.removesuffix(", no bytes" * (first == end)) in {"", words(member)}
    assert +hatched == Counter()
    assert {entry.name for _, entry in named.values() if entry.name[:1] not in {"", "{"}} <= expected
    assert all(cell.fill or cell.entries for cell in cells)
    if "" in found:
        assert found[""].cells[0].first == 0
        assert found[""].cells[-1].end in {size, None}
        assert not found.keys() - {""} - {entry.name for _, entry in named.values()}


def words(member: Field | Pad) -> str:
    """What a member is."""
    if isinstance(member, Pad):
        return ""
    return (
        f"{member.type.keyword} " if isinstance(member.type, Struct) else ""
    ) + member.type.name.removesuffix("-natural")


@pytest.mark.parametrize("width", [60, 76, 100])
@pytest.mark.parametrize("abi", ["x86-64", "i386"])
@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_every_member_is_where_the_compiler_puts_it(spec: Path, abi: str, width: int) -> None:
    interface = loaded(spec)
    for struct in owners(interface):
        said = compiled(abi)[spec.stem]
        size = said[f"sizeof({struct.keyword} {struct.name})"]
        assert isinstance(size, int)
        found = maps(struct, interface.layouts[abi][struct.name], width)
        check(struct, {each.name: drawn(each, width) for each in found}, places_of(struct, said), size)


_SUFFIXES = st.sampled_from(
    ["", "", "_size", "_of_the_data", "averylongnamewithoutanyunderscore", "_a_b_c__"]
)
_COUNTS = st.sampled_from([1, 2, 7, 16, 40, 41, 4096, 70000])


@st.composite
def more_structs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Random structs with longer names, longer arrays and accesses."""

    def grown(member: dict[str, Any]) -> dict[str, Any]:
        for key in member.keys() & {"fields", "union"}:
            member[key] = [grown(each) for each in member[key]]
        if "name" in member:
            member["name"] += draw(_SUFFIXES)
        if member.get("count", "flexible") != "flexible":
            member["count"] = draw(_COUNTS)
        access = draw(st.sampled_from(["", "ro", "wo", "rw"]))
        return member | ({"access": access} if "type" in member and access else {})

    return [
        struct | {"fields": [grown(member) for member in struct["fields"]]}
        for struct in draw(declared_structs())
    ]


@given(more_structs(), st.integers(60, 100), st.integers(29, 59))
@settings(deadline=None, max_examples=100)
def test_random_structs_are_read_back(declared: list[dict[str, Any]], width: int, narrow: int) -> None:
    interface = interface_of(f"structs: {json.dumps(declared)}\n")
    module = pyoutput.bindings(interface)
    for struct in interface.structs:
        layout, class_ = interface.layouts["x86-64"][struct.name], getattr(module, struct.name)
        found = maps(struct, layout, width)
        assert bool(found) or layout.size == 0
        read_back = {each.name: drawn(each, width) for each in found}
        if found:
            check(struct, read_back, ctypes_places(class_, struct), ctypes.sizeof(class_))
        for each in maps(struct, layout, narrow):
            assert extents(drawn(each, narrow)) == extents(read_back[each.name])


def extents(map_: ReadMap) -> list[tuple[int, int | None]]:
    """The cells by their bytes alone."""
    return [(cell.first, cell.end) for cell in map_.cells]


# --- kinds of cells -------------------------------------------------------------------------------


def only(interface: Interface, width: int = 76, abi: str = "x86-64") -> tuple[list[str], ReadMap]:
    """The lines of the only map of the last struct, and what is read from them."""
    struct = interface.structs[-1]
    (found,) = maps(struct, interface.layouts[abi][struct.name], width)
    return [*plain.lines(found.drawing)], drawn(found, width)


def test_rows_in_the_middle_of_a_long_member_are_left_out() -> None:
    lines, found = only(fields_of("{name: a, type: u32}", "{name: page, type: u8, count: 4096}"))
    assert extents(found) == [(0, 4), (4, 4100)]
    assert [line.split(" ")[0] for line in lines if line.startswith("0x")] == [
        "0x0000",
        "0x0008",
        "0x0ff8",
        "0x1000",
    ]
    assert sum("~" in line for line in lines) == 1
    _, five = only(fields_of("{name: a, type: u64, count: 5}"))
    lines, four = only(fields_of("{name: a, type: u64, count: 4}"))
    assert (extents(five), extents(four)) == ([(0, 40)], [(0, 32)])
    assert "~" not in "".join(lines)


def test_an_array_of_any_length_is_open() -> None:
    for fields, first in ((("u64",), 8), (("u32",), 4), (("u64", "u8"), 9)):
        before = [f"{{name: m{number}, type: {type_}}}" for number, type_ in enumerate(fields)]
        _, found = only(fields_of(*before, "{name: rest, type: u8, count: flexible}"))
        assert found.cells[-1] == ReadCell(first, None, (Entry("rest[]", "u8"),))


def test_a_name_is_folded_where_it_has_parts() -> None:
    lines, found = only(fields_of("{name: of_the_device, type: u8, access: rw}", "{name: b, type: u8}"))
    assert [line[5:14] for line in lines[2:5]] == ["|of_the |", "|_device|", "|     rw|"]
    assert found.cells[0].entries == (Entry("of_the_device", "", "rw"),)
    assert found.cells[1].entries == (Entry("b", "u8"),)


def test_members_that_take_no_bytes_are_named_beneath() -> None:
    _, found = only(fields_of("{name: a, type: u8, count: flexible}", "{name: b, type: u8}"))
    assert found.empty == ((0, Entry("a[]", "u8, no bytes")),)


def test_a_struct_of_no_bytes_and_a_width_of_no_use_have_no_map() -> None:
    interface = fields_of("{name: a, type: u32}", "{name: b, type: u64}")
    struct, layout = interface.structs[0], interface.layouts["x86-64"]["s"]
    assert maps(struct, layout, 21) == ()
    (found,) = maps(struct, layout, 22)
    assert extents(drawn(found, 22)) == [(0, 4), (4, 8), (8, 16)]


PACKED = """
structs:
  - struct: s
    packed: true
    fields:
      - {name: a, type: u32}
      - {name: b, type: u64-natural}
      - {name: c, type: u8, count: 15}
      - {name: d, type: u8}
"""


def test_a_member_whose_pieces_do_not_touch_goes_on_at_a_mark() -> None:
    lines, found = only(interface_of(PACKED))
    assert extents(found) == [(0, 4), (4, 12), (12, 27), (27, 28)]
    assert [line[-1] for line in lines if "b:" in line] == [">"]
    assert [line[5] for line in lines if "c[" in line] == [">"]


@pytest.mark.parametrize(
    ("line", "old", "new"),
    [
        (2, "a: u32                        |", "a: u32                         "),  # a wall is lost
        (5, "+-------", "+---   -"),  # a border is broken
        (4, "0x08 >", "0x08 |"),  # a member goes on, and nowhere to
        (4, "0x08", "0x10"),  # a row is elsewhere
        (0, "3", " "),  # a byte has no number
    ],
)
def test_the_reader_takes_no_map_that_is_broken(line: int, old: str, new: str) -> None:
    lines, _ = only(interface_of(PACKED))
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new, 1)
    with pytest.raises(UnreadableError):
        read(lines)


# --- in the document ------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_each_layout_has_its_map_in_the_document(spec: Path) -> None:
    interface = loaded(spec)
    document = parsed(written(interface))
    for struct in interface.structs:
        found = section(document, f"{struct.keyword} {struct.name}")
        blocks = [block.astext().split("\n") for block in found.findall(docutils.nodes.literal_block)]
        layouts = dict.fromkeys(layouts[struct.name] for layouts in interface.layouts.values())
        shown = [[*plain.lines(each.drawing)] for layout in layouts for each in maps(struct, layout, 76)]
        assert {tuple(lines) for lines in shown} == set(map(tuple, blocks))


def explained(field: str) -> str:
    """What is said of the map of a struct with one member."""
    interface = fields_of(field)
    struct = interface.structs[0]
    return reading([struct], maps(struct, interface.layouts["x86-64"]["s"], 76)).text


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("{name: a, type: u32}", "Numbers have the byte order of the machine"),
        ("{name: a, type: le32}", "Of le32 the least significant byte comes first on every machine."),
        ("{name: a, type: be16}", "Of be16 the most significant byte comes first on every machine."),
        ("{name: a, type: le64-natural}", "Of le64 the least significant byte comes first on every machine."),
        ("{name: a, type: u8, access: ro}", "User space can only read what is marked ro."),
        ("{name: a, type: u8, access: wo}", "User space can only write what is marked wo."),
        ("{name: a, type: u8, access: rw}", "User space can read and write what is marked rw."),
        ("{pad: 1}", "padding, which reads as zero and must be written as zero."),
        ("{pad: 1, policy: ignored}", "padding, which may have any value and is ignored."),
        ("{fields: [{name: a, type: u8}, {name: b, type: u16}]}", "Dots are bytes that the compiler adds."),
        ("{name: a, type: u8, bits: 2}", "The bits of a cell are counted"),
        ("{name: a, type: u8, count: 99}", "Between two rows, ~ stands for those that are left out."),
        (
            "{name: a, type: u8, count: flexible}",
            "At the end, ~ stands for however many rows a flexible array has.",
        ),
        ("{union: [{name: b, fields: [{name: a, type: u8}]}]}", "An alternative of a union that has members"),
    ],
)
def test_what_occurs_is_explained(field: str, sentence: str) -> None:
    assert sentence in explained(field)


def test_nothing_else_is_explained() -> None:
    first = (
        "In the byte maps, the offset of a byte is the one at the left of its row plus the number above it."
    )
    assert explained("{name: a, type: u8}") == first
