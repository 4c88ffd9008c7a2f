"""``uapigen splice``: the declarations in a header that is somebody else's, at the places of the spec."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import PurePath

from uapigen.against import changes, taken, unreadable
from uapigen.anchors import Anchors
from uapigen.cdecl import includes
from uapigen.commands.say import say
from uapigen.commands.specs import has_errors, judge_specs, load_specs
from uapigen.creader import Header, HeaderError, read_header
from uapigen.diagnostics import Diagnostic, SpecError
from uapigen.files import read_text, rewrite, with_line_feeds
from uapigen.model import Interface
from uapigen.render import find_target, render
from uapigen.source import Source
from uapigen.splicing import Addition, blanked, find_pieces, patch, replaced, split
from uapigen.targets.fragment import pieces, text
from uapigen.verify import verify


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Write or print the header with the pieces of the spec, or without them."""
    if options.output == "":
        parser.error("-o needs the name of a file")
    interface = _load(options.spec) if options.remove else _judged(options.spec)
    old = read_text(options.into, "name a header that is there, such as include/uapi/linux/vfio.h")
    source = Source(options.into, with_line_feeds(old))
    new = removed(interface, source, old) if options.remove else spliced(interface, source, old)
    if options.patch:
        _print(patch(_in_tree(options.into), split(old), split(new)))
        return 0
    path = options.output or options.into
    unchanged = f"no piece of '{interface.name}' is there" if options.remove else "current"
    print(f"wrote {path}" if rewrite(path, new) else f"{path}: {unchanged}")
    return 0


def spliced(interface: Interface, source: Source, old: str) -> str:
    """The header with the pieces of the interface, in place of those that it has.

    ``old`` is the text of the ``source`` with its own ends of lines.  Raises :class:`SpecError` with all that
    stands in the way.
    """
    found = find_pieces(source)
    own = [piece for piece in found if piece.owner == interface.name]
    try:
        # Lines keep their numbers, so that all that is said of the header is said of the file as it is.
        header = _read(Source(source.path, blanked(source.text, own)))
        problems = [*taken(interface, source, header)]
        anchors = Anchors(source, blanked(source.text, found), header.lines)
        additions = [*_additions(interface, anchors, problems)]
        new = "".join(replaced(split(old), found, interface.name, additions))
        if not problems:
            after = _read(Source(source.path, with_line_feeds(new)), header)
            problems += changes(source, header, after)
    except HeaderError as error:
        raise SpecError([unreadable(source, error)]) from error
    if problems:
        raise SpecError(problems)
    return new


def _read(source: Source, before: Header | None = None) -> Header:
    try:
        return read_header(source.text, before=before)
    except HeaderError as error:
        raise SpecError([unreadable(source, error)]) from error


def removed(interface: Interface, source: Source, old: str) -> str:
    """The header without the pieces of the interface.

    Raises :class:`SpecError`, as :func:`spliced` does also where there is no piece and the text is no header.
    """
    found = find_pieces(source)
    if all(piece.owner != interface.name for piece in found):
        _check_header(interface, source)
    return "".join(replaced(split(old), found, interface.name, ()))


def _check_header(interface: Interface, source: Source) -> None:
    """Raise what is said of a text that cannot be read, or declares nothing and has no place for a piece."""
    problems: list[Diagnostic] = []
    header = _read(source)
    if not header.lines:
        list(_additions(interface, Anchors(source, source.text, ()), problems))
    if problems:
        raise SpecError(problems)


def _additions(interface: Interface, anchors: Anchors, problems: list[Diagnostic]) -> Iterator[Addition]:
    """What goes into the header; ``problems`` takes what is said of places that are not there."""
    wanted = [name for name in includes(interface, alone=False) if name not in anchors.included()]
    try:
        if wanted:
            spot = anchors.beside_includes(interface.where("header"))
            yield Addition(*spot, [f"#include <{name}>" for name in wanted])
    except SpecError as error:
        problems += error.diagnostics
    for piece in pieces(interface):
        try:
            spot = anchors.find(piece.place, piece.wanted(interface), piece.groups, macros=piece.is_macros)
        except SpecError as error:
            problems += error.diagnostics
            continue
        rows = text(interface, piece).rstrip("\n").split("\n")
        yield Addition(*spot, [*rows, ""] if spot.apart else rows[1:])


def _load(path: str) -> Interface:
    (interface,) = load_specs([path])
    return interface


def _judged(path: str) -> Interface:
    """The interface, when its rules and the proof of its declarations have nothing against it."""
    interfaces, findings = judge_specs([path])
    if has_errors(findings):
        raise SpecError(findings)
    (interface,) = interfaces
    proof = verify(interface, render(interface, [find_target("fragment")]), None).findings
    if proof:
        raise SpecError(proof)
    say(findings)
    return interface


def _in_tree(path: str) -> str:
    """The path as a patch has it: relative to this folder, or what follows the folder that both are in."""
    return "/".join(part for part in PurePath(os.path.relpath(path)).parts if part != os.pardir)


def _print(text: str) -> None:
    """The text on standard output with the bytes that it had in its file."""
    if sys.stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(errors="surrogateescape"))
