"""Where a stage keeps what it finds, until it is enough; and how much of all that is shown.

The room of the limit on findings.  What a finding is does not matter here.
"""

from __future__ import annotations

from collections.abc import Iterable

from uapigen.diagnostics import Diagnostic, Severity, in_order
from uapigen.source import Span

LIMIT = 1000
"""Errors of a stage, and findings of a run.  An input with so many is no spec, and nobody reads further."""


class EnoughFoundError(Exception):
    """There are so many errors that the stage ends here."""


class Findings:
    """The errors that a stage has found so far."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, found: Diagnostic) -> None:
        """Keep an error.  Raises :class:`EnoughFoundError` with the last one that is kept."""
        self.found.append(found)
        if len(self.found) == LIMIT and found.span is not None:
            message = f"{LIMIT} errors, which are enough: what follows was not checked"
            self.found.append(_last(message, found))
            raise EnoughFoundError


def enough(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings in reading order; of very many, the last one says how many more there are.

    These are warnings where there are fewer errors than are shown.
    """
    found = sorted(in_order(diagnostics), key=lambda each: each.severity is not Severity.ERROR)
    more = found[LIMIT:]
    if len(more) < 2:  # To say that there is one more takes as much room as the one.
        return in_order(found)
    shown = in_order(found[:LIMIT])
    message = f"{LIMIT} findings, which are enough: {len(more)} more are not shown"
    return (*shown, _last(message, shown[-1], more[0].severity))


def _last(message: str, before: Diagnostic, severity: Severity = Severity.ERROR) -> Diagnostic:
    """What is said behind a finding that is the last one."""
    at = before.span and Span(before.span.source, before.span.end, before.span.end)
    return Diagnostic("too-many-errors", message, at, severity, help="correct these first")
