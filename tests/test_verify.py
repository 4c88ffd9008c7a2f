"""A text that says something else than its spec is found, each kind of lie by its own id."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

import golden
from golden import Golden
from sample import ROOT, interface_of
from tools import require, require_compiler
from uapigen.abi import ABIS
from uapigen.diagnostics import Diagnostic
from uapigen.model import Interface
from uapigen.pipeline import load_file
from uapigen.proof.compiled import set_bits
from uapigen.render import Artifact, find_target, render
from uapigen.verify import Verification, verify

SPEC = """
constants:
  - {name: EXAMPLE_VERSION, value: 3, doc: The version.}
  - {name: EXAMPLE_LOWEST, value: -2147483648, doc: The lowest number.}
  - {name: EXAMPLE_LAST, value: 0xffffffffffffffff, doc: The last number.}

enums:
  - enum: color
    prefix: EXAMPLE_COLOR_
    form: enum
    doc: Colors.
    values:
      - {name: RED, value: 1, doc: Red.}
      - {name: GREEN, value: 2, doc: Green.}

structs:
  - struct: example_info
    doc: What there is.
    fields:
      - {name: argsz, type: u32, doc: size of the whole}
      - {name: color, type: u32, values: color, doc: a color}
      - name: range
        doc: A range.
        fields:
          - {name: start, type: u64, doc: first byte}
          - {name: size, type: u64, doc: number of bytes}
      - {name: low, type: u32, bits: 5, doc: low bits}
      - {name: high, type: u32, bits: 27, doc: high bits}
      - {name: count, type: u32, doc: number of entries}
      - {name: entries, type: u64, count: flexible, doc: entries}

ioctls:
  type: {name: EXAMPLE_TYPE, value: 59}
  base: {name: EXAMPLE_BASE, value: 100}
  commands:
    - {name: EXAMPLE_GET_INFO, number: 5, direction: both, argument: example_info, doc: Get it.}
