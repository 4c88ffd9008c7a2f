"""Decoded bytes on the terminal: offset, bytes, member, and what they say, in columns.

The room of columns, folds and colors.  What there is to print comes from :mod:`uapigen.decode`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from uapigen import ansi
from uapigen.characters import escaped
from uapigen.decode import Kind, Row
from uapigen.folding import fold

_MARK, _GAP = "! ", "  "
_NARROWEST = 20
"""Columns of the texts, at least; and of the members, where that leaves as much for the texts."""
_LINES = 16
"""Lines of an array, of padding, or of what is left of the input."""


def table(rows: Sequence[Row], width: int, *, color: bool) -> Iterator[str]:
    """Lines of at most ``width`` columns: for each row one, for a long one more.  ``!``: it is wrong."""
    columns = _columns(rows, width, color=color)
    for row in rows:
        for number, cell in enumerate(_folded([*_cells(row, columns.bytes)])):
            yield from columns.lines(cell, is_wrong=bool(row.problem), is_first=number == 0)


def legend(rows: Iterable[Row], width: int) -> list[str]:
    """Lines: what C has before the names, and in which members; none where there are no names."""
    members: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.prefix:
            path = re.sub(r"\[\d+\]", "[]", row.path)
            members.setdefault(row.prefix, {}).setdefault(path)
    said = "; ".join(f"{prefix}* in {', '.join(paths)}" for prefix, paths in members.items())
    return fold(f"Names in C: {escaped(said)}", width) if said else []


def said_of(row: Row) -> str:
    """What a row says: the number and its meaning, or what else its bytes are."""
    return escaped(", ".join(filter(None, (_SAID[row.kind](row), row.remark, row.problem))))


# --- texts ----------------------------------------------------------------------------------------


def _number(row: Row) -> str:
    [number] = row.values
    pattern = number & (1 << (row.bits or 8 * row.size)) - 1
    if row.hexadecimal:
        shown = f"{pattern:#x}" if pattern else "0"
        return f"{shown} = {row.names}" if row.names else shown
    if row.names:
        return f"{number} = {row.names}"
    return f"{number} = {pattern:#x}" if abs(number) >= 10 and not row.problem else str(number)


def _numbers(values: Sequence[int], size: int) -> str:
    if len(values) == 1:
        return _number(Row(Kind.NUMBER, 0, b"", "", tuple(values), size))
    return ", ".join(map(str, values))


def _characters(data: bytes) -> str:
    """A string of C; what is behind its end only where that is not zero."""
    text, _, rest = data.partition(b"\0")
    shown = data if any(rest) else text
    return '"' + "".join(map(_character, shown)) + '"'


def _character(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}"


def _gutter(data: bytes) -> str:
    return "|" + "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data) + "|"


def _gap(row: Row) -> str:
    return f"gap of {_counted(row.bits, 'bit')}" if row.bits else "gap"


_SAID: Mapping[Kind, Callable[[Row], str]] = {
    Kind.NUMBER: _number,
    Kind.NUMBERS: lambda row: _numbers(row.values, row.size),
    Kind.BYTES: lambda row: _gutter(row.data),
    Kind.TEXT: lambda row: _characters(row.data),
    Kind.PAD: lambda _: "pad",
    Kind.GAP: _gap,
    Kind.UNION: lambda row: f"one of {_counted(row.values[0], 'alternative')}",
    Kind.FOLDED: lambda row: f"{_counted(row.values[0], 'element')} more, {_counted(len(row.data), 'byte')}",
    Kind.NOTE: lambda _: "",
    Kind.MISSING: lambda _: "",
    Kind.EXTRA: lambda _: "",
}


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" + "s" * (count != 1)


def _label(row: Row) -> str:
    """The member, and which alternative of a union it is in."""
    name = row.path or ("(union)" if row.kind is Kind.UNION else "")
    if row.bits and row.kind is Kind.NUMBER:
        name = f"{name}:{row.bits}"
    number = f"{'.'.join(map(str, row.alternative))}) " if row.alternative else ""
    return escaped(f"{number}{name}").rstrip()


# --- lines ----------------------------------------------------------------------------------------


class _Cell(NamedTuple):
    """What stands in the columns for a row, or for a piece of a long one."""

    at: str
    data: bytes
    label: str
    text: str
    instead: str = ""
    """What is shown for the bytes."""


def _cells(row: Row, count: int) -> Iterator[_Cell]:
    """A row in pieces of ``count`` bytes; numbers stay whole, and one number is one piece."""
    at = f"{row.offset:04x}" + (f":{row.bit}" if row.bits else "")
    label = _label(row)
    if row.kind in {Kind.NUMBER, Kind.FOLDED} or len(row.data) <= count:
        yield _Cell(at, b"" if row.kind is Kind.FOLDED else row.data, label, said_of(row))
        return
    step = max(1, count // row.size) * row.size if row.kind is Kind.NUMBERS else count
    for start in range(0, len(row.data), step):
        data = row.data[start : start + step]
        text = said_of(row) if start == 0 else ""
        if row.kind is Kind.NUMBERS:
            first = start // row.size
            values = row.values[first : first + step // row.size]
            label, text = _slice(row, first, len(values)), _numbers(values, row.size)
        elif row.kind is Kind.BYTES:
            text = _gutter(data)
        yield _Cell(
            f"{row.offset + start:04x}", data, label if start == 0 or row.kind is Kind.NUMBERS else "", text
        )


def _slice(row: Row, first: int, count: int) -> str:
    begin = row.first + first
    which = f"{begin}" if count == 1 else f"{begin}..{begin + count - 1}"
    return _label(row._replace(path=f"{row.path}[{which}]"))


def _widest(row: Row) -> str:
    """The widest label of a row in pieces."""
    return _slice(row, max(0, len(row.values) - 2), 2) if row.kind is Kind.NUMBERS else _label(row)


def _folded(cells: list[_Cell]) -> Iterator[_Cell]:
    """The pieces of a row, without those that are as the one before, and without the end of a long one."""
    shown: list[_Cell] = []
    for data, alike in groupby(cells, key=lambda cell: cell.data):
        first, *more = alike
        shown.append(first)
        if len(more) > 1:
            text = f"{_counted(len(data) * len(more), 'byte')} more, the same"
            shown.append(_Cell(more[0].at, data * len(more), "", text, "*"))
        else:
            shown += more
    yield from shown[:_LINES]
    if len(shown) > _LINES:
        left = b"".join(cell.data for cell in shown[_LINES:])
        yield _Cell(shown[_LINES].at, left, "", f"{_counted(len(left), 'byte')} more", "...")


class _Columns(NamedTuple):
    """How wide the columns are; ``bytes`` is the number of bytes in a line."""

    at: int
    bytes: int
    label: int
    text: int
    color: bool

    def lines(self, cell: _Cell, *, is_wrong: bool, is_first: bool) -> Iterator[str]:
        """The lines of a piece.  A member that is too wide stands above its text, and over that column."""
        labels, texts = [cell.label], fold(cell.text, self.text)
        if len(cell.label) > self.label:
            labels = fold(cell.label, self.label + len(_GAP) + self.text)
            texts = [*[""] * len(labels), *texts]
        pieces = (cell.data[start : start + self.bytes] for start in range(0, len(cell.data), self.bytes))
        shown = [cell.instead] if cell.instead else [piece.hex(" ") for piece in pieces]
        for number, (data, label, text) in enumerate(zip_longest(shown, labels, texts, fillvalue="")):
            is_marked = is_wrong and is_first and number == 0
            line = [
                self._paint(_MARK, ansi.RED) if is_marked else " " * len(_MARK),
                (cell.at if number == 0 else "").ljust(self.at) + _GAP,
                data.ljust(self.hexadecimal) + _GAP,
                self._paint(label, ansi.BOLD),
                " " * (self.label - len(label)) + _GAP if text else "",
                self._paint(text, ansi.RED) if is_wrong else text,
            ]
            yield "".join(line).rstrip()

    @property
    def hexadecimal(self) -> int:
        """Columns of the bytes."""
        return 3 * self.bytes - 1

    def _paint(self, text: str, color: str) -> str:
        return ansi.painted(text, color) if self.color and text else text


def _columns(rows: Sequence[Row], width: int, *, color: bool) -> _Columns:
    """As many bytes in a line as are needed and as leave room for members and texts."""
    longest = max((len(_widest(row)) for row in rows), default=0)
    digits = [4, *(len(f"{row.offset + len(row.data):x}") for row in rows)]
    at = max(digits) + 2 * any(row.bits for row in rows)
    needed = max((len(row.data) for row in rows), default=0)
    found = _Columns(at, 1, 0, 0, color)
    for count in (8, 4, 2, 1):
        rest = width - len(_MARK) - at - 3 * len(_GAP) - (3 * count - 1)
        label = max(0, min(longest, rest - _NARROWEST))
        found = _Columns(at, count, label, rest - label, color)
        if count // 2 < needed and (count < 8 or label >= min(longest, _NARROWEST)):
            break
    return found
