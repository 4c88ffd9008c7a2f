"""What holds for a text alone, whatever it says: its characters, its lines, its syntax as Python."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from uapigen.diagnostics import Diagnostic
from uapigen.source import Source, Span

TAB = 8
WIDTHS = {".h": 100, ".fragment": 100, ".rst": 80}
"""Columns that a line may take, by the type of the file: checkpatch's limit, and that of a mail."""

_FOLLOWER = re.compile(r"(test_.*|.*_device)\.py")
"""Python with names of the spec in it and no prose, which is in the bindings that it imports.

Nothing of a spec can break its syntax, and compiling it takes longer than all other questions.
"""

_UNPRINTABLE = re.compile(r"[^\t\n -~]")
_BLANK_AT_END = re.compile(r"[ \t](?=\n)")


def check(source: Source) -> Iterator[Diagnostic]:
    """Every finding on a text; ``source.path`` is the name of its file."""
    text = source.text
    for match in _UNPRINTABLE.finditer(text):
        message = f"has the character {match[0]!a}, which is not printable ASCII"
        yield _found(source, "verify-ascii", message, match.start())
    for match in _BLANK_AT_END.finditer(text) if " \n" in text or "\t\n" in text else ():
        yield _found(source, "verify-blanks", "has a blank at the end of a line", match.start())
    if not text.endswith("\n") or text.endswith("\n\n") or text == "\n":
        yield _found(source, "verify-blanks", "does not end in exactly one end of line", len(text))
    for suffix, width in WIDTHS.items():
        if source.path.endswith(suffix):
            yield from _long_lines(source, width)
    if source.path.endswith(".py") and not _FOLLOWER.fullmatch(source.path):
        yield from _python(source)


def _long_lines(source: Source, width: int) -> Iterator[Diagnostic]:
    at = 0
    for line in source.text.split("\n"):
        columns = len(line.expandtabs(TAB))
        if columns > width:
            message = f"has a line of {columns} columns, more than {width}"
            yield _found(source, "verify-line-length", message, at)
        at += len(line) + 1


def _python(source: Source) -> Iterator[Diagnostic]:
    """Syntax errors, and what Python warns of when it compiles, such as an unknown escape."""
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
