"""Tokens as declarations that pycparser takes.

The room of what pycparser does not know.  Attributes are taken out: those of a type are kept beside
the declaration under its tag, those of a member become an ``_Alignas`` behind its type, which
pycparser keeps with the member.  A struct without a tag gets one that C cannot have.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import pairwise
from typing import NamedTuple

from uapigen.creader.tokens import HeaderError, Token, closing, split_arguments

UNTAGGED = "$"
"""What a tag begins with that the text does not have."""

PACKED = "__packed__"
"""What ``_Alignas`` has for a packed member."""

_HARMLESS = {
    *(
        "const",
        "cold",
        "counted_by",
        "deprecated",
        "designated_init",
        "format",
        "gnu_inline",
        "always_inline",
    ),
    *("may_alias", "noinline", "nonstring", "noreturn", "pure", "unused", "used", "warn_if_not_aligned"),
}
"""Attributes that move nothing."""

_DROPPED = {
    "__extension__",
    "__restrict",
    "__restrict__",
    "__volatile__",
    "__bitwise",
    "__bitwise__",
    "__user",
}
"""Words that move nothing."""
_FOREIGN = {'"', "'", "@", "`", "\\"}
"""What is no token by itself; of a string that is not closed the quotation mark is left."""

_ATTRIBUTE = {"__attribute__", "__attribute"}
_OPENED_BY = {")": "(", "]": "[", "}": "{"}
_RECORDS = {"struct", "union"}
_DECLARING = {"typedef", "struct", "union", "enum"}
_QUALIFIERS = {"const", "volatile", "typedef", "static", "extern", "inline"}
_KEYWORDS = {
    *("void", "char", "short", "int", "long", "signed", "unsigned", "float", "double", "_Bool"),
    *("enum", "_Alignas", "_Static_assert"),
}
"""What a declaration can begin with besides the name of a type."""


class Attributes(NamedTuple):
    """What attributes do to a type: ``aligned`` are the tokens of each alignment that is asked for."""

    packed: bool = False
    aligned: tuple[tuple[Token, ...], ...] = ()


NO_ATTRIBUTES = Attributes()


class Declaration(NamedTuple):
    """One declaration without attributes.

    ``types`` has those of each struct and union by tag, ``own`` those of the declared names.  ``tags``
    gives the line of each tag that is declared, ``named`` are the names that stand for a type.
    """

    tokens: tuple[Token, ...]
    types: dict[str, Attributes]
    own: Attributes
    tags: dict[str, int]
    named: Set[str]

    @property
    def line(self) -> int:
        """The line of its first token."""
        return self.tokens[0].line


def declarations(tokens: Iterator[Token], first: int = 0) -> Iterator[Declaration]:
    """The declarations of types, in order.  Functions, prototypes and variables are passed over.

    ``first`` is the number of the first struct without a tag.  Raises :class:`HeaderError`.
    """
    for chunk in _chunks(tokens):
        if chunk[0].text in _DECLARING:
            declaration = _Reader(chunk, first).read()
            first += sum(tag.startswith(UNTAGGED) for tag in declaration.tags)
            yield declaration
        else:
            _check_passed_over(chunk)


def _chunks(tokens: Iterator[Token]) -> Iterator[list[Token]]:
    """The tokens between semicolons outside all brackets; a function ends with its body."""
    chunk: list[Token] = []
    open_: list[Token] = []
    function = False
    for token in tokens:
        if token.text in _DROPPED:
            continue
        if token.text in _FOREIGN:
            raise HeaderError(f"a {token.text} that is not closed, or is none of C", token.line)
        if token.text == "{" and not open_:
            function = _is_function(chunk)
        _follow(open_, token)
        chunk.append(token)
        if not open_ and (token.text == ";" or (function and token.text == "}")):
            if len(chunk) > 1 and not function:
                yield chunk[:-1]
            chunk, function = [], False
    if open_:
        raise HeaderError(f"'{open_[-1].text}' is not closed", open_[-1].line)
    if chunk:
        raise HeaderError("this declaration has no ';' at its end", chunk[0].line)


def _check_passed_over(chunk: list[Token]) -> None:
    """Raise :class:`HeaderError` for what begins or goes on as no function and no variable does."""
    if not chunk[0].is_name:
        raise HeaderError(f"no declaration begins with '{chunk[0].text}'", chunk[0].line)
    for before, token in pairwise(chunk):
        if token.text[0].isdigit() and before.text[0].isdigit():
            raise HeaderError(f"no declaration has '{token.text}' behind '{before.text}'", token.line)


def _is_function(before: list[Token]) -> bool:
    """Whether a brace behind these tokens opens the body of a function."""
    return bool(before) and before[-1].text == ")" and before[0].text not in _DECLARING


def _follow(open_: list[Token], token: Token) -> None:
    """Keep account of the brackets that are open."""
    if token.text in {"(", "[", "{"}:
        open_.append(token)
    elif token.text in {")", "]", "}"} and (not open_ or open_.pop().text != _OPENED_BY[token.text]):
        raise HeaderError(f"'{token.text}' closes nothing", token.line)


class _Frame:
    """Braces that are open; ``tag`` is that of the struct they belong to, None for all others.

    Of the member that is being read, ``type_end`` is where its type ends in the output, None before
    it; ``names`` is how many it declares, ``alignas`` is what its attributes become.
    """

    def __init__(self, tag: str | None) -> None:
        self.tag = tag
        self.begin()

    def begin(self) -> None:
        """Begin with the next member."""
        self.type_end: int | None = None
        self.names = 1
        self.alignas: list[Token] = []


class _Reader:
    """What turns the tokens of one declaration into a :class:`Declaration`."""

    def __init__(self, chunk: list[Token], untagged: int) -> None:
        self.chunk = chunk
        self.untagged = untagged
        self.at = 0
        self.brackets = 0
        self.output: list[Token] = []
        self.frames = [_Frame(None)]
        self.types: dict[str, Attributes] = {}
        self.tags: dict[str, int] = {}
        self.own = NO_ATTRIBUTES
        self.named: set[str] = set()

    def read(self) -> Declaration:
        while self.at < len(self.chunk):
            text = self.chunk[self.at].text
            if text in _ATTRIBUTE:
                self._member_attributes()
            elif text in _RECORDS or text == "enum":
                self._tagged()
            elif text == "}":
                self._close()
            else:
                self._plain(self.chunk[self.at])
        return Declaration(tuple(self.output), self.types, self.own, self.tags, self.named)

    def _is_next(self, text: str) -> bool:
        return self.at < len(self.chunk) and self.chunk[self.at].text == text

    def _plain(self, token: Token) -> None:
        frame = self.frames[-1]
        if token.text == ";":
            # Behind the type: in front of it, older versions of pycparser take only keywords for one.
            self.output[frame.type_end : frame.type_end] = frame.alignas
            frame.begin()
        self.output.append(token)
        self.at += 1
        self.brackets += (token.text in {"(", "["}) - (token.text in {")", "]"})
        if token.text == "{":
            self.frames.append(_Frame(None))
        elif token.text == "," and not self.brackets:
            frame.names += 1
            self._check_one_name(token)
        elif frame.type_end is None and token.is_name and token.text not in _QUALIFIERS:
            frame.type_end = len(self.output)
            if token.text not in _KEYWORDS and (frame.tag is not None or len(self.frames) == 1):
                self.named.add(token.text)

    def _tagged(self) -> None:
        """``struct``, ``union`` or ``enum``, its attributes and tag, and the brace that opens its body."""
        keyword = self.chunk[self.at]
        self.output.append(keyword)
        self.at += 1
        attributes = self._attributes()
        tag = None
        if self.at < len(self.chunk) and self.chunk[self.at].is_name:
            tag = self.chunk[self.at].text
            self.at += 1
        elif keyword.text in _RECORDS:
            tag = f"{UNTAGGED}{self.untagged}"
            self.untagged += 1
        if tag is not None:
            self.output.append(Token(tag, keyword.line))
        self.frames[-1].type_end = len(self.output)
        if self._is_next("{"):
            self._open(keyword, tag, attributes)

    def _open(self, keyword: Token, tag: str | None, attributes: Attributes) -> None:
        self.output.append(self.chunk[self.at])
        self.at += 1
        if tag is None or keyword.text == "enum":
            self.frames.append(_Frame(None))
            return
        if tag in self.tags:
            raise HeaderError(f"'{tag}' is declared inside itself", keyword.line)
        self.frames.append(_Frame(tag))
        self.types[tag] = attributes
        self.tags[tag] = keyword.line

    def _close(self) -> None:
        tag = self.frames.pop().tag
        self.output.append(self.chunk[self.at])
        self.frames[-1].type_end = len(self.output)
        line = self.chunk[self.at].line
        self.at += 1
        attributes = self._attributes()
        if tag is not None:
            self.types[tag] = _both(self.types[tag], attributes)
        elif attributes != NO_ATTRIBUTES:
            raise HeaderError("an enum with another size than int is not understood", line)

    def _member_attributes(self) -> None:
        """Attributes of a member go into its type, those outside all braces to the declared names."""
        token = self.chunk[self.at]
        attributes = self._attributes()
        frame = self.frames[-1]
        if len(self.frames) == 1:
            self.own = _both(self.own, attributes)
        elif attributes != NO_ATTRIBUTES:
            if frame.tag is None:
                raise HeaderError("this attribute of an enumerator is not understood", token.line)
            frame.alignas += _alignas(attributes, token.line)
            self._check_one_name(token)

    def _check_one_name(self, token: Token) -> None:
        frame = self.frames[-1]
        if frame.alignas and frame.names > 1:
            raise HeaderError("an attribute among several members of one declaration", token.line)

    def _attributes(self) -> Attributes:
        """The attributes that stand here; goes behind them."""
        found = NO_ATTRIBUTES
        while self.at < len(self.chunk) and self.chunk[self.at].text in _ATTRIBUTE:
            token = self.chunk[self.at]
            inner = self.chunk[self.at + 1 : self.at + 3]
            if [part.text for part in inner] != ["(", "("]:
                raise HeaderError("'__attribute__' without '(('", token.line)
            outer_end = closing(self.chunk, self.at + 1)
            for attribute in split_arguments(self.chunk[self.at + 3 : closing(self.chunk, self.at + 2)]):
                if attribute:
                    found = _both(found, _attribute(attribute))
            self.at = outer_end + 1
        return found


def _both(one: Attributes, other: Attributes) -> Attributes:
    return Attributes(one.packed or other.packed, one.aligned + other.aligned)


def _attribute(tokens: list[Token]) -> Attributes:
    name = tokens[0].text.strip("_")
    if name == "packed":
        return Attributes(packed=True)
    if name == "aligned" and len(tokens) > 3:
        return Attributes(aligned=(tuple(tokens[2:-1]),))
    if name not in _HARMLESS:
        raise HeaderError(f"the attribute '{name}' is not understood", tokens[0].line)
    return NO_ATTRIBUTES


def _alignas(attributes: Attributes, line: int) -> list[Token]:
    contents = [*attributes.aligned, *([(Token(PACKED, line),)] if attributes.packed else [])]
    tokens = []
    for content in contents:
        tokens += [Token("_Alignas", line), Token("(", line), *content, Token(")", line)]
    return tokens