"""


LARGE_ITEMS = "LARGE: tuple = (\n" + "".join(f"    {name}('{'x' * 20_000}'),\n" for name in "abc") + ")\n"
"""Python that is asked in pieces."""


@pytest.fixture(scope="module")
def interface() -> Interface:
    return interface_of(SPEC)


@pytest.fixture(scope="module")
def header(interface: Interface) -> Artifact:
    return render(interface, [find_target("header")])[0]


def changed(artifact: Artifact, old: str, new: str) -> Artifact:
    assert artifact.text.count(old) == 1, artifact.text
    return Artifact(artifact.target, artifact.folder, artifact.file, artifact.text.replace(old, new))


def text(file: str, content: str) -> Artifact:
    return Artifact("any", "example", file, content)


def said(result: Verification) -> list[tuple[str, str]]:
    return [(found.id, found.message) for found in result.findings]


def line(found: Diagnostic) -> str:
    assert found.span is not None
    return found.span.position().text.strip()


def gcc() -> str:
    """A compiler that makes code for x86-64 and i386."""
    compiler, _ = require_compiler("x86-64")
    require_compiler("i386")
    return compiler


# --- what a user reads ----------------------------------------------------------------------------


@golden.parametrize(golden.verified())
def test_the_message_is_the_expected_one(golden: Golden) -> None:
    golden.check()


# --- what is right --------------------------------------------------------------------------------


def test_a_true_header_has_no_finding(interface: Interface, header: Artifact) -> None:
    assert verify(interface, (header,), None) == Verification((), ())


def test_a_true_header_has_no_finding_by_the_compiler(interface: Interface, header: Artifact) -> None:
    require("g++")
    assert verify(interface, (header,), gcc()) == Verification((), ())


@pytest.mark.parametrize("abi", ABIS)
@pytest.mark.parametrize("spec", ["spec/vfio-device-state.yaml", "tests/specs/kinds.yaml"])
def test_the_compiler_of_every_abi_agrees_with_the_spec(abi: str, spec: str) -> None:
    compiler, _ = require_compiler(abi)
    whole = load_file(ROOT / spec)
    artifacts = render(whole, [find_target(name) for name in ("header", "fragment")])
    assert verify(whole, artifacts, compiler).findings == ()


def test_where_there_is_no_header_nothing_is_asked_of_it(interface: Interface) -> None:
    artifacts = (text("example.py", "A = 1\n"), text("example.rst", "A\n"))
    assert verify(interface, artifacts, "nonesuch") == Verification((), ())


# --- what the read-back finds ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message", "element"),
    [
        (
            "\t__u32 color;",
            "\t__u16 color;",
            "the size of 'color' in struct example_info is 4 by the spec and 2",
            "color",
        ),
        (
            "\t__u32 argsz;\n\t__u32 color;",
            "\t__u32 color;\n\t__u32 argsz;",
            "the offset of 'argsz' in struct example_info is 0 by the spec and 4",
            "argsz",
        ),
        (
            "__u32 low : 5;",
            "__u32 low : 6;",
            "the number of bits of 'low' in struct example_info is 5 by the spec and 6",
            "low",
        ),
        (
            "\t__u32 low : 5;\n\t__u32 high : 27;",
            "\t__u32 high : 27;\n\t__u32 low : 5;",
            "the first bit of 'low' in struct example_info is 192 by the spec and 219",
            "low",
        ),
        (
            "\t__u32 count;\n",
            "",
            "the offset of 'count' in struct example_info is 28 by the spec and not known to",
            "count",
        ),
        (
            "\t__u32 count;\n",
            "\t__u32 count;\n\tlong hidden;\n",
            "the offset of 'entries' in struct example_info is 32 by the spec and 40",
            "entries",
        ),
        (
            "entries[];\n};",
            "entries[];\n} __attribute__((aligned(16)));",
            "the alignment of struct example_info is 8 by the spec and 16",
            None,
        ),
    ],
)
def test_a_wrong_layout_is_found(
    interface: Interface, header: Artifact, old: str, new: str, message: str, element: str | None
) -> None:
    result = verify(interface, (changed(header, old, new),), None)
    found = [each for each in result.findings if each.id == "verify-layout"]
    ending = "the header text, on every ABI"
    assert [each.message for each in found] == [
        f"{message} {ending}" if message.endswith("to") else f"{message} by {ending}"
    ]
    assert line(found[0]).startswith(f"- {{name: {element}," if element else "- struct: example_info")
    [note] = found[0].notes
    assert note.message == "the text has it here"
    assert note.span.source.path == "example.h"
    assert note.span.position().text == "struct example_info {"


def test_a_layout_that_is_wrong_on_some_abis_names_them() -> None:
    narrow = interface_of("""
structs:
  - struct: s
    doc: A struct.
    fields:
      - {name: a, type: u64, doc: a number}
      - {name: b, type: u32, doc: a number}
      - {pad: 4}
