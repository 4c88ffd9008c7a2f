"""Drawings of boxes and lines, read back from their characters alone.

Shares nothing with what draws: boxes are looked for, lines are followed from where they leave a box to
where they enter one, and at the end no character may be left over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TURNS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
_HEADS = {">": (1, 0), "<": (-1, 0), "v": (0, 1), "^": (0, -1)}


class ReadBox(NamedTuple):
    """A box: the cells of its corners, the lines of text in it."""

    left: int
    top: int
    right: int
    bottom: int
    texts: tuple[str, ...]
    dashed: bool


class ReadLine(NamedTuple):
    """A line from one box to another, with the number that is written on it."""

    number: str
    source: tuple[str, ...]
    target: tuple[str, ...]


class UnreadableError(Exception):
    """Something is drawn that does not say one thing."""


class Sheet:
    """The characters of a drawing."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.boxes = tuple(self._boxes())
        self._used: dict[tuple[int, int], set[tuple[int, bool]]] = {}
        self._lines = 0

    def at(self, x: int, y: int) -> str:
        inside = 0 <= y < len(self.lines) and 0 <= x < len(self.lines[y])
        return self.lines[y][x] if inside else " "

    def arcs(self) -> list[ReadLine]:
        """The lines; every character outside the boxes must belong to one, or to two where they cross."""
        found = [self._follow(box, *start) for box in self.boxes for start in self._starts(box)]
        for y, line in enumerate(self.lines):
            for x, character in enumerate(line):
                if character != " " and (x, y) not in self._used and not self._in_box(x, y):
                    raise UnreadableError(f"{character!r} at {x},{y} belongs to no line")
        for (x, y), users in self._used.items():
            crossing = self.at(x, y) == "|" and sorted(across for _, across in users) == [False, True]
            if len({line for line, _ in users}) > 1 and not crossing:
                raise UnreadableError(f"lines merge at {x},{y}")
        return found

    def _in_box(self, x: int, y: int) -> bool:
        return any(box.left <= x <= box.right and box.top <= y <= box.bottom for box in self.boxes)

    def _boxes(self) -> Iterator[ReadBox]:
        for top, line in enumerate(self.lines):
            for left, character in enumerate(line):
                if character == "+":
                    yield from self._box(left, top)

    def _box(self, left: int, top: int) -> Iterator[ReadBox]:
        right = self.lines[top].find("+", left + 1)
        border = self.lines[top][left + 1 : right]
        if right < 0 or not self._is_border(border):
            return
        bottom = top + 1
        while self.at(left, bottom) in "|:" and self.at(right, bottom) in "|:":
            bottom += 1
        if bottom > top + 1 and self.lines[bottom][left : right + 1] == f"+{border}+":
            inner = [self.lines[y][left + 1 : right].strip() for y in range(top + 1, bottom)]
            texts = tuple(text for text in inner if text)
            yield ReadBox(left, top, right, bottom, texts, " " in border)

    @staticmethod
    def _is_border(border: str) -> bool:
        solid, dashed = "-" * len(border), (" -" * len(border))[: len(border)]
        return bool(border) and border in {solid, dashed}

    def _starts(self, box: ReadBox) -> Iterator[tuple[int, int, str]]:
        for y in range(box.top + 1, box.bottom):
            if self.at(box.right + 1, y) == "-":
                yield box.right + 1, y, "right"
            if self.at(box.left - 1, y) == "-":
                yield box.left - 1, y, "left"
        for x in range(box.left + 1, box.right):
            if self.at(x, box.bottom + 1) == "|":
                yield x, box.bottom + 1, "down"
            if self.at(x, box.top - 1) == "|":
                yield x, box.top - 1, "up"

    def _follow(self, box: ReadBox, x: int, y: int, way: str) -> ReadLine:
        self._lines += 1
        dx, dy = _TURNS[way]
        numbers: list[str] = []
        while self.at(x, y) not in _HEADS:
            character = self.at(x, y)
            self._use(x, y, dx, dy)
            if character == "+":
                dx, dy = self._turn(x, y, dx, dy)
                self._use(x, y, dx, dy)
            elif character.isdigit():
                x, y = self._number(x, y, dx, dy, numbers)
            elif character not in ("-|" if dx else "|"):
                raise UnreadableError(f"{character!r} at {x},{y} ends a line")
            x, y = x + dx, y + dy
        self._use(x, y, dx, dy)
        if _HEADS[self.at(x, y)] != (dx, dy):
            raise UnreadableError(f"the head at {x},{y} points elsewhere")
        target = self._box_at(x + dx, y + dy)
        if len(set(numbers)) != 1:
            raise UnreadableError(f"a line has the numbers {numbers}")
        return ReadLine(numbers[0], box.texts, target.texts)

    def _use(self, x: int, y: int, dx: int, dy: int) -> None:
        self._used.setdefault((x, y), set()).add((self._lines, dx != 0))

    def _turn(self, x: int, y: int, dx: int, dy: int) -> tuple[int, int]:
        """The only way on from a corner."""
        ways = [(0, -1), (0, 1)] if dx else [(-1, 0), (1, 0)]
        joins = "|+" if dx else "-+"
        found = [way for way in ways if self.at(x + way[0], y + way[1]) in joins]
        if len(found) != 1:
            raise UnreadableError(f"the corner at {x},{y} leads {len(found)} ways")
        return found[0]

    def _number(self, x: int, y: int, dx: int, dy: int, numbers: list[str]) -> tuple[int, int]:
        """Take the number that is written on the line here; where the line goes on."""
        first = last = x
        while dx < 0 and self.at(first - 1, y).isdigit():
            first -= 1
        while dx >= 0 and self.at(last + 1, y).isdigit():
            last += 1
        numbers.append(self.lines[y][first : last + 1])
        for each in range(first, last + 1):
            if each != x:
                self._use(each, y, dx, dy)
        return (first if dx < 0 else last, y) if dx else (x, y)

    def _box_at(self, x: int, y: int) -> ReadBox:
        for box in self.boxes:
            on_side = x in {box.left, box.right} and box.top < y < box.bottom
            on_top = y in {box.top, box.bottom} and box.left < x < box.right
            if on_side or on_top:
                return box
        raise UnreadableError(f"a line ends at {x},{y}, where no box is")
