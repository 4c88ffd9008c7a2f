"""What the three kinds of state machines answer, held against what is known of the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample import SPECS, interface_of
from uapigen import load
from uapigen.machine import (
    End,
    all_feature_sets,
    arc_between,
    feature_sets,
    needed_features,
    next_state,
    path,
    verdict,
    walk,
)
from uapigen.model import Machine, Verdict

# drivers/vfio/vfio_main.c, vfio_mig_get_next_state(): rows are the current state, columns the new one, in
# the order of enum vfio_device_mig_state.  "-" is the error state: the request is refused.
KERNEL_STATES = "ERROR STOP RUNNING STOP_COPY RESUMING RUNNING_P2P PRE_COPY PRE_COPY_P2P".split()
KERNEL_TABLE = {
    "ERROR": "- - - - - - - -",
    "STOP": "- STOP RUNNING_P2P STOP_COPY RESUMING RUNNING_P2P RUNNING_P2P RUNNING_P2P",
    "RUNNING": "- RUNNING_P2P RUNNING RUNNING_P2P RUNNING_P2P RUNNING_P2P PRE_COPY RUNNING_P2P",
    "STOP_COPY": "- STOP STOP STOP_COPY STOP STOP - -",
    "RESUMING": "- STOP STOP STOP RESUMING STOP STOP STOP",
    "RUNNING_P2P": "- STOP RUNNING STOP STOP RUNNING_P2P RUNNING PRE_COPY_P2P",
    "PRE_COPY": "- RUNNING RUNNING PRE_COPY_P2P RUNNING RUNNING PRE_COPY PRE_COPY_P2P",
    "PRE_COPY_P2P": "- RUNNING_P2P RUNNING_P2P STOP_COPY RUNNING_P2P RUNNING_P2P PRE_COPY PRE_COPY_P2P",
}
NEEDS = {"RUNNING_P2P": {"P2P"}, "PRE_COPY": {"PRE_COPY"}, "PRE_COPY_P2P": {"P2P", "PRE_COPY"}}


def machine_of(path: Path) -> Machine:
    (machine,) = load(path).machines
    return machine


@pytest.fixture(scope="module")
def v2() -> Machine:
    return machine_of(SPECS / "vfio-migration-v2.yaml")


@pytest.fixture(scope="module")
def v1() -> Machine:
    return machine_of(SPECS / "vfio-migration-v1.yaml")


@pytest.fixture(scope="module")
def first() -> Machine:
    return machine_of(SPECS / "vfio-device-state.yaml")


def kernel_next(features: frozenset[str], current: str, new: str) -> str | None:
    """The next state as the kernel's table and its loop over unsupported states give it."""
    supported = {name for name in KERNEL_STATES if NEEDS.get(name, set()) <= features}
    if not {current, new} <= supported:
        return None
    step = current
    while True:
        step = KERNEL_TABLE[step].split()[KERNEL_STATES.index(new)]
        if step == "-":
            return None
        if step in supported:
            return step


def test_v2_answers_as_the_kernel_for_every_pair_and_every_set_of_features(v2: Machine) -> None:
    sets = list(feature_sets(v2))
    assert len(sets) == 4
    for features in sets:
        for current in v2.states:
            for new in v2.states:
                found = next_state(v2, features, current, new)
                expected = kernel_next(features, current.name, new.name)
                assert (found.name if found else None) == expected, (features, current.name, new.name)


def test_a_walk_of_next_states_ends_where_it_was_asked_to(v2: Machine) -> None:
    for features in feature_sets(v2):
        for current in v2.states:
            for new in v2.states:
                walked = path(v2, features, current, new)
                at = current
                for state in walked:
                    assert next_state(v2, features, at, new) is state
                    at = state
                if verdict(v2, features, current, new) is Verdict.ACCEPTED:
                    assert at is new


def test_v1_leaves_open_what_its_text_does_not_say(v1: Machine) -> None:
    values = {state.value: state for state in v1.states}
    assert sorted(values) == [0, 1, 2, 3, 4, 6]
    flows = {(1, 0), (1, 2), (2, 0), (1, 3), (3, 2), (1, 4), (4, 1)}
    for current in values:
        for new in values:
            found = verdict(v1, None, values[current], values[new])
            if current == 6 or new == 6:
                assert found is (Verdict.REFUSED if new == 6 else Verdict.UNSPECIFIED)
            elif (current, new) in flows:
                assert found is Verdict.ACCEPTED
            else:
                assert found is Verdict.UNSPECIFIED


def test_the_first_interface_has_every_ordered_pair_as_an_arc(first: Machine) -> None:
    assert {state.name: state.value for state in first.states} == {
        "RUNNING": 0,
        "STOPPED": 1,
        "RUNNING+LOGGING": 2,
        "STOPPED+LOGGING": 3,
    }
    for current in first.states:
        for new in first.states:
            assert verdict(first, None, current, new) is Verdict.ACCEPTED
            if current is not new:
                assert arc_between(first, current, new)
                assert path(first, None, current, new) == (new,)
            else:
                assert path(first, None, current, new) == ()


