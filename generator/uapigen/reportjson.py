"""Findings for programs: one JSON document, as ``diagnostics.schema.json`` describes it.

The room of that form.  What it says is what :mod:`uapigen.report` prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from uapigen.diagnostics import Diagnostic, Severity
from uapigen.places import Places
from uapigen.source import Span

SCHEMA = Path(__file__).parent / "diagnostics.schema.json"
VERSION = 1
"""Of the form: it changes when a program that reads the form has to."""

_HALF = re.compile("[\ud800-\udfff]")


def as_json(diagnostics: Iterable[Diagnostic], why: Callable[[str], str]) -> dict[str, Any]:
    """The findings in their order; ``why`` gives the reason for an id, "" for none."""
    places = Places()
    findings = [_finding(found, why(found.id), places) for found in diagnostics]
    severities = [finding["severity"] for finding in findings]
    return {
        "version": VERSION,
        "errors": severities.count(Severity.ERROR.value),
        "warnings": severities.count(Severity.WARNING.value),
        "findings": findings,
    }


def _finding(found: Diagnostic, why: str, places: Places) -> dict[str, Any]:
    notes = [{"message": text(note.message), "place": _place(note.span, places)} for note in found.notes]
    return {
        "id": found.id,
        "severity": found.severity.value,
        "message": text(found.message),
        "help": text(found.help) if found.help else None,
        "why": why or None,
        "place": _place(found.span, places) if found.span else None,
        "notes": notes,
    }


def _place(span: Span, places: Places) -> dict[str, Any]:
    line, column, end_line, end_column = places.region(span)
    return {
        "file": text(span.source.path),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def text(given: str) -> str:
    """The text without halves of characters, which file names that are no UTF-8 have and JSON must not."""
    return _HALF.sub("\ufffd", given)
