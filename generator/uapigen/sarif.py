"""Findings for forges and editors: SARIF 2.1.0, the format of OASIS for what checkers say.

The room of that form.  What GitHub's code scanning asks for beyond the standard is here, too: a text on
each rule, a place for each result, a fingerprint that stays when lines move.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from uapigen import __version__
from uapigen.catalogue import Entry, brief, catalogue, waiver
from uapigen.diagnostics import Diagnostic, Severity
from uapigen.linehash import line_hashes
from uapigen.places import Places
from uapigen.reportjson import text
from uapigen.source import Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"


def as_sarif(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """A log with one run.

    A finding with a place is a result; one without, such as a file that is not there, is a notification
    of the run, which then was not successful.
    """
    diagnostics = tuple(diagnostics)
    placed = [found for found in diagnostics if found.span]
    others = [found for found in diagnostics if not found.span]
    rules, notifications = _numbered(placed), _numbered(others)
    driver = {
        "name": "uapigen",
        "semanticVersion": __version__,
        "rules": [_descriptor(id_) for id_ in rules],
        "notifications": [_descriptor(id_) for id_ in notifications],
    }
    invocation = {
        "executionSuccessful": not any(found.severity is Severity.ERROR for found in others),
        "toolExecutionNotifications": [_notification(found, notifications) for found in others],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which uapigen ran."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(placed, rules),
    }
    return {"version": "2.1.0", "$schema": SCHEMA, "runs": [run]}


# --- kinds of findings ----------------------------------------------------------------------------


def _numbered(diagnostics: Iterable[Diagnostic]) -> dict[str, int]:
    """Each id with its place among all ids, in their order."""
    return {id_: number for number, id_ in enumerate(dict.fromkeys(found.id for found in diagnostics))}


def _descriptor(id_: str) -> dict[str, Any]:
    entry = catalogue()[id_]
    return {
        "id": id_,
        "shortDescription": {"text": brief(entry)},
        "fullDescription": {"text": f"{entry.doc} {entry.why}"},
        "help": {"text": f"{entry.doc} {entry.why} {waiver(entry)}", "markdown": _markdown(entry)},
        "defaultConfiguration": {"level": entry.severity.value},
    }


def _markdown(entry: Entry) -> str:
    parts = [entry.doc, f"**Why:** {entry.why}"]
    for title, example in (("Breaks it", entry.bad), ("Keeps it", entry.good)):
        if example:
            parts.append(f"**{title}:**\n\n```yaml\n{example.strip()}\n```")
    return "\n\n".join((*parts, waiver(entry)))


# --- findings -------------------------------------------------------------------------------------


def _notification(found: Diagnostic, numbers: Mapping[str, int]) -> dict[str, Any]:
    return {
        "descriptor": {"id": found.id, "index": numbers[found.id]},
        "level": found.severity.value,
        "message": {"text": _message(found)},
    }


def _results(diagnostics: Sequence[Diagnostic], numbers: Mapping[str, int]) -> list[dict[str, Any]]:
    places = Places()
    lines: dict[Source, set[int]] = {}
    for found in diagnostics:
        if found.span:
            source = found.span.source
            lines.setdefault(source, set()).add(places.line(source, found.span.start)[0])
    hashes = {source: line_hashes(source.text, asked) for source, asked in lines.items()}
    return [_result(found, found.span, numbers, places, hashes) for found in diagnostics if found.span]


def _result(
    found: Diagnostic,
    span: Span,
    numbers: Mapping[str, int],
    places: Places,
    hashes: dict[Source, dict[int, str]],
) -> dict[str, Any]:
    line, _ = places.line(span.source, span.start)
    related = [
        {"id": number, **_location(note.span, places), "message": {"text": _escaped(_sentence(note.message))}}
        for number, note in enumerate(found.notes, 1)
    ]
    return {
        "ruleId": found.id,
        "ruleIndex": numbers[found.id],
        "level": found.severity.value,
        "message": {"text": _message(found)},
        "locations": [_location(span, places)],
        "partialFingerprints": {"primaryLocationLineHash": hashes[span.source][line]},
        **({"relatedLocations": related} if related else {}),
    }


def _location(span: Span, places: Places) -> dict[str, Any]:
    line, column, end_line, end_column = places.region(span)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"physicalLocation": {"artifactLocation": _artifact(span.source.path), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    """Relative to the folder of the run, as forges ask for; absolute where the file lies elsewhere."""
    relative = os.path.relpath(path)
    if Path(relative).parts[:1] == (os.pardir,):
        return {"uri": Path(os.path.abspath(path)).as_uri()}  # noqa: PTH100 - resolve() follows links
    return {"uri": quote(os.fsencode(relative)), "uriBaseId": _ROOT}


def _message(found: Diagnostic) -> str:
    """What is wrong, what to write instead, and links to the related places."""
    said = [_escaped(_sentence(part)) for part in (found.message, found.help) if part]
    links = enumerate((_sentence(note.message)[:-1] for note in found.notes), 1)
    said += [f"[{_escaped(_in_link(label))}]({number})." for number, label in links]
    return " ".join(said)


def _sentence(said: str) -> str:
    """With a capital where a plain word begins it, and a full stop."""
    shown = text(said)
    word = re.match(r"[a-z]+(?= )", shown)
    shown = shown[0].upper() + shown[1:] if word else shown
    return shown if shown.endswith((".", "?")) else f"{shown}."


def _escaped(said: str) -> str:
    """Braces are doubled, as they would be placeholders (SARIF 3.11.5); no text makes a link (3.11.6)."""
    return said.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _in_link(label: str) -> str:
    return re.sub(r"[\[\]\\]", r"\\\g<0>", label)
