"""The drawing of what lies between user space and the driver, read back from its characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import docutils.nodes
import pytest

from documents import ALL, FIRST, loaded, raw, written
from drawread import Sheet
from rstread import parsed, section
from sample import SPECS, fields_of, interface_of
from uapigen.diagram import overview, plain
from uapigen.diagram.model import Role
from uapigen.folding import fold

_ARROW = re.compile(r"(?P<left><?)(?P<line>[-=]+) (?P<word>\w+) [-=]+(?P<right>>?)")


class Read(NamedTuple):
    """A box between the two: its text, the arrows beside it, each as its word with its heads."""

    text: str
    user: list[str]
    driver: list[str]
    dashed: bool


def read(lines: Sequence[str]) -> list[Read]:
    """The boxes downwards."""
    user, driver = lines[1].index("user"), lines[1].index("driver")
    boxes = [box for box in Sheet(lines).boxes if user < box.left and box.right < driver]
    ends = [box for box in Sheet(lines).boxes if box not in boxes]
    assert [(box.top, box.bottom) for box in ends] == [(0, len(lines) - 1)] * 2
    return [
        Read(
            " ".join(box.texts),
            _arrows(lines[box.top + 1 : box.bottom], min(end.right for end in ends) + 1, box.left),
            _arrows(lines[box.top + 1 : box.bottom], box.right + 1, max(end.left for end in ends)),
            box.dashed,
        )
        for box in boxes
    ]


def _arrows(lines: Sequence[str], start: int, end: int) -> list[str]:
    found = [line[start:end] for line in lines if line[start:end].strip()]
    arrows = [_ARROW.fullmatch(text) for text in found]
    return [f"{a['left']}{a['line'][0]}{a['word']}{a['right']}" for a in arrows if a]


MAPPED = "<=mmap>"
WRITE, READ, TAKE, ANSWER, LOAD, FILL = "-write>", "<-read", "-take>", "<-answer", "-load>", "<-fill"


def test_the_first_interface_at_a_glance() -> None:
    """As the review has it: subtypes 1 to 4, the last two optional, the first one not mapped."""
    assert read(_lines(FIRST)) == [
        Read(
            "CTL type 4, subtype 1 struct vfio_device_state_ctl at least 72 bytes",
            [WRITE, READ],
            [TAKE, ANSWER],
            dashed=False,
        ),
        Read(
            "DATA_CONFIG type 4, subtype 2 all of its data whole pages",
            [WRITE, READ, MAPPED],
            [LOAD, FILL],
            dashed=False,
        ),
        Read(
            "DATA_MEMORY type 4, subtype 3 a chunk of its data whole pages only with DEVICE_MEMORY",
            [WRITE, READ, MAPPED],
            [LOAD, FILL],
            dashed=True,
        ),
        Read(
            "DATA_DIRTYBITMAP type 4, subtype 4 a bitmap of pages whole pages only with SYSTEM_MEMORY",
            [READ, "<=mmap"],
            [FILL],
            dashed=True,
        ),
    ]


def test_the_interfaces_of_mainline_at_a_glance() -> None:
    assert read(_lines(SPECS / "vfio-migration-v1.yaml")) == [
        Read(
            "MIGRATION_DEPRECATED type 3, subtype 1 struct vfio_device_migration_info at least 32 bytes",
            [WRITE, READ, MAPPED],
            [TAKE, ANSWER],
            dashed=False,
        )
    ]
    assert read(_lines(SPECS / "vfio-migration-v2.yaml")) == [
        Read("VFIO_MIG_GET_PRECOPY_INFO struct vfio_precopy_info", ["<-ioctl>"], [ANSWER], dashed=False),
        Read("data stream of vfio_device_mig_state", [WRITE, READ], [LOAD, FILL], dashed=True),
        Read("struct vfio_device_feature_migration", [READ], [ANSWER], dashed=False),
        Read("struct vfio_device_feature_mig_state", [WRITE, READ], [TAKE, ANSWER], dashed=False),
    ]


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_everything_that_carries_data_is_there(spec: Path) -> None:
    said = raw(spec)
    for width in (60, 76, 100):
        drawing = overview(loaded(spec), width)
        regions = said.get("regions", {}).get("subtypes", [])
        if drawing is None:
            assert not regions
            continue
        lines = plain.lines(drawing)
        assert max(map(len, lines)) <= drawing.width <= width
        found = read(lines)
        for region, box in zip(regions, found, strict=False):
            joined = box.text.replace(" ", "")
            assert joined.startswith(region["name"])
            assert f"subtype{int(region['value'], 0)}" in joined
            assert box.dashed == (region["present"] != "always")
            assert any("mmap" in arrow for arrow in box.user) == (region.get("mappable") == "true")
        commands = [command["name"] for command in said.get("ioctls", {}).get("commands", ())]
        joined = [box.text.replace(" ", "") for box in found[len(regions) :]]
        assert all(text.startswith(name) for name, text in zip(commands, joined, strict=False))


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_the_document_begins_with_it(spec: Path) -> None:
    drawing = overview(loaded(spec), 76)
    document = parsed(written(loaded(spec)))
    if drawing:
        (block,) = section(document, "Overview").findall(docutils.nodes.literal_block)
        assert tuple(block.astext().split("\n")) == plain.lines(drawing)


def test_what_has_nothing_between_or_no_room_has_no_overview() -> None:
    assert overview(interface_of("constants:\n  - {name: A_ONE, value: 1, doc: One.}\n"), 76) is None
    assert overview(loaded(FIRST), 40) is None


_REGION = """
regions:
  type: {{name: R_TYPE, value: 1, doc: The regions.}}
  prefix: R_
  subtypes:
    - {{name: {}, value: 1, present: always, holds: whole, doc: Data.}}
"""


def test_a_region_of_which_no_action_is_known_may_be_read_and_written() -> None:
    drawing = overview(interface_of(_REGION.format("DATA")), 76)
    assert drawing
    assert read(plain.lines(drawing)) == [
        Read("DATA type 1, subtype 1 all of its data", [WRITE, READ], [], dashed=False)
    ]


def test_a_name_is_marked_as_one_also_where_it_is_parted() -> None:
    name = "_".join(["region"] * 12)
    drawing = overview(interface_of(_REGION.format(name)), 60)
    assert drawing
    (box,) = (each for each in drawing.boxes if each.name == name)
    assert "".join(label.text for label in box.labels if label.role is Role.NAME) == name
    notes = " ".join(label.text for label in box.labels if label.role is Role.NOTE)
    assert notes == "type 1, subtype 1 all of its data"


def test_what_has_a_short_name_is_drawn() -> None:
    interface = fields_of("{name: a, type: u32, doc: a}")
    drawing = overview(interface, 60)
    assert drawing
    assert read(plain.lines(drawing)) == [Read("struct s", [WRITE, READ], [TAKE, ANSWER], dashed=False)]
    assert overview(interface, drawing.width) == drawing
    assert overview(interface, drawing.width - 1) is None


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("a word more", 7, ["a word", "more"]),
        ("a word more", 6, ["a word", "more"]),
        ("vfio_device_state", 8, ["vfio_", "device_", "state"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("struct vfio_device", 8, ["struct", "vfio_", "device"]),
    ],
)
def test_a_text_is_folded_where_it_may_be(text: str, width: int, lines: list[str]) -> None:
    assert fold(text, width) == lines


def _lines(spec: Path) -> tuple[str, ...]:
    drawing = overview(loaded(spec), 76)
    assert drawing
    return plain.lines(drawing)
