r"""Plain text as reStructuredText that says exactly that text, in lines of a given width.

The room of what is markup in RST: no other module knows it.  The document is read raw in mails, so a
character is escaped only where docutils would take it for markup; most text comes out as it went in.
Source of the rules: the reStructuredText specification and docutils' ``parsers/rst/states.py``.
What divides words counts as one blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WIDTH = 80
LITERAL_INDENT = "    "

# Markup begins behind no other ASCII character than "'(<[{-/: and a reference ends before none but
# "')>]}-/:.,;!?\ ; of what is not ASCII docutils knows many, and all of it is taken for such.
_OPENS = r"(?<![!#$%&)*+,.;=>?@\\\]^_`|}~0-9A-Za-z])"
_CLOSES = r"(?![#$%&(*+<=@\[^_`{|~0-9A-Za-z])"

_SPECIAL = re.compile(r"[\\*`|_:]")  # what all of the following is about
_INLINE = re.compile(
    rf"""\\
    | {_OPENS} (?: [*`](?!\s) | \|(?![\s|]) | _(?=`) )  # *emphasis*, `role`, |substitution|, _`target`
    | (?<=[^\W_]) _ (?=_?{_CLOSES})                     # reference_, anonymous__
    | (?<=\]) _ {_CLOSES}                               # [1]_
    | : (?=:$)                                          # a literal block follows
    """,
    re.VERBOSE,
)
# Whatever else looks like a URI is text: `data:` or `file:` is more often said than meant as a link.
_SCHEME = re.compile(r"(?<![\w.+-])(?!https?:)([A-Za-z][A-Za-z0-9.+-]*):(?!:$)(?=\S)")

_LEADING = re.compile(
    r"""
      [-+*\u2022\u2023\u2043] (?=\s|$)                                     # bullet list
    | \(? (?: [0-9]+ | [A-Za-z] | [ivxlcdm]+ | [IVXLCDM]+ | \# ) [.)] (?=\s|$)  # enumerated list
    | : (?=[^\s:])                                                         # field list
    | (?: >>> | \| | \.\. | __ ) (?=\s|$)     # doctest, line block, explicit markup, anonymous target
    """,
    re.VERBOSE,
)
_OPTION = r"(?:[-+][A-Za-z0-9](?:\ ?{argument})?|(?:--|/)[A-Za-z0-9][\w-]*(?:[\ =]{argument})?)".format(
    argument=r"(?:[A-Za-z][\w-]*|<[^<>]+>)"
)
_FIRST_LINE = re.compile(
    rf"{_OPTION}(?:, {_OPTION})*$"  # option list
    r"|=+(?: =+)+$"  # simple table
    r"|\+-[-+]+-\+$"  # grid table
)
_RULER = re.compile(r"([!-/:-@\[-`{-~])\1*$")  # the line above or beneath a heading, a transition

_UNIT = re.compile(r"\\.|.", re.DOTALL)
_ANYWHERE = re.compile(r"(\\.)|[*`|:@]|_(?=[\\*`|:@])")
_SEPARATORS = frozenset("_./+-")
_NARROWEST = 6


def escape(text: str) -> str:
    """The text without inline markup, as one line that may stand anywhere but at the start of a block."""
    if not _SPECIAL.search(text):
        return text
    return _INLINE.sub(lambda found: "\\" + found[0], _SCHEME.sub("\\1\0:", text)).replace("\0", "\\")


def lines(text: str, width: int = WIDTH) -> list[str]:
    """The text as one paragraph of escaped lines; none is wider than ``width`` (at least 6)."""
    width = max(width, _NARROWEST)
    if text.isalnum() and len(text) <= width:
        return [text]
    text = " ".join(text.split())
    escaped = escape(text)
    if _LEADING.match(text):
        escaped = "\\" + escaped.removeprefix("\\")
    wrapped = _guarded(_wrap(escaped, width))
    if any(len(line) > width for line in wrapped):
        wrapped = _guarded(_wrap(escaped, width - 2))
    return wrapped


def item(text: str, marker: str, width: int = WIDTH) -> str:
    """The text as an item of a list, its further lines beneath the first one."""
    pad = " " * len(marker)
    found = lines(text, width - len(marker))
    return "\n".join((pad if number else marker) + line for number, line in enumerate(found))


def heading(text: str, rule: str, width: int = WIDTH, *, over: bool = False) -> str:
    """The text as a heading.  A heading has one line: what is too long is cut, and said beneath it."""
    title, rest = lines(text, 10 * len(text) + width)[0], ""
    if len(title) > width:
        rest = "\n\n" + "\n".join(lines(text, width))
        title = lines(text, width - 4)[0].rstrip("\\") + " ..."
    ruler = rule * len(title)
    return f"{ruler}\n{title}\n{ruler}{rest}" if over else f"{title}\n{ruler}{rest}"


def literal(before: str, text: Iterable[str]) -> str:
    """A text, which a colon ends, whatever did, and the lines as the literal block that it announces.

    Nothing in the block is markup; its first line begins with a character.
    """
    said = "\n".join(lines(before.rstrip(".:"), WIDTH - len("::")))
    return "\n".join((f"{said}::", "", *(f"{LITERAL_INDENT}{line}".rstrip() for line in text)))


def _guarded(wrapped: list[str]) -> list[str]:
    """The lines, with a backslash before each one that would be markup as a whole."""
    return [
        _escaped_start(line) if _RULER.match(line) or (number == 0 and _FIRST_LINE.match(line)) else line
        for number, line in enumerate(wrapped)
    ]


def _escaped_start(line: str) -> str:
    """The line behind a backslash; where it starts with one already, behind an escaped blank."""
    return ("\\ " if line.startswith("\\") else "\\") + line


def _wrap(escaped: str, width: int) -> list[str]:
    """The words in lines; a word that is too long goes on in the next one, behind a backslash."""
    if len(escaped) <= width:
        return [escaped] if escaped else []
    found: list[str] = []
    for word in escaped.split(" "):
        if found and len(found[-1]) + 1 + len(word) <= width:
            found[-1] += " " + word
        elif len(word) <= width:
            found.append(word)
        else:
            found += _chop(word, width)
    return [line for line in found if line]


def _chop(word: str, width: int) -> list[str]:
    """An escaped word in pieces, each but the last one with the backslash that joins it to the next.

    A piece begins before a separator where there is one in its second half.  It stands at the start of
    a line, so that what was harmless within the word is escaped as well.
    """
    units = _UNIT.findall(_ANYWHERE.sub(lambda found: found[1] or "\\" + found[0], word))
    pieces: list[str] = []
    while sum(map(len, units)) > width:
        end, room = 0, width - 2
        while len(units[end]) <= room:
            room -= len(units[end])
            end += 1
        cut = next((at for at in range(end, end // 2, -1) if units[at] in _SEPARATORS), end)
        last = units[cut - 1]
        pieces.append("".join(units[: cut - 1]) + ("\\_" if last == "_" else last) + "\\")
        units = units[cut:]
    return [*pieces, "".join(units)]
