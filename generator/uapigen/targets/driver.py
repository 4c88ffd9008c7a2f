"""The driver's header: what becomes of a request for a state, and of an access to a region, as C functions.

The room of what the functions are called and what is said of them; their bodies are the templates'.  It is
no part of the uAPI header: a driver, a test or a program in user space includes it beside that.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from uapigen.caccess import AccessMap, Entry, access_maps
from uapigen.cdecl import code_license
from uapigen.cfunctions import Function, either, filled, function, label, opening, switch
from uapigen.cspelling import WIDTH
from uapigen.ctable import REFUSED, STREAM, FeatureSet, Rows, Table, tables
from uapigen.escape import C
from uapigen.model import Enumeration, Interface, Prose
from uapigen.render import Target, snake
from uapigen.wording import listing

_TAB = 8
_ACCESSES = {
    "RO": "read it",
    "WO": "write it",
    "RW": "read it and write it",
    "PAD": "padding, which reads as zero and must be written as zero",
    "ANY": "padding, which may have any value",
}
"""What an entry of an access map has; the header declares those that the interface has a member for."""


def _context(interface: Interface) -> Mapping[str, Any]:
    maps = access_maps(interface)
    shown = tuple(dict.fromkeys(flags for each in maps for flags in each.shown))
    expressions = [part for each in maps for entry in each.entries for part in (entry.offset, entry.size)]
    access = f"{snake(interface.name)}_ACCESS".upper()
    used = {entry.access for each in maps for entry in each.entries}
    installed = f"{snake(interface.name)}_INSTALLED".upper()
    regions = [_region(interface, each, shown) for each in maps]
    return {
        "license": code_license(interface),
        "guard": f"_{snake(interface.name)}_DRIVER_H".upper(),
        "installed": installed,
        "remark": Prose(
            f"The declarations come from {interface.header} in the kernel, elsewhere from"
            f" {snake(interface.name)}.h. A program that has them from an installed {interface.header}"
            f" defines {installed} before it includes this header, which then takes them from there, too."
        ),
        "offsetof": any("offsetof" in each for each in expressions),
        "machines": [_machine(table) for table in tables(interface)],
        "regions": regions,
        "asserted": any(each["assertions"] for each in regions),
        "shown": shown,
        "access": access,
        "kinds": [kind for kind in _ACCESSES if kind in used],
        "access_docs": _access_docs(snake(interface.name), access, used),
        "member_docs": _member_docs(snake(interface.name), shown),
    }


# --- states ---------------------------------------------------------------------------------------


def _machine(table: Table) -> dict[str, Any]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for state in table.states:
        groups.setdefault(state.needs, []).append(label(state.parts))
    answering = _answering(table)
    return {
        "table": table,
        "prefix": table.prefix,
        "type": table.type,
        "errno": table.machine.errno,
        "index": opening("int", f"{table.prefix}_index", [f"{table.type} state"]),
        "choice": opening("int", f"{table.prefix}_table", ["__u64 features"]),
        "call": _call(table),
        "masked": switch("state", table.kept),
        "kept": _kept(table),
        "cases": [label(state.parts) for state in table.states],
        "numbers": [either(state.parts, "\t\t", ",") for state in table.states],
        "features": switch("features", table.flags) if table.flags else "",
        "merged": [group for alike in answering if (group := _merged(table, alike))],
        "tables": [
            {
                "cases": [label(each.flags) for each in alike],
                "remarks": [_having(table, each.flags) for each in alike],
                "steps": _rows(table, alike[0].rows),
                "streams": _rows(table, alike[0].streams),
            }
            for alike in answering
        ],
        "stream": _stream(table) if any(arc.stream for arc in table.machine.arcs) else None,
        "valid": [(cases, _has(needs)) for needs, cases in groups.items()],
        "errors": [label(state.parts) for state in table.states if state.is_error],
        "functions": _functions(table),
    }


def _answering(table: Table) -> list[list[FeatureSet]]:
    """The sets of features in groups of those that answer alike.

    Where every request is refused there is nothing to look up; one table there is in any case.
    """
    found: dict[tuple[Rows, Rows], list[FeatureSet]] = {}
    for each in table.sets:
        if _answers(each) or each is table.sets[-1]:
            found.setdefault((each.rows, each.streams), []).append(each)
    return list(found.values())


def _answers(each: FeatureSet) -> bool:
    return any(answer != REFUSED for row in each.rows for answer in row)


def _merged(table: Table, alike: Sequence[FeatureSet]) -> tuple[Prose, list[tuple[str, Prose]]] | None:
    """The steps of several transitions, below the features of the devices that take them."""
    if not alike[0].merged:
        return None
    having = " or with ".join(_having(table, each.flags) for each in alike)
    steps = [
        (f"{step.source} -> {step.target}: ", Prose(", then ".join(arc.label.text for arc in step.arcs)))
        for step in alike[0].merged
    ]
    return Prose(f"With {having}:"), steps


def _stream(table: Table) -> dict[str, Any]:
    """What a step does to the data stream: the flags, and the function that gives them."""
    name = f"{table.prefix}_stream"
    flags = {key: f"{name}_{key}".upper() for key in STREAM}
    docs = {
        "opens": "it opens a stream, whose file descriptor user space is to get",
        "closes": "it closes the stream that was open",
        "continues": "the stream that was open goes on",
    }
    several = (
        " A step that stands for several transitions has the flags of all of them; where it closes a stream"
        " and opens one, it does so in this order."
        if any(each.merged for each in table.sets)
        else ""
    )
    features = [("__u64 features", _flags_doc(table))] if table.flags else []
    return {
        "name": name,
        "flags": [(flags[key], bit) for key, bit in STREAM.items()],
        "docs": [
            (f"enum {name} - ", Prose("what a step does to the data stream")),
            *((f"@{flags[key]}: ", Prose(doc)) for key, doc in docs.items()),
        ],
        "function": function(
            "int",
            f"{table.prefix}_step_stream",
            "what a step does to the data stream",
            [
                *features,
                (f"{table.type} state", "the state before the step"),
                (f"{table.type} next", f"the state after it, as {table.prefix}_next_state() gives it"),
            ],
            f"What it gives are flags of enum {name}.{several}",
            "the flags, 0 where the stream is left as it is, -EINVAL where the device takes no such step.",
        ),
    }


def _rows(table: Table, rows: Rows) -> list[str]:
    """The rows of a table, each with the state that it is of."""
    width = max(len(str(answer)) for row in rows for answer in row)
    indent = "\t\t\t" if table.flags else "\t\t"
    lines = []
    for index, (state, row) in enumerate(zip(table.states, rows, strict=True)):
        remark = f"/* {index} {state.name} */"
        cells = ", ".join(f"{answer:>{width}}" for answer in row)
        if len(indent) * _TAB + len(f"{{ {cells} }}, {remark}") <= WIDTH:
            lines.append(f"{indent}{{ {cells} }}, {remark}")
            continue
        lines.append(f"{indent}{remark}")
        lines.append(f"{indent}{{")
        lines += filled([f"{answer:>{width}}," for answer in row], f"{indent}\t", f"{indent}\t")
        lines.append(f"{indent}}},")
    return lines


def _having(table: Table, flags: tuple[str, ...]) -> str:
    """A set of features, by the names that the spec has for them."""
    enumeration = table.machine.features
    prefix = enumeration.prefix if enumeration else ""
    return ", ".join(flag.removeprefix(prefix) for flag in flags) or "no feature"


def _kept(table: Table) -> str:
    """The bits of a request that are no state's, as an operand behind a state."""
    # The complement of 32 bits would take the upper ones of 64 away.
    cast = f"({table.type})" if table.type.endswith("64") else ""
    return either(table.kept, f"\t*next = states[step] | (requested & ~{cast}", ");") if table.kept else ""


