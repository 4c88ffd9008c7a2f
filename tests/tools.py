"""Tools that some tests need and that a machine may lack.

A test says what it needs with :func:`require`.  Where that is missing the test is left out, and the
run says so at its end; where ``CI=true`` or ``UAPIGEN_ALL_TOOLS=1``, the test fails.
"""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

from uapigen import cc
from uapigen.abi import ABIS

_WANTING = "left out for want of "
"""How the reason begins for which a test is skipped that has not got its tool."""


def require(tool: str, *places: str) -> str:
    """The path of a program: found by name, else the first of ``places`` that is a file."""
    found = shutil.which(tool) or next((place for place in places if Path(place).is_file()), None)
    if found is None:
        raise missing(tool)
    return found


def installed(tool: str) -> str:
    """The path of a program that pip brings for the tests: beside the Python that runs, else by its name."""
    beside = Path(sys.executable).parent / tool
    return str(beside) if beside.is_file() else require(tool)


def require_file(path: str) -> Path:
    """A file that a package of the system brings, such as an installed header."""
    if not Path(path).is_file():
        raise missing(path)
    return Path(path)


def require_compiler(abi: str) -> tuple[str, tuple[str, ...]]:
    """A C compiler that makes code for this ABI, and the flags for that: the native one, or a cross one."""
    for command in ("gcc", ABIS[abi].compiler):
        for target in _targets(command):
            if target.abi == abi:
                return command, target.flags
    raise missing(ABIS[abi].compiler)


def missing(tool: str) -> BaseException:
    """What a test raises that cannot do its work without ``tool``."""
    for name, value in (("UAPIGEN_ALL_TOOLS", "1"), ("CI", "true")):
        if os.environ.get(name) == value:
            return pytest.fail.Exception(f"no {tool}, and {name}={value} says that every tool is here")
    return pytest.skip.Exception(f"{_WANTING}{tool}")


def wanted(report: pytest.TestReport) -> str:
    """The tool for want of which a test was skipped; "" where it was for another reason."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    return tool_of(reason)


def tool_of(reason: str) -> str:
    """The tool that a reason to skip names, "" where it names none."""
    return reason.partition(_WANTING)[2]


@cache
def _targets(command: str) -> tuple[cc.Target, ...]:
    return cc.targets(command) if shutil.which(command) else ()
