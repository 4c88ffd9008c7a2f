"""What is said about an input, apart from how it is printed.

The room of findings: every stage makes :class:`Diagnostic` objects, collects all that it can, and
raises one :class:`SpecError` with them.  Nothing here prints; see :mod:`uapigen.report`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from uapigen.record import ValueRecord
from uapigen.source import Span


class Severity(enum.Enum):
    """How much a finding weighs: an error stops the run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Note(ValueRecord):
    """A second place that belongs to a finding, such as where a name was first defined."""

    message: str
    span: Span


class Diagnostic(ValueRecord):
    """One finding.

    ``id`` is the stable name that is printed in brackets and that ``allow:`` takes; ``help`` says
    what to write instead.  ``span`` is None where there is no place to point at.
    """

    id: str
    message: str
    span: Span | None
    severity: Severity = Severity.ERROR
    help: str | None = None
    notes: tuple[Note, ...] = ()


class SpecError(Exception):
    """The input is wrong; ``diagnostics`` says everything that was found, in reading order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_order(diagnostics)
        super().__init__("; ".join(found.message for found in self.diagnostics))


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings in reading order, each once."""
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=_place))


def _place(found: Diagnostic) -> tuple[str, int, str]:
    if found.span is None:
        return ("", 0, found.id)
    return (found.span.source.path, found.span.start, found.id)
