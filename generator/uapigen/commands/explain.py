"""``uapigen explain``: one thing of an interface, or all of it at a glance, on the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator

from uapigen import ansi
from uapigen.characters import escaped
from uapigen.commands.columns import columns
from uapigen.commands.say import takes_color, width_of
from uapigen.commands.specs import load_specs
from uapigen.diagram import plain
from uapigen.diagram.model import Drawing, Role
from uapigen.document import Table
from uapigen.explain import Part, Rows, named, things, whole
from uapigen.folding import fold
from uapigen.model import Prose
from uapigen.tables import table
from uapigen.wording import no_such

_COLORS = {Role.NAME: ansi.BOLD, Role.NUMBER: ansi.CYAN, Role.NOTE: ansi.DIM}


def run(_: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print the page of what has this name: of each thing, where several have it."""
    (interface,) = load_specs([options.spec])
    width = width_of(sys.stdout)
    if options.name is None:
        pages = [(" ".join(interface.title.paragraphs), whole(interface, width))]
    else:
        every = [*things(interface)]
        found = named(every, options.name)
        if not found:
            names = dict.fromkeys(name for thing in every for name in thing.names if not name.isdigit())
            message = no_such(
                "part of the interface", options.name, names, "`uapigen explain SPEC` lists them"
            )
            print(f"uapigen: error: {escaped(message)}", file=sys.stderr)
            return 1
        pages = [(thing.title, thing.page(width)) for thing in found]
    color = bool(sys.stdout) and takes_color(sys.stdout)
    print("\n\n\n".join("\n".join(page(title, parts, width, color=color)) for title, parts in pages))
    return 0


def page(title: str, parts: Iterable[Part], width: int, *, color: bool) -> Iterator[str]:
    """The lines of a page."""
    yield from _bold(title, width, color=color)
    for part in parts:
        lines = [*_lines(part, width, color=color)]
        yield from ("", *lines) if lines else ()


def _lines(part: Part, width: int, *, color: bool) -> Iterator[str]:
    if isinstance(part, Drawing):
        yield from (_painted(line) for line in plain.runs(part)) if color else plain.lines(part)
    elif isinstance(part, Rows):
        if part.heading:
            yield from _bold(f"{part.heading}:", width, color=color)
        yield from columns(((word, _text(said)) for word, said in part.rows), width)
    elif isinstance(part, Table):
        cells = [[_text(cell) for cell in row] for row in part.rows]
        yield from table(part.header, cells, fold, width).split("\n")
    else:
        for number, paragraph in enumerate(part.paragraphs):
            yield from ([""] if number else [])
            yield from fold(escaped(paragraph), width)


def _text(said: Prose | str) -> str:
    return escaped(" ".join(said.paragraphs) if isinstance(said, Prose) else said)


def _painted(line: Iterable[plain.Run]) -> str:
    return "".join(ansi.painted(run.text, _COLORS[run.role]) if run.role else run.text for run in line)


def _bold(text: str, width: int, *, color: bool) -> Iterator[str]:
    lines = fold(escaped(text), width)
    yield from (ansi.painted(line, ansi.BOLD) for line in lines) if color else lines
