"""C text as tokens and macros as token lists.

The room of the lexer: it knows comments, continued lines and what a macro is replaced by, not what a
directive, a declaration or an expression means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class HeaderError(Exception):
    """The text cannot be read; ``line`` counts from 1, 0 where there is no line."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.message = message
        self.line = line
        super().__init__(f"line {line}: {message}" if line else message)


class Token(NamedTuple):
    """A piece of C and the line it begins on; ``touches``: no blank is before it."""

    text: str
    line: int
    touches: bool = False

    @property
    def is_name(self) -> bool:
        """An identifier or a keyword."""
        return self.text[0].isalpha() or self.text[0] == "_"


class Line(NamedTuple):
    """The tokens of a line; ``end`` is the last line of the text that it is carried on to."""

    tokens: list[Token]
    end: int


class Macro(NamedTuple):
    """A ``#define``.  ``parameters`` is None for one that takes no arguments."""

    name: str
    parameters: tuple[str, ...] | None
    body: tuple[Token, ...]
    line: int


_TOKEN = re.compile(
    r"""
      (?P<blank>   (?:[ \t\f\v\r]|\\\r?\n)+ )
    | (?P<newline> \n )
    | (?P<comment> /\*.*?\*/ | //(?:\\\r?\n|[^\n])* )
    | (?P<open>    /\* )
    | (?P<text>    "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' )
    | (?P<number>  \.?[0-9](?:[eEpP][-+]|[\w.])* )
    | (?P<name>    [A-Za-z_]\w* )
    | (?P<mark>    <<= | >>= | \.\.\. | -> | \#\# | << | >> | <= | >= | == | != | && | \|\|
                 | \+\+ | -- | [-+*/%&|^]= | . )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_WORDS = frozenset(("text", "number", "name", "mark"))
_SPANNING = frozenset(("blank", "comment", "newline", "text"))
"""What can have an end of line in it."""

_DEEPEST = 64
"""Macros that are replaced by one another, at most."""

_LONGEST = 20_000
"""Tokens that one line with its macros replaced has, at most."""

MOST = 4_000_000
"""Tokens that the macros of a header bring in, at most, in all its lines together."""

_WIDEST = 4095
"""Characters of a token: as many as C promises for a string (C99 5.2.4.1)."""

_SPLIT_WORD = re.compile(r"\w\\\r?\n\w", re.ASCII)


def logical_lines(text: str) -> Iterator[Line]:
    """Each line that has tokens; a comment or a backslash at its end carries a line on.

    Raises :class:`HeaderError` for a comment that is not closed and a word split over two lines.
    """
    if split := _SPLIT_WORD.search(text):
        raise HeaderError("a word is continued on the next line", text.count("\n", 0, split.start()) + 1)
    line = 1
    tokens: list[Token] = []
    touches = False
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup, match[0]
        if kind in _WORDS:
            if len(piece) > _WIDEST:
                raise HeaderError(f"a word of {len(piece)} characters", line)
            tokens.append(Token(piece, line, touches))
        elif kind == "open":
            raise HeaderError("this comment is not closed", line)
        elif kind == "newline" and tokens:
            yield Line(tokens, line)
            tokens = []
        touches = kind in _WORDS
        if kind in _SPANNING:
            line += piece.count("\n")
    if tokens:
        yield Line(tokens, line)


def expand(tokens: Iterable[Token], macros: Mapping[str, Macro]) -> Iterator[Token]:
    """The tokens with every macro that takes no arguments replaced, as often as C does it.

    What a macro is replaced by stands on the line where the macro is used.  Raises
    :class:`HeaderError` for what no header that is meant to be read contains.
    """
    given = 0
    for start in tokens:
        if start.text not in macros:
            yield start
            continue
        waiting = [(start, frozenset[str]())]
        while waiting:
            token, within = waiting.pop()
            macro = macros.get(token.text)
            if macro is None or macro.parameters is not None or token.text in within:
                given += 1
                yield token
                continue
            if len(within) >= _DEEPEST or given > _LONGEST:
                raise HeaderError("macros are replaced by macros without end", token.line)
            inside = within | {token.text}
            waiting += ((Token(part.text, token.line), inside) for part in reversed(macro.body))


def closing(tokens: list[Token], start: int) -> int:
    """Where the bracket is closed that ``tokens[start]`` opens.  Raises :class:`HeaderError`."""
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index].text in {"(", "[", "{"}:
            depth += 1
        elif tokens[index].text in {")", "]", "}"}:
            depth -= 1
            if depth == 0:
                return index
    raise HeaderError(f"'{tokens[start].text}' is not closed", tokens[start].line)


def split_arguments(tokens: list[Token]) -> list[list[Token]]:
    """The tokens between commas that are outside all brackets; no tokens are no arguments."""
    arguments: list[list[Token]] = [[]] if tokens else []
    depth = 0
    for token in tokens:
        if token.text == "," and depth == 0:
            arguments.append([])
            continue
        depth += (token.text in {"(", "[", "{"}) - (token.text in {")", "]", "}"})
        arguments[-1].append(token)
    return arguments
