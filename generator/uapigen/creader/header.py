"""What a header declares, and how its text becomes that.

The room of the names: which struct, macro and enumerator there is, and on which line.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from uapigen.abi import ABIS, Abi
from uapigen.creader.declarations import UNTAGGED, Attributes, Declaration, declarations
from uapigen.creader.directives import Directives
from uapigen.creader.layout import (
    Alike,
    Declared,
    Enumerator,
    Layout,
    Table,
    Target,
    TypeAttributes,
    enumerators,
)
from uapigen.creader.parsing import Parsed, parse_expression
from uapigen.creader.scalars import MACROS
from uapigen.creader.tokens import HeaderError, Macro, Token, expand
from uapigen.creader.values import Node, NotConstantError, evaluate, whole

_MOST = 200_000
"""Tokens that macros are replaced by, at most, when the values of all are worked out."""


class Header:
    """What a header declares.

    ``structs`` are the tags of its structs and unions, ``unions`` those of the latter, ``macros`` its
    macros by name (also those that are no number), ``enumerators`` the names of its enums' values;
    ``lines`` gives the line of each of these and of each typedef and enum tag.
    """

    def __init__(
        self,
        table: Table,
        macros: Mapping[str, Macro],
        given: frozenset[str],
        parsed: Parsed,
        before: Header | None,
    ) -> None:
        """Use :func:`read_header`; ``given`` are names that do not belong to the header."""
        self.lines = {name: line for name, line in _lines(table, macros).items() if name not in given}
        self.structs = tuple(tag for tag in table.records if tag in self.lines)
        self.enumerators = tuple(name for name in table.enumerators if name in self.lines)
        self.macros = {name: macro for name, macro in macros.items() if name in self.lines}
        self.unions = frozenset(
            tag for tag in self.structs if type(table.records[tag].node).__name__ == "Union"
        )
        self.parsed = parsed
        self._table = table
        self._all_macros = macros
        self._expressions: dict[str, Node] = {}
        self._grown = 0
        self._targets: dict[str, Target] = {}
        self._common: dict[tuple[int, int], Target] = {}
        self._shared: dict[Layout, Layout] = {}
        self._before = before if before and table.lays_out_as(before._table) else None

    def layout(self, struct: str, abi: Abi) -> Layout:
        """Size, alignment and members of a struct or union.

        Paths are dotted; what is anonymous adds nothing to a path and has no entry of its own; a
        member whose type has a tag is one entry.  Raises KeyError where there is no such struct, and
        :class:`HeaderError` where its layout cannot be known.
        """
        line = self._table.records[struct].line
        try:
            return self._target(abi).record(struct)
        except NotConstantError as error:
            raise HeaderError(str(error), line) from error
        except RecursionError as error:
            raise HeaderError(f"'{struct}' is nested too deeply", line) from error

    def constants(self, abi: Abi) -> dict[str, int]:
        """The value of every enumerator and macro that is a constant integer expression.

        Raises :class:`HeaderError` where the macros replace each other more often than in any header.
        """
        target = self._target(abi)
        values = {}
        for name in (*self.enumerators, *self.macros):
            macro = self.macros.get(name)
            if self._grown > _MOST:
                raise HeaderError("macros make this text too long to be a header", self.lines[name])
            try:
                if macro is None:
                    values[name] = target.named(name).number
                elif macro.parameters is None and macro.body:
                    values[name] = evaluate(self._expression(macro), target).number
            except (NotConstantError, HeaderError, RecursionError):
                continue
        return values

    def _expression(self, macro: Macro) -> Node:
        """What the macro is replaced by; None where that is no expression."""
        if macro.name not in self._expressions:
            node = None
            with suppress(HeaderError):
                tokens = list(expand([Token(macro.name, macro.line)], self._all_macros))
                self._grown += len(tokens) - 1
                if self._grown <= _MOST:
                    node = parse_expression(tokens, self._table.types())
            self._expressions[macro.name] = node
        return self._expressions[macro.name]

    def _target(self, abi: Abi) -> Target:
        if abi.name not in self._targets:
            alignments = (abi.align64, abi.max_alignment)
            if alignments not in self._common:
                self._common[alignments] = Target(Alike(abi), self._table, self._shared)
            target = Target(abi, self._table, self._shared, self._common[alignments])
            if self._before:
                target.layouts.update(self._before._target(abi).layouts)
            self._targets[abi.name] = target
        return self._targets[abi.name]


def read_header(text: str, prelude: str = "", before: Header | None = None) -> Header:
    """Read a header.

    ``prelude`` is C text that declares what the header takes from others; its names are known while
    the header is read, and are not the header's.  Where much is as in a header that was read
    ``before``, less is to do.  Raises :class:`HeaderError`.
    """
    reader = _Reader(Parsed(before.parsed if before else None))
    reader.read(MACROS)
    reader.read(prelude)
    given = frozenset(_lines(reader.table, reader.directives.macros))
    reader.read(text)
    return Header(reader.table, reader.directives.macros, given, reader.parsed, before)


def _lines(table: Table, macros: Mapping[str, Macro]) -> dict[str, int]:
    """The line of each name; where a tag and another name are alike, that of the other."""
    declared = (table.records, table.enums, table.typedefs, table.enumerators, macros)
    return {
        name: item.line for names in declared for name, item in names.items() if not name.startswith(UNTAGGED)
    }


def _decide(tokens: list[Token]) -> int:
    """The value of the expression of an ``#if``, which has nothing but numbers."""
    nothing = Target(ABIS["x86-64"], Table())
    return whole(parse_expression(tokens, ()), nothing, tokens[0].line)


