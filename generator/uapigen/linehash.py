"""Fingerprints of lines: what tells a forge that a finding is the one it knows, though its line has moved.

The room of one number: GitHub's ``primaryLocationLineHash``.  GitHub computes it where a log has none and
complains where a log has another, so that it is the same here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

_LENGTH = 100
"""Characters that are hashed, from the start of the line on and beyond its end; blanks do not count."""

_END = "\uffff"
_WITHOUT_BLANKS = {ord(" "): None, ord("\t"): None}


def line_hashes(text: str, numbers: Collection[int]) -> dict[int, str]:
    """The fingerprint of each line that is asked for, by its number from 1.

    It is a polynomial over UTF-16 units, with 37 for the variable, modulo 2**64; behind it stands how many
    lines with this hash there have been, this one included.
    """
    lines = f"{text.translate(_WITHOUT_BLANKS)}{_END}".split("\n")
    units = [f"{line}\n".encode("utf-16-le", "surrogatepass") for line in lines]
    data = b"".join(units)[:-2]  # The last line has no end.
    seen: Counter[bytes] = Counter()
    found = {}
    start = 0
    for number, unit in enumerate(units, 1):
        window = data[start : start + 2 * _LENGTH]
        seen[window] += 1
        if number in numbers:
            found[number] = f"{_hash(window):x}:{seen[window]}"
        start += len(unit)
    return found


def _hash(window: bytes) -> int:
    value = 0
    for at in range(0, 2 * _LENGTH, 2):
        value = value * 37 + int.from_bytes(window[at : at + 2], "little")
    return value % 2**64
