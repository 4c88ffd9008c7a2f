"""Where something stands: the text of an input and places in it.

The room of locations.  A :class:`Span` is two numbers and a reference; line, column and the caret
are worked out when a message is printed, never before.  Reading files does not belong here.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from uapigen.record import ValueRecord


class Source(ValueRecord):
    """A text that was read.

    ``path`` is the name that the user gave, for messages only; lines of ``text`` end in line feeds.
    """

    path: str
    text: str

    @cached_property
    def _feeds(self) -> Sequence[int]:
        """Where the line feeds are.  Some ask for the lines of all elements."""
        return array("I", (match.start() for match in re.finditer("\n", self.text)))

    def line(self, number: int) -> Span:
        """A line, counted from 1; 0 is the first one too.  One that is not there is the start of the text."""
        feeds, number = self._feeds, max(number, 1)
        if number > len(feeds) + 1:
            return Span(self, 0, 0)
        begin = feeds[number - 2] + 1 if number > 1 else 0
        end = feeds[number - 1] if number <= len(feeds) else len(self.text)
        return Span(self, begin, end)

    def number(self, offset: int) -> int:
        """The number of the line that has a character, counted from 1."""
        return bisect_left(self._feeds, offset) + 1


class Position(NamedTuple):
    """A place for people: line and column, both counted from 1, and the line itself."""

    line: int
    column: int
    text: str


class Span(NamedTuple):
    """A stretch of a source: character offsets, ``end`` not included."""

    source: Source
    start: int
    end: int

    def position(self) -> Position:
        """Line, column and line text of the first character."""
        number = self.source.number(self.start)
        line = self.source.line(number)
        return Position(number, self.start - line.start + 1, self.source.text[line.start : line.end])