MODIFIED = """
flags:
  - {flags: features, prefix: F_, values: [{name: P2P, value: 1}, {name: LOG, value: 2}]}
states:
  - states: machine
    set-by: user
    prefix: S_
    initial: RUNNING
    features: features
    base: [{name: RUNNING, value: 0}, {name: QUIET, value: 1, needs: [P2P]}]
    modifiers: [{name: LOGGING, value: 2, needs: [LOG]}]
    transitions: [{from: RUNNING, to: QUIET, label: calm}]
"""


def test_a_state_needs_what_each_of_its_parts_needs() -> None:
    (machine,) = interface_of(MODIFIED).machines
    assert {state.name: state.needs for state in machine.states} == {
        "RUNNING": (),
        "QUIET": ("P2P",),
        "RUNNING+LOGGING": ("LOG",),
        "QUIET+LOGGING": ("P2P", "LOG"),
    }
    bits = MODIFIED.replace("base", "bits").replace("    modifiers", "    combinations")
    bits = bits.replace(
        "[{name: LOGGING, value: 2, needs: [LOG]}]",
        "[{name: RUNNING, of: [RUNNING]}, {name: QUIET, of: [RUNNING, QUIET]}]",
    )
    (machine,) = interface_of(bits).machines
    assert {state.name: state.needs for state in machine.states} == {"RUNNING": (), "QUIET": ("P2P",)}


COMBINED = """
states:
  - states: machine
    set-by: user
    prefix: S_
    initial: RUNNING
    unknown: preserved
    otherwise: unspecified
    bits: [{name: RUN, value: 1}, {name: SAVE, value: 2}]
    combinations: [{name: RUNNING, of: [RUN]}, {name: STOPPED, of: []}]
    invalid: [{of: [RUN, SAVE], doc: Nobody saves what runs.}]
    transitions: [{from: RUNNING, to: STOPPED, label: stop}]
"""


def test_a_combination_that_is_invalid_is_no_state() -> None:
    (machine,) = interface_of(COMBINED).machines
    assert [state.name for state in machine.states] == ["RUNNING", "STOPPED"]
    (invalid,) = machine.invalid
    assert (invalid.value, invalid.kind, invalid.doc.text) == (3, "invalid", "Nobody saves what runs.")


RING = """
states:
  - states: machine
    set-by: user
    prefix: S_
    initial: A
    values: [{name: A, value: 0}, {name: B, value: 1}, {name: C, value: 2}, {name: D, value: 3}]
    transitions:
      - {from: A, to: B, label: 1}
      - {from: B, to: C, label: 2}
      - {from: C, to: D, label: 3}
      - {from: A, to: D, label: 4}
      - {from: D, to: C, label: 5}
    paths: {}
"""


def names_on_the_way(machine: Machine, source: str, target: str) -> tuple[End, str]:
    states = {state.name: state for state in machine.states}
    walked = walk(machine, None, states[source], states[target])
    return walked.end, "".join(state.name for state in walked.steps)


def test_a_first_step_wins_over_the_shortest_path() -> None:
    (machine,) = interface_of(RING).machines
    assert names_on_the_way(machine, "A", "C") == (End.ARRIVES, "BC")  # the arc to B comes first
    given = RING.replace("{}", "{first-steps: [{from: A, to: C, step: D}, {from: A, to: D, step: B}]}")
    (machine,) = interface_of(given).machines
    assert names_on_the_way(machine, "A", "C") == (End.ARRIVES, "DC")
    assert names_on_the_way(machine, "A", "D") == (End.ARRIVES, "BCD")


@pytest.mark.parametrize(
    ("paths", "end", "steps"),
    [
        (
            "{first-steps: [{from: C, to: B, step: D}, {from: D, to: B, step: C}]}",
            End.LOOPS,
            "DC",
        ),
        ("{first-steps: [{from: C, to: B, step: D}]}", End.NOWHERE, "D"),
        ("{blocked: [{from: B, to: D}], first-steps: [{from: A, to: D, step: B}]}", End.BLOCKED, "B"),
        ("{blocked: [{from: A, to: D}]}", End.BLOCKED, ""),
        ("{}", End.NOWHERE, ""),
    ],
)
def test_a_walk_that_does_not_arrive_is_refused_and_ends_all_the_same(
    paths: str, end: End, steps: str
) -> None:
    (machine,) = interface_of(RING.replace("{}", paths)).machines
    asked = ("A", "D") if "blocked" in paths else ("C", "B")
    assert names_on_the_way(machine, *asked) == (end, steps)
    states = {state.name: state for state in machine.states}
    source, target = (states[name] for name in asked)
    assert verdict(machine, None, source, target) is Verdict.REFUSED
    assert next_state(machine, None, source, target) is None
    assert path(machine, None, source, target) == ()


def test_the_sets_of_features_count_from_none_to_all_in_the_order_of_the_flags() -> None:
    (machine,) = interface_of(MODIFIED).machines
    assert needed_features(machine) == ("P2P", "LOG")
    assert [sorted(features) for features in all_feature_sets(machine)] == [
        [],
        ["P2P"],
        ["LOG"],
        ["LOG", "P2P"],
    ]
    (machine,) = interface_of(
        MODIFIED.replace("{name: RUNNING, value: 0}", "{name: RUNNING, value: 0, needs: [LOG]}")
    ).machines
    assert [sorted(features) for features in feature_sets(machine)] == [["LOG"], ["LOG", "P2P"]]
