"""``uapigen decode``: what the bytes of a struct say, each with its member."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from uapigen import ansi
from uapigen.abi import ABIS
from uapigen.characters import escaped
from uapigen.commands.decodetext import legend, said_of, table
from uapigen.commands.say import takes_color, width_of
from uapigen.commands.specs import load_specs
from uapigen.decode import Kind, Order, Row, decode
from uapigen.files import read_bytes
from uapigen.wording import no_such

LIMIT = 1 << 20
"""Bytes of an input that are read."""

_ORDERS: tuple[Order, ...] = ("little", "big")
_MOST, _NAMES = 10, 4
"""Problems that are listed, and missing members that are named there."""


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print the rows of a struct; exit status 1 where something is wrong with the bytes."""
    if options.abi not in ABIS:
        parser.error(no_such("ABI", options.abi, ABIS))
    if options.endian not in (None, *_ORDERS):
        parser.error(no_such("byte order", options.endian, _ORDERS))
    (interface,) = load_specs([options.spec])
    struct = interface.struct(options.struct)
    if struct is None:
        message = no_such("struct", options.struct, (each.name for each in interface.structs))
        print(f"uapigen: error: {escaped(message)}", file=sys.stderr)
        return 1
    data = read_bytes(options.file, LIMIT + 1)
    order: Order = options.endian or ("big" if ABIS[options.abi].big_endian else "little")
    rows = decode(interface, struct, options.abi, order, data[:LIMIT], whole=len(data) <= LIMIT)
    size = interface.layouts[options.abi][struct.name].size
    there = f"more than {LIMIT}" if len(data) > LIMIT else len(data)
    head = f"{struct.keyword} {struct.name}: {size} bytes on {options.abi}, {order}-endian"
    _print(escaped(f"{head}; the input has {there}"), rows)
    problems = [*_problems(rows, min(len(data), LIMIT))]
    _say("<stdin>" if options.file == "-" else options.file, problems)
    return 1 if problems else 0


def _print(head: str, rows: Sequence[Row]) -> None:
    width = width_of(sys.stdout)
    color = bool(sys.stdout) and takes_color(sys.stdout)
    print(head, "", *table(rows, width, color=color), sep="\n")
    names = legend(rows, width)
    if names:
        print("", *names, sep="\n")
    if sys.stdout:
        sys.stdout.flush()  # What is wrong comes behind it, also where both go into one file.


def _problems(rows: Sequence[Row], end: int) -> Iterator[tuple[int, str]]:
    """What is wrong with an input of ``end`` bytes, with the offset; all that is missing is one problem."""
    for row in rows:
        if row.problem and row.kind is not Kind.MISSING:
            yield row.offset, f"{row.path}: {said_of(row)}" if row.path else said_of(row)
    missing = [row for row in rows if row.kind is Kind.MISSING]
    if missing:
        count = max(row.offset + len(row.data) + row.lacking for row in missing) - end
        names = [row.path for row in missing if row.path]
        which = f": {', '.join(names[:_NAMES])}" if names else ""
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        yield end, f"the input ends here, {count} byte{'s' * (count != 1)} too early{which}{more}"


def _say(name: str, problems: Sequence[tuple[int, str]]) -> None:
    """Print the problems where errors go."""
    if not problems or not sys.stderr:
        return
    error = ansi.painted("error:", ansi.RED) if takes_color(sys.stderr) else "error:"
    for offset, said in problems[:_MOST]:
        print(escaped(f"{name}:{offset:#x}:"), error, escaped(said), file=sys.stderr)
    count = len(problems)
    left = f", {count - _MOST} of them not listed here" if count > _MOST else ""
    print(f"uapigen: {count} error{'s' * (count != 1)}{left}; `!` marks what is wrong", file=sys.stderr)
