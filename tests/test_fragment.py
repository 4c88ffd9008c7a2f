"""The pieces for the header that exists: the same declarations, and the header is unharmed by them."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import pytest

from ctext import EVERY_SPEC, FIRST, HERE, checkpatch_findings, compile_errors, text_of, tokens
from sample import interface_of
from tools import require_compiler, require_file
from uapigen import cc, load
from uapigen.creader import read_header
from uapigen.render import find_target, render

VFIO_H = "/usr/include/linux/vfio.h"
TYPES = "".join(
    f"typedef {base} __{name};\n"
    for name, base in {
        "u8": "unsigned char",
        "u16": "unsigned short",
        "u32": "unsigned int",
        "s32": "int",
        "u64": "unsigned long long",
    }.items()
)


@pytest.fixture(scope="module")
def fragment() -> str:
    return text_of(load(FIRST), "fragment")


@pytest.fixture(scope="module")
def original() -> str:
    return require_file(VFIO_H).read_text(encoding="utf-8")


def pieces(fragment: str) -> list[tuple[str, str]]:
    """The pieces with the place that stands above each."""
    head, *rest = re.split(
        r"^/\* ((?:After|Before|At|Inside|Beside) [^\n]*): \*/$", fragment, flags=re.MULTILINE
    )
    assert tokens(head) == []
    return list(zip(rest[::2], rest[1::2], strict=True))


def spliced(header: str, fragment: str) -> str:
    """The header with each piece where its comment says."""
    for place, text in pieces(fragment):
        if place == "At the end, before the closing #endif":
            start, end = header[: header.rindex("#endif")], header[header.rindex("#endif") :]
            header = f"{start}{text}\n{end}"
            continue
        _, kind, name, *_ = place.split()
        declared = rf"^struct {name} {{.*?^}};\n" if kind == "struct" else rf"^#define {name}\b.*?(?<!\\)\n"
        (found,) = re.finditer(declared, header, re.MULTILINE | re.DOTALL)
        header = header[: found.end()] + text + header[found.end() :]
    return header


def facts(header: str) -> list[str]:
    """Expressions for everything that the ABI of a header is: sizes, offsets, values."""
    lines = (line for line in header.split("\n") if not line.startswith("#include"))
    read = read_header("\n".join(lines), TYPES + "#define __aligned_u64 __u64 __attribute__((aligned(8)))\n")
    expressions = [f"sizeof(struct {tag})" for tag in read.structs]
    for tag in read.structs:
        body = re.search(rf"^struct {tag} {{(.*?)^}};", header, re.MULTILINE | re.DOTALL)
        assert body
        names = re.findall(r"(\w+)(?:\[\])?\s*;", re.sub(r"/\*.*?\*/", "", body[1], flags=re.DOTALL))
        expressions += [f"offsetof(struct {tag}, {name})" for name in names]
    plain = [name for name, macro in read.macros.items() if macro.parameters is None and name != "VFIO_H"]
    return [*expressions, *read.enumerators, *(name for name in plain if not name.endswith("_STRING"))]


def test_the_pieces_stand_in_the_order_of_the_header(fragment: str) -> None:
    assert [place for place, _ in pieces(fragment)] == [
        "After struct vfio_region_info_cap_type and the VFIO_REGION_TYPE_* that follow",
        "At the end, before the closing #endif",
    ]
    (_, types), (_, rest) = pieces(fragment)
    assert re.findall(r"#define (\w+)", types)[0] == "VFIO_REGION_TYPE_DEVICE_STATE"
    assert all("_REGION_" in name for name in re.findall(r"#define (\w+)", types))
    assert "struct vfio_device_state_ctl {" in rest
    assert "A VFIO device driver that plans to support device state management" in rest


def test_header_and_fragment_declare_the_same(fragment: str) -> None:
    header = text_of(load(FIRST), "header")
    body = "".join(
        takewhile(lambda line: not line.startswith("#endif"), header.splitlines(keepends=True)[1:])
    )
    body = body[body.index("#include <linux/types.h>\n") + len("#include <linux/types.h>\n") :]
    assert tokens(body) == tokens(fragment)


@pytest.mark.parametrize("abi", ["x86-64", "i386"])
@pytest.mark.parametrize("standard", ["c90", "c99", "c11", "c++98"])
def test_the_real_header_compiles_with_the_pieces(
    original: str, fragment: str, standard: str, abi: str
) -> None:
    suffix = ".cc" if "++" in standard else ".c"
    files = {"vfio.h": spliced(original, fragment)}
    twice = '#include "vfio.h"\n#include "vfio.h"\n'
    flags = (f"-std={standard}", "-Wall", "-Wextra", "-Werror")
    assert compile_errors(twice, files, abi, *flags, suffix=suffix) == ""


@pytest.mark.parametrize("abi", ["x86-64", "i386"])
def test_the_real_header_keeps_its_abi_with_the_pieces(original: str, fragment: str, abi: str) -> None:
    compiler, flags = require_compiler(abi)
    expressions = facts(original)
    assert len(expressions) > 300
    before = cc.probe(compiler, flags, original, expressions)
    assert isinstance(before, list), before
    assert cc.probe(compiler, flags, spliced(original, fragment), expressions) == before


def test_the_real_header_gains_what_the_spec_declares(original: str, fragment: str) -> None:
    compiler, flags = require_compiler("x86-64")
    expressions = [
        "sizeof(struct vfio_device_state_ctl)",
        "VFIO_REGION_TYPE_DEVICE_STATE",
        "VFIO_DEVICE_STATE_CTL_MASK",
    ]
    assert cc.probe(compiler, flags, spliced(original, fragment), expressions) == [72, 4, 3]


@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_checkpatch_has_nothing_to_say(path: Path, tmp_path: Path) -> None:
    assert checkpatch_findings(text_of(load(path), "fragment"), tmp_path) == []


def test_its_file_has_the_name_of_the_header() -> None:
    (artifact,) = render(load(FIRST), [find_target("fragment")])
    assert artifact.file == "vfio.h.fragment"


def test_what_the_header_declares_is_used_by_name() -> None:
    text = text_of(load(HERE / "specs/vfio-device.yaml"), "fragment")
    assert "#define VFIO_DEVICE_IOEVENTFD\t_IO(VFIO_TYPE, VFIO_BASE + 16)\n" in text


def test_places_are_said_as_a_person_finds_them() -> None:
    text = text_of(
        interface_of("""