""")
    [artifact] = render(narrow, [find_target("header")])
    result = verify(narrow, (changed(artifact, "__aligned_u64 a;", "__u64 a;"),), None)
    assert said(result) == [
        ("verify-layout", "the alignment of struct s is 8 by the spec and 4 by the header text, on i386"),
        ("verify-layout", "the alignment of struct s is 8 by the spec and 2 by the header text, on m68k"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("EXAMPLE_VERSION\t3", "EXAMPLE_VERSION\t4", "'EXAMPLE_VERSION' is 3 by the spec and 4"),
        (
            "EXAMPLE_COLOR_GREEN = 2",
            "EXAMPLE_COLOR_GREEN = 5",
            "'EXAMPLE_COLOR_GREEN' is 2 by the spec and 5",
        ),
        ("(-2147483647 - 1)", "2147483648", "'EXAMPLE_LOWEST' is -2147483648 by the spec and 2147483648"),
        ("0xffffffffffffffffULL", "(-1)", "'EXAMPLE_LAST' is 18446744073709551615 by the spec and -1"),
    ],
)
def test_a_wrong_number_is_found(
    interface: Interface, header: Artifact, old: str, new: str, message: str
) -> None:
    result = verify(interface, (changed(header, old, new),), None)
    assert said(result) == [("verify-constant", f"{message} by the header text, on every ABI")]
    assert new in result.findings[0].notes[0].span.position().text


def test_a_wrong_ioctl_is_found_with_each_value_that_it_has(interface: Interface, header: Artifact) -> None:
    result = verify(interface, (changed(header, "_IOWR(59", "_IOR(59"),), None)
    others = ", ".join(abi for abi in ABIS if abi != "ppc64")
    assert said(result) == [
        (
            "verify-constant",
            f"'EXAMPLE_GET_INFO' is 3223337833 by the spec and 2149596009 by the header text, on {others}",
        ),
        (
            "verify-constant",
            "'EXAMPLE_GET_INFO' is 3223337833 by the spec and 1075854185 by the header text, on ppc64",
        ),
    ]


def test_a_number_that_is_not_in_the_text_is_found(interface: Interface, header: Artifact) -> None:
    result = verify(interface, (changed(header, "#define EXAMPLE_VERSION\t3", ""),), None)
    message = "'EXAMPLE_VERSION' is 3 by the spec and not known to the header text, on every ABI"
    assert said(result) == [("verify-constant", message)]
    assert result.findings[0].notes == ()


@pytest.mark.parametrize(
    ("new", "name"),
    [
        ("#define EXAMPLE_MORE 1", "'EXAMPLE_MORE'"),
        ("#define EXAMPLE_CALL(x) x", "'EXAMPLE_CALL'"),
        ("struct example_more { __u32 a; };", "'example_more'"),
        ("enum { EXAMPLE_ONE };", "'EXAMPLE_ONE'"),
    ],
)
def test_what_the_spec_does_not_have_is_found(
    interface: Interface, header: Artifact, new: str, name: str
) -> None:
    result = verify(interface, (changed(header, "/* The version. */", new),), None)
    assert said(result) == [("verify-name", f"{name} is in the text and not in the spec")]
    assert line(result.findings[0]) == new


def test_a_member_that_moves_nothing_and_is_not_in_the_spec_is_found(
    interface: Interface, header: Artifact
) -> None:
    new = "\t__u32 count;\n\t__u8 hidden[0];\n"
    result = verify(interface, (changed(header, "\t__u32 count;\n", new),), None)
    message = "'hidden' of struct example_info is in the text and not in the spec"
    assert said(result) == [("verify-name", message)]


def test_a_struct_that_became_a_union_is_found(interface: Interface, header: Artifact) -> None:
    result = verify(interface, (changed(header, "struct example_info {", "union example_info {"),), None)
    assert "verify-layout" in {found.id for found in result.findings}


def test_a_text_that_cannot_be_read_back_is_found_at_its_line(interface: Interface, header: Artifact) -> None:
    result = verify(interface, (changed(header, "__u32 color;", "__u32 color"),), None)
    [found] = result.findings
    assert found.id == "verify-header"
    assert found.message.startswith("the text cannot be read back: ")
    assert found.span is not None
    assert found.span.source.path == "example.h"
    assert line(found) in {"__u32 color", "struct {"}


def test_the_fragment_is_read_back_as_the_header_is(interface: Interface) -> None:
    [fragment] = render(interface, [find_target("fragment")])
    assert verify(interface, (fragment,), None).findings == ()
    result = verify(interface, (changed(fragment, "EXAMPLE_VERSION\t3", "EXAMPLE_VERSION\t4"),), None)
    assert [found.id for found in result.findings] == ["verify-constant"]


# --- what the compiler finds ----------------------------------------------------------------------


def test_the_compiler_finds_what_the_read_back_finds(interface: Interface, header: Artifact) -> None:
    false = changed(header, "EXAMPLE_VERSION\t3", "EXAMPLE_VERSION\t4")
    false = changed(false, "\t__u32 low : 5;\n\t__u32 high : 27;", "\t__u32 high : 27;\n\t__u32 low : 5;")
    compiler = gcc()
    found = said(verify(interface, (false,), compiler))
    for witness, abi in ((f"{compiler} -m64", "x86-64"), (f"{compiler} -m32", "i386")):
        where = f"by {witness}, on {abi}"
        number = f"'EXAMPLE_VERSION' is 3 by the spec and 4 {where}"
        bits = f"the first bit of 'low' in struct example_info is 192 by the spec and 219 {where}"
        assert ("verify-constant", number) in found
        assert ("verify-layout", bits) in found
    # The same twice from the text that is read back, and nothing else.
    assert len(found) == 6


def test_a_layout_that_only_one_abi_has_is_found_by_its_compiler() -> None:
    holed = interface_of("""
