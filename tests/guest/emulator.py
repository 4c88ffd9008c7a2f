"""A guest in qemu, without KVM: started, listened to, and ended, whatever happens.

A guest has two serial lines: on the first one the kernel's messages, on the second one what its init
reports.  Both are read as they come and kept in files.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import processes
from steps import StepError

QEMU = "qemu-system-x86_64"
MEMORY = 512
"""Megabytes: the archive and what is unpacked of it are there at the same time."""
SILENCE = 60
"""Seconds without a word from the guest's init, which says every few seconds that it is alive."""
MACHINE = (
    *("-accel", "tcg", "-M", "q35", "-cpu", "max", "-m", str(MEMORY), "-nodefaults", "-display", "none"),
    *("-no-reboot", "-no-user-config"),
)
COMMAND_LINE = (
    "console=ttyS0 quiet panic=-1 oops=panic softlockup_panic=1 printk.devkmsg=on "
    "no_timer_check tsc=reliable cryptomgr.notests mitigations=off nokaslr rdinit=/init"
)
"""An Oops ends the guest at once: what would come after it says nothing."""


class Files(NamedTuple):
    """What a guest boots, and where its two lines are kept."""

    vmlinux: Path
    initramfs: Path
    console: Path
    report: Path


class Ended(NamedTuple):
    """How a guest ended: the status of qemu and what it said, or why it was given up, else ""."""

    status: int
    said: str
    given_up: str


def boot(files: Files, seconds: float, heard: Callable[[str], None]) -> Ended:
    """Run a guest until it ends, is silent or its ``seconds`` are over; ``heard`` gets what it reports.

    Raises:
        StepError: there is no qemu.
        OSError: a line cannot be kept, for instance because the disk is full.
    """
    with contextlib.ExitStack() as stack:
        lines = [_Line(stack, path) for path in (files.console, files.report)]
        said = stack.enter_context(tempfile.TemporaryFile())
        writers = [line.writer for line in lines]
        try:
            process = stack.enter_context(processes.running(_command(files, writers), said, keep=writers))
        except processes.MissingError as missing:
            raise StepError(f"there is no {missing} here; 'make deps' installs it") from None
        for line in lines:
            line.started()
        given_up = _listen(lines, seconds, heard)
        status = 0 if given_up else process.wait()
        said.seek(0)
        return Ended(status, said.read().decode(errors="replace"), given_up)


def _command(files: Files, writers: Sequence[int]) -> list[str]:
    command = [
        QEMU,
        *MACHINE,
        "-kernel",
        str(files.vmlinux),
        "-initrd",
        str(files.initramfs),
        "-append",
        COMMAND_LINE,
    ]
    for number, writer in enumerate(writers):
        command += [
            "-chardev",
            f"file,id=line{number},path=/dev/fd/{writer}",
            "-serial",
            f"chardev:line{number}",
        ]
    return command


class _Line:
    """A serial line: a pipe from qemu, and the file that keeps what comes."""

    def __init__(self, stack: contextlib.ExitStack, path: Path) -> None:
        self.reader, self.writer = os.pipe()
        stack.callback(os.close, self.reader)
        self._writers = stack.enter_context(contextlib.ExitStack())
        self._writers.callback(os.close, self.writer)
        self._log = stack.enter_context(path.open("wb", buffering=0))
        self._rest = b""

    def started(self) -> None:
        """Our own end for writing would keep the pipe open."""
        self._writers.close()

    def read(self) -> list[str] | None:
        """The lines that have come; None at the end."""
        data = os.read(self.reader, 65536)
        self._log.write(data)
        if not data:
            return None
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace").rstrip("\r") for line in whole]


def _listen(lines: list[_Line], seconds: float, heard: Callable[[str], None]) -> str:
    """Read until both lines are closed; why that was given up, else ""."""
    end = time.monotonic() + seconds
    silent = time.monotonic() + SILENCE
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.reader, selectors.EVENT_READ, line)
        while selector.get_map():
            now = time.monotonic()
            if now > end:
                return f"its {seconds:.0f} s were over"
            if now > silent:
                return f"it said nothing for {SILENCE} s: all of it hangs"
            for key, _ in selector.select(min(end, silent) - now):
                found = key.data.read()
                if found is None:
                    selector.unregister(key.fd)
                elif key.data is lines[1]:
                    silent = time.monotonic() + SILENCE
                    for line in found:
                        heard(line)
    return ""
