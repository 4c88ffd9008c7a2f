"""Texts in lines of a given width, of which no character is lost."""

from __future__ import annotations

import re

_PIECES = re.compile(r"[^ _.+-]*[_.+-]+|[^ _.+-]+")
"""A name may be parted behind a separator."""


def fold(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width``: parted at blanks, else within names, at last anywhere."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        elif len(word) <= width:
            lines.append(word)
        else:
            lines += _parted(word, width)
    return lines


def _parted(word: str, width: int) -> list[str]:
    lines = [""]
    for piece in _PIECES.findall(word):
        if len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
        while len(lines[-1]) > width:
            lines.append(lines[-1][width:])
            lines[-2] = lines[-2][:width]
    return [line for line in lines if line]
