"""Decoded bytes: numbers that a compiler or ctypes put there come back, and no byte is lost.

The bytes come from C compilers, of every ABI, and from ctypes; neither shares code with what is tested.
"""

from __future__ import annotations

import ctypes
import json
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pyoutput
from ctext import EVERY_SPEC, built, header_name, text_of
from sample import OUT, SPECS, fields_of, interface_of
from test_bindings_property import structs
from tools import require_compiler
from uapigen import cc, load
from uapigen.abi import ABIS
from uapigen.commands.decodetext import table
from uapigen.decode import Kind, Order, Row, decode
from uapigen.model import Endian, Field, Group, Interface, Member, ScalarType, Struct

KINDS = next(path for path in EVERY_SPEC if path.stem == "kinds")
DEVICE = next(path for path in EVERY_SPEC if path.stem == "vfio-device")
ORDERS: tuple[Order, ...] = ("little", "big")


def rows_of(interface: Interface, struct: str, data: bytes, abi: str = "x86-64") -> tuple[Row, ...]:
    found = interface.struct(struct)
    assert found
    return decode(interface, found, abi, "big" if ABIS[abi].big_endian else "little", data)


def numbers(rows: Sequence[Row]) -> dict[str, int]:
    """Every number with its path; those of an array with their index."""
    found: dict[str, int] = {}
    for row in rows:
        if row.kind is Kind.NUMBER:
            found[row.path] = row.values[0]
        elif row.kind in {Kind.NUMBERS, Kind.BYTES, Kind.TEXT}:
            found |= {f"{row.path}[{row.first + place}]": value for place, value in enumerate(row.values)}
    return found


def said(rows: Sequence[Row]) -> dict[str, str]:
    """What names say, by the path."""
    return {row.path: row.names for row in rows if row.names}


def problems(rows: Sequence[Row]) -> dict[str, str]:
    return {row.path: row.problem for row in rows if row.problem}


# --- bytes that C compilers made ------------------------------------------------------------------


def assigned(
    members: Sequence[Member], union: bool, prefix: str, chance: random.Random
) -> Iterator[tuple[str, ScalarType, int]]:
    """A number for each member, and the type; of a union for one alternative."""
    for member in [chance.choice(members)] if union else members:
        path = f"{prefix}{member.name}"
        if isinstance(member, Group):
            below = f"{path}." if member.name else prefix
            yield from assigned(member.members, member.union, below, chance)
        elif isinstance(member, Field) and not (member.array and member.array.flexible):
            count = member.array.count if member.array else 1
            for index in range(count):
                element = f"{path}[{index}]" if member.array else path
                if isinstance(member.type, Struct):
                    yield from assigned(member.type.members, member.type.union, f"{element}.", chance)
                else:
                    width = member.bits or 8 * member.type.size
                    lowest = -(1 << width - 1) if member.type.signed else 0
                    yield element, member.type, chance.randrange(lowest, lowest + (1 << width))


def spelled(type_: ScalarType, value: int, *, big_endian: bool) -> str:
    """A number as C takes it, for a type with an order of its own as that has it."""
    if type_.endian in {Endian.NATIVE, Endian.BIG if big_endian else Endian.LITTLE}:
        return f"(long long){value & (1 << 64) - 1:#x}ULL"
    swapped = int.from_bytes(value.to_bytes(type_.size, "little"), "big")
    return f"{swapped:#x}ULL"


@pytest.mark.parametrize("abi", ABIS)
def test_what_a_compiler_put_into_members_comes_back(abi: str) -> None:
    """The compiler of each ABI makes objects in which every member has a number, bit fields included."""
    compiler, flags = require_compiler(abi)
    chance = random.Random(abi)
    interfaces = [load(path) for path in EVERY_SPEC]
    expected: list[list[tuple[Struct, dict[str, int]]]] = []
    jobs = []
    for interface in interfaces:
        objects, found = [], []
        for struct in interface.structs:
            for _ in range(4):  # Other alternatives of unions, too.
                chosen = [*assigned(struct.members, struct.union, "", chance)]
                values = (
                    f".{path} = {spelled(type_, value, big_endian=ABIS[abi].big_endian)}"
                    for path, type_, value in chosen
                )
                objects.append((f"{struct.keyword} {struct.name}", f"{{ {', '.join(values)} }}"))
                found.append((struct, {path: value for path, _, value in chosen}))
        expected.append(found)
        source = cc.image_source(text_of(interface, "header"), objects)
        jobs.append(cc.Job(compiler, (*flags, "-w"), source, {}))
    count = 0
    for interface, found, made in zip(interfaces, expected, cc.run(jobs), strict=True):
        assert isinstance(made, bytes), made.message
        images = cc.images(made, len(found))
        assert isinstance(images, list), images.message
        for (struct, values), image in zip(found, images, strict=True):
            rows = rows_of(interface, struct.name, image, abi)
            decoded = numbers(rows)
            assert {path: decoded.get(path) for path in values} == values, (struct.name, image.hex(" "))
            assert not any(row.kind is Kind.EXTRA for row in rows)
            count += len(values)
    assert count > 400


