"""The header is one that a kernel maintainer would take: compilers, the kernel's own checks, and by eye."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import uapichecks
from ctext import (
    EVERY_SPEC,
    FIRST,
    HERE,
    compile_errors,
    header_name,
    run_script,
    text_of,
    tokens,
)
from sample import HEAD, SPECS, interface_of
from tools import require_compiler
from uapichecks import HEADER, Check, File, exported
from uapigen import cc, load
from uapigen.cspelling import bits, number
from uapigen.model import Interface

CTL = "vfio_device_state_ctl"


@pytest.fixture(scope="module")
def interface() -> Interface:
    return load(FIRST)


@pytest.fixture(scope="module")
def header(interface: Interface) -> str:
    return text_of(interface, "header")


def comments(text: str) -> str:
    """What the comments say, in one line."""
    lines = re.findall(r"/\*.*?\*/", text, re.DOTALL)
    return " ".join(re.sub(r"^[ /]?\*+/?", "", line) for comment in lines for line in comment.split("\n"))


def said(text: str) -> str:
    return " ".join(comments(text).split())


def declared(text: str) -> list[str]:
    """The names of all macros, but for the guard."""
    return [
        name for name in re.findall(r"^#define (\w+)", text, re.MULTILINE) if not name.startswith("_UAPI")
    ]


# --- the compilers, and the kernel's own checks ---------------------------------------------------


def file_of(interface: Interface, text: str) -> File:
    """The header, where the kernel has such headers."""
    name = header_name(interface)
    return File(name, f"include/uapi/linux/{name}", text)


@pytest.mark.parametrize("check", uapichecks.of(HEADER), ids=lambda check: check.name)
@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_there_is_nothing_to_say_against_it(path: Path, check: Check) -> None:
    if path.parent != SPECS and check.name in ("padding", "every member documented"):
        return  # what the language carries, and no specification of ours
    interface = load(path)
    assert check.findings(file_of(interface, text_of(interface, "header"))) == []


def test_kernel_doc_finds_every_member(interface: Interface, header: str, tmp_path: Path) -> None:
    (tmp_path / "header.h").write_text(header, encoding="utf-8")
    done = run_script("kernel-doc", "-rst", "header.h", folder=tmp_path)
    struct = interface.struct(CTL)
    assert struct
    for member_path, _, _ in struct.inside:
        assert f"``{member_path}``" in done.stdout


@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_what_is_exported_has_another_guard_and_nothing_else(path: Path) -> None:
    interface = load(path)
    text = text_of(interface, "header")
    assert exported(file_of(interface, text)) == (text.replace("_UAPI_", "_"), [])


# --- by eye ---------------------------------------------------------------------------------------


def test_its_head_says_license_origin_and_command(header: str) -> None:
    lines = header.split("\n")
    assert lines[0] == "/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */"
    head = header[: header.index("#ifndef")]
    assert "VFIO device state interface" in head
    assert 'Generated from spec/vfio-device-state.yaml by "uapigen gen"; do not edit.' in head
    assert "make gen" in head
    guard = "_UAPI_LINUX_VFIO_DEVICE_STATE_H"
    assert f"#ifndef {guard}\n#define {guard}\n\n#include <linux/types.h>\n" in header
    assert header.endswith(f"\n#endif /* {guard} */\n")


def test_its_lines_are_short_ascii_and_end_in_no_blank(header: str) -> None:
    assert header.isascii()
    for line in header.split("\n"):
        assert len(line.expandtabs()) <= 80
        assert line == line.rstrip()
    assert "\n\n\n" not in header


def test_every_struct_is_followed_by_an_empty_line() -> None:
    for path in EVERY_SPEC:
        assert not re.search(r"^}[^\n]*;\n(?!\n)", text_of(load(path), "header"), re.MULTILINE)


def test_every_macro_is_defined_once() -> None:
    for path in EVERY_SPEC:
        for target in ("header", "fragment"):
            names = declared(text_of(load(path), target))
            assert len(names) == len(set(names))


def test_what_is_declared_is_what_the_review_asked_for(header: str) -> None:
    expected = {
        "VFIO_REGION_TYPE_DEVICE_STATE": "4",
        "VFIO_REGION_SUBTYPE_DEVICE_STATE_CTL": "1",
        "VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_CONFIG": "2",
        "VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_MEMORY": "3",
        "VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP": "4",
        "VFIO_DEVICE_STATE_INTERFACE_VERSION": "1",
        "VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY": "(1 << 0)",
        "VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY": "(1 << 1)",
        "VFIO_DEVICE_DATA_ACTION_GET_BUFFER": "1",
        "VFIO_DEVICE_DATA_ACTION_SET_BUFFER": "2",
        "VFIO_DEVICE_STATE_CTL_RUNNING": "0",
        "VFIO_DEVICE_STATE_CTL_STOPPED": "1",
        "VFIO_DEVICE_STATE_CTL_LOGGING": "(1 << 1)",
        "VFIO_DEVICE_STATE_CTL_MASK": "(VFIO_DEVICE_STATE_CTL_STOPPED | VFIO_DEVICE_STATE_CTL_LOGGING)",
    }
    joined = re.sub(r" \\\n\s*", " ", header)
    found = dict(re.findall(r"^#define (\w+)\t+(.*)$", joined, re.MULTILINE))
    assert found == expected


def test_every_doc_of_the_spec_that_concerns_c_is_in_it(interface: Interface, header: str) -> None:
    type_ = interface.region_type
    assert type_
    (struct,) = interface.structs
    (machine,) = interface.machines
    assert machine.mask
    elements = [
        *(interface, type_, *type_.regions, *interface.constants, *interface.enumerations),
        *(value for enumeration in interface.enumerations for value in enumeration.values),
        *(machine, *machine.parts, machine.mask, struct),
        *(member for _, member, _ in struct.inside),
    ]
    text = said(header)
    for element in elements:
        for paragraph in element.doc.paragraphs:
            assert paragraph in text
    (constant,) = interface.constants
    assert constant.version_policy
    assert all(paragraph in text for paragraph in constant.version_policy.paragraphs)


def test_every_member_says_how_it_can_be_accessed(interface: Interface, header: str) -> None:
    words = {"ro": "read-only", "wo": "write-only", "rw": "read/write"}
    # The marks of the posted patch, and wo for pos (I2).
    access = dict.fromkeys(("version", "caps"), "ro")
    access |= dict.fromkeys(("device_config.size", "device_memory.size"), "rw")
    text = said(header)
    (struct,) = interface.structs
    docs = dict(re.findall(r"@([\w.]+): (.*?)(?= @| \*/|$)", text[text.index(f"struct {CTL} - ") :]))
    for path, member, _ in struct.inside:
        if path.rpartition(".")[2] == "reserved":
            assert docs[path].startswith("reads as zero, must be written as zero")
        elif member.origin.get("fields") is None:
            assert words[access.get(path, "wo")] in docs[path], path


def test_values_of_a_group_stand_in_one_column() -> None:
    for path in EVERY_SPEC:
        text = text_of(load(path), "header").expandtabs()
        for group in re.findall(r"(?:^#define \w+ +\S.*\n(?: .*\n)*)+", text, re.MULTILINE):
            columns = {len(head) for head in re.findall(r"^#define \w+ +", group, re.MULTILINE)}
            assert len(columns) == 1, group


def test_how_the_regions_are_found_comes_first_and_a_struct_behind_what_its_members_take(
    header: str,
) -> None:
    order = [
        "#define VFIO_REGION_TYPE_DEVICE_STATE",
        "#define VFIO_REGION_SUBTYPE_DEVICE_STATE_CTL",
        "#define VFIO_DEVICE_STATE_INTERFACE_VERSION",
        "#define VFIO_DEVICE_STATE_CTL_RUNNING",
        "#define VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY",
        "#define VFIO_DEVICE_DATA_ACTION_GET_BUFFER",
        f"struct {CTL} {{",
    ]
    places = [header.index(each) for each in order]
    assert places == sorted(places)


def test_an_element_says_since_when_it_is_there_and_no_longer() -> None:
    text = said(text_of(load(HERE / "specs/kinds.yaml"), "header"))
    assert "A number below 0. Since 6.2." in text
    assert "The lowest int. Deprecated since 6.5." in text


@pytest.mark.parametrize("target", ["header", "fragment"])
def test_an_interface_says_since_when_it_is_there_and_no_longer(target: str) -> None:
    text = said(text_of(load(SPECS / "vfio-migration-v1.yaml"), target))
    assert "in the order in which they were saved. Since 5.8. Deprecated since 5.18." in text


BITS = """
states:
  - states: machine
    set-by: user
    initial: NONE
    prefix: S_
    doc: Two bits.
    bits: [{name: A, value: 1, doc: a}, {name: B, value: 2, doc: b}]
    combinations:
      - {name: NONE, of: [], c-name: S_NONE, doc: Neither.}
      - {name: A, of: [A], doc: The first.}
      - {name: BOTH, of: [A, B], c-name: OTHER_BOTH, doc: Both of them.}
    invalid: [{of: [B], doc: Never alone.}]
    mask: {c-name: OTHER_MASK, doc: Each of them.}
    transitions: [{from: NONE, to: A, label: go}]
