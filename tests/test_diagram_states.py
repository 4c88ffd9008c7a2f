"""The drawing of a state machine, read back from its characters: it shows exactly the arcs of the spec."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import docutils.nodes
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from documents import ALL, check_form, loaded, written
from drawread import ReadLine, Sheet, UnreadableError
from rstread import folded, parsed, section
from sample import HEAD, interface_of
from uapigen.diagram import plain
from uapigen.diagram.channels import Link
from uapigen.diagram.grid import Node, grid
from uapigen.diagram.model import Role, Stroke
from uapigen.pipeline import examine
from uapigen.source import Source

_NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_+", min_size=1, max_size=16)


@st.composite
def machines(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    """Up to 8 names, and any arcs between them, to itself too."""
    names = draw(st.lists(_NAMES, min_size=1, max_size=8, unique=True))
    every = [(source, target) for source in names for target in names]
    return names, draw(st.lists(st.sampled_from(every), unique=True, max_size=30))


@given(machine=machines())
@settings(max_examples=200, deadline=None)
def test_read_back_the_lines_are_the_arcs(machine: tuple[list[str], list[tuple[str, str]]]) -> None:
    names, arcs = machine
    links = [Link(str(number), *arc) for number, arc in enumerate(arcs, 1)]
    drawing = grid([Node(name, (name, "note")) for name in names], links, 1000)
    assert drawing
    sheet = Sheet(plain.lines(drawing))
    assert sorted(box.texts for box in sheet.boxes) == sorted((name, "note") for name in names)
    expected = {ReadLine(str(n), (arc[0], "note"), (arc[1], "note")) for n, arc in enumerate(arcs, 1)}
    found = sheet.arcs()
    assert len(found) == len(expected)
    assert set(found) == expected
    narrow = grid([Node(name, (name, "note")) for name in names], links, 76)
    if narrow:
        lines = plain.lines(narrow)
        assert max(map(len, lines)) <= narrow.width <= 76
        assert set(Sheet(lines).arcs()) == expected


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_each_machine_is_drawn_with_its_arcs(spec: Path) -> None:
    interface = loaded(spec)
    machines = [machine for machine in interface.machines if machine.arcs]
    document = parsed(written(interface))
    for machine in machines:
        whose = f" of {machine.name}" if len(interface.machines) > 1 else ""
        (block,) = section(document, f"Diagram{whose}").findall(docutils.nodes.literal_block)
        sheet = Sheet(block.astext().split("\n"))
        texts = {box.texts[0].split()[0]: box for box in sheet.boxes}
        for state in machine.states:
            box = texts.pop(str(state.value))
            assert box.texts[0] == f"{state.value} {state.name}"
            assert ("(initial)" in box.texts) == (state is machine.initial)
            assert not box.dashed
        assert {int(value) for value in texts} == {state.value for state in machine.invalid}
        assert all(box.dashed for box in texts.values())
        found = {(line.number, line.source[0], line.target[0]) for line in sheet.arcs()}
        assert found == {
            (str(number), f"{a.source.value} {a.source.name}", f"{a.target.value} {a.target.name}")
            for number, a in enumerate(machine.arcs, 1)
        }


@given(machine=machines(), values=st.lists(st.integers(0, 0xFFFFFFFF), min_size=8, max_size=8, unique=True))
@settings(max_examples=40, deadline=None)
def test_the_document_draws_a_machine_or_says_that_it_does_not_fit(
    machine: tuple[list[str], list[tuple[str, str]]], values: list[int]
) -> None:
    names, arcs = machine
    states_ = [f"{{name: {json.dumps(n)}, value: {v}, doc: d}}" for n, v in zip(names, values, strict=False)]
    moves = [f"{{from: {json.dumps(one)}, to: {json.dumps(other)}, label: l}}" for one, other in arcs]
    interface, problems = examine(
        Source(
            "example.yaml",
            f"{HEAD}states:\n  - states: s\n    prefix: S_\n    set-by: user\n    doc: d\n"
            f"    initial: {json.dumps(names[0])}\n"
            f"    values: [{', '.join(states_)}]\n    transitions: [{', '.join(moves)}]\n",
        )
    )
    assume(interface is not None and not problems and arcs)
    assert interface
    text = written(interface)
    check_form(text)
    found = section(parsed(text), "Diagram")
    drawn = [block.astext().split("\n") for block in found.findall(docutils.nodes.literal_block)]
    event("drawn" if drawn else "too wide")
    if not drawn:
        assert "do not fit into a drawing of 80 columns" in folded(found)
        return
    numbers = dict(zip(names, values, strict=False))
    assert {(arc.number, arc.source[0], arc.target[0]) for arc in Sheet(drawn[0]).arcs()} == {
        (str(number), *(f"{numbers[name]} {name}" for name in arc)) for number, arc in enumerate(arcs, 1)
    }


def test_the_document_says_that_there_is_no_drawing_where_it_does_not_fit() -> None:
    values = "\n".join(f"      - {{name: {c * 40}, value: {n}, doc: d}}" for n, c in enumerate("AB"))
    interface = interface_of(f"""
