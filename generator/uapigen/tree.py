"""The tree that a spec is read into: text with places, not yet typed.

The room of syntax.  Every scalar is kept as the text that was written; what it means is decided by
the schema.  Nothing that knows a key's name may enter.
"""

from __future__ import annotations

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


class Mapping(Record):
    """Keys and values in the order in which they were written; keys are unique."""

    entries: dict[str, tuple[Scalar, Node]]
    span: Span

    def get(self, key: str) -> Node | None:
        """The value of ``key``, or None."""
        entry = self.entries.get(key)
        return entry[1] if entry else None

    def where(self, key: str | None = None) -> Span:
        """The place of the value of ``key``, or of the whole where there is none."""
        entry = self.entries.get(key) if key is not None else None
        return entry[1].span if entry else self.span


Node: TypeAlias = Scalar | Sequence | Mapping
