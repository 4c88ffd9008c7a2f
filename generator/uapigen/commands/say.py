"""Findings on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from uapigen.diagnostics import Diagnostic


def say(diagnostics: Sequence[Diagnostic]) -> None:
    """Print findings where errors go."""
    if diagnostics:
        from uapigen.report import format_text

        print(format_text(diagnostics).rstrip("\n"), file=sys.stderr)