"""


def test_a_combination_and_a_mask_have_the_whole_name_that_the_spec_gives() -> None:
    header = text_of(interface_of(BITS), "header")
    found = dict(re.findall(r"^#define (\w+)\t+(.*)$", header, re.MULTILINE))
    both = "(S_A | S_B)"
    assert found == {
        "S_A": "(1 << 0)",
        "S_B": "(1 << 1)",
        "S_NONE": "0",
        "OTHER_BOTH": both,
        "OTHER_MASK": both,
    }
    comment = said(header)
    assert "S_NONE (no bit) Neither. A The first. OTHER_BOTH (A | B) Both of them. B Never alone." in comment


def test_states_are_told_wherever_their_numbers_are_written() -> None:
    """Beneath a member as well as alone: the numbers of v1 are inside its struct."""
    comment = said(text_of(load(SPECS / "vfio-migration-v1.yaml"), "header"))
    for combination in ("V1_STOP (no bit): The", "PRE_COPY (RUNNING | SAVING): The", "SAVING | RESUMING: A"):
        assert combination in comment


def test_what_is_not_documented_is_no_kernel_doc() -> None:
    text = text_of(
        interface_of("structs:\n  - struct: s\n    fields:\n      - {name: a, type: u32}\n"), "header"
    )
    assert "/**" not in text
    assert "\n\nstruct s {\n" in text


def test_values_of_a_member_can_be_written_beneath_it() -> None:
    text = text_of(load(HERE / "specs/vfio-device.yaml"), "header")
    assert "\t__u32 flags;\n#define VFIO_REGION_INFO_FLAG_READ\t(1 << 0)\n" in text
    assert " *   VFIO_REGION_INFO_FLAG_READ: The region can be read.\n" in text


def test_values_that_two_members_take_are_written_beneath_the_first_one() -> None:
    text = text_of(
        interface_of("""
