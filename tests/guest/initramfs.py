"""The first file system of a guest: Python, the needed part of the checkout, the modules and the scenario."""

from __future__ import annotations

import json
import shutil
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import archive
import building
import guestpython
import init
import kernels
from kernels import Kernel
from scenarios import Run, Scenario
from steps import CACHE, ROOT, digest, made

COPIED = ("out/*/*.py", "integration/*.py", "tests/guest/*.py")
"""What of the checkout there is in the guest."""
PYTEST = (
    *(f"/usr/bin/python{guestpython.MINOR}", "-m", "pytest", "-p", "guesttap", "-p", "no:cacheprovider"),
    *("-q", "--tb=short", "--color=no"),
)


def write(kernel: Kernel, scenario: Scenario, built: Mapping[str, Path], to: Path) -> None:
    """Write the archive for a scenario, with the modules that were built for it, by their names.

    Raises:
        StepError: something that it needs cannot be had.
    """
    root = guestpython.tree()
    available = {**kernel.modules, **built}
    orders = {run.name: kernels.load_order(available, run.modules) for run in scenario.runs}
    wanted = [*scenario.modules, *(name for order in orders.values() for name in order if name not in built)]
    first = kernels.load_order(available, wanted)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=".programs-") as folder, to.open("wb") as file:
        runs = []
        for number, run in enumerate(scenario.runs):
            programs = Path(folder) / "programs" / str(number)
            programs.mkdir(parents=True)
            own = [name for name in orders[run.name] if name not in first]
            runs.append(_run(run, own, [building.program(source, programs) for source in run.programs]))
        asked = {"modules": [_module(name) for name in first], "runs": runs}
        names = {*first, *(name for order in orders.values() for name in order)}
        with _base(root).open("rb") as base:
            shutil.copyfileobj(base, file)
        archive.write([archive.file("init", Path(init.__file__).read_bytes(), 0o755)], file)
        for tree in (_checkout(root), Path(folder)):
            archive.write(archive.tree(tree), file)
        archive.write(
            (archive.file(f"modules/{name}.ko", available[name].read_bytes()) for name in sorted(names)), file
        )
        archive.write([archive.file("scenario.json", json.dumps(asked).encode())], file)


def _base(root: Path) -> Path:
    """The archive of what is in every guest: Python, and the folders that init mounts."""
    folders = [archive.folder(name) for name in ("dev", "modules", "proc", "run", "sys", "tmp")]
    console = archive.Entry("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))

    def make(to: Path) -> None:
        with to.open("wb") as file:
            archive.write((*folders, console, *archive.tree(root)), file)

    return made("base", "base", root.name, make)


def _run(run: Run, modules: Sequence[str], programs: Sequence[Path]) -> dict[str, Any]:
    """A run as the guest's init reads it."""
    commands = [_command(path.name, f"/{'/'.join(path.parts[-3:])}", tap=True) for path in programs]
    if run.pytest:
        commands.append(_command("pytest", *PYTEST, *run.pytest))
    own = [_module(name) for name in modules]
    return {
        "name": run.name,
        "seconds": run.seconds,
        "patience": run.patience,
        "modules": own,
        "commands": commands,
    }


def _command(name: str, *argv: str, tap: bool = False) -> dict[str, Any]:
    return {"name": name, "argv": argv, "folder": init.CHECKOUT, "tap": tap}


def _module(name: str) -> dict[str, str]:
    return {"name": name, "file": f"/modules/{name}.ko"}


def _checkout(root: Path) -> Path:
    """A folder that is the root of a guest's, as far as the guest has a part of the checkout, compiled."""
    inside = init.CHECKOUT.lstrip("/")
    files = {path.relative_to(ROOT): path for pattern in COPIED for path in sorted(ROOT.glob(pattern))}

    def make(folder: Path) -> None:
        for name, path in files.items():
            target = folder / inside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        guestpython.compile_all(root, folder / inside, folder)

    key = digest(*(part for name, path in files.items() for part in (str(name), path)), root.name)
    return made("checkouts", inside, key, make)
