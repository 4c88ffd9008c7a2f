"""``make kernel-mutants``: a driver with a fault has to be noticed by the generated tests, or by the kernel.

    python tests/guest/kernelmutants.py [FAULT...]

FAULT is a name in ``driverfaults.py``; all of them where none is named.  Each is built of the sample driver,
and meets the tests that it names.  It has to fail them, with words that lead to the fault; the driver as it
is has to pass the same tests.  Exit status 1 where one is not noticed, or is told in other words.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import NamedTuple

import building
import guestpython
import kernels
import kerneltest
from driverfaults import FAULTS, Fault
from scenarios import MSTATE, Module, Run, Scenario
from steps import step
from verdict import Outcome

SERIES = "6.1"
TESTS = "out/vfio-device-state/test_vfio_device_state.py"
NONE = "no fault"
CAUGHT, SURVIVED, UNCLEAR = "caught", "SURVIVED", "UNCLEAR"
PASSED, FAILED = "passed", "FAILED"


class Verdict(NamedTuple):
    """What became of a fault, what was said of it, and the line that tells most."""

    name: str
    word: str
    said: tuple[str, ...] = ()
    telling: str = ""


def main(arguments: Sequence[str]) -> int:
    """Try the faults that are asked for; the exit status."""
    known = {fault.name: fault for fault in FAULTS}
    for name in arguments:
        if name not in known:
            print(f"kernel-mutants: no fault {name!r} here, but {', '.join(known)}", file=sys.stderr)
            return 2
    wanted = [known[name] for name in arguments] or FAULTS
    return kerneltest.carried_out("kernel-mutants", lambda: report(verdicts(wanted)))


def verdicts(faults: Sequence[Fault]) -> list[Verdict]:
    """Build every fault, and run those that can be built, in as many guests as there are processors."""
    with step("Python for the guest"):
        guestpython.tree()
    with step(f"{SERIES}: kernel and headers"):
        kernel = kernels.kernel(SERIES)
    with step(f"{SERIES}: {len(faults)} faults"):
        built, refused = building.try_modules(kernel, [MSTATE, *map(module, faults)])
    found = [
        of_text(fault, str(refused[name])) for fault in faults if (name := module_name(fault)) in refused
    ]
    left = [fault for fault in faults if module_name(fault) not in refused]
    count = kerneltest.guests_at_once()
    guests = [left[first::count] for first in range(count)]
    scenarios = [scenario(number, share) for number, share in enumerate(guests, 1) if share]
    outcomes = kerneltest.at_once(lambda each: list(kerneltest.outcomes(kernel, each, built)), scenarios)
    run = {outcome.run: outcome for each in outcomes for outcome in each}
    found += [of_outcome(fault, run[fault.name]) for fault in left]
    found += [without_fault(outcome) for name, outcome in run.items() if name.startswith(NONE)]
    return found


def module(fault: Fault) -> Module:
    """The driver with a fault."""
    return MSTATE._replace(name=module_name(fault), edit=fault.edit)


def module_name(fault: Fault) -> str:
    """What the kernel calls it."""
    return f"mstate_{fault.name.replace('-', '_')}"


def scenario(number: int, faults: Sequence[Fault]) -> Scenario:
    """The faults of one guest, behind the driver without a fault."""
    tests = tuple(dict.fromkeys(test for fault in faults for test in fault.tests))
    return Scenario(
        SERIES,
        name=f"faults {number}",
        runs=(
            _run(f"{NONE}, guest {number}", MSTATE.name, tests, seconds=200),
            *(_run(fault.name, module_name(fault), fault.tests, "-x") for fault in faults),
        ),
        built=(MSTATE, *map(module, faults)),
    )


def _run(name: str, module: str, tests: Collection[str], *more: str, seconds: int = 60) -> Run:
    nodes = tuple(f"{TESTS}::{test}" for test in tests)
    arguments = (*more, *nodes, "--device", "mdev:mstate")
    return Run(name, modules=(module,), pytest=arguments, seconds=seconds, patience=20)


def of_text(fault: Fault, text: str) -> Verdict:
    """A fault of which something was said: was it what has to be said?"""
    lines = [line.strip().removeprefix("E ").strip() for line in text.splitlines()]
    telling = next((line for line in lines if fault.says in line), "")
    return Verdict(fault.name, CAUGHT if telling else UNCLEAR, tuple(text.splitlines()), telling)


def of_outcome(fault: Fault, outcome: Outcome) -> Verdict:
    """What became of a fault in a guest."""
    if outcome.fine:
        return Verdict(fault.name, SURVIVED, telling=f"passed {', '.join(fault.tests)}")
    return of_text(fault, "\n".join(kerneltest.what_is_wrong(outcome)))


def without_fault(outcome: Outcome) -> Verdict:
    """The driver as it is passes what the faults fail: no test was left out."""
    skipped = [point.name for point in outcome.points if point.skipped is not None]
    said = (*kerneltest.what_is_wrong(outcome), *(f"left out: {name}" for name in skipped))
    return Verdict(outcome.run, FAILED if said else PASSED, said, f"{len(outcome.points)} tests")


def report(found: Sequence[Verdict]) -> int:
    """Print a line for each fault, and all that was said of those that were not caught.  The exit status."""
    print()
    for verdict in found:
        print(f"{verdict.word:<8}  {verdict.name:<34}  {verdict.telling}".rstrip())
    wrong = [verdict for verdict in found if verdict.word not in (CAUGHT, PASSED)]
    for verdict in wrong:
        print(f"\n{verdict.word}: {verdict.name}:")
        print("\n".join(f"    {line}" for line in verdict.said))
    faults = [verdict.word for verdict in found if not verdict.name.startswith(NONE)]
    print(f"\n{faults.count(CAUGHT)} of {len(faults)} faults were told as what they are")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
