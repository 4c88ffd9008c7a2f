"""Where something stands: the text of an input and places in it.

The room of locations.  A :class:`Span` is two numbers and a reference; line, column and the caret
are worked out when a message is printed, never before.  Reading files does not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """A text that was read.

    ``path`` is the name that the user gave, for messages only; ``text`` has ``\\n`` line ends.
    """

    path: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Position:
    """A place for people: line and column, both counted from 1, and the line itself."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source: character offsets, ``end`` not included."""

    source: Source = field(repr=False)
    start: int
    end: int

    def position(self) -> Position:
        """Line, column and line text of the first character."""
        text = self.source.text
        begin = text.rfind("\n", 0, self.start) + 1
        end = text.find("\n", self.start)
        line = text[begin:] if end < 0 else text[begin:end]
        return Position(text.count("\n", 0, self.start) + 1, self.start - begin + 1, line)
