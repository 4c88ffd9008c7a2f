"""Tests that meet what is broken, for ``brokenguests.py``: each is a run of its own, chosen by its name."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

import pytest

TOLD = Path("/sys/module/broken/parameters/how")


@pytest.mark.parametrize("how", ["warn", "oops", "panic", "hang", "wait", "spin", "freeze", "stay"])
def test_kernel(how: str) -> None:
    TOLD.write_text(how)


def test_nothing_is_broken() -> None:
    """What comes after a run that has broken its guest."""


def test_python_hangs() -> None:
    signal.pause()


def test_python_is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_python_ends_well_but_early() -> None:
    os._exit(0)


def test_python_accesses_nothing() -> None:
    ctypes.string_at(0)


def test_fails() -> None:
    assert TOLD.name == "another", "what is meant"


def test_memory_is_full() -> None:
    found = []
    while True:
        found.append(bytes(range(256)) * 65536)
