"""How long things take, and how time and memory grow with a spec: whole processes, measured in turn.

Run by `make bench`.  It prints and never judges: a machine may be slow, a test must not depend on it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from manystructs import write_spec

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "spec" / "vfio-device-state.yaml"
UAPIGEN = [str(Path(sys.executable).with_name("uapigen"))]

SIZES = (100, 1_000, 10_000)
"""Structs of the specs that show the growth."""

RATIO = 1.2
"""How much more a further struct may cost in the last of these than in the one before."""

COSTS = {"ms": 4, "kB": 60}
"""What a further struct may cost."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure whole processes.")
    parser.add_argument("-n", type=int, default=15, help="how often each is run (default: 15)")
    parser.add_argument(
        "-g", type=int, default=3, help="how often for the growth (default: 3; 0: not at all)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.n:
            start_up(Path(folder), options.n)
        if options.g:
            growth(Path(folder), options.g)


# --- start-up -------------------------------------------------------------------------------------


def start_up(folder: Path, runs: int) -> None:
    """Print what a run takes beside what cannot be avoided."""
    gen = [*UAPIGEN, "gen", str(SPEC), "-o", str(folder / "out"), "--cc", "none"]
    nothing = [sys.executable, "-c", "pass"]
    imports = [sys.executable, "-c", "import yaml, jinja2, jsonschema, pycparser"]
    compare("gen --cc none / the imports of four libraries", gen, imports, runs)
    compare("check / the imports of four libraries", [*UAPIGEN, "check", str(SPEC)], imports, runs)
    compare("--help - python -c pass", [*UAPIGEN, "--help"], nothing, runs)


def compare(title: str, ours: Sequence[str], theirs: Sequence[str], runs: int) -> None:
    """Run two commands in turn; print the medians, their ratio and their difference."""
    seconds(ours)
    seconds(theirs)
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"{title:<48} {1000 * one:6.0f} ms {1000 * other:6.0f} ms"
        f"   ratio {ratio:5.2f}   difference {1000 * (one - other):+5.0f} ms"
    )


def seconds(command: Sequence[str]) -> float:
    """How long one run takes, from start to end."""
    started = time.perf_counter()
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    return time.perf_counter() - started


def environment() -> dict[str, str]:
    """The environment of a user, whose Python keeps what it has compiled."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}


# --- growth ---------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """What one run took: processor time of user and system, time on the clock, most memory at a time."""

    cpu_ms: float
    wall_ms: float
    peak_kb: float


def growth(folder: Path, runs: int) -> None:
    """Print what `gen` takes for specs of more and more structs, and what each further struct costs."""
    least = {size: gen_cost(folder, size, runs) for size in SIZES}
    print("\nuapigen gen --cc none, all targets; the least of the runs")
    for size, cost in least.items():
        print(
            f"{size:>8,} structs  {cost.cpu_ms / 1000:7.2f} s of CPU time  "
            f"{cost.wall_ms / 1000:7.2f} s on the clock  {cost.peak_kb / 1000:7.1f} MB at most"
        )
    judge("CPU time", "ms", [(size, cost.cpu_ms) for size, cost in least.items()])
    judge("peak memory", "kB", [(size, cost.peak_kb) for size, cost in least.items()])


def gen_cost(folder: Path, size: int, runs: int) -> Cost:
    """The least time and memory of some runs over a spec of this size."""
    spec = folder / f"{size}.yaml"
    write_spec(spec, size)
    command = [*UAPIGEN, "gen", str(spec), "-o", str(folder / "many"), "--cc", "none"]
    found = []
    for _ in range(runs):
        shutil.rmtree(folder / "many", ignore_errors=True)
        found.append(measured(command))
    return Cost(*(min(column) for column in zip(*found, strict=True)))


def measured(command: Sequence[str]) -> Cost:
    """Run a command to its end.  Raises CalledProcessError where it fails.

    The peak that the kernel tells is no less than what this process itself has when it starts the other.
    """
    nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    started = time.perf_counter()
    process = os.posix_spawn(command[0], list(command), environment(), file_actions=[nowhere])
    _, status, used = os.wait4(process, 0)
    wall = time.perf_counter() - started
    if status:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
    return Cost(1000 * (used.ru_utime + used.ru_stime), 1000 * wall, used.ru_maxrss * 1.024)


def judge(title: str, unit: str, points: Sequence[tuple[int, float]]) -> None:
    """Print what a further struct costs from one size to the next, beside what it may cost."""
    (few, cost_few), (some, cost_some), (many, cost_many) = points
    first = (cost_some - cost_few) / (some - few)
    then = (cost_many - cost_some) / (many - some)
    ratio = then / first
    says = "holds" if ratio <= RATIO and max(first, then) <= COSTS[unit] else "DOES NOT HOLD"
    print(
        f"{title}: a struct costs {first:.2f} {unit} up to {some:,}, {then:.2f} {unit} beyond, "
        f"{ratio:.2f} times as much; wanted at most {COSTS[unit]} {unit} and {RATIO} times: {says}"
    )


if __name__ == "__main__":
    main()
