"""Runs the tests of a device against many mutants of it: collected once, then a fork for each mutant.

pytest is this process's own, and what a mutant breaks is broken in its fork alone.  The tests that noticed
most mutants for the time that they take come first, so that most forks end soon.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

MEMORY = 4 << 30
"""Bytes that a fork may have."""

SECONDS = 60
"""How long a fork may wait for something at least; else ten times what the tests take as the device is."""

CPU_SECONDS = 2
"""How long a fork may be busy beside four times what the tests take: what is endless ends soon, and what is
slow because others are busy as well does not."""

_SAID = struct.Struct("=id")
"""What a fork says of a test: its number, and the seconds that it took; none where it noticed a mutant."""


class Device(NamedTuple):
    """A module in the folder where its bindings are and its tests, which import it each time they need it."""

    folder: Path
    module: str
    tests: str


class TestsError(Exception):
    """The tests cannot be run, or fail on the device as it is."""

    __test__ = False


def survivors(
    device: Device, texts: Sequence[str], said: Callable[[int, Sequence[int]], None] = lambda _, __: None
) -> list[int]:
    """The numbers of those texts of a device's module with which all of its tests pass.

    ``said`` is called with how many texts were tried, and with the numbers of those that survived.

    Raises:
        TestsError: the tests cannot be run, or fail on the device as it is.
    """
    forks = _Forks(device, texts, said)
    options = ("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:xdist", "--assert=plain", "-s")
    before, path = Path.cwd(), list(sys.path)
    os.chdir(device.folder)
    try:
        status = pytest.main(["-c", os.devnull, *options, device.tests], plugins=[forks])
    finally:
        os.chdir(before)
        sys.path[:] = path
        for file in device.folder.glob("*.py"):
            sys.modules.pop(file.stem, None)
    if status or not forks.passed:
        raise TestsError(f"{device.tests} does not pass on the device as it is")
    return sorted(forks.alive)


class _Forks:
    """A plugin of pytest that runs the tests that were collected in forks, and none in this process."""

    def __init__(
        self, device: Device, texts: Sequence[str], said: Callable[[int, Sequence[int]], None]
    ) -> None:
        self.passed = False
        self.alive: list[int] = []
        self._device = device
        self._texts = texts
        self._said = said
        self._failed = False
        self._seconds = self._cpu_seconds = 600
        self._noticed: Counter[int] = Counter()
        self._took: dict[int, float] = {}
        self._says, self._told = os.pipe()
        os.set_blocking(self._says, False)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        start = time.monotonic()
        process = self._fork(session.items, (self._device.folder / f"{self._device.module}.py").read_text())
        _, status, used = os.wait4(process, 0)
        self.passed = bool(session.items) and self._survived(status)
        self._seconds = SECONDS + int(10 * (time.monotonic() - start))
        self._cpu_seconds = CPU_SECONDS + int(4 * (used.ru_utime + used.ru_stime))
        if self.passed:
            self._try_all(session.items)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed |= report.failed

    def _try_all(self, tests: Sequence[pytest.Item]) -> None:
        running: dict[int, int] = {}
        left = list(enumerate(self._texts))[::-1]
        while left or running:
            while left and len(running) < len(os.sched_getaffinity(0)):
                number, text = left.pop()
                running[self._fork(tests, text)] = number
            process, status = os.wait()
            number = running.pop(process)
            if self._survived(status):
                self.alive.append(number)
            self._said(len(self._texts) - len(left) - len(running), self.alive)

    def _survived(self, status: int) -> bool:
        while said := self._heard():
            number, seconds = _SAID.unpack(said)
            if seconds:
                self._took[number] = seconds
            else:
                self._noticed[number] += 1
        return status == 0

    def _heard(self) -> bytes:
        try:
            return os.read(self._says, _SAID.size)
        except BlockingIOError:
            return b""

    def _fork(self, tests: Sequence[pytest.Item], text: str) -> int:
        process = os.fork()
        if process:
            return process
        status = 1
        try:
            status = int(self._notices(tests, text))
        finally:
            os._exit(status)  # nothing of pytest's goes on here, whatever a mutant raised

    def _notices(self, tests: Sequence[pytest.Item], text: str) -> bool:
        """In a fork: whether a test fails with this text of the device.  What is endless is ended."""
        signal.alarm(self._seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (self._cpu_seconds, self._cpu_seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        module = sys.modules[self._device.module] = ModuleType(self._device.module)
        exec(compile(text, f"{self._device.module}.py", "exec"), module.__dict__)
        for number in sorted(range(len(tests)), key=self._worth, reverse=True):
            start = time.monotonic()
            tests[number].ihook.pytest_runtest_protocol(item=tests[number], nextitem=None)
            if self._failed:
                os.write(self._told, _SAID.pack(number, 0))
                return True
            if not self._took:
                os.write(self._told, _SAID.pack(number, time.monotonic() - start))
        return False

    def _worth(self, number: int) -> float:
        """How many mutants a test noticed for its time; a bit for one that may still notice some."""
        return (self._noticed[number] + 0.01) / self._took.get(number, 1)
