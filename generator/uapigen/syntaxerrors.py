"""What libyaml says, in words for someone who writes a spec.

The room of translation: from the parser's problem to a diagnostic.  No parsing happens here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uapigen.diagnostics import Diagnostic, Note
from uapigen.source import Source, Span

if TYPE_CHECKING:
    from yaml.error import MarkedYAMLError

_QUOTE = 'put the text in quotes: "..."'
_COLON = "a text that contains ': ' must stand in quotes; a key must stand deeper than the one above it"

# What the problem starts with; what the context ends with; id; message; help; what the context is.
_KNOWN = (
    (
        "found unexpected end of stream",
        "quoted scalar",
        "yaml-syntax",
        "this quotation mark is never closed",
        "close it with the same mark; inside '...' a single one is written twice",
        None,
    ),
    (
        "found unexpected document indicator",
        "quoted scalar",
        "yaml-syntax",
        "this quotation mark is not closed before the end of the document",
        "close it with the same mark; inside '...' a single one is written twice",
        None,
    ),
    (
        "found unknown escape character",
        "",
        "yaml-syntax",
        "no such escape: a backslash is special in double quotes",
        r"write `\\` for a backslash, or use single quotes",
        "the text begins here",
    ),
    (
        "did not find expected hexdecimal number",
        "",
        "yaml-syntax",
        "hexadecimal digits must follow here",
        r"write `\\` for a backslash, or use single quotes",
        "the text begins here",
    ),
    (
        "found invalid Unicode character escape code",
        "",
        "yaml-syntax",
        "this escape is no character",
        r"write `\\` for a backslash, or use single quotes",
        "the text begins here",
    ),
    ("mapping values are not allowed", "", "yaml-syntax", "no ':' can stand here", _COLON, None),
    (
        "could not find expected ':'",
        "",
        "yaml-syntax",
        "a line that is neither a key nor part of the text above it",
        "write `key: value`; the further lines of a text must stand deeper than its key",
        None,
    ),
    (
        "block sequence entries are not allowed",
        "",
        "yaml-syntax",
        "no '- ' can stand here",
        "begin a list on a line of its own, below its key; a text that begins with '- ' must stand in quotes",
        None,
    ),
    (
        "mapping keys are not allowed",
        "",
        "yaml-syntax",
        "no '? ' can stand here",
        "a text that begins with '? ' must stand in quotes",
        None,
    ),
    (
        "did not find expected ',' or",
        "flow mapping",
        "yaml-syntax",
        "a ',' or the closing '}' is missing before this",
        "close the braces; a text that contains ': ', brackets or braces must stand in quotes",
        "the braces open here",
    ),
    (
        "did not find expected ',' or",
        "flow sequence",
        "yaml-syntax",
        "a ',' or the closing ']' is missing before this",
        "close the brackets; a text that contains ': ', brackets or braces must stand in quotes",
        "the brackets open here",
    ),
    (
        "did not find expected '-' indicator",
        "",
        "yaml-syntax",
        "this is no item of the list that it stands in",
        "begin each item with '- ', all in the same column",
        "the list begins here",
    ),
    (
        "did not find expected key",
        "",
        "yaml-syntax",
        "this does not continue what stands above it",
        "begin all keys of an element in the same column; quote a text as a whole or not at all",
        "the element begins here",
    ),
    (
        "did not find expected node content",
        "",
        "yaml-syntax",
        "a value is missing before this",
        _QUOTE,
        None,
    ),
    (
        "found character that cannot start any token",
        "",
        "yaml-syntax",
        "no text begins like this",
        _QUOTE,
        None,
    ),
    (
        "found unknown directive name",
        "",
        "yaml-directive",
        "directives are not used here",
        "remove the line",
        None,
    ),
    ("found duplicate %", "", "yaml-directive", "directives are not used here", "remove the line", None),
    (
        "found incompatible YAML document",
        "",
        "yaml-directive",
        "directives are not used here",
        "remove the line",
        None,
    ),
    ("", "directive", "yaml-directive", "directives are not used here", "remove the line", None),
    ("", "an alias", "yaml-syntax", "a text cannot begin with '*'", _QUOTE, None),
    ("", "an anchor", "yaml-syntax", "a text cannot begin with '&'", _QUOTE, None),
    ("found undefined tag handle", "", "yaml-tag", "tags are not used here", "remove it, or " + _QUOTE, None),
    ("", "a tag", "yaml-tag", "tags are not used here", "remove it, or " + _QUOTE, None),
    (
        "did not find expected <document start>",
        "",
        "yaml-syntax",
        "this stands after the end of what the file holds",
        "a spec is one mapping: every key of the outermost level begins in column 1",
        None,
    ),
    (
        "",
        "block scalar",
        "yaml-syntax",
        "after '|' or '>' the text begins on the next line",
        "begin the text on the next line, deeper than its key; or " + _QUOTE,
        None,
    ),
)
_AT_CONTEXT = ("quoted scalar", "directive", "an alias", "an anchor", "a tag")
_MISSING_COLON = "could not find expected ':'"


def syntax_error(source: Source, error: MarkedYAMLError) -> Diagnostic:
    """The diagnostic for what the parser could not read."""
    problem, context = error.problem or "", error.context or ""
    for start, end, id_, message, help_, opening in _KNOWN:
        if problem.startswith(start) and context.endswith(end):
            at_context = context and (end in _AT_CONTEXT or start == _MISSING_COLON)
            mark = error.context_mark if at_context else error.problem_mark
            notes = (
                [Note(opening, _span(source, error.context_mark))] if opening and error.context_mark else []
            )
            return Diagnostic(id_, message, _span(source, mark), help=help_, notes=tuple(notes))
    return Diagnostic(
        "yaml-syntax", f"this is no YAML: {problem}", _span(source, error.problem_mark), help=_QUOTE
    )


def _span(source: Source, mark: object) -> Span:
    """The marked character; where the text has ended, the place behind its last one."""
    index: int = min(getattr(mark, "index", 0), len(source.text.rstrip()))
    return Span(source, index, index + 1)
