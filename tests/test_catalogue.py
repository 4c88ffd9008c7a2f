"""Everything that can be found is explained, and `uapigen rules` says it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import uapigen
from sample import HEAD
from uapigen import files, findings, loader
from uapigen.catalogue import Entry, brief, catalogue, why
from uapigen.commands.rules import explanation
from uapigen.diagnostics import SpecError
from uapigen.explanations import EXPLANATIONS
from uapigen.pipeline import load_source
from uapigen.proof import texts
from uapigen.rules import all_rules
from uapigen.source import Source

PACKAGE = Path(uapigen.__file__).parent
FAMILY = re.compile(
    r"(yaml|schema|file|verify|header|name|number|language|too|no|duplicate|circular)(-[a-z]+)+"
)
ENTRIES = pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.id)
TESTS = Path(__file__).parent


def strings() -> Iterator[tuple[str, bool]]:
    """Every text in the package's code, and whether it is an id for sure; no rules and no explanations."""
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name == "rules" or path.name == "explanations.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Diagnostic" and node.args:
                yield ast.unparse(node.args[0]).strip("'"), True
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, False


def test_every_id_of_the_package_is_explained_and_no_other() -> None:
    found = {text for text, sure in strings() if FAMILY.fullmatch(text) or (sure and "-" in text)}
    assert len(found) > 45
    assert found - {rule.id for rule in all_rules()} == {*EXPLANATIONS}


def test_every_id_that_was_ever_printed_is_explained() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("*.txt"))
    printed = set(re.findall(r"(?:error|warning): .* \[([a-z-]+)\]$", texts, re.MULTILINE))
    assert len(printed) > 60
    assert printed <= {*catalogue()}


def test_rules_and_the_others_do_not_share_an_explanation() -> None:
    assert not {rule.id for rule in all_rules()} & {*EXPLANATIONS}


@ENTRIES
def test_an_explanation_is_made_of_sentences(entry: Entry) -> None:
    assert re.fullmatch(r"[\w`].*\.", entry.doc)
    assert re.fullmatch(r"[\w`].*[.)]", entry.why)
    assert entry.doc.startswith(brief(entry))
    assert entry.doc.isascii()
    assert entry.why.isascii()
    assert bool(entry.bad) == bool(entry.good)
    assert why(entry.id) == entry.why


def test_what_is_not_known_has_no_reason() -> None:
    assert why("nothing") == ""


@pytest.mark.parametrize("id_", [id_ for id_, texts in EXPLANATIONS.items() if texts.bad])
def test_an_example_does_what_it_shows(id_: str) -> None:
    explanation = EXPLANATIONS[id_]
    with pytest.raises(SpecError) as caught:
        load_source(Source("example.yaml", HEAD + explanation.bad))
    assert {found.id for found in caught.value.diagnostics} == {id_}
    head = HEAD.replace("title: Example\n", "") if explanation.good.startswith("title:") else HEAD
    load_source(Source("example.yaml", head + explanation.good))


def rules(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uapigen", "rules", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done


def test_the_list_has_every_id_once_with_what_it_asks_for() -> None:
    listed = rules().stdout
    assert re.findall(r"^(?:error|warning) +(\S+)", listed, re.MULTILINE) == [*catalogue()]
    assert max(map(len, listed.splitlines())) <= 100
    words = " ".join(listed.split())
    for entry in catalogue().values():
        assert f"{entry.severity.value} {entry.id} {brief(entry)}" in words


@pytest.mark.parametrize("id_", ["implicit-padding", "names-a-user", "yaml-comma", "verify-layout"])
def test_an_id_is_explained_with_reason_example_and_waiver(id_: str) -> None:
    """`UPDATE_GOLDEN=1` writes the texts anew; read them before they are kept."""
    golden = TESTS / "explained" / f"{id_}.txt"
    printed = rules(id_).stdout
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(printed, encoding="utf-8")
    assert printed == golden.read_text(encoding="utf-8")


def test_only_rules_are_waived() -> None:
    for entry in catalogue().values():
        text = " ".join("\n".join(explanation(entry, 100)).split())
        assert (f"`allow: {{{entry.id}: " in text) == entry.is_rule
        assert ("No `allow:` waives it" in text) != entry.is_rule
        assert entry.why in text


def test_an_unknown_id_is_wrong_usage() -> None:
    said = rules("implict-padding", status=2).stderr
    assert "there is no rule 'implict-padding'; did you mean `implicit-padding`?" in said
    assert said.startswith("usage: uapigen rules")
    assert "`uapigen rules` lists them" in rules("qqq", status=2).stderr


@pytest.mark.parametrize(
    ("id_", "said", "limit"),
    [
        ("file-size", "16 MiB", files.LIMIT >> 20),
        ("yaml-depth", "64 mappings", loader.DEPTH),
        ("yaml-size", "2,000,000 keys", loader.NODES),
        ("too-many-errors", "1,000 errors", findings.LIMIT),
        ("verify-line-length", "100 columns in C", texts.WIDTHS[".h"]),
        ("verify-line-length", "80 in the document", texts.WIDTHS[".rst"]),
    ],
)
def test_limits_are_said_as_they_are(id_: str, said: str, limit: int) -> None:
    assert said in EXPLANATIONS[id_].doc
    assert int(said.partition(" ")[0].replace(",", "")) == limit