def test_the_bytes_of_a_program_with_the_shipped_header(tmp_path: Path) -> None:
    """The program names what it writes by the macros of the header."""
    source = """
#include <stdio.h>
#include <string.h>
#include "vfio_device_state.h"
int main(void)
{
    struct vfio_device_state_ctl ctl;
    memset(&ctl, 0, sizeof(ctl));
    ctl.version = VFIO_DEVICE_STATE_INTERFACE_VERSION;
    ctl.device_state = VFIO_DEVICE_STATE_CTL_STOPPED | VFIO_DEVICE_STATE_CTL_LOGGING;
    ctl.caps = VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY | VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY;
    ctl.device_config.action = VFIO_DEVICE_DATA_ACTION_SET_BUFFER;
    ctl.device_config.size = 123456789012345ULL;
    ctl.system_memory.start_addr = 0xfee00000;
    ctl.system_memory.page_nr = 16;
    return fwrite(&ctl, sizeof(ctl), 1, stdout) != 1;
}
"""
    header = (OUT / "vfio-device-state/vfio_device_state.h").read_text(encoding="ascii")
    program = built(tmp_path, {"vfio_device_state.h": header, "main.c": source}, "main.c")
    data = subprocess.run([program], capture_output=True, check=True).stdout
    rows = rows_of(load(SPECS / "vfio-device-state.yaml"), "vfio_device_state_ctl", data)
    assert numbers(rows) == {
        "version": 1,
        "device_state": 3,
        "caps": 3,
        "device_config.action": 2,
        "device_config.size": 123456789012345,
        "device_memory.action": 0,
        "device_memory.size": 0,
        "device_memory.pos": 0,
        "system_memory.start_addr": 0xFEE00000,
        "system_memory.page_nr": 16,
    }
    assert said(rows) == {
        "version": "VFIO_DEVICE_STATE_INTERFACE_VERSION",
        "device_state": "STOPPED+LOGGING",
        "caps": "DEVICE_MEMORY | SYSTEM_MEMORY",
        "device_config.action": "SET_BUFFER",
    }
    assert problems(rows) == {}


def test_the_elements_that_a_program_put_behind_a_struct(tmp_path: Path) -> None:
    source = """
#include <stdio.h>
#include <stdlib.h>
#include "vfio_device.h"
int main(void)
{
    unsigned int i, count = 40;
    size_t size = sizeof(struct vfio_region_info_cap_sparse_mmap) +
                  count * sizeof(struct vfio_region_sparse_mmap_area);
    struct vfio_region_info_cap_sparse_mmap *cap = calloc(1, size);
    if (!cap)
        return 1;
    cap->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
    cap->header.version = 1;
    cap->nr_areas = count;
    for (i = 0; i < count; i++) {
        cap->areas[i].offset = 4096ULL * i;
        cap->areas[i].size = i + 1;
    }
    return fwrite(cap, size, 1, stdout) != 1;
}
"""
    interface = load(DEVICE)
    header = {header_name(interface): text_of(interface, "header"), "main.c": source}
    data = subprocess.run([built(tmp_path, header, "main.c")], capture_output=True, check=True).stdout
    rows = rows_of(interface, "vfio_region_info_cap_sparse_mmap", data)
    assert problems(rows) == {}
    assert said(rows)["header.id"] == "VFIO_REGION_INFO_CAP_SPARSE_MMAP"
    shown = {f"areas[{number}].{name}" for number in range(16) for name in ("offset", "size")}
    found = {path: value for path, value in numbers(rows).items() if path.startswith("areas")}
    assert {*found} == shown
    assert all(found[f"areas[{number}].offset"] == 4096 * number for number in range(16))
    assert all(found[f"areas[{number}].size"] == number + 1 for number in range(16))
    [folded] = [row for row in rows if row.kind is Kind.FOLDED]
    assert (folded.path, folded.data) == ("areas[16..39]", data[16 + 16 * 16 :])