flags:
  - flags: shared
    prefix: SHARED_
    place: inside
    values: [{name: ONE, value: 1}]
structs:
  - struct: first
    fields: [{name: a, type: u32}, {name: b, type: u32, values: shared}, {name: c, type: u32, values: shared}]
  - struct: second
    fields: [{name: d, type: u32, values: shared}]
"""),
        "header",
    )
    assert "\t__u32 b;\n#define SHARED_ONE\t(1 << 0)\n\t__u32 c;\n};\n" in text
    assert text.count("#define SHARED_ONE") == 1


def test_an_ioctl_stands_behind_the_struct_that_it_carries() -> None:
    text = text_of(load(HERE / "specs/vfio-device.yaml"), "header")
    behind = r"^};\n\n/\* Set up interrupts[^\n]* \*/\n#define VFIO_DEVICE_SET_IRQS\t"
    assert re.search(behind, text[text.index("struct vfio_irq_set {") :], re.MULTILINE)


# --- what belongs to another header ---------------------------------------------------------------


def test_what_another_header_declares_is_used_by_value_and_not_declared() -> None:
    text = text_of(load(HERE / "specs/kinds.yaml"), "header")
    assert re.search(r"^#define KINDS_FOREIGN\t102$", text, re.MULTILINE)
    assert re.search(r"^#define KINDS_SPELLED\t\(KINDS_NAME_LENGTH \+ 4\)$", text, re.MULTILINE)
    assert re.search(r"^#define KINDS_NOTHING\t_IO\(0x3b, 100 \+ 100\)$", text, re.MULTILINE)
    assert "__u16 lengths[9];" in text
    assert "char name[KINDS_NAME_LENGTH];" in text
    assert not {"VFIO_BASE", "VFIO_TYPE", "VFIO_PCI_NUM_REGIONS"} & {*re.findall(r"\w+", text)}
    assert "struct vfio_info_cap_header {" not in text
    assert "#include <linux/types.h>\n#include <linux/ioctl.h>\n#include <linux/vfio.h>\n" in text


# --- text of a spec -------------------------------------------------------------------------------

PARTS = [*"abc */\\?!=#\n\"'@%:;{}()-.", "*/", "/*", "??/", "\n#define X 1\n", " ", " \\\n"]
HOSTILE = st.lists(st.sampled_from(PARTS)).map("".join)


@settings(deadline=None, max_examples=150)
@given(HOSTILE, HOSTILE)
@example("word\\ " * 30, "word??/ " * 30 + "word\\")
def test_no_text_of_a_spec_changes_what_is_declared(one: str, other: str) -> None:
    def quoted(doc: str) -> str:
        text = "'x " + doc.replace("'", "''") + " y'"
        return re.sub(r"\s*\n\s*", "\n\n\n      ", text)

    def text_with(first: str, second: str) -> tuple[str, str]:
        docs = [quoted(doc) for doc in (first, second)]
        head = HEAD.replace("title: Example", f"title: {quoted(first[:20])}")
        head = head.replace("doc: An example.", f"doc: {docs[1]}")
        interface = interface_of(
            f"""
