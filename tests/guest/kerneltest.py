"""``make kernel-test``: the generated tests in a real kernel, in qemu; its verdict is ours.

    python tests/guest/kerneltest.py [KERNEL...]

KERNEL is a series, such as 6.1: those of ``scenarios.py`` are run, all of them where none is named.  Exit
status 1 where a run fails, or where there is no verdict.
"""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import building
import emulator
import guestpython
import initramfs
import kernels
import processes
import verdict
from emulator import Files
from kernels import Kernel
from scenarios import SCENARIOS, Scenario
from steps import CACHE, StepError, forget_halves, full, say, step
from verdict import Outcome

LOGS = CACHE / "logs"
BOOT = 90
"""Seconds that a guest may need besides its runs."""
SHOWN = 50
"""Lines of what a program has printed that are shown with a failure: as many as Python's stack has."""
OFTEN = 20
"""Seconds between two lines about a run that goes on."""

Item = TypeVar("Item")
Made = TypeVar("Made")


class Result(NamedTuple):
    """What became of a scenario: the outcomes of its runs, or why there are none."""

    scenario: Scenario
    outcomes: tuple[Outcome, ...]
    problem: str = ""

    @property
    def fine(self) -> bool:
        """Whether every run is as it must be."""
        whole = len(self.outcomes) == len(self.scenario.runs)
        return whole and not self.problem and all(outcome.fine for outcome in self.outcomes)


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; the exit status."""
    known = [scenario.series for scenario in SCENARIOS]
    for series in arguments:
        if series not in known:
            print(f"kernel-test: no kernel {series} here, but {', '.join(known)}", file=sys.stderr)
            return 2
    wanted = [each for each in SCENARIOS if not arguments or each.series in arguments]
    return carried_out("kernel-test", lambda: report(results(wanted)))


def carried_out(command: str, work: Callable[[], int]) -> int:
    """Do the work of a command; its exit status, 1 with a reason where it cannot be done."""
    try:
        with session():
            return work()
    except KeyboardInterrupt as stopped:
        print(f"{command}: stopped{f' by {stopped}' if str(stopped) else ''}", file=sys.stderr)
        return 130
    except (StepError, OSError) as problem:
        print(f"{command}: {_told(problem)}", file=sys.stderr)
        return 1


@contextmanager
def session() -> Iterator[None]:
    """Within, no other run uses the cache, and what is started ends with us."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock, processes.ended_with_us():
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run uses {CACHE}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        forget_halves()
        yield


def results(scenarios: Sequence[Scenario]) -> list[Result]:
    """Run scenarios.  Raises :class:`StepError`: the machine has not what all of them need."""
    if platform.machine() != "x86_64":
        raise StepError(f"the guests are Debian's for amd64, and this machine is {platform.machine()}")
    with step("Python for the guest"):
        guestpython.tree()
    return at_once(result, scenarios)


def guests_at_once() -> int:
    """How many guests run at a time: one for each processor, as far as usual memory goes."""
    return min(len(os.sched_getaffinity(0)), 8)


def at_once(work: Callable[[Item], Made], items: Collection[Item]) -> list[Made]:
    """Do work that boots guests, as much at once as there are processors; what comes of it, in order."""
    with ThreadPoolExecutor(guests_at_once()) as pool:
        try:
            return list(pool.map(work, items))
        except BaseException:
            processes.end_all()  # else the pool waits for its guests
            raise


def result(scenario: Scenario) -> Result:
    """Run a scenario, in as many boots as that takes."""
    found: list[Outcome] = []
    problem = ""
    try:
        with step(f"{scenario.series}: kernel and headers"):
            kernel = kernels.kernel(scenario.series)
        with step(f"{scenario.series}: {len(scenario.built)} modules for {kernel.release}"):
            built = building.modules(kernel, scenario.built)
        found.extend(outcomes(kernel, scenario, built))
    except (StepError, OSError) as error:
        problem = _told(error)
    return Result(scenario, tuple(found), problem)


def outcomes(kernel: Kernel, scenario: Scenario, built: Mapping[str, Path]) -> Iterator[Outcome]:
    """The outcomes of all runs, in order.  Where one has broken its guest, the next has a new one.

    Raises:
        StepError: a guest cannot be made, or does not come as far as a run.
        OSError: for instance the disk is full.
    """
    left = list(scenario.runs)
    boots = 0
    stem = scenario.label.replace(" ", "-")
    for old in LOGS.glob(f"{stem}-[0-9]*"):
        old.unlink()
    while left:
        boots += 1
        found = _boot(kernel, scenario._replace(runs=tuple(left)), built, f"{stem}-{boots}")
        yield from found
        left = left[len(found) :]


