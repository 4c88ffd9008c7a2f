"""Which characters a spec may contain.

The room of what cannot be seen: everything that an editor does not show, or shows in another order
than a program reads it.  Nothing that knows YAML may enter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_BLANKS = r"\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SEPARATORS = r"\u2028\u2029"
_BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = r"\xad\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
_NO_CHARACTERS = r"\ud800-\udfff\ufffe\uffff"

_ORDINARY = re.compile(r"[\t\n -~]*")
_HELP = (
    ("\r", "end lines with a line feed, or with a carriage return and a line feed"),
    ("\ufeff", "save the file as UTF-8 without a byte order mark"),
    (f"[\x85{_SEPARATORS}]", "end lines with a line feed"),
    (f"[{_BLANKS}]", "write an ordinary blank"),
    (f"[{_BIDI}]", "remove it: it makes the text look different from what it says"),
)


def refused(text: str) -> Iterator[re.Match[str]]:
    """Every character that must not stand in a spec; tabs and line feeds are not among them."""
    return iter(()) if _ORDINARY.fullmatch(text) else _refused().finditer(text)


def blanked(text: str) -> str:
    """The text with a blank for every refused character."""
    return _refused().sub(" ", text)


def describe(character: str) -> str:
    """Number and name of a character: "U+00A0 (no-break space)"."""
    import unicodedata

    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def remedy(character: str) -> str:
    """What to do about a character that was refused."""
    return next((text for pattern, text in _HELP if re.match(pattern, character)), "remove it")


def escaped(text: str) -> str:
    """The text with every refused character, tab and line feed as an escape: it prints as one line."""
    return _refused().sub(_escape, text).replace("\n", "\\n").replace("\t", "\\t")


@cache
def _refused() -> re.Pattern[str]:
    """Compiled when a text is not plain ASCII: that takes longer than reading most specs."""
    return re.compile(f"[{_CONTROLS}{_BLANKS}{_SEPARATORS}{_BIDI}{_INVISIBLE}{_NO_CHARACTERS}]")


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    if 0xDC80 <= number <= 0xDCFF:
        number -= 0xDC00  # a byte that is no UTF-8, as Python holds it
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
