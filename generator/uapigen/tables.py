"""Tables of plain text, in the two forms that reStructuredText knows.

The room of columns: how wide each one is and which line of a cell goes where.  What the cells say, and
how a text becomes lines of a given width, is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Wrap = Callable[[str, int], list[str]]
Row = Sequence[str]

_GAP = "  "
_NARROWEST = 6


def table(header: Row, rows: Sequence[Row], wrap: Wrap, width: int) -> str:
    """A table that is at most ``width`` wide, its cells wrapped by ``wrap``.

    It is a simple table, which reads best, where the first cell of each row can be one line (that is
    what begins a row there) and no word is broken.  Otherwise it is a grid.  All rows have as many cells
    as the header, two or more.  No column is made narrower than 6, whatever ``width`` says.
    """
    cells = (header, *rows)
    first = max(_natural(row[0], wrap) for row in cells)
    room = width - first - len(_GAP) * (len(header) - 1)
    rest = [row[1:] for row in cells]
    if all(row[0] for row in cells) and sum(_least(rest, wrap)) <= room:
        return _simple(cells, (first, *_widths(rest, wrap, room)), wrap)
    return _grid(cells, _widths(cells, wrap, width - 3 * len(header) - 1), wrap)


def _natural(text: str, wrap: Wrap) -> int:
    """The width of the text in one line."""
    return sum(len(word) + 1 for word in _words(text, wrap)) - 1 if text else 0


def _words(text: str, wrap: Wrap) -> list[str]:
    """The words of the text as they are printed."""
    return [word for line in wrap(text, 10 * len(text) + 10) for word in line.split(" ")]


def _widths(cells: Sequence[Row], wrap: Wrap, room: int) -> list[int]:
    """How wide the columns are: what is too much is taken from the widest, at last within words."""
    columns = list(zip(*cells, strict=True))
    widths = [max(1, *(_natural(text, wrap) for text in column)) for column in columns]
    for least in (_least(cells, wrap), [min(width, _NARROWEST) for width in widths]):
        while sum(widths) > room:
            slack = [number for number, width in enumerate(widths) if width > least[number]]
            if not slack:
                break
            widths[max(slack, key=lambda number: widths[number])] -= 1
    return widths


def _least(cells: Sequence[Row], wrap: Wrap) -> list[int]:
    """How wide the columns must be, so that no word is broken."""
    return [
        max(
            min(_NARROWEST, max(_natural(text, wrap) for text in column)),
            *(len(word) for text in column for word in _words(text, wrap)),
        )
        for column in zip(*cells, strict=True)
    ]


def _blocks(row: Row, widths: Sequence[int], wrap: Wrap) -> list[list[str]]:
    """The lines of a row, each as the texts of its cells, padded to the column."""
    wrapped = [wrap(text, width) for text, width in zip(row, widths, strict=True)]
    height = max(1, *map(len, wrapped))
    return [
        [
            (lines[number] if number < len(lines) else "").ljust(width)
            for lines, width in zip(wrapped, widths, strict=True)
        ]
        for number in range(height)
    ]


def _simple(cells: Sequence[Row], widths: Sequence[int], wrap: Wrap) -> str:
    """A simple table; where a row takes several lines, blank lines set the rows apart."""
    border = _GAP.join("=" * width for width in widths)
    head, *body = (
        "\n".join(_GAP.join(line).rstrip() for line in _blocks(row, widths, wrap)) for row in cells
    )
    between = "\n\n" if any("\n" in text for text in body) else "\n"
    return "\n".join((border, head, border, between.join(body), border))


def _grid(cells: Sequence[Row], widths: Sequence[int], wrap: Wrap) -> str:
    """A grid table."""
    rule = "+".join(("", *("-" * (width + 2) for width in widths), ""))
    head, *body = (
        "\n".join(f"| {' | '.join(line)} |" for line in _blocks(row, widths, wrap)) for row in cells
    )
    return "\n".join((rule, head, rule.replace("-", "="), f"\n{rule}\n".join(body), rule))
