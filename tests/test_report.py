"""Findings are printed as compilers print them, and show what is in the file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uapigen.catalogue import catalogue, why
from uapigen.characters import refused
from uapigen.diagnostics import Diagnostic, Note, Severity
from uapigen.report import WIDTH, format_text
from uapigen.source import Source, Span

LINE = "          - {name: size, type: u64, access: rw, doc: total size of the device config}"


def at(text: str, start: int) -> Diagnostic:
    return Diagnostic("some-id", "what is wrong", Span(Source("a.yaml", text), start, start + 1))


def excerpt(text: str, start: int) -> tuple[str, str]:
    """What is printed of the line, and the line with the caret."""
    _, line, caret = format_text([at(text, start)]).removesuffix("\n").split("\n")
    return line[8:], caret[8:]


def test_the_form_is_that_of_the_design() -> None:
    text = "\n" * 60 + LINE + "\n"
    message = "'device_config.size' needs 4 bytes of padding before it (offset 20, alignment 8)"
    span = Span(Source("spec/vfio-device-state.yaml", text), text.index("{"), text.index("}") + 1)
    found = Diagnostic("implicit-padding", message, span, help="insert `- {pad: 4}` above it")
    assert format_text([found]) == (
        f"spec/vfio-device-state.yaml:61:13: error: {message} [implicit-padding]\n"
        f"   61 | {LINE}\n"
        "      |             ^\n"
        "      = help: insert `- {pad: 4}` above it\n"
    )


def test_notes_have_places_of_their_own() -> None:
    source = Source("a.yaml", "a: 1\nb: 2\n")
    notes = (Note("first written here", Span(source, 0, 1)),)
    found = Diagnostic("x", "m", Span(source, 5, 6), Severity.WARNING, "h", notes)
    assert format_text([found]).split("\n") == [
        "a.yaml:2:1: warning: m [x]",
        "    2 | b: 2",
        "      | ^",
        "      = help: h",
        "a.yaml:1:1: note: first written here",
        "    1 | a: 1",
        "      | ^",
        "",
    ]


def test_a_finding_without_a_place_is_one_line() -> None:
    assert format_text([Diagnostic("x", "m", None)]) == "error: m [x]\n"
    assert format_text([]) == ""


def test_each_finding_is_found_in_its_own_source() -> None:
    printed = format_text([at("one\n", 0), at("two\nthree\n", 4), at("one\n", 0)])
    assert re.findall(r"^ +\d+ \| (\w+)", printed, re.MULTILINE) == ["one", "three", "one"]


def test_colors_only_surround_what_is_printed_without_them() -> None:
    found = [at("a: b\n", 3), Diagnostic("x", "m", None, Severity.WARNING, "h")]
    colored = format_text(found, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == format_text(found)


@pytest.mark.parametrize("start", [0, 1, 5, 6, 7])
def test_a_caret_stands_under_its_character_behind_tabs(start: int) -> None:
    text = "\tint\tx;\n"
    line, caret = excerpt(text, start)
    assert line == text.rstrip("\n")
    assert caret.expandtabs(8).index("^") == len(text[:start].expandtabs(8))


def test_a_wide_character_takes_two_columns_and_a_combining_one_none() -> None:
    assert excerpt("\u65e5\u672c e\u0301 x", 6) == ("\u65e5\u672c e\u0301 x", "       ^")


def test_what_does_not_show_is_printed_as_an_escape() -> None:
    line, caret = excerpt("a\x00b\u202ec\x1b[1md", 4)
    assert line == r"a\x00b\u202ec\x1b[1md"
    assert caret.index("^") == line.index("c")
    found = Diagnostic("x", "two\nlines \x1b[1m\u202e", None, help="a\tb\ud800")
    assert format_text([found]) == ("error: two\\nlines \\x1b[1m\\u202e [x]\n      = help: a\\tb\\ud800\n")


def test_the_end_of_a_text_is_a_place() -> None:
    assert excerpt("abc", 3) == ("abc", "   ^")
    assert excerpt("\nabc", 0) == ("", "^")
    assert format_text([at("", 0)]) == "a.yaml:1:1: error: what is wrong [some-id]\n    1 |\n      | ^\n"


NUMBERED = "".join(f"{number:03}" for number in range(100))
"""300 columns; every third begins a number, which is a third of its column."""


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        (NUMBERED[:100], 0, NUMBERED[:100], 0),
        (NUMBERED[:100], 99, NUMBERED[:100], 99),
        (NUMBERED[:100], 100, NUMBERED[:100], 100),
        (NUMBERED[:101], 0, NUMBERED[:97] + "...", 0),
        (NUMBERED[:101], 60, "..." + NUMBERED[4:101], 59),
        (NUMBERED[:101], 100, "..." + NUMBERED[4:101], 99),
        (NUMBERED, 0, NUMBERED[:97] + "...", 0),
        (NUMBERED, 50, NUMBERED[:97] + "...", 50),
        (NUMBERED, 51, "..." + NUMBERED[4:98] + "...", 50),
        (NUMBERED, 150, "..." + NUMBERED[103:197] + "...", 50),
        (NUMBERED, 200, "..." + NUMBERED[153:247] + "...", 50),
        (NUMBERED, 249, "..." + NUMBERED[202:296] + "...", 50),
        (NUMBERED, 250, "..." + NUMBERED[203:300], 50),
        (NUMBERED, 299, "..." + NUMBERED[203:300], 99),
    ],
)
def test_a_line_is_cut_to_its_width_around_the_caret(line: str, column: int, shown: str, caret: int) -> None:
    assert excerpt(line, column) == (shown, " " * caret + "^")


def test_escapes_count_when_a_line_is_cut() -> None:
    shown, caret = excerpt("\x07" * 50, 49)
    assert (len(shown), caret) == (WIDTH, " " * 96 + "^")
    assert shown[96:] == r"\x07"


@settings(deadline=None)
@given(st.text("abc \t\u00e4\u202e\x07", max_size=400), st.data())
def test_of_a_long_line_what_is_around_the_caret_is_printed(line: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(0, len(line)))
    shown, caret = excerpt(f"first\n{line}\nlast\n", len("first\n") + column)
    assert len(shown) <= WIDTH
    assert not any(refused(shown))
    assert len(caret) <= WIDTH + 1
    if column < len(line) and not any(refused(line[column])):
        character = line[column]
        # Where the line was stripped, nothing but blanks followed.
        assert shown[len(caret) - 1 : len(caret)].strip() == character.strip()
    if len(line) <= WIDTH and not any(refused(line)):
        assert shown == line.rstrip()


def test_many_findings_in_a_large_file_take_no_time() -> None:
    text = "a: b\n" * 200_000
    source = Source("a.yaml", text)
    found = [Diagnostic("x", "m", Span(source, start, start + 1)) for start in range(0, len(text), 500)]
    assert format_text(found).count("^") == len(found)


REASONS = {
    "some-id": "Because it is so: the reason is long, and goes on until it takes more than a line.",
}


def test_the_reason_is_said_once_for_each_id_below_the_help() -> None:
    source = Source("a.yaml", "a: 1\nb: 2\n")
    notes = (Note("first written here", Span(source, 0, 1)),)
    found = Diagnostic("some-id", "m", Span(source, 5, 6), Severity.WARNING, "h", notes)
    other = Diagnostic("other-id", "m", None)
    printed = format_text([found, other, found], why=lambda id_: REASONS.get(id_, ""), width=50)
    assert printed.split("\n")[3:12] == [
        "      = help: h",
        "      = why: Because it is so: the reason is long,",
        "             and goes on until it takes more than",
        "             a line.",
        "a.yaml:1:1: note: first written here",
        "    1 | a: 1",
        "      | ^",
        "error: m [other-id]",
        "a.yaml:2:1: warning: m [some-id]",
    ]
    assert printed.count("why:") == 1


def test_every_reason_fits_its_width() -> None:
    for entry in catalogue().values():
        found = Diagnostic(entry.id, "m", None)
        for width in (60, 100):
            lines = format_text([found], why=why, width=width).splitlines()
            assert max(map(len, lines)) <= width
            assert " ".join(line[13:] for line in lines[1:]) == entry.why
