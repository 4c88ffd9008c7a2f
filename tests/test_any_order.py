"""The generated tests give the same verdict in any order, and in parallel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pyoutput
from faults import FAULTS, V2, without
from sample import ROOT, SPECS
from uapigen import load
from uapigen.render import snake

EVERY = sorted((*SPECS.glob("*.yaml"), *(ROOT / "tests" / "specs").glob("*.yaml")))
FIRST = "vfio-device-state"
ORDERS = {
    "backwards": ("--order", "backwards"),
    "shuffled": ("--order", "1"),
    "parallel and shuffled": ("-n", "2", "--order", "2"),
}


def run(folder: Path, *options: str) -> str:
    """What pytest says of the tests in a folder."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--tb=no"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    asked = [*command, "-p", "anyorder", *options, "."]
    done = subprocess.run(asked, check=False, cwd=folder, capture_output=True, text=True, env=environment)
    return done.stdout + done.stderr


def names(folder: Path) -> set[str]:
    """The tests in a folder."""
    return {line for line in run(folder, "--collect-only").splitlines() if "::" in line}


def verdicts(folder: Path, *options: str) -> dict[str, str]:
    """What becomes of each test in a folder."""
    said = run(folder, *options)
    found = re.findall(r"^(passed|failed|error|skipped|x\w+): (.*)$", said, re.MULTILINE)
    assert found, said
    assert len({name for _, name in found}) == len(found)
    return {name: verdict for verdict, name in found}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests of every interface, in a folder each."""
    made = tmp_path_factory.mktemp("generated")
    for path in EVERY:
        pyoutput.write(load(path), made / path.stem)
    return made


@pytest.mark.parametrize("order", ORDERS)
def test_all_pass_in_any_order(order: str, folder: Path) -> None:
    assert verdicts(folder, *ORDERS[order]) == dict.fromkeys(names(folder), "passed")


@pytest.mark.parametrize(
    ("of", "name"),
    [(FIRST, "loses what changed during a round"), (V2, "leaks a descriptor where a stream ends")],
)
def test_same_tests_fail_in_any_order(of: str, name: str, tmp_path: Path) -> None:
    folder = pyoutput.write(load(SPECS / f"{of}.yaml"), tmp_path)
    device = folder / f"{snake(of)}_device.py"
    device.write_text(without(device.read_text(), FAULTS[name].old, FAULTS[name].new))
    # A walk that fails is made shorter, which takes long; it starts anew each time.
    some = ("-k", "not random")
    usual = verdicts(folder, *some)
    assert {*usual.values()} == {"passed", "failed"}
    for order in ORDERS.values():
        assert verdicts(folder, *order, *some) == usual
