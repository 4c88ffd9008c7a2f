"""Specs that somebody spoiled: one text in, another one out, and always the same one for the same dice.

The room of mutation.  It is used by the property tests and by the fuzzer; what becomes of a mutant is
judged elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

import yaml

from uapigen import pipeline

NUMBERS = """
0 1 -1 2 3 7 8 31 32 33 63 64 65 127 128 255 256 4095 4096 65535 65536 0x7fffffff 0x80000000 0xffffffff
0x100000000 0x7fffffffffffffff 0x8000000000000000 0xffffffffffffffff 0x10000000000000000 -0x8000000000000000
-9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 00 07 1e3 1_000 0b1 0x
""".split()
"""Numbers at the limits of something, and some that are none."""

TEXTS = (
    *("*/", "/*", "//", '"""', "'''", '"', "'", "\\", "\\\\", "x\\", "??/", "??=", "{{ 1 }}", "{% raw %}"),
    *("{# #}", "%>", "%s", "{0}", "{name}", "\\N{DASH}", "\\x41", "\\n", "\\u0041", "#endif", "#include <a>"),
    *(
        ".. include:: /etc/passwd",
        ".. raw:: html",
        "|sub|",
        ":role:`x`",
        "`x`_",
        "x_",
        "::",
        "*x",
        "__",
        "==",
    ),
    *("..", "/", "../../x", "/etc/passwd", ".", "-", "~", "on", "null", "<<", "&a", "*a", "!t", "? a", "- a"),
    *("\u202e", "\u00e9", "\ufeff", "\u2028", "\x85", "\r", "\t", "\0", "\x1b[2J", "\ud7ff", "\U0001f600"),
    *(
        "a" * 200,
        "int",
        "class",
        "==",
        "None",
        "self",
        "__init__",
        "true",
        "flexible",
        "always",
        "end",
        "page",
    ),
)
"""What has a meaning in YAML, C, Python, Jinja or reStructuredText."""


def _properties(rule: Any) -> set[str]:
    if isinstance(rule, dict):
        found = {*rule["properties"]} if isinstance(rule.get("properties"), dict) else set()
        return found.union(*map(_properties, rule.values()))
    return set().union(*map(_properties, rule)) if isinstance(rule, list) else set()


def _choices(rule: Any) -> set[str]:
    if isinstance(rule, dict):
        found = {text for text in rule["enum"] if isinstance(text, str)} if "enum" in rule else set()
        return found.union(*map(_choices, rule.values()))
    return set().union(*map(_choices, rule)) if isinstance(rule, list) else set()


KEYS = sorted(_properties(pipeline.schema()))
CHOICES = sorted(_choices(pipeline.schema()))

_KEY = re.compile(r"[\w-]+(?=: )")
_SCALAR = re.compile(r"(?<=: )[^\s,{}\[\]|>'\"&*!#][^\n,{}\[\]#]*|\"[^\"\n]*\"|'[^'\n]*'")
_NUMBER = re.compile(r"(?<![\w.])-?(?:0x[0-9a-fA-F]+|[0-9]+)(?![\w.])")


def mutant(text: str, dice: Random, count: int = 1) -> str:
    """The text with ``count`` mistakes."""
    for _ in range(count):
        text = dice.choice(_MISTAKES)(text, dice)
    return text


def _place(pattern: re.Pattern[str], text: str, dice: Random) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return dice.choice(found) if found else None


def _put(text: str, match: re.Match[str] | None, new: str) -> str:
    return f"{text[: match.start()]}{new}{text[match.end() :]}" if match else text


def _other_key(text: str, dice: Random) -> str:
    return _put(text, _place(_KEY, text, dice), dice.choice(KEYS))


def _key_of_this_text(text: str, dice: Random) -> str:
    other = _place(_KEY, text, dice)
    return _put(text, _place(_KEY, text, dice), other[0]) if other else text


def _other_number(text: str, dice: Random) -> str:
    return _put(text, _place(_NUMBER, text, dice), dice.choice(NUMBERS))