structs:
  - struct: s
    doc: A struct with a hole on most ABIs.
    allow: {implicit-padding: to see it, abi-dependent-layout: to see it}
    fields:
      - {name: a, type: u32, doc: a number}
      - {name: b, type: u64-natural, doc: a number}
""")
    [artifact] = render(holed, [find_target("header")])
    compiler = gcc()
    # What may be padded is not held against the header.
    assert verify(holed, (artifact,), compiler).findings == ()
    closed = changed(artifact, "__u64 b;", "__u64 b __attribute__((packed));")
    found = [message for _, message in said(verify(holed, (closed,), compiler)) if "-m" in message]
    offset = "the offset of 'b' in struct s is 8 by the spec and 4"
    assert found == [f"{offset} by {compiler} -m64, on x86-64"]


def test_padding_that_no_one_allowed_does_not_compile(header: Artifact, interface: Interface) -> None:
    padded = changed(header, "\t__u32 color;", "\t__u16 color;")
    result = verify(interface, (padded,), gcc())
    found = [each for each in result.findings if each.id == "verify-compile"]
    assert found
    assert found[0].message.startswith("padding struct to align 'range' [-Werror=padded] (")
    assert {line(each) for each in found} == {"} range;"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#ifndef _UAPI_LINUX_EXAMPLE_H\n", "#ifndef _OTHER_H\n", "redefinition of 'struct example_info'"),
        ("/* The version. */", "// The version.", "C++ style comments are not allowed in ISO C90"),
        ("argsz;", "class;", "multiple types in one declaration"),
        ("= 2,", "= 2, EXAMPLE_COLOR_X = NONESUCH,", "'NONESUCH' undeclared here (not in a function)"),
    ],
)
def test_a_header_that_does_not_compile_as_promised_is_found_at_its_line(
    interface: Interface, header: Artifact, old: str, new: str, message: str
) -> None:
    require("g++")
    result = verify(interface, (changed(header, old, new),), gcc())
    found = [each for each in result.findings if each.id == "verify-compile" and message in each.message]
    assert found
    assert found[0].span is not None
    assert found[0].span.source.path == "example.h"
    assert "std=" in found[0].message


def test_the_c_test_has_to_compile(interface: Interface, header: Artifact) -> None:
    source = '#include "example.h"\nchar wrong[sizeof(struct example_info) == 32 ? 1 : -1];\n'
    program = text("example_test.c", source)
    assert verify(interface, (header, program), gcc()).findings == ()
    wrong = changed(program, "32", "33")
    [found] = verify(interface, (header, wrong), gcc()).findings
    assert (found.id, line(found)) == ("verify-compile", source.splitlines()[1].replace("32", "33"))
    compiler = gcc()
    assert found.message == f"size of array 'wrong' is negative ({compiler} -m64, {compiler} -m32)"


STATES = """
states:
  - states: state
    set-by: user
    initial: IDLE
    prefix: STATE_
    values: [{name: IDLE, value: 1, doc: idle}, {name: BUSY, value: 2, doc: busy}]
    transitions: [{from: IDLE, to: BUSY, label: start}]
