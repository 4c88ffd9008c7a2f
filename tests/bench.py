"""How long things take, as ratios of whole processes measured in turn in one run.

Run by `make bench`.  It prints and never judges: a machine may be slow, a test must not depend on it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "spec" / "vfio-device-state.yaml"
UAPIGEN = [str(Path(sys.executable).with_name("uapigen"))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure whole processes.")
    parser.add_argument("-n", type=int, default=15, help="how often each is run (default: 15)")
    runs = parser.parse_args().n
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        gen = [*UAPIGEN, "gen", str(SPEC), "-o", str(out), "--cc", "none"]
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
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
