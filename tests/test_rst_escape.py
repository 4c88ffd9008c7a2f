"""Text of a spec in the document: docutils reads exactly what was written, whatever it looks like."""

from __future__ import annotations

import re

import docutils.nodes
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rstread import parsed
from uapigen import rst
from uapigen.escape import RST
from uapigen.model import Prose

WORDS = st.sampled_from(
    r"""
    |LOGGING| |sub |a b| || | start_ anonymous__ _private __u64 __init__ a_b a__b __ ___ VFIO_REGION_TYPE_*
    *args **kwargs * ** 2**3 *a b* **a b** '*' "*" (*) ` (`) `role` ``literal`` _`target` `a`_ `a b` :r:`x`
    <x>_ [1]_ [#]_ [CIT2002]_ [*]_ [ ] < > { } <a@b.c> RUNNING+LOGGING device_config.size std::string
    : :: x:: :field: :x:y: directive:: note:: image::x .. ... . , ; ! ? & % $ # @ ^
    - + -a --all=x /V -f -- --> --- ---- ==== ~~~~ = == +--+ +-+-+ >>> 1. 2) (3) #. A. (iv) mix. x) -1
    http://host/a_ https://host/*b* me@host.org data:x file:line javascript:x
    \ \\ \* a\ word
    """.split()
)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
TEXTS = st.lists(st.one_of(WORDS, ASCII), min_size=1, max_size=25).map(" ".join)


def only_paragraph(text: str) -> str:
    (paragraph,) = parsed(text).children
    assert isinstance(paragraph, docutils.nodes.paragraph), text
    allowed = (docutils.nodes.Text, docutils.nodes.reference)  # a URL is a link, its text is the same
    assert all(isinstance(node, allowed) for node in paragraph.findall() if node is not paragraph), text
    return " ".join(paragraph.astext().split())


@settings(deadline=None)
@given(TEXTS, st.integers(min_value=6, max_value=90))
@example(":: a", 80)
@example("foo::", 80)
@example("x ::", 80)
@example("aaaa ---- b", 6)
@example("- - - 1. x", 80)
@example("\\\\", 6)
@example("aa\\*bcd*", 6)
@example("ab__cdefg", 6)
@example("-f FILE and more", 8)
@example("VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP", 20)
def test_a_paragraph_reads_as_it_was_written(text: str, width: int) -> None:
    expected = " ".join(text.split())
    if not expected:
        return
    found = rst.lines(expected, width)
    assert max(map(len, found)) <= width
    assert not any(line != line.strip() or not line for line in found)
    assert only_paragraph("\n".join(found)) == expected


@settings(deadline=None)
@given(TEXTS)
def test_an_item_of_a_list_reads_as_it_was_written(text: str) -> None:
    expected = " ".join(text.split())
    if not expected:
        return
    (bullets,) = parsed(rst.item(expected, "- ", 40)).children
    assert isinstance(bullets, docutils.nodes.bullet_list)
    (item,) = bullets.children
    (paragraph,) = item.children
    assert isinstance(paragraph, docutils.nodes.paragraph)
    assert " ".join(paragraph.astext().split()) == expected


@settings(deadline=None)
@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
@example("word " * 15 + "end:", ["|"])
def test_a_literal_block_reads_as_it_was_written_behind_its_text(text: str, block: list[str]) -> None:
    expected = " ".join(text.split()).rstrip(".: ")
    if not expected:
        return
    found = rst.literal(f"{expected}.", [f"x {line}".rstrip() for line in block])
    assert max(map(len, found.split("\n")[: -len(block)])) <= 80
    said, literal = parsed(found).children
    assert isinstance(literal, docutils.nodes.literal_block)
    assert literal.astext().split("\n") == [f"x {line}".rstrip() for line in block]
    assert " ".join(said.astext().split()) == f"{expected}:"


@settings(deadline=None)
@given(TEXTS)
def test_a_heading_reads_as_it_was_written(text: str) -> None:
    expected = " ".join(text.split())
    if not expected:
        return
    document = parsed("Before.\n\n" + rst.heading(expected, "-") + "\n\nAfter.\n")
    section = document.children[-1]
    assert isinstance(section, docutils.nodes.section)
    said = [" ".join(node.astext().split()) for node in section.children]
    assert said[-1] == "After."
    assert (said[:-1] == [expected]) or (said[0].endswith(" ...") and said[1] == expected)
    assert all(len(line) <= 80 for line in rst.heading(expected, "-").split("\n"))


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_prose_keeps_its_paragraphs(paragraphs: list[str]) -> None:
    prose = Prose("\n\n".join(paragraphs))
    document = parsed(RST.filters["paragraphs"](prose))
    assert tuple(" ".join(node.astext().split()) for node in document.children) == prose.paragraphs


@pytest.mark.parametrize(
    "text",
    [
        "A write covers exactly one member, or all 16 bytes of system_memory.",
        "Bit n % 8 of byte n / 8 is page n of the range (see __u64, a*b, 2 * 3).",
        'STATE_A -- deactivate & stop --> STATE_B: it is <this>, [that] and "VFIO_REGION_TYPE_*".',
        "See https://docs.kernel.org/driver-api/vfio.html or ask maintainer@host.org; -1 is no fd.",
    ],
)
def test_ordinary_text_carries_no_backslash(text: str) -> None:
    assert "\\" not in "\n".join(rst.lines(text))


def test_what_looks_like_a_link_of_another_kind_is_text() -> None:
    for text in ("javascript:alert(1)", "data:text/html;x", "file:///etc/passwd", "Mail mailto:a"):
        document = parsed("\n".join(rst.lines(text)))
        assert not list(document.findall(docutils.nodes.reference)), text
        assert document.astext() == text


def test_a_name_is_cut_before_a_separator() -> None:
    name = "VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP"
    found = rst.lines(name, 30)
    assert all(re.fullmatch(r"_?[A-Z]+(_[A-Z]+)*\\?", line) for line in found), found
