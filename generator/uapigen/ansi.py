"""Colors of a terminal."""

from __future__ import annotations

BOLD, DIM = "\x1b[1m", "\x1b[2m"
RED, MAGENTA, CYAN = "\x1b[1;31m", "\x1b[1;35m", "\x1b[1;36m"
_RESET = "\x1b[0m"


def painted(text: str, color: str) -> str:
    """The text in a color, and what follows without it."""
    return f"{color}{text}{_RESET}"
