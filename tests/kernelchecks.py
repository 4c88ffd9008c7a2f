"""``make kernel-checks``: what the kernel and its maintainers ask of a uAPI header, as one table.

The checks of ``uapichecks.py`` on all that is in ``out``, and on the headers of Linux with the declarations
of the specs in them: the installed one, and that of the sources from which ``make deps`` takes it.  Exit
status 1 where a check fails.  A tool that is not there is told, and where ``CI=true`` that is a failure.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

import tools
import uapichecks
from ctext import KERNEL
from sample import OUT, ROOT, SPECS
from uapichecks import DRIVER, FRAGMENT, HEADER, KEPT, PATCH, READER, TEST, File
from uapigen import load
from uapigen.commands.splice import removed, spliced
from uapigen.diagnostics import SpecError
from uapigen.model import Interface
from uapigen.render import find_target, render, snake
from uapigen.report import format_text
from uapigen.source import Source
from uapigen.splicing import patch, split

OK, FAILED = "ok", "FAILED"


class Tree(NamedTuple):
    """Where headers of Linux are, and what a compiler needs to take them as they are there."""

    folder: Path
    flags: tuple[str, ...] = ()


TREES = (Tree(Path("/usr/include")), Tree(KERNEL / "include/uapi", ("-D__user=",)))
"""What is installed, and what is not exported yet."""


class Job(NamedTuple):
    """A check of a file: a row of the table."""

    check: str
    file: str
    findings: Callable[[], list[str]]


class Result(NamedTuple):
    """What became of a job, which took so many ``seconds``; ``verdict`` may be the tool that is not there."""

    job: Job
    verdict: str
    said: list[str]
    seconds: float


def main() -> int:
    """Run everything; the exit status."""
    try:
        found = list(jobs(sorted(SPECS.glob("*.yaml")), OUT, TREES))
    except FileNotFoundError as error:
        print(f"{error.filename} is not there; `make gen` writes it", file=sys.stderr)
        return 1
    return report(found)


# --- what is checked ------------------------------------------------------------------------------


def jobs(specs: Sequence[Path], out: Path, trees: Sequence[Tree]) -> Iterator[Job]:
    """The checks of what was generated of the specs, and of the headers that it goes into."""
    for spec in specs:
        interface = load(spec)
        files = generated(interface, out / interface.name)
        yield from (job for kind, file in files.items() for job in _jobs(kind, file))
        for tree in trees:
            yield from _jobs_of_tree(interface, tree, files[TEST])


def generated(interface: Interface, folder: Path) -> dict[str, File]:
    """The files of an interface that are C, by their kinds."""
    stem = snake(interface.name)
    header, driver, fragment = f"{stem}.h", f"{stem}_driver.h", f"{Path(interface.header).name}.fragment"
    made = render(interface, [find_target(name) for name in ("header", "fragment", "driver")])
    texts = {each.file: (folder / each.file).read_text(encoding="utf-8") for each in made}
    test = folder / f"{stem}_test.c"

    def file(name: str, place: str) -> File:
        return File(_short(folder / name), place, texts[name], beside=texts)

    # An interface without states and members of regions has nothing that a driver could ask.
    asked = {DRIVER: file(driver, f"include/linux/{driver}")} if driver in texts else {}
    return {
        HEADER: file(header, f"include/uapi/linux/{header}"),
        FRAGMENT: file(fragment, f"include/uapi/{interface.header}"),
        **asked,
        TEST: File(_short(test), test.name, test.read_text(encoding="utf-8"), beside=texts),
    }


def with_pieces(interface: Interface, name: str, old: str, flags: tuple[str, ...] = ()) -> dict[str, File]:
    """A header that an interface was put into, and the patch that does it.  Raises :class:`SpecError`."""
    place = f"include/uapi/{interface.header}"
    new = spliced(interface, Source(name, old), old)
    name = f"{name} + {interface.name}"
    header = File(name, place, new, before=old, flags=flags)
    change = File(name, "change.patch", patch(place, split(old), split(new)))
    return {HEADER: header, KEPT: header, PATCH: change}


def _jobs_of_tree(interface: Interface, tree: Tree, test: File) -> Iterator[Job]:
    """The checks of a header with the interface in it; one that exists already has to be refused."""
    path = tree.folder / interface.header
    name = f"{_short(path)} + {interface.name}"
    if interface.existing:
        yield Job("splice refused", name, partial(_refused, interface, path))
        return
    yield Job("splice and remove", name, partial(_comes_and_goes, interface, path))
    try:
        old = path.read_text(encoding="utf-8")
        files = with_pieces(interface, _short(path), old, tree.flags)
    except (OSError, SpecError):
        return  # which is what the job before says
    beside = {**test.beside, f"{snake(interface.name)}.h": files[HEADER].text}
    files[TEST] = test._replace(name=name, beside=beside, flags=tree.flags)
    yield from (job for kind, file in files.items() for job in _jobs(kind, file))


def _jobs(kind: str, file: File) -> Iterator[Job]:
    return (Job(check.name, file.name, partial(check.findings, file)) for check in uapichecks.of(kind))


def _comes_and_goes(interface: Interface, path: Path) -> list[str]:
    """Whether the pieces can be put in, twice as once, and leave no trace when they are taken out."""
    old = _text_of(path)
    try:
        with READER:
            new = spliced(interface, Source(str(path), old), old)
            again = spliced(interface, Source(str(path), new), new)
            back = removed(interface, Source(str(path), new), new)
    except SpecError as error:
        return [format_text(error.diagnostics)]
    found = ["a second run changes what the first one wrote"] if again != new else []
    return found + (["what --remove leaves is not the header as it was"] if back != old else [])


def _refused(interface: Interface, path: Path) -> list[str]:
    """Whether it is, with the places of what the header has."""
    old = _text_of(path)
    try:
        with READER:
            spliced(interface, Source(str(path), old), old)
    except SpecError as error:
        return [format_text([each]) for each in error.diagnostics if not each.notes]
    return [f"{path} takes '{interface.name}', and has it"]


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise tools.missing(_short(path))
    return path.read_text(encoding="utf-8")


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


# --- the table ------------------------------------------------------------------------------------


def report(jobs: Sequence[Job]) -> int:
    """Run the jobs; print a row for each, in their order, and below what the tools say.  The exit status."""
    started = time.perf_counter()
    heads = ("check", "file", "verdict", "time")
    columns = [max(map(len, column)) for column in zip(heads[:2], *(job[:2] for job in jobs), strict=True)]
    print(_row(columns, *heads))
    results = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(_result, jobs):
            print(_row(columns, *result.job[:2], result.verdict, f"{result.seconds:.1f} s"), flush=True)
            results.append(result)
    for result in results:
        if result.said:
            print(f"\n{result.job.check}, {result.job.file}:", *result.said, sep="\n")
    verdicts = Counter({OK: 0, FAILED: 0})
    verdicts.update(result.verdict for result in results)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items() if count)
    print(f"\n{len(jobs)} checks in {time.perf_counter() - started:.0f} s: {counts}")
    if verdicts.keys() > {OK, FAILED}:
        print("What is not here was left out; on Debian `make deps` installs it.")
    return 1 if verdicts[FAILED] else 0


def _row(columns: Sequence[int], check: str, file: str, verdict: str, seconds: str) -> str:
    return f"{check:<{columns[0]}}  {file:<{columns[1]}}  {verdict:<7}  {seconds:>6}"


def _result(job: Job) -> Result:
    started = time.perf_counter()
    try:
        said = job.findings()
        verdict = FAILED if said else OK
    except pytest.skip.Exception as left_out:
        said, verdict = [], f"no {tools.tool_of(str(left_out))}"
    except pytest.fail.Exception as missing:
        said, verdict = [str(missing)], FAILED
    return Result(job, verdict, said, time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
