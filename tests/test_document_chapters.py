"""Tables of the document that gather what a spec says in many places: transitions, errors, compatibility.

What must be in them is taken from the specs' text, read by PyYAML alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from documents import ALL, FIRST, TRANSITIONS, loaded, raw, written
from rstread import folded, lists, paragraphs, parsed, section, sections, tables
from sample import HEAD, SPECS, interface_of
from uapigen.model import Interface

# --- transitions ----------------------------------------------------------------------------------

MACHINES = [(spec, machine) for spec in ALL for machine in raw(spec).get("states", ())]


def transitions(spec: Path, machine: dict[str, Any]) -> tuple[str, list[dict[str, str]]]:
    """The text before the table of transitions, and its rows by the names of the columns."""
    several = len(raw(spec)["states"]) > 1
    found = section(
        parsed(written(loaded(spec))), f"Transitions of {machine['states']}" if several else "Transitions"
    )
    ((header, *rows),) = tables(found)
    return found.children[1].astext(), [dict(zip(header, row, strict=True)) for row in rows]


def features(machine: dict[str, Any]) -> dict[str, set[str]]:
    """What each state needs, by its name; of bits, each combination needs what they need."""
    own = [each for key in ("values", "base", "bits") for each in machine.get(key, ())]
    needs = {each["name"]: set(each.get("needs", ())) for each in own}
    combined = {
        state["name"]: set().union(*(needs[bit] for bit in state["of"]))
        for state in machine.get("combinations", ())
    }
    return combined or needs


def stream(arc: dict[str, Any]) -> list[str]:
    """The words about the data stream."""
    if "stream" not in arc:
        return []
    used = f", which user space {arc['user']}" if "user" in arc else ""
    said = {"opens": "Opens the data stream", "closes": "Closes the data stream"}
    return [said.get(arc["stream"], "Carries the data stream on") + used + "."]


@pytest.mark.parametrize(
    ("spec", "machine"), MACHINES, ids=[f"{spec.stem}-{machine['states']}" for spec, machine in MACHINES]
)
def test_every_transition_is_in_the_table_with_what_it_does_and_needs(
    spec: Path, machine: dict[str, Any]
) -> None:
    before, rows = transitions(spec, machine)
    arcs = machine["transitions"]
    assert [(row["No."], row["From"], row["To"], row["Label"]) for row in rows] == [
        (str(number), arc["from"], arc["to"], arc["label"]) for number, arc in enumerate(arcs, 1)
    ]
    for row, arc in zip(rows, arcs, strict=True):
        assert row.get("Effect", "") == " ".join([*arc.get("effect", "").split(), *stream(arc)])
    needs = features(machine)
    each = [needs.get(arc["from"], set()) | needs.get(arc["to"], set()) for arc in arcs]
    common = set.intersection(*each)
    for row, needed in zip(rows, each, strict=True):
        assert set(row.get("Only with", "").replace(",", "").replace(" and", "").split()) == needed - common
    prefixes = [group["prefix"] for group in raw(spec).get("flags", ()) if common]
    assert all(any(prefix + flag in before for prefix in prefixes) for flag in common)
    assert before.startswith("All transitions need") == bool(common)


def test_the_twelve_transitions_are_those_of_the_review() -> None:
    _, rows = transitions(FIRST, raw(FIRST)["states"][0])
    assert [f"{row['From']} -- {row['Label']} --> {row['To']}" for row in rows] == TRANSITIONS
    assert list(rows[0]) == ["No.", "From", "To", "Label", "Effect"]


def test_what_a_transition_needs_besides_is_in_a_column() -> None:
    spec = SPECS / "vfio-migration-v2.yaml"
    before, rows = transitions(spec, raw(spec)["states"][0])
    assert " ".join(before.split()) == (
        "All transitions need VFIO_MIGRATION_STOP_COPY; what one needs besides is in the last column. "
        "On a device without that, it can be a part of one step over the states that the device lacks."
    )
    assert [row["Only with"] for row in rows][:7] == ["", "", "P2P", "", "", "P2P", "PRE_COPY"]
    assert rows[14]["Only with"] == "P2P and PRE_COPY"


def test_what_all_states_need_is_said_once() -> None:
    spec = SPECS / "vfio-migration-v2.yaml"
    (machine,) = raw(spec)["states"]
    found = section(parsed(written(loaded(spec))), f"State machine {machine['states']}")
    needs = {
        state["name"]: set(state["needs"]) for state in machine["values"] if state.get("kind") != "error"
    }
    (common,) = set.intersection(*needs.values())
    assert f"All states that can be requested need VFIO_MIGRATION_{common}." in folded(found)
    told = {row[1].removeprefix("VFIO_DEVICE_STATE_"): row[-1] for row in tables(found)[0][1:]}
    for name, needed in needs.items():
        words = set(re.findall(r"VFIO_MIGRATION_(\w+)", told[name].split(" Needs ")[-1]))
        assert words == needed - {common}


# --- errors ---------------------------------------------------------------------------------------


def errors(interface: Interface) -> list[list[str]]:
    """The errors with what follows the condition; none where there is no such chapter."""
    document = parsed(written(interface))
    if "Errors" not in [title for title, _ in sections(document)]:
        return []
    found = section(document, "Errors")
    errnos = [said.removeprefix("What is refused with ").split(",")[0] for said in paragraphs(found)]
    return [
        [errno, *item.split(": ", 1)]
        for errno, items in zip(errnos, lists(found), strict=True)
        for item in items
    ]


EXPECTED = """
a write covers neither one member nor system_memory.start_addr and system_memory.page_nr together
    access to region CTL