# --- bytes as ctypes sees them --------------------------------------------------------------------


class Seen(NamedTuple):
    """A number in an object of ctypes; ``offset`` is None for a bit field."""

    path: str
    number: int
    offset: int | None = None
    size: int = 0


def seen(made: Any, prefix: str = "", base: int = 0) -> Iterator[Seen]:
    """Everything in an object of ctypes that is a number."""
    class_ = type(made)
    anonymous = getattr(class_, "_anonymous_", ())
    for name, type_, *_ in class_._fields_:
        if not name.startswith(("_filler", "reserved", "__", "hole", "half", "eight", "seven")):
            path = prefix if name in anonymous else f"{prefix}{name}{'.' * issubclass(type_, RECORDS)}"
            yield from _seen(getattr(made, name), type_, path, base + getattr(class_, name).offset)
    for name, descriptor in vars(class_).items():
        if type(descriptor).__name__ == "_Bits":
            yield Seen(f"{prefix}{name}", getattr(made, name))


RECORDS = (ctypes.Structure, ctypes.Union)


def _seen(value: Any, type_: Any, path: str, offset: int) -> Iterator[Seen]:
    if isinstance(value, RECORDS):
        yield from seen(value, path, offset)
    elif isinstance(value, bytes):  # Of an array of characters, ctypes gives those before the first zero.
        array = issubclass(type_, ctypes.Array)
        for place, byte in enumerate(value):
            yield Seen(f"{path}[{place}]" if array else path, byte, offset + place, 1)
    elif isinstance(value, ctypes.Array):
        element: Any = value._type_
        step = ctypes.sizeof(element)
        for place, each in enumerate(value):
            inner = f"{path}[{place}]{'.' * issubclass(element, RECORDS)}"
            yield from _seen(each, element, inner, offset + place * step)
    else:
        yield Seen(path, value, offset, ctypes.sizeof(type_))


def types_of(members: Sequence[Member], prefix: str = "") -> Iterator[tuple[str, ScalarType]]:
    """The type of every number, of the first elements of arrays."""
    for member in members:
        path = f"{prefix}{member.name}"
        if isinstance(member, Group):
            yield from types_of(member.members, f"{path}." if member.name else prefix)
        elif isinstance(member, Field):
            path += "[0]" * bool(member.array)
            if isinstance(member.type, Struct):
                yield from types_of(member.type.members, f"{path}.")
            else:
                yield path, member.type


_INTERFACES = {path.stem: load(path) for path in EVERY_SPEC}
_MODULES = {name: pyoutput.bindings(interface) for name, interface in _INTERFACES.items()}
_STRUCTS = [(name, struct) for name, interface in _INTERFACES.items() for struct in interface.structs]


@pytest.mark.parametrize(("name", "struct"), _STRUCTS, ids=lambda value: getattr(value, "name", value))
def test_what_ctypes_reads_from_any_bytes_is_decoded(name: str, struct: Struct) -> None:
    class_ = getattr(_MODULES[name], struct.name)

    @settings(deadline=None, max_examples=12)
    @given(st.binary(min_size=ctypes.sizeof(class_), max_size=ctypes.sizeof(class_)))
    def holds(data: bytes) -> None:
        interface = _INTERFACES[name]
        found = [*seen(class_.from_buffer_copy(data))]
        little, big = (numbers(decode(interface, struct, "x86-64", order, data)) for order in ORDERS)
        assert {each.path: little.get(each.path) for each in found} == {
            each.path: each.number for each in found
        }
        for each in found:
            if each.offset is not None:
                type_ = types[re.sub(r"\[\d+\]", "[0]", each.path)]
                order: Order = "little" if type_.endian is Endian.LITTLE else "big"
                there = data[each.offset : each.offset + each.size]
                assert big[each.path] == int.from_bytes(there, order, signed=type_.signed), each.path

    types = dict(types_of(struct.members))
    holds()


# --- any struct, any input ------------------------------------------------------------------------


def covered(rows: Sequence[Row]) -> set[int]:
    return {place for row in rows for place in range(row.offset, row.offset + len(row.data))}


