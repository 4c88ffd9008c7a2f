"""Tables of the document that gather what a spec says in many places: transitions, errors, compatibility.

What must be in them is taken from the specs' text, read by PyYAML alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from documents import ALL, FIRST, TRANSITIONS, loaded, raw, written
from rstread import parsed, section, tables
from sample import SPECS

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
    own = [each for key in ("values", "base", "bits") for each in machine.get(key, ())]
    needs = {each["name"]: set(each.get("needs", ())) for each in own}
    for state in machine.get("combinations", ()):
        needs[state["name"]] = set().union(*(needs[bit] for bit in state["of"]))
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
    assert before.split() == (
        "All transitions need VFIO_MIGRATION_STOP_COPY; what one needs besides is in the last column.".split()
    )
    assert [row["Only with"] for row in rows][:7] == ["", "", "P2P", "", "", "P2P", "PRE_COPY"]
    assert rows[14]["Only with"] == "P2P and PRE_COPY"
