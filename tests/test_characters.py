"""Characters that are refused: in a message they print as what they are, and do nothing."""

from __future__ import annotations

import pytest

from uapigen.characters import blanked, describe, escaped, refused, remedy

WRITTEN = {
    "\x00": r"\x00",
    "\x1b": r"\x1b",
    "\x85": r"\x85",
    "\xa0": r"\xa0",
    "\u200b": r"\u200b",
    "\u2028": r"\u2028",
    "\u202e": r"\u202e",
    "\uffff": r"\uffff",
    "\U000e0041": r"\U000e0041",
}


@pytest.mark.parametrize("character", WRITTEN, ids=ascii)
def test_a_refused_character_is_found_and_can_be_shown(character: str) -> None:
    text = f"a{character}b"
    assert [match.start() for match in refused(text)] == [1]
    assert escaped(text) == f"a{WRITTEN[character]}b"
    assert blanked(text) == "a b"
    assert describe(character).startswith(f"U+{ord(character):04X}")


def test_tabs_and_line_feeds_are_not_refused_and_print_on_one_line() -> None:
    assert not list(refused("a\tb\nc"))
    assert escaped("a\tb\nc") == r"a\tb\nc"


def test_a_byte_that_is_no_utf_8_is_shown_as_that_byte() -> None:
    assert escaped(b"\x7f\xd0\xff".decode(errors="surrogateescape")) == r"\x7f\xd0\xff"
    assert blanked("a\tb\nc") == "a\tb\nc"


@pytest.mark.parametrize(
    ("character", "named", "advice"),
    [
        ("\xa0", "U+00A0 (no-break space)", "write an ordinary blank"),
        ("\u202e", "U+202E (right-to-left override)", "remove it: it makes the text look different"),
        ("\x1b", "U+001B", "remove it"),
        ("\u200b", "U+200B (zero width space)", "remove it"),
    ],
)
def test_a_refused_character_is_named_and_there_is_a_remedy(character: str, named: str, advice: str) -> None:
    assert describe(character) == named
    assert remedy(character).startswith(advice)
