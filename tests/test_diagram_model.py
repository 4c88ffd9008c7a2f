"""What every drawing must hold before anybody paints it: another renderer needs no layout of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from documents import ALL, loaded
from uapigen import diagram
from uapigen.diagram import plain
from uapigen.diagram.model import Box, Drawing, Edge, Label, Lane, Point, Shape
from uapigen.model import Interface


def drawings(interface: Interface, width: int) -> Iterator[tuple[str, Drawing]]:
    """Every drawing of an interface."""
    found = [("overview", diagram.overview(interface, width))]
    found += [(machine.name, diagram.machine(machine, width)) for machine in interface.machines]
    found += [(each.name, diagram.sequence(interface, each, width)) for each in interface.operations]
    if interface.protocol:
        found.append(("ownership", diagram.ownership(interface.protocol, width)))
    for struct in interface.structs:
        for abi in ("x86-64", "i386", "m68k"):
            layout = interface.layouts[abi][struct.name]
            found += [(struct.name, each.drawing) for each in diagram.maps(struct, layout, width)]
    yield from ((name, drawing) for name, drawing in found if drawing)


@pytest.mark.parametrize("width", [60, 76, 100])
@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_everything_has_its_place(spec: Path, width: int) -> None:
    for name, drawing in drawings(loaded(spec), width):
        assert drawing.width <= width, name
        cells = [cell for label in labels(drawing) for cell in covered(label)]
        assert len(cells) == len(set(cells)), f"two labels of {name} meet"
        for x, y in (*cells, *points(drawing)):
            assert 0 <= x < drawing.width, name
            assert 0 <= y < drawing.height, name
        for box in drawing.boxes:
            assert all(inside(cell, box) for label in box.labels for cell in covered(label)), name
        for edge in drawing.edges:
            check_edge(drawing, edge)


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_what_is_painted_has_every_label(spec: Path) -> None:
    for name, drawing in drawings(loaded(spec), 76):
        lines = plain.lines(drawing)
        assert len(lines) == drawing.height
        for label in labels(drawing):
            end = label.at.x + len(label.text.rstrip())
            assert lines[label.at.y][label.at.x : end] == label.text.rstrip(), name
        assert ["".join(run.text for run in line) for line in plain.runs(drawing)] == [*lines]


def labels(drawing: Drawing) -> list[Label]:
    parts: list[Drawing | Box | Edge | Shape] = [drawing, *drawing.boxes, *drawing.edges, *drawing.shapes]
    return [label for part in parts for label in part.labels]


def covered(label: Label) -> list[Point]:
    """The cells of a label, without the blanks around it."""
    start = label.at.x + len(label.text) - len(label.text.lstrip())
    return [Point(x, label.at.y) for x in range(start, start + len(label.text.strip()))]


def points(drawing: Drawing) -> list[Point]:
    found = [at for box in drawing.boxes for at in (box.at, box.to)]
    found += [at for edge in drawing.edges for at in edge.points]
    found += [at for shape in drawing.shapes for at in shape.corners]
    return found + [at for lane in drawing.lanes for at in (lane.at, Point(lane.at.x, lane.bottom))]


def inside(at: Point, box: Box) -> bool:
    return box.at.x < at.x < box.to.x and box.at.y < at.y < box.to.y


def check_edge(drawing: Drawing, edge: Edge) -> None:
    """It goes straight from one corner to the next, and ends beside what it joins."""
    for one, other in pairwise(edge.points):
        assert one != other
        assert one.x == other.x or one.y == other.y
    for name, at in ((edge.source, edge.points[0]), (edge.target, edge.points[-1])):
        ends: list[Box | Lane] = [each for each in (*drawing.boxes, *drawing.lanes) if each.name == name]
        # Who owns a buffer is drawn between marks, not from one thing to another.
        assert any(beside(at, each) for each in ends) or edge.source == edge.target
    row = {label.at.y for label in edge.labels}
    assert row <= {
        y for one, other in pairwise(edge.points) for y in range(min(one.y, other.y), max(one.y, other.y) + 1)
    }


def beside(at: Point, end: Box | Lane) -> bool:
    if isinstance(end, Lane):
        return abs(at.x - end.at.x) == 1 and end.at.y <= at.y <= end.bottom
    at_side = at.x in {end.at.x - 1, end.to.x + 1} and end.at.y < at.y < end.to.y
    return at_side or (at.y in {end.at.y - 1, end.to.y + 1} and end.at.x < at.x < end.to.x)
