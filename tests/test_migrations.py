"""Which states a migration takes: never one that loses what changed, and always with a way back."""

from __future__ import annotations

import pytest

from sample import interface_of
from uapigen.migrations import Ways, by_regions, by_streams
from uapigen.model import Machine

STATES = ("RUN", "LOG", "STILL", "STOP")


def machine(*arcs: str, paths: str = "", states: tuple[str, ...] = STATES) -> Machine:
    """A machine that starts in RUN; an arc is ``FROM TO``, with what becomes of the stream behind it."""
    values = "".join(
        f"      - {{name: {name}, value: {value}, doc: a}}\n" for value, name in enumerate(states)
    )
    transitions = ""
    for arc in arcs:
        source, target, *more = arc.split()
        stream = f", stream: {more[0]}{', user: ' + more[1] if more[1:] else ''}" if more else ""
        transitions += f"      - {{from: {source}, to: {target}, label: go{stream}}}\n"
    sections = (
        "states:\n  - states: s\n    doc: States.\n    set-by: user\n    initial: RUN\n    prefix: S_\n"
    )
    sections += f"    errno: EINVAL\n    same-state: refused\n    otherwise: refused\n{paths}"
    found = interface_of(f"{sections}    values:\n{values}    transitions:\n{transitions}")
    return found.machines[0]


def said(ways: Ways | None) -> str:
    """The ways, as names: ``record stop end / load start / back``."""
    if ways is None:
        return "none"
    record, stop, end, load, start, back = (
        "-" if way is None else ">".join(state.name for state in way) or "."
        for way in (ways.record, ways.stop, ways.end, ways.load, ways.start, ways.back)
    )
    return f"{record} {stop} {end} / {load} {start} / {back}"


def regions(found: Machine, recording: str, loading: str) -> str:
    return said(by_regions(found, frozenset(), recording.split(), loading.split()))


CHAIN = ("RUN LOG", "LOG STILL", "STILL STOP", "STOP STILL", "STILL LOG", "LOG RUN")
PATHS = "    paths: {}\n"


def test_each_state_is_asked_for_where_there_are_no_paths() -> None:
    found = regions(machine(*CHAIN), "LOG STILL", "STILL STOP")
    assert found == "LOG STILL STOP / LOG>STILL LOG>RUN / STILL>LOG>RUN"


def test_one_request_is_enough_where_there_are() -> None:
    assert (
        regions(machine(*CHAIN, paths=PATHS), "LOG STILL", "STILL STOP") == "LOG STILL STOP / STOP RUN / RUN"
    )


def test_what_records_and_can_be_loaded_does_not_run() -> None:
    found = machine(*CHAIN, "RUN STILL", paths=PATHS)
    assert regions(found, "STILL LOG", "STILL STOP").split()[:2] == ["LOG", "STILL"]


def test_states_between_must_record_as_well() -> None:
    around = machine("RUN LOG", "LOG STOP", "STOP STILL", "STILL STOP", "STOP RUN", paths=PATHS)
    assert regions(around, "LOG STILL", "STILL STOP").split()[:3] == ["-", "STOP", "."]


def test_without_a_state_that_is_stopped_and_records_all_moves_at_the_end() -> None:
    assert regions(machine(*CHAIN, paths=PATHS), "LOG", "STOP").split()[:3] == ["-", "STOP", "."]


@pytest.mark.parametrize(
    ("arcs", "why"),
    [
        (("RUN LOG", "LOG STILL", "STILL STOP"), "nobody comes back at all"),
        (("STOP RUN",), "nothing stops"),
        (("RUN LOG", "LOG STILL", "STILL STOP", "STOP RUN"), "nobody comes back before the end"),
    ],
)
def test_no_migration_without_a_way(arcs: tuple[str, ...], why: str) -> None:
    assert regions(machine(*arcs), "LOG STILL", "STILL STOP") == "none", why


STREAMED = (
    "RUN LOG opens reads",
    "LOG STILL continues",
    "STILL STOP closes",
    "STOP RUN",
    "STOP LOAD opens writes",
    "LOAD STOP closes",
    "RUN STOP",
    "LOG RUN closes",
)


def test_stream_is_carried_on_where_that_is_possible() -> None:
    states = (*STATES, "LOAD")
    found = machine(*STREAMED, paths=PATHS, states=states)
    assert said(by_streams(found, frozenset())) == "LOG STILL STOP / LOAD RUN / RUN"
    other = machine(
        "RUN WHOLE opens reads", "WHOLE RUN closes", *STREAMED, paths=PATHS, states=(*states, "WHOLE")
    )
    assert said(by_streams(other, frozenset())) == "LOG STILL STOP / LOAD RUN / RUN"
    cut = [arc.replace("LOG STILL continues", "RUN STILL opens reads") for arc in STREAMED]
    found = machine(*cut, paths=PATHS, states=states)
    assert said(by_streams(found, frozenset())).startswith("- ")


def test_source_does_not_end_where_it_began_if_there_is_another_end() -> None:
    found = machine("STILL RUN closes", *STREAMED, paths=PATHS, states=(*STATES, "LOAD"))
    assert said(by_streams(found, frozenset())) == "LOG STILL STOP / LOAD RUN / RUN"


def test_streams_that_are_only_read_are_no_migration() -> None:
    found = machine("RUN LOG opens reads", "LOG RUN closes")
    assert by_streams(found, frozenset()) is None
