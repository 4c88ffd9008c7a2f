"""Directives: which lines count, and which macros there are.

The room of the preprocessor, as far as the text alone says.  Nothing is included: a condition that
hangs on what the compiler or another header defines is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from uapigen.creader.tokens import (
    MOST,
    HeaderError,
    Macro,
    Token,
    closing,
    expand,
    logical_lines,
    split_arguments,
)

Decide: TypeAlias = Callable[[list[Token]], int]
"""What gives the value of the expression of an ``#if``."""

_ABSENT = {"__KERNEL__", "__cplusplus", "__ASSEMBLY__", "__ASSEMBLER__"}
"""Names beginning with two underscores that C in user space does not define."""

_IGNORED = {"include", "include_next", "line", "warning", "ident"}
_CONFLICT = {each * 2: [each * 2] * 3 + [each] for each in "<|=>"}
"""How the lines begin, in tokens, between which git leaves what it could not merge: seven times one mark."""

_CONDITIONS = {"if", "ifdef", "ifndef", "elif", "else", "endif"}


class _Branch(NamedTuple):
    """One ``#if`` that is open: ``live`` now, with all around it; ``settled`` when a branch was taken."""

    live: bool
    settled: bool
    line: int


class Directives:
    """The macros of a text, filled while :meth:`tokens` gives the rest of it."""

    def __init__(self, decide: Decide) -> None:
        self.macros: dict[str, Macro] = {}
        self._decide = decide
        self._open: list[_Branch] = []

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens that are no directives, macros without arguments replaced.

        Raises :class:`HeaderError` for a condition that cannot be decided, and an ``#error``.
        """
        lines = [line.tokens for line in logical_lines(text)]
        grown = 0
        for index, line in enumerate(lines):
            if line[0].text in _CONFLICT and [token.text for token in line[:4]] == _CONFLICT[line[0].text]:
                raise HeaderError("this line is left of a merge conflict", line[0].line)
            if line[0].text != "#":
                if self._live:
                    replaced = list(expand(line, self.macros))
                    grown += len(replaced) - len(line)
                    if grown > MOST:
                        raise HeaderError("macros make this text too long to be a header", line[0].line)
                    yield from replaced
            elif len(line) > 1:
                following = lines[index + 1] if index + 1 < len(lines) else []
                self._directive(line[1], line[2:], following)
        if self._open:
            raise HeaderError("this condition has no #endif", self._open[-1].line)

    @property
    def _live(self) -> bool:
        return not self._open or self._open[-1].live

    def _directive(self, name: Token, rest: list[Token], following: list[Token]) -> None:
        if name.text in _CONDITIONS:
            self._condition(name, rest, following)
        elif not self._live or name.text in _IGNORED:
            return
        elif name.text == "define" and rest:
            macro = _macro(rest)
            self.macros[macro.name] = macro
        elif name.text == "undef" and rest:
            self.macros.pop(rest[0].text, None)
        elif name.text == "error":
            raise HeaderError(f"#error {' '.join(token.text for token in rest)}", name.line)
        elif [token.text for token in rest] != ["once"]:
            raise HeaderError(f"'#{name.text}' is not understood", name.line)

    def _condition(self, name: Token, rest: list[Token], following: list[Token]) -> None:
        if name.text.startswith("if"):
            live = self._live and self._holds(name, rest, following)
            self._open.append(_Branch(live, live, name.line))
            return
        if not self._open:
            raise HeaderError(f"'#{name.text}' without an #if", name.line)
        branch = self._open.pop()
        if name.text == "endif":
            return
        live = self._live and not branch.settled and (name.text == "else" or self._holds(name, rest, []))
        self._open.append(_Branch(live, branch.settled or live, branch.line))

    def _holds(self, name: Token, rest: list[Token], following: list[Token]) -> bool:
        if not rest:
            raise HeaderError(f"'#{name.text}' without a condition", name.line)
        if name.text == "ifdef":
            return self._defined(rest[0])
        if name.text == "ifndef":
            guard = [token.text for token in following[:3]] == ["#", "define", rest[0].text]
            return rest[0].text not in self.macros if guard else not self._defined(rest[0])
        condition = list(expand(self._decided(rest), self.macros))
        for token in condition:
            if token.is_name:
                raise HeaderError(f"this text does not say what '{token.text}' is", token.line)
        return self._decide(condition) != 0

    def _decided(self, tokens: list[Token]) -> Iterator[Token]:
        """The tokens with each ``defined`` replaced by 1 or 0."""
        index = 0
        while index < len(tokens):
            token = tokens[index]
            index += 1
            if token.text != "defined":
                yield token
                continue
            operand = [part for part in tokens[index : index + 2] if part.text != "("]
            if not operand or not operand[0].is_name:
                raise HeaderError("'defined' without a name", token.line)
            index += 3 if tokens[index].text == "(" else 1
            yield Token(str(int(self._defined(operand[0]))), token.line)

    def _defined(self, name: Token) -> bool:
        if name.text in self.macros:
            return True
        if name.text.startswith("__") and name.text not in _ABSENT:
            raise HeaderError(f"this text does not say whether '{name.text}' is defined", name.line)
        return False


def _macro(tokens: list[Token]) -> Macro:
    name, body = tokens[0], tokens[1:]
    if not name.is_name:
        raise HeaderError(f"'{name.text}' cannot be a macro", name.line)
    parameters = None
    if body and body[0].text == "(" and body[0].touches:
        end = closing(body, 0)
        parameters = tuple("".join(t.text for t in part) for part in split_arguments(body[1:end]))
        body = body[end + 1 :]
    return Macro(name.text, parameters, tuple(body), name.line)
