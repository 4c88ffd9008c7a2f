"""Lines of C functions that are made by program: how they are declared, and where they break.

The room of form.  What functions do and are called is the matter of who writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from uapigen.cspelling import WIDTH
from uapigen.model import Prose
from uapigen.record import Record

_TAB = 8


class Function(Record):
    """A function: ``opening`` is how it is declared; the rest is its kernel-doc.

    ``brief`` is what it gives, ``parameters`` are names and what they are, ``doc`` is behind them, and
    ``gives`` is what it returns.
    """

    name: str
    opening: str
    brief: Prose
    parameters: tuple[tuple[str, Prose], ...]
    doc: Prose
    gives: Prose


def function(
    type_: str, name: str, brief: str, parameters: Sequence[tuple[str, str]], doc: str, gives: str
) -> Function:
    """A function of these parameters, each given as it is declared with what it is."""
    return Function(
        name,
        opening(type_, name, [declared for declared, _ in parameters]),
        Prose(brief),
        tuple((declared.split()[-1].lstrip("*"), Prose(said)) for declared, said in parameters),
        Prose(doc),
        Prose(gives),
    )


def opening(type_: str, name: str, parameters: Sequence[str]) -> str:
    """The line that opens a function, broken behind a comma; further lines begin beneath the first one.

    A name that leaves no room has a line of its own.
    """
    words = [*(f"{each}," for each in parameters[:-1]), f"{parameters[-1]})"]
    start = f"static inline {type_} {name}("
    if len(start) + max(map(len, words)) > WIDTH:
        start = f"static inline {type_}\n{name}("
    column = len(start.rpartition("\n")[2])
    return "\n".join(filled(words, start, "\t" * (column // _TAB) + " " * (column % _TAB)))


def switch(name: str, bits: tuple[str, ...]) -> str:
    """The head of a switch over those bits of a number, over all of them where none is named."""
    return either(bits, f"\tswitch ({name} & ", ") {") if bits else f"\tswitch ({name}) {{"


def label(parts: tuple[str, ...]) -> str:
    """A label; in brackets where it takes several lines, the last of which looks like one for goto else."""
    plain = either(parts, "\tcase ", ":", brackets=False)
    return either(parts, "\tcase ", ":") if "\n" in plain else plain


def either(parts: tuple[str, ...], before: str, behind: str, *, brackets: bool = True) -> str:
    """The parts joined, in brackets where there are several, in lines that break behind a ``|``."""
    if not parts:
        return f"{before}0{behind}"
    several = brackets and len(parts) > 1 and before.strip() != ""
    opened, closed = ("(", ")") if several else ("", "")
    start = before + opened
    column = len(start.expandtabs())
    indent = "\t" * (column // _TAB) + " " * (column % _TAB)
    words = [*(f"{part} |" for part in parts[:-1]), f"{parts[-1]}{closed}{behind}"]
    lines = list(filled(words, start, indent))
    return "\n".join(lines)


def filled(words: Sequence[str], start: str, indent: str) -> Iterator[str]:
    """The lines of words with spaces between: the first behind ``start``, each other behind ``indent``."""
    line = start + words[0]
    for word in words[1:]:
        if len(line.expandtabs()) + 1 + len(word) > WIDTH:
            yield line
            line = indent + word
        else:
            line += f" {word}"
    yield line
