"""What ``make kernel-test`` says while it works, the commands it runs, and what it made before.

Nothing here knows of kernels or guests.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import processes

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "guest"
STARTED = time.monotonic()
_FULL = os.strerror(errno.ENOSPC)
_PRINTING = threading.Lock()
_MAKING = defaultdict[tuple[str, str], threading.Lock](threading.Lock)
"""What keeps two threads from making the same thing: the second takes what the first has made."""


class StepError(Exception):
    """What keeps the tests from a verdict, in words for who runs them."""


def say(text: str) -> None:
    """Print a line, with the seconds since the start.  Several threads may."""
    with _PRINTING:
        print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done, and afterwards how long it took."""
    started = time.monotonic()
    say(f"{text} ...")
    yield
    say(f"{text}: {time.monotonic() - started:.1f} s")


def run(
    command: Sequence[str | Path], what: str, *, folder: Path | None = None, env: Mapping[str, str] = {}
) -> str:
    """Run a command; its output.

    Raises:
        StepError: ``what`` failed, with the end of what the command said, or the command is not there.
    """
    environment = {**os.environ, "LC_ALL": "C", **env}
    try:
        with tempfile.TemporaryFile() as output:
            with processes.running(command, output, folder=folder, env=environment) as process:
                status = process.wait()
            output.seek(0)
            said = output.read().decode(errors="replace")
    except processes.MissingError as missing:
        raise StepError(f"{what}: there is no {missing} here; 'make deps' installs what is needed") from None
    if status and _FULL in said:
        raise StepError(f"{what} failed: {full()}")
    if status:
        shown = "\n".join(f"  {line}" for line in said.splitlines()[-40:])
        raise StepError(f"{what} failed: {Path(command[0]).name} gave {status}\n{shown}")
    return said


def full() -> str:
    """What is said where a disk is full."""
    return f"no space is left on the disk; {CACHE} takes 700 MB"


def digest(*parts: str | bytes | Path | Mapping[str, object] | Sequence[object]) -> str:
    """A name for what something is made of: the same for the same contents; of a file, its contents."""
    found = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part
        data = content if isinstance(content, bytes) else repr(content).encode()
        found.update(b"%d:" % len(data) + data)
    return found.hexdigest()[:16]


def made(kind: str, name: str, key: str, make: Callable[[Path], None]) -> Path:
    """The file or folder that ``make`` writes to the path that it is given, or what an earlier run made.

    It has its place in the cache only when it is whole.  What was made for another key goes.
    """
    place = CACHE / kind / f"{name}@{key}"
    with _MAKING[kind, name]:
        if not there(kind, name, key):
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent, prefix=".making-") as folder:
                fresh = Path(folder) / name
                make(fresh)
                forget(kind, name)
                fresh.rename(place)
    return place


def there(kind: str, name: str, key: str) -> Path | None:
    """What an earlier run made, None where it did not."""
    place = CACHE / kind / f"{name}@{key}"
    return place if place.exists() else None


def forget_halves() -> None:
    """Remove what a run has left behind that was killed while it made something."""
    for half in (*CACHE.glob(".*"), *CACHE.glob("*/.*")):
        shutil.rmtree(half)


def forget(kind: str, name: str) -> None:
    """Remove what was made of this name."""
    for old in (CACHE / kind).glob(f"{name}@*"):
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