def _other_value(text: str, dice: Random) -> str:
    return _put(text, _place(_SCALAR, text, dice), dice.choice([*TEXTS, *CHOICES, *NUMBERS]))


def _quoted_value(text: str, dice: Random) -> str:
    return _put(text, _place(_SCALAR, text, dice), json.dumps(dice.choice(TEXTS)))


def _value_of_this_text(text: str, dice: Random) -> str:
    other = _place(_SCALAR, text, dice)
    return _put(text, _place(_SCALAR, text, dice), other[0]) if other else text


def _character(text: str, dice: Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice([*TEXTS, *" \n:,-[]{}'\"#|>"]) + text[at + dice.randrange(2) :]


def _lines(change: Callable[[list[str], int, Random], None]) -> Callable[[str, Random], str]:
    def mistake(text: str, dice: Random) -> str:
        lines = text.split("\n")
        change(lines, dice.randrange(len(lines)), dice)
        return "\n".join(lines)

    return mistake


def _without_line(lines: list[str], at: int, _: Random) -> None:
    del lines[at]


def _line_twice(lines: list[str], at: int, _: Random) -> None:
    lines.insert(at, lines[at])


def _lines_swapped(lines: list[str], at: int, dice: Random) -> None:
    other = dice.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _line_shifted(lines: list[str], at: int, dice: Random) -> None:
    lines[at] = dice.choice(["  " + lines[at], " " + lines[at], lines[at][2:], lines[at][1:]])


def _block(lines: list[str], at: int) -> slice:
    """The line and those beneath it that stand deeper."""
    indent = len(lines[at]) - len(lines[at].lstrip(" "))
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" " * (indent + 1))):
        end += 1
    return slice(at, end)


def _without_block(lines: list[str], at: int, _: Random) -> None:
    del lines[_block(lines, at)]


def _block_twice(lines: list[str], at: int, dice: Random) -> None:
    to = dice.randrange(len(lines))
    lines[to:to] = lines[_block(lines, at)]


def _nodes(text: str) -> list[tuple[int, int]]:
    """Where each value of the text begins and ends; none where it is no YAML."""
    try:
        todo = [yaml.compose(text, yaml.CSafeLoader)]
    except (yaml.YAMLError, UnicodeError, ValueError):
        return []
    found = []
    while todo:
        node: Any = todo.pop()
        if node is None or node.start_mark.index == node.end_mark.index:
            continue
        found.append((node.start_mark.index, node.end_mark.index))
        if len(found) > 5000:  # An alias can stand for itself.
            return []
        for part in node.value if not isinstance(node, yaml.ScalarNode) else ():
            todo += part if isinstance(part, tuple) else (part,)
    return found


def _nodes_swapped(text: str, dice: Random) -> str:
    nodes = _nodes(text)
    if len(nodes) < 2:
        return text
    (start, end), (begin, stop) = sorted((dice.choice(nodes), dice.choice(nodes)))
    if end > begin:
        return text
    return text[:start] + text[begin:stop] + text[end:begin] + text[start:end] + text[stop:]


def _node_copied(text: str, dice: Random) -> str:
    nodes = _nodes(text)
    if not nodes:
        return text
    (start, end), (begin, stop) = dice.choice(nodes), dice.choice(nodes)
    return text[:start] + text[begin:stop] + text[end:]


def _without_node(text: str, dice: Random) -> str:
    nodes = _nodes(text)
    start, end = dice.choice(nodes) if nodes else (0, 0)
    return text[:start] + text[end:]


_MISTAKES: tuple[Callable[[str, Random], str], ...] = (
    *(_other_key, _key_of_this_text, _other_number, _other_number, _other_value, _quoted_value),
    *(_value_of_this_text, _value_of_this_text, _character, _nodes_swapped, _node_copied, _without_node),
    *map(_lines, (_without_line, _line_twice, _lines_swapped, _line_shifted, _without_block, _block_twice)),
)