@settings(deadline=None, max_examples=120)
@given(structs(), st.binary(max_size=120), st.sampled_from([*ABIS]), st.integers(60, 100))
def test_no_byte_is_lost_and_none_is_made_up(
    declared: list[dict[str, Any]], data: bytes, abi: str, width: int
) -> None:
    text = json.dumps(declared)
    interface = interface_of(f"structs: {text}\n")
    for struct in interface.structs:
        size = interface.layouts[abi][struct.name].size
        rows = rows_of(interface, struct.name, data, abi)
        assert covered(rows) == {*range(len(data))}
        assert all(row.data == data[row.offset : row.offset + len(row.data)] for row in rows)
        missing = [row.offset + len(row.data) + row.lacking for row in rows if row.kind is Kind.MISSING]
        if "flexible" not in text:  # Elements may begin within what the compiler adds at the end.
            assert max(missing, default=len(data)) == max(size, len(data))
        assert all(len(data) < end for end in missing)
        extra = b"".join(row.data for row in rows if row.kind is Kind.EXTRA)
        assert extra in (b"", data[size:])
        apart = [row for row in rows if not row.alternative and not row.bits and row.data]
        ends = [0, *(row.offset + len(row.data) for row in apart)]
        assert all(end <= row.offset for end, row in zip(ends, apart, strict=False))
        if rows:
            lines = [*table(rows, width, color=False)]
            assert max(map(len, lines)) <= width
            assert sum(line.startswith("!") for line in lines) == sum(bool(row.problem) for row in rows)


def test_every_length_of_input_says_what_is_missing_or_too_much() -> None:
    interface = load(SPECS / "vfio-device-state.yaml")
    data = b"\1\0\0\0\0\0\0\0\3" + bytes(80)
    whole = rows_of(interface, "vfio_device_state_ctl", data[:72])
    assert problems(whole) == {}
    places = {row.path: (row.offset, row.offset + len(row.data)) for row in whole}
    groups = {"device_memory": (32, 56), "system_memory": (56, 72), "device_config": (16, 32)}
    for length in range(73):
        rows = rows_of(interface, "vfio_device_state_ctl", data[:length])
        missing = {row.path: row.lacking for row in rows if row.kind is Kind.MISSING}
        assert sum(missing.values()) == 72 - length
        for path, lacking in missing.items():
            start, end = {**places, **groups}[path]
            assert lacking == end - max(length, start)
        assert {path for path, (start, end) in places.items() if end <= length} == {
            row.path for row in rows if row.kind in {Kind.NUMBER, Kind.PAD}
        }
    for length in range(73, 90):
        *_, last = rows_of(interface, "vfio_device_state_ctl", data[:length])
        assert (last.kind, last.offset, len(last.data)) == (Kind.EXTRA, 72, length - 72)
        assert last.problem.startswith(f"{length - 72} byte")


# --- what numbers mean ----------------------------------------------------------------------------


def one(sections: str, field: str, number: int, size: int = 4) -> Row:
    """The row of a member of these keys, in a struct that has only that."""
    struct = f"structs:\n  - struct: s\n    doc: s\n    fields:\n      - {{name: m, {field}, doc: m}}\n"
    interface = interface_of(sections + struct)
    [row] = rows_of(interface, "s", number.to_bytes(size, "little"))
    return row


FLAGS = """
flags:
  - flags: f
    prefix: F_
    unknown: {unknown}
    values:
      - {{name: READ, value: 1, doc: r}}
      - {{name: WRITE, value: 2, doc: w}}
      - {{name: BOTH, value: 3, doc: b}}
      - {{name: KIND, value: 0xf0, doc: k}}
      - {{name: "8", value: 0x100, doc: e}}
"""


@pytest.mark.parametrize(
    ("number", "names"),
    [
        (0, ""),
        (1, "READ"),
        (3, "READ | WRITE"),
        (0x50, "0x50 of KIND"),
        (0xF2, "WRITE | KIND"),
        (0x101, "READ | F_8"),
    ],
)
@pytest.mark.parametrize("unknown", ["refused", "ignored", "preserved"])
def test_flags_are_told_by_their_names(number: int, names: str, unknown: str) -> None:
    sections = FLAGS.format(unknown=unknown)
    row = one(sections, "type: u32, values: f", number)
    assert (row.names, row.remark, row.problem, row.hexadecimal) == (names, "", "", True)
    row = one(sections, "type: u32, values: f", number | 0x80000400)
    no_name = "0x80000400 has no name" if names else "no name in f"
    assert row.names == names
    assert row.problem == (no_name if unknown == "refused" else "")
    assert row.remark == ("" if unknown == "refused" else f"{no_name}, {unknown}")


