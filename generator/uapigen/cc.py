"""The C compiler as a process.

The room of processes and of the files that they need for a moment.  What is compiled, and what an
answer means, is not known here.  Programs are never run: values are read out of object files, so that
a cross compiler tells as much as a native one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import subprocess

TIME_LIMIT = 60.0
"""Seconds that the compilations of one call may take."""

_MARK = b"uapigen values: "
_END = b" :end of values."

_PROBE = """
#define UAPIGEN_BYTE(value, n) (char)((unsigned long long)(value) >> 8 * n)
#define UAPIGEN_VALUE(value) (char)((value) < 0), \\
  UAPIGEN_BYTE(value, 7), UAPIGEN_BYTE(value, 6), UAPIGEN_BYTE(value, 5), UAPIGEN_BYTE(value, 4), \\
  UAPIGEN_BYTE(value, 3), UAPIGEN_BYTE(value, 2), UAPIGEN_BYTE(value, 1), UAPIGEN_BYTE(value, 0)
char uapigen_values[] = {
"""


class CompilerNotFoundError(Exception):
    """The compiler that was asked for does not run."""


class CompileError(NamedTuple):
    """What a compiler said that did not compile something; no path of the temporary folder is in it."""

    message: str


class Job(NamedTuple):
    """One compilation of ``source``, a file that is called ``name``.

    ``compiler`` is a command as ``$CC`` has it, ``files`` are texts that can be included by name.
    """

    compiler: str
    flags: tuple[str, ...]
    source: str
    files: Mapping[str, str]
    name: str = "source.c"


class Target(NamedTuple):
    """An ABI that a compiler makes code for, by its name, and the flags that make it do so."""

    abi: str
    flags: tuple[str, ...]

    @property
    def option(self) -> str:
        """The flag that a message names, with a blank before it, or nothing."""
        return f" {self.flags[0]}" if self.flags else ""


_ARCHITECTURES: tuple[tuple[tuple[str, ...], tuple[Target, ...]], ...] = (
    (("x86_64",), (Target("x86-64", ("-m64",)), Target("i386", ("-m32",)))),
    (("i386", "i486", "i586", "i686"), (Target("i386", ("-m32",)),)),
    (("arm", "armv7l"), (Target("arm", ()),)),
    (("aarch64",), (Target("arm64", ()),)),
    (("riscv64",), (Target("riscv64", ()),)),
    (("powerpc64", "powerpc64le", "ppc64le"), (Target("ppc64", ()),)),
    (("s390x",), (Target("s390x", ()),)),
    (("m68k",), (Target("m68k", ()),)),
)


def find_compiler(choice: str | None = None) -> str | None:
    """The command of the compiler to use: ``choice``, else ``$CC``, else the first of cc, gcc, clang.

    None where there is none, and for the choice ``none``.  Raises :class:`CompilerNotFoundError` where one
    was named that does not run.
    """
    import shlex
    import shutil

    if choice == "none":
        return None
    named = choice or os.environ.get("CC", "").strip()
    if not named:
        return next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    command = shlex.quote(named) if Path(named).is_file() else named
    machine(command)
    return command


def find_cxx(compiler: str) -> str | None:
    """The C++ compiler that belongs to a C compiler, None where it is not there."""
    import re
    import shlex
    import shutil

    names = {"gcc": "g++", "cc": "c++", "clang": "clang++"}
    first, *rest = _words(compiler)
    match = re.fullmatch(r"(.*?)(gcc|clang|cc)((?:-[0-9.]+)?)", first)
    if match is None:
        return None
    command = match[1] + names[match[2]] + match[3]
    return shlex.join([command, *rest]) if shutil.which(command) else None


@cache
def machine(compiler: str) -> str:
    """The triplet of the machine that the compiler makes code for.  Raises :class:`CompilerNotFoundError`."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - the command is the one that the user gave
            [*_words(compiler), "-dumpmachine"],
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or error
        raise CompilerNotFoundError(f"the compiler '{compiler}' does not run: {reason}") from error
    if done.returncode != 0 or "-" not in done.stdout:
        said = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
        raise CompilerNotFoundError(f"'{compiler} -dumpmachine' does not work: {said}")
    return done.stdout.strip()


def targets(compiler: str) -> tuple[Target, ...]:
    """The ABIs that the compiler makes code for; none where its machine is no known one.

    Debian has ``asm/types.h`` in a folder that ``-m32`` does not look into.
    """
    architecture = machine(compiler).split("-")[0]
    folder = f"/usr/include/{architecture}-linux-gnu"
    further = ("-idirafter", folder) if Path(folder).is_dir() else ()
    for names, found in _ARCHITECTURES:
        if architecture in names:
            return tuple(Target(abi, flags + further if "-m32" in flags else flags) for abi, flags in found)
    return ()


def probe_source(header_text: str, expressions: Sequence[str]) -> str:
    """C whose object file tells the values of constant integer expressions."""
    mark, end = (", ".join(str(byte) for byte in text) for text in (_MARK, _END))
    values = "".join(f"UAPIGEN_VALUE({expression}),\n" for expression in expressions)
    return f"#include <stddef.h>\n{header_text}\n{_PROBE}{mark},\n{values}{end}\n}};\n"


def probe_values(made: bytes, count: int) -> list[int] | CompileError:
    """The values in an object file that was made of :func:`probe_source`."""
    start = made.find(_MARK) + len(_MARK)
    end = start + 9 * count
    if made.count(_MARK) != 1 or not made.startswith(_END, end):
        return CompileError("the values are not in the object file as they were written")
    numbers = (made[at : at + 9] for at in range(start, end, 9))
    return [int.from_bytes(number[1:], "big") - (number[0] << 64) for number in numbers]


def image_source(header_text: str, objects: Sequence[tuple[str, str]]) -> str:
    """C whose object file holds the bytes of objects, each a type and its initializer."""
    lines = [header_text]
    for number, (type_, initializer) in enumerate(objects):
        begin, end = (_image_mark(number, last=last).decode("ascii") for last in (False, True))
        lines.append(
            f"struct {{ char begin[16]; {type_} object; char end[16]; }} __attribute__((packed))\n"
            f'uapigen_object_{number} = {{ "{begin}", {initializer}, "{end}" }};'
        )
    return "\n".join(lines) + "\n"


def images(made: bytes, count: int) -> list[bytes] | CompileError:
    """The bytes of the objects in an object file that was made of :func:`image_source`."""
    found = []
    for number in range(count):
        begin, end = (_image_mark(number, last=last) + b"\0" for last in (False, True))
        start = made.find(begin) + len(begin)
        if made.count(begin) != 1 or made.count(end) != 1:
            return CompileError("the objects are not in the object file as they were written")
        found.append(made[start : made.index(end)])
    return found


def _image_mark(number: int, *, last: bool) -> bytes:
    """What stands before and behind an object: 15 characters."""
    return b"uapigen%c%07d" % (b">" if last else b"<", number)


def probe(
    compiler: str, flags: Sequence[str], header_text: str, expressions: Sequence[str]
) -> list[int] | CompileError:
    """The values of constant integer expressions (``offsetof`` is known) behind ``header_text``."""
    source = probe_source(header_text, expressions)
    [made] = run([Job(compiler, (*flags, "-w"), source, {})])
    return made if isinstance(made, CompileError) else probe_values(made, len(expressions))


def run(jobs: Sequence[Job]) -> list[bytes | CompileError]:
    """Compile everything at the same time: the object files, empty where a job makes none."""
    import tempfile

    try:
        with tempfile.TemporaryDirectory(prefix="uapigen-") as folder:
            return _run(jobs, Path(folder))
    except OSError as error:
        return [CompileError(f"cannot write what is to be compiled: {error}")] * len(jobs)


def _run(jobs: Sequence[Job], folder: Path) -> list[bytes | CompileError]:
    import time

    processes: list[subprocess.Popen[bytes] | CompileError] = []
    until = time.monotonic() + TIME_LIMIT
    try:
        processes.extend(_start(job, folder / str(number)) for number, job in enumerate(jobs))
        return [_result(process, folder / str(n), until) for n, process in enumerate(processes)]
    finally:
        for process in processes:
            if not isinstance(process, CompileError):
                _stop(process)


def _start(job: Job, folder: Path) -> subprocess.Popen[bytes] | CompileError:
    import subprocess

    folder.mkdir()
    for name, text in {**job.files, job.name: job.source}.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [*_words(job.compiler), *job.flags, "-c", str(folder / job.name)]
    try:
        return subprocess.Popen(  # noqa: S603 - the command is the one that the user gave
            [*command, "-o", str(folder / "object")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
    except OSError as error:
        return CompileError(f"'{job.compiler}' does not run: {error}")


def _result(
    process: subprocess.Popen[bytes] | CompileError, folder: Path, until: float
) -> bytes | CompileError:
    import subprocess
    import time

    if isinstance(process, CompileError):
        return process
    try:
        said, _ = process.communicate(timeout=max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return CompileError(f"not done after {TIME_LIMIT:.0f} seconds")
    if process.returncode != 0:
        message = said.decode("utf-8", "replace").replace(f"{folder}{os.sep}", "").strip()
        return CompileError(message or f"exit status {process.returncode}, and nothing was said")
    made = folder / "object"
    return made.read_bytes() if made.exists() else b""


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a compiler with all that it started; nothing where it has ended."""
    import signal

    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout:
        process.stdout.close()


def _words(compiler: str) -> list[str]:
    import shlex

    words = shlex.split(compiler)
    if not words:
        raise ValueError("the command is empty")
    return words
