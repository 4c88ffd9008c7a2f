"""The loader takes what every reader of YAML reads alike, with places, and nothing else.

The messages themselves are pinned by ``test_errors.py``.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uapigen import findings, loader, tree
from uapigen.characters import refused
from uapigen.diagnostics import SpecError
from uapigen.loader import read_tree
from uapigen.scalars import NULLS, ambiguity
from uapigen.source import Source, Span

SPECS = sorted((Path(__file__).parent.parent / "spec").glob("*.yaml"))


def read(text: str) -> tree.Mapping:
    """The tree; all errors end in one exception here."""
    read = read_tree(Source("test.yaml", text))
    if read.problems:
        raise SpecError(read.problems)
    return read.root


def ids(text: str) -> list[str]:
    """What is found in the text, in reading order."""
    try:
        read(text)
    except SpecError as error:
        return [found.id for found in error.diagnostics]
    return []


def plain(node: tree.Node) -> Any:
    """The tree as PyYAML's BaseLoader would give it: every scalar a text."""
    if isinstance(node, tree.Mapping):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, tree.Sequence):
        return [plain(item) for item in node]
    return node.text


def written(span: Span) -> str:
    return span.source.text[span.start : span.end]


# --- places ---------------------------------------------------------------------------------------

SPEC = """\
# A comment, and a character beyond ASCII and one beyond the first plane: \u00e4 \U0001f600
title: A plain text
  on two lines
"quoted": 'single'
doc: |
  Block.
block:
  first: 1
  second:
    - {name: A, value: 0x10}
    - [one, "two"]
last: {}
"""


def test_every_node_knows_where_it_is_written() -> None:
    root = read(SPEC)
    assert written(root.span).startswith("title: A plain")
    assert written(root.span).endswith("last: {}")
    keys = {written(key.span) for key, _ in root.entries.values()}
    assert keys == {"title", '"quoted"', "doc", "block", "last"}
    assert written(root.where("title")) == "A plain text\n  on two lines"
    assert written(root.where("quoted")) == "'single'"
    assert written(root.where("doc")).startswith("|")
    assert written(root.where("block")).startswith("first: 1")
    assert written(root.where("last")) == "{}"
    block = root.get("block")
    assert isinstance(block, tree.Mapping)
    items = block.get("second")
    assert isinstance(items, tree.Sequence)
    assert written(items.span).startswith("- {name")
    mapping, inner = items
    assert isinstance(mapping, tree.Mapping)
    assert isinstance(inner, tree.Sequence)
    assert written(mapping.span) == "{name: A, value: 0x10}"
    assert written(mapping.where("value")) == "0x10"
    assert [written(item.span) for item in inner] == ["one", '"two"']


def test_a_place_counts_characters_and_not_bytes() -> None:
    position = read(SPEC).where("title").position()
    assert (position.line, position.column, position.text) == (2, 8, "title: A plain text")


def test_plain_scalars_are_told_from_quoted_and_block_ones() -> None:
    root = read("a: 1\nb: '1'\nc: \"1\"\nd: |\n  1\ne: >-\n  1\n")
    nodes = {key: value for key, (_, value) in root.entries.items()}
    assert {key: node.plain for key, node in nodes.items() if isinstance(node, tree.Scalar)} == {
        "a": True,
        "b": False,
        "c": False,
        "d": False,
        "e": False,
    }


# --- agreement with other readers -----------------------------------------------------------------


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_specs_of_this_repository_read_as_pyyaml_reads_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert plain(read(text)) == yaml.load(text, yaml.BaseLoader)


PIECES = st.one_of(
    st.sampled_from(["a", "b", "doc", "on", "012", "x y", "'q'", '"q"', "~", "\\", "@", "`", "%", "\u00e4"]),
    st.sampled_from(
        [": ", ":", ", ", ",", "- ", "? ", "{", "}", "[", "]", "|\n", ">\n", " #", "# ", "---\n"]
    ),
    st.sampled_from(["\n", "\n  ", "\n    ", " ", "&a ", "*a", "!t ", "<<: "]),
    st.sampled_from(["\t", "\u202e", "\ufeff", "\r", "\x00"]),
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join))
@example("&a ")
@example("a: [" * 70)
@example("a: 'x")
@example('a: "\\')
def test_any_text_is_refused_or_read_as_pyyaml_reads_it(text: str) -> None:
    try:
        root = read(text)
    except SpecError as error:
        found = error.diagnostics
    else:
        assert plain(root) == yaml.load(text, yaml.CBaseLoader)
        return
    assert found
    assert all(error.span is not None and error.help for error in found)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_at_all_makes_another_exception(text: str) -> None:
    ids(text)


# --- scalars on which readers differ --------------------------------------------------------------

