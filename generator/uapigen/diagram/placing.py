"""Which box of a grid of two columns stands where, so that the lines between them are short.

The room of one search.  It tries to exchange boxes as long as that makes the lines cheaper, from a few
orders to begin with, and takes the best: the same for the same input, and never long.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple


class Cell(NamedTuple):
    """A place in the grid: ``column`` is 0 or 1."""

    row: int
    column: int


def place(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, Cell]:
    """The cell of each box; ``pairs`` are the ends of the lines.  Boxes without a line come last."""
    ends = {name for source, target in pairs if source != target for name in (source, target)}
    joined = [name for name in names if name in ends]
    orders = [joined, *(_reached(first, joined, pairs) for first in joined)]
    if len(joined) <= _SEARCHED:
        orders = [_improved(order, pairs) for order in orders]
    best = min(orders, key=lambda order: _cost(order, pairs))
    alone = [name for name in names if name not in ends]
    return {name: Cell(*divmod(number, 2)) for number, name in enumerate([*best, *alone])}


_SEARCHED = 12
"""With more boxes than that the search takes too long; they are taken in the best of the first orders."""


def _reached(first: str, names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The boxes in the order in which lines lead to them from one on; what they do not lead to comes last."""
    order = [first]
    for name in order:  # which grows meanwhile
        near = (other for pair in pairs if name in pair for other in pair)
        order += [other for other in dict.fromkeys(near) if other not in order]
    return [*order, *(name for name in names if name not in order)]


def _improved(order: list[str], pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The order after every exchange of two that makes it cheaper."""
    best, cost = order, _cost(order, pairs)
    improving = True
    while improving:
        improving = False
        for one, other in combinations(range(len(order)), 2):
            tried = [*best]
            tried[one], tried[other] = tried[other], tried[one]
            if (now := _cost(tried, pairs)) < cost:
                best, cost, improving = tried, now, True
    return best


def _cost(order: Sequence[str], pairs: Sequence[tuple[str, str]]) -> int:
    at = {name: number for number, name in enumerate(order)}
    return sum(_length(at[source], at[target]) for source, target in pairs if source != target)


def _length(one: int, other: int) -> int:
    """How dear a line is: what runs through the middle costs more, what runs around most."""
    rows = abs(one // 2 - other // 2)
    if one % 2 == other % 2:
        return 1 if rows == 1 else 4 + rows
    return 1 if rows == 0 else 2 + rows
