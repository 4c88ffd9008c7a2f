#!/usr/bin/python3.11 -IS
"""The first process of the guest: runs what ``/scenario.json`` says, and powers off.

It touches neither the module nor the device: whatever can hang in the kernel is done by a child, with a
limit.  What it has to say goes to the second serial line, in lines that ``verdict.py`` reads; the kernel's
messages go to the first one, with the name of each run and test between them.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

REPORT = "/dev/ttyS1"
CHECKOUT = "/checkout"
"""The part of the checkout that the guest has."""
TEST = Path("/run/test")
"""The name of the test that was begun last."""
OUTPUT = "# out: "
"""What stands before the lines that a program prints, if they are not TAP themselves."""
ALIVE = 5.0
"""Seconds between two signs of life."""
SHORT = 30.0
"""Seconds for what needs hardly any."""
GRACE = 5.0
"""Seconds in which a child has to die that was killed."""
FILE_SYSTEMS = {"/proc": "proc", "/sys": "sysfs", "/dev": "devtmpfs", "/run": "tmpfs", "/tmp": "tmpfs"}
ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin",
    "PYTHONPATH": ":".join(f"{CHECKOUT}/{name}" for name in ("tests/guest", "integration", "out/vfio-core")),
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/hypothesis",
}
_FINIT_MODULE, _DELETE_MODULE = 313, 176
_libc = ctypes.CDLL(None, use_errno=True)

Json = Mapping[str, Any]
"""A part of the scenario, as ``initramfs.py`` wrote it."""


class StuckError(Exception):
    """A child that cannot be killed: the kernel of this guest is of no use any more."""


def main() -> None:
    """Run the scenario.  Whatever happens, the guest powers off."""
    try:
        prepare()
        scenario = json.loads(Path("/scenario.json").read_text())
        say("guest: up")
        load_all(scenario["modules"])
        for run in scenario["runs"]:
            do(run)
        say("guest: finished")
    except StuckError as stuck:
        problem(f"{stuck}; it cannot be killed, and the guest is given up")
    except BaseException as error:
        problem(f"the guest's init: {type(error).__name__}: {error}")
    finally:
        termios.tcdrain(_report())
        _libc.reboot(0x01234567)  # with -no-reboot, qemu exits


def prepare() -> None:
    """Mount what programs expect, and let the console show all that the kernel says from now on."""
    for place, kind in FILE_SYSTEMS.items():
        Path(place).mkdir(exist_ok=True)
        if _libc.mount(kind.encode(), place.encode(), kind.encode(), 0, None):
            raise OSError(ctypes.get_errno(), f"mounting {place}")
    console = os.open("/dev/console", os.O_RDWR | os.O_NOCTTY)
    for number in range(3):
        os.dup2(console, number)
    Path("/proc/sys/kernel/printk").write_text("8")
    os.environ.clear()
    os.environ.update(ENVIRONMENT)


def do(run: Json) -> None:
    """One run: its modules, its programs, its tests."""
    started = time.monotonic()
    say(f"guest: begin {run['name']}")
    log(f"run {run['name']}")
    end = started + run["seconds"]
    if load_all(run["modules"]):
        for command in run["commands"]:
            prefix = "" if command["tap"] else OUTPUT
            what = f"the start of {command['name']}"
            status = supervise(what, program(command), end, run["patience"], prefix)
            say(f"guest: exit {status} {command['name']}")
        for module in reversed(run["modules"]):
            unload(module)
    log(f"end of run {run['name']}")
    say(f"guest: end {time.monotonic() - started:.1f} {run['name']}")


def load_all(modules: Sequence[Json]) -> bool:
    """Load modules; whether all were."""
    return all(load(module) for module in modules)


def load(module: Json) -> bool:
    """Load a module; whether that worked.  A failure is reported."""

    def child() -> int:
        file = os.open(module["file"], os.O_RDONLY)
        return _libc.syscall(_FINIT_MODULE, file, b"", 0) and ctypes.get_errno()

    status = supervise_quietly(f"loading {module['name']}", child)
    return told(f"the module {module['name']} does not load", status)


def unload(module: Json) -> bool:
    """Unload a module; whether that worked.  A failure is reported."""

    def child() -> int:
        name = module["name"].encode()
        return _libc.syscall(_DELETE_MODULE, name, os.O_NONBLOCK) and ctypes.get_errno()

    status = supervise_quietly(f"unloading {module['name']}", child)
    return told(f"the module {module['name']} does not unload", status)


def told(what: str, status: int) -> bool:
    """Report an error number that is not 0; whether it is."""
    if status:
        problem(f"{what}: {os.strerror(status) if status > 0 else f'killed by signal {-status}'}")
    return status == 0


def program(command: Json) -> Callable[[], int]:
    """What a child does that becomes a program."""

    def child() -> int:
        os.chdir(command["folder"])
        os.execv(command["argv"][0], command["argv"])

    return child


def supervise_quietly(what: str, work: Callable[[], int]) -> int:
    """Do something short in a child; its status."""
    return supervise(what, work, time.monotonic() + SHORT, SHORT, OUTPUT)


def supervise(what: str, work: Callable[[], int], end: float, patience: float, prefix: str) -> int:
    """Do something in a child, and pass on what it prints; its status, or the signal as a negative number.

    Until ``end``, and for ``patience`` seconds without a new test, it is left alone.  Then it is reported
    what hangs, where, and the child is killed.

    Raises:
        StuckError: it does not die.
    """
    begin(what)
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        child(work, writer)
    os.close(writer)
    lines = Lines(reader, prefix)
    beat = told_alive = time.monotonic()
    seen = 0.0
    while lines.wait(1):
        now, stamp = time.monotonic(), TEST.stat().st_mtime
        if now > told_alive + ALIVE:
            say("guest: alive")
            told_alive = now
        if stamp != seen:
            beat, seen = now, stamp
        if now > end or now - beat > patience:
            return put_down(
                pid, lines, f"no new test for {now - beat:.0f} s" if now <= end else "out of time"
            )
    return status_of(pid)


def child(work: Callable[[], int], writer: int) -> None:
    """The side of the child; it does not return."""
    status = 127
    try:
        os.setsid()
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        status = work()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


class Lines:
    """Passes on what comes from a pipe, line by line."""

    def __init__(self, reader: int, prefix: str) -> None:
        self.reader = reader
        self.prefix = prefix
        self.rest = b""

    def wait(self, seconds: float) -> bool:
        """Pass on what comes; whether there can be more."""
        if not select.select([self.reader], [], [], seconds)[0]:
            return True
        data = os.read(self.reader, 65536)
        *whole, self.rest = (self.rest + data).split(b"\n")
        if not data and self.rest:
            whole.append(self.rest)
        for line in whole:
            report(f"{self.prefix}{line.decode(errors='replace')}")
        if not data:
            os.close(self.reader)
        return bool(data)


def put_down(pid: int, lines: Lines, why: str) -> int:
    """Say where a child hangs, and kill it with its children.  Raises :class:`StuckError`."""
    test = TEST.read_text()
    problem(f"hangs in {test}: {why}")
    log(f"hangs in {test}: {why}")
    state = where(pid)
    Path("/proc/sysrq-trigger").write_text("w")  # what waits in the kernel, to the console
    for number in (signal.SIGABRT, signal.SIGKILL):  # pytest says at an abort where Python is
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)
        end = time.monotonic() + GRACE
        while time.monotonic() < end:
            if not lines.wait(0.2):
                return status_of(pid)
    raise StuckError(f"{test} hangs in the kernel ({state})")


def where(pid: int) -> str:
    """What a process does, as the kernel says: its state, and where it waits."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/status").read_text()
        state = next(line for line in fields.splitlines() if line.startswith("State:"))
        return f"{' '.join(state.split()[1:])}, {Path(f'/proc/{pid}/wchan').read_text() or '0'}"
    return "gone"


def status_of(pid: int) -> int:
    """The status of a child that has closed its output."""
    end = time.monotonic() + GRACE
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    raise StuckError(f"a process that has ended does not go away ({where(pid)})")


def say(text: str) -> None:
    """A line of our own in the report: a remark of TAP."""
    report(f"# {text}")


def report(line: str) -> None:
    """Write a line to the second serial line."""
    os.write(_report(), f"{line}\n".encode(errors="replace"))


@cache
def _report() -> int:
    return os.open(REPORT, os.O_WRONLY | os.O_NOCTTY)


def problem(text: str) -> None:
    """Report what is wrong, other than a test that fails."""
    say(f"guest: problem {text}")


def begin(test: str) -> None:
    """Something that can hang, or meet a complaint of the kernel, is about to begin: a test, as a rule."""
    TEST.write_text(test)
    log(f"test {test}")


def log(text: str) -> None:
    """A line of our own among the kernel's messages."""
    with Path("/dev/kmsg").open("wb", buffering=0) as kmsg:
        # Without the line's end the kernel waits with it for more.
        kmsg.write(b"<6>uapigen: %s\n" % text.encode(errors="replace"))


if __name__ == "__main__":
    main()
