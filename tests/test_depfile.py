"""What make and ninja read in a dependency file is what was meant."""

from __future__ import annotations

import os
import pkgutil
import re
import string
from collections.abc import Sequence
from pathlib import Path

import pytest

import uapigen as uapigen_package
from sample import ROOT, SPECS
from test_builds import run
from test_cli import uapigen
from tools import installed, require
from uapigen.depfile import UnwritableError, depfile

NAMES = [
    name
    for character in (*string.printable, "\x00", "\x7f", "\u00e4", "\U0001f600")
    for name in (f"{character}a", f"a{character}b", f"a{character}", f"a{character}{character}b")
    if "/" not in name and name.strip()
]


def is_writable(name: str) -> bool:
    try:
        depfile({(name,): [name]})
    except UnwritableError:
        return False
    return True


WRITABLE = sorted({name for name in NAMES if is_writable(name)})
PATHS = [f"in a/{name}" for name in WRITABLE]


def touch(folder: Path, paths: Sequence[str]) -> None:
    for path in paths:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).touch()


def test_the_usual_characters_can_be_written() -> None:
    usual = string.ascii_letters + string.digits + " #$:+,-./_@!{}~&'\"]\u00e4"
    assert [name for name in (f"a{character}b" for character in usual) if not is_writable(name)] == []


def test_make_reads_the_names_of_inputs(tmp_path: Path) -> None:
    touch(tmp_path, ["out", *PATHS])
    (tmp_path / "Makefile").write_text(depfile({("out",): PATHS}), encoding="utf-8")
    said = run(tmp_path, require("make"), "--debug=v", "-rR", "out")
    assert sorted(re.findall(r"Prerequisite '(.*)' is \w+ than target 'out'", said)) == sorted(PATHS)


def test_make_reads_the_names_of_outputs(tmp_path: Path) -> None:
    touch(tmp_path, ["in", *PATHS])
    (tmp_path / "Makefile").write_text(depfile({(*PATHS,): ["in"]}), encoding="utf-8")
    said = run(tmp_path, require("make"), "--debug=v", "-rR", *PATHS)
    assert sorted(re.findall(r"Prerequisite 'in' is \w+ than target '(.*)'", said)) == sorted(PATHS)


def quoted(path: str) -> str:
    """A path as build.ninja has it."""
    return re.sub(r"([$: ])", r"$\1", path)


def test_ninja_reads_the_names_of_inputs(tmp_path: Path) -> None:
    """As Meson asks it to: into a database of its own."""
    touch(tmp_path, PATHS)
    (tmp_path / "written").write_text(depfile({("out",): PATHS}), encoding="utf-8")
    (tmp_path / "build.ninja").write_text(
        "rule make\n command = cp written d && touch out\n depfile = d\n deps = gcc\nbuild out: make\n"
    )
    run(tmp_path, installed("ninja"))
    _, *known = run(tmp_path, installed("ninja"), "-t", "deps", "out").rstrip("\n").split("\n")
    assert sorted(known) == sorted(f"    {path}" for path in PATHS)
    assert "no work to do" in run(tmp_path, installed("ninja"))


def test_ninja_reads_the_names_of_outputs(tmp_path: Path) -> None:
    """It holds them against those of build.ninja where it keeps the file."""
    touch(tmp_path, ["in", *PATHS])
    (tmp_path / "written").write_text(depfile({(*PATHS,): ["in"]}), encoding="utf-8")
    (tmp_path / "build.ninja").write_text(
        "rule make\n command = cp written d && find 'in a' -type f -exec touch {} +\n depfile = d\n"
        f"build {' '.join(map(quoted, PATHS))}: make\n",
        encoding="utf-8",
    )
    run(tmp_path, installed("ninja"))
    assert "no work to do" in run(tmp_path, installed("ninja"))


@pytest.mark.parametrize(
    "name", [*"a*b a?b a[b] a%b a;b a=b a|b a<b a(b) ~a a: a&".split(), "a\tb", "a\\b", "a "]
)
def test_a_name_that_they_read_differently_is_refused(name: str) -> None:
    assert not is_writable(name)


def test_the_spec_with_such_a_name_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a*b").write_bytes((SPECS / "vfio-device-state.yaml").read_bytes())
    done = uapigen(tmp_path, "gen", "a*b", "--cc", "none", "--depfile", "d", status=1)
    assert done.stderr == (
        "uapigen: error: a dependency file cannot have the name 'a*b': make and ninja read '*' differently\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a*b"]


# --- what the command writes ----------------------------------------------------------------------


def read(path: Path) -> dict[tuple[str, ...], list[str]]:
    """The rules of a file without odd names, and without those that say nothing."""
    rules = (line.split(":") for line in path.read_text().replace("\\\n", " ").splitlines() if line)
    return {tuple(outputs.split()): inputs.split() for outputs, inputs in rules if inputs}


