"""Byte maps, read back from their characters alone.

Shares nothing with what draws: bytes are found by the numbers above and the offsets at the left, walls are
looked for between them, and what no wall parts is one cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple


class Entry(NamedTuple):
    """A member as it is named in a cell: what stands behind its colon, and how it is marked."""

    name: str
    note: str = ""
    access: str = ""


class ReadCell(NamedTuple):
    """The bytes from ``first`` to before ``end``, None where that is left open; ``fill``: ``/`` or ``.``."""

    first: int
    end: int | None
    entries: tuple[Entry, ...]
    fill: str = ""


class ReadMap(NamedTuple):
    """The cells in the order of their bytes, and members that have none, with their offsets."""

    cells: tuple[ReadCell, ...]
    empty: tuple[tuple[int, Entry], ...]


class UnreadableError(Exception):
    """Something is drawn that does not say one thing."""


class _Piece(NamedTuple):
    """What a row has of a cell, between two walls."""

    row: int
    left: int
    right: int


class _Row:
    """A row: its offset, None where it is torn; its lines of text; the line of its upper border."""

    def __init__(self, offset: int | None, rule: int | None) -> None:
        self.offset = offset
        self.rule = rule
        self.lines: list[int] = []


class _Sheet:
    """The characters of a map."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        centers = {int(found[0]): found.start() for found in re.finditer(r"\d", lines[0])}
        corners = [found.start() for found in re.finditer(r"\+", lines[1])]
        first = min(centers)
        self.pitch = centers[first + 1] - centers[first] if len(centers) > 1 else corners[1] - corners[0]
        self.zero = centers[first] - self.pitch // 2 - first * self.pitch
        self.columns = max(centers) + 1
        if centers != {at: self.x(at) + self.pitch // 2 for at in range(first, self.columns)}:
            raise UnreadableError("the numbers above are not above the bytes")
        self.rows: list[_Row] = []
        self.notes: list[tuple[int, list[str]]] = []
        self._check_corners()
        self._read_rows()

    def _check_corners(self) -> None:
        for y, line in enumerate(self.lines):
            for x in (found.start() for found in re.finditer(r"\+", line)):
                across = self.at(x - 1, y) + self.at(x + 1, y)
                upright = self.at(x, y - 1) + self.at(x, y + 1)
                if not (set(across) & set("-") and set(upright) & set("|>~")):
                    raise UnreadableError(f"no corner is at {x},{y}")

    def x(self, column: int) -> int:
        return self.zero + column * self.pitch

    def at(self, x: int, y: int) -> str:
        return self.lines[y][x] if 0 <= y < len(self.lines) and 0 <= x < len(self.lines[y]) else " "

    def between(self, column: int, y: int) -> str:
        """What is between the places of two walls."""
        return "".join(self.at(x, y) for x in range(self.x(column) + 1, self.x(column + 1)))

    def is_rule(self, y: int) -> bool:
        return any(
            not self.between(column, y).strip("-")
            for column in range(self.columns)
            if "-" in self.between(column, y)
        )

    def _read_rows(self) -> None:
        rule: int | None = None
        for y, line in enumerate(self.lines[1:], 1):
            offset = re.match(r"0x([0-9a-f]+) ", line)
            if offset and self.at(self.zero, y) not in "|> ":
                self.notes.append((int(offset[1], 16), [line[self.zero :]]))
            elif self.notes:
                self.notes[-1][1].append(line[self.zero :])
            elif offset:
                self.rows.append(_Row(int(offset[1], 16), rule))
                self.rows[-1].lines.append(y)
                rule = None
            elif "~" in line:
                self.rows.append(_Row(None, rule))
                self.rows[-1].lines.append(y)
                rule = None
            elif self.is_rule(y):
                rule = y
            else:
                self.rows[-1].lines.append(y)

    # --- pieces and cells -------------------------------------------------------------------------

    def pieces(self) -> Iterator[_Piece]:
        for number, row in enumerate(self.rows):
            walls = [c for c in range(self.columns + 1) if self.at(self.x(c), row.lines[0]) in "|>~"]
            for left, right in pairwise(walls):
                yield _Piece(number, left, right)

    def joined(self, above: _Piece, below: _Piece) -> bool:
        """Whether two pieces of rows that follow each other are one cell."""
        rule = self.rows[below.row].rule
        common = range(max(above.left, below.left), min(above.right, below.right))
        if rule is None:
            return bool(common)
        parted = {self.between(column, rule) == "-" * (self.pitch - 1) for column in common}
        if len(parted) > 1:
            raise UnreadableError("a border ends within a cell")
        if parted == {False}:
            for column in common:
                if self.between(column, rule).strip("/.") not in {"", " " * (self.pitch - 1)}:
                    raise UnreadableError("a border is broken")
            return True
        if common or below.left or above.right != self.columns:
            return False
        marks = self.at(self.x(above.right), self.rows[above.row].lines[0]) + self.at(
            self.x(below.left), self.rows[below.row].lines[0]
        )
        if marks.count(">") == 1:
            raise UnreadableError("a member goes on, but nowhere to")
        return marks == ">>"

    def cells(self) -> Iterator[ReadCell]:
        groups: list[list[_Piece]] = []
        for piece in self.pieces():
            into = [
                group
                for group in groups
                if any(other.row + 1 == piece.row and self.joined(other, piece) for other in group)
            ]
            if len(into) > 1:
                raise UnreadableError("two cells run into each other")
            if into:
                into[0].append(piece)
            else:
                groups.append([piece])
        for group in groups:
            yield self._cell(group)

    def _cell(self, group: Sequence[_Piece]) -> ReadCell:
        begin, last = self.rows[group[0].row].offset, self.rows[group[-1].row].offset
        if begin is None:
            raise UnreadableError("a cell begins in a torn row")
        end = None if last is None else last + group[-1].right
        size = sum(piece.right - piece.left for piece in group)
        torn = [at for at, piece in enumerate(group) if self.rows[piece.row].offset is None]
        for at in torn:
            if end is not None:
                before, after = self.rows[group[at - 1].row].offset, self.rows[group[at + 1].row].offset
                if before is None or after is None:
                    raise UnreadableError("two torn rows")
                size += after - before - 2 * self.columns
        first = begin + group[0].left
        if end is not None and end - first != size:
            raise UnreadableError(f"a cell from {first} to {end} has {size} bytes")
        inner = [
            "".join(self.at(x, y) for x in range(self.x(piece.left) + 1, self.x(piece.right)))
            for piece in group
            for y in self.rows[piece.row].lines
        ]
        if all(set(line) == {"."} for line in inner):
            return ReadCell(first, end, (), ".")
        if any("/" in line for line in inner):
            return ReadCell(first, end, tuple(entries([line.strip("/") for line in inner])), "/")
        return ReadCell(first, end, tuple(entries(inner)))


_ACCESS = re.compile(r"(?:^|(?<= ))(ro|wo|rw)$")


def entries(lines: Sequence[str]) -> Iterator[Entry]:
    """The members that are named in a cell."""
    found: Entry | None = None
    for line in filter(None, map(str.strip, lines)):
        access = (_ACCESS.search(line) or [""])[0]
        text = line.removesuffix(access).strip() if access else line
        if found and not text and not found.access:
            found = found._replace(access=access)
            continue
        if found and not found.access and not found.note:
            name = _continued(found.name, text)
            if name:
                found = _entry(name, access)
                continue
        if found:
            yield found._replace(name=found.name.removesuffix(":"))
        found = _entry(text, access)
    if found:
        yield found._replace(name=found.name.removesuffix(":"))


def _entry(text: str, access: str) -> Entry:
    if text in {"union of", "union", "any"}:
        return Entry("", "union of", access)
    name, colon, note = text.partition(": ")
    return Entry(name, note, access) if colon else Entry(text, "", access)


def _continued(name: str, text: str) -> str:
    """The name with what follows it in the next line; empty where that is something else."""
    if name.endswith("-"):
        return name[:-1] + text
    if name.endswith(":"):
        return f"{name} {text}"
    return name + text if text[:1] in {"_", ".", "[", ","} else ""


def read(lines: Sequence[str]) -> ReadMap:
    """What a map shows.  Raises UnreadableError where it does not say one thing."""
    sheet = _Sheet(lines)
    cells = tuple(sorted(sheet.cells()))
    for one, other in pairwise(cells):
        if one.end != other.first:
            raise UnreadableError(f"bytes {one.end} to {other.first} are not drawn, or twice")
    empty = [(offset, entry) for offset, said in sheet.notes for entry in entries(said)]
    return ReadMap(cells, tuple(empty))
