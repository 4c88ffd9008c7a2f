"""What a guest's two lines say: the outcome of each run.  Reads text, and touches nothing else.

The report is TAP with remarks of the guest's init, the console the kernel's messages with marks of runs and
tests.  Nothing is taken for granted: a run is fine that has a plan, as many points as planned, none that
failed, an end of its own, programs that end with 0, and no complaint of the kernel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from init import OUTPUT

_POINT = re.compile(r"(?P<bad>not )?ok (?P<number>\d+)(?: - (?P<name>.*?))?(?: # SKIP ?(?P<reason>.*))?")
_PLAN = re.compile(r"1\.\.(\d+)")
_GUEST = re.compile(r"# guest: (?P<what>\w+) ?(?P<text>.*)")
_MARK = re.compile(r"uapigen: (?P<what>run|test|end of run|hangs in) ?(?P<name>.*)")
_TIME = re.compile(r"(<\d>)?\[ *\d+\.\d+\](\[ *[TC]\d+\])? ")
_COMPLAINT = re.compile(
    r"(?:\[ cut here \]|\b(?:BUG|WARNING|Oops|UBSAN|KASAN|KFENCE|general protection fault|Kernel panic|"
    r"soft lockup|hard LOCKUP|blocked for more than|detected stalls?|self-detected stall|"
    r"refcount_t|list_(?:add|del) corruption|Bad page|bad page|scheduling while atomic|"
    r"sleeping function called|double free|unable to handle|segfault at|trap invalid opcode|"
    r"stack segment|divide error|kernel stack overflow|memory leak|Out of memory|invoked oom-killer)\b)"
)
"""What a kernel says when something is wrong in it, or in a process."""
_COVERED = re.compile(r"(?P<kind>\w+) +(?P<count>\d+ of \d+)(?P<without>, without .*)?")
EXCERPT = 30
"""Lines of the kernel that are shown with a complaint."""


class Point(NamedTuple):
    """A test: ``skipped`` is the reason for which it was left out, None where it was not."""

    name: str
    ok: bool
    skipped: str | None = None
    diagnosis: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What became of a run.

    ``problems`` are those that are no test's; ``deselected`` is how many tests pytest's arguments have not
    chosen; ``ended`` is false where the guest came to its end in the middle, which gives no ``seconds``.
    """

    run: str
    points: tuple[Point, ...] = ()
    problems: tuple[str, ...] = ()
    output: tuple[str, ...] = ()
    deselected: int = 0
    seconds: float = 0
    ended: bool = False

    @property
    def fine(self) -> bool:
        """Whether all of it is as it must be."""
        return not self.problems and all(point.ok for point in self.points)


class Guest(NamedTuple):
    """What became of a boot: the runs that were begun, and what is wrong outside of them."""

    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...]
    finished: bool


def read(report: Iterable[str], console: Iterable[str]) -> Guest:
    """The outcomes of the runs that a guest has begun, in their order."""
    complaints = _complaints(console)
    reader = _Reader()
    for line in report:
        reader.line(line)
    if reader.run:
        reader.break_off()
    outcomes = (
        each._replace(problems=(*each.problems, *complaints.get(each.run, ()))) for each in reader.outcomes
    )
    return Guest(tuple(outcomes), (*reader.problems, *complaints.get("", ())), reader.finished)


