"""What the schema asks of one text or number, and how the right one is written.

The room of scalars of a shape.  Where one stands in a spec does not matter here.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from uapigen import tree
from uapigen.schemarules import Rule, regex
from uapigen.wording import listing, quote

Failure: TypeAlias = "tuple[str, str, Rule]"
"""Id, what the value must be, and the rule that says so."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,39}|0x[0-9a-fA-F]{1,40}")
"""A number, with no more digits than any number of C can have."""

_SHIFT = r"\(*\s*1[UL]*\s*<<\s*([0-9]{1,2})\s*\)*|_*BIT(?:UL|ULL)?\(\s*([0-9]{1,2})\s*\)"
_SUFFIXED = r"(-?(?:0[xX][0-9a-fA-F]+|[1-9][0-9]*|0))[uUlL]*"


def typed(node: tree.Scalar, kinds: frozenset[str]) -> str | int | bool:
    """What a scalar is where these kinds of value are admitted."""
    if node.plain:
        if "integer" in kinds and _INTEGER.fullmatch(node.text):
            return int(node.text, 0)
        if "boolean" in kinds and node.text in ("true", "false"):
            return node.text == "true"
    return node.text


def as_help(sentence: str) -> str:
    """The sentence as a part of another one: an acronym or a name keeps its capital."""
    first = sentence[:1].lower() if sentence[1:2].islower() or sentence[1:2] == " " else sentence[:1]
    return (first + sentence[1:]).removesuffix(".")


def choices_of(rule: Rule) -> list[str | int | bool]:
    """The values that the rule lists."""
    choices: list[str | int | bool] = rule.get("enum", [rule["const"]] if "const" in rule else [])
    return choices


_FEW = 4


def choices_explained(rule: Rule) -> str | None:
    """What each of a few choices means, None where the schema does not say it."""
    said = rule.get("markdownEnumDescriptions", ())
    if not 0 < len(said) <= _FEW:
        return None
    sentences = (re.split(r"(?<=\.) ", text, maxsplit=1)[0] for text in said)
    return "; ".join(
        f"`{choice}`: {as_help(text)}" for choice, text in zip(rule["enum"], sentences, strict=True)
    )


def own_failure(value: str | int | bool, rule: Rule) -> Failure | None:
    """What the rule by itself asks of a value whose kind it admits, where the value is not so."""
    choices = choices_of(rule)
    if choices and not any(type(value) is type(choice) and value == choice for choice in choices):
        return ("schema-enum", f"must be {listing(map(_shown, choices), 'or')}", rule)
    if isinstance(value, str):
        return _text_failure(value, rule)
    if not isinstance(value, bool):
        return _number_failure(value, rule)
    return None


def _text_failure(text: str, rule: Rule) -> Failure | None:
    low, high = rule.get("minLength", 0), rule.get("maxLength", len(text))
    if not text and low == 1:
        return ("schema-length", "must not be empty", rule)
    if not low <= len(text) <= high:
        limit = f"at least {low}" if len(text) < low else f"at most {high}"
        return ("schema-length", f"must have {limit} characters and has {len(text)}", rule)
    if "pattern" in rule and not regex(rule["pattern"]).search(text):
        return ("schema-pattern", "cannot be", rule)
    return None


def _number_failure(number: int, rule: Rule) -> Failure | None:
    low, high = rule.get("minimum"), rule.get("maximum")
    if (low is None or low <= number) and (high is None or number <= high):
        return None
    if low is not None and high is not None:
        return ("schema-range", f"must be {low}" if low == high else f"must be from {low} to {high}", rule)
    return ("schema-range", f"must be at least {low}" if high is None else f"must be at most {high}", rule)


def number_help(node: tree.Scalar) -> str | None:
    """The number that was probably meant."""
    text = node.text.strip()
    if shift := re.fullmatch(_SHIFT, text):
        return f"write the number itself: {1 << int(shift[1] or shift[2])}"
    if len(node.text) == 1 and not node.plain and not text.isdigit():
        return f"write the number of the character: {ord(node.text):#x}"
    if not node.plain and _INTEGER.fullmatch(text):
        return f"write it without quotes: {text}"
    if (number := re.fullmatch(_SUFFIXED, text)) and _INTEGER.fullmatch(plain := number[1].replace("X", "x")):
        return f"write the number alone: {plain}"
    if re.fullmatch("(?=.*[0-9])(?=.*[a-fA-F])[0-9a-fA-F]{2,16}", text):
        return f"write hexadecimal digits behind 0x: 0x{text}"
    return "no number of C has as many digits" if re.fullmatch("[0-9]+", text) else None


def _shown(choice: str | int | bool) -> str:
    return quote(choice) if isinstance(choice, str) else str(choice).lower()
