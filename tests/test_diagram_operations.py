"""The drawing of an operation, read back from its characters: each step, by whom, on what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docutils.nodes
import pytest

from documents import ALL, FIRST, check_form, loaded, raw, written
from laneread import ReadStep, read
from rstread import folded, parsed, section
from sample import interface_of
from uapigen.diagram import plain, sequence

OPERATIONS = [
    (spec, operation, number)
    for spec in ALL
    for number, operation in enumerate(raw(spec).get("operations", ()))
]


def thing(spec: dict[str, Any], step: dict[str, Any]) -> str:
    """The lane of what a step acts on, from the YAML alone."""
    if "region" in step:
        return str(step["region"])
    if step["do"] in {"enter", "freeze"}:
        return "driver"
    members = {
        f"{prefix}{field['name']}": struct["struct"]
        for struct in spec["structs"]
        for prefix, field in _fields(struct["fields"])
    }
    holders = {region.get("layout"): region["name"] for region in spec["regions"]["subtypes"]}
    return str(holders[members[step["field"]]])


def way(spec: dict[str, Any], operation: dict[str, Any], step: dict[str, Any]) -> tuple[str, str]:
    """From where to where data goes."""
    lane = thing(spec, step)
    answered = [other["field"] for other in operation["steps"] if other["do"] == "answer"]
    if step["do"] == "read" and step.get("field") in answered:
        return "user space", lane
    return {
        "read": (lane, "user space"),
        "write": ("user space", lane),
        "answer": ("driver", "user space"),
        "take": (lane, "driver"),
        "load": (lane, "driver"),
        "fill": ("driver", lane),
        "enter": ("driver", "driver"),
        "freeze": ("driver", "driver"),
    }[step["do"]]


def _fields(fields: list[dict[str, Any]], prefix: str = "") -> Any:
    for field in fields:
        if "name" in field:
            yield prefix, field
        yield from _fields(field.get("fields", []), f"{prefix}{field.get('name', '')}.")


@pytest.mark.parametrize("width", [60, 76, 100])
@pytest.mark.parametrize(
    ("spec", "operation", "number"), OPERATIONS, ids=[f"{s.stem}-{o['operation']}" for s, o, _ in OPERATIONS]
)
def test_read_back_the_arrows_are_the_steps(
    spec: Path, operation: dict[str, Any], number: int, width: int
) -> None:
    interface = loaded(spec)
    drawing = sequence(interface, interface.operations[number], width)
    assert drawing
    lines = plain.lines(drawing)
    assert max(map(len, lines)) <= drawing.width <= width
    lanes, steps = read(lines)
    assert len(steps) == len(operation["steps"])
    for number_, (found, step) in enumerate(zip(steps, operation["steps"], strict=True), 1):
        source, target = way(raw(spec), operation, step)
        assert found == ReadStep(number_, found.text, source, target, "in" in step)
        assert found.text.split()[0] == step["do"]
        named = [step[key] for key in ("field", "value") if key in step and step["by"] == "user"]
        assert (
            all(
                word in {step["do"], "to", "bytes", "the", "chunk", *named, step.get("length")}
                for word in found.text.split()
            )
            or step["by"] == "driver"
        )
    regions = [region["name"] for region in raw(spec)["regions"]["subtypes"]]
    touched = {thing(raw(spec), step) for step in operation["steps"]} - {"driver"}
    assert lanes == ["user space", *(name for name in regions if name in touched), "driver"]


def test_more_room_says_more() -> None:
    interface = loaded(FIRST)
    operation = interface.operations[5]
    texts = {}
    for width in (54, 76, 120):
        drawing = sequence(interface, operation, width)
        assert drawing
        texts[width] = [step.text for step in read(plain.lines(drawing))[1]]
    assert texts[54] == ["write", "freeze", "fill", "read", "read"]
    assert texts[76][0] == "write device_config.action"
    assert texts[120] == [
        "write GET_BUFFER to device_config.action",
        "freeze the config snapshot",
        "fill with config snapshot",
        "read device_config.size",
        "read device_config.size bytes",
    ]
    assert sequence(interface, operation, 40) is None


@pytest.mark.parametrize(
    ("regions", "struct", "lane"), [("", "driver", "struct driver"), ("driver", "ctl", "driver")]
)
def test_what_is_called_as_an_end_has_a_lane_of_its_own(regions: str, struct: str, lane: str) -> None:
    sections = f"""
structs:
  - struct: {struct}
    doc: A struct.
    fields:
      - {{name: a, type: u32, access: rw, doc: a}}
operations:
  - operation: first thing
    number: 1
    steps:
      - {{by: user, do: write, field: a, argument: x}}
      - {{by: driver, do: take, field: a, data: size}}
"""
    if regions:
        sections += f"""
regions:
  type: {{name: R_TYPE, value: 1, doc: The regions.}}
  prefix: R_
  subtypes:
    - {{name: {regions}, value: 1, present: always, layout: {struct}, doc: Data.}}
"""
    interface = interface_of(sections)
    drawing = sequence(interface, interface.operations[0], 76)
    assert drawing
    names = [one.name for one in drawing.lanes]
    assert len(names) == len(set(names)) == 3
    assert " ".join(plain.lines(drawing)[0].split()) == f"user space {lane} driver"
    assert [(edge.source, edge.target) for edge in drawing.edges] == [
        (names[0], names[1]),
        (names[1], names[2]),
    ]


def test_what_does_not_fit_is_said_and_no_drawing_is_spoken_of() -> None:
    regions = [f"REGION_{number}" for number in range(12)]
    subtypes = "\n".join(
        f"    - {{name: {name}, value: {number}, present: always, holds: whole, doc: Data.}}"
        for number, name in enumerate(regions)
    )
    steps = "\n".join(f"      - {{by: user, do: read, region: {name}}}" for name in regions)
    interface = interface_of(f"""
regions:
  type: {{name: R_TYPE, value: 1, doc: The regions.}}
  prefix: R_
  subtypes:
{subtypes}
operations:
  - operation: read all
    number: 1
    steps:
{steps}
""")
    text = written(interface)
    check_form(text)
    found = section(parsed(text), "Operations")
    assert not [*found.findall(docutils.nodes.literal_block)]
    assert "The steps do not fit into a drawing of 80 columns; the list says all of them." in folded(found)
    assert "arrow" not in folded(found)


def test_each_operation_has_its_drawing_before_its_steps() -> None:
    interface = loaded(FIRST)
    document = parsed(written(interface))
    for operation in interface.operations:
        found = section(document, f"Operation {operation.number}: {operation.name}")
        kinds = [type(node) for node in found.children]
        assert kinds.index(docutils.nodes.literal_block) == kinds.index(docutils.nodes.enumerated_list) - 1
        (block,) = found.findall(docutils.nodes.literal_block)
        assert len(read(block.astext().split("\n"))[1]) == len(operation.steps)
