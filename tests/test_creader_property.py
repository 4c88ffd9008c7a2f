"""Whatever struct is written, the reader lays it out as the compiler does."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools import require_file
from uapigen.abi import ABIS
from uapigen.creader import HeaderError, read_header
from witness import compiler_says, read_back

HEAD = "#include <linux/types.h>\nenum kind { KIND };\n"
INTEGERS = {
    **{f"__{sign}{bits}": bits for sign in "us" for bits in (8, 16, 32, 64)},
    "char": 8,
    "unsigned short": 16,
    "int": 32,
    "unsigned long long": 64,
}
OTHERS = ("__le32", "__be64", "__aligned_u64", "long", "unsigned long", "void *", "double", "enum kind")
ATTRIBUTES = (
    *(
        "",
        "",
        "",
        "",
        " __attribute__((packed))",
        " __attribute__((aligned(2)))",
        " __attribute__((aligned(4)))",
    ),
    *(
        " __attribute__((aligned(8)))",
        " __attribute__((packed, aligned(2)))",
        " __attribute__((__aligned__(16)))",
    ),
)
STRUCTS_AT_ONCE = 20
MEMBER_STRUCTS = 2


@st.composite
def scalar(draw: st.DrawFn, name: str) -> str:
    type_ = draw(st.sampled_from((*INTEGERS, *OTHERS)))
    lengths = draw(st.sampled_from(("", "", "", "[1]", "[3]", "[2][3]", "[0]")))
    return f"{type_} {name}{lengths}{draw(st.sampled_from(ATTRIBUTES))};"


@st.composite
def bit_field(draw: st.DrawFn, name: str) -> str:
    type_, bits = draw(st.sampled_from(tuple(INTEGERS.items())))
    width = draw(st.integers(0, bits) | st.sampled_from((1, bits // 2, bits)))
    if width == 0 or draw(st.integers(0, 4)) == 0:
        return f"{type_} : {width};"
    return f"{type_} {name} : {width}{draw(st.sampled_from(ATTRIBUTES))};"


@st.composite
def body(draw: st.DrawFn, prefix: str, depth: int, before: int) -> str:
    """The braces of a struct; ``before`` is how many structs can be members of this one."""
    makers: list[Callable[[str], st.SearchStrategy[str]]] = [scalar, bit_field, bit_field]
    if depth:
        makers.append(lambda name: nested(name, depth - 1, before))
    if before:
        makers.append(lambda name: tagged(name, before))
    names = [f"{prefix}{number}" for number in range(draw(st.integers(1, 5)))]
    members = [draw(draw(st.sampled_from(makers))(name)) for name in names]
    return f"{{ {' '.join(members)} }}{draw(st.sampled_from(ATTRIBUTES))}"


@st.composite
def nested(draw: st.DrawFn, name: str, depth: int, before: int) -> str:
    keyword = draw(st.sampled_from(("struct", "union")))
    shown = draw(st.sampled_from((f" {name}", "")))
    return f"{keyword} {draw(body(f'{name}_', depth, before))}{shown};"


@st.composite
def tagged(draw: st.DrawFn, name: str, before: int) -> str:
    length = draw(st.sampled_from(("", "", "[2]")))
    return f"struct s{draw(st.integers(0, before - 1))} {name}{length};"


@st.composite
def header(draw: st.DrawFn) -> str:
    """A header with some structs, the later ones with the earlier ones as members."""
    numbers = range(STRUCTS_AT_ONCE)
    return "".join(f"struct s{n} {draw(body('m', 2, min(n, MEMBER_STRUCTS)))};\n" for n in numbers)


@pytest.mark.parametrize("abi", ABIS)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=header())
def test_any_struct_is_laid_out_as_the_compiler_does(abi: str, text: str) -> None:
    mine = read_back(read_header(HEAD + text), abi)
    assert compiler_says({"": (HEAD + text, mine)}, abi)[""] == mine


PIECES = (
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ";",
        ",",
        ":",
        "*",
        "#",
        "##",
        "...",
        "\\\n",
        "/*",
        "*/",
        '"',
        "'a'",
        "0x",
        "1.5",
    ),
    *(
        "struct",
        "union",
        "enum",
        "typedef",
        "static",
        "inline",
        "sizeof",
        "_Alignas",
        "_IOR(",
        "offsetof(",
        "?",
    ),
    *(
        "__attribute__",
        "((packed))",
        "((aligned(4)))",
        "#if",
        "#else",
        "#endif",
        "#define X",
        "\n",
        "$",
        "__u32",
    ),
)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_the_text_is_only_header_errors_are_raised(data: st.DataObject) -> None:
    tokens = re.findall(r"\s+|\w+|.", require_file("/usr/include/linux/vfio.h").read_text())
    start = data.draw(st.integers(0, len(tokens)))
    part = tokens[start : start + data.draw(st.integers(1, 200))]
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(part)))
        part[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.lists(st.sampled_from(PIECES), max_size=3)
        )
    with suppress(HeaderError):
        header = read_header("".join(part))
        for abi in ABIS.values():
            header.constants(abi)
            for tag in header.structs:
                with suppress(HeaderError):
                    header.layout(tag, abi)
