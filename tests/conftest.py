"""What every test run says at its end: the checks that were left out for want of a tool."""

from __future__ import annotations

import pytest

import tools


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and why: a test by its name, many of one kind by their number."""
    tests: dict[tuple[str, str], list[str]] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        tool = tools.wanted(report)
        if tool:
            tests.setdefault((report.nodeid.partition("[")[0], tool), []).append(report.nodeid)
    for (test, tool), left_out in sorted(tests.items()):
        name = left_out[0] if len(left_out) == 1 else f"{test}, {len(left_out)} times"
        terminalreporter.write_line(f"left out: {name} (no {tool})")