a read does not cover whole members, or covers write-only members alone
    access to region CTL
a read-only member is written
    access to region CTL
a reserved member is written with bytes that are not zero
    access to region CTL
what is written to device_config.action is neither GET_BUFFER nor SET_BUFFER
    access to region CTL; operations 6 7
what is written to device_memory.action is neither GET_BUFFER nor SET_BUFFER
    access to region CTL; operations 10 11
the device lacks VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY
    write to device_memory; operations 9 10 11
the device lacks VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY
    write to system_memory; operation 12
what is written to device_state is no state
    request for a state; operation 3
device_config.size is above the length of region DATA_CONFIG
    operation 5
device_config.size was not written before
    operation 7
the state is neither STOPPED nor STOPPED+LOGGING
    operations 7 11
device_memory.pos is not a multiple of the length of region DATA_MEMORY
    operations 10 11
device_memory.pos is at or above device_memory.size
    operation 10. That is the outgoing size.
no round was frozen before
    operation 10
device_memory.pos is at or above device_memory.size
    operation 11. That is the incoming size.
device_memory.size was not written before
    operation 11
system_memory.start_addr is not a multiple of the page size
    operation 12
system_memory.page_nr is 0
    operation 12
system_memory.page_nr is above the number of bits in region DATA_DIRTYBITMAP
    operation 12. The bitmap region cannot hold that many pages.
the end of system_memory.page_nr pages from system_memory.start_addr on does not fit in 64 bits
    operation 12
""".strip().split("\n")
"""What the review's points I4, I9 to I12, R3, D5, D6 and D9 say to fail, all with EINVAL, and where."""


def numbers(where: str) -> str:
    """A cell with the numbers of operations alone; the names behind them are those of the spec."""
    for operation in raw(FIRST)["operations"]:
        where = re.sub(rf"\b{operation['number']} \({operation['operation']}\)", operation["number"], where)
    return where.replace(",", "").replace(" and ", " ")


def test_the_first_interface_refuses_what_the_review_wants_refused() -> None:
    rows = errors(loaded(FIRST))
    assert {row[0] for row in rows} == {"EINVAL"}
    assert [(row[1], numbers(row[2])) for row in rows] == [
        (when, where.strip()) for when, where in zip(EXPECTED[::2], EXPECTED[1::2], strict=True)
    ]


FAILURES = [
    (spec, operation, failure)
    for spec in ALL
    for operation in raw(spec).get("operations", ())
    for failure in operation.get("fails", ())
]


def test_every_failure_of_an_operation_is_in_the_table_once() -> None:
    found = {spec: errors(loaded(spec)) for spec in ALL}
    for spec, operation, failure in FAILURES:
        name = f"{operation['number']} ({operation['operation']})"
        words = [failure[key] for key in ("field", "equals", "overflows") if key in failure]
        words += failure.get("outside", []) + failure.get("not-frozen", "").split("-")
        rows = [
            row
            for row in found[spec]
            if row[0] == failure["errno"] and name in row[2] and all(word in row[1] for word in words)
        ]
        assert rows, (spec.stem, operation["operation"], failure)
    for rows in found.values():
        assert len({tuple(row) for row in rows}) == len(rows)
        errnos = [errno for errno, _, _ in rows]
        assert len(list(groupby(errnos))) == len(set(errnos)), "equal errors stand beside each other"


