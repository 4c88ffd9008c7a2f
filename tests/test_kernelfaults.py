"""The sample driver and its faults, as far as no kernel is needed: ``make kernel-mutants`` runs them."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ctext import KERNEL
from sample import OUT
from tools import require, require_file

sys.path.insert(0, str(Path(__file__).with_name("guest")))

import kernelmutants
import steps
from driverfaults import DRIVER, FAULTS, HEADER, Fault
from kernelmutants import CAUGHT, PASSED, SURVIVED, UNCLEAR, Verdict
from scenarios import Edit
from verdict import Outcome, Point

GUEST = Path(kernelmutants.__file__).parent
FILES = {DRIVER: GUEST / DRIVER, HEADER: OUT / "vfio-device-state" / HEADER}
TESTS = (OUT / "vfio-device-state/test_vfio_device_state.py").read_text(encoding="utf-8")
FAULT = Fault("deaf", Edit(DRIVER, "a", "b"), ("test_reset",), "after a reset")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_an_edit_of_what_is_there_and_names_tests_that_are(fault: Fault) -> None:
    text = FILES[fault.edit.file].read_text(encoding="utf-8")
    assert fault.edit.apply(text) != text
    assert all(f"def {test}(" in TESTS for test in fault.tests)
    assert fault.says


def test_there_are_enough_faults_and_each_has_a_name_of_its_own() -> None:
    names = {kernelmutants.module_name(fault) for fault in FAULTS}
    assert len(names) == len(FAULTS) >= 20


@pytest.mark.parametrize("old", ["", "no such text", "\t"])
def test_an_edit_that_is_not_of_one_place_is_refused(old: str) -> None:
    with pytest.raises(ValueError, match=r"a\.c has "):
        Edit("a.c", old, "new").apply("\ta\n\tb\n")


def outcome(*points: Point, problems: tuple[str, ...] = ()) -> Outcome:
    return Outcome("deaf", points, problems, ended=True)


@pytest.mark.parametrize(
    ("found", "word", "telling"),
    [
        (outcome(Point("t", ok=True)), SURVIVED, "passed test_reset"),
        (
            outcome(Point("t", ok=False, diagnosis=("E   OSError", "E   after a reset in STOPPED: no"))),
            CAUGHT,
            "after a reset in STOPPED: no",
        ),
        (outcome(Point("t", ok=False, diagnosis=("E   something else",))), UNCLEAR, ""),
        (
            outcome(problems=("the kernel complains after a reset",)),
            CAUGHT,
            "the kernel complains after a reset",
        ),
        (outcome(), SURVIVED, "passed test_reset"),
    ],
)
def test_what_becomes_of_a_fault(found: Outcome, word: str, telling: str) -> None:
    verdict = kernelmutants.of_outcome(FAULT, found)
    assert (verdict.word, verdict.telling) == (word, telling)


@pytest.mark.parametrize(
    ("points", "status"),
    [
        ([Point("t", ok=True)], 0),
        ([Point("t", ok=True, skipped="no device")], 1),
        ([Point("t", ok=False)], 1),
    ],
)
def test_the_driver_without_a_fault_has_to_pass_everything(points: list[Point], status: int) -> None:
    found = kernelmutants.without_fault(Outcome("no fault, guest 1", tuple(points), ended=True))
    assert kernelmutants.report([found]) == status


def test_what_is_told_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    found = [
        Verdict("no fault, guest 1", PASSED, (), "9 tests"),
        Verdict("deaf", CAUGHT, ("a", "b"), "b"),
        Verdict("mute", UNCLEAR, ("said what it should not",)),
    ]
    assert kernelmutants.report(found) == 1
    said = capsys.readouterr().out
    assert "caught    deaf                                b\n" in said
    assert "UNCLEAR: mute:\n    said what it should not\n" in said
    assert said.endswith("1 of 2 faults were told as what they are\n")


def test_a_name_that_is_no_fault_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert kernelmutants.main(["wrong-errmo"]) == 2
    assert "no fault 'wrong-errmo' here, but " in capsys.readouterr().err


def test_the_maintainers_of_the_kernel_have_nothing_to_say_of_the_driver() -> None:
    script = require_file(str(KERNEL / "scripts/checkpatch.pl"))
    command = [require("perl"), str(script), "--no-tree", "--strict", "--terse", "-f", str(FILES[DRIVER])]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")


def test_what_two_guests_need_at_once_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "CACHE", tmp_path)
    makers: list[Path] = []

    def make(to: Path) -> None:
        makers.append(to)
        time.sleep(0.1)
        to.write_text("whole")

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda _: steps.made("kind", "name", "key", make), range(8)))
    assert len(makers) == 1
    assert {place.read_text() for place in places} == {"whole"}