ENUM = """
enums:
  - enum: e
    prefix: E_
    unknown: {unknown}
    values:
      - {{name: ONE, value: 1, doc: o}}
      - {{name: LAST, value: 0xffffffff, doc: l}}
"""


@pytest.mark.parametrize("unknown", ["refused", "ignored"])
def test_values_are_told_by_their_names(unknown: str) -> None:
    sections = ENUM.format(unknown=unknown)
    found = [one(sections, "type: u32, values: e", number) for number in (1, 0xFFFFFFFF, 7)]
    assert [row.names for row in found] == ["ONE", "LAST", ""]
    assert [row.prefix for row in found] == ["E_", "E_", ""]
    assert [row.problem for row in found] == ["", "", "no name in e" if unknown == "refused" else ""]
    assert found[2].remark == ("" if unknown == "refused" else "no name in e, ignored")


def test_a_write_only_member_reads_as_zero_whatever_its_values_are() -> None:
    sections = ENUM.format(unknown="refused")
    for access, problem in (("wo", ""), ("rw", "no name in e"), ("ro", "no name in e")):
        row = one(sections, f"type: u32, values: e, access: {access}", 0)
        assert (row.problem, row.remark) == (problem, "" if problem else "as write-only members read")
    assert one(sections, "type: u32, values: e, access: wo", 3).problem == "no name in e"


def test_a_member_has_the_access_of_the_struct_that_it_is_in() -> None:
    sections = f"""{ENUM.format(unknown="refused")}
structs:
  - struct: t
    doc: t
    fields: [{{name: m, type: u32, values: e, doc: m}}]
  - struct: s
    doc: s
    fields: [{{name: inner, type: t, access: ACCESS, doc: i}}]
"""
    for access, problem in (("wo", {}), ("rw", {"inner.m": "no name in e"})):
        interface = interface_of(sections.replace("ACCESS", access))
        assert problems(rows_of(interface, "s", bytes(4))) == problem


def test_a_number_with_a_sign_has_the_names_of_its_bits() -> None:
    assert one(ENUM.format(unknown="refused"), "type: s32, values: e", 0xFFFFFFFF).names == "LAST"
    row = one(FLAGS.format(unknown="ignored"), "type: s32, values: f", 0x80000001)
    assert (row.values, row.names, row.remark) == (
        (0x80000001 - (1 << 32),),
        "READ",
        "0x80000000 has no name, ignored",
    )


def test_a_bit_with_two_names_is_told_by_the_first() -> None:
    sections = FLAGS.format(unknown="refused") + "      - {name: ALSO_READ, value: 1, doc: a}\n"
    assert one(sections, "type: u32, values: f", 1).names == "READ"


def test_values_with_a_sign_and_of_bit_fields() -> None:
    sections = "enums:\n  - enum: e\n    prefix: E_\n    values: [{name: NONE, value: -1, doc: none}]\n"
    row = one(sections, "type: s16, values: e", 0xFFFF, 2)
    assert (row.values, row.names) == ((-1,), "NONE")
    row = one(sections, "type: s8, bits: 8, values: e", 0xFF, 1)
    assert (row.values, row.names) == ((-1,), "NONE")


STATE = {
    ("vfio-device-state", "vfio_device_state_ctl", 4): {
        0: ("RUNNING", "", ""),
        1: ("STOPPED", "", ""),
        2: ("RUNNING+LOGGING", "", ""),
        3: ("STOPPED+LOGGING", "", ""),
        5: ("STOPPED", "", "0x4 has no name"),
    },
    ("vfio-migration-v1", "vfio_device_migration_info", 0): {
        0: ("STOP", "", ""),
        1: ("RUNNING", "", ""),
        2: ("STOP_AND_COPY (SAVING)", "", ""),
        3: ("PRE_COPY (RUNNING | SAVING)", "", ""),
        4: ("RESUMING", "", ""),
        5: ("", "", "RUNNING+RESUMING is no state"),
        6: ("ERROR (SAVING | RESUMING)", "", ""),
        7: ("", "", "RUNNING+SAVING+RESUMING is no state"),
        0x80001: ("RUNNING", "0x80000 is preserved", ""),
        0x10005: ("", "0x10000 is preserved", "RUNNING+RESUMING is no state"),
    },
    ("vfio-migration-v2", "vfio_device_feature_mig_state", 0): {
        0: ("ERROR", "", ""),
        3: ("STOP_COPY", "", ""),
        7: ("PRE_COPY_P2P", "", ""),
        8: ("", "", "no state of vfio_device_mig_state"),
    },
}