REQUESTS = {
    "vfio-migration-v1": ["what is written to device_state is no state", "ERROR is requested"],
    "vfio-migration-v2": [
        "what is written to device_state is no state",
        "ERROR is requested",
        "the device lacks the requested state",
        "the request is STOP_COPY -> PRE_COPY or STOP_COPY -> PRE_COPY_P2P",
        "no path leads from the current state to the requested one",
    ],
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_mainline_refuses_is_said(name: str) -> None:
    rows = errors(loaded(SPECS / f"{name}.yaml"))
    assert rows == [["EINVAL", when, "request for a state"] for when in REQUESTS[name]]


MACHINE = """
states:
  - states: m
    set-by: user
    initial: A
    prefix: M_
    errno: EBUSY
    values: [{name: A, value: 0}, {name: B, value: 1}]
    transitions: [{from: A, to: B, label: go}, {from: B, to: A, label: rest}]
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("", ""), []),
        (("prefix", "same-state: refused\n    prefix"), ["the device is in the requested state already"]),
        (
            (", {from: B, to: A, label: rest}", ""),
            ["no transition leads from the current state to the requested one"],
        ),
        (
            (", {from: B, to: A, label: rest}]", "]\n    otherwise: unspecified"),
            [],
        ),
        (
            (", {from: B, to: A, label: rest}]", "]\n    paths: {blocked: [{from: B, to: A}]}"),
            ["the request is B -> A"],
        ),
        (("set-by: user", "set-by: driver"), None),
    ],
)
def test_a_request_is_refused_as_the_spec_says(change: tuple[str, str], said: list[str] | None) -> None:
    rows = errors(interface_of(MACHINE.replace(*change)))
    always = [] if said is None else ["what is requested is no state", *said]
    assert rows == [["EBUSY", when, "request for a state"] for when in always]


REGION = """
regions:
  type: {name: TYPE, value: 4, doc: The regions.}
  prefix: REGION_
  subtypes:
    - {name: CTL, value: 1, present: always, layout: ctl, access: {errno: EACCES}, doc: Control.}
structs:
  - struct: ctl
    doc: Control.
    fields:
      - {name: ready, type: u32, access: ro, doc: whether it is ready}
      - {pad: 4}
      - {name: size, type: u32, access: rw, doc: size}
      - {name: order, type: u32, access: wo, values: order, doc: order}
enums:
  - {enum: order, prefix: ORDER_, values: [{name: GO, value: 1}, {name: END, value: 2}], doc: Orders.}
"""
ACCESSES = [
    "a write does not cover exactly one member",
    "a read does not cover whole members, or covers write-only members alone",
    "a read-only member is written",
    "a reserved member is written with bytes that are not zero",
    "what is written to order is neither GO nor END",
]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("", ""), ACCESSES),
        (("access: ro", "access: rw"), [*ACCESSES[:2], *ACCESSES[3:]]),
        (("{pad: 4}", "{pad: 4, policy: ignored}"), [*ACCESSES[:3], *ACCESSES[4:]]),
        (("access: wo", "access: rw"), [ACCESSES[0], "a read does not cover whole members", *ACCESSES[2:]]),
        (
            ("access: wo, values", "access: ro, values"),
            [ACCESSES[0], "a read does not cover whole members", *ACCESSES[2:4]],
        ),
        (("prefix: ORDER_", "prefix: ORDER_, unknown: ignored"), ACCESSES[:4]),
    ],
)
def test_an_access_is_refused_as_the_spec_says(change: tuple[str, str], said: list[str]) -> None:
    rows = errors(interface_of(REGION.replace(*change)))
    assert rows == [["EACCES", when, "access to region CTL"] for when in said]


def test_of_accesses_that_an_existing_interface_leaves_open_nothing_is_said() -> None:
    text = REGION.replace("access: {errno: EACCES}, ", "")
    assert errors(interface_of(text, HEAD + "existing: true\n")) == []
    assert [row[0] for row in errors(interface_of(text))] == ["EINVAL"] * 5


# --- compatibility --------------------------------------------------------------------------------


def compatibility(interface: Interface) -> tuple[list[str], dict[str, list[list[str]]], list[str]]:
    """What the chapter says: its paragraphs, the rows of its tables by their last header, its list."""
    document = parsed(written(interface))
    if "Compatibility" not in [title for title, _ in sections(document)]:
        return [], {}, []
    found = section(document, "Compatibility")
    (reserved,) = lists(found) or [[]]
    return paragraphs(found), {header[0]: rows for header, *rows in tables(found)}, reserved


def inside(fields: list[dict[str, Any]], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The members of a struct of a spec with their paths."""
    for field in fields:
        path = prefix + field.get("name", "reserved" if "pad" in field else "")
        yield path, field
        for key in ("fields", "union"):
            if isinstance(field.get(key), list):
                yield from inside(field[key], f"{path}." if "name" in field else prefix)


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: str(spec.stem))
def test_other_values_and_ages_are_those_of_the_spec(spec: Path) -> None:
    text, said = raw(spec), compatibility(loaded(spec))
    exists = [
        each for each in said[0] if "The interface exists: what is described here stays as it is" in each
    ]
    assert bool(exists) == (text.get("existing") == "true")
    assert all(each.endswith("; it can still grow.") == ("deprecated" not in text) for each in exists)
    what = {"refused": "refused", "ignored": "ignored", "preserved": "kept as they are"}
    values = [
        [f"{group['prefix']}*", f"other {kind} are {what[group.get('unknown', 'refused')]}"]
        for section, kind in (("flags", "bits"), ("enums", "values"))
        for group in text.get(section, ())
    ]
    for machine in text.get("states", ()):
        refused = f"other values are refused with {machine.get('errno', 'EINVAL')}"
        kept = "other bits are kept as they are" if machine.get("unknown") == "preserved" else refused
        values.append([f"{machine['prefix']}*", kept])
    assert sorted(said[1].get("Values", [])) == sorted(values)
    ages = [(age.get("since", ""), age.get("deprecated", "")) for age in aged(text)]
    table = [tuple((*row[1:], "")[:2]) for row in said[1].get("Element", [])]
    assert sorted(table) == (sorted(ages) if len(ages) > 1 or aged(text) != [text] else [])