class _Reader:
    """Reads a report, line by line: what it knows of the run that goes on, and what it has found."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.problems: list[str] = []
        self.finished = False
        self.run: Outcome | None = None
        self._no_program()

    def _no_program(self) -> None:
        self.plan: int | None = None
        self.seen = 0
        self.diagnosis: list[str] | None = None

    def line(self, line: str) -> None:
        """Take a line; those that mean nothing are passed over."""
        guest = _GUEST.fullmatch(line)
        if guest:
            self._of_init(guest["what"], guest["text"])
        elif self.run is None:
            pass
        elif self.diagnosis is not None:
            self._of_diagnosis(self.diagnosis, line)
        elif line == "  ---" and self.run.points:
            self.diagnosis = []
        elif line.startswith(OUTPUT):
            self.run = self.run._replace(output=(*self.run.output, line.removeprefix(OUTPUT)))
        elif plan := _PLAN.fullmatch(line):
            self.plan = int(plan[1])
        elif point := _POINT.fullmatch(line):
            self._of_point(point)

    def break_off(self) -> None:
        """The report ends within a run."""
        if self.plan is not None and self.seen != self.plan:
            self._problem(f"broken off: {self.seen} of {self.plan} tests were run")
        self._end(0, ended=False)

    def _of_init(self, what: str, text: str) -> None:
        """What the guest's init says of a run, or besides."""
        if what == "begin":
            self.run = Outcome(text)
        elif what == "finished":
            self.finished = True
        elif what == "problem":
            self._problem(text)
        elif what == "deselected" and self.run:
            self.run = self.run._replace(deselected=int(text))
        elif what == "exit":
            status, _, program = text.partition(" ")
            self._of_exit(program, int(status))
        elif what == "end":
            self._end(float(text.partition(" ")[0]), ended=True)

    def _of_diagnosis(self, diagnosis: list[str], line: str) -> None:
        assert self.run
        if line.startswith("    "):
            diagnosis.append(line[4:])
        elif line == "  ...":
            *before, last = self.run.points
            self.run = self.run._replace(points=(*before, last._replace(diagnosis=tuple(diagnosis))))
            self.diagnosis = None

    def _of_point(self, point: re.Match[str]) -> None:
        assert self.run
        self.seen += 1
        if int(point["number"]) != self.seen:
            self._problem(f"point {self.seen} has the number {point['number']}")
        name = (point["name"] or f"point {self.seen}").replace("\\#", "#")
        new = Point(name, not point["bad"], point["reason"])
        self.run = self.run._replace(points=(*self.run.points, new))

    def _of_exit(self, program: str, status: int) -> None:
        """The end of a program: it has to have planned, and done what it planned."""
        if self.plan is None:
            self._problem(f"{program} has no plan: it has not begun its tests")
        elif not self.plan:
            self._problem(f"{program} has no tests")
        elif self.seen != self.plan:
            self._problem(f"{program} planned {self.plan} tests, and {self.seen} were run")
        if status and self.run and all(point.ok for point in self.run.points):
            how = f"ended with status {status}" if status > 0 else f"was killed by signal {-status}"
            self._problem(f"{program} {how}")
        self._no_program()

    def _end(self, seconds: float, *, ended: bool) -> None:
        assert self.run
        if not self.run.points and not self.run.problems:
            self._problem("nothing was tested")
        self.outcomes.append(self.run._replace(seconds=seconds, ended=ended))
        self.run = None
        self._no_program()

    def _problem(self, text: str) -> None:
        if self.run:
            self.run = self.run._replace(problems=(*self.run.problems, text))
        else:
            self.problems.append(text)


def last_test(console: Iterable[str]) -> str:
    """The test that was begun last, "" where none was."""
    name = ""
    for line in console:
        if (mark := _MARK.search(line)) and mark["what"] in {"run", "test"}:
            name = mark["name"] if mark["what"] == "test" else ""
    return name


def _complaints(console: Iterable[str]) -> dict[str, list[str]]:
    """What the kernel complains of in each run, "" outside of them: one text for each row of lines."""
    found: dict[str, list[str]] = {}
    run = test = ""
    excerpt: list[str] = []

    def flush() -> None:
        if excerpt:
            where = f" in {test}" if test else ""
            text = "\n".join(f"  {line}" for line in excerpt[:EXCERPT])
            found.setdefault(run, []).append(f"the kernel complains{where}:\n{text}")
            excerpt.clear()

    for line in console:
        text = _TIME.sub("", line)
        if mark := _MARK.match(text):
            flush()
            if mark["what"] == "hangs in":
                excerpt.append(text)
            if mark["what"] == "run":
                run, test = mark["name"], ""
            elif mark["what"] == "test":
                test = mark["name"]
            elif mark["what"] == "end of run":
                run = test = ""
        elif excerpt or _COMPLAINT.search(text):
            excerpt.append(text)
    flush()
    return found


def covered(output: Iterable[str]) -> list[str]:
    """What the generated tests say that they have covered: in one line, and a line for each lack."""
    whole: list[str] = []
    lacks: list[str] = []
    inside = False
    for line in output:
        if line.startswith("==="):
            inside = "what was covered" in line
        elif inside and (fact := _COVERED.match(line)):
            told = f"{fact['kind']} {fact['count']}"
            if fact["without"]:
                lacks.append(told + fact["without"])
            else:
                whole.append(told)
    return [", ".join(whole), *lacks] if whole else lacks


def left_out(points: Sequence[Point]) -> dict[str, int]:
    """How many tests were left out, by the reason."""
    reasons: dict[str, int] = {}
    for point in points:
        if point.skipped is not None:
            reason = point.skipped or "no reason is given"
            reasons[reason] = reasons.get(reason, 0) + 1
    return reasons
