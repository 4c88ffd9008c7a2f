"""pycparser, called piece by piece.

The room of the parser.  Its time grows faster than its input, so that each declaration and each
expression is parsed alone; of the types that others declared it is told the names that occur.  Lines
in a syntax tree are counted from 1, the line of its first token.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from pycparser import c_ast, c_parser

from uapigen.creader.tokens import HeaderError, Token, closing, split_arguments
from uapigen.creader.values import Node

_PLACE = re.compile(r"[^:]*:(?:(\d+):(?:\d+:)?)?\s*(.*)", re.DOTALL)
_SIZED = {"_IOR", "_IOW", "_IOWR"}


class Parsed:
    """The declarations of a text; what is written alike in one that was read before is not parsed again."""

    def __init__(self, before: Parsed | None) -> None:
        self._before = dict(before._found) if before else {}
        self._found: dict[str, list[Node]] = {}

    def declaration(self, tokens: Iterable[Token], types: Collection[str]) -> list[Node]:
        """The nodes of one declaration, which has no attributes and no semicolon at its end.

        ``types`` are the names of types that are known.  Raises :class:`HeaderError`.
        """
        listed = list(tokens)
        declared = {listed[-1].text} if listed[0].text == "typedef" else set()
        text = _text([*listed, Token(";", listed[-1].line)], types, declared)
        # Taken out, because a declaration that comes twice is two.
        self._found[text] = nodes = self._before.pop(text, None) or _parse(text, listed[0].line)
        return nodes


def parse_expression(tokens: Iterable[Token], types: Collection[str]) -> Node:
    """The node of one expression; in ioctl numbers a type becomes its size, attributes are left out.

    Raises :class:`HeaderError`.
    """
    listed = list(_with_sizes(list(_without_attributes(list(tokens)))))
    if len(listed) == 1 and listed[0].text[0].isdigit():
        # Most macros are one number: that needs no parser.
        return c_ast.Constant("int", listed[0].text)
    line = listed[0].line if listed else 0
    head = [Token(text, line) for text in ("int", "value", "=", "(")]
    nodes = _parse(_text([*head, *listed, Token(")", line), Token(";", line)], types, ()), line)
    if len(nodes) != 1:
        raise HeaderError("this is no expression", line)
    return nodes[0].init


@cache
def _parser() -> c_parser.CParser:
    """One parser for all pieces: pycparser before 3.0 loads its tables for each one that is made."""
    return c_parser.CParser()


def _parse(text: str, first: int) -> list[Node]:
    """The nodes of a text of :func:`_text`, which begins on this line of the header."""
    try:
        tree = _parser().parse(text, "header")
    except (c_parser.ParseError, AssertionError) as error:
        # Before 3.0, an assertion of pycparser's own fails on some texts that are no C.
        place = _PLACE.fullmatch(str(error))
        line, message = (int(place[1] or 1), place[2]) if place else (1, "this is no C")
        raise HeaderError(f"pycparser does not understand this: {message}", first + line - 1) from error
    except RecursionError as error:
        raise HeaderError("this is nested too deeply", first) from error
    types = text.partition("#")[0]
    nodes: list[Node] = tree.ext[types.count(",") + bool(types) :]
    return nodes


def _text(tokens: list[Token], types: Collection[str], declared: Collection[str]) -> str:
    """The types that are used on a line, then the tokens on lines as they are in the header."""
    used = {token.text for token in tokens if token.text in types and token.text not in declared}
    pieces = [f"typedef int {', '.join(sorted(used))};\n#line 1\n" if used else "#line 1\n"]
    line = tokens[0].line
    for token in tokens:
        if token.line > line:
            pieces.append("\n" * (token.line - line))
            line = token.line
        pieces.append(token.text)
    return " ".join(pieces)


def _without_attributes(tokens: list[Token]) -> Iterator[Token]:
    end = 0
    for index, token in enumerate(tokens):
        if token.text == "__attribute__" and index + 1 < len(tokens):
            end = closing(tokens, index + 1) + 1
        if index >= end:
            yield token


def _with_sizes(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with the type in each ``_IOR(type, nr, struct x)`` replaced by its size."""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        yield token
        index += 1
        if token.text not in _SIZED or index == len(tokens) or tokens[index].text != "(":
            continue
        end = closing(tokens, index)
        arguments = split_arguments(tokens[index + 1 : end])
        if len(arguments) == 3:
            size = [
                Token("sizeof", token.line),
                Token("(", token.line),
                *arguments[2],
                Token(")", token.line),
            ]
            comma = Token(",", token.line)
            yield from (tokens[index], *arguments[0], comma, *arguments[1], comma, *size, tokens[end])
            index = end + 1