def aged(node: Any) -> list[dict[str, Any]]:
    """Everything in a spec that has an age."""
    if isinstance(node, list):
        return [found for each in node for found in aged(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if {"since", "deprecated"} & node.keys() else []
    return own + [found for each in node.values() for found in aged(each)]


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: str(spec.stem))
def test_what_flags_announce_and_what_is_reserved_is_said(spec: Path) -> None:
    text, (_, found, reserved) = raw(spec), compatibility(loaded(spec))
    rows = {row[0]: row[1] for row in found.get("Flag", [])}
    members = [
        (f"{path} of struct {struct['struct']}", field)
        for struct in text.get("structs", ())
        if "struct" in struct
        for path, field in inside(struct["fields"])
    ]
    announced = [
        *(
            (f"region.*{each['name']}", each["present"])
            for each in text.get("regions", {}).get("subtypes", ())
        ),
        *((path, field["present"]) for path, field in members if "present" in field),
        *(
            (f"{op['number']} .{op['operation']}.", op["needs"])
            for op in text.get("operations", ())
            if "needs" in op
        ),
    ]
    announced += [
        (rf"state.*\b{state}\b", f"{machine['features']}.{flag}")
        for machine in text.get("states", ())
        for state, needed in features(machine).items()
        for flag in needed
    ]
    flags = {
        f"{group['flags']}.{value['name']}": group["prefix"] + value["name"]
        for group in text.get("flags", ())
        for value in group["values"]
    }
    announced = [(thing, flags[flag]) for thing, flag in announced if flag != "always"]
    assert {flag for _, flag in announced} == rows.keys()
    for thing, flag in announced:
        assert re.search(thing, rows[flag]), (thing, rows[flag])
    for path, field in members:
        if "pad" in field:
            rule = "Any value, ignored: " if "policy" in field else "Reads as zero, must be written as zero: "
            name, struct = path.split(" of ")
            (entry,) = [each for each in reserved if each.startswith(rule) and each.endswith(f"of {struct}.")]
            assert re.search(rf"(: |, |and ){re.escape(name)}\b", entry)


def test_what_the_first_interface_promises() -> None:
    said, found, reserved = compatibility(loaded(FIRST))
    assert said[0].startswith(
        "VFIO_DEVICE_STATE_INTERFACE_VERSION is 1. A new number means an incompatible layout."
    )
    assert found["Values"] == [
        ["VFIO_DEVICE_DATA_CAP_*", "other bits are ignored"],
        ["VFIO_DEVICE_DATA_ACTION_*", "other values are refused"],
        ["VFIO_DEVICE_STATE_CTL_*", "other values are refused with EINVAL"],
    ]
    assert numbers(found["Flag"][0][1]) == (
        "region DATA_MEMORY; device_memory of struct vfio_device_state_ctl; operations 8 9 10 11"
    )
    (entry,) = reserved
    assert entry == (
        "Reads as zero, must be written as zero: reserved, device_config.reserved and device_memory.reserved"
        " of struct vfio_device_state_ctl."
    )
    assert "Element" not in found


def test_what_mainline_has_since_when_and_with_which_flag() -> None:
    _, found, _ = compatibility(loaded(SPECS / "vfio-migration-v2.yaml"))
    assert found["Element"] == [
        ["the whole interface", "5.18"],
        ["VFIO_MIGRATION_PRE_COPY", "6.2"],
        ["struct vfio_precopy_info", "6.2"],
        ["VFIO_DEVICE_STATE_PRE_COPY", "6.2"],
        ["VFIO_DEVICE_STATE_PRE_COPY_P2P", "6.2"],
        ["VFIO_MIG_GET_PRECOPY_INFO", "6.2"],
    ]
    assert found["Flag"][1:] == [
        ["VFIO_MIGRATION_P2P", "states RUNNING_P2P and PRE_COPY_P2P"],
        ["VFIO_MIGRATION_PRE_COPY", "states PRE_COPY and PRE_COPY_P2P"],
    ]
