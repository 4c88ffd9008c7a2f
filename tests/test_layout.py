"""Layouts of random structs: the model, the header's text read back, and the C compiler agree.

The three share no code but the table of ABIs, so that what they agree on is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sample import HEAD, fields_of, interface_of
from tools import require_compiler
from uapigen import cc
from uapigen.abi import ABIS, Abi
from uapigen.model import Interface
from uapigen.proof import claims, readback
from uapigen.render import find_target, render
from uapigen.scalartypes import SCALARS as SCALAR_TYPES
from uapigen.source import Source

EXISTING = HEAD + "existing: true\n"
SCALARS = [*SCALAR_TYPES]
BITS = {"u8": 8, "u16": 16, "u32": 32, "u64-natural": 64}


@st.composite
def members(draw: st.DrawFn, depth: int = 2, *, bits: bool = True) -> list[dict[str, object]]:
    """The members of a struct, without names."""
    kinds = (
        ["scalar", "scalar", "array", "pad"]
        + ["bits"] * bits
        + ["struct", "union", "anonymous"] * bool(depth)
    )
    found: list[dict[str, object]] = []
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5)):
        if kind == "pad":
            found.append({"pad": draw(st.integers(1, 9))})
        elif kind == "bits":
            type_ = draw(st.sampled_from([*BITS]))
            found.append({"type": type_, "bits": draw(st.integers(1, BITS[type_]))})
        elif kind in {"scalar", "array"}:
            count = {"count": draw(st.integers(1, 5))} if kind == "array" else {}
            found.append({"type": draw(st.sampled_from(SCALARS)), **count})
        else:
            inner = draw(members(depth - 1, bits=bits))
            found.append({"union" if kind == "union" else "fields": inner, "anonymous": kind == "anonymous"})
    return found


def yaml(found: list[dict[str, object]], numbers: Iterator[int], indent: str) -> str:
    """The members as YAML, each with a name of its own."""
    text = ""
    for member in found:
        number = next(numbers)
        if "pad" in member:
            text += f"{indent}- {{pad: {member['pad']}, name: pad{number}}}\n"
            continue
        inner = next((key for key in ("fields", "union") if key in member), None)
        if inner is None:
            keys = ", ".join(f"{key}: {value}" for key, value in member.items())
            text += f"{indent}- {{name: m{number}, {keys}, doc: m}}\n"
            continue
        name = "" if member["anonymous"] else f"name: m{number}\n{indent}  "
        text += f"{indent}- {name}{inner}:\n"
        value = member[inner]
        assert isinstance(value, list)
        text += yaml(value, numbers, indent + "    ")
    return text


def spec_of(structs: list[tuple[list[dict[str, object]], str]]) -> Interface:
    """The interface with these structs: members, and an attribute as a line of YAML."""
    text = "structs:\n"
    for number, (found, attribute) in enumerate(structs):
        text += f"  - struct: record_{number}\n    doc: s\n{attribute}    fields:\n"
        text += yaml(found, itertools.count(), "      ")
    return interface_of(text, EXISTING)


ATTRIBUTES = st.sampled_from(["", "", "", "    packed: true\n", "    align: 16\n"])
STRUCTS = st.lists(st.tuples(members(), ATTRIBUTES), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60, phases=(Phase.generate,))
@given(STRUCTS)
def test_the_text_of_the_header_is_laid_out_as_the_model_on_every_abi(
    structs: list[tuple[list[dict[str, object]], str]],
) -> None:
    interface = spec_of(structs)
    (header,) = render(interface, [find_target("header")])
    found = [finding.message for finding in readback.check(interface, [Source("s.h", header.text)])]
    assert found == []


@settings(deadline=None, max_examples=4, phases=(Phase.generate,))
@given(st.lists(st.tuples(members(), ATTRIBUTES), min_size=8, max_size=16))
def compare_with(abi: Abi, structs: list[tuple[list[dict[str, object]], str]]) -> None:
    compiler, flags = require_compiler(abi.name)
    interface = spec_of(structs)
    (header,) = render(interface, [find_target("header")])
    asked = [
        claim
        for claim in claims.claims(interface, interface.structs, abi)
        if not claim.expression.startswith(("first_bit", "bit_count"))
    ]
    values = cc.probe(compiler, flags, header.text, [claim.expression for claim in asked])
    assert isinstance(values, list), values
    assert [claim for claim, value in zip(asked, values, strict=True) if claim.value != value] == []


@pytest.mark.parametrize("abi", ABIS.values(), ids=lambda abi: abi.name)
def test_the_compiler_of_each_abi_lays_out_as_the_model(abi: Abi) -> None:
    require_compiler(abi.name)
    compare_with(abi)


@pytest.mark.parametrize(
    ("fields", "size", "offsets"),
    [
        # The struct that the review was about, as posted: packed, with inner structs that are not.
        (
            ("{name: a, type: u32, doc: a}", "{name: b, type: u64-natural, doc: b}"),
            {"x86-64": 16, "i386": 12, "m68k": 12},
            {"x86-64": 8, "i386": 4},
        ),
        (
            ("{name: a, type: u32, doc: a}", "{name: b, type: u64, doc: b}"),
            {"x86-64": 16, "i386": 16, "m68k": 16},
            {"x86-64": 8, "i386": 8},
        ),
        (
            ("{name: a, type: u8, doc: a}", "{name: b, type: u32, doc: b}"),
            {"x86-64": 8, "i386": 8, "m68k": 6},
            {"m68k": 2},
        ),
    ],
    ids=["natural", "aligned", "m68k"],
)
def test_what_is_known_of_abis(
    fields: tuple[str, ...], size: dict[str, int], offsets: dict[str, int]
) -> None:
    interface = fields_of(*fields)
    for abi, expected in size.items():
        assert interface.layouts[abi]["s"].size == expected
    for abi, expected in offsets.items():
        assert interface.layouts[abi]["s"].find("b").offset == expected


def test_the_posted_struct_was_68_bytes_on_one_abi_and_60_on_another() -> None:
    posted = """