def _boot(kernel: Kernel, scenario: Scenario, built: Mapping[str, Path], name: str) -> list[Outcome]:
    """The outcomes of the runs that one guest has begun."""
    LOGS.mkdir(parents=True, exist_ok=True)
    files = Files(kernel.vmlinux, LOGS / f"{name}.cpio", LOGS / f"{name}.console", LOGS / f"{name}.report")
    limit = BOOT + sum(run.seconds for run in scenario.runs)
    try:
        with step(f"{scenario.label}: what the guest boots from"):
            initramfs.write(kernel, scenario, built, files.initramfs)
        say(f"{scenario.label}: booting {kernel.release} ...")
        started = time.monotonic()
        ended = emulator.boot(files, limit, _Progress(scenario.label).heard)
    finally:
        files.initramfs.unlink(missing_ok=True)
    say(f"{scenario.label}: the guest has ended after {time.monotonic() - started:.1f} s")
    console = files.console.read_text(errors="replace").splitlines()
    guest = verdict.read(files.report.read_text(errors="replace").splitlines(), console)
    why = list(guest.problems)
    if ended.status:
        why.append(f"qemu ended with status {ended.status}: {ended.said.strip()}")
    if ended.given_up:
        why.append(f"the guest was given up: {ended.given_up}")
    if not guest.finished and not why:
        why.append("the guest ended without saying that it has finished")
    if not guest.outcomes:
        raise StepError("\n".join((*why, "the end of the console:", *console[-20:], f"see {files.console}")))
    found = list(guest.outcomes)
    if why:
        test = verdict.last_test(console)
        where = f" (the last test was {test})" if test else ""
        last = found[-1]
        found[-1] = last._replace(problems=(*last.problems, *(f"{text}{where}" for text in why)))
    return found


class _Progress:
    """Says now and then how far a guest is."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.run = ""
        self.plan = self.points = 0
        self.said = time.monotonic()

    def heard(self, line: str) -> None:
        """A line of the guest's report."""
        if line == "# guest: up":
            say(f"{self.label}: the guest is up")
        elif line.startswith("# guest: begin "):
            self.run, self.points = line.removeprefix("# guest: begin "), 0
            say(f"{self.label}: {self.run} ...")
        elif line.startswith("1.."):
            self.plan = int(line[3:])
        elif line.startswith(("ok ", "not ok ")):
            self.points += 1
            if time.monotonic() > self.said + OFTEN:
                self.said = time.monotonic()
                say(f"{self.label}: {self.run}: {self.points} of {self.plan}")


def report(found: Sequence[Result]) -> int:
    """Print a line for each run, and below what is wrong.  The exit status."""
    print()
    width = max((len(run.name) for result in found for run in result.scenario.runs), default=0)
    for result in found:
        for outcome in result.outcomes:
            print(line_of(result.scenario.series, outcome, width))
        for run in result.scenario.runs[len(result.outcomes) :]:
            print(f"FAILED  {result.scenario.series:<4}  {run.name:<{width}}  no verdict")
    for result in found:
        for outcome in result.outcomes:
            if not outcome.fine:
                print(f"\n{result.scenario.series}: {outcome.run}:")
                print("\n".join(what_is_wrong(outcome)))
        if result.problem:
            print(f"\n{result.scenario.series}: {result.problem}")
    fine = all(result.fine for result in found)
    if not fine and LOGS.is_dir():
        print(f"\nThe consoles and reports of the guests are in {LOGS}.")
    return 0 if fine else 1


def line_of(series: str, outcome: Outcome, width: int) -> str:
    """The line of a run: verdict, counts, seconds, and why tests were left out."""
    points = outcome.points
    skipped = verdict.left_out(points)
    counts = {
        "ok": sum(point.ok and point.skipped is None for point in points),
        "failed": sum(not point.ok for point in points),
        "left out": sum(skipped.values()),
    }
    told = [f"{count} {what}" for what, count in counts.items() if count or what == "ok"]
    told.append(f"{outcome.seconds:.0f} s" if outcome.ended else "the guest has ended")
    word = "ok" if outcome.fine else "FAILED"
    more = [f"{count} left out: {why}" for why, count in skipped.items()]
    if outcome.deselected:
        more.append(f"{outcome.deselected} left out: the arguments of pytest do not choose them")
    more += [f"covered: {facts}" for facts in verdict.covered(outcome.output)]
    line = f"{word:<6}  {series:<4}  {outcome.run:<{width}}  {', '.join(told)}"
    return "\n".join((line, *(f"        {each}" for each in more)))


def what_is_wrong(outcome: Outcome) -> Iterator[str]:
    """The lines about a run that failed."""
    yield from outcome.problems
    for point in outcome.points:
        if not point.ok:
            yield f"not ok: {point.name}"
            yield from (f"    {line}" for line in point.diagnosis)
    if outcome.problems and outcome.output:
        yield "the end of what was printed:"
        yield from (f"    {line}" for line in outcome.output[-SHOWN:])


def _told(problem: Exception) -> str:
    if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
        return full()
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}"
    return str(problem)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
