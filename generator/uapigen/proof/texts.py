"""What holds for a text alone, whatever it says: its characters, its lines, its syntax as Python."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from uapigen.diagnostics import Diagnostic
from uapigen.source import Source, Span

TAB = 8
WIDTHS = {".h": 100, ".fragment": 100, ".rst": 80}
"""Columns that a line may take, by the type of the file: checkpatch's limit, and that of a mail."""


def check(source: Source) -> Iterator[Diagnostic]:
    """Every finding on a text; ``source.path`` is the name of its file."""
    width = next((width for suffix, width in WIDTHS.items() if source.path.endswith(suffix)), None)
    at = 0
    for line in source.text.split("\n"):
        yield from _line(source, line, at, width)
        at += len(line) + 1
    if not source.text.endswith("\n") or source.text.endswith("\n\n") or source.text == "\n":
        yield _found(source, "verify-blanks", "does not end in exactly one end of line", len(source.text))
    if source.path.endswith(".py"):
        yield from _python(source)


def _line(source: Source, line: str, at: int, width: int | None) -> Iterator[Diagnostic]:
    # Most lines have nothing: this is asked first.
    if not (line.isascii() and line.expandtabs(1).isprintable()):
        place = next(i for i, c in enumerate(line) if c != "\t" and not (c.isascii() and c.isprintable()))
        message = f"has the character {line[place]!a}, which is not printable ASCII"
        yield _found(source, "verify-ascii", message, at + place)
    if line != line.rstrip():
        yield _found(source, "verify-blanks", "has blanks at the end of a line", at + len(line.rstrip()))
    columns = len(line.expandtabs(TAB))
    if width is not None and columns > width:
        message = f"has a line of {columns} columns, more than {width}"
        yield _found(source, "verify-line-length", message, at)


def _python(source: Source) -> Iterator[Diagnostic]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(source.text, source.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        at = sum(len(text) + 1 for text in source.text.split("\n")[: line - 1])
        message = f"is no Python: {getattr(error, 'msg', error)}"
        yield _found(source, "verify-python", message, min(at, len(source.text)))


def _found(source: Source, id_: str, message: str, at: int) -> Diagnostic:
    return Diagnostic(id_, f"the generated text {message}", Span(source, at, at))
