"""What the checker says of padding is right to the letter: a spec in which it was done has no gap left."""

from __future__ import annotations

import re

import pytest

import golden
from sample import interface_of
from uapigen.diagnostics import Diagnostic
from uapigen.rules import check


@pytest.mark.parametrize("name", ["implicit-padding.places", "duplicate-name.padding"])
def test_doing_what_the_help_says_mends_all(name: str) -> None:
    text = (golden.RULES / f"{name}.yaml").read_text(encoding="utf-8")
    found = check(interface_of(text, ""))
    assert {each.id for each in found} == {name.partition(".")[0]}
    lines = text.splitlines(keepends=True)
    for each in reversed(found):
        _do(each, lines)
    assert check(interface_of("".join(lines), "")) == ()


def _do(found: Diagnostic, lines: list[str]) -> None:
    """Change the lines of the spec as the help of a finding says."""
    assert found.span
    assert found.help
    position = found.span.position()
    at = position.line - 1
    indent = " " * (len(position.text) - len(position.text.lstrip()))
    if match := re.fullmatch(r"insert `(.*)` above it", found.help):
        lines.insert(at, f"{indent}{match[1]}\n")
    elif match := re.fullmatch(r"add `(- .*)` as its last entry", found.help):
        lines.insert(at + 1, f"{indent}{match[1]}\n")
    elif match := re.fullmatch(r"write `(.*)` in place of `(.*)` (above it|at its end)", found.help):
        at -= match[3] == "above it"
        assert match[2] in lines[at]
        lines[at] = lines[at].replace(match[2], match[1])
    else:
        match = re.fullmatch(r"add a name: `((pad: \d+), name: .*)`", found.help)
        assert match
        lines[at] = lines[at].replace(match[2], match[1])
