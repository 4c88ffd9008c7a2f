"""The command line of the generated tests: ``--device``, and the list of what a run has covered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pyoutput
from sample import ROOT, SPECS
from uapigen import load

FIRST = load(SPECS / "vfio-device-state.yaml")
V1 = load(SPECS / "vfio-migration-v1.yaml")

MINE = """
import vfio_device_state_device

def make(lacks):
    print("mine was made")
    return vfio_device_state_device.ReferenceDevice(lacks=lacks, page_size=8192)

def broken(lacks):
    device = make(lacks)
    device.reset = lambda: None
    return device
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two interfaces, and a module of whoever has a device."""
    made = tmp_path_factory.mktemp("generated")
    pyoutput.write(FIRST, made / "first")
    pyoutput.write(V1, made / "v1")
    (made / "mine.py").write_text(f"import sys\nsys.path.insert(0, 'first')\n{MINE}")
    return made


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", *options]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_device_that_is_named(folder: Path, workers: tuple[str, ...]) -> None:
    done = run(folder, "first", "--device", "mine:make", "-rP", "-k", "version", *workers)
    assert done.returncode == 0, done.stdout
    assert "mine was made" in done.stdout
    done = run(folder, "first", "--device", "mine:broken", "-k", "reset", *workers)
    assert done.returncode == 1
    assert "after a reset in STOPPED" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["first", "--device", "yours:make"], "--device yours:make: No module named 'yours'"),
        (["first", "--device", "mine:mak"], "--device mine:mak: module 'mine' has no attribute 'mak'"),
        (["first", "--device", "mine"], "--device mine: write MODULE:FUNCTION"),
        (["first", "v1", "--device", "mine:make"], "--device is about one interface: name one folder only"),
    ],
)
def test_device_that_is_none(folder: Path, arguments: list[str], says: str) -> None:
    done = run(folder, *arguments)
    assert done.returncode == 4
    assert done.stderr == f"ERROR: {says}\n\n"


def test_run_of_nothing_covers_nothing(folder: Path) -> None:
    done = run(folder, "first", "-k", "no_such_test")
    assert "covered" not in done.stdout


def test_option_is_one_for_all_interfaces() -> None:
    done = run(ROOT, "--help", *map(str, (ROOT / "out").glob("*/")))
    assert done.stdout.count("--device=MODULE:FUNCTION") == 1
