"""``uapigen rules``: what can be found, and why it matters."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from textwrap import indent

from uapigen.catalogue import Entry, brief, catalogue, waiver
from uapigen.commands.say import width_of
from uapigen.folding import fold
from uapigen.wording import no_such

_REVIEW = """"Review" is that of the first interface that was described here, the patch of 2019 to
linux/vfio.h that gave devices a state. Letters with numbers are its points."""


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print the list of all ids, or what there is to say about one."""
    entries = catalogue()
    width = width_of(sys.stdout)
    if options.id is None:
        print("\n".join(overview(entries.values(), width)))
        return 0
    if options.id not in entries:
        parser.error(no_such("rule", options.id, entries, "`uapigen rules` lists them"))
    print("\n".join(explanation(entries[options.id], width)))
    return 0


def overview(entries: Iterable[Entry], width: int) -> Iterator[str]:
    """Lines: every id with its severity and what it asks for, the rules before the others."""
    entries = tuple(entries)
    column = max(len(entry.id) for entry in entries) + 2
    yield from fold("What is asked of an interface. `allow: {ID: reason}` waives one where it stands.", width)
    yield ""
    yield from _rows((entry for entry in entries if entry.is_rule), column, width)
    yield ""
    yield from fold("What is asked of files, of YAML, of names and of what is generated.", width)
    yield ""
    yield from _rows((entry for entry in entries if not entry.is_rule), column, width)
    yield ""
    yield from fold("`uapigen rules ID` says why, and shows how to write it.", width)


def _rows(entries: Iterable[Entry], column: int, width: int) -> Iterator[str]:
    for entry in entries:
        first, *more = fold(brief(entry), width - column - 9)
        yield f"{entry.severity.value:<9}{entry.id:<{column}}{first}"
        yield from (" " * (column + 9) + line for line in more)


def explanation(entry: Entry, width: int) -> Iterator[str]:
    """Lines: everything that there is to say about one id."""
    yield f"{entry.id} ({entry.severity.value})"
    yield ""
    yield from fold(entry.doc, width)
    yield ""
    yield from fold(f"Why: {entry.why}", width)
    for title, example in (("Breaks it:", entry.bad), ("Keeps it:", entry.good)):
        if example:
            yield f"\n{title}\n"
            yield indent(example.strip("\n"), "    ")
    yield ""
    yield from fold(waiver(entry), width)
    if "review, " in entry.why:
        yield ""
        yield from fold(_REVIEW, width)
