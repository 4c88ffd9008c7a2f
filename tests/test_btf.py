"""The reader of BTF, held against the compiler and pahole; what the guest says of layouts that differ."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from sample import ROOT
from tools import require
from uapigen import cc

sys.path.insert(0, str(ROOT / "tests" / "guest"))

from btf import Btf
from layouts import Layout, Place, differences, layout_of

COMMON = """
#include <stdint.h>
typedef const volatile uint32_t word;
enum colour { RED, GREEN };
struct inner { uint8_t a; word b; };
"""
BASE = COMMON + "struct inner in_base;\n"
SOURCE = (
    COMMON
    + """
struct all {
	word first;
	enum colour colour;
	struct inner inner;
	struct { uint8_t named_inside; } unnamed_type;
	struct { uint16_t c; union { uint64_t d; uint8_t e[3]; }; };
	void *pointer;
	struct inner several[3];
	uint16_t grid[2][5];
	int64_t (*function)(void);
	float real;
	uint32_t low : 3, : 4, high : 9;
	uint64_t wide : 40;
	uint8_t rest[];
};
union either { uint8_t x; struct inner y; };
struct __attribute__((packed)) tight { uint8_t a; uint64_t b; };
struct all *all; union either either; struct tight tight;
"""
)
PLACES = {
    "all": (
        "first colour inner.a inner.b unnamed_type.named_inside c d e pointer several grid function real rest"
    ).split(),
    "either": ["x", "y.a", "y.b"],
    "tight": ["a", "b"],
    "inner": ["a", "b"],
}


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Btf, Btf]:
    """The types of a C file alone, and of the same one where what is common is in a base."""
    folder = tmp_path_factory.mktemp("btf")

    def encode(name: str, text: str, *more: str) -> Path:
        (folder / f"{name}.c").write_text(text)
        run = [require("gcc"), "-g", "-c", f"{name}.c", "-o", f"{name}.o"]
        subprocess.run(run, cwd=folder, check=True)
        pahole = [require("pahole"), f"--btf_encode_detached={name}.btf", *more, f"{name}.o"]
        subprocess.run(pahole, cwd=folder, check=True)
        return folder / f"{name}.btf"

    base, alone = encode("base", BASE), encode("alone", SOURCE)
    split = encode("split", SOURCE, "--btf_base", str(base))
    return Btf(alone.read_bytes()), Btf(split.read_bytes(), Btf(base.read_bytes()))


def said_by_the_compiler() -> dict[str, Layout]:
    asked = [
        f"sizeof({kind} {name})"
        for name, kind in (("all", "struct"), ("either", "union"), ("tight", "struct"), ("inner", "struct"))
    ]
    places = [(name, path) for name, paths in PLACES.items() for path in paths]
    tags = {name: "union" if name == "either" else "struct" for name in PLACES}
    asked += [f"offsetof({tags[name]} {name}, {path})" for name, path in places]
    asked += [
        "0" if path == "rest" else f"sizeof((({tags[name]} {name} *)0)->{path})" for name, path in places
    ]
    found = cc.probe(require("gcc"), (), SOURCE, asked)
    assert isinstance(found, list)
    sizes, offsets, lengths = found[:4], found[4 : 4 + len(places)], found[4 + len(places) :]
    return {
        name: Layout(
            size,
            {
                path: Place(8 * offset, 8 * length)
                for (whose, path), offset, length in zip(places, offsets, lengths, strict=True)
                if whose == name
            },
        )
        for name, size in zip(PLACES, sizes, strict=True)
    }


@pytest.mark.parametrize("which", [0, 1], ids=["alone", "beside a base"])
def test_layouts_are_those_of_the_compiler(encoded: tuple[Btf, Btf], which: int) -> None:
    types = encoded[which]
    for name, layout in said_by_the_compiler().items():
        found = types.layout(name)
        if which and name == "inner":  # it is the base's
            assert found is None
            continue
        assert found
        members = {path: place for path, place in found.members.items() if path in layout.members}
        assert Layout(found.size, members) == layout
        assert {*found.members} - {*members} == ({"low", "high", "wide"} if name == "all" else set())


def test_bit_fields_are_where_pahole_sees_them(encoded: tuple[Btf, Btf]) -> None:
    for types in encoded:
        found = types.layout("all")
        assert found
        low, high, wide = (found.members[name] for name in ("low", "high", "wide"))
        real = found.members["real"]
        assert low == Place(real.offset + 32, 3)
        assert high == Place(low.offset + 7, 9)
        assert wide.size == 40


def test_what_is_not_there_is_not_found(encoded: tuple[Btf, Btf]) -> None:
    assert encoded[0].layout("colour") is None
    assert encoded[0].layout("nothing") is None


@pytest.mark.parametrize("data", [b"", b"\x7fELF" + bytes(60), bytes(24)])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no BTF"):
        Btf(data)


# --- what ctypes says, and how it differs ---------------------------------------------------------


class Inner(ctypes.Structure):
    _fields_ = (("a", ctypes.c_uint8), ("b", ctypes.c_uint32))


class Either(ctypes.Union):
    _fields_ = (("d", ctypes.c_uint64), ("other", Inner))


class Whole(ctypes.Structure):
    _anonymous_ = ("either",)
    _fields_ = (
        ("first", ctypes.c_uint32),
        ("inner", Inner),
        ("either", Either),
        ("several", Inner * 3),
        ("rest", ctypes.c_uint8 * 0),
    )


WHOLE = """
#include <stdint.h>
struct inner { uint8_t a; uint32_t b; };
struct whole {
	uint32_t first;
	struct inner inner;
	union { uint64_t d; struct inner other; };
	struct inner several[3];
	uint8_t rest[];
} whole;
"""


def test_ctypes_says_what_the_compiler_makes(tmp_path: Path) -> None:
    (tmp_path / "whole.c").write_text(WHOLE)
    subprocess.run([require("gcc"), "-g", "-c", "whole.c"], cwd=tmp_path, check=True)
    pahole = [require("pahole"), "--btf_encode_detached=whole.btf", "whole.o"]
    subprocess.run(pahole, cwd=tmp_path, check=True)
    found = Btf((tmp_path / "whole.btf").read_bytes()).layout("whole")
    assert found == layout_of(Whole)
    assert [*found.members] == "first inner.a inner.b d other.a other.b several rest".split()


def layout(size: int, **members: int) -> Layout:
    """Members of 4 bytes each, at these offsets."""
    return Layout(size, {name: Place(8 * offset, 32) for name, offset in members.items()})


B_MOVED, B_GONE, C_NEW = (
    "b is 4 bytes at 8, not 4 bytes at 4",
    "b is nowhere, not 4 bytes at 4",
    "c is 4 bytes at 4, not nowhere",
)
DIFFERENT = [
    (layout(8, a=0, b=4), layout(8, a=0, b=4), []),
    (layout(8, a=0, b=4), layout(12, a=0, b=8), ["it has 12 bytes, not 8", B_MOVED]),
    (layout(8, a=0, b=4), layout(8, a=0), [B_GONE]),
    (layout(4, a=0), layout(8, a=0, c=4), ["it has 8 bytes, not 4", C_NEW]),
    # One that says its size grows at its end, and nowhere else.
    (layout(8, argsz=0, b=4), layout(12, argsz=0, b=4, c=8), []),
    (layout(8, argsz=0, b=4), layout(4, argsz=0), ["it has 4 bytes, not 8", B_GONE]),
    (layout(8, argsz=0, b=4), layout(12, argsz=0, c=4, b=8), [B_MOVED, C_NEW]),
    (layout(12, argsz=0, b=8), layout(12, argsz=0, c=4, b=8), [C_NEW]),
]


@pytest.mark.parametrize(("bound", "found", "said"), DIFFERENT)
def test_a_difference_is_told_by_the_member(bound: Layout, found: Layout, said: list[str]) -> None:
    assert differences(bound, found) == said