states:
  - states: s_state
    prefix: S_
    set-by: user
    initial: {"A" * 40}
    doc: d
    values:
{values}
    transitions:
      - {{from: {"A" * 40}, to: {"B" * 40}, label: go}}
""")
    found = section(parsed(written(interface)), "Diagram")
    assert "do not fit into a drawing of 80 columns" in folded(found)
    assert not [*found.findall(docutils.nodes.literal_block)]


def test_what_does_not_fit_is_not_drawn() -> None:
    names = ["A" * 30, "B" * 30]
    nodes, links = [Node(name, (name,)) for name in names], [Link("1", *names)]
    whole = grid(nodes, links, 1000)
    assert whole
    assert grid(nodes, links, whole.width)
    assert grid(nodes, links, whole.width - 1) is None


def test_tracks_are_as_far_from_each_other_as_there_is_room_for() -> None:
    nodes = [Node(name, (name,)) for name in "abcd"]
    links = [Link(str(n), *arc) for n, arc in enumerate([(x, y) for x in "abcd" for y in "abcd"], 1)]
    wide = grid(nodes, links, 1000)
    assert wide
    narrow = grid(nodes, links, wide.width - 1)
    assert narrow
    assert narrow.width < wide.width


def test_an_order_of_the_tracks_with_fewer_crossings_is_found() -> None:
    """With the shortest lines innermost, which is where the search begins, two pairs of lines cross."""
    arcs = "c>e d>c f>d b>b a>e a>c e>b c>b d>e e>c d>b e>e".split()
    links = [Link(str(number), *arc.split(">")) for number, arc in enumerate(arcs, 1)]
    drawing = grid([Node(name, (name,)) for name in "abcdef"], links, 100)
    assert drawing
    lines = [(min(ends), max(ends)) for edge in drawing.edges for ends in pairwise(edge.points)]
    crossings = [
        (across, upright)
        for across in lines
        for upright in lines
        if across[0].x < upright[0].x < across[1].x and upright[0].y < across[0].y < upright[1].y
    ]
    assert len(crossings) == 1


def test_a_box_has_a_name_and_notes() -> None:
    drawing = grid([Node("a", ("1 a", "(initial)", "(error)"))], [], 80)
    assert drawing
    (box,) = drawing.boxes
    assert [label.role for label in box.labels] == [Role.NAME, Role.NOTE, Role.NOTE]


def test_a_dashed_box_is_dashed_on_each_side() -> None:
    drawing = grid([Node("a", ("a",), Stroke.DASHED)], [], 80)
    assert drawing
    (box,) = Sheet(plain.lines(drawing)).boxes
    assert box.dashed


@pytest.mark.parametrize(
    "lines",
    [
        ["+---+     +---+", "| a |--1->| b |", "+---+  |  +---+"],  # a loose end
        ["+---+     +---+", "| a |-1---| b |", "+---+     +---+"],  # no head
        ["+---+     +---+", "| a |---->| b |", "+---+     +---+"],  # no number
        ["+---+      +---+", "| a |-1-2->| b |", "+---+      +---+"],  # two numbers
        ["+---+  +   +---+", "| a |-1+-->| b |", "+---+  +   +---+"],  # lines that meet
    ],
)
def test_the_reader_takes_no_drawing_that_is_broken(lines: list[str]) -> None:
    with pytest.raises(UnreadableError):
        Sheet(lines).arcs()
