"""Unquoted texts that readers of YAML do not agree on.

The room of YAML's types: YAML 1.1 (PyYAML, libyaml), YAML 1.2 (most editors) and this tool must read
a spec alike, so what they read differently has to be written differently.  Where it stands in a file
does not matter here.
"""

from __future__ import annotations

import re
from functools import cache

from uapigen.wording import in_quotes

NULLS = frozenset(("~", "null", "Null", "NULL"))

_LONGEST_NUMBER = 40
"""Digits up to which a number is worth converting for a message."""

_TRUTHS = {
    **{form: "true" for word in ("true", "yes", "on", "y") for form in (word, word.title(), word.upper())},
    **{form: "false" for word in ("false", "no", "off", "n") for form in (word, word.title(), word.upper())},
}
_CLEAR = re.compile(r"0|-?[1-9][0-9]*|0x[0-9a-fA-F]+|-?[0-9]+\.[0-9]*|\.[0-9]+")
_OLD_FLOAT = r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?"
_NEW_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_BASES = {"octal": 8, "octal2": 8, "binary": 2, "hex": 16, "decimal": 10}


def ambiguity(text: str) -> tuple[str, str] | None:
    """What readers make of an unquoted text, and what to write instead; None where all agree.

    The rules are those of YAML 1.1 (yaml.org/type) and of the core schema of YAML 1.2 (chapter 10.3).
    Words for nothing (:data:`NULLS`) are not judged: readers agree on them.
    """
    truth = _TRUTHS.get(text)
    if truth is not None:
        return None if truth == text else _word(text, truth)
    if text == "=":
        return "has a meaning of its own to some readers of YAML", f"write {_quoted(text)}"
    if text[0] not in "-+.0123456789" or _CLEAR.fullmatch(text):
        return None
    match = _numbers().fullmatch(text)
    return _number(text, match.lastgroup or "") if match else None


@cache
def _numbers() -> re.Pattern[str]:
    """What is a number or a date to a reader.  Compiled late: most specs need it for nothing."""
    return re.compile(
        rf"""
          (?P<octal>  [-+]?0[0-7_]+ | [-+]?0[0-9]+)
        | (?P<octal2> 0o[0-7]+)
        | (?P<binary> [-+]?0b[01_]+)
        | (?P<hex>    [-+]?0x[0-9a-fA-F_]+)
        | (?P<decimal>[-+]?(?:0|[1-9][0-9_]*))
        | (?P<base60> [-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)
        | (?P<float>  {_OLD_FLOAT} | {_NEW_FLOAT})
        | (?P<special>[-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN)
                    | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)
        | (?P<date>   [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}
                    | [0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:[Tt]|[ ]+)
                      [0-9]{{1,2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]*)?
                      (?:[ ]*(?:Z|[-+][0-9]{{1,2}}(?::[0-9]{{2}})?))?)
        """,
        re.VERBOSE,
    )


def _word(text: str, truth: str) -> tuple[str, str]:
    help_ = f"write {_quoted(text)}, `{truth}` where true or false is asked for"
    if text.lower() == truth:
        return "is not how a truth value is written here", help_
    return f"is the same as '{truth}' to some readers of YAML and a text to others", help_


def _number(text: str, kind: str) -> tuple[str, str]:
    if kind == "date":
        return "is a date to some readers of YAML and a text to others", f"write {_quoted(text)}"
    old, new = (_old(text, kind), _new(text, kind)) if len(text) <= _LONGEST_NUMBER else (None, None)
    numbers = list(dict.fromkeys(number for number in (old, new) if number is not None))
    help_ = f"write {' or '.join(f'`{number}`' for number in numbers)} for the number, {_quoted(text)}"
    if not numbers:
        return "is a number to some readers of YAML", f"write {_quoted(text)}"
    if old == new:
        return "is an unusual way to write a number", help_
    readings = [f"the number {reading}" if reading else "a text" for reading in (old, new)]
    return f"is {readings[0]} to some readers of YAML and {readings[1]} to others", help_


def _quoted(text: str) -> str:
    return f"`{in_quotes(text)}` for the text"


def _old(text: str, kind: str) -> str | None:
    """The number that YAML 1.1 reads, None for a text."""
    bare = text.replace("_", "")
    if kind == "base60":
        value = 0
        for part in bare.lstrip("-+").split(":"):
            value = value * 60 + int(part)
        return str(-value if bare.startswith("-") else value)
    if kind == "octal2" or (kind == "octal" and re.search("[89]", bare)):
        return None
    if kind == "float":
        return _float(bare) if re.fullmatch(_OLD_FLOAT, text) else None
    return _whole(bare, kind)


def _new(text: str, kind: str) -> str | None:
    """The number that YAML 1.2 reads, None for a text."""
    if kind in ("base60", "binary") or "_" in text or (kind == "hex" and text[0] in "-+"):
        return None
    if kind == "float":
        return _float(text)
    return _whole(text, "decimal" if kind == "octal" else kind)


def _whole(text: str, kind: str) -> str | None:
    digits = re.sub("^([-+]?)0[obx]", r"\1", text)
    if kind not in _BASES or not re.search("[0-9a-fA-F]", digits):
        return None
    return str(int(digits, _BASES[kind]))


def _float(text: str) -> str | None:
    value = float(text)
    return str(int(value)) if abs(value) < 1 << 64 and value.is_integer() else None
