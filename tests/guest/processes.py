"""The processes that we start: each leads a group of its own, and none is left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

_lock = threading.Lock()
_running: set[subprocess.Popen[bytes]] = set()
_closed = False


class MissingError(Exception):
    """The program is not on this machine."""


class ClosedError(Exception):
    """We are about to end, and start nothing more."""


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    output: int | IO[bytes],
    *,
    folder: Path | None = None,
    env: dict[str, str] | None = None,
    keep: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """A process, which ends with all that it has started when the context does.

    ``output`` gets what it prints; it inherits the descriptors ``keep``.  It does not outlive us even
    where we are killed.

    Raises:
        MissingError: there is no such program.
        ClosedError: :func:`end_all` was called.
    """
    program = shutil.which(command[0])
    if program is None:
        raise MissingError(str(command[0]))
    guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    with _lock:
        if _closed:
            raise ClosedError
        process = subprocess.Popen(
            [*guard, program, *(str(part) for part in command[1:])],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=env,
            pass_fds=keep,
            start_new_session=True,
        )
        _running.add(process)
    try:
        yield process
        if _closed:
            raise ClosedError  # its end says nothing
    finally:
        _kill(process)
        process.wait()
        with _lock:
            _running.discard(process)


@contextlib.contextmanager
def ended_with_us() -> Iterator[None]:
    """Within, SIGTERM and SIGHUP are as Ctrl-C; afterwards no process runs, and none is started."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        end_all()
        for number, handler in before.items():
            signal.signal(number, handler)


def end_all() -> None:
    """End what runs, and start nothing more: threads that wait for a process go on, to an error."""
    global _closed  # noqa: PLW0603 (what is started is the business of the whole program)
    with _lock:
        _closed = True
        for process in _running:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
