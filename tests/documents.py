"""Documents for tests: the specs that there are, what must be in the first one, and its form."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rstread import parsed
from sample import ROOT, SPECS
from uapigen.model import Interface
from uapigen.pipeline import load_file
from uapigen.render import find_target, render

FIRST = SPECS / "vfio-device-state.yaml"
ALL = sorted([*SPECS.glob("*.yaml"), *ROOT.glob("tests/specs/*.yaml")])


def raw(spec: Path) -> dict[str, Any]:
    """What a spec says, read by PyYAML alone: every value is a string."""
    said: dict[str, Any] = yaml.load(spec.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return said


SPEC = raw(FIRST)

# The transitions as the posted patch lists them (its slips of the pen corrected, STOP as STOPPED).
TRANSITIONS = """
RUNNING -- start dirty data logging --> RUNNING+LOGGING
RUNNING -- deactivate --> STOPPED
RUNNING -- deactivate and start dirty data logging --> STOPPED+LOGGING
RUNNING+LOGGING -- stop dirty data logging --> RUNNING
RUNNING+LOGGING -- deactivate --> STOPPED+LOGGING
RUNNING+LOGGING -- deactivate and stop dirty data logging --> STOPPED
STOPPED -- activate --> RUNNING
STOPPED -- start dirty data logging --> STOPPED+LOGGING
STOPPED -- activate and start dirty data logging --> RUNNING+LOGGING
STOPPED+LOGGING -- stop dirty data logging --> STOPPED
STOPPED+LOGGING -- activate --> RUNNING+LOGGING
STOPPED+LOGGING -- activate and stop dirty data logging --> RUNNING
""".split("\n")[1:-1]
POINTS = [f"I{n}" for n in range(1, 13)] + [f"R{n}" for n in range(16)] + [f"D{n}" for n in range(1, 10)]


def written(interface: Interface) -> str:
    """The document of an interface."""
    (artifact,) = render(interface, [find_target("document")])
    return artifact.text


@cache
def loaded(spec: Path) -> Interface:
    """The interface of a spec file."""
    return load_file(spec)


def check_form(text: str) -> None:
    """The text is plain, has 80 columns at most, and docutils reads it without a message."""
    assert text.isascii()
    assert "\t" not in text
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert [line for line in text.split("\n") if len(line) > 80] == []
    parsed(text)
