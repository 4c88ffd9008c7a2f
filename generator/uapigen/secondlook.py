"""Where a text stops being YAML, which is often far above the place that the parser points to.

The room of hindsight: the parser goes on until it cannot, a reader sees the quotation mark or the indent
that led it there.  Asked only for a text that is no YAML; what the parser says of its own place is worded
in :mod:`uapigen.syntaxerrors`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from uapigen.diagnostics import Diagnostic, Note
from uapigen.source import Source, Span
from uapigen.syntaxerrors import CLOSE, CLOSE_QUOTE
from uapigen.wording import TYPOGRAPHIC, in_quotes

if TYPE_CHECKING:
    from yaml.error import MarkedYAMLError

_KEY = re.compile(r"[\w-]+ *:(?:\s|$)")
_ITEM = re.compile(r"-\s")


class _Block:
    """A list or a mapping that is open where the parser stopped."""

    def __init__(self, token: Any) -> None:
        self.start: int = token.start_mark.index
        self.column: int = token.start_mark.column
        self.item = type(token).__name__ in ("BlockSequenceStartToken", "BlockEntryToken")
        self.flow = "Flow" in type(token).__name__


class _Scene:
    """What was read before the parser stopped: ``at`` is where, ``last`` the token before it."""

    def __init__(self, source: Source, error: MarkedYAMLError) -> None:
        self.source = source
        self.text = source.text
        self.problem = error.problem or ""
        mark: Any = error.problem_mark
        self.at: int = min(mark.index, len(source.text))
        self.here = self.text[self.at : self.at + 1]
        self.line_start = self.text.rfind("\n", 0, self.at) + 1
        self.open: list[_Block] = []
        self.item: _Block | None = None
        self.last: Any = None
        self.before_last: Any = None
        self.odd_quote: int | None = None
        self._read()

    def _read(self) -> None:
        from yaml._yaml import CParser
        from yaml.error import MarkedYAMLError

        parser: Any = CParser(self.text)
        try:
            while (token := parser.get_token()) is not None and token.start_mark.index < self.at:
                kind = type(token).__name__
                if kind.endswith(("MappingStartToken", "SequenceStartToken")):
                    self.open.append(_Block(token))
                elif kind == "BlockEntryToken":
                    self.item = _Block(token)
                elif self.open and kind.endswith("EndToken"):
                    self.open.pop()
                elif self.odd_quote is None and getattr(token, "style", None) in ("'", '"'):
                    self._look_at_quotes(token)
                self.last, self.before_last = token, self.last
        except MarkedYAMLError:
            pass  # That is why there is a second look.

    def _look_at_quotes(self, token: Any) -> None:
        """A text in quotes that goes on in a line no deeper than its first has swallowed that line."""
        start, end = token.start_mark.index, token.end_mark.index
        if token.start_mark.line == token.end_mark.line:
            return  # Before a line is looked for, which may be long and full of quotes.
        first = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        further = self.text[start:end].split("\n")[1:]
        if any(line.strip() and _indent(line) <= _indent(first) for line in further):
            self.odd_quote = start

    @property
    def in_flow(self) -> bool:
        """Whether a brace or a bracket is open."""
        return bool(self.open) and self.open[-1].flow

    @property
    def follows_last(self) -> bool:
        """Whether nothing but blanks stands between the last token and the place, in one line."""
        between = self.text[self.last.end_mark.index : self.at] if self.last else "\n"
        return not between.strip(" ")

    @property
    def begins_line(self) -> bool:
        """Whether nothing but blanks stands before the place in its line."""
        return not self.text[self.line_start : self.at].strip(" ")

    def rest_in_quotes(self, start: int) -> str:
        """The rest of the line from there, as it would be written in quotes."""
        line = self.text[start:].split("\n", 1)[0]
        return '"..."' if self.in_flow else in_quotes(line.strip())

    def diagnostic(self, message: str, start: int, help_: str, *notes: Note) -> Diagnostic:
        return Diagnostic("yaml-syntax", message, self.span(start), help=help_, notes=notes)

    def span(self, start: int) -> Span:
        return Span(self.source, start, start + 1)


def second_look(source: Source, error: MarkedYAMLError) -> Diagnostic | None:
    """The mistake that led the parser to its place; None where there is no better place or word."""
    scene = _Scene(source, error)
    return next(filter(None, (look(scene) for look in _LOOKS)), None)


def _conflict(scene: _Scene) -> Diagnostic | None:
    if left := re.search(r"^(?:<{7}|>{7})(?= )", scene.text, re.MULTILINE):
        help_ = "keep one side, and remove the lines of `<<<<<<<`, `=======` and `>>>>>>>`"
        return scene.diagnostic("a conflict of git is left here", left.start(), help_)
    return None


def _odd_quote(scene: _Scene) -> Diagnostic | None:
    if scene.odd_quote is None:
        return None
    return scene.diagnostic("this quotation mark is not closed", scene.odd_quote, CLOSE_QUOTE)


def _open_brace(scene: _Scene) -> Diagnostic | None:
    """A brace that takes in the next key or item was not closed before it."""
    if not scene.in_flow or not scene.problem.startswith("did not find expected ',' or"):
        return None
    opened = scene.open[-1]
    line = scene.text[scene.line_start :].split("\n", 1)[0]
    above = scene.text[scene.text.rfind("\n", 0, opened.start) + 1 : opened.start]
    begins = _KEY.match(line.lstrip()) or _ITEM.match(line.lstrip())
    if opened.start >= scene.line_start or not begins or _indent(line) > _indent(above):
        return None
    return scene.diagnostic(f"this '{scene.text[opened.start]}' is not closed", opened.start, CLOSE)


def _comment_in_braces(scene: _Scene) -> Diagnostic | None:
    """A '#' that was meant as a part of a text has eaten the brace that closes it."""
    if not scene.in_flow or not scene.problem.startswith("did not find expected ',' or"):
        return None
    opened = scene.open[-1].start
    closing = "}" if scene.text[opened] == "{" else "]"
    line = scene.text[opened:].split("\n", 1)[0]
    comment = re.search(rf"(?<= )#(?=[^{closing}]*{re.escape(closing)})", line)
    if comment is None or opened + comment.start() >= scene.at or line.count('"') % 2:
        return None
    message = "the text ends before this: '#' after a blank begins a comment"
    place = scene.span(opened + comment.start())
    return Diagnostic("yaml-comment", message, place, help="put the text in quotes")


def _array(scene: _Scene) -> Diagnostic | None:
    """An array with the brackets of C, in braces."""
    line = scene.text[scene.line_start :].split("\n", 1)[0]
    found = _ARRAY.search(line[: line.find("]", scene.at - scene.line_start) + 1])
    if not scene.in_flow or scene.here != "[" or found is None:
        return None
    key, word, count = found.groups()
    help_ = f"write `{key}: {word}, count: {count or 'flexible'}`"
    return scene.diagnostic("an array is not written with brackets", scene.at, help_)


_ARRAY = re.compile(r"(name|type): *(\w[\w -]*?) ?\[ *(\w*) *\]$")


def _odd_marks(scene: _Scene) -> Diagnostic | None:
    """A text between quotation marks of a text processor, which has a comma or a colon in it."""
    if not scene.in_flow or type(scene.last).__name__ != "ScalarToken":
        return None
    start: int = scene.last.start_mark.index
    if scene.text[start] not in TYPOGRAPHIC or not scene.problem.startswith("did not find expected ',' or"):
        return None
    help_ = 'write `"` at both ends of the text'
    return scene.diagnostic("this is no quotation mark to YAML", start, help_)


def _alias(scene: _Scene) -> Diagnostic | None:
    if type(scene.last).__name__ != "AliasToken" or not scene.follows_last:
        return None
    start: int = scene.last.start_mark.index
    help_ = f"put the text in quotes: `{scene.rest_in_quotes(start)}`"
    return scene.diagnostic("no text can begin with '*'", start, help_)


def _behind_quotes(scene: _Scene) -> Diagnostic | None:
    mark = getattr(scene.last, "style", None)
    if mark not in ("'", '"') or not scene.follows_last or scene.here in ":,]}":
        return None
    if scene.in_flow and _KEY.match(scene.text, scene.at):
        return None  # A comma is missing.
    help_ = "put the whole text in quotes, and write "
    help_ += "`''` for an apostrophe within '...'" if mark == "'" else r'`\"` for such a mark within "..."'
    return scene.diagnostic("the text in quotes has ended before this", scene.at, help_)


def _behind_brace(scene: _Scene) -> Diagnostic | None:
    if not type(scene.last).__name__.startswith("Flow") or not scene.follows_last or scene.in_flow:
        return None
    if scene.here in ("}", "]"):
        return scene.diagnostic(f"this '{scene.here}' closes nothing", scene.at, "remove it")
    closed = scene.text[scene.last.start_mark.index]
    help_ = "begin a key on a line of its own; put a text that begins with a brace or a bracket in quotes"
    return scene.diagnostic(f"nothing can follow the closing '{closed}' in its line", scene.at, help_)


def _colon_in_text(scene: _Scene) -> Diagnostic | None:
    """A ': ' within a text without quotes, in the line of its key or in a further one."""
    if not scene.problem.startswith("mapping values are not allowed"):
        return None
    if type(scene.last).__name__ != "ScalarToken":
        return None
    start: int = scene.last.start_mark.index
    if type(scene.before_last).__name__ in ("StreamStartToken", "BlockEntryToken"):
        return scene.diagnostic("this line is no key with its value", start, "write `key: value`")
    first = scene.line_start + _indent(scene.text[scene.line_start :])
    if start < first and (_KEY.match(scene.text, first) or _ITEM.match(scene.text, first)):
        return _neighbours(scene, first, "; if it belongs to the text above, put that in quotes as a whole")
    quoted = scene.rest_in_quotes(start) if start >= scene.line_start else '"..."'
    help_ = f"put the text in quotes: `{quoted}`"
    return scene.diagnostic("a text with ': ' in it must stand in quotes", scene.at, help_)


def _column(scene: _Scene) -> Diagnostic | None:
    if not scene.begins_line or scene.in_flow or not scene.problem.startswith("did not find expected"):
        return None
    if not _KEY.match(scene.text, scene.at) and not _ITEM.match(scene.text, scene.at):
        return None
    return _neighbours(scene, scene.at)


def _neighbours(scene: _Scene, start: int, otherwise: str = "") -> Diagnostic | None:
    """A key or an item that is not in the column of those beside it, which are the nearest of its kind."""
    item = _ITEM.match(scene.text, start) is not None
    column = start - scene.line_start
    beside = [block for block in scene.open if block.item == item]
    if item and scene.item and any(block.column == scene.item.column for block in scene.open):
        beside.append(scene.item)  # A list in the column of its key has no beginning of its own.
    if not beside or any(block.column == column for block in scene.open):
        return None
    nearest = min(reversed(beside), key=lambda block: abs(block.column - column))
    kind, missing = "item" if item else "key", nearest.column - column
    blanks = "one blank" if abs(missing) == 1 else f"{abs(missing)} blanks"
    message = (
        f"this {kind} begins in column {column + 1}, the {kind}s beside it in column {nearest.column + 1}"
    )
    help_ = f"indent it by {blanks} {'more' if missing > 0 else 'less'}{otherwise}"
    return scene.diagnostic(message, start, help_, Note("one of them", scene.span(nearest.start)))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


_LOOKS: tuple[Callable[[_Scene], Diagnostic | None], ...] = (
    *(_conflict, _odd_quote, _comment_in_braces, _open_brace, _array, _odd_marks, _alias),
    *(_behind_quotes, _behind_brace, _colon_in_text, _column),
)
