"""Text of a spec arrives in every output as it was written, as text: nothing of it is code, or gets lost.

Every text of a whole spec is replaced, all at once.  What is made of it is held against what is made of
harmless texts in their places.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ctext
import held
import mutants
from rstread import parsed

PROSE = {"doc", "label", "effect", "decision", "version-policy"}
STEMS = ("vfio-device-state", "kinds", "vfio-migration-v2")
SPECS = [path for path in ctext.EVERY_SPEC if path.stem in STEMS]
EXAMPLES = int(os.environ.get("UAPIGEN_TEXTS", "3"))

NASTY = [text for text in mutants.TEXTS if re.fullmatch("[ -~]{1,60}", text)]
NASTY += ["*", "a*/b", "/*", "**/", "/**/", "*\\/", "?", "??", "\\ ", "@param: x", "Return: x", "Note::"]
NASTY += ["%EINVAL", "{{ 7*7 }}", "{{ interface }}", "{%- endif %}", "{#", "#}", "%}", "-->", "|x|_", "[1]_"]
NASTY += ["`", "``", "$x"]
VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=9)
WORD = st.one_of(st.sampled_from(NASTY), VISIBLE)
TEXT = st.lists(WORD, min_size=1, max_size=7).map(" ".join)


def places(node: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every mapping and key under which there is prose."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and (key in PROSE or (key == "topic" and "decision" in node)):
                yield node, key
            else:
                yield from places(value)
    elif isinstance(node, list):
        for item in node:
            yield from places(item)


def said(path: Path, text: Callable[[int], str]) -> tuple[held.Accepted, list[str]]:
    """What is made of the spec with other texts, and these."""
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    texts = []
    for number, (mapping, key) in enumerate(places(spec)):
        most = 40 if key == "label" else 400
        texts.append(f"Zq{number}x {text(number)[:most]} zq{number}y")
        mapping[key] = texts[-1]
    made = held.outcome(json.dumps(spec))
    assert isinstance(made, held.Accepted), made
    return made, texts


@cache
def harmless(path: Path) -> tuple[held.Accepted, list[str]]:
    return said(path, lambda _: "text")


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def read_c(text: str) -> str:
    """The comments, without what they are drawn with."""
    comments = re.findall(r"/\*(.*?)\*/", text, re.DOTALL)
    return squeezed("\n".join(re.sub(r"(?m)^[ \t]*\*", "", comment) for comment in comments))


def read_python(text: str) -> str:
    """The strings, as Python reads them."""
    nodes = ast.walk(ast.parse(text))
    return squeezed(
        "\n".join(
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
    )


def read_rst(text: str) -> str:
    return squeezed(parsed(text).astext())


def as_in_c(text: str) -> str:
    r"""No word of a comment ends in a backslash, which could continue a line: it becomes ``\.``."""
    return re.sub(r"\\(?=\s)", r"\\.", text)


def shape(text: str) -> str:
    """The syntax tree of Python with every string alike."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


READERS: dict[str, Callable[[str], str]] = {
    ".h": read_c,
    ".fragment": read_c,
    ".py": read_python,
    ".rst": read_rst,
}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_every_text_arrives_as_text(path: Path, data: st.DataObject) -> None:
    plain, plain_texts = harmless(path)
    drawn = data.draw(st.lists(TEXT, min_size=7, max_size=31))
    made, texts = said(path, lambda number: drawn[number % len(drawn)])
    assert made.texts.keys() == plain.texts.keys()
    for file, text in made.texts.items():
        if file.endswith((".h", ".c", ".fragment")):
            assert ctext.tokens(text) == ctext.tokens(plain.texts[file]), file
        if file.endswith(".py"):
            assert shape(text) == shape(plain.texts[file]), file
        reader = next((READERS[end] for end in READERS if file.endswith(end)), None)
        if reader is None:
            continue
        read, read_plainly = reader(text), reader(plain.texts[file])
        for one, other in zip(texts, plain_texts, strict=True):
            expected = squeezed(as_in_c(one) if reader is read_c else one)
            assert read.count(expected) == read_plainly.count(squeezed(other)), (file, one)
    header = next(file for file in made.texts if file.endswith(".h") and not file.endswith("_driver.h"))
    flags = ("-std=c90", *ctext.STRICT, "-Wcomment", "-Wtrigraphs", "-fsyntax-only", "-Wno-pedantic")
    source = f'#include "{header}"\n#include "{header}"\n'
    assert ctext.compile_errors(source, {header: made.texts[header]}, "x86-64", *flags) == ""


def test_the_texts_of_the_shipped_spec_are_in_its_outputs() -> None:
    """Otherwise the test above would compare nothing with nothing."""
    made, texts = harmless(SPECS[0])
    assert len(texts) > 120
    document, bindings = read_rst(made.named(".rst")), read_python(made.texts["vfio_device_state.py"])
    header = read_c(made.texts["vfio_device_state.h"])
    for text in texts:
        assert squeezed(text) in document + bindings + header, text
