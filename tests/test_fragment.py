"""The pieces for the header that exists: the same declarations, and the header is unharmed by them."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import pytest

import uapichecks
from ctext import EVERY_SPEC, FIRST, HERE, text_of, tokens
from sample import interface_of
from tools import require_compiler, require_file
from uapichecks import FRAGMENT, HEADER, KEPT, Check, File
from uapigen import cc, load
from uapigen.render import find_target, render

VFIO_H = "/usr/include/linux/vfio.h"
OF_THE_COMPILER = [
    check
    for check in (*uapichecks.of(HEADER), *uapichecks.of(KEPT))
    if check.name in ("C90", "C99", "C11", "C++98", "values on x86-64", "values on i386")
]


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


@pytest.mark.parametrize("check", OF_THE_COMPILER, ids=lambda check: check.name)
def test_the_real_header_is_unharmed_by_the_pieces(original: str, fragment: str, check: Check) -> None:
    place = "include/uapi/linux/vfio.h"
    assert check.findings(File(VFIO_H, place, spliced(original, fragment), before=original)) == []


def test_the_real_header_gains_what_the_spec_declares(original: str, fragment: str) -> None:
    compiler, flags = require_compiler("x86-64")
    expressions = [
        "sizeof(struct vfio_device_state_ctl)",
        "VFIO_REGION_TYPE_DEVICE_STATE",
        "VFIO_DEVICE_STATE_CTL_MASK",
    ]
    assert cc.probe(compiler, flags, spliced(original, fragment), expressions) == [72, 4, 3]


@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_there_is_nothing_to_say_against_it(path: Path) -> None:
    file = File("vfio.h.fragment", "include/uapi/linux/vfio.h", text_of(load(path), "fragment"))
    assert [found for check in uapichecks.of(FRAGMENT) for found in check.findings(file)] == []


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
