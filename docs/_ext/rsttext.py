"""Text with `code` in backticks, as the schema and the rules have it, for reStructuredText."""

import re

from uapigen import rst


def marked(text: str) -> str:
    """The text in one line, with what stands in backticks as literals."""
    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    return "".join(f"``{part}``" if number % 2 else rst.escape(part) for number, part in enumerate(parts))


def indented(text: str, by: str = "   ") -> str:
    """The lines of the text behind an indentation."""
    return "\n".join(by + line if line else "" for line in text.strip("\n").split("\n"))


def title(text: str, rule: str) -> str:
    """A heading."""
    return f"{text}\n{rule * len(text)}"