"""


@pytest.mark.parametrize(
    ("old", "new", "message", "place"),
    [
        (
            "\t*next = states[step];",
            "\t*next = nonesuch + states[step];",
            "'nonesuch' undeclared",
            "*next = nonesuch + states[step];",
        ),
        (
            "\tint from, to, step;",
            "\tint from, to, step, more;",
            "unused variable 'more'",
            "int from, to, step, more;",
        ),
    ],
)
def test_the_header_for_drivers_has_to_compile_as_the_kernels_c(
    old: str, new: str, message: str, place: str
) -> None:
    states, compiler = interface_of(STATES), gcc()
    header, driver, program = render(states, [find_target(name) for name in ("header", "driver", "ctest")])
    assert verify(states, (header, driver, program), compiler).findings == ()
    found = verify(states, (header, changed(driver, old, new)), compiler).findings
    # gcc says of a name that it knows no more than that, and once for each function.
    assert {each.id for each in found} == {"verify-compile"}
    assert message in found[0].message
    assert f"({compiler} -m64 -std=gnu11, {compiler} -m32 -std=gnu11)" in found[0].message
    assert found[0].span is not None
    assert found[0].span.source.path == "example_driver.h"
    assert line(found[0]) == place
    # The same for the program that includes it.
    found = verify(states, (header, changed(driver, old, new), program), compiler).findings
    assert f"{compiler} -m32)" in found[0].message


def test_a_program_without_a_header_that_it_includes_is_not_asked() -> None:
    states = interface_of(STATES)
    made = render(states, [find_target("header"), find_target("ctest")])
    assert verify(states, made, gcc()) == Verification((), ())


def test_what_the_compiler_does_not_know_of_a_struct_is_found_once(
    interface: Interface, header: Artifact
) -> None:
    compiler = gcc()
    found = said(verify(interface, (changed(header, "\t__u32 color;", "\t__u32 colour;"),), compiler))
    compiled = [message for id_, message in found if id_ == "verify-compile"]
    error = r"source\.c:\d+: 'struct example_info' has no member named 'color'.*"
    witnesses = re.escape(f" ({compiler} -m64, {compiler} -m32)")
    assert [message for message in compiled if not re.fullmatch(error + witnesses, message)] == []
    assert len(compiled) == 2  # its offset, and its size


def test_an_object_that_does_not_hold_the_answers_is_an_error(
    interface: Interface, header: Artifact, tmp_path: Path
) -> None:
    broken = tmp_path / "cc"
    broken.write_text(
        f'#!/bin/sh\n{gcc()} "$@" || exit\nwhile [ $# -gt 0 ]; do\n'
        '  [ "$1" = -o ] && printf ELF > "$2"\n  shift\ndone\nexit 0\n'
    )
    broken.chmod(0o755)
    assert said(verify(interface, (header,), str(broken))) == [
        ("verify-compile", f"the {what} are not in the object file as they were written ({broken} {flag})")
        for flag in ("-m64", "-m32")
        for what in ("values", "objects")
    ]


def test_a_compiler_for_an_unknown_machine_is_left_out(
    interface: Interface, header: Artifact, tmp_path: Path
) -> None:
    strange = tmp_path / "cc"
    strange.write_text("#!/bin/sh\necho sparc64-linux-gnu\n")
    strange.chmod(0o755)
    result = verify(interface, (header,), str(strange))
    machine = f"'{strange}': its machine, sparc64-linux-gnu, is no ABI that is known"
    assert result == Verification((), (f"the layout by {machine}",))


def test_what_a_compiler_without_headers_cannot_do_is_left_out(
    interface: Interface, header: Artifact, tmp_path: Path
) -> None:
    compiler, _ = require_compiler("x86-64")
    poor = tmp_path / "poor-gcc"
    poor.write_text(f'#!/bin/sh\nexec {compiler} -nostdinc "$@"\n')
    poor.chmod(0o755)
    result = verify(interface, (header,), str(poor))
    assert result.findings == ()
    cxx, *layouts = result.left_out
    assert cxx == f"the header as C++: there is no C++ compiler beside '{poor}'"
    for sentence, where in zip(layouts, ("x86-64 by '{} -m64'", "i386 by '{} -m32'"), strict=True):
        assert sentence.startswith(f"example.h for {where.format(poor)}: ")
        assert "linux/types.h" in sentence


def test_one_abi_can_be_left_out_alone(interface: Interface, header: Artifact, tmp_path: Path) -> None:
    compiler, _ = require_compiler("x86-64")
    poor = tmp_path / "gcc"
    poor.write_text(
        f'#!/bin/sh\ncase "$*" in *-m32*) echo "no 32 bits here" >&2; exit 1;; esac\nexec {compiler} "$@"\n'
    )
    poor.chmod(0o755)
    result = verify(interface, (changed(header, "EXAMPLE_VERSION\t3", "EXAMPLE_VERSION\t4"),), str(poor))
    assert f"example.h for i386 by '{poor} -m32': no 32 bits here" in result.left_out
    witnesses = [message.partition(" and 4 by ")[2] for _, message in said(result)]
    assert witnesses == ["the header text, on every ABI", f"{poor} -m64, on x86-64"]


def test_a_program_that_lacks_the_c_library_of_an_abi_is_left_out_alone(
    interface: Interface, header: Artifact, tmp_path: Path
) -> None:
    compiler, _ = require_compiler("x86-64")
    (tmp_path / "only32.h").write_text("#ifndef __x86_64__\n#include <gnu/stubs-none.h>\n#endif\n")
    poor = tmp_path / "gcc"
    poor.write_text(f'#!/bin/sh\nexec {compiler} -isystem {tmp_path} "$@"\n')
    poor.chmod(0o755)
    program = text("example_test.c", '#include <only32.h>\n#include "example.h"\n')
    false = changed(header, "EXAMPLE_VERSION\t3", "EXAMPLE_VERSION\t4")
    result = verify(interface, (false, program), str(poor))
    why = "gnu/stubs-none.h: No such file or directory"
    assert f"example_test.c for i386 by '{poor} -m32': {why}" in result.left_out
    assert not [sentence for sentence in result.left_out if sentence.startswith("example.h")]
    witnesses = [message.partition(" and 4 by ")[2] for _, message in said(result)]
    assert witnesses == ["the header text, on every ABI", f"{poor} -m64, on x86-64", f"{poor} -m32, on i386"]


OTHERS = """
structs:
  - struct: vfio_info_cap_header
    external: linux/vfio.h
    doc: The head of a capability.
    fields:
      - {{name: id, type: u16, doc: id}}
      - {{name: version, type: {type}, doc: version}}
      - {{name: next, type: u32, doc: next}}
  - struct: pci_nothing
    external: linux/nonesuch.h
    doc: What no member is of.
    fields:
      - {{name: a, type: u32, doc: a number}}
  - struct: s
    doc: A struct with one of another header.
    fields:
      - {{name: header, type: vfio_info_cap_header, doc: head}}
      - {{name: value, type: u64, doc: a number}}
