"""Sequence drawings, read back from their characters alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_HEAD = re.compile(r"\S+(?: \S+)*")
_LABEL = re.compile(r" (\d+) ([A-Za-z0-9_. ]*[A-Za-z0-9_]) ")


class ReadStep(NamedTuple):
    """One step: from where to where its arrow leads, the same twice where the driver acts within itself."""

    number: int
    text: str
    source: str
    target: str
    dashed: bool


def read(lines: Sequence[str]) -> tuple[list[str], list[ReadStep]]:
    """The names of the lanes, and the steps downwards."""
    names = {found.start() + len(found[0]) // 2: found[0] for found in _HEAD.finditer(lines[0])}
    bars = [at for at, character in enumerate(lines[1]) if character == "|"]
    assert bars == list(names)
    steps, y = [], 2
    while y < len(lines) - 1:
        if "+" in lines[y]:
            steps.append(_box(lines[y : y + 3], names))
            y += 3
        else:
            assert all(lines[y][x] != " " for x in bars), f"a lane breaks in {lines[y]!r}"
            steps.append(_arrow(lines[y], names))
            y += 1
    assert [character for character in lines[-1] if character != " "] == ["|"] * len(bars)
    return list(names.values()), steps


def _label(line: str) -> re.Match[str]:
    (found,) = _LABEL.finditer(line)
    return found


def _box(lines: Sequence[str], names: dict[int, str]) -> ReadStep:
    """What the driver does within itself, around its lane."""
    (border,) = re.findall(r"\+[- ]+\+", lines[0])
    left = lines[0].index(border)
    right = left + len(border) - 1
    assert lines[2][left : right + 1] == border
    assert left < max(names) < right
    assert all(line[x] == "|" for line in lines for x in names if x != max(names))
    sides = {lines[1][left], lines[1][right]}
    assert sides == {":" if " " in border else "|"}
    found = _label(lines[1][: right + 1])
    return ReadStep(int(found[1]), found[2], names[max(names)], names[max(names)], sides == {":"})


def _arrow(line: str, names: dict[int, str]) -> ReadStep:
    """The arrow covers the gaps between lanes in which something is drawn."""
    found = _label(line)
    drawn = [pair for pair in pairwise(names) if line[pair[0] + 1 : pair[1]].strip()]
    assert all(one[1] == other[0] for one, other in pairwise(drawn)), "it is in pieces"
    first, last = drawn[0][0], drawn[-1][1]
    heads = [line[first + 1] == "<", line[last - 1] == ">"]
    assert sorted(heads) == [False, True], "it has one head"
    source, target = (last, first) if heads[0] else (first, last)
    without = line[first + 1 : found.start()] + line[found.end() : last]
    assert not set(without) - set("-|<> ")
    return ReadStep(int(found[1]), found[2], names[source], names[target], " " in without)