CORE_1_2 = (
    ("null", r"null|Null|NULL|~"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
)
"""The core schema of YAML 1.2.2, chapter 10.3.2."""


def read_by_1_2(text: str) -> tuple[str, object]:
    kind = next((kind for kind, pattern in CORE_1_2 if re.fullmatch(pattern, text)), "str")
    if kind == "int":
        return kind, int(text, 0) if text[1:2] in ("o", "x") else int(text)
    if kind == "float" and not text[-1].isalpha():
        return kind, float(text)
    return kind, text.lower() == "true" if kind == "bool" else text


def read_by_1_1(text: str) -> tuple[str, object]:
    if text in ("y", "Y", "n", "N"):  # YAML 1.1 has them; PyYAML left them out.
        return "bool", text in "yY"
    node: Any = yaml.compose(text, yaml.CSafeLoader)
    kind = node.tag.rpartition(":")[2]
    if kind not in ("int", "float", "bool"):
        return kind, text
    try:
        return kind, yaml.load(text, yaml.CSafeLoader)
    except ValueError:  # "0b_" has the form of a number and is none.
        return kind, None


def is_one_plain_scalar(text: str) -> bool:
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value == text


TEXTS = st.one_of(
    st.text("0123456789+-._:xobeE", min_size=1, max_size=8),
    st.from_regex(r"[-+]?(0[xob])?[0-9]{1,3}[:._eE]?[-+]?[0-9]{0,2}", fullmatch=True),
    st.from_regex(
        r"[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{2}:[0-9]{2}(Z|[-+][0-9])?)?",
        fullmatch=True,
    ),
    st.sampled_from("y n yes no on off true false null none nan inf .inf .nan ~ = << . - + .. a b".split()),
).flatmap(lambda text: st.sampled_from([text, text.upper(), text.title()]))


@settings(deadline=None)
@given(TEXTS)
@example("-.5")
@example("08")
@example("1e3")
@example("190:20:30")
@example("1:30.5")
def test_what_is_read_without_quotes_means_the_same_to_yaml_1_1_and_1_2(text: str) -> None:
    if not is_one_plain_scalar(text):
        return
    one, two = read_by_1_1(text), read_by_1_2(text)
    if text in NULLS:
        assert ids(f"a: {text}\n") == ["yaml-null"]
    elif ambiguity(text) is None and text != "<<":
        assert one == two
    else:
        assert (one[0], two[0]) != ("str", "str")
        assert len(ids(f"a: {text}\n")) == 1


@pytest.mark.parametrize(
    "text",
    ["0", "7", "-7", "0x1f", "6.10", "true", "false", "vfio", "1.2.3", "u32", "A+B", "x.y", "50%", "C_1"],
)
def test_an_ordinary_word_or_number_needs_no_quotes(text: str) -> None:
    assert plain(read(f"{{a: {text}}}")) == {"a": text}


# --- what is fine, and looks like a trap ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b # a comment\n", {"a": "b"}),
        ("a: b #\n", {"a": "b"}),
        ("a: b ## a comment\n", {"a": "b"}),
        ("a: 'b' #4\n", {"a": "b"}),
        ("a: [b] #4\n", {"a": ["b"]}),
        ("a: b#4\n", {"a": "b#4"}),
        ("a: |\n  see #4, no: yes\n", {"a": "see #4, no: yes\n"}),
        ("{a: 'b, c', d: e,}\n", {"a": "b, c", "d": "e"}),
        ('a: ""\n', {"a": ""}),
        ("a: 'on'\nb: '~'\n'<<': c\n", {"a": "on", "b": "~", "<<": "c"}),
        ("a: it's 5 o'clock\n", {"a": "it's 5 o'clock"}),
        ('a: "\\u00e4\\n"\n', {"a": "\u00e4\n"}),
        ("--- # one document\na: b\n...\n", {"a": "b"}),
        ("a:\n- b\n", {"a": ["b"]}),
        ("{}\n", {}),
        ("? a\n: b\n", {"a": "b"}),
    ],
)
def test_what_only_looks_like_a_trap_is_read(text: str, expected: object) -> None:
    assert plain(read(text)) == expected


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\t"), max_size=40))
def test_any_text_can_be_written_in_double_quotes_but_for_refused_characters(text: str) -> None:
    quoted = yaml.dump({"a": text}, default_style='"', allow_unicode=False, width=1000)
    if any(refused(text)):
        assert set(ids(quoted)) == {"yaml-character"}
    else:
        assert plain(read(quoted)) == {"a": text}


# --- all of a run ---------------------------------------------------------------------------------


