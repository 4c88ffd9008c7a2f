"""Literals of Python as source text, laid out as formatters lay them out.

The room of brackets, commas and line breaks.  What the literals mean is not known here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from uapigen.escape import python_string
from uapigen.model import Prose

WIDTH = 100

_INDENT = 4


class Block(NamedTuple):
    """Items between brackets, each with what stands before it: ``name=``, ``key: `` or nothing."""

    opening: str
    items: tuple[tuple[str, Node], ...]
    closing: str
    separator: str = ","


Node: TypeAlias = "str | Block"


def quoted(text: str) -> str:
    """A string literal."""
    return python_string(text)


def text(prose: Prose) -> Node:
    """A string literal on one or several lines."""
    whole = " ".join(prose.text.split())
    pieces = textwrap.wrap(
        whole, WIDTH - 20, drop_whitespace=False, break_long_words=False, break_on_hyphens=False
    )
    if len(pieces) < 2:
        return quoted(whole)
    return Block("(", tuple(("", quoted(piece)) for piece in pieces), ")", separator="")


def call(function: str, *arguments: Node, **named: Node | None) -> Block:
    """A call; what is named and None is left out."""
    given = tuple((f"{name}=", value) for name, value in named.items() if value is not None)
    return Block(f"{function}(", (*(("", argument) for argument in arguments), *given), ")")


def several(items: Iterable[Node]) -> Block:
    """A tuple."""
    return Block("(", tuple(("", item) for item in items), ")")


def mapping(entries: Mapping[str, Node]) -> Block:
    """A dict of expressions."""
    return Block("{", tuple((f"{key}: ", value) for key, value in entries.items()), "}")


def import_line(module: str, names: Iterable[str]) -> str:
    """The import of names, on several lines where they do not fit on one."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return source(Block("(", tuple(("", name) for name in names), ")"), f"from {module} import ")


def source(node: Node, before: str = "", indent: int = 0, after: str = "") -> str:
    """The text of a node between ``before`` and ``after``, on one line where it fits, else an item a line."""
    return "\n".join(_lines(node, before, after, " " * indent))


def _lines(node: Node, before: str, after: str, indent: str) -> list[str]:
    if isinstance(node, str) or not node.items:
        return [indent + before + (node if isinstance(node, str) else node.opening + node.closing) + after]
    room = WIDTH - len(indent + before + after)
    if node.separator and (flat := _flat(node, room)) is not None:
        return [indent + before + flat + after]
    lines = [indent + before + node.opening]
    for prefix, item in node.items:
        lines += _lines(item, prefix, node.separator, indent + " " * _INDENT)
    return [*lines, indent + node.closing + after]


def _flat(node: Node, room: int) -> str | None:
    """The node on one line, None where it is longer than ``room``: most of what is large shows it soon."""
    if isinstance(node, str):
        return node if len(node) <= room else None
    items = []
    left = room
    for prefix, item in node.items:
        flat = _flat(item, left - len(prefix))
        if flat is None:
            return None
        items.append(prefix + flat)
        left -= len(items[-1])
    lone = node.opening == "(" and len(node.items) == 1 and node.separator
    whole = f"{node.opening}{f'{node.separator} '.join(items)}{',' if lone else ''}{node.closing}"
    return whole if len(whole) <= room else None