def _has(needs: tuple[str, ...]) -> str:
    return either(needs, "\t\treturn !(~features & ", ");") if needs else "\t\treturn 1;"


def _functions(table: Table) -> dict[str, Function]:
    machine, type_ = table.machine, table.type
    features = [("__u64 features", _flags_doc(table))] if table.flags else []
    state = (f"{type_} state", "the state that the device is in")
    requested = (f"{type_} requested", "the state that is asked for")
    refused = f"-{machine.errno} where it is refused"
    if table.open:
        refused += f", -{table.open} where the interface leaves open what becomes of it: the driver decides"
    answers = f"0 where the request is accepted, {refused}."
    return {
        "valid": function(
            "int",
            f"{table.prefix}_has_state",
            "whether a device has a state" if table.flags else "whether a number is a state",
            [*features, (f"{type_} state", "the number of the state")],
            "",
            "1 for a state" + (" that a device with these features has" if table.flags else "") + ", else 0.",
        ),
        "error": function(
            "int",
            f"{table.prefix}_is_error_state",
            "whether a state is an error state",
            [(f"{type_} state", "the number of the state")],
            "The driver enters it when something goes wrong; it cannot be requested.",
            "1 for an error state, else 0.",
        ),
        "next": function(
            "int",
            f"{table.prefix}_next_state",
            "one step towards a requested state",
            [
                *features,
                state,
                requested,
                (f"{type_} *next", "where the state after the step is stored; not NULL"),
            ],
            _about_steps(table),
            f"{answers} Only where it is accepted is anything stored.",
        ),
        "check": function(
            "int",
            f"{table.prefix}_check_request",
            "what becomes of a request for a state",
            [*features, state, requested],
            "",
            answers,
        ),
    }


