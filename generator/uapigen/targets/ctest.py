"""The C test: what the compiler must find in the header, and a program that asks the driver's header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from uapigen.abi import ABIS
from uapigen.caccess import AccessMap, Entry, access_maps
from uapigen.cdecl import code_license, includes
from uapigen.cspelling import number
from uapigen.ctable import OPEN, Rows, Table, tables
from uapigen.declared import numbers
from uapigen.escape import C
from uapigen.model import (
    Field,
    Group,
    Interface,
    Ioctl,
    Ioctls,
    Layout,
    Member,
    Placed,
    Prose,
    ScalarType,
    Struct,
    Verdict,
)
from uapigen.render import Target, snake

_ALIGNMENTS = (8, 4, 2)
"""The alignments of a natural 64-bit number on Linux; ABIs that agree in it lay out every struct alike."""

_CHOICE = "BY_ALIGNMENT"


def _context(interface: Interface) -> Mapping[str, Any]:
    structs = [_struct(interface, struct) for struct in _visible(interface)]
    bit_fields = [each for struct in _visible(interface) for each in _bit_fields(interface, struct)]
    ioctls = interface.ioctls
    found, maps = tables(interface), access_maps(interface)
    machines = [_machine(table) for table in found]
    runs = [run for table in found for run in _machine_checks(table)]
    runs += [run for each in maps for run in _region_checks(each)]
    answered = [*(["requests for states"] if found else []), *(["accesses to regions"] if maps else [])]
    return {
        "license": code_license(interface),
        "asked": Prose(
            f"What {snake(interface.name)}_driver.h must hold: the answers to {' and '.join(answered)}."
        ),
        "structs": structs,
        "values": [(each.c_name, number(each.value)) for each in numbers(interface)],
        "ioctls": [_ioctl(ioctls, command) for command in ioctls.commands] if ioctls else [],
        "bit_fields": bit_fields,
        "by_alignment": _CHOICE in f"{structs}{bit_fields}",
        "machines": machines,
        "regions": [_region(interface, each) for each in maps],
        "over": any(machine["over"] for machine in machines),
        "streams": any(machine["streams"] for machine in machines),
        "runs": runs,
        "checks": {function for function, _, _ in runs},
        "count": 1 + len(bit_fields) + len(runs),
    }


def _visible(interface: Interface) -> Iterator[Struct]:
    """The structs that a reader of the header knows: its own, and those of the headers that it includes."""
    headers = includes(interface, alone=True)
    return (struct for struct in interface.structs if not struct.external or struct.external in headers)


# --- layout ---------------------------------------------------------------------------------------


def _struct(interface: Interface, struct: Struct) -> dict[str, Any]:
    """The type of a struct, its size, and path, offset and size of its members as C has them.

    A bit field has no offset, a flexible array no size.
    """
    members = []
    for path, member, places in _members(interface, struct):
        if not _bits(member):
            flexible = isinstance(member, Field) and member.array and member.array.flexible
            size = None if flexible else _each(place.size for place in places)
            members.append((path, _each(place.offset for place in places), size))
    sizes = (layout.size for layout in _layouts(interface, struct))
    return {"type": _type(struct), "size": _each(sizes), "members": members}


def _bit_fields(interface: Interface, struct: Struct) -> Iterator[dict[str, Any]]:
    """The bit fields of a struct, each with its largest value and the bits where it lies.

    Bits are counted as they lie in memory, from the lowest or the highest of a byte as the ABI has it.
    """
    for path, member, places in _members(interface, struct):
        width = _bits(member)
        if width and isinstance(member, Field) and isinstance(member.type, ScalarType):
            yield {
                "function": f"{struct.name}_{path.replace('.', '_')}",
                "type": _type(struct),
                "path": path,
                "value": number(-1 if member.type.signed else (1 << width) - 1),
                "first": _each(place.bit_offset or 0 for place in places),
                "width": width,
            }


def _members(interface: Interface, struct: Struct) -> Iterator[tuple[str, Member, tuple[Placed, ...]]]:
    """The members that have a name, with their places by alignment."""
    layouts = (layout.members for layout in _layouts(interface, struct))
    for (path, member, _), *places in zip(struct.inside, *layouts, strict=True):
        if member.name:
            yield path, member, tuple(places)


def _layouts(interface: Interface, struct: Struct) -> tuple[Layout, ...]:
    """The layouts of a struct, in the order of the alignments."""
    abis = {abi.align64: name for name, abi in ABIS.items()}
    return tuple(interface.layouts[abis[alignment]][struct.name] for alignment in _ALIGNMENTS)


def _each(found: Iterator[int]) -> str:
    """One number where it is the same everywhere, else a choice by the alignment."""
    by_alignment = tuple(found)
    return str(by_alignment[0]) if len({*by_alignment}) == 1 else f"{_CHOICE}{by_alignment}"


def _bits(member: Member) -> int | None:
    return None if isinstance(member, Group) or not isinstance(member, Field) else member.bits


def _type(struct: Struct) -> str:
    return f"{struct.keyword} {struct.name}"


# --- states ---------------------------------------------------------------------------------------


def _machine(table: Table) -> dict[str, Any]:
    machine = table.machine
    index = {state.name: place for place, state in enumerate(machine.states)}
    whole = table.sets[-1].rows
    arcs = [(index[arc.source.name], index[arc.target.name], arc.stream) for arc in machine.arcs]
    streams = _has_streams(table)
    blocked = machine.paths.blocked if machine.paths else ()
    same = {Verdict.ACCEPTED: "", Verdict.REFUSED: machine.errno, Verdict.UNSPECIFIED: table.open or ""}
    return {
        "name": machine.name,
        "prefix": table.prefix,
        "type": table.type,
        "unsigned": table.type.replace("__s", "__u"),
        "states": [
            {
                "name": state.name,
                "parts": _or(state.parts),
                "needs": _or(state.needs),
                "is_error": int(state.is_error),
            }
            for state in table.states
        ],
        "errors": any(state.is_error for state in table.states),
        "flags": _or(table.flags) if table.flags else "",
        "sets": [(_or(each.flags), *_counts(each.rows)) for each in table.sets],
        "streams": streams,
        "arcs": [
            (source, target, int(whole[source][target] == target), _flag(table, does))
            for source, target, does in arcs
        ],
        "blocked": [(index[pair.source.name], index[pair.target.name], 0, "0") for pair in blocked],
        "kept": _or(table.kept) if table.kept else "",
        "mask": machine.mask.c_name if machine.mask else "",
        "refused": machine.errno,
        "open": table.open,
        "same": same[machine.same_state],
        "over": _steps_over(table),
    }


def _has_streams(table: Table) -> bool:
    """Whether a transition does anything to a data stream."""
    return any(arc.stream for arc in table.machine.arcs)


def _flag(table: Table, stream: str | None) -> str:
    """The flag of what a transition does to the data stream."""
    return f"{table.prefix}_stream_{stream}".upper() if stream else "0"


def _steps_over(table: Table) -> bool:
    """Whether a device may lack states over which a path leads."""
    paths = table.machine.paths
    return paths is not None and paths.skip_unsupported and bool(table.flags)


def _counts(rows: Rows) -> tuple[int, int]:
    """How many requests are accepted, and how many left open."""
    answers = [answer for row in rows for answer in row]
    return sum(answer >= 0 for answer in answers), answers.count(OPEN)


def _or(names: tuple[str, ...]) -> str:
    return " | ".join(names) or "0"


def _machine_checks(table: Table) -> Iterator[tuple[str, str, str]]:
    """The function, the object and the sentence of each check of a machine."""
    machine = table.machine
    same = {
        Verdict.ACCEPTED: "accepted and changes nothing",
        Verdict.REFUSED: "refused",
        Verdict.UNSPECIFIED: "not specified",
    }
    past = ", past states that the device lacks" if _steps_over(table) else " only"
    has_errors = any(state.is_error for state in table.states)
    yield from (
        (function, f"machine_{machine.name}", f"{machine.name}: {what}")
        for function, what, applies in (
            ("check_states", "a device has the states that its features allow", True),
            ("check_answers", "so many requests are accepted as in the spec", True),
            ("check_arcs", "every arc is one step", True),
            ("check_same", f"a request for the current state is {same[machine.same_state]}", True),
            ("check_paths", f"every accepted request arrives, over arcs{past}", True),
            (
                "check_streams",
                "each step does to the data stream what its transitions do",
                _has_streams(table),
            ),
            ("check_blocked", "a blocked request is refused", machine.paths and machine.paths.blocked),
            (
                "check_refused",
                "no error state can be requested, and no state that the device lacks",
                has_errors or table.flags,
            ),
            ("check_features", "flags that no state needs change nothing", table.flags),
            (
                "check_mask",
                f"{machine.mask.c_name if machine.mask else ''} has the bits of every state and no other",
                machine.mask,
            ),
            ("check_unknown", "a value that is no state is refused", True),
            ("check_kept", "bits that are no state's are kept as they are written", table.kept),
        )
        if applies
    )


# --- regions --------------------------------------------------------------------------------------


def _region(interface: Interface, found: AccessMap) -> dict[str, Any]:
    visible = found.struct in _visible(interface)
    record = _type(found.struct)
    return {
        "name": found.region.name,
        "prefix": found.prefix,
        "shown": len(found.shown),
        "members": [_region_member(record, entry, visible=visible) for entry in found.entries],
        "size": f"sizeof({record})" if visible else str(_layouts(interface, found.struct)[0].size),
        "errno": found.errno or "EOPNOTSUPP",
    }


def _region_member(record: str, entry: Entry, *, visible: bool) -> dict[str, Any]:
    """A member with its place as the compiler knows it, in numbers where that cannot tell."""
    known = visible and not entry.leaf.bits
    return {
        "path": entry.path,
        "offset": f"offsetof({record}, {entry.path})" if known else entry.offset,
        "size": f"sizeof((({record} *)0)->{entry.path})" if known else entry.size,
        "readable": int(entry.access != "WO"),
        "writable": int(entry.access != "RO"),
        "announced": int(entry.present is not None),
    }


def _region_checks(found: AccessMap) -> Iterator[tuple[str, str, str]]:
    """The function, the object and the sentence of each check of a region."""
    name = found.region.name
    for function, what in (
        ("check_map", "the members lie where the map has them"),
        ("check_accesses", "each member is read and written as the spec says"),
        ("check_cuts", "an access that cuts a member, or lies outside, is refused"),
    ):
        yield function, f"region_{name}", f"region {name}: {what}"


# --- values ---------------------------------------------------------------------------------------


def _ioctl(ioctls: Ioctls, command: Ioctl) -> dict[str, Any]:
    argument = command.argument if command.direction != "none" else None
    direction = {
        "none": "_IOC_NONE",
        "read": "_IOC_READ",
        "write": "_IOC_WRITE",
        "both": "_IOC_READ | _IOC_WRITE",
    }
    return {
        "name": command.name,
        "direction": direction[command.direction],
        "type": number(ioctls.type.value, hexadecimal=True),
        "number": (ioctls.base.value if ioctls.base else 0) + command.number,
        "size": f"sizeof({_type(argument)})" if argument else "0",
    }


TARGET = Target(
    name="ctest",
    help="a test of layout, constants and transitions in C",
    file="{name}_test.c",
    language=C,
    template="ctest/test.c.j2",
    context=_context,
)
