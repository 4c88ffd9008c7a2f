"""Where something stands: the text of an input and places in it.

The room of locations.  A :class:`Span` is two numbers and a reference; line, column and the caret
are worked out when a message is printed, never before.  Reading files does not belong here.
"""

from __future__ import annotations

from typing import NamedTuple

from uapigen.record import ValueRecord


class Source(ValueRecord):
    """A text that was read.

    ``path`` is the name that the user gave, for messages only; lines of ``text`` end in line feeds.
    """

    path: str
    text: str

    def line(self, number: int) -> Span:
        """A line, counted from 1; 0 and lines that are not there are the start of the text."""
        begins = 0
        for _ in range(number - 1):
            newline = self.text.find("\n", begins)
            if newline < 0:
                return Span(self, 0, 0)
            begins = newline + 1
        end = self.text.find("\n", begins)
        return Span(self, begins, len(self.text) if end < 0 else end)


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
        text = self.source.text
        begin = text.rfind("\n", 0, self.start) + 1
        end = text.find("\n", self.start)
        line = text[begin:] if end < 0 else text[begin:end]
        return Position(text.count("\n", 0, self.start) + 1, self.start - begin + 1, line)
