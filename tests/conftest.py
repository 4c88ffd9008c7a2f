"""What every test run says at its end: the checks that were left out for want of a tool."""

from __future__ import annotations

from collections.abc import Generator

import pytest

import tools


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what was left out into the report, which travels to the process that prints."""
    for tool in tools.left_out:
        item.user_properties.append(("left out", tool))
    tools.left_out.clear()
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and why."""
    lines = {
        f"left out: {report.nodeid} (no {value})"
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "left out"
    }
    for line in sorted(lines):
        terminalreporter.write_line(line)
