"""Findings on the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from uapigen.diagnostics import Diagnostic, Severity

WIDEST, NARROWEST = 100, 60
"""Columns of what is printed for people."""


def say(diagnostics: Sequence[Diagnostic]) -> None:
    """Print findings where errors go; behind them, how many there are and who explains them."""
    stream: TextIO | None = sys.stderr  # None where the terminal was closed.
    if diagnostics and stream:
        from uapigen.catalogue import why
        from uapigen.findings import enough
        from uapigen.report import format_text

        diagnostics = enough(diagnostics)
        text = format_text(diagnostics, color=takes_color(stream), why=why, width=width_of(stream))
        print(text, _sum(diagnostics), sep="", end="", file=stream)


def width_of(stream: TextIO | None) -> int:
    """Columns of a terminal, within limits; the upper one where the stream is no terminal."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns if stream else 0
    except (OSError, ValueError):
        return WIDEST
    return max(NARROWEST, min(columns, WIDEST)) if columns else WIDEST


def takes_color(stream: TextIO) -> bool:
    """A terminal that knows colors, and whose user did not say no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _sum(diagnostics: Sequence[Diagnostic]) -> str:
    errors = sum(found.severity is Severity.ERROR for found in diagnostics)
    warnings = len(diagnostics) - errors
    counts = (_counted(count, thing) for count, thing in ((errors, "error"), (warnings, "warning")) if count)
    return f"uapigen: {', '.join(counts)}; `uapigen rules ID` explains the word in brackets\n"


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" + "s" * (count != 1)