@pytest.mark.parametrize("key", STATE, ids=lambda key: str(key[0]))
def test_states_are_told_by_their_names(key: tuple[str, str, int]) -> None:
    spec, struct, offset = key
    for number, expected in STATE[key].items():
        data = bytearray(b"\1" + bytes(71)) if offset else bytearray(72)
        data[offset : offset + 4] = number.to_bytes(4, "little")
        rows = rows_of(load(SPECS / f"{spec}.yaml"), struct, bytes(data))
        row = next(row for row in rows if row.path == "device_state")
        assert (row.names, row.remark, row.problem) == expected


def test_a_struct_says_which_capability_and_which_version_it_is() -> None:
    interface = load(KINDS)
    data = bytes.fromhex("4d000200 00000000 01000000")
    assert said(rows_of(interface, "kinds_capability", data)) == {"header.id": "KINDS_CAPABILITY"}
    rows = rows_of(interface, "kinds_capability", bytes.fromhex("4c000300 00000000 01000000"))
    assert problems(rows) == {
        "header.id": "KINDS_CAPABILITY is 77",
        "header.version": "what is described here is 2",
    }
    ctl = (2).to_bytes(4, "little") + bytes(68)
    rows = rows_of(load(SPECS / "vfio-device-state.yaml"), "vfio_device_state_ctl", ctl)
    assert problems(rows) == {"version": "VFIO_DEVICE_STATE_INTERFACE_VERSION is 1"}


def test_a_group_that_its_flag_does_not_announce_is_said_not_to_be_there() -> None:
    interface = load(SPECS / "vfio-device-state.yaml")
    expected = {
        0: {"device_memory": "DEVICE_MEMORY", "system_memory": "SYSTEM_MEMORY"},
        1: {"system_memory": "SYSTEM_MEMORY"},
        2: {"device_memory": "DEVICE_MEMORY"},
        3: {},
    }
    for caps, absent in expected.items():
        data = b"\1\0\0\0\0\0\0\0" + bytes([caps]) + bytes(63)
        rows = rows_of(interface, "vfio_device_state_ctl", data)
        notes = {row.path: row.remark for row in rows if row.kind is Kind.NOTE}
        assert notes == {path: f"not there, caps lacks {flag}" for path, flag in absent.items()}


# --- what is wrong, and what is not ---------------------------------------------------------------


def test_each_byte_of_a_pad_that_must_be_zero_is_looked_at() -> None:
    interface = load(KINDS)
    size = interface.layouts["x86-64"]["kinds_padding"].size
    must = {1, *range(3, 8), *range(24, 31)}
    for place in range(size):
        data = bytearray(size)
        data[place] = 0x80
        found = problems(rows_of(interface, "kinds_padding", bytes(data)))
        assert bool(found) == (place in must), place
        assert all(text == "must be zero" for text in found.values())
    [row] = rows_of(fields_of("{pad: 20}"), "s", bytes(13) + b"\1" + bytes(6))
    assert row.problem == "must be zero; the byte at 0xd is not"


def test_what_an_alternative_of_a_union_refuses_may_be_another_one() -> None:
    union = (
        "{name: u, union: [{fields: [{name: a, type: u16, doc: a}, {pad: 2}]}, {name: b, type: u32, doc: b}],"
        " doc: u}"
    )
    rows = rows_of(fields_of(union), "s", b"\1\2\3\4")
    assert [(row.kind, row.alternative) for row in rows] == [
        (Kind.UNION, ()),
        (Kind.NUMBER, (1,)),
        (Kind.PAD, (1,)),
        (Kind.NUMBER, (2,)),
    ]
    assert problems(rows) == {}
    assert rows[2].remark == "must be zero, if it is this one"
    short = rows_of(fields_of(union), "s", b"\1\2\3")
    assert {row.path for row in short if row.problem} == {"u.reserved", "u.b"}


