"""A plugin of pytest for the runs of ``test_any_order.py``: runs tests in another order, and lists verdicts.

``--order backwards``, or a number: the order that this number stands for, the same one in every worker.
"""

from __future__ import annotations

import random

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--order", default="")


# After the conftest.py of a folder and after pytest's own, so that nothing orders them again.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    order = config.getoption("--order")
    if order == "backwards":
        items.reverse()
    elif order:
        random.Random(order).shuffle(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for verdict, reports in sorted(terminalreporter.stats.items()):
        for name in sorted(report.nodeid for report in reports if hasattr(report, "nodeid")):
            terminalreporter.write_line(f"{verdict or 'set up'}: {name}" if verdict else "")
