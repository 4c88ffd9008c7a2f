"""The C test compiles everywhere, passes on what was generated, and fails on what was not meant."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ctext import EVERY_SPEC, FIRST, HERE, STRICT, built, compile_errors, header_name, text_of
from sample import SPECS
from test_machine import KERNEL_STATES, KERNEL_TABLE
from uapigen import load
from uapigen.abi import ABIS
from uapigen.model import Interface
from uapigen.render import snake

V1, V2 = SPECS / "vfio-migration-v1.yaml", SPECS / "vfio-migration-v2.yaml"
KINDS = HERE / "specs/kinds.yaml"


def files_of(interface: Interface) -> dict[str, str]:
    """The header and the test, by their file names."""
    return {
        header_name(interface): text_of(interface, "header"),
        f"{snake(interface.name)}_test.c": text_of(interface, "ctest"),
    }


def changed(files: dict[str, str], suffix: str, old: str, new: str) -> dict[str, str]:
    """The files with a text replaced in the one that ends in ``suffix``."""
    (name,) = (name for name in files if name.endswith(suffix))
    assert files[name].count(old) >= 1, old
    return {**files, name: files[name].replace(old, new, 1)}


def output_of(tmp_path: Path, files: dict[str, str], abi: str = "x86-64") -> tuple[int, list[str]]:
    """The exit status and the lines that the test prints."""
    (source,) = (name for name in files if name.endswith("_test.c"))
    done = subprocess.run(
        [built(tmp_path, files, source, abi)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def errors_of(files: dict[str, str], abi: str = "x86-64") -> str:
    (source,) = (text for name, text in files.items() if name.endswith("_test.c"))
    return compile_errors(source, files, abi, *STRICT)


@pytest.mark.parametrize("abi", ["x86-64", "i386"])
@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_it_passes_on_the_header_beside_it(path: Path, abi: str, tmp_path: Path) -> None:
    status, lines = output_of(tmp_path, files_of(load(path)), abi)
    version, plan, *results = lines
    assert version == "TAP version 13"
    assert plan == f"1..{len(results)}"
    for number, line in enumerate(results, 1):
        assert line.startswith(f"ok {number} - ")
    assert status == 0


@pytest.mark.parametrize("abi", ABIS)
@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_the_compiler_of_every_abi_takes_it(path: Path, abi: str) -> None:
    assert errors_of(files_of(load(path)), abi) == ""


@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_every_macro_enumerator_and_member_is_checked(path: Path) -> None:
    interface = load(path)
    test, header = text_of(interface, "ctest"), text_of(interface, "header")
    names = re.findall(r"^#define (\w+)", header, re.MULTILINE)
    names += re.findall(r"^\t(\w+) = ", header, re.MULTILINE)
    for name in names:
        if not name.startswith("_UAPI_"):
            assert re.search(rf"^CHECK_(VALUE|IOCTL)\({name},", test, re.MULTILINE), name
    for struct in interface.structs:
        for member_path, member, _ in struct.inside:
            if member.name and "bits" not in member.origin.entries:
                record = f"{struct.keyword} {struct.name}"
                assert re.search(rf"^CHECK_(MEMBER|OFFSET)\({record}, {re.escape(member_path)},", test, re.M)


def test_it_says_license_origin_and_how_to_run_it() -> None:
    text = text_of(load(FIRST), "ctest")
    assert text.startswith("// SPDX-License-Identifier: GPL-2.0\n")
    assert 'Generated from spec/vfio-device-state.yaml by "uapigen gen"; do not edit.' in text
    assert "gcc -Wall -Wextra -Werror vfio_device_state_test.c -o vfio_device_state_test" in text
    assert text.isascii()
    assert max(len(line.expandtabs()) for line in text.split("\n")) <= 100


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("__u32 version;", "__u64 version;", "version of struct vfio_device_state_ctl is not 4 bytes"),
        (
            "__u32 device_state;\n\t__u32 caps;",
            "__u32 caps;\n\t__u32 device_state;",
            "caps of struct vfio_device_state_ctl is not 4 bytes at offset 8",
        ),
        (
            "__aligned_u64 size;\n\t} device_config;",
            "__u32 size;\n\t\t__u32 high;\n\t} device_config;",
            "device_config.size of struct vfio_device_state_ctl is not 8 bytes at offset 24",
        ),
        (
            "__aligned_u64 page_nr;",
            "__aligned_u64 page_nr;\n\t\t__aligned_u64 more;",
            "struct vfio_device_state_ctl does not have 72 bytes",
        ),
        ("DEVICE_STATE\t4", "DEVICE_STATE\t5", "VFIO_REGION_TYPE_DEVICE_STATE is not 4"),
        ("CTL_LOGGING\t(1 << 1)", "CTL_LOGGING\t(1 << 2)", "VFIO_DEVICE_STATE_CTL_LOGGING is not 2"),
        ("(VFIO_DEVICE_STATE_CTL_STOPPED |", "(VFIO_DEVICE_STATE_CTL_STOP |", "undeclared"),
    ],
)
def test_a_header_that_is_not_as_it_should_be_does_not_compile(old: str, new: str, said: str) -> None:
    assert said in errors_of(changed(files_of(load(FIRST)), ".h", old, new))


def test_an_ioctl_that_is_not_as_it_should_be_does_not_compile() -> None:
    files = changed(files_of(load(KINDS)), ".h", "_IOR(0x3b, 100 + 102,", "_IOW(0x3b, 100 + 102,")
    assert "KINDS_READ is not the number of its parts" in errors_of(files)


@pytest.mark.parametrize(
    ("path", "old", "new", "failing"),
    [
        # A path that does not take its arc, an arc that is missing, a walk that never ends.
        (V2, "NO, 1, 5, 3, 4, 5, 5, 5", "NO, 1, 5, 1, 4, 5, 5, 5", "every arc is one step"),
        (V2, "NO, 1, 5, 3, 4, 5, 5, 5", "NO, 1, 2, 3, 4, 5, 5, 5", "every accepted request arrives"),
        (V2, "NO, 5, 2, 5, 5, 5, 6, 5", "NO, 2, 2, 5, 5, 5, 6, 5", "every accepted request arrives"),
        # Blocked pairs of the kernel's table that once were a loop without end.
        (V2, "NO, 1, 1, 3, 1, 1, NO, NO", "NO, 1, 1, 3, 1, 1, 3, NO", "every accepted request arrives"),
        (V2, "NO, 2, 2, 7, 2, 2, 6, 7", "NO, 2, 2, 7, 2, 2, 2, 7", "a request for the current state"),
        (V2, "NO, 2, 2, 7, 2, 2, 6, 7", "0, 2, 2, 7, 2, 2, 6, 7", "an error state cannot be requested"),
        (V2, '{ "STOP", VFIO_DEVICE_STATE_STOP,', '{ "STOP", VFIO_DEVICE_STATE_RUNNING,', "no two states"),
        (FIRST, ".mask = VFIO_DEVICE_STATE_CTL_MASK", ".mask = 7", "has the bits of every state"),
        (FIRST, ".reached = 4", ".reached = 3", "states are reached from RUNNING"),
        (FIRST, ".known = ~0ULL", ".known = 3", "a value that is no state is refused"),
        (
            V1,
            ".known = VFIO_DEVICE_STATE_V1_RUNNING",
            ".known = ~0ULL | VFIO_DEVICE_STATE_V1_RUNNING",
            "bits that are no state's do not change the answer",
        ),
        (
            KINDS,
            "only_bits(&object, sizeof(object), 25, 20)",
            "only_bits(&object, sizeof(object), 26, 20)",
            "c of",
        ),
    ],
)
def test_a_table_that_is_not_as_it_should_be_fails(
    path: Path, old: str, new: str, failing: str, tmp_path: Path
) -> None:
    status, lines = output_of(tmp_path, changed(files_of(load(path)), "_test.c", old, new))
    assert status == 1
    assert any(line.startswith("not ok ") and failing in line for line in lines), lines


def test_the_table_is_that_of_the_kernel() -> None:
    text = text_of(load(V2), "ctest")
    rows = re.findall(r"/\* from (\w+) \*/\n\t(.*),\n", text)
    assert [name for name, _ in rows] == KERNEL_STATES
    for name, row in rows:
        cells = ["-" if cell == "NO" else KERNEL_STATES[int(cell)] for cell in row.split(", ")]
        assert cells == KERNEL_TABLE[name].split()


def test_what_nobody_has_specified_is_neither_accepted_nor_refused() -> None:
    text = text_of(load(V1), "ctest")
    rows = dict(re.findall(r"/\* from (\w+) \*/\n\t(.*),\n", text))
    # STOP, RUNNING, STOP_AND_COPY, PRE_COPY, RESUMING, ERROR
    assert rows["STOP"] == "0, OPEN, OPEN, OPEN, OPEN, NO"
    assert rows["RUNNING"] == "0, 1, 2, 3, 4, NO"