def test_everything_that_is_found_is_reported_in_reading_order() -> None:
    text = "a: on\nb: &x c\nd: *x\na: {e: f, g h}\ni: !!str j\nk:\tl\nm: see #4\no:\n"
    assert ids(text) == [
        "yaml-ambiguous-scalar",
        "yaml-anchor",
        "yaml-alias",
        "yaml-duplicate-key",
        "yaml-comma",
        "yaml-tag",
        "yaml-tab",
        "yaml-comment",
        "yaml-empty-value",
    ]


def test_an_error_of_syntax_is_reported_alone() -> None:
    assert ids("a: on\nb: [c\nd: e\n") == ["yaml-syntax"]


def test_a_comment_within_a_text_is_blamed_for_the_error_of_syntax_that_it_makes() -> None:
    assert ids("a: see #4 of\n  the list\n") == ["yaml-comment"]
    assert ids("a: see #4\nb: [c\n") == ["yaml-syntax"]


def test_a_refused_character_is_blamed_for_the_error_of_syntax_that_it_makes() -> None:
    assert ids("\ufeffa: b\nc: d\n") == ["yaml-character"]
    assert ids("a:\n\t\tb: c\n\td: e\n") == ["yaml-tab", "yaml-tab"]


def test_a_bracket_that_is_never_closed_is_where_the_error_is() -> None:
    for text in ("a: [b", "a: [b\n", "a: [b, {c: d}\n\n"):
        with pytest.raises(SpecError) as caught:
            read(text)
        (found,) = caught.value.diagnostics
        assert found.span is not None
        assert (found.span.start, found.message) == (3, "this '[' is never closed")


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_a_spec_is_64_collections_deep_at_most(opening: str, closing: str) -> None:
    assert ids(f"a: {opening * 63}b{closing * 63}\n") == []
    assert ids(f"a: {opening * 64}b{closing * 64}\n") == ["yaml-depth"]
    block = "".join(f"{'  ' * level}a:\n" for level in range(63))
    assert ids(f"{block}{'  ' * 63}a: b\n") == []
    assert ids(f"{block}{'  ' * 63}a:\n{'  ' * 64}b: c\n") == ["yaml-depth"]


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 200_000, "a: " + "{a: " * 200_000, "? " * 200_000])
def test_no_depth_ends_the_process(text: str) -> None:
    assert ids(text) == ["yaml-depth"]


def test_reading_stops_after_so_many_errors_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "LIMIT", 5)
    assert ids("a: [" + "on, " * 9 + "]\n") == [*["yaml-ambiguous-scalar"] * 5, "too-many-errors"]
    assert ids("\n".join("\ta: b" for _ in range(9))) == [*["yaml-tab"] * 5, "too-many-errors"]


def test_reading_stops_after_so_many_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "NODES", 4)
    assert ids("a: [b]\n") == []
    assert ids("a: [b, c, d]\n") == ["yaml-size"]


def test_no_cycles_are_looked_for_while_a_tree_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(loader, "ambiguity", lambda _: seen.append(gc.isenabled()))
    read("a: b\n")
    assert seen == [False, False]


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("text", ["a: b\n", "a: [b\n", "a: on\n"])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool, text: str) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        ids(text)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


# --- errors of single values ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unusable"),
    [
        ("a: on\nb: 1\n", ["on"]),
        ("a: ~\n", ["~"]),
        ("a: see #4\n", ["see"]),
        ("a:\nb: 1\n", [""]),
        ("a:\n  - on\n  -\n", ["on", ""]),
        ("a: {b: fill, then go, c: 1}\n", ["fill"]),
    ],
)
def test_an_error_of_a_value_leaves_the_others_to_be_looked_at(text: str, unusable: list[str]) -> None:
    read = read_tree(Source("test.yaml", text))
    assert len(read.problems) == len(unusable)
    found = {tree.mark(node): node.text for node in values_of(read.root)}
    assert [found[each] for each in sorted(read.unusable, key=lambda each: each[1])] == unusable


def test_the_rest_of_a_text_that_a_comma_ends_is_no_key() -> None:
    read = read_tree(Source("test.yaml", "{a: one, two, and three, b: 1}"))
    assert [*read.root.entries] == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    ["on: 1\n", "a: 1\na: 2\n", "{a:1}", "{a b}", "a: *b\n", "a: &b c\n", "a: !b c\n", "a: on\nb: *c\n"],
)
def test_where_the_structure_is_in_doubt_nothing_more_is_asked(text: str) -> None:
    with pytest.raises(SpecError):
        read_tree(Source("test.yaml", text))


def values_of(node: tree.Node) -> Iterator[tree.Scalar]:
    if isinstance(node, tree.Scalar):
        yield node
    elif isinstance(node, tree.Mapping):
        for _, value in node.entries.values():
            yield from values_of(value)
    else:
        for item in node:
            yield from values_of(item)
