"""The compiler is asked without running what it makes, and what it says is passed on readable."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

import pytest

from tools import require_compiler
from uapigen import cc
from uapigen.abi import ABIS

TYPES = "#include <linux/types.h>\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, which has to be empty again at the end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("abi", ABIS)
def test_values_come_from_the_object_file_of_every_abi(abi: str, folder: Path) -> None:
    compiler, flags = require_compiler(abi)
    expressions = (
        *("0", "1", "-1", "255", "256", "-2147483647 - 1", "0xffffffffu", "0x0102030405060708"),
        *("0x7fffffffffffffff", "-0x7fffffffffffffff - 1", "0xffffffffffffffffULL"),
        *("sizeof(struct t)", "offsetof(struct t, b)", "sizeof(void *)", "E"),
    )
    known = [0, 1, -1, 255, 256, -(2**31), 2**32 - 1, 0x0102030405060708, 2**63 - 1, -(2**63), 2**64 - 1]
    table = {"i386": (12, 4), "m68k": (10, 2)}
    size, offset = table.get(abi, (16, 8))
    text = TYPES + "struct t { __u8 a; __u64 b; }; enum { E = -3 };"
    assert cc.probe(compiler, flags, text, expressions) == [*known, size, offset, ABIS[abi].pointer, -3]
    assert not list(folder.iterdir())


def test_no_expression_is_no_value() -> None:
    compiler, flags = require_compiler("x86-64")
    assert cc.probe(compiler, flags, "", []) == []


@pytest.mark.parametrize("abi", ["i386", "s390x"])
def test_images_hold_the_bytes_of_objects(abi: str) -> None:
    compiler, flags = require_compiler(abi)
    text = TYPES + "struct t { __u8 a; __u16 b; } __attribute__((aligned(32)));"
    objects = [("struct t", "{ .b = 0x1234 }"), ("__u16", "0x5678")]
    made = cc.run([cc.Job(compiler, flags, cc.image_source(text, objects), {})])[0]
    assert isinstance(made, bytes)
    big = ABIS[abi].big_endian
    first = b"\0\0\x12\x34" if big else b"\0\0\x34\x12"
    assert cc.images(made, 2) == [first + bytes(28), b"\x56\x78" if big else b"\x78\x56"]


def test_an_object_without_the_values_is_an_error() -> None:
    assert cc.probe_values(b"ELF", 1) == cc.CompileError(
        "the values are not in the object file as they were written"
    )
    assert cc.images(b"ELF", 1) == cc.CompileError(
        "the objects are not in the object file as they were written"
    )


def test_what_does_not_compile_is_said_without_the_temporary_folder(folder: Path) -> None:
    compiler, flags = require_compiler("x86-64")
    said = cc.probe(compiler, flags, "\nint a = nonesuch;", ["ALSO_NOT"])
    assert isinstance(said, cc.CompileError)
    assert str(folder) not in said.message
    assert "source.c:3:9: error: 'nonesuch' undeclared here (not in a function)" in said.message
    assert "'ALSO_NOT' undeclared here" in said.message
    assert not list(folder.iterdir())


def test_files_can_be_included_by_name() -> None:
    compiler, flags = require_compiler("x86-64")
    job = cc.Job(compiler, flags, '#include "a.h"\nint b = A;\n', {"a.h": "#define A B\n"}, "b.c")
    [made] = cc.run([job])
    assert isinstance(made, cc.CompileError)
    assert "a.h:1:11: error: 'B' undeclared" in made.message


def test_nothing_is_made_where_only_the_syntax_is_asked() -> None:
    compiler, flags = require_compiler("x86-64")
    assert cc.run([cc.Job(compiler, (*flags, "-fsyntax-only"), "int a;", {})]) == [b""]


def test_jobs_are_answered_in_their_order() -> None:
    compiler, flags = require_compiler("x86-64")
    jobs = [
        cc.Job(compiler, flags, cc.probe_source("", [str(n)]) if n % 2 else "wrong", {}) for n in range(6)
    ]
    made = cc.run(jobs)
    values = [cc.probe_values(each, 1) if isinstance(each, bytes) else None for each in made]
    assert values == [None, [1], None, [3], None, [5]]


def test_a_compiler_that_does_not_end_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cc, "TIME_LIMIT", 0.5)
    child = tmp_path / "child"
    slow = script(tmp_path / "slow", f"sleep 60 & echo $! > {child}; wait")
    started = time.monotonic()
    made = cc.run([cc.Job(slow, (), "", {})])
    assert made == [cc.CompileError("not done after 0 seconds")]
    assert time.monotonic() - started < 10
    state = Path(f"/proc/{child.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_a_compiler_that_fails_without_a_word_says_its_status(tmp_path: Path) -> None:
    silent = script(tmp_path / "silent", "exit 3")
    [made] = cc.run([cc.Job(silent, (), "", {})])
    assert made == cc.CompileError("exit status 3, and nothing was said")


def test_a_compiler_that_is_not_there_is_an_error_of_its_job() -> None:
    [made] = cc.run([cc.Job("/nonesuch/gcc", (), "", {})])
    assert isinstance(made, cc.CompileError)
    assert made.message.startswith("'/nonesuch/gcc' does not run: ")


def test_no_room_for_temporary_files_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nonesuch")
    [made] = cc.run([cc.Job("gcc", (), "", {})])
    assert isinstance(made, cc.CompileError)
    assert made.message.startswith("cannot write what is to be compiled: ")


def test_the_compiler_is_the_choice_or_that_of_the_environment_or_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = "echo x86_64-linux-gnu"
    mine = script(tmp_path / "my cc", answer)
    monkeypatch.setenv("PATH", f"{tmp_path}:/nonesuch")
    monkeypatch.setenv("CC", "")
    assert cc.find_compiler() is None
    script(tmp_path / "clang", answer)
    assert cc.find_compiler() == "clang"
    script(tmp_path / "gcc", answer)
    assert cc.find_compiler() == "gcc"
    script(tmp_path / "cc", answer)
    assert cc.find_compiler() == "cc"
    monkeypatch.setenv("CC", "gcc -O2")
    assert cc.find_compiler() == "gcc -O2"
    assert cc.find_compiler("clang") == "clang"
    assert cc.find_compiler("none") is None
    assert cc.find_compiler(mine) == f"'{mine}'"
    assert cc.targets(f"'{mine}'")[0].abi == "x86-64"


@pytest.mark.parametrize("choice", ["/nonesuch/gcc", "nonesuch-gcc", "true", "'", "/"])
def test_a_compiler_that_was_asked_for_and_does_not_run_is_an_error(
    choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"the compiler '{choice}' does not run: "
    if choice == "true":
        said = "'true -dumpmachine' does not work: "
    with pytest.raises(cc.CompilerNotFoundError, match=f"^{re.escape(said)}."):
        cc.find_compiler(choice)
    monkeypatch.setenv("CC", choice)
    with pytest.raises(cc.CompilerNotFoundError):
        cc.find_compiler()


def test_the_cxx_compiler_is_the_one_beside_the_c_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("g++", "c++", "clang++", "m68k-linux-gnu-g++", "g++-12"):
        script(tmp_path / name, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cc.find_cxx("gcc") == "g++"
    assert cc.find_cxx("cc") == "c++"
    assert cc.find_cxx("clang -target x") == "clang++ -target x"
    assert cc.find_cxx("m68k-linux-gnu-gcc") == "m68k-linux-gnu-g++"
    assert cc.find_cxx("gcc-12") == "g++-12"
    assert cc.find_cxx("gcc-13") is None
    assert cc.find_cxx("tcc") is None
    assert cc.find_cxx(str(tmp_path / "gcc")) == str(tmp_path / "g++")


@pytest.mark.parametrize("abi", ABIS)
def test_every_abi_has_a_compiler_that_makes_code_for_it(abi: str) -> None:
    require_compiler(abi)


@pytest.mark.parametrize(
    ("machine", "abis"),
    [
        ("x86_64-pc-linux-gnu", ["x86-64", "i386"]),
        *((f"{name}-linux-gnu", ["i386"]) for name in ("i386", "i486", "i586", "i686")),
        ("arm-linux-gnueabihf", ["arm"]),
        ("armv7l-linux-gnueabihf", ["arm"]),
        ("aarch64-linux-gnu", ["arm64"]),
        *((f"{name}-linux-gnu", ["ppc64"]) for name in ("powerpc64", "powerpc64le", "ppc64le")),
        ("riscv64-linux-gnu", ["riscv64"]),
        ("s390x-linux-gnu", ["s390x"]),
        ("m68k-linux-gnu", ["m68k"]),
        ("sparc64-linux-gnu", []),
    ],
)
def test_a_compiler_is_asked_for_the_abis_of_its_machine(
    machine: str, abis: list[str], tmp_path: Path
) -> None:
    named = script(tmp_path / "cc", f"echo {machine}")
    assert [target.abi for target in cc.targets(named)] == abis


def test_32_bits_work_without_the_packages_for_them() -> None:
    compiler, flags = require_compiler("i386")
    assert cc.probe(compiler, flags, TYPES, ["sizeof(long)", "sizeof(__u64)"]) == [4, 8]


def test_messages_are_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    compiler, flags = require_compiler("x86-64")
    [made] = cc.run([cc.Job(compiler, flags, "int a = b;", {})])
    assert isinstance(made, cc.CompileError)
    assert made.message.isascii()
    assert "error: 'b' undeclared" in made.message
