"""Lines and columns of places.

The room of counting: offsets become numbers for people and programs here and nowhere else.
"""

from __future__ import annotations

from bisect import bisect_right

from uapigen.source import Source, Span


class Places:
    """Where offsets lie; the lines of a source are counted once for all of them."""

    def __init__(self) -> None:
        self._starts: dict[Source, list[int]] = {}

    def line(self, source: Source, offset: int) -> tuple[int, int]:
        """The number of the line, from 1, and the offset at which it begins."""
        starts = self._starts.get(source)
        if starts is None:
            starts = self._starts[source] = _line_starts(source)
        number = bisect_right(starts, offset)
        return number, starts[number - 1]

    def region(self, span: Span) -> tuple[int, int, int, int]:
        """Line and column of the first character and of the one behind the last, all from 1.

        Columns are counted in Unicode code points.  Blanks and line ends at the end of a place are no part
        of it, unless it has nothing else; what lies behind the text is taken for its end.
        """
        source, start = span.source, span.start
        whole = max(start, min(span.end, len(source.text)))
        end = whole
        while end > start and source.text[end - 1].isspace():
            end -= 1
        if end == start:
            end = whole
        (first, begin), (last, behind) = self.line(source, start), self.line(source, end)
        return first, start - begin + 1, last, end - behind + 1


def _line_starts(source: Source) -> list[int]:
    starts = [0]
    for line in source.text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts[:-1]
