"""`make kernel-checks`: each check can fail, and the table says so; what is right passes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest

import kernelchecks
import uapichecks
from ctext import FIRST, KERNEL
from kernelchecks import Job, Tree
from sample import OUT, SPECS
from tools import missing, require_file
from uapichecks import CHECKS, DRIVER, FRAGMENT, HEADER, KEPT, PATCH, TEST, Check, File
from uapigen import load
from uapigen.abi import ABIS

VFIO_H = "/usr/include/linux/vfio.h"
STEM = "vfio_device_state"
V1 = SPECS / "vfio-migration-v1.yaml"


@cache
def right(kind: str) -> File:
    """A file that passes: one that was generated, or the installed header with what was."""
    interface = load(FIRST)
    if kind in {KEPT, PATCH}:
        old = require_file(VFIO_H).read_text(encoding="utf-8")
        return kernelchecks.with_pieces(interface, VFIO_H, old)[kind]
    return kernelchecks.generated(interface, OUT / interface.name)[kind]


def check_named(name: str) -> Check:
    (check,) = (check for check in CHECKS if check.name == name)
    return check


def table(capsys: pytest.CaptureFixture[str], *jobs: Job) -> tuple[int, list[str], str]:
    """The exit status, the rows of the table, and what is said below them."""
    status = kernelchecks.report(jobs)
    head, *rest = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"check +file +verdict +time", head)
    return status, rest[: len(jobs)], "\n".join(rest[len(jobs) :])


def asked(check: Check, file: File) -> Job:
    return Job(check.name, file.name, partial(check.findings, file))


# --- what is wrong --------------------------------------------------------------------------------

SPDX = "/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */\n"
TYPES = "#include <linux/types.h>"
VERSION = "\t__u32 version;\n"
TYPE_4 = "#define VFIO_REGION_TYPE_DEVICE_STATE\t4"
BEGIN = f"struct {STEM}_ctl {{\n"
GAP = "struct gap {\n\t__u32 a;\n\t__u64 b;\n};\n\n"
CCW = "#define VFIO_REGION_TYPE_CCW\t\t\t(2)"
NUM_IRQS = "\t__u32\tnum_irqs;"
IRQ_INFO = "struct vfio_irq_info {"
RUNNING = "VFIO_DEVICE_STATE_RUNNING = 2"

BROKEN: dict[str, list[tuple[str, str, str, str]]] = {
    HEADER: [
        ("checkpatch", SPDX, "", "WARNING: Missing or malformed SPDX-License-Identifier tag in line 1"),
        ("checkpatch", VERSION, "\t__u32 version; \n", "ERROR: trailing whitespace"),
        ("checkpatch", VERSION, "    __u32 version;\n", "WARNING: please, no spaces at the start of a line"),
        ("kernel-doc", " * @version:", " * version:", "warning: Function parameter or member 'version' not"),
        (
            "every member documented",
            " * @system_memory.page_nr:",
            " * page_nr:",
            "no @system_memory.page_nr:",
        ),
        (
            "every member documented",
            "/**\n * struct",
            "/*\n * struct",
            f"struct {STEM}_ctl has no kernel-doc",
        ),
        ("headers_install", " WITH Linux-syscall-note", "", 'missing "WITH Linux-syscall-note"'),
        (
            "headers_install",
            VERSION,
            f"#ifdef CONFIG_VFIO\n{VERSION}#endif\n",
            "leak CONFIG_VFIO to user-space",
        ),
        ("headers_install", "_UAPI_LINUX", "LINUX", "no guard that begins with _UAPI"),
        ("hdrtest", VERSION, "\tu32 version;\n", "error: unknown type name 'u32'"),
        ("hdrtest", VERSION, "\t__u32 class;\n", "error: declaration does not declare anything"),
        ("hdrtest", "#ifndef _UAPI", "#ifndef NO_UAPI", f"error: redefinition of 'struct {STEM}_ctl'"),
        ("hdrtest", TYPES, "#include <asm/types.h>", "<linux/types.h> is preferred over <asm/types.h>"),
        (
            "hdrtest",
            BEGIN,
            f"extern int a;\n{BEGIN}",
            "cannot reference function or variable defined in the kernel",
        ),
        ("C90", VERSION, f"{VERSION}\t// version\n", "error: "),
        ("C90", VERSION, "\t__u32 class;\n", "error: identifier 'class' conflicts with C++ keyword"),
        ("C90", "#ifndef _UAPI", "#ifndef NO_UAPI", f"i386: {STEM}.h:"),
        ("C99", VERSION, "\t__u32 restrict;\n", "error: "),
        ("C11", VERSION, "\t__u31 version;\n", "error: unknown type name '__u31'"),
        ("C++98", VERSION, "\t__u32 new;\n", "error: expected unqualified-id before 'new'"),
        ("padding", "\t__u32 reserved;\n", "", "error: padding struct to align 'device_config'"),
        ("padding", BEGIN, GAP + BEGIN, "sizeof(struct gap) is 16 on x86-64 and 12 on i386"),
    ],
    FRAGMENT: [("checkpatch", TYPE_4, f"{TYPE_4} ", "ERROR: trailing whitespace")],
    DRIVER: [
        ("checkpatch", "\treturn ", "        return ", "ERROR: code indent should use tabs where possible"),
        ("kernel-doc", " * @state:", " * state:", "warning: Function parameter or member 'state' not"),
        ("gnu11", "-EINVAL", "-ENOTHING", "error: 'ENOTHING' undeclared"),
    ],
    TEST: [(f"assertions on {abi}", VERSION, "\t__u64 version;\n", f"\n{STEM}_test.c:") for abi in ABIS],
    PATCH: [("checkpatch of the patch", f"+{TYPE_4}", f"+{TYPE_4} ", "ERROR: trailing whitespace")],
    KEPT: [
        ("types by abidiff", RUNNING, RUNNING.replace("2", "9"), "STATE_RUNNING' from value '2' to '9'"),
        ("types by abidiff", IRQ_INFO, "struct vfio_irqs_info {", "[D] 'struct vfio_irq_info'"),
        ("types by abidiff", NUM_IRQS, "\t__u64\tnum_irqs;", "type of '__u32 num_irqs' changed"),
        ("types by pahole", NUM_IRQS, "\t__u32\tirqs;", "__u32                      irqs;"),
        ("types by pahole", IRQ_INFO, "struct vfio_irqs_info {", "is now\nnot there"),
        ("types by pahole", IRQ_INFO, "struct vfio_info_cap_header {", "error: redefinition of"),
        *((f"values on {abi}", CCW, CCW.replace("2", "5"), "_TYPE_CCW was 2 and is 5") for abi in ABIS),
        ("values on arm", RUNNING, RUNNING.replace("2", "9"), "VFIO_DEVICE_STATE_RUNNING was 2 and is 9"),
        ("values on m68k", NUM_IRQS, "\t__u64\tnum_irqs;", "sizeof(struct vfio_device_info) was 20 and is "),
        ("values on x86-64", NUM_IRQS, "\t__u32\tirqs;", "has no member named 'num_irqs'"),
        ("values on x86-64", '"vfio-ccw"', '"vfio-cow"', "VFIO_DEVICE_API_CCW_STRING is another macro"),
        ("values on x86-64", "#define VFIO_BASE", "#define VFIO_BASIS", "'VFIO_BASE' undeclared"),
    ],
}
CASES = [
    pytest.param(kind, *case, id=f"{kind}-{case[0]}-{number}")
    for kind, cases in BROKEN.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(("kind", "name", "old", "new", "said"), CASES)
def test_what_is_wrong_fails(
    kind: str, name: str, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check, file = check_named(name), right(kind)
    text = file.beside[f"{STEM}.h"] if kind == TEST else file.text
    assert old in text
    changed = text.replace(old, new)
    wrong = (
        file._replace(text=changed)
        if kind != TEST
        else file._replace(beside={**file.beside, f"{STEM}.h": changed})
    )
    status, (good, bad), below = table(capsys, asked(check, file), asked(check, wrong))
    row = rf"{re.escape(name)} +{re.escape(file.name)} +"
    if absent := re.match(rf"{row}no (.*?)(  |$)", good):
        raise missing(absent[1])
    assert re.fullmatch(rf"{row}ok +\d+\.\d s", good)
    assert re.fullmatch(rf"{row}FAILED +\d+\.\d s", bad)
    assert below.startswith(f"\n{name}, {file.name}:\n")
    assert said in below
    assert re.search(r"\n\n2 checks in \d+ s: 1 ok, 1 FAILED$", below)
    assert status == 1


def test_every_check_has_a_case() -> None:
    checks = {(kind, check.name) for check in CHECKS for kind in check.kinds}
    assert checks == {(kind, name) for kind, cases in BROKEN.items() for name, *_ in cases}


# --- what was there before ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["checkpatch", "kernel-doc", "every member documented", "padding"])
def test_what_a_header_had_against_it_is_no_matter(name: str) -> None:
    """Each of them is broken by the installed header, and none more by what is put into it."""
    check, file = check_named(name), right(KEPT)
    assert file.before
    assert check.findings(file._replace(text=file.before, before=None)) != []
    assert check.findings(file) == []


def test_one_more_of_what_was_there_counts() -> None:
    check, file = check_named("every member documented"), right(KEPT)
    more = file.text.replace(" * @caps:", " * caps:")
    (found,) = check.findings(file._replace(text=more))
    assert found == f"{STEM}_ctl: no @caps: in its kernel-doc"


def test_the_same_of_another_struct_counts() -> None:
    gap = "struct {} {{\n\tchar member;\n\tint behind;\n}};\n"
    before = f"#pragma once\n{gap.format('old')}"
    file = File("a", "a.h", before + gap.format("new"), before=before)
    found = check_named("padding").findings(file)
    assert [each.split(":")[0] for each in found] == ["x86-64", "i386"]
    assert all("a.h:8:13: error: padding struct to align 'behind'" in each for each in found)


def test_a_compiler_that_takes_neither_is_no_proof() -> None:
    file = right(KEPT)
    broken = "#error not here\n"
    wrong = file._replace(text=broken + file.text, before=broken + (file.before or ""))
    strict = {"hdrtest", "C90", "C99", "C11", "C++98", "types by abidiff", "types by pahole", "values on arm"}
    for name in strict:
        assert any("#error not here" in found for found in check_named(name).findings(wrong)), name


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        ("perl", "checkpatch"),
        ("perl", "kernel-doc"),
        ("perl", "hdrtest"),
        ("g++", "hdrtest"),
        ("sed", "headers_install"),
        ("abidiff", "types by abidiff"),
        ("pahole", "types by pahole"),
    ],
)
def test_a_tool_that_fails_without_a_word_is_no_proof(
    tool: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / tool).write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert check_named(name).findings(right(KEPT)) != []


def test_all_that_a_tool_says_stands_below_the_table_once(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job("a check", "a.h", lambda: ["a.h:1: one", "a.h:2: other"])
    _, _, below = table(capsys, Job("right", "b.h", list), job)
    assert below.startswith("\na check, a.h:\na.h:1: one\na.h:2: other\n\n2 checks in ")


# --- the headers of Linux -------------------------------------------------------------------------


def jobs_of(spec: Path, folder: Path, text: str | None) -> list[Job]:
    """What is done with a header that is called as the real one, and what it goes into."""
    if text is not None:
        (folder / "linux").mkdir()
        (folder / "linux/vfio.h").write_text(text)
    return [job for job in kernelchecks.jobs([spec], OUT, [Tree(folder)]) if str(folder) in job.file]


def test_everything_is_asked_of_the_headers_that_are_there() -> None:
    require_file(VFIO_H)
    require_file(str(KERNEL / "include/uapi/linux/vfio.h"))
    found = {(job.check, job.file) for job in kernelchecks.jobs([FIRST, V1], OUT, kernelchecks.TREES)}
    folder = f"out/{FIRST.stem}"
    names = {
        HEADER: [f"{folder}/{STEM}.h", f"out/{V1.stem}/vfio_migration_v1.h"],
        FRAGMENT: [f"{folder}/vfio.h.fragment"],
        DRIVER: [f"{folder}/{STEM}_driver.h"],
        TEST: [f"{folder}/{STEM}_test.c"],
    }
    for path in (VFIO_H, ".cache/kernel/include/uapi/linux/vfio.h"):
        assert ("splice refused", f"{path} + {V1.stem}") in found
        assert ("splice and remove", f"{path} + {FIRST.stem}") in found
        for kind in (HEADER, KEPT, PATCH, TEST):
            names.setdefault(kind, []).append(f"{path} + {FIRST.stem}")
    for kind, files in names.items():
        assert {(check.name, file) for check in uapichecks.of(kind) for file in files} <= found


def test_a_header_that_is_not_there_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], without: None
) -> None:
    for spec in (FIRST, V1):
        (job,) = jobs_of(spec, tmp_path, None)
        status, (row,), below = table(capsys, job)
        assert f" no {tmp_path}/linux/vfio.h " in row
        assert status == 0
        assert "left out" in below


def test_a_header_without_the_place_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (job,) = jobs_of(FIRST, tmp_path, "#ifndef A\n#define A\n#endif\n")
    status, (row,), below = table(capsys, job)
    assert row.startswith("splice and remove ")
    assert " FAILED " in row
    assert f"{FIRST}:" in below
    assert "error: " in below
    assert status == 1


def test_a_header_that_takes_what_linux_has_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "#pragma once\n#define VFIO_REGION_TYPE_CCW 2\n#define VFIO_REGION_SUBTYPE_CCW_CRW 3\n"
    (job,) = jobs_of(V1, tmp_path, text)
    status, (row,), below = table(capsys, job)
    assert row.startswith("splice refused ")
    assert " FAILED " in row
    assert f"{tmp_path}/linux/vfio.h takes 'vfio-migration-v1', and has it" in below
    assert status == 1


def test_a_refusal_for_another_reason_fails(tmp_path: Path) -> None:
    (job,) = jobs_of(V1, tmp_path, "#pragma once\n")
    said = "".join(job.findings())
    assert "error: there is no 'define VFIO_REGION_SUBTYPE_CCW_CRW'" in said
    assert "is declared here" not in said


@pytest.mark.parametrize(
    ("function", "wrong", "said"),
    [
        ("spliced", lambda *arguments: arguments[-1] + "\n", "a second run changes what the first one wrote"),
        ("removed", lambda *arguments: arguments[-1], "what --remove leaves is not the header as it was"),
    ],
)
def test_pieces_that_do_not_come_and_go_fail(
    function: str, wrong: Callable[..., str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = require_file(VFIO_H).read_text(encoding="utf-8")
    jobs = jobs_of(FIRST, tmp_path, text)
    monkeypatch.setattr(kernelchecks, function, wrong)
    assert said in jobs[0].findings()


# --- tools that are not there ---------------------------------------------------------------------


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of which nobody says that it has every tool."""
    for name in ("CI", "UAPIGEN_ALL_TOOLS"):
        monkeypatch.delenv(name, raising=False)


def test_a_tool_that_is_missing_is_told(
    without: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (check,) = (check for check in CHECKS if check.name == "hdrtest")
    jobs = [asked(check, right(HEADER)), Job("nothing", "a.h", list)]
    status, (row, other), below = table(capsys, *jobs)
    assert " no gcc " in row
    assert " ok " in other
    assert below.endswith(
        ": 1 ok, 1 no gcc\nWhat is not here was left out; on Debian `make deps` installs it."
    )
    assert status == 0
    monkeypatch.setenv("CI", "true")
    status, (row, _), below = table(capsys, *jobs)
    assert " FAILED " in row
    assert "no gcc, and CI=true says that every tool is here" in below
    assert below.endswith(": 1 ok, 1 FAILED")
    assert status == 1


def test_what_was_not_generated_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kernelchecks, "OUT", tmp_path)
    assert kernelchecks.main() == 1
    said = capfd.readouterr()
    assert said.out == ""
    path = min(SPECS.glob("*.yaml"))
    header = f"{path.stem}/{path.stem.replace('-', '_')}.h"
    assert said.err == f"{tmp_path}/{header} is not there; `make gen` writes it\n"