def _flags_doc(table: Table) -> str:
    enumeration = table.machine.features
    prefix = f"{enumeration.prefix}* " if enumeration else ""
    return f"the {prefix}flags of the device; what no state needs is ignored"


def _about_steps(table: Table) -> str:
    steps = f"{table.steps} step{'' if table.steps == 1 else 's'}"
    said = (
        "A driver that was asked for a state takes one step after the other, and calls this again, until it"
        f" is in the state: after {steps} at most."
        if table.steps > 1
        else "Every request is carried out in one step."
    )
    if table.kept:
        said += (
            "\n\nBits that no state is made of are not looked at in @state; those of @requested are kept in"
            " @next."
        )
    return said


def _call(table: Table) -> str:
    """The end of the function that asks for the next state and does not tell it."""
    words = [*(["features,"] if table.flags else []), "state,", "requested,", "&next);"]
    start = f"\treturn {table.prefix}_next_state("
    column = len(start.expandtabs())
    if column + max(map(len, words)) > WIDTH:
        return f"{start}\n\t\t{' '.join(words)}"
    return "\n".join(filled(words, start, "\t" * (column // _TAB) + " " * (column % _TAB)))


# --- regions --------------------------------------------------------------------------------------


def _region(interface: Interface, found: AccessMap, shown: tuple[Enumeration, ...]) -> dict[str, Any]:
    name = snake(interface.name)
    access = f"{name}_ACCESS_".upper()
    layout = f"{found.struct.keyword} {found.struct.name}"
    return {
        "map": found,
        "errno": found.errno or "EOPNOTSUPP",
        "kinds": {entry.access for entry in found.entries},
        "remark": Prose(f"The access map of region {found.region.name}, which has the layout of {layout}."),
        "opening": _array(f"static const struct {name}_member", found),
        "entries": [(entry.path, _initializer(entry, access, shown)) for entry in found.entries],
        "assertions": list(_assertions(interface, found)),
        "function": _access_function(found),
    }


def _array(type_: str, found: AccessMap) -> str:
    name = f"{found.prefix}_members[{len(found.entries)}] = {{"
    return f"{type_} {name}" if len(type_) + 1 + len(name) <= WIDTH else f"{type_}\n{name}"


def _access_docs(name: str, access: str, used: Container[str]) -> list[tuple[str, Prose]]:
    return [
        (f"enum {name}_access - ", Prose("what user space may do with a member")),
        *((f"@{access}_{kind}: ", Prose(doc)) for kind, doc in _ACCESSES.items() if kind in used),
    ]


def _member_docs(name: str, shown: tuple[Enumeration, ...]) -> list[tuple[str, Prose]]:
    without = "flags without which the member reads as zero and cannot be written"
    return [
        (f"struct {name}_member - ", Prose("a member of a region")),
        ("@offset: ", Prose("where it begins, in bytes from the start of the region")),
        ("@size: ", Prose("how many bytes it has")),
        ("@access: ", Prose("what user space may do with it")),
        *((f"@{flags.name}_flags: ", Prose(f"the {flags.prefix}* {without}")) for flags in shown),
    ]


def _initializer(entry: Entry, access: str, shown: tuple[Enumeration, ...]) -> str:
    """An entry as C has it: every member, so that no compiler warns of one that is missing."""
    words = [f"{entry.offset},", f"{entry.size},", f"{access}{entry.access}"]
    for flags in shown:
        needed = entry.present and entry.present.enumeration is flags
        words[-1] += ","
        words.append(entry.present.value.c_name if entry.present and needed else "0")
    words[-1] += " },"
    return "\n".join(filled(words, "\t{ ", "\t  "))


def _assertions(interface: Interface, found: AccessMap) -> Iterator[str]:
    """What the kernel's compiler has to find: each offset and size that is the same on all ABIs.

    C has no offset of a bit field.
    """
    record = f"{found.struct.keyword} {found.struct.name}"
    sizes = {layouts[found.struct.name].size for layouts in interface.layouts.values()}
    if len(sizes) == 1:
        yield f"static_assert(sizeof({record}) == {min(sizes)});"
    start = "static_assert("
    for entry in found.entries:
        if entry.offset.isdecimal() and not entry.leaf.bits:
            words = [f"offsetof({record},", f"{entry.path}) == {entry.offset});"]
            column = len(f"{start}offsetof(")
            indent = "\t" * (column // _TAB) + " " * (column % _TAB)
            yield "\n".join(filled(words, start, indent))


def _access_function(found: AccessMap) -> Function:
    parameters = [
        (f"__u64 {flags.name}_flags", f"the {flags.prefix}* flags that the device shows")
        for flags in found.shown
    ]
    parameters += [
        ("__u64 offset", "where the access begins, in bytes from the start of the region"),
        ("__u64 size", "how many bytes it covers"),
        ("int is_write", "0 for a read, else a write"),
    ]
    together = [listing(list(each.paths), "and") for each in found.together]
    also = f", or {listing(together, 'or')} together" if together else ""
    kinds = {entry.access for entry in found.entries}
    blind = "; those that are write-only give zeros beside others" if "WO" in kinds else ""
    zeros = ": padding, for one, takes zeros only" if "PAD" in kinds else ""
    return function(
        "int",
        f"{found.prefix}_access",
        "whether an access to the region is allowed",
        parameters,
        f"A read covers whole members{blind}. A write covers one member{also}. Which values a member takes is"
        f" not asked here{zeros}.",
        f"0 where the access is allowed, else -{found.errno}."
        if found.errno
        else "0 where the access is allowed, else -EOPNOTSUPP: the interface leaves it open, and the driver"
        " decides.",
    )


def _has_answers(interface: Interface) -> bool:
    """Whether there is anything that a driver could ask."""
    regions = interface.region_type.regions if interface.region_type else ()
    return bool(interface.machines) or any(region.layout for region in regions)


TARGET = Target(
    name="driver",
    help="a header for drivers: next states, checks of requests and of accesses",
    file="{name}_driver.h",
    language=C,
    template="driver/driver.h.j2",
    context=_context,
    applies=_has_answers,
)
