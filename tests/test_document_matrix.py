"""The matrix of a state machine in the document: read back, it is the verdict on every request."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from documents import ALL, check_form, loaded, raw, written
from rstread import folded, parsed, section, sections, tables
from sample import SPECS, interface_of
from uapigen.machine import path, verdict, walk
from uapigen.model import Machine, State, Verdict


def matrix(found: Any) -> dict[tuple[str, str], str]:
    """The cells of the tables of one matrix by the values of current and requested state."""
    return {
        (row[0].split()[0], value): cell
        for header, *rows in tables(found)
        if header[0] == "Current"
        for row in rows
        for value, cell in zip(header[1:], row[1:], strict=True)
    }


def expected(machine: Machine, features: frozenset[str] | None, pair: tuple[State, State]) -> str:
    answer = verdict(machine, features, *pair)
    if answer is not Verdict.ACCEPTED:
        return "x" if answer is Verdict.REFUSED else "open"
    if pair[0].name == pair[1].name:
        return "same"
    numbers = {arc.name: str(number) for number, arc in enumerate(machine.arcs, 1)}
    if len(path(machine, features, *pair)) > 1:
        return "path"
    # One step: over every state that the device lacks, and so by several transitions.
    walked = (pair[0], *walk(machine, features, *pair).steps)
    return "+".join(numbers[f"{one.name} -> {other.name}"] for one, other in pairwise(walked))


@pytest.mark.parametrize(
    "spec", [spec for spec in ALL if len(loaded(spec).machines) == 1], ids=lambda spec: str(spec.stem)
)
def test_read_back_the_matrix_is_the_verdict_on_every_pair(spec: Path) -> None:
    interface = loaded(spec)
    (machine,) = interface.machines
    found = section(parsed(written(interface)), "All requests")
    parts = list(sections(found))[1:] or [("", found)]
    for title, part in parts:
        features = frozenset(title.removeprefix("With ").replace(",", "").replace(" and", "").split()) or None
        existing = [s for s in machine.states if features is None or features.issuperset(s.needs)]
        assert matrix(part) == {
            (str(current.value), str(requested.value)): expected(machine, features, (current, requested))
            for current, requested in product(existing, repeat=2)
        }
        walks = [row for header, *rows in tables(part) if header[0] == "From" for row in rows]
        for current, requested, way in walks:
            ends = [state for name in (current, requested) for state in machine.states if state.name == name]
            assert way == " -> ".join(s.name for s in path(machine, features, ends[0], ends[1]))
        assert len(walks) == sum(cell == "path" for cell in matrix(part).values())


def test_each_set_of_features_of_migration_has_its_matrix() -> None:
    document = parsed(written(loaded(SPECS / "vfio-migration-v2.yaml")))
    assert [title for title, _ in sections(section(document, "All requests"))][1:] == [
        "With STOP_COPY, P2P and PRE_COPY",
        "With STOP_COPY and PRE_COPY",
        "With STOP_COPY and P2P",
        "With STOP_COPY",
    ]


def test_values_that_are_no_state_have_no_column_and_are_said_to_be_refused() -> None:
    (machine,) = raw(SPECS / "vfio-migration-v1.yaml")["states"]
    bits = {bit["name"]: int(bit["value"]) for bit in machine["bits"]}
    values = sorted(sum(bits[name] for name in invalid["of"]) for invalid in machine["invalid"])
    assert values == [5, 7]
    found = section(parsed(written(loaded(SPECS / "vfio-migration-v1.yaml"))), "All requests")
    assert folded(found.children[1]).endswith("Without a column: 5 and 7; no state, and refused with EINVAL.")
    assert not {requested for _, requested in matrix(found)} & {"5", "7"}


@pytest.mark.parametrize(
    ("name", "but"), [("vfio-migration-v2", " (except in ERROR)"), ("vfio-device-state", "")]
)
def test_a_request_for_the_current_state_succeeds_as_the_matrix_has_it(name: str, but: str) -> None:
    document = parsed(written(loaded(SPECS / f"{name}.yaml")))
    assert f"A request for the state that the device is in succeeds{but}, and nothing happens." in folded(
        document
    )
    refused = {cell for (current, requested), cell in matrix(document).items() if current == requested} - {
        "same"
    }
    assert refused == ({"x"} if but else set())


def test_a_machine_of_many_states_is_told_in_several_tables() -> None:
    values = "".join(f"      - {{name: S{n}, value: {n}}}\n" for n in range(32))
    arcs = "".join(f"      - {{from: S{n}, to: S{(n + 1) % 32}, label: step}}\n" for n in range(32))
    text = f"states:\n  - states: m\n    set-by: user\n    initial: S0\n    prefix: M_\n    values:\n{values}"
    interface = interface_of(f"{text}    transitions:\n{arcs}")
    check_form(written(interface))
    found = matrix(section(parsed(written(interface)), "All requests"))
    assert len(found) == 32 * 32
    assert found["31", "0"] == "32"
    assert found["0", "2"] == "x"
