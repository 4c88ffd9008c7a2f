"""What libyaml says, in words for someone who writes a spec.

The room of translation: from the parser's problem to a diagnostic.  No parsing happens here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uapigen.diagnostics import Diagnostic, Note
from uapigen.source import Source, Span

if TYPE_CHECKING:
    from yaml.error import MarkedYAMLError

NO_TAG = (
    "a tag is not used here: the key decides what its value means",
    "remove it, or put the text in quotes",
)
NO_DIRECTIVE = ("directives are not used here", "remove the line")
"""Message and help."""

_QUOTE = 'put the text in quotes: `"..."`'
CLOSE_QUOTE = "close it with the same mark; inside '...' a single one is written twice"
CLOSE = "close it; a text that contains ': ', commas, brackets or braces must stand in quotes"
_BACKSLASH = r"write `\\` for a backslash, or put the text in single quotes"
_TEXT_BEGINS = "the text begins here"

# How libyaml's problem begins and its context ends; id, message, help; what the context is worth
# mentioning for.  A problem that says nothing of its own is known by its context alone.
_KNOWN: tuple[tuple[str, str, str, str, str, str | None], ...] = (
    (
        "found unexpected end of stream",
        "quoted scalar",
        "yaml-syntax",
        "this quotation mark is never closed",
        CLOSE_QUOTE,
        None,
    ),
    (
        "found unexpected document indicator",
        "quoted scalar",
        "yaml-syntax",
        "this quotation mark is not closed before the document ends",
        CLOSE_QUOTE,
        None,
    ),
    (
        "found unknown escape character",
        "",
        "yaml-syntax",
        "a backslash and this character are no escape",
        _BACKSLASH,
        _TEXT_BEGINS,
    ),
    (
        "did not find expected hexdecimal number",
        "",
        "yaml-syntax",
        "hexadecimal digits are missing in this escape",
        _BACKSLASH,
        _TEXT_BEGINS,
    ),
    (
        "found invalid Unicode character escape code",
        "",
        "yaml-syntax",
        "this escape is no character",
        _BACKSLASH,
        _TEXT_BEGINS,
    ),
    (
        "mapping values are not allowed",
        "",
        "yaml-syntax",
        "no ': ' can stand here",
        "put a text that contains ': ' in quotes; begin a key in the column of the keys beside it",
        None,
    ),
    (
        "could not find expected ':'",
        "",
        "yaml-syntax",
        "this line is neither a key with its value nor part of the text above it",
        "write `key: value`; begin the further lines of a text deeper than its key",
        None,
    ),
    (
        "block sequence entries are not allowed",
        "",
        "yaml-syntax",
        "no '- ' can stand here",
        "begin a list on the line below its key; put a text that begins with '- ' in quotes",
        None,
    ),
    (
        "mapping keys are not allowed",
        "",
        "yaml-syntax",
        "no '? ' can stand here",
        _QUOTE,
        None,
    ),
    (
        "did not find expected ',' or",
        "flow mapping",
        "yaml-syntax",
        "a ',' or the closing '}' is missing before this",
        CLOSE,
        "the brace is opened here",
    ),
    (
        "did not find expected ',' or",
        "flow sequence",
        "yaml-syntax",
        "a ',' or the closing ']' is missing before this",
        CLOSE,
        "the bracket is opened here",
    ),
    (
        "did not find expected '-' indicator",
        "",
        "yaml-syntax",
        "this is no item of the list that it stands in",
        "begin every item with '- ', in the column of the others",
        "the list begins here",
    ),
    (
        "did not find expected key",
        "",
        "yaml-syntax",
        "this does not continue what stands above it",
        "begin a key in the column of the keys beside it; put a text in quotes as a whole or not at all",
        "the mapping that it stands in begins here",
    ),
    (
        "did not find expected node content",
        "",
        "yaml-syntax",
        "a value is missing before this",
        "write the value; put a text that begins with ',', ']' or '}' in quotes",
        None,
    ),
    (
        "found character that cannot start any token",
        "",
        "yaml-syntax",
        "no text can begin with this character",
        _QUOTE,
        None,
    ),
    (
        "did not find expected <document start>",
        "",
        "yaml-syntax",
        "this stands behind the end of the spec",
        "begin every key of the outermost level in column 1, and leave '...' out",
        None,
    ),
    ("found duplicate %", "", "yaml-directive", *NO_DIRECTIVE, None),
    ("found incompatible YAML document", "", "yaml-directive", *NO_DIRECTIVE, None),
    ("", "a directive", "yaml-directive", *NO_DIRECTIVE, None),
    ("found undefined tag handle", "", "yaml-tag", *NO_TAG, None),
    ("", "a tag", "yaml-tag", *NO_TAG, None),
    ("", "an alias", "yaml-syntax", "no text can begin with '*'", _QUOTE, None),
    ("", "an anchor", "yaml-syntax", "no text can begin with '&'", _QUOTE, None),
    (
        "",
        "a block scalar",
        "yaml-syntax",
        "behind '|' or '>' the line must end",
        "begin the text on the line below, deeper than its key",
        None,
    ),
)
_AT_CONTEXT = ("quoted scalar", "a directive", "a tag", "an alias", "an anchor", "a simple key")
"""Contexts that are the place of the mistake; the problem is where it was noticed."""


def syntax_error(source: Source, error: MarkedYAMLError) -> Diagnostic:
    """The diagnostic for what the parser could not read."""
    from uapigen.secondlook import second_look

    problem, context = error.problem or "", error.context or ""
    if found := _no_key(source, error) or second_look(source, error):
        return found
    if problem.startswith("did not find expected ',' or") and _at_end(source, error.problem_mark):
        place = _span(source, error.context_mark)
        message = f"this '{source.text[place.start]}' is never closed"
        return Diagnostic("yaml-syntax", message, place, help=CLOSE)
    for start, end, id_, message, help_, opening in _KNOWN:
        if problem.startswith(start) and context.endswith(end):
            notes = (Note(opening, _span(source, error.context_mark)),) if opening else ()
            at_context = context.endswith(_AT_CONTEXT) and not notes
            mark = error.context_mark if at_context else error.problem_mark
            return Diagnostic(id_, message, _span(source, mark), help=help_, notes=notes)
    return Diagnostic(
        "yaml-syntax", f"this is no YAML: {problem}", _span(source, error.problem_mark), help=_QUOTE
    )


_NO_KEY = (
    (r" *(/[*/])", "a comment of C is no comment here", "begin a comment with '# '"),
    (r" *(?:- )?[\w-]+(:)[^\s:/]", "a blank is missing behind this colon", "write `key: value`"),
)
"""How a line begins that is no key with its value, and whose text so went on; message and help."""


def _no_key(source: Source, error: MarkedYAMLError) -> Diagnostic | None:
    """What is wrong with the line that the parser took for a text: the one above, or its own."""
    import re

    mark: Any = error.problem_mark
    lines = source.text[: mark.index].split("\n")
    if (error.context or "").endswith("a simple key"):
        mark = error.context_mark
        number = mark.line
    elif (error.problem or "").startswith("mapping values are not allowed"):
        number = mark.line - 1
    else:
        return None
    start = sum(len(line) + 1 for line in lines[:number])
    for pattern, message, help_ in _NO_KEY:
        if number >= 0 and (match := re.match(pattern, lines[number])):
            place = Span(source, start + match.start(1), start + match.end(1))
            return Diagnostic("yaml-syntax", message, place, help=help_)
    return None


def _at_end(source: Source, mark: Any) -> bool:
    return bool(mark.index >= len(source.text.rstrip()))


def _span(source: Source, mark: Any) -> Span:
    """The marked character; where the text has ended, the place behind its last one."""
    index = min(mark.index, len(source.text.rstrip()))
    return Span(source, index, index + 1)
