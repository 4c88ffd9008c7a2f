"""The design document: plain text of 80 columns, reStructuredText without a message, and nothing is lost.

What must be in it is taken from the spec's text, read by PyYAML alone, and from the review.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docutils.nodes
import pytest

from documents import ALL, FIRST, POINTS, SPEC, check_form, loaded, written
from rstread import folded, lists, paragraphs, parsed, section, sections, tables
from sample import SPECS


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: str(spec.stem))
def test_every_document_is_plain_text_of_80_columns_and_clean_rst(spec: Path) -> None:
    check_form(written(loaded(spec)))


def test_the_document_of_the_first_interface_reads_without_a_backslash() -> None:
    assert "\\" not in written(loaded(FIRST))


# --- nothing is lost ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def document() -> Any:
    return parsed(written(loaded(FIRST)))


def named(entry: dict[str, Any]) -> list[str]:
    """What a step or a failure of the spec names, in the words of the document."""
    keys = ("field", "region", "value", "argument", "errno", "length", "equals", "overflows")
    words = [entry[key] for key in keys if key in entry]
    words += [entry[key].replace("-", " ") for key in ("data", "not-frozen") if key in entry]
    words += [" ".join(entry["doc"].split())] if "doc" in entry else []
    lacks = [entry["without"].replace("data_cap.", "VFIO_DEVICE_DATA_CAP_")] if "without" in entry else []
    return [*words, *lacks, *entry.get("in", ()), *entry.get("outside", ())]


@pytest.mark.parametrize("operation", SPEC["operations"], ids=lambda operation: str(operation["operation"]))
def test_every_operation_has_its_steps_and_failures(operation: dict[str, Any], document: Any) -> None:
    found = section(document, f"Operation {operation['number']}: {operation['operation']}")
    steps, failures = [*lists(found), []][:2]
    assert len(steps) == len(operation["steps"])
    for sentence, step in zip(steps, operation["steps"], strict=True):
        assert {"user": "ser space", "driver": "he driver"}[step["by"]] in sentence
        assert [word for word in named(step) if word not in sentence] == []
    assert len(failures) == len(operation.get("fails", ()))
    for sentence, failure in zip(failures, operation.get("fails", ()), strict=True):
        assert [word for word in named(failure) if word not in sentence] == []
    for doc in operation.get("doc", "").split("\n\n"):
        assert " ".join(doc.split()) in folded(found)
    assert operation.get("needs", "").removeprefix("data_cap.") in folded(found)


def test_failures_say_what_is_compared(document: Any) -> None:
    said = [item for items in lists(section(document, "Operations")) for item in items]
    assert "EINVAL if device_memory.pos is not a multiple of the length of region DATA_MEMORY." in said
    assert "EINVAL if device_config.size is above the length of region DATA_CONFIG." in said
    assert "EINVAL if system_memory.page_nr is 0." in said
    assert "EINVAL if device_memory.pos is at or above device_memory.size. That is the outgoing size." in said
    assert "EINVAL if device_memory.pos is at or above device_memory.size. That is the incoming size." in said
    assert "EINVAL if system_memory.start_addr is not a multiple of the page size." in said


def test_every_region_is_in_the_table_and_has_its_prose(document: Any) -> None:
    ((header, *rows),) = tables(section(document, "Regions"))
    assert header[:4] == ["Subtype", "Region", "Present", "mmap"]
    expected = [
        [
            region["value"],
            region["name"],
            "always" if region["present"] == "always" else f"with {region['present'].split('.')[1]}",
            "yes" if region.get("mappable") == "true" else "no",
        ]
        for region in SPEC["regions"]["subtypes"]
    ]
    assert [row[:4] for row in rows] == expected
    for region in SPEC["regions"]["subtypes"]:
        said = folded(section(document, f"Region {region['name']}"))
        assert " ".join(region["doc"].split()) in said
        assert f"VFIO_REGION_SUBTYPE_DEVICE_STATE_{region['name']} is {region['value']}." in said
        assert region.get("was", "") in said


def test_the_members_of_the_control_region_lie_where_the_review_wants_them(document: Any) -> None:
    found = section(document, "struct vfio_device_state_ctl")
    assert "72 bytes, the same on every ABI:" in paragraphs(found)
    ((_, *rows),) = tables(found)
    assert [(row[0], row[1], row[2], row[4]) for row in rows] == [
        ("0 (0x0)", "4", "version", "ro"),
        ("4 (0x4)", "4", "device_state", "wo"),
        ("8 (0x8)", "4", "caps", "ro"),
        ("12 (0xc)", "4", "reserved", ""),
        ("16 (0x10)", "16", "device_config", ""),
        ("16 (0x10)", "4", ".action", "wo"),
        ("20 (0x14)", "4", ".reserved", ""),
        ("24 (0x18)", "8", ".size", "rw"),
        ("32 (0x20)", "24", "device_memory", ""),
        ("32 (0x20)", "4", ".action", "wo"),
        ("36 (0x24)", "4", ".reserved", ""),
        ("40 (0x28)", "8", ".size", "rw"),
        ("48 (0x30)", "8", ".pos", "wo"),
        ("56 (0x38)", "16", "system_memory", ""),
        ("56 (0x38)", "8", ".start_addr", "wo"),
        ("64 (0x40)", "8", ".page_nr", "wo"),
    ]


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: str(spec.stem))
def test_every_abi_has_the_layout_that_the_model_computed(spec: Path) -> None:
    interface = loaded(spec)
    document = parsed(written(interface))
    for struct in interface.structs:
        found = section(document, f"{struct.keyword} {struct.name}")
        extents = [said for said in paragraphs(found) if " bytes on " in said or " bytes, the same" in said]
        assert len(extents) == len(tables(found))
        seen: list[str] = []
        for extent, (header, *rows) in zip(extents, tables(found), strict=True):
            abis = [abi for abi in interface.layouts if abi in extent.replace(",", "").rstrip(".:").split()]
            for abi in abis if " on " in extent and "every ABI" not in extent else interface.layouts:
                seen.append(abi)
                layout = interface.layouts[abi][struct.name]
                assert extent.startswith(f"{layout.size} bytes")
                at, size = header.index("Offset"), header.index("Size")
                assert [(row[at], row[size]) for row in rows] == [
                    (f"{placed.offset} (0x{placed.offset:x})", str(placed.size)) for placed in layout.members
                ]
        assert sorted(seen) == sorted(interface.layouts)


def test_numbers_have_their_c_names_and_values(document: Any) -> None:
    cells = [row[:2] for table in tables(section(document, "Numbers")) for row in table]
    for group in (*SPEC["flags"], *SPEC["enums"]):
        for value in group["values"]:
            assert [value["value"], group["prefix"] + value["name"]] in cells
    for constant in SPEC["constants"]:
        assert [constant["value"], constant["name"]] in cells


def test_who_sets_the_state_and_what_ends_it_is_said(document: Any) -> None:
    said = folded(section(document, "State machine device_state"))
    for sentence in (
        "User space sets the state by writing device_state of struct vfio_device_state_ctl.",
        "The initial state is RUNNING.",
        "A reset, and the last close of the device, lead from every state to RUNNING.",
        "A value that is no state is refused with EINVAL.",
        "After a request that failed, the device is in the state in which it was.",
    ):
        assert sentence in said


def test_buffers_have_owners_and_triggers(document: Any) -> None:
    found = section(document, "Buffers and actions")
    (triggers,) = tables(found)
    (drawing,) = found.findall(docutils.nodes.literal_block)
    user, driver, marks = drawing.astext().split("\n")
    assert [part.strip("= ") for part in user.split("|")] == ["user space", "", ""]
    assert ["=" in part for part in user.split("|")] == [True, False, True]
    assert ["=" in part for part in driver.split("|")] == [False, True, False]
    assert [user.index("|"), user.rindex("|")] == [marks.index("entry") + 2, marks.index("return") + 3]
    assert len(triggers) == 1 + len(SPEC["actions"]["triggers"])
    for row, trigger in zip(triggers[1:], SPEC["actions"]["triggers"], strict=True):
        region = f"fills {trigger['fills']}" if "fills" in trigger else f"loads from {trigger['loads']}"
        states = " or ".join(trigger.get("in", ["all"]))
        what = f"{trigger.get('value', 'a value')} to {trigger['field']}"
        assert row == [trigger["trigger"], what, region, states]
        assert any(trigger["category"] in item and trigger["trigger"] in item for item in lists(found)[0])
    said = folded(found)
    assert "until the next action of the same category, a reset or the last close of the device." in said
    assert "An action that began and failed leaves the contents of the buffer undefined." in said


def test_every_topic_is_said_as_it_was_written(document: Any) -> None:
    for topic in SPEC["protocol"]:
        docs = [" ".join(each.split()) for each in topic["doc"].split("\n\n")]
        assert paragraphs(section(document, topic["topic"])) == docs


def test_the_rules_stand_before_the_operations_that_need_them(document: Any) -> None:
    chapters = [title for title, found in sections(document) if found.parent is document]
    machine, buffers, rules, operations = (
        chapters.index(title)
        for title in (
            "State machine device_state",
            "Buffers and actions",
            "Rules of the protocol",
            "Operations",
        )
    )
    assert machine < buffers < rules < operations
    topics = [title for title, _ in sections(section(document, "Rules of the protocol"))]
    assert topics[1:3] == ["Saving a device", "Loading a device"]


@pytest.mark.parametrize(
    ("topic", "numbers"),
    [("Saving a device", [8, 10, 3, 12, 6]), ("Loading a device", [3, 9, 11, 5, 7])],
)
def test_the_way_through_names_the_operations_by_their_numbers(
    document: Any, topic: str, numbers: list[int]
) -> None:
    said = folded(section(document, topic))
    assert [int(number) for number in re.findall(r"\(operation (\d+)\)", said)] == numbers
    verb = {"Saving a device": "get", "Loading a device": "set"}[topic]
    names = {int(each["number"]): each["operation"] for each in SPEC["operations"]}
    assert {names[number].split()[0] for number in numbers if number != 3} == {verb}
    assert names[3] == "set device state"
    assert [said.index(f"Step {number}: ") for number in (1, 2, 3)] == sorted(
        said.index(f"Step {number}: ") for number in (1, 2, 3)
    )


def test_saving_keeps_pending_dirty_data_until_the_last_round(document: Any) -> None:
    said = folded(section(document, "Saving a device"))
    effects = {
        (arc["from"], arc["to"]): arc.get("effect", "").strip() for arc in SPEC["states"][0]["transitions"]
    }
    assert effects["RUNNING+LOGGING", "STOPPED+LOGGING"] == "Pending dirty data is kept."
    assert effects["RUNNING+LOGGING", "STOPPED"] == "Pending dirty data is discarded."
    assert "requests STOPPED+LOGGING, which keeps the pending dirty data; STOPPED would discard it." in said
    requests = re.findall(r"\brequests ([A-Z+]+)", said)
    assert requests == ["RUNNING+LOGGING", "STOPPED+LOGGING", "STOPPED", "RUNNING"]


def test_the_document_says_what_it_is_made_from_and_that_it_is_a_proposal(document: Any) -> None:
    text = written(loaded(FIRST))
    assert text.split("\n")[1:3] == [
        '.. Generated from spec/vfio-device-state.yaml by "uapigen gen"; do not edit.',
        "   To regenerate: make gen",
    ]
    assert "The interface is a proposal; its declarations are to go into <linux/vfio.h>." in folded(document)
    existing = folded(parsed(written(loaded(SPECS / "vfio-migration-v2.yaml"))))
    assert "The declarations are in <linux/vfio.h>." in existing
    assert "proposal" not in existing


def test_the_table_of_points_has_every_point_and_marks_what_departs(document: Any) -> None:
    ((_, *rows),) = tables(section(document, "Points of the review"))
    assert [row[0] for row in rows] == POINTS
    for row, decision in zip(rows, SPEC["decisions"], strict=True):
        assert row[1:3] == [" ".join(decision[key].split()) for key in ("topic", "decision")]
        assert row[3] == ("yes" if decision.get("departs") == "true" else "")


def test_the_posted_names_are_given(document: Any) -> None:
    ((_, *rows),) = tables(section(document, "Former names"))
    assert ["VFIO_DEVICE_STATE_CTL_STOPPED", "VFIO_DEVICE_STATE_STOP"] in rows
    assert ["region DATA_CONFIG", "DEVICE_CONFIG"] in rows
    first = parsed(written(loaded(SPECS / "vfio-migration-v1.yaml")))
    ((_, *rows),) = tables(section(first, "Former names"))
    assert ["VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED", "VFIO_REGION_SUBTYPE_MIGRATION"] in rows