constants:
  - {{name: NUMBER, value: 1, doc: {docs[0]}}}
flags:
  - flags: group
    prefix: GROUP_
    doc: {docs[1]}
    values: [{{name: ONE, value: 1, doc: {docs[0]}}}]
structs:
  - struct: s
    doc: {docs[1]}
    fields:
      - {{name: a, type: u32, doc: {docs[0]}}}
      - {{name: b, type: u32, doc: {docs[1]}}}
""",
            head,
        )
        return text_of(interface, "header"), text_of(interface, "fragment")

    for found, plain in zip(text_with(one, other), text_with("a", "b"), strict=True):
        assert tokens(found) == tokens(plain)
        assert not re.search(r"(\\|\?\?/)$", found, re.MULTILINE)


# --- numbers --------------------------------------------------------------------------------------

NUMBERS = sorted(
    {sign * (1 << place) + more for place in (0, 4, 31, 32, 63) for sign in (1, -1) for more in (-1, 0, 1)}
    - {-(1 << 63) - 1}
)


@pytest.mark.parametrize("abi", ["x86-64", "i386"])
def test_every_number_is_what_it_was_for_the_compiler(abi: str) -> None:
    compiler, flags = require_compiler(abi)
    spelled = [text for each in NUMBERS for text in (number(each), number(each, hexadecimal=True))]
    values = cc.probe(compiler, (*flags, "-std=c90"), "", spelled)
    assert values == [each for each in NUMBERS for _ in range(2)]
    source = "".join(f"int check_{n}[({text}) ? 1 : 2];\n" for n, text in enumerate(spelled))
    for standard in ("c90", "c99"):
        assert compile_errors(source, {}, abi, f"-std={standard}", "-Wall", "-Wextra", "-Werror") == ""


def test_sets_of_bits_are_what_they_were_for_the_compiler() -> None:
    compiler, flags = require_compiler("x86-64")
    sets = [0, 3, 10, 0xFFFF, *(1 << place for place in range(64))]
    assert cc.probe(compiler, flags, "", [bits(each) for each in sets]) == sets


def test_a_number_keeps_the_base_in_which_it_was_written() -> None:
    text = text_of(load(HERE / "specs/kinds.yaml"), "header")
    assert "#define KINDS_HEX\t0xdeadbeefU\n" in text
    assert "#define KINDS_NEGATIVE\t(-5)\n" in text


COMBINED = """
states:
  - states: machine
    set-by: user
    prefix: S_
    initial: RUNNING
    doc: The states.
    bits: [{name: RUNNING, value: 1, doc: It runs.}, {name: SAVING, value: 2}]
    combinations:
      - {name: RUNNING, of: [RUNNING]}
      - {name: STOPPED, of: []}
      - {name: SAVED, of: [SAVING], doc: Saved.}
    invalid: [{of: [RUNNING, SAVING]}]
    transitions: [{from: RUNNING, to: STOPPED, label: stop}]
"""


def test_a_combination_of_bits_is_told_with_its_bits_and_what_is_not_said_leaves_no_gap() -> None:
    lines = text_of(interface_of(COMBINED), "header").splitlines()
    begin = lines.index(" *   It runs.")
    assert lines[begin : lines.index(" */", begin)] == [
        " *   It runs.",
        " * STOPPED",
        " *   no bit",
        " * SAVED (SAVING)",
        " *   Saved.",
        " * RUNNING | SAVING",
        " *   Invalid: no state.",
    ]


def test_a_mask_of_long_names_is_broken_in_an_enum_as_a_maintainer_would(tmp_path: Path) -> None:
    spec = (FIRST.parent / "vfio-migration-v1.yaml").read_text(encoding="utf-8")
    path = tmp_path / "v1.yaml"
    path.write_text(spec.replace("    unknown: preserved", "    unknown: preserved\n    form: enum"), "utf-8")
    text = text_of(load(path), "header")
    assert max(len(line.expandtabs()) for line in text.splitlines()) <= 80
    (checkpatch,) = (check for check in uapichecks.of(HEADER) if check.name == "checkpatch")
    assert checkpatch.findings(file_of(load(path), text)) == []
    assert "VFIO_DEVICE_STATE_V1_RESUMING),\n" in text
