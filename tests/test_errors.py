"""What a user reads who made a mistake: the whole text, for every kind of mistake.

Each ``errors/NAME.yaml`` has what is printed for it in ``errors/NAME.txt``.  ``UPDATE_GOLDEN=1``
writes the texts anew; read them before they are kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import uapigen
from uapigen import findings, loader
from uapigen.diagnostics import SpecError
from uapigen.report import format_text

ERRORS = Path(__file__).parent / "errors"
PACKAGE = Path(uapigen.__file__).parent
CASES = sorted({path.stem for path in ERRORS.iterdir()})
INPUTS = {"file-unreadable": "."}
LIMITS = {
    "too-many-errors": (findings, "LIMIT", 3),
    "yaml-size": (loader, "NODES", 10),
}


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_the_expected_one(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ERRORS)
    if name == "file-size":
        monkeypatch.chdir(tmp_path)
        with Path("file-size.yaml").open("wb") as file:
            file.truncate((16 << 20) + 1)
    if name in LIMITS:
        monkeypatch.setattr(*LIMITS[name])
    with pytest.raises(SpecError) as caught:
        uapigen.load(INPUTS.get(name, f"{name}.yaml"))
    printed = format_text(caught.value.diagnostics)
    golden = ERRORS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(printed, encoding="utf-8")
    assert printed == golden.read_text(encoding="utf-8")


def test_every_id_that_loading_can_print_has_a_case() -> None:
    # Against a header is not loading: test_against.py has its cases.
    loading = (path for path in PACKAGE.glob("*.py") if path.name != "against.py")
    modules = (*loading, *PACKAGE.glob("resolve/*.py"))
    code = "".join(path.read_text(encoding="utf-8") for path in modules)
    by_name = re.findall(r'"((?:yaml|file|schema|language|too)-[a-z-]+)"', code)
    by_call = re.findall(r'\bDiagnostic\(\s*"([a-z-]+)"', code)
    printed = "".join(path.read_text(encoding="utf-8") for path in ERRORS.glob("*.txt"))
    shown = re.findall(r"\berror: .* \[([a-z-]+)\]$", printed, re.MULTILINE)
    assert {*by_name, *by_call} - {*shown} == set()
    assert len({*by_name}) > 30


def test_every_message_is_one_line_with_a_place_and_a_way_out() -> None:
    for path in ERRORS.glob("*.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(
                r"\S+:\d+:\d+: error: .+ \[[a-z-]+\]|error: .+ \[file-[a-z]+\]|\S+:\d+:\d+: note: .+"
                r"| *\d+ \|.*| +\| *\t*\^|      = help: .+",
                line,
            ), f"{path.name}: {line}"