class _Reader:
    """What fills a :class:`Table`."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.table = Table()
        self.directives = Directives(_decide)
        self.untagged = 0

    def read(self, text: str) -> None:
        for declaration in declarations(self.directives.tokens(text), self.untagged):
            self.untagged += sum(tag.startswith(UNTAGGED) for tag in declaration.tags)
            types = self.table.types() | declaration.named
            for node in self.parsed.declaration(declaration.tokens, types):
                name = type(node).__name__
                if name == "Typedef":
                    own = self._attributes(declaration.own)
                    self.table.typedefs[node.name] = Declared(node.type, declaration.line, own)
                if name in {"Typedef", "Decl"}:
                    try:
                        self._type(node.type, declaration)
                    except RecursionError as error:
                        raise HeaderError("this is nested too deeply", declaration.line) from error

    def _type(self, node: Node, declaration: Declaration) -> None:
        """Take up the structs and enums that are declared within a type."""
        name = type(node).__name__
        if name in {"TypeDecl", "PtrDecl", "ArrayDecl"}:
            self._type(node.type, declaration)
        elif name in {"Struct", "Union"} and node.decls is not None:
            known = self.table.records.get(node.name)
            if known and known.node is node:
                return
            if known:
                raise HeaderError(f"'{node.name}' is declared twice", declaration.tags[node.name])
            attributes = self._attributes(declaration.types[node.name])
            self.table.records[node.name] = Declared(
                node, declaration.tags[node.name], attributes, declaration.line - 1
            )
            for member in node.decls:
                if type(member).__name__ == "Decl":
                    self._type(member.type, declaration)
        elif name == "Enum" and node.values is not None:
            self._enum(node, declaration.line - 1)

    def _enum(self, node: Node, before: int) -> None:
        """Take up an enum; ``before`` is the number of lines before its declaration."""
        if node.name is not None:
            self.table.enums[node.name] = Declared(node, before + node.coord.line)
        after: str | None = None
        for item in enumerators(node):
            line = before + item.coord.line
            if item.name in self.table.enumerators:
                raise HeaderError(f"'{item.name}' is declared twice", line)
            self.table.enumerators[item.name] = Enumerator(item.value, line, after)
            after = item.name

    def _attributes(self, attributes: Attributes) -> TypeAttributes:
        types = self.table.types()
        nodes = tuple(parse_expression(tokens, types) for tokens in attributes.aligned)
        return TypeAttributes(attributes.packed, nodes)
