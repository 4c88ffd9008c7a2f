"""Tables of plain text, in the two forms that reStructuredText knows.

The room of columns: how wide each one is and which line of a cell goes where.  What the cells say, and
how a text becomes lines of a given width, is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, permutations, zip_longest

Wrap = Callable[[str, int], list[str]]
Row = Sequence[str]

_GAP = "  "
_NARROWEST = 6
_LONGEST_STEP = 12


def table(header: Row, rows: Sequence[Row], wrap: Wrap, width: int) -> str:
    """A table that is at most ``width`` wide, its cells wrapped by ``wrap``.

    It is a simple table, which reads best, where the first cell of each row can be one line (that is
    what begins a row there) and no word is broken.  Otherwise it is a grid.  All rows have as many cells
    as the header, two or more.  No column is made narrower than 6, whatever ``width`` says.
    """
    cells = (header, *rows)
    one_line = {text: " ".join(wrap(text, 10 * len(text) + 10)) for row in cells for text in row}
    natural, least = _extents(cells, one_line)
    room = width - natural[0] - len(_GAP) * (len(header) - 1)
    is_simple = all(one_line[row[0]] for row in cells) and sum(least[1:]) <= room
    if is_simple:
        widths = [natural[0], *_narrowed(natural[1:], least[1:], room)]
        if sum(widths[1:]) == room:
            widths = _shorter([[one_line[text] for text in row] for row in cells], widths, least)
    else:
        widths = _narrowed(natural, least, width - 3 * len(header) - 1)
    blocks = [
        _block(
            [
                [one_line[text]] if len(one_line[text]) <= column else wrap(text, column)
                for text, column in zip(row, widths, strict=True)
            ],
            widths,
        )
        for row in cells
    ]
    return _simple(blocks, widths) if is_simple else _grid(blocks, widths)


def cut(
    header: Row, rows: Sequence[Row], width: int
) -> list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    """A table with many narrow columns as tables of at most ``width`` that stand beneath each other.

    Each is a header and rows; each has the first column, and as many of the others as there is room for
    when all of these are as wide as the widest: one at least.
    """
    first = max(len(row[0]) for row in (header, *rows))
    column = len(_GAP) + max(len(cell) for row in (header, *rows) for cell in row[1:])
    count = max(1, (width - first) // column)
    return [
        (
            (header[0], *header[start : start + count]),
            tuple((row[0], *row[start : start + count]) for row in rows),
        )
        for start in range(1, len(header), count)
    ]


def _extents(cells: Sequence[Row], one_line: Mapping[str, str]) -> tuple[list[int], list[int]]:
    """The widths of the columns in which each cell is one line, and in which no word is broken."""
    columns = list(zip(*cells, strict=True))
    natural = [max(1, *(len(one_line[text]) for text in column)) for column in columns]
    least = [
        max(min(_NARROWEST, width), *(len(word) for text in column for word in one_line[text].split(" ")))
        for column, width in zip(columns, natural, strict=True)
    ]
    return natural, least


def _narrowed(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widths in ``room``: what is too much is taken from the widest, at last within words."""
    widths = list(natural)
    for floor in (least, [min(width, _NARROWEST) for width in natural]):
        while sum(widths) > room:
            slack = [number for number, width in enumerate(widths) if width > floor[number]]
            if not slack:
                break
            *narrower, widest = sorted(slack, key=lambda number: (widths[number], -number))
            next_ = widths[narrower[-1]] if narrower else 0
            excess = min(sum(widths) - room, widths[widest] - floor[widest], widths[widest] - next_)
            widths[widest] -= max(1, excess)
    return widths


def _shorter(cells: Sequence[Row], widths: Sequence[int], least: Sequence[int]) -> list[int]:
    """The widths after columns gave room to others, as long as that took lines off the table."""
    words = [
        [[len(word) for word in text.split(" ")] for text in column] for column in zip(*cells, strict=True)
    ]
    counted: dict[tuple[int, int], list[int]] = {}

    def height(widths: Sequence[int]) -> int:
        for column, width in enumerate(widths):
            if (column, width) not in counted:
                counted[column, width] = [_line_count(cell, width) for cell in words[column]]
        return sum(map(max, zip(*(counted[each] for each in enumerate(widths)), strict=True)))

    best = list(widths)
    while True:
        others = [
            [width + step * ((number == taker) - (number == giver)) for number, width in enumerate(best)]
            for giver, taker in permutations(range(1, len(best)), 2)
            for step in range(1, min(best[giver] - least[giver], _LONGEST_STEP) + 1)
        ]
        found = min(others, key=height, default=best)
        if height(found) >= height(best):
            return best
        best = found


def _line_count(words: Sequence[int], width: int) -> int:
    """How many lines words of these lengths take."""
    count, room = 1, width + 1
    for word in words:
        if word >= room:
            count, room = count + 1, width + 1
        room -= word + 1
    return count


def _block(wrapped: Sequence[list[str]], widths: Sequence[int]) -> list[list[str]]:
    """The lines of a row, each as the texts of its cells, padded to the column."""
    rows = zip_longest(*wrapped, fillvalue="")
    return [list(map(str.ljust, row, widths)) for row in rows]


def _simple(blocks: Sequence[list[list[str]]], widths: Sequence[int]) -> str:
    """A simple table; blank lines set off the rows that take several lines."""
    border = _GAP.join("=" * width for width in widths)
    head, *body = ("\n".join(_GAP.join(line).rstrip() for line in block) for block in blocks)
    apart = ("\n" * ("\n" in row or "\n" in after) for row, after in pairwise(body))
    rows = (row + blank for row, blank in zip(body, (*apart, ""), strict=True))
    return "\n".join((border, head, border, *rows, border))


def _grid(blocks: Sequence[list[list[str]]], widths: Sequence[int]) -> str:
    """A grid table."""
    rule = "+".join(("", *("-" * (width + 2) for width in widths), ""))
    head, *body = ("\n".join(f"| {' | '.join(line)} |" for line in block) for block in blocks)
    return "\n".join((rule, head, rule.replace("-", "="), f"\n{rule}\n".join(body), rule))