"""


def test_what_another_header_declares_is_asked_of_that_header() -> None:
    compiler = gcc()
    true = interface_of(OTHERS.format(type="u16"))
    assert verify(true, render(true, [find_target("header")]), compiler).findings == ()
    false = interface_of(OTHERS.format(type="u8") + "    allow: {implicit-padding: a lie}\n")
    artifacts = render(false, [find_target("header")])
    assert verify(false, artifacts, None).findings == ()
    size = "the size of 'version' in struct vfio_info_cap_header is 1 by the spec and 2"
    assert said(verify(false, artifacts, compiler)) == [
        ("verify-layout", f"{size} by {compiler} -m64, on x86-64"),
        ("verify-layout", f"{size} by {compiler} -m32, on i386"),
    ]


def test_clang_agrees_with_the_spec(interface: Interface, header: Artifact) -> None:
    assert verify(interface, (header,), require("clang")).findings == ()


def test_nothing_is_left_in_the_temporary_folder(
    interface: Interface, header: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    verify(interface, (header, text("a.c", "wrong")), gcc())
    assert not list(tmp_path.iterdir())


def test_bits_are_counted_as_the_abi_takes_them() -> None:
    assert set_bits(b"\x03\x80", big_endian=False) == [0, 1, 15]
    assert set_bits(b"\x03\x80", big_endian=True) == [6, 7, 8]


# --- what holds for a text alone ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "content", "id_", "message", "place"),
    [
        (
            "a.rst",
            "caf\u00e9\n",
            "verify-ascii",
            "has the character U+00E9 (latin small letter e with acute), which is not printable ASCII",
            (1, 4),
        ),
        (
            "a.c",
            "a\n\x07\n",
            "verify-ascii",
            "has the character U+0007, which is not printable ASCII",
            (2, 1),
        ),
        ("a.c", "a\r\n", "verify-ascii", "has the character U+000D, which is not printable ASCII", (1, 2)),
        ("a.rst", "a\nb \n", "verify-blanks", "has a blank at the end of a line", (2, 2)),
        ("a.c", "a\t\n", "verify-blanks", "has a blank at the end of a line", (1, 2)),
        ("a.c", "a", "verify-blanks", "does not end in exactly one end of line", (1, 2)),
        ("a.c", "a\n\n", "verify-blanks", "does not end in exactly one end of line", (3, 1)),
        ("a.c", "", "verify-blanks", "does not end in exactly one end of line", (1, 1)),
        (
            "a.h.fragment",
            f"/*{'x' * 97}*/\n",
            "verify-line-length",
            "has a line of 101 columns, more than 100",
            (1, 1),
        ),
        (
            "a.h",
            f"/*{'x' * 97}*/\n",
            "verify-line-length",
            "has a line of 101 columns, more than 100",
            (1, 1),
        ),
        (
            "a.rst",
            "\n" + "x" * 81 + "\n",
            "verify-line-length",
            "has a line of 81 columns, more than 80",
            (2, 1),
        ),
        ("a.rst", "\t" * 10 + "x\n", "verify-line-length", "has a line of 81 columns, more than 80", (1, 1)),
        ("a.py", "a = 1\nb = (\n", "verify-python", "is no Python: '(' was never closed", (2, 1)),
        ("a.py", "return 1\n", "verify-python", "is no Python: 'return' outside function", (1, 1)),
        (
            "a.py",
            "a = 1\n\nb = '\\d'\n",
            "verify-python",
            "is no Python: invalid escape sequence '\\d'",
            (3, 1),
        ),
        (
            "a.py",
            LARGE_ITEMS.replace("'),\n    c", "')\n    c"),
            "verify-python",
            "is no Python: invalid syntax. Perhaps you forgot a comma?",
            (3, 1),
        ),
        (
            "a.py",
            LARGE_ITEMS.replace("b(", "b)"),
            "verify-python",
            "is no Python: unmatched ')'",
            (3, 1),
        ),
        (
            "a.py",
            "a = '\0'\n",
            "verify-python",
            "is no Python: source code string cannot contain null bytes",
            (1, 1),
        ),
    ],
)
def test_each_defect_of_a_text_is_found_once(
    interface: Interface, file: str, content: str, id_: str, message: str, place: tuple[int, int]
) -> None:
    result = verify(interface, (text(file, content),), None)
    found = [each for each in result.findings if each.id == id_]
    assert [each.message.removeprefix("the generated text ")[: len(message)] for each in found] == [message]
    assert found[0].span is not None
    assert found[0].span.source.path == file
    position = found[0].span.position()
    assert (position.line, position.column) == place


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.h.fragment", f"/*{'x' * 96}*/\n"),
        ("a.h", f"/*{'x' * 96}*/\n"),
        ("a.rst", "x" * 80 + "\n"),
        ("a.py", "# " + "x" * 200 + "\n"),
        ("a.c", "\tint a;\n\nint b;\n"),
        ("a.py", LARGE_ITEMS),
        ("a.py", 'a = """\n\n\n"""\n'),
        ("a.py", 'A: str = (\n    """\n    b,\n    c,\n"""\n)\n'),
    ],
)
def test_a_text_without_defects_has_no_finding(interface: Interface, file: str, content: str) -> None:
    found = {each.id for each in verify(interface, (text(file, content),), None).findings}
    # The fragment lacks every number and struct of the spec.
    assert found <= {"verify-constant", "verify-layout"}