def test_each_spec_has_its_rule_and_each_output_is_in_it(tmp_path: Path) -> None:
    uapigen(tmp_path, "init", "light")
    uapigen(tmp_path, "init", "dark-room")
    done = uapigen(tmp_path, "gen", "--cc", "none", "--depfile", "made/all.d")
    assert "all.d" not in done.stdout
    rules = read(tmp_path / "made/all.d")
    for outputs, inputs in rules.items():
        name = outputs[0].split("/")[1]
        assert {*outputs} == {str(path.relative_to(tmp_path)) for path in (tmp_path / "out" / name).iterdir()}
        assert inputs[0] == f"spec/{name}.yaml"
    assert len(rules) == 2


def test_only_the_outputs_that_were_asked_for_are_in_it(tmp_path: Path) -> None:
    uapigen(tmp_path, "init", "light")
    arguments = ("gen", "spec/light.yaml", "-o", "made", "--target", "driver", "--target", "header")
    uapigen(tmp_path, *arguments, "--depfile", "d")
    assert [*read(tmp_path / "d")] == [("made/light/light_driver.h", "made/light/light.h")]


def test_the_outputs_come_from_the_package_too(tmp_path: Path) -> None:
    uapigen(tmp_path, "init", "light")
    uapigen(tmp_path, "gen", "--cc", "none", "--depfile", "d")
    ((_, *package),) = read(tmp_path / "d").values()
    modules = {found.name for found in pkgutil.walk_packages(uapigen_package.__path__, "uapigen.")}
    folder = str(Path(uapigen_package.__path__[0]).parent)
    names = {str(Path(path).relative_to(folder).with_suffix("")).replace("/", ".") for path in package}
    assert {name.removesuffix(".__init__") for name in names} >= modules | {"uapigen"}
    templates = {path for path in package if path.endswith(".j2")}
    assert {Path(path).resolve() for path in templates} == {*(ROOT / "templates").rglob("*.j2")}


def test_its_time_is_that_of_the_run(tmp_path: Path) -> None:
    uapigen(tmp_path, "init", "light")
    uapigen(tmp_path, "gen", "--cc", "none", "--depfile", "d")
    header = tmp_path / "out/light/light.h"
    for path in (header, tmp_path / "d"):
        os.utime(path, (1, 1))
    uapigen(tmp_path, "gen", "--cc", "none", "--depfile", "d")
    assert header.stat().st_mtime == 1
    assert (tmp_path / "d").stat().st_mtime > 1


def test_errors_leave_the_old_one(tmp_path: Path) -> None:
    uapigen(tmp_path, "init", "light")
    uapigen(tmp_path, "gen", "--cc", "none", "--depfile", "d")
    os.utime(tmp_path / "d", (1, 1))
    (tmp_path / "spec/light.yaml").write_text("uapigen: 1\n")
    uapigen(tmp_path, "gen", "--cc", "none", "--depfile", "d", status=1)
    assert (tmp_path / "d").stat().st_mtime == 1


@pytest.mark.parametrize("path", ["spec/light.yaml", "out/light/light.h", "mine"])
def test_it_replaces_no_file_of_another_kind(tmp_path: Path, path: str) -> None:
    uapigen(tmp_path, "init", "light")
    uapigen(tmp_path, "gen", "--cc", "none")
    with (tmp_path / path).open("a") as file:
        file.write("# mine\n")
    before = (tmp_path / path).read_bytes()
    done = uapigen(tmp_path, "gen", "--cc", "none", "--target", "document", "--depfile", path, status=1)
    assert done.stderr == (
        f"uapigen: error: '{path}' is not a file that uapigen wrote, and is not replaced: move it, or"
        " remove it\n"
    )
    assert (tmp_path / path).read_bytes() == before


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("out", "it is a folder, not a file"),
        ("pipe", "it is a pipe, not a file"),
        ("spec/light.yaml/d", "a file stands where a folder must be"),
    ],
)
def test_where_it_cannot_be_written_that_is_said(tmp_path: Path, path: str, reason: str) -> None:
    uapigen(tmp_path, "init", "light")
    os.mkfifo(tmp_path / "pipe")
    done = uapigen(tmp_path, "gen", "--cc", "none", "--depfile", path, status=1)
    assert done.stderr == f"uapigen: error: '{path}' cannot be written: {reason}\n"


def test_what_does_not_go_with_it_is_wrong_usage(tmp_path: Path) -> None:
    done = uapigen(tmp_path, "gen", "--check", "--depfile", "d", status=2)
    assert "error: --depfile goes with what is written, and --check writes nothing" in done.stderr
    done = uapigen(tmp_path, "gen", "--depfile", "", status=2)
    assert "error: --depfile needs the name of a file" in done.stderr


def test_a_file_of_the_package_that_is_gone_does_not_stop_make(tmp_path: Path) -> None:
    """As after an update: the outputs are made anew."""
    (tmp_path / "Makefile").write_text("out:\n\t@echo made\ninclude d\n")
    touch(tmp_path, ["out", "spec"])
    (tmp_path / "d").write_text(depfile({("out",): ["spec", "gone.py"]}))
    assert run(tmp_path, require("make"), "out") == "made\n"
