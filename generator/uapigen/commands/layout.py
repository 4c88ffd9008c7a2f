"""``uapigen layout``: where the members of the structs lie, as pahole prints it or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from uapigen.abi import ABIS
from uapigen.characters import escaped
from uapigen.commands.specs import load_specs
from uapigen.model import Array, Field, Group, Interface, Layout, Member, Pad, Placed, ScalarType, Struct
from uapigen.scalartypes import pad_type
from uapigen.wording import no_such


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print the layout of one struct or of all, on some ABIs or on all."""
    abis: Sequence[str] = options.abi or tuple(ABIS)
    unknown = [abi for abi in abis if abi not in ABIS]
    if unknown:
        parser.error(no_such("ABI", unknown[0], ABIS))
    (interface,) = load_specs([options.spec])
    structs = [each for each in interface.structs if options.struct in {None, each.name}]
    if not structs and options.struct is not None:
        message = no_such("struct", options.struct, (each.name for each in interface.structs))
        print(f"uapigen: error: {escaped(message)}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(as_json(interface, structs, abis), indent=1))
    else:
        print("\n".join(_texts(interface, structs, abis)), end="")
    return 0


def as_json(
    interface: Interface, structs: Sequence[Struct], abis: Sequence[str]
) -> dict[str, dict[str, dict[str, Any]]]:
    """``{ABI: {STRUCT: {"size", "align", "fields": [{"name", "offset", "size"}]}}}``."""
    return {
        abi: {struct.name: _layout(interface.layouts[abi][struct.name]) for struct in structs} for abi in abis
    }


def _layout(layout: Layout) -> dict[str, Any]:
    fields = [_field(placed) for placed in layout.members if placed.path]
    return {"size": layout.size, "align": layout.align, "fields": fields}


def _field(placed: Placed) -> dict[str, Any]:
    field: dict[str, Any] = {"name": placed.path, "offset": placed.offset, "size": placed.size}
    if placed.bits is not None:
        field |= {"bit_offset": placed.bit_offset, "bits": placed.bits}
    return field


def _texts(interface: Interface, structs: Sequence[Struct], abis: Sequence[str]) -> Iterator[str]:
    """One text for each struct and each set of ABIs that lay it out alike."""
    for struct in structs:
        groups: dict[int, list[str]] = {}
        layouts: dict[int, Layout] = {}
        for abi in abis:
            layout = interface.layouts[abi][struct.name]
            found = (key for key, other in layouts.items() if _layout(other) == _layout(layout))
            alike = next(found, len(layouts))
            layouts.setdefault(alike, layout)
            groups.setdefault(alike, []).append(abi)
        for key, names in groups.items():
            yield "\n".join(_text(struct, layouts[key], names)) + "\n"


def _text(struct: Struct, layout: Layout, abis: Sequence[str]) -> Iterator[str]:
    yield f"/* {', '.join(abis)} */"
    yield f"{struct.keyword} {struct.name} {{"
    places = iter(layout.members)
    yield from _members(struct.members, places, "\t")
    holes = sum(gap.size for gap in layout.gaps)
    padding = f", padding that is not declared: {holes}" if holes else ""
    yield f"\t/* size: {layout.size}, align: {layout.align}{padding} */"
    yield "};"


def _members(members: tuple[Member, ...], places: Iterator[Placed], indent: str) -> Iterator[str]:
    """A line for each member.  ``places`` come in the order of :attr:`.Struct.inside`."""
    for member in members:
        placed = next(places)
        if isinstance(member, Group):
            yield f"{indent}{'union' if member.union else 'struct'} {{"
            yield from _members(member.members, places, indent + "\t")
            yield _line(f"{indent}}}{' ' if member.name else ''}{member.name};", placed)
        else:
            yield _line(f"{indent}{_declaration(member)};", placed)


def _declaration(member: Field | Pad) -> str:
    if isinstance(member, Pad):
        type_, count = pad_type(member.size)
        return f"{type_:<23} {member.name}" + (f"[{count}]" if count > 1 else "")
    name = member.type.c_name if isinstance(member.type, ScalarType) else _tag(member.type)
    bits = f":{member.bits}" if member.bits is not None else ""
    return f"{name:<23} {member.name}{_count(member.array)}{bits}"


def _tag(struct: Struct) -> str:
    return f"{struct.keyword} {struct.name}"


def _count(array: Array | None) -> str:
    if array is None:
        return ""
    return "[]" if array.flexible else f"[{array.spelling or array.count}]"


def _line(text: str, placed: Placed) -> str:
    """The declaration and, from column 57 on, where it lies."""
    width = 56 - 7 * text.count("\t")
    at = f"{placed.offset}" if placed.bits is None else f"{placed.offset}:{_bit(placed)}"
    return f"{text:<{width}} /* {at:>6} {placed.size:>5} */"


def _bit(placed: Placed) -> int:
    return (placed.bit_offset or 0) - 8 * placed.offset
