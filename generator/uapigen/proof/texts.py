"""What holds for a text alone, whatever it says: its characters, its lines, its syntax as Python."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator

from uapigen.characters import describe
from uapigen.diagnostics import Diagnostic
from uapigen.source import Source, Span

TAB = 8
WIDTHS = {".h": 100, ".fragment": 100, ".rst": 80}
"""Columns that a line may take, by the type of the file: checkpatch's limit, and that of a mail."""

_FOLLOWER = re.compile(r"(test_.*|.*_device)\.py")
"""Python with names of the spec in it and no prose, which is in the bindings that it imports.

Nothing of a spec can break its syntax, and compiling it takes longer than all other questions.
"""

_LINE = re.compile(r"[^\n]+")
_ITEMS = re.compile(r"(?P<opening>\n*[A-Z]+: .*[{(]\n)(?P<items>(?: {4}.*\n)+)(?P<closing>[})]\n[^\n]*)\n*")
_ITEM = re.compile(r"(?<=,\n)(?= {4}[^ )}\]])")
_PIECE = 10_000
"""Characters that items are gathered to: few enough for memory, enough to be worth a compilation."""

_UNPRINTABLE = re.compile(r"[^\t\n -~]")
_BLANK_AT_END = re.compile(r"[ \t](?=\n)")


def check(source: Source) -> Iterator[Diagnostic]:
    """Every finding on a text; ``source.path`` is the name of its file."""
    text = source.text
    for match in _UNPRINTABLE.finditer(text):
        message = f"has the character {describe(match[0])}, which is not printable ASCII"
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
    for match in _LINE.finditer(source.text):
        columns = len(match[0].expandtabs(TAB))
        if columns > width:
            message = f"has a line of {columns} columns, more than {width}"
            yield _found(source, "verify-line-length", message, match.start())


def _python(source: Source) -> Iterator[Diagnostic]:
    """Syntax errors, and what Python warns of when it compiles, such as an unknown escape.

    Compiling takes fifty times the memory of the text: the whole is compiled only to tell what is wrong.
    """
    if not any(map(_python_error, _pieces(source.text))):
        return
    error = _python_error(source.text)
    if error:
        line = getattr(error, "lineno", None) or 1
        at = sum(len(text) + 1 for text in source.text.split("\n")[: line - 1])
        message = f"is no Python: {getattr(error, 'msg', error)}"
        yield _found(source, "verify-python", message, min(at, len(source.text)))


def _python_error(text: str) -> SyntaxError | ValueError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(text, "text", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return error
    return None


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces: where each is Python, the whole is.  Where one is not, the whole may still be.

    Two empty lines divide statements; a statement of many items in brackets is cut between them.
    """
    for statements in text.split("\n\n\n"):
        many = _ITEMS.fullmatch(statements)
        if not many:
            yield statements
            continue
        for items in _gathered(_ITEM.split(many["items"])):
            yield many["opening"] + items + many["closing"]


def _gathered(items: Iterable[str]) -> Iterator[str]:
    """The items, many together."""
    together = ""
    for item in items:
        together += item
        if len(together) > _PIECE:
            yield together
            together = ""
    yield together


def _found(source: Source, id_: str, message: str, at: int) -> Diagnostic:
    return Diagnostic(id_, f"the generated text {message}", Span(source, at, at))
