"""What a terminal shows: colors where they are wanted, lines of its width, no escape sequence of a spec."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sample import ONE_HOLE
from terminal import ESCAPE, on_terminal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(ONE_HOLE)
    return tmp_path


def test_a_terminal_shows_colors(folder: Path) -> None:
    shown = on_terminal(folder, "check", "a.yaml")
    assert "\x1b[1;31merror:\x1b[0m" in shown
    assert "a.yaml:12:9: error: 'b' needs 4 bytes of padding" in ESCAPE.sub("", shown)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"TERM": "dumb"}], ids=str)
def test_colors_can_be_refused(folder: Path, environment: dict[str, str]) -> None:
    plain = on_terminal(folder, "check", "a.yaml", **environment)
    assert "\x1b" not in plain
    assert plain == ESCAPE.sub("", on_terminal(folder, "check", "a.yaml"))


def test_an_empty_variable_refuses_nothing(folder: Path) -> None:
    assert "\x1b[" in on_terminal(folder, "check", "a.yaml", NO_COLOR="")


def test_what_is_no_terminal_gets_no_colors(folder: Path) -> None:
    command = [sys.executable, "-m", "uapigen", "check", "a.yaml"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, check=False, env={**os.environ, "TERM": "xterm"}
    )
    assert b"\x1b" not in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize(("columns", "width"), [(70, 70), (20, 60), (300, 100), (0, 100)])
def test_reasons_have_the_width_of_the_terminal(folder: Path, columns: int, width: int) -> None:
    lines = ESCAPE.sub("", on_terminal(folder, "check", "a.yaml", columns=columns)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("      = why:"))
    reason = [line for line in lines[start:] if line.startswith(("      = why:", "       "))]
    longest = max(map(len, reason))
    assert width - 15 < longest <= width
    lines = on_terminal(folder, "rules", "implicit-padding", columns=columns).splitlines()
    assert width - 15 < max(map(len, lines)) <= width


def test_no_text_of_a_spec_or_a_path_reaches_the_terminal_as_a_command(folder: Path) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"
    path = folder / f"x{evil}.yaml"
    path.write_text(
        ONE_HOLE.replace("name: b", f'name: "b{evil}"').replace("title: Example", f"title: {evil}")
    )
    for arguments in (["check", path.name], ["gen", path.name], ["check", f"{evil}.yaml"]):
        shown = on_terminal(folder, *arguments)
        assert "error" in shown
        left = ESCAPE.sub("", shown)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", left)
        # What is left of color is ours: it surrounds, and never clears or names a window.
        assert set(ESCAPE.findall(shown)) <= {"\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;36m"}


def test_the_sum_is_said_behind_all_findings(folder: Path) -> None:
    shown = on_terminal(folder, "check", "a.yaml", NO_COLOR="1")
    assert shown.endswith("uapigen: 1 error; `uapigen rules ID` explains the word in brackets\n")
    text = ONE_HOLE.replace("type: u64", "type: u32").replace("A struct.", "A struct for QEMU.")
    (folder / "a.yaml").write_text(text)
    shown = on_terminal(folder, "check", "a.yaml", NO_COLOR="1")
    assert shown.endswith("uapigen: 1 warning; `uapigen rules ID` explains the word in brackets\n")
    (folder / "a.yaml").write_text(text + "      - {name: c, type: u32, dco: c}\n      - {name: d}\n")
    assert "\nuapigen: 2 errors;" in on_terminal(folder, "check", "a.yaml", NO_COLOR="1")


def test_the_whole_that_a_user_reads_of_several_files(folder: Path) -> None:
    """`UPDATE_GOLDEN=1` writes the text anew; read it before it is kept."""
    (folder / "b.yaml").write_text(ONE_HOLE.replace("title: Example", 'title: "Example'))
    warns = ONE_HOLE.replace("type: u64", "type: u32").replace("A struct.", "A struct for QEMU.")
    (folder / "c.yaml").write_text(warns.replace("interface: example", "interface: other"))
    twice = warns.replace("interface: example", "interface: third").replace("name: b,", "name: a,")
    (folder / "d.yaml").write_text(twice)
    command = [sys.executable, "-m", "uapigen", "check", *"abcde", "--against", "linux/e.h"]
    command = [f"{word}.yaml" if word in tuple("abcde") else word for word in command]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    golden = Path(__file__).parent / "explained" / "run.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(done.stderr, encoding="utf-8")
    assert done.stderr == golden.read_text(encoding="utf-8")
    assert done.returncode == 1
