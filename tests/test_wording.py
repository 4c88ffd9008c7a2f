"""Messages quote shortly, and guess only what is close."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uapigen.wording import closest, in_quotes, listing, quote


def test_a_quotation_is_cut_where_it_is_too_long() -> None:
    assert quote("a" * 48) == f"'{'a' * 48}'"
    assert quote("a" * 49) == f"'{'a' * 45}...'"


@pytest.mark.parametrize(
    ("words", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_choices_are_listed(words: list[str], text: str) -> None:
    assert listing(words, "or") == text


@pytest.mark.parametrize(
    ("word", "meant"),
    [("nmae", "name"), ("NAME", "name"), ("unique_among", "unique-among"), ("colour", None), ("", None)],
)
def test_a_slip_is_told_from_another_word(word: str, meant: str | None) -> None:
    assert closest(word, ["value", "name", "unique-among"]) == meant
    assert closest(word, []) is None


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=96))
@example("a" * 96)
def test_a_text_in_quotes_is_read_as_that_text(text: str) -> None:
    assert yaml.safe_load(in_quotes(text)) == text


def test_a_long_text_in_quotes_is_dots() -> None:
    assert in_quotes("a" * 97) == '"..."'
