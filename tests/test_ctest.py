"""The C test compiles everywhere, passes on what was generated, and fails on what was not meant."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ctext import EVERY_SPEC, FIRST, HERE, STRICT, built, compile_errors, text_of
from sample import SPECS
from uapigen import load
from uapigen.abi import ABIS
from uapigen.model import Interface
from uapigen.render import find_target, render

V1, V2 = SPECS / "vfio-migration-v1.yaml", SPECS / "vfio-migration-v2.yaml"
KINDS = HERE / "specs/kinds.yaml"


def files_of(interface: Interface) -> dict[str, str]:
    """The headers and the test, by their file names."""
    made = render(interface, [find_target(name) for name in ("header", "driver", "ctest")])
    return {artifact.file: artifact.text for artifact in made}


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
    assert said in errors_of(changed(files_of(load(FIRST)), "state.h", old, new))


def test_an_ioctl_that_is_not_as_it_should_be_does_not_compile() -> None:
    files = changed(files_of(load(KINDS)), "kinds.h", "_IOR(0x3b, 100 + 102,", "_IOW(0x3b, 100 + 102,")
    assert "KINDS_READ is not the number of its parts" in errors_of(files)


LAST = "/* STOP_COPY, P2P, PRE_COPY */"


@pytest.mark.parametrize(
    ("path", "old", "new", "failing"),
    [
        # Of the table with all features: a path that does not take its arc, a walk that never ends.
        (V2, "{ -1,  1,  5,  3,  4,  5,  5,  5 }", "{ -1,  1,  5,  1,  4,  5,  5,  5 }", "every arc is one"),
        (V2, "{ -1,  1,  5,  3,  4,  5,  5,  5 }", "{ -1,  1,  2,  3,  4,  5,  5,  5 }", "request arrives"),
        (V2, "{ -1,  5,  2,  5,  5,  5,  6,  5 }", "{ -1,  2,  2,  5,  5,  5,  6,  5 }", "request arrives"),
        # Blocked pairs of the kernel's table that once were a loop without end.
        (
            V2,
            "{ -1,  1,  1,  3,  1,  1, -1, -1 }, /* 3",
            "{ -1,  1,  1,  3,  1,  1, -1,  3 }, /* 3",
            "blocked",
        ),
        (V2, "{ -1,  2,  2,  7,  2,  2,  6,  7 }", "{ -1,  2,  2,  7,  2,  2,  2,  7 }", "the current state"),
        (
            V2,
            "{ -1,  2,  2,  7,  2,  2,  6,  7 }",
            "{  0,  2,  2,  7,  2,  2,  6,  7 }",
            "no error state can",
        ),
        # A request that is refused and should not be.
        (V2, "{ -1,  2,  2,  7,  2,  2,  6,  7 }", "{ -1,  2,  2, -1,  2,  2,  6,  7 }", "so many requests"),
        # Other features.
        (V2, "\tcase VFIO_MIGRATION_STOP_COPY:\n\t\treturn 0", "\tcase 0:\n\t\treturn 0", "no state that"),
        (V2, "switch (features & (VFIO", "switch (features | (VFIO", "so many requests"),
        (V2, "return !(~features & VFIO_MIGRATION_STOP_COPY);", "return 1;", "has the states that"),
        (
            V2,
            "ERROR:\n\t\treturn 1;\n\tdefault:\n\t\treturn 0;",
            "ERROR:\n\tdefault:\n\t\treturn 0;",
            "has the st",
        ),
        (
            V2,
            "if (table < 0 || from < 0 ||",
            "if (from < 0)\n\t\tfrom = 1;\n\tif (table < 0 ||",
            "is no state is",
        ),
        # A state that the device has is stepped over: RESUMING -> STOP -> STOP_COPY is two steps.
        (V2, " -1,  1,  1,  1,  4, -1, -1, -1 }", " -1,  1,  1,  3,  4, -1, -1, -1 }", "request arrives"),
        # Another error, something stored where nothing is to be, two functions that contradict each other.
        (V2, "\tif (step < 0)\n\t\treturn -EINVAL", "\tif (step < 0)\n\t\treturn -EPERM", "so many requests"),
        (V2, "\tif (step < 0)\n", "\t*next = 0;\n\tif (step < 0)\n", "so many requests"),
        (
            V2,
            "(features, state, requested, &next)",
            "(features, requested, state, &next)",
            "so many requests",
        ),
        (
            FIRST,
            "\treturn vfio_device_state_index(state) >= 0;",
            "\treturn state < 9;",
            "is no state is refused",
        ),
        (FIRST, "VFIO_DEVICE_STATE_CTL_RUNNING,", "VFIO_DEVICE_STATE_CTL_STOPPED,", "every arc is one step"),
        (V1, "\tif (step == -2)\n\t\treturn -EOPNOTSUPP;\n", "", "so many requests"),
        (V1, " | (requested & ~VFIO", " | (0 & ~VFIO", "are kept as they are written"),
        (V1, "switch (state & VFIO", "switch (state & ~VFIO", "so many requests"),
        # The stream: what a step does, a step of several transitions, and what is no step.
        (V2, "{ -1, -1, -1,  4, -1,  2,  0,  0 }", "{ -1, -1, -1,  4, -1,  0,  0,  0 }", "does to the data"),
        (V2, "{ -1, -1, -1,  4, -1,  2,  0,  0 }", "{ -1, -1, -1,  4,  0,  2,  0,  0 }", "does to the data"),
        (V2, "{ -1, -1, -1,  4, -1,  2,  0,  0 }", "{ -1, -1, -1, -1, -1,  2,  0,  0 }", "does to the data"),
        (V2, "-1, -1,  2,  4, -1, -1,  0, -1", "-1, -1,  2,  0, -1, -1,  0, -1", "does to the data"),
        (V2, "STREAM_CLOSES = 2", "STREAM_CLOSES = 1", "does to the data"),
        # The map of a region.
        (FIRST, "{ 12, 4, ", "{ 13, 4, ", "lie where the map has them"),
        (FIRST, "{ 24, 8, ", "{ 24, 4, ", "lie where the map has them"),
        (FIRST, "{ 8, 4, VFIO_DEVICE_STATE_ACCESS_RO", "{ 8, 4, VFIO_DEVICE_STATE_ACCESS_RW", "is read and"),
        (FIRST, "{ 4, 4, VFIO_DEVICE_STATE_ACCESS_WO", "{ 4, 4, VFIO_DEVICE_STATE_ACCESS_RW", "is read and"),
        (FIRST, "& ~data_cap_flags)", "& ~data_cap_flags & 1)", "is read and written"),
        (FIRST, "if (!count || covered != size)", "if (!count)", "that cuts a member"),
    ],
)
def test_a_table_that_is_not_as_it_should_be_fails(
    path: Path, old: str, new: str, failing: str, tmp_path: Path
) -> None:
    files = files_of(load(path))
    (driver,) = (name for name in files if name.endswith("_driver.h"))
    before, mark, text = files[driver].partition(LAST) if old.startswith("{ -1") else ("", "", files[driver])
    assert text.count(old) >= 1, old
    changes = {driver: before + mark + text.replace(old, new, 1)}
    status, lines = output_of(tmp_path, {**files, **changes})
    assert status == 1
    assert any(line.startswith("not ok ") and failing in line for line in lines), lines


@pytest.mark.parametrize(
    ("path", "old", "new", "failing"),
    [
        (FIRST, ".mask = VFIO_DEVICE_STATE_CTL_MASK", ".mask = 7", "has the bits of every state"),
        (
            KINDS,
            "only_bits(&object, sizeof(object), 25, 20)",
            "only_bits(&object, sizeof(object), 26, 20)",
            "c of",
        ),
    ],
)
def test_a_value_that_is_not_as_it_should_be_fails(
    path: Path, old: str, new: str, failing: str, tmp_path: Path
) -> None:
    status, lines = output_of(tmp_path, changed(files_of(load(path)), "_test.c", old, new))
    assert status == 1
    assert any(line.startswith("not ok ") and failing in line for line in lines), lines
