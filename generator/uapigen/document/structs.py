"""The chapter on structs: where each member lies, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from uapigen import cdoc
from uapigen.diagram import maps
from uapigen.diagram.structs import Map
from uapigen.document import Table, bytemaps, drawings
from uapigen.model import Field, Gap, Group, Interface, Layout, Member, Pad, Prose, Struct
from uapigen.scalartypes import pad_type
from uapigen.sentences import sentence
from uapigen.wording import listing


class Plan(NamedTuple):
    """How some ABIs lay out a struct; ``gaps`` are the bytes that the compiler adds."""

    extent: Prose
    maps: tuple[Map, ...]
    members: Table
    gaps: tuple[Prose, ...]


def reading(interface: Interface, found: Mapping[str, tuple[Plan, ...]]) -> Prose:
    """How the maps of the structs are read."""
    drawn = [map_ for each in found.values() for plan in each for map_ in plan.maps]
    return bytemaps.reading(interface.structs, drawn)


def alternative(map_: Map) -> Prose:
    """What stands before the map of an alternative of a union."""
    return Prose(f"The alternative {map_.name} of the union:")


def notes(struct: Struct) -> Iterator[Prose]:
    """Where a struct is declared, what attributes it has, how a chain of capabilities announces it."""
    if struct.external:
        yield Prose(f"Declared in {struct.external}.")
    if struct.packed:
        yield Prose("It has the attribute packed.")
    if struct.align:
        yield Prose(f"It has the attribute aligned({struct.align}).")
    if struct.capability:
        found = struct.capability
        yield Prose(f"It is the capability {found.name} ({found.id}), version {found.version}.")


def plans(interface: Interface) -> Mapping[str, tuple[Plan, ...]]:
    """For each struct its layouts that differ, that of most ABIs first."""
    return {struct.name: plans_of(interface, struct, drawings.WIDTH) for struct in interface.structs}


def plans_of(interface: Interface, struct: Struct, width: int) -> tuple[Plan, ...]:
    """The layouts of a struct that differ, its maps at most ``width`` wide."""
    groups: dict[object, list[str]] = {}
    for abi, layouts in interface.layouts.items():
        groups.setdefault(_places(layouts[struct.name]), []).append(abi)
    found = sorted(groups.values(), key=len, reverse=True)
    claimed = len(found) == 1 and not _waived(interface, struct)
    return tuple(
        _plan(
            struct,
            interface.layouts[abis[0]][struct.name],
            ", the same on every ABI" if claimed else f" on {listing(abis, 'and')}",
            width,
            meaning=abis is found[0],
        )
        for abis in found
    )


def _places(layout: Layout) -> object:
    """What a program can tell of a layout."""
    members = ((placed.offset, placed.size, placed.bit_offset) for placed in layout.members)
    return layout.size, tuple(members), layout.gaps


def _waived(interface: Interface, struct: Struct) -> bool:
    members = (member for _, member, _ in struct.inside)
    return any(element.allow for element in (interface, struct, *members))


def _plan(struct: Struct, layout: Layout, where: str, width: int, *, meaning: bool) -> Plan:
    """One layout; what the members mean is said once."""
    return Plan(
        Prose(f"{_bytes(layout.size)}{where}."),
        maps(struct, layout, width),
        Table(
            ("Offset", "Bit", "Size", "Member", "Type", "Access", "Meaning"),
            tuple(
                (
                    f"{placed.offset} (0x{placed.offset:x})",
                    "" if placed.bit_offset is None else str(placed.bit_offset),
                    str(placed.size),
                    _short(path) if member.name else "(no name)",
                    _type(member),
                    member.access.value if isinstance(member, Field) and member.access else "",
                    _meaning(member) if meaning else "",
                )
                for (path, member, _), placed in zip(struct.inside, layout.members, strict=True)
            ),
        ).compact(),
        tuple(map(_gap, layout.gaps)),
    )


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"


def _short(path: str) -> str:
    """A member of a nested struct without the name of that struct, which stands above it."""
    _, dot, rest = path.partition(".")
    return dot + rest if dot else path


def _type(member: Member) -> str:
    if isinstance(member, Group):
        return "union" if member.union else "struct"
    if isinstance(member, Pad):
        type_, count = pad_type(member.size)
        name, array = type_.removeprefix("__"), f"[{count}]" if count > 1 else ""
    else:
        held = member.type
        name = f"{held.keyword} {held.name}" if isinstance(held, Struct) else held.number
        array = _array(member)
    return name + array


def _array(field: Field) -> str:
    if field.bits is not None:
        return f" : {field.bits}"
    if field.array is None:
        return ""
    return "[]" if field.array.flexible else f"[{field.array.spelling or field.array.count}]"


def _meaning(member: Member) -> Prose:
    """The doc of a member; notes go on behind a phrase, and are sentences behind sentences."""
    doc, notes = cdoc.plain(member), list(_notes(member))
    if doc.text.rstrip().endswith((".", "!", "?")):
        return sentence(doc.text, *(sentence(f"{note}.") for note in notes))
    return Prose("; ".join(part for part in (doc.text.rstrip(), *notes) if part))


def _notes(member: Member) -> Iterator[str]:
    if member.was:
        yield f"was {member.was}"
    if isinstance(member, Pad):
        yield member.meaning
    elif isinstance(member, Field):
        yield from _field_notes(member)
    elif member.present:
        yield f"only with {member.present.value.name}"


def _field_notes(field: Field) -> Iterator[str]:
    if field.enumeration:
        one = "flags" if field.enumeration.flags else "one"
        yield f"takes {one} of {field.enumeration.prefix}*"
    if field.machine:
        yield f"takes a state of {field.machine}"
    if field.array and field.array.counted_by:
        yield f"as many as {field.array.counted_by} says"
    if field.pointer_to:
        yield f"address of {field.pointer_to}"


def _gap(gap: Gap) -> Prose:
    before = (
        f"before {gap.before}" if gap.before else f"at the end{f' of {gap.inside}' if gap.inside else ''}"
    )
    return Prose(f"The compiler adds {_bytes(gap.size)} at offset {gap.offset} (0x{gap.offset:x}), {before}.")
