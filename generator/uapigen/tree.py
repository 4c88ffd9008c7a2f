"""The tree that a spec is read into: text with places, not yet typed.

The room of syntax.  Every scalar is kept as the text that was written; what it means is decided by
the schema.  Nothing that knows a key's name may enter.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from uapigen.record import Record
from uapigen.source import Span


class Scalar(NamedTuple):
    """A text.  ``plain``: it was written without quotes and not as a block."""

    text: str
    span: Span
    plain: bool


class Sequence(Record):
    """A list of nodes."""

    items: tuple[Node, ...]
    span: Span

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


_FIRST_KEY, _FIRST_VALUE, _STEP = 2, 5, 6
"""Where the numbers of the first key and of the first value are, and how far it is to the next ones."""


class Mapping:
    """Keys and values in the order in which they were written; keys are unique.

    A spec has so many texts in mappings that they are kept without what a :class:`Scalar` is besides; one
    is made when it is asked for.
    """

    __slots__ = ("_nodes", "_places", "_source")

    def __init__(self, entries: Entries, span: Span) -> None:
        """``entries`` has the nodes of the key and of its value."""
        self._source = span.source
        self._nodes = {
            text: node.text if isinstance(node, Scalar) else node for text, (_, node) in entries.items()
        }
        # Start and end of the whole; then start, end and whether it is plain of each key and each value.
        places = [span.start, span.end]
        for key, node in entries.values():
            is_plain = isinstance(node, Scalar) and node.plain
            places += (key.span.start, key.span.end, key.plain, node.span.start, node.span.end, is_plain)
        self._places = array("I", places)

    @property
    def span(self) -> Span:
        """The place of the whole."""
        return Span(self._source, self._places[0], self._places[1])

    @property
    def entries(self) -> Entries:
        """The nodes of each key and of its value, by the key's text."""
        return {
            text: (
                self._scalar(text, _FIRST_KEY + _STEP * number),
                self._node(node, _FIRST_VALUE + _STEP * number),
            )
            for number, (text, node) in enumerate(self._nodes.items())
        }

    def __contains__(self, key: str) -> bool:
        """Whether there is a key."""
        return key in self._nodes

    def get(self, key: str) -> Node | None:
        """The value of ``key``, or None."""
        node = self._nodes.get(key)
        return None if node is None else self._node(node, self._place_of(key))

    def where(self, key: str | None = None) -> Span:
        """The place of the value of ``key``, or of the whole where there is none."""
        at = self._place_of(key) if key in self._nodes else 0
        return Span(self._source, self._places[at], self._places[at + 1])

    def _place_of(self, key: str) -> int:
        return _FIRST_VALUE + _STEP * list(self._nodes).index(key)

    def _node(self, node: str | Sequence | Mapping, at: int) -> Node:
        return self._scalar(node, at) if isinstance(node, str) else node

    def _scalar(self, text: str, at: int) -> Scalar:
        start, end, plain = self._places[at : at + 3]
        return Scalar(text, Span(self._source, start, end), bool(plain))


Node: TypeAlias = Scalar | Sequence | Mapping

Entries: TypeAlias = dict[str, tuple[Scalar, Node]]
"""The nodes of each key and of its value, by the key's text."""

Mark: TypeAlias = tuple[str, int]
"""What tells a node from every other one of its tree, keys apart; the same node may be made anew."""


def mark(node: Node) -> Mark:
    """The mark of a node."""
    return (type(node).__name__, node.span.start)