place: {before: enum last}
constants:
  - {name: HERE, value: 1, doc: h, place: {after: define THERE}}
  - {name: LAST, value: 2, doc: h, place: end}
  - {name: MAIN, value: 3, doc: h}
flags:
  - flags: more
    prefix: MORE_
    place: inside
    doc: More.
    values: [{name: FLAGS, value: 4, doc: m}]
structs:
  - struct: known
    external: linux/example.h
    doc: A struct of the header.
    fields: [{name: flags, type: u32, values: more, doc: f}]
  - struct: foreign
    external: linux/foreign.h
    doc: A struct of another header.
    fields: [{name: number, type: u32, doc: number}]
  - struct: uses
    doc: A new struct.
    fields:
      - {name: known, type: known, doc: k}
      - {name: foreign, type: foreign, doc: f}
"""),
        "fragment",
    )
    found = {place: tokens(piece) for place, piece in pieces(text)}
    assert list(found) == [
        "Beside the other headers",
        "After define THERE",
        "Before enum last",
        "Inside struct known, beneath flags",
        "At the end, before the closing #endif",
    ]
    assert found["Beside the other headers"] == ["# include < linux / foreign . h >"]
    assert found["After define THERE"] == ["# define HERE 1"]
    assert found["Before enum last"][:1] == ["# define MAIN 3"]
    assert "struct" in found["Before enum last"]
    assert found["Inside struct known, beneath flags"] == ["# define MORE_FLAGS ( 1 < < 2 )"]
    assert found["At the end, before the closing #endif"] == ["# define LAST 2"]


def test_what_the_interface_is_stands_once_even_where_everything_has_a_place_of_its_own() -> None:
    text = text_of(
        interface_of("""
doc: What it is.
constants:
  - {name: ONE, value: 1, doc: one, place: {after: define FIRST}}
  - {name: TWO, value: 2, doc: two, place: {after: define SECOND}}
"""),
        "fragment",
    )
    [first, second] = pieces(text)
    assert "What it is." in first[1]
    assert "What it is." not in second[1]
