"""The Python of the guest: Debian's packages with what is compiled before, so that the guest need not."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import debian
from steps import digest, made, run

MINOR = "3.11"
PACKAGES = (
    f"python{MINOR}-minimal",
    f"libpython{MINOR}-minimal",
    f"libpython{MINOR}-stdlib",
    *("libc6", "libexpat1", "libffi8", "zlib1g"),
    *("python3-pytest", "python3-attr", "python3-iniconfig", "python3-packaging", "python3-pluggy"),
    *("python3-hypothesis", "python3-exceptiongroup", "python3-sortedcontainers"),
)
"""Python, pytest and hypothesis, with what they load: not all on which their packages depend."""
_USELESS = (
    "usr/share",
    "etc",
    "usr/lib/x86_64-linux-gnu/gconv",
    "usr/lib/x86_64-linux-gnu/audit",
    *(
        f"usr/lib/python{MINOR}/{name}"
        for name in ("idlelib", "lib2to3", "ensurepip", "distutils", "pydoc_data")
    ),
)


def tree() -> Path:
    """A folder with the files of the guest.  Raises :class:`steps.StepError`."""
    packages = debian.fetch(PACKAGES)
    key = digest(*sorted(file.name for file in packages.values()), *_USELESS)
    return made("python", MINOR, key, lambda folder: _make(packages, folder))


def compile_all(root: Path, folder: Path, top: Path) -> None:
    """Compile the modules in ``folder`` with the Python in ``root``; ``top`` will be the guest's root."""
    command = ("-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash")
    python(root, *command, "-s", str(top), "-p", "/", str(folder), what="compiling Python")


def python(root: Path, *arguments: str, what: str) -> str:
    """Run the guest's Python on this machine, whatever Python this machine has."""
    libraries = ":".join(str(root / folder / "x86_64-linux-gnu") for folder in ("lib", "usr/lib"))
    loader = root / "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    program = (loader, "--library-path", libraries, root / f"usr/bin/python{MINOR}", "-S")
    return run((*program, *arguments), what, env={"PYTHONHOME": str(root / "usr"), "PYTHONPATH": ""})


def _make(packages: Mapping[str, Path], folder: Path) -> None:
    debian.extract(packages.values(), folder)
    for useless in _USELESS:
        shutil.rmtree(folder / useless, ignore_errors=True)
    compile_all(folder, folder / "usr/lib", folder)
