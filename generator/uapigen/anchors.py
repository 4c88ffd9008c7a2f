"""Where a header has the places that a spec names.

The room of finding: lines of a header go in, the number of a line comes out, behind which a piece goes.  What
a place is follows from the declarations, never from line numbers.  Nothing is changed here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, NoReturn

from uapigen.creader.tokens import Line, Token, closing, logical_lines
from uapigen.diagnostics import Diagnostic, Note, SpecError
from uapigen.model import Anchor, Place
from uapigen.source import Source, Span
from uapigen.wording import closest


class Spot(NamedTuple):
    """Behind which line of a header (counted from 1; 0: before the first) a piece goes, and how it stands.

    ``apart``: an empty line divides it from what is before; ``beneath`` a member, it stands there closely.
    """

    line: int
    apart: bool = True


class _Declared(NamedTuple):
    """A struct, union or enum: tokens of its start, its braces and its end, by their numbers in the text."""

    start: int
    opening: int
    closing: int
    end: int


class Anchors:
    """The declarations of a header, as far as a piece can go beside them."""

    def __init__(self, source: Source, text: str, live: Iterable[str]) -> None:
        """``text`` is that of the source without any generated piece, line for line.

        ``live`` are the names that the header declares for a compiler.  Raises :class:`HeaderError`.
        """
        self._source = source
        self._rows = text.split("\n")
        self._live = frozenset(live)
        self._lines = tuple(logical_lines(text))
        self._code: list[Token] = []
        self._home: list[int] = []
        """The number in ``_lines`` of the line that each token of ``_code`` is on."""
        for number, line in enumerate(self._lines):
            if not _is_directive(line):
                self._code += line.tokens
                self._home += [number] * len(line.tokens)

    def find(self, place: Place, wanted: Span, groups: Sequence[str] = (), *, macros: bool = False) -> Spot:
        """Where a piece goes whose place is asked for at ``wanted``.

        ``groups`` (``PREFIX_*``) are those that its numbers are unique among: behind an anchor, a list of
        such numbers is passed over, so that a new one stands at its end.  ``macros``: the piece has nothing
        else, and may stand inside a struct.  Raises :class:`SpecError` where the header has no such place,
        or several, and :class:`HeaderError`.
        """
        if place.anchor is Anchor.END:
            return self._end(wanted)
        if place.anchor is Anchor.INSIDE:
            return self._beneath(place, wanted)
        after = place.anchor is Anchor.AFTER
        if place.target.startswith("define "):
            first = last = self._define(place.target, wanted)
            start, shared = bisect_left(self._home, first), False
        else:
            declared = self._declared(place.target, wanted)
            start, end = declared.start, declared.end
            first, last = self._home[start], self._home[end]
            shared = self._share_a_line(end, end + 1) if after else self._share_a_line(start - 1, start)
        inside = self._is_inside(start)
        if shared or (inside and not macros):
            self._crowded(
                place,
                "shares its line with other code" if shared else "is inside braces",
                self._lines[last if after else first].tokens[0].line,
                wanted,
            )
        line = self._behind_list(last, groups) if after else self._above(self._top(first, attached=True))
        return self._spot(line, apart=not inside)

    def beside_includes(self, wanted: Span) -> Spot:
        """Behind the first block of ``#include``, or behind the include guard where there is none."""
        for number, line in enumerate(self._lines):
            if _directive(line) == "include":
                last = number
                while last + 1 < len(self._lines) and _directive(self._lines[last + 1]) == "include":
                    last += 1
                return self._spot(self._lines[last].end, apart=False)
        return Spot(self._lines[self._guard(wanted)[0] + 1].end)

    def included(self) -> frozenset[str]:
        """The headers that are included, as ``linux/types.h``."""
        names = (
            "".join(token.text for token in line.tokens[2:])
            for line in self._lines
            if _directive(line) == "include"
        )
        return frozenset(name.strip('<>"') for name in names)

    def _spot(self, line: int, *, apart: bool) -> Spot:
        # An empty line before a piece is taken for a part of it: one that is not goes with another one.
        return Spot(line, apart or not self._rows[line - 1])

    # --- the end ----------------------------------------------------------------------------------

    def _end(self, wanted: Span) -> Spot:
        if any(_words(line)[:3] == ["#", "pragma", "once"] for line in self._lines):
            return Spot(self._above(len(self._rows) + 1))
        return Spot(self._above(self._top(self._guard(wanted)[1], attached=False)))

    def _guard(self, wanted: Span) -> tuple[int, int]:
        """The numbers of the lines that open and close the include guard."""
        lines = self._lines
        if len(lines) < 3 or not _opens_guard(*lines[:2]):
            self._unguarded("no include guard is around the header", lines[0] if lines else None, wanted)
        depth = 0
        for number, line in enumerate(lines):
            directive = _directive(line)
            depth += directive.startswith("if")
            depth -= directive == "endif"
            if depth == 0:
                if number + 1 < len(lines):
                    self._unguarded("this is behind the include guard", lines[number + 1], wanted)
                return 0, number
        return 0, len(lines) - 1

    def _unguarded(self, message: str, line: Line | None, wanted: Span) -> NoReturn:
        span = self._span(line.tokens[0].line if line else 1)
        help_ = "let an #ifndef, a #define and an #endif be around everything that the header says"
        notes = (Note("the place is asked for here", wanted),)
        raise SpecError([Diagnostic("guard-missing", message, span, help=help_, notes=notes)])

    # --- beside a declaration ---------------------------------------------------------------------

    def _define(self, target: str, wanted: Span) -> int:
        name = target.partition(" ")[2]
        found = [number for number, line in enumerate(self._lines) if _defined(line) == name]
        self._check_one(target, [self._lines[number].tokens[0].line for number in found], wanted)
        return found[0]

    def _declared(self, target: str, wanted: Span) -> _Declared:
        """The struct, union or enum that ``target`` names with its keyword."""
        keyword, _, name = target.partition(" ")
        found = [each for each in self._starts() if (each[0], each[1]) == (keyword, name)]
        self._check_one(target, [self._code[start].line for _, _, start, _ in found], wanted)
        _, _, start, opening = found[0]
        end = closed = closing(self._code, opening)
        while end + 1 < len(self._code) and self._code[end].text != ";":
            end += 1
        while start and self._code[start - 1].text not in {";", "{", "}"}:
            start -= 1
        return _Declared(start, opening, closed, end)

    def _starts(self) -> Iterator[tuple[str, str, int, int]]:
        """Each struct, union and enum with a tag: its keyword, its tag, where it starts and is opened."""
        code = self._code
        for start, token in enumerate(code):
            if token.text not in {"struct", "union", "enum"}:
                continue
            at = start + 1
            while at + 1 < len(code) and code[at].text.startswith("__attribute"):
                at = closing(code, at + 1) + 1
            if at + 1 < len(code) and code[at].is_name and code[at + 1].text == "{":
                yield token.text, code[at].text, start, at + 1

    def _check_one(self, target: str, lines: Sequence[int], wanted: Span) -> None:
        """One declaration, and not in code that a condition leaves out.  Raises SpecError."""
        name, path = target.rpartition(" ")[2], self._source.path
        if len(lines) == 1 and name in self._live:
            return
        notes = tuple(Note("it stands here", self._span(line)) for line in lines)
        if len(lines) > 1:
            message = f"'{target}' is declared {len(lines)} times in {path}, so that it is no place"
            help_ = "name a declaration that is there once"
            raise SpecError([Diagnostic("anchor-ambiguous", message, wanted, help=help_, notes=notes)])
        message = f"there is no '{target}' in {path}"
        if lines:
            message = f"'{target}' stands in {path} only where a condition leaves it out"
        elif name in self._live:
            message = f"'{target}' is in {path} only as a part of a generated piece"
        meant = None if lines else closest(target, self._targets())
        help_ = f"did you mean `{meant}`?" if meant else "name a declaration that the header itself has"
        raise SpecError([Diagnostic("anchor-missing", message, wanted, help=help_, notes=notes)])

    def _targets(self) -> Iterator[str]:
        """Everything that a place can name, but for macros that say nothing, as that of the guard."""
        yield from (f"{keyword} {tag}" for keyword, tag, _, _ in self._starts())
        yield from (
            f"define {_defined(line)}" for line in self._lines if len(line.tokens) > 3 and _defined(line)
        )

    def _share_a_line(self, one: int, other: int) -> bool:
        """Whether two tokens are on one line; those that are not there are on none."""
        return one >= 0 and other < len(self._code) and self._home[one] == self._home[other]

    def _is_inside(self, at: int) -> bool:
        """Whether braces are open before a token; those of ``extern "C"`` hold what a file does."""
        depth = 0
        for index, token in enumerate(self._code[:at]):
            if token.text == "{" and not (index and self._code[index - 1].text.startswith('"')):
                depth += 1
            elif token.text == "}":
                depth = max(0, depth - 1)
        return depth > 0

    def _crowded(self, place: Place, why: str, line: int, wanted: Span) -> NoReturn:
        beside = "beneath it" if place.anchor is Anchor.INSIDE else f"{place.anchor.value} it"
        message = f"'{place.target}' {why}, so that nothing can stand {beside}"
        notes = (Note("it is declared here", self._span(line)),)
        help_ = "name another declaration, or give this one lines of its own"
        raise SpecError([Diagnostic("anchor-crowded", message, wanted, help=help_, notes=notes)])

    def _behind_list(self, number: int, groups: Sequence[str]) -> int:
        """Behind a line and the list of a group's numbers that follows it; comments may stand between."""
        starts = tuple(group.removesuffix("*") for group in groups)
        while number + 1 < len(self._lines) and _defined(self._lines[number + 1]).startswith(starts or "#"):
            number += 1
        return self._lines[number].end

    def _top(self, number: int, *, attached: bool) -> int:
        """The first line of what a line of code begins with: a comment that reaches into it.

        ``attached``: also those above it without an empty line between.
        """
        top = line = self._lines[number].tokens[0].line
        first = self._lines[number - 1].end + 1 if number else 1
        gap = "\n".join(self._rows[first - 1 : top])
        at = len(gap)
        for match in reversed([*_COMMENT.finditer(gap)]):
            line -= gap.count("\n", match.end(), at)
            if line < top - attached:
                break
            at = match.start()
            top = line = line - match[0].count("\n")
        return top

    def _above(self, line: int) -> int:
        """The last line before this one that is not empty."""
        while line > 1 and not self._rows[line - 2].strip():
            line -= 1
        return line - 1

    # --- beneath a member -------------------------------------------------------------------------

    def _beneath(self, place: Place, wanted: Span) -> Spot:
        """Behind a member and the macros that stand beneath it already."""
        if not place.target:
            message = "no member takes what is to be `inside`"
            help_ = "write `end`, or `after:` or `before:` with a declaration of the header"
            raise SpecError([Diagnostic("anchor-missing", message, wanted, help=help_)])
        record, _, path = place.target.partition(".")
        declared = self._declared(record, wanted)
        at = self._member(declared.opening, declared.closing, path.split("."))
        if at is None:
            message = f"'{record}' in {self._source.path} has no member '{path}'"
            notes = (Note("it is declared here", self._span(self._code[declared.opening].line)),)
            help_ = "the values go beneath the member that takes them"
            raise SpecError([Diagnostic("anchor-missing", message, wanted, help=help_, notes=notes)])
        if self._share_a_line(at, at + 1):
            self._crowded(place, "shares its line with other code", self._code[at].line, wanted)
        number = self._home[at]
        while _defined(self._lines[number + 1]):
            number += 1
        return self._spot(self._lines[number].end, apart=False)

    def _member(self, opening: int, closed: int, path: Sequence[str]) -> int | None:
        """The token that ends the declaration of a member; what has no name adds nothing to a path."""
        at = start = opening + 1
        brace: tuple[int, int] | None = None
        while at < closed:
            text = self._code[at].text
            if text == "{":
                brace = at, closing(self._code, at)
                at = brace[1]
            elif text == ";":
                names = self._names(brace[1] + 1 if brace else start, at)
                if path[0] in names:
                    if len(path) == 1:
                        return at
                    return self._member(*brace, path[1:]) if brace else None
                inner = self._member(*brace, path) if brace and not names else None
                if inner is not None:
                    return inner
                start, brace = at + 1, None
            at += 1
        return None

    def _names(self, start: int, end: int) -> list[str]:
        """The names that are declared by these tokens: each stands before a mark that ends it."""
        pairs = pairwise(self._code[start : end + 1])
        return [one.text for one, next_ in pairs if one.is_name and next_.text in {";", ",", "[", ":"}]

    def _span(self, line: int) -> Span:
        return self._source.line(line)


_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def _is_directive(line: Line) -> bool:
    return line.tokens[0].text == "#"


def _words(line: Line) -> list[str]:
    return [token.text for token in line.tokens]


def _directive(line: Line) -> str:
    """The name of a directive, "" where the line has none."""
    return line.tokens[1].text if _is_directive(line) and len(line.tokens) > 1 else ""


def _defined(line: Line) -> str:
    """The name of the macro that a line defines, "" where it defines none."""
    return line.tokens[2].text if _directive(line) == "define" and len(line.tokens) > 2 else ""


def _opens_guard(condition: Line, define: Line) -> bool:
    words = _words(condition)
    named = words[2:3] if words[1:2] == ["ifndef"] else words[5:6] if words[1:5] == _NOT_DEFINED else []
    return named == [_defined(define)]


_NOT_DEFINED = ["if", "!", "defined", "("]
