"""Where a stage keeps what it finds, until it is enough.

The room of the limit on errors.  What an error is does not matter here.
"""

from __future__ import annotations

from uapigen.diagnostics import Diagnostic
from uapigen.source import Span

LIMIT = 1000
"""Errors of a stage.  An input with so many is no spec, and nobody reads further."""


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
            behind = Span(found.span.source, found.span.end, found.span.end)
            message = f"{LIMIT} errors, which are enough: what follows was not checked"
            self.found.append(Diagnostic("too-many-errors", message, behind, help="correct these first"))
            raise EnoughFoundError