COUNTED = """
existing: true
structs:
  - struct: s
    doc: s
    fields:
      - {name: a, type: u64, doc: a}
      - {name: count, type: u32, doc: c}
      - {name: data, type: u16, count: flexible, counted-by: count, doc: d}
"""


@pytest.mark.parametrize(
    ("count", "behind", "expected"),
    [
        (0, 0, {}),
        (0, 4, {}),  # sizeof(struct s) is 16
        (3, 6, {}),
        (2, 4, {}),
        (3, 10, {}),  # sizeof(struct s) + 3 * 2
        (3, 4, {"data[2]": "missing, 2 bytes"}),
        (3, 5, {"data[2]": "1 of 2 bytes are missing"}),
        (1 << 32 - 1, 4, {"data[2..2147483647]": "missing, 4294967292 bytes"}),
        (0, 6, {"data[0..2]": "count says 0, and 6 bytes follow"}),
        (1, 7, {"data[1..2]": "count says 1, and 5 bytes follow"}),
    ],
)
def test_a_flexible_array_is_held_against_its_counter(
    count: int, behind: int, expected: dict[str, str]
) -> None:
    data = bytes(8) + count.to_bytes(4, "little") + bytes(range(1, behind + 1))
    rows = rows_of(interface_of(COUNTED), "s", data)
    assert problems(rows) == expected
    assert covered(rows) == {*range(len(data))}
    elements = {path: value for path, value in numbers(rows).items() if path.startswith("data")}
    padding = not expected and behind > 2 * count
    there = count if padding else behind // 2
    assert elements == {f"data[{n}]": 0x0201 + n * 0x0202 for n in range(min(there, behind // 2))}


OPEN = """
existing: true
structs:
  - struct: t
    doc: t
    fields:
      - {name: count, type: u8, doc: c}
      - {name: data, type: u8, count: flexible, counted-by: count, doc: d}
  - struct: nothing
    doc: nothing
    fields: [{name: data, type: u32, count: flexible, doc: d}]
  - struct: s
    doc: s
    fields:
FIELDS
"""


def open_rows(fields: str, data: bytes) -> tuple[Row, ...]:
    lines = "\n".join(f"      - {field}" for field in fields.splitlines())
    return rows_of(interface_of(OPEN.replace("FIELDS", lines)), "s", data)


def test_only_an_array_at_the_end_takes_what_is_left() -> None:
    rows = open_rows("{name: a, type: t, doc: a}\n{name: b, type: t, doc: b}", b"\0\2\3\4")
    assert numbers(rows) == {"a.count": 0, "b.count": 2, "b.data[0]": 3, "b.data[1]": 4}
    rows = open_rows("{name: a, type: t, doc: a}\n{name: b, type: u8, doc: b}", b"\1\2\3")
    assert [(row.kind, row.path) for row in rows] == [
        (Kind.NUMBER, "a.count"),
        (Kind.NUMBER, "b"),
        (Kind.EXTRA, ""),
    ]


def test_an_array_without_elements_and_elements_without_bytes_are_said() -> None:
    last = open_rows("{name: t, type: t, doc: t}", b"\0")[-1]
    assert (last.kind, last.path, last.remark, last.problem) == (Kind.NOTE, "t.data", "no elements", "")
    rows = open_rows("{name: a, type: nothing, count: 3, doc: a}\n{name: b, type: u8, doc: b}", b"\7")
    assert numbers(rows) == {"b": 7}


def test_a_counter_is_found_in_a_group_beside_its_array() -> None:
    interface = interface_of("""
structs:
  - struct: s
    doc: s
    fields:
      - name: head
        doc: h
        fields: [{name: count, type: u16, doc: c}]
      - {name: data, type: u16, count: flexible, counted-by: count, doc: d}
""")
    assert problems(rows_of(interface, "s", b"\1\0\2\0")) == {}
    assert problems(rows_of(interface, "s", b"\1\0")) == {"data[0]": "missing, 2 bytes"}


def test_a_counter_that_is_negative_counts_nothing() -> None:
    interface = interface_of(COUNTED.replace("count, type: u32", "count, type: s32"))
    rows = rows_of(interface, "s", bytes(8) + b"\xff" * 4 + b"\1\0" * 3)
    assert problems(rows) == {"data[0..2]": "count says -1, and 6 bytes follow"}
    assert numbers(rows) == {"a": 0, "count": -1, "data[0]": 1, "data[1]": 1, "data[2]": 1}


@pytest.mark.parametrize("counter", ["{pad: 4, name: count}", "{name: count, type: u8, count: 4, doc: c}"])
def test_a_counter_that_is_no_number_counts_nothing_and_refuses_nothing(counter: str) -> None:
    array = "{name: data, type: u16, count: flexible, counted-by: count, doc: d}"
    rows = rows_of(fields_of(counter, array), "s", bytes(8))
    assert (problems(rows), rows[-1].path, rows[-1].values) == ({}, "data", (0, 0))


def test_a_flag_is_looked_for_in_the_member_of_that_path() -> None:
    interface = interface_of(f"""{FLAGS.format(unknown="ignored")}
structs:
  - struct: s
    doc: s
    fields:
      - name: other
        doc: o
        fields: [{{name: flags, type: u32, doc: f}}]
      - {{name: flags, type: u32, values: f, doc: f}}
      - name: g
        present: f.WRITE
        doc: g
        fields: [{{name: a, type: u32, doc: a}}]
""")
    rows = rows_of(interface, "s", bytes(4) + b"\2" + bytes(7))
    assert not any(row.kind is Kind.NOTE for row in rows)


def test_a_flag_that_is_not_there_is_not_said_to_be_unset() -> None:
    interface = interface_of(f"""{FLAGS.format(unknown="ignored")}
structs:
  - struct: s
    doc: s
    fields:
      - name: g
        present: f.WRITE
        doc: g
        fields: [{{name: a, type: u32, doc: a}}]
      - {{name: flags, type: u32, values: f, doc: f}}
""")
    notes = [
        [row.remark for row in rows_of(interface, "s", bytes(length)) if row.kind is Kind.NOTE]
        for length in (8, 7, 4)
    ]
    assert notes == [["not there, flags lacks WRITE"], [], []]


def test_the_end_of_a_union_is_behind_its_longest_alternative() -> None:
    union = "{name: u, union: [{name: a, type: u8, count: 5, doc: a}, {name: b, type: u16, doc: b}], doc: u}"
    rows = rows_of(fields_of(union), "s", bytes(6))
    assert [(row.offset, row.data) for row in rows if row.kind is Kind.GAP] == [(5, b"\0")]


def test_what_is_missing_is_named_as_a_whole() -> None:
    rows = rows_of(load(KINDS), "kinds_arrays", b"")
    assert [row.path for row in rows] == ["name", "bytes", "", "values", "lengths", "", "points", "count", ""]
    rows = rows_of(load(KINDS), "kinds_arrays", bytes(50))
    assert [row.path for row in rows if row.problem] == ["lengths[5..8]", "", "points", "count", ""]


def test_what_is_wrong_in_elements_without_rows_is_counted() -> None:
    interface = interface_of("""
structs:
  - struct: t
    doc: t
    fields:
      - {name: a, type: u8, doc: a}
      - {pad: 1}
  - struct: s
    doc: s
    fields:
      - {name: ts, type: t, count: 100, doc: t}
""")
    data = bytearray(200)
    assert problems(rows_of(interface, "s", bytes(data))) == {}
    data[2 * 3 + 1] = data[2 * 70 + 1] = 1
    rows = rows_of(interface, "s", bytes(data))
    assert problems(rows) == {"ts[3].reserved": "must be zero", "ts[70].reserved": "must be zero"}
    folded = [row.path for row in rows if row.kind is Kind.FOLDED]
    assert folded == ["ts[16..69]", "ts[71..99]"]
    rows = rows_of(interface, "s", b"\1" * 200)
    found = problems(rows)
    assert len(found) == 33
    assert found["ts[32..99]"] == "something is wrong in 68 of them"


def test_more_than_was_read_is_not_said_to_be_missing() -> None:
    interface = interface_of(COUNTED)
    struct = interface.structs[0]
    data = bytes(8) + b"\5\0\0\0" + bytes(4)
    whole = decode(interface, struct, "x86-64", "little", data)
    assert problems(whole) == {"data[2..4]": "missing, 6 bytes"}
    part = decode(interface, struct, "x86-64", "little", data, whole=False)
    assert problems(part) == {"": "the input goes on; what follows is not read"}
