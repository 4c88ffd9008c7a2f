"""How findings are printed.

The room of the text that people read.  Nothing is judged here, and nothing is written to a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from uapigen import ansi
from uapigen.characters import escaped
from uapigen.diagnostics import Diagnostic
from uapigen.folding import fold
from uapigen.places import Places
from uapigen.source import Span

WIDTH = 100
"""Columns of a source line that are printed at most."""

_DOTS = "..."
_COLORS = {"error": ansi.RED, "warning": ansi.MAGENTA, "note": ansi.CYAN}


def format_text(
    diagnostics: Iterable[Diagnostic],
    color: bool = False,
    why: Callable[[str], str] | None = None,
    width: int = WIDTH,
) -> str:
    """The findings as a compiler prints them, each with its line and a caret; "" where there is none.

    ``why`` gives the reason for an id, "" for none; it is printed with the first finding of that id, in
    lines of ``width`` columns.  A character that does not show, or that reorders a line, is printed as an
    escape: what is read here is what the file holds.
    """
    printer = _Printer(color, why, width)
    return "".join(f"{line}\n" for found in diagnostics for line in printer.lines(found))


class _Printer:
    """Prints findings."""

    def __init__(self, color: bool, why: Callable[[str], str] | None, width: int) -> None:
        self._color = color
        self._why = why
        self._width = width
        self._explained: set[str] = set()
        self._places = Places()

    def lines(self, found: Diagnostic) -> Iterator[str]:
        """The lines that are printed for a finding."""
        label = found.severity.value
        yield self._head(found.span, label, f"{found.message} [{found.id}]")
        if found.span:
            yield from self._excerpt(found.span, label)
        if found.help:
            yield f"      = {self._paint('help:', ansi.CYAN)} {escaped(found.help)}"
        yield from self._reason(found.id)
        for note in found.notes:
            yield self._head(note.span, "note", note.message)
            yield from self._excerpt(note.span, "note")

    def _reason(self, id_: str) -> Iterator[str]:
        if self._why is None or id_ in self._explained:
            return
        self._explained.add(id_)
        indent = " " * len("      = why: ")
        first, *more = fold(self._why(id_), self._width - len(indent)) or [""]
        if first:
            yield f"      = {self._paint('why:', ansi.CYAN)} {first}"
            yield from (indent + line for line in more)

    def _head(self, span: Span | None, label: str, message: str) -> str:
        place = ""
        if span:
            line, begin = self._places.line(span.source, span.start)
            place = (
                self._paint(f"{escaped(span.source.path)}:{line}:{span.start - begin + 1}:", ansi.BOLD) + " "
            )
        return f"{place}{self._paint(f'{label}:', _COLORS[label])} {self._paint(escaped(message), ansi.BOLD)}"

    def _excerpt(self, span: Span, label: str) -> Iterator[str]:
        line, begin = self._places.line(span.source, span.start)
        end = span.source.text.find("\n", begin)
        text = span.source.text[begin:] if end < 0 else span.source.text[begin:end]
        shown, before = _window(text, span.start - begin)
        yield f"{line:>5} | {shown}".rstrip()
        yield f"      | {_blank(before)}{self._paint('^', _COLORS[label])}"

    def _paint(self, text: str, color: str) -> str:
        return ansi.painted(text, color) if self._color else text


def _window(line: str, column: int) -> tuple[str, str]:
    """As much of the line as is printed, and the part of it before ``column`` (from 0)."""
    first, last = max(0, column - WIDTH), column + WIDTH
    before, after = _shown(line[first:column]), _shown(line[column:last])
    left, right = first > 0, last < len(line)
    if left or right or len(before) + len(after) > WIDTH:
        start = max(0, len(before) - max(WIDTH // 2, WIDTH - len(after)))
        left, before = left or start > 0, before[start:]
        right, after = right or len(before) + len(after) > WIDTH, after[: WIDTH - len(before)]
    if left:
        before = _DOTS + before[len(_DOTS) :]
    if right:
        after = after[: -len(_DOTS)] + _DOTS
    return before + after, before


def _shown(text: str) -> str:
    return "\t".join(map(escaped, text.split("\t")))


def _blank(text: str) -> str:
    """What takes as much room as the text, and shows nothing."""
    if text.isascii():
        return "".join(character if character == "\t" else " " for character in text)
    from unicodedata import combining, east_asian_width

    room = {character: " " * (2 if east_asian_width(character) in "WF" else 1) for character in text}
    room.update((character, "") for character in text if combining(character))
    room["\t"] = "\t"
    return "".join(room[character] for character in text)
