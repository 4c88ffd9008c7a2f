"""``make kernel-selftest``: guests in which something is broken, each of which has to be reported as that.

    python tests/guest/brokenguests.py [NAME...]

Exit status 1 where one is not noticed, or is told as something else, or where a run that follows a broken
one has no verdict of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

import building
import emulator
import guestpython
import kernels
import kerneltest
from scenarios import Module, Run, Scenario
from verdict import Outcome

SERIES = "6.1"
BROKEN = Module("broken", "tests/guest/broken.c")
REFUSES = Module("refuses", "tests/guest/broken.c", flags=("-DREFUSE=1",))
HANGS = Module("hangs", "tests/guest/broken.c", flags=("-DHANG_AT_START=1",))
MODULES = (BROKEN, REFUSES, HANGS)
FILE = "tests/guest/brokentests.py"
KERNEL = "test_kernel"


class Case(NamedTuple):
    """What is broken, as a test of ``brokentests.py``, and all that must be said, if anything is."""

    name: str
    test: str
    said: tuple[str, ...]
    modules: tuple[str, ...] = (BROKEN.name,)


CASES = (
    Case("a test fails", "test_fails", ("what is meant",)),
    Case("a warning", f"{KERNEL}[warn]", ("complains in", "[warn]", "WARNING", "told to warn", "broken_set")),
    Case("an oops", f"{KERNEL}[oops]", ("complains in", "[oops]", "NULL pointer dereference", "broken_set")),
    Case(
        "a panic",
        f"{KERNEL}[panic]",
        ("complains in", "[panic]", "Kernel panic - not syncing: told to panic"),
    ),
    Case("a hang in the kernel", f"{KERNEL}[hang]", ("hangs in", "[hang]", "cannot be killed", "wait_for")),
    Case("nothing, after a hang", "test_nothing_is_broken", ()),
    Case("a wait that can be ended", f"{KERNEL}[wait]", ("hangs in", "[wait]", "brokentests.py")),
    Case("a loop in the kernel", f"{KERNEL}[spin]", ("soft lockup", "[spin]", "broken_set")),
    Case("a loop without interrupts", f"{KERNEL}[freeze]", ("all of it hangs", "[freeze]")),
    Case(
        "a module in use", f"{KERNEL}[stay]", ("the module broken does not unload", "temporarily unavailable")
    ),
    Case(
        "a module that is not there",
        "test_fails",
        ("the module refuses does not load: No such device",),
        ("refuses",),
    ),
    Case("a module that hangs", "test_fails", ("hangs in loading hangs", "cannot be killed"), ("hangs",)),
    Case("Python hangs", "test_python_hangs", ("hangs in", "test_python_hangs", "in test_python_hangs"), ()),
    Case("Python is killed", "test_python_is_killed", ("1 tests, and 0 were run", "killed by signal 9"), ()),
    Case("Python ends early", "test_python_ends_well_but_early", ("1 tests, and 0 were run",), ()),
    Case(
        "Python accesses nothing",
        "test_python_accesses_nothing",
        ("killed by signal 11", "in test_python_accesses_nothing"),
        (),
    ),
    Case("memory is full", "test_memory_is_full", ("invoked oom-killer", "killed by signal 9"), ()),
    Case(
        "no test of that name",
        "test_nosuch",
        (
            "pytest has no tests",
            "not found",
        ),
        (),
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Run the cases; the exit status."""
    known = {case.name: case for case in CASES}
    for name in arguments:
        if name not in known:
            print(f"kernel-selftest: no case {name!r} here, but {', '.join(known)}", file=sys.stderr)
            return 2
    cases = [known[name] for name in arguments] or CASES
    return kerneltest.carried_out("kernel-selftest", lambda: report(cases))


def report(cases: Sequence[Case]) -> int:
    """Run cases, and print a line for each; the exit status."""
    emulator.SILENCE = 35  # a lockup is told by the kernel after 20 to 30 seconds
    guestpython.tree()
    kernel = kernels.kernel(SERIES)
    built = building.modules(kernel, MODULES)
    fine = not_built(kernel)
    runs = tuple(map(run_of, cases))
    halves = [half for half in (runs[: len(runs) // 2], runs[len(runs) // 2 :]) if half]
    scenarios = [
        Scenario(SERIES, half, MODULES, name=f"broken {number}") for number, half in enumerate(halves)
    ]
    found = kerneltest.at_once(lambda each: list(kerneltest.outcomes(kernel, each, built)), scenarios)
    for case, outcome in zip(cases, (outcome for half in found for outcome in half), strict=True):
        missing = not_said(case, outcome)
        fine = fine and not missing
        print(f"{'FAILED' if missing else 'ok':<6}  {case.name}, {outcome.seconds:.0f} s")
        if missing:
            print(
                f"    of {missing} nothing is said, but this:",
                *kerneltest.what_is_wrong(outcome),
                sep="\n    ",
            )
    return 0 if fine else 1


def run_of(case: Case) -> Run:
    """The run of a case."""
    return Run(case.name, case.modules, pytest=(f"{FILE}::{case.test}",), seconds=90, patience=10)


def not_said(case: Case, outcome: Outcome) -> list[str]:
    """What must be said of a case and is not."""
    if not case.said:
        return [] if outcome.fine else ["a good end"]
    said = "\n".join(kerneltest.what_is_wrong(outcome))
    return [part for part in case.said if part not in said] if not outcome.fine else ["a failure"]


def not_built(kernel: kernels.Kernel) -> bool:
    """Whether a module that cannot be compiled, and one that cannot be linked, are told as that."""
    wrong = Module("wrong", "tests/guest/broken.c", flags=("-Dnever=1",))
    loose = Module("loose", "tests/guest/broken.c", flags=("-D__module_get=no_such_function",))
    good = Module("good", "tests/guest/broken.c")
    fine = True
    for what, bad, said in (
        ("compiled", wrong, "tests/guest/broken.c:"),
        ("linked", loose, "no_such_function"),
    ):
        built, refused = building.try_modules(kernel, (bad, good))
        told = "good" in built and [*refused] == [bad.name] and said in str(refused[bad.name])
        print(f"{'ok' if told else 'FAILED':<6}  a module that cannot be {what}")
        fine = fine and told
    return fine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
