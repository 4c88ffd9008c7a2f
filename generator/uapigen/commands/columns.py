"""Text for people on the terminal: a word and a text beside it in each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from uapigen.folding import fold

GAP = "  "


def columns(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """A word and a text in each row, the texts beneath each other; a text of several lines hangs."""
    found = [*rows]
    first = max((len(head) for head, _ in found), default=0)
    # Where the first column is too wide to leave room for the texts, they have lines of their own.
    beside = first <= width // 2
    indent = len(GAP) + (first + len(GAP) if beside else 2 * len(GAP))
    for head, text in found:
        lines = fold(text, width - indent)
        if beside:
            yield f"{GAP}{head:<{first}}{GAP}{lines[0] if lines else ''}".rstrip()
        else:
            yield from (GAP + line for line in fold(head, width - len(GAP)))
        yield from (" " * indent + line for line in (lines[1:] if beside else lines))