structs:
  - struct: posted
    doc: The control region as it was posted.
    packed: true
    fields:
      - {name: version, type: u32, doc: version}
      - {name: device_state, type: u32, doc: state}
      - {name: caps, type: u32, doc: caps}
      - name: device_config
        doc: config
        fields:
          - {name: action, type: u32, doc: action}
          - {name: size, type: u64-natural, doc: size}
      - name: device_memory
        doc: memory
        fields:
          - {name: action, type: u32, doc: action}
          - {name: size, type: u64-natural, doc: size}
          - {name: pos, type: u64-natural, doc: pos}
      - name: system_memory
        doc: system
        fields:
          - {name: start_addr, type: u64-natural, doc: start}
          - {name: page_nr, type: u64-natural, doc: pages}
"""
    layouts = interface_of(posted, EXISTING).layouts
    assert (layouts["x86-64"]["posted"].size, layouts["i386"]["posted"].size) == (68, 60)


@pytest.mark.parametrize("abi", ABIS.values(), ids=lambda abi: abi.name)
def test_the_table_of_abis_is_that_of_the_compilers(abi: Abi) -> None:
    compiler, flags = require_compiler(abi.name)
    types = {"char": 1, "short": 2, "int": 4, "long long": 8}
    asked = ["sizeof(void *)", *(f"__builtin_offsetof(struct {{ char c; {each} m; }}, m)" for each in types)]
    asked += ["_IO(1, 2)", "_IOR(1, 2, int)", "_IOW(1, 2, int)"]
    values = cc.probe(compiler, flags, "#include <linux/ioctl.h>", asked)
    size = 4 << 16 | 1 << 8 | 2
    shift = 16 + abi.ioc_size_bits
    assert values == [
        abi.pointer,
        *(abi.align(size) for size in types.values()),
        abi.ioc_none << shift | 1 << 8 | 2,
        abi.ioc_read << shift | size,
        abi.ioc_write << shift | size,
    ]
