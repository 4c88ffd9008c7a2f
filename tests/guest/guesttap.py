"""A plugin of pytest for the guest: a line of TAP for each test, to the second serial line.

The plan comes first, so that a run that breaks off is seen.  A test that fails has its text as diagnosis; one
that is left out has its reason.  The name of each test goes to the kernel's messages before it runs.
"""

from __future__ import annotations

import os

import pytest
from init import REPORT, begin

MOST = 80
"""Lines of a diagnosis."""


class Tap:
    """Writes the points of one session."""

    def __init__(self, file: int) -> None:
        self.file = file
        self.number = 0
        self.reports: list[pytest.TestReport] = []

    def line(self, *lines: str) -> None:
        os.write(self.file, "".join(f"{line}\n" for line in lines).encode(errors="replace"))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.line("TAP version 13", f"1..{len(session.items)}")

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.line(f"# guest: deselected {len(items)}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self.line(
                f"# guest: problem {report.nodeid} could not be collected: {brief(report.longreprtext)}"
            )

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        begin(nodeid)
        self.reports = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.number += 1
        name = nodeid.replace("#", "\\#")
        failed = [report for report in self.reports if report.failed]
        skipped = [report for report in self.reports if report.skipped]
        if failed:
            text = "\n".join(report.longreprtext for report in failed).splitlines()
            shown = (f"    {line}" for line in text[-MOST:])
            self.line(f"not ok {self.number} - {name}", "  ---", "  message: |", *shown, "  ...")
        elif skipped:
            self.line(f"ok {self.number} - {name} # SKIP {reason(skipped[0])}")
        else:
            self.line(f"ok {self.number} - {name}")


def reason(report: pytest.TestReport) -> str:
    """Why a test was left out, in one line."""
    if hasattr(report, "wasxfail"):
        return brief(report.wasxfail)
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return brief(told.removeprefix("Skipped: "))


def brief(text: str) -> str:
    """The last line of a text."""
    return (text.strip().splitlines() or [""])[-1]


def pytest_configure(config: pytest.Config) -> None:
    """Add the writer of the points."""
    config.pluginmanager.register(Tap(os.open(REPORT, os.O_WRONLY | os.O_NOCTTY)), "guest-points")
