"""``uapigen states``: what it prints is what is known of the real machines, in text and in JSON alike.

``states/NAME.txt`` are golden texts: commands behind ``$ uapigen``, each with what it prints.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from itertools import chain, combinations, pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents import ALL, FIRST, TRANSITIONS
from sample import interface_of
from test_machine import KERNEL_STATES, NEEDS, kernel_next
from test_soundness import Plan, plans
from uapigen.cli import main
from uapigen.commands.states import matrix_json, request_json
from uapigen.commands.statestext import overview, request
from uapigen.machine import needed_features

HERE = Path(__file__).parent / "states"
OWN = sorted(HERE.glob("*.yaml"))
V1, V2 = (next(spec for spec in ALL if spec.stem == f"vfio-migration-v{number}") for number in (1, 2))
FEATURES = ("STOP_COPY", "P2P", "PRE_COPY")
SETS = [frozenset(chosen) for count in range(len(FEATURES) + 1) for chosen in combinations(FEATURES, count)]

# The arcs of linux/vfio.h, and what a real driver (mtty) does with the file descriptor of the data.
ARCS = {
    ("STOP", "STOP_COPY"): "opens",
    ("STOP", "RESUMING"): "opens",
    ("STOP", "RUNNING_P2P"): None,
    ("STOP_COPY", "STOP"): "closes",
    ("RESUMING", "STOP"): "closes",
    ("RUNNING", "RUNNING_P2P"): None,
    ("RUNNING", "PRE_COPY"): "opens",
    ("RUNNING_P2P", "RUNNING"): None,
    ("RUNNING_P2P", "STOP"): None,
    ("RUNNING_P2P", "PRE_COPY_P2P"): "opens",
    ("PRE_COPY", "RUNNING"): "closes",
    ("PRE_COPY", "PRE_COPY_P2P"): None,
    ("PRE_COPY_P2P", "PRE_COPY"): None,
    ("PRE_COPY_P2P", "RUNNING_P2P"): "closes",
    ("PRE_COPY_P2P", "STOP_COPY"): "continues",
}


class States:
    """The command, in this process."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured

    def text(self, *arguments: str | Path, status: int = 0) -> str:
        """What it prints; what goes to the other stream where the status is not 0."""
        assert main(["states", *map(str, arguments)]) == status
        out, err = self._captured.readouterr()
        assert (err if status == 0 else out) == ""
        return err if status else out

    def usage(self, *arguments: str | Path) -> str:
        """What it says where it was called wrongly, behind the usage."""
        with pytest.raises(SystemExit) as exit_:
            main(["states", *map(str, arguments)])
        assert exit_.value.code == 2
        err = self._captured.readouterr().err
        assert err.startswith("usage: uapigen states ")
        return str(err).partition("uapigen states: error: ")[2]

    def json(self, *arguments: str | Path) -> dict[str, Any]:
        """The document that it prints."""
        found: dict[str, Any] = json.loads(self.text(*arguments, "--json"))
        return found


@pytest.fixture
def states(capsys: pytest.CaptureFixture[str]) -> States:
    return States(capsys)


def chosen(features: frozenset[str]) -> str:
    return ",".join(sorted(features)) or "none"


# --- all requests ---------------------------------------------------------------------------------


@pytest.mark.parametrize("features", SETS, ids=chosen)
def test_the_table_of_v2_is_the_kernels(states: States, features: frozenset[str]) -> None:
    assert states.json(V2, "--features", chosen(features)) == {
        "states": KERNEL_STATES,
        "initial": "RUNNING",
        "features": [name for name in FEATURES if name in features],
        "next": {
            current: {new: kernel_next_with(features, current, new) for new in KERNEL_STATES}
            for current in KERNEL_STATES
        },
        "unspecified": [],
    }


def kernel_next_with(features: frozenset[str], current: str, new: str) -> str | None:
    """As the kernel answers, also without STOP_COPY, which every state but the error state needs."""
    return kernel_next(features, current, new) if "STOP_COPY" in features else None


def test_the_table_of_v1_leaves_open_what_its_text_leaves_open(states: States) -> None:
    found = states.json(V1)
    flows = {(1, 0), (1, 2), (2, 0), (1, 3), (3, 2), (1, 4), (4, 1)}
    names = dict(zip((0, 1, 2, 3, 4, 6), found["states"], strict=True))
    assert found["initial"] == names[1]
    for (at, current), (to, new) in product(names.items(), repeat=2):
        accepted = (at, to) in flows
        assert found["next"][current][new] == (new if accepted else None)
        assert ([current, new] in found["unspecified"]) == (not accepted and to != 6)


def test_the_table_of_the_first_interface_has_its_twelve_transitions(states: States) -> None:
    found = states.json(FIRST)
    assert found["features"] == found["unspecified"] == []
    ends = {(line.split(" -- ")[0], line.split(" --> ")[1]) for line in TRANSITIONS}
    assert {(current, new) for current, row in found["next"].items() for new in row if new != current} == ends
    assert all(row[new] == new for row in found["next"].values() for new in row)


def test_what_is_open_and_what_is_refused_differ(states: States) -> None:
    found = states.json(HERE / "faults.yaml")
    assert found["next"]["TOWN"]["ALONE"] is found["next"]["TOWN"]["WEST"] is None
    assert ["TOWN", "ALONE"] in found["unspecified"]
    assert ["TOWN", "WEST"] not in found["unspecified"]


# --- features -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("PRE_COPY,STOP_COPY", ["STOP_COPY", "PRE_COPY"]),
        ("P2P,P2P,STOP_COPY,P2P", ["STOP_COPY", "P2P"]),
        (" STOP_COPY , P2P ", ["STOP_COPY", "P2P"]),
        ("all", [*FEATURES]),
        ("none", []),
    ],
)
def test_features_are_a_set(states: States, given: str, meant: list[str]) -> None:
    found = states.json(V2, "--features", given)
    assert found["features"] == meant
    existing = {name for name in KERNEL_STATES if {"STOP_COPY", *NEEDS.get(name, ())} <= {*meant}}
    existing -= {"ERROR"}
    assert {name for name, row in found["next"].items() if any(row.values())} == existing


def test_all_features_is_what_is_meant_where_nothing_is_said(states: States) -> None:
    assert states.text(V2) == states.text(V2, "--features", "all")


def test_a_flag_that_no_state_needs_is_a_feature_as_well(states: States) -> None:
    assert states.json(HERE / "migration.yaml")["features"] == ["SAVE", "QUIET", "FAST"]
    assert states.json(HERE / "migration.yaml", "--features", "FAST")["features"] == ["FAST"]


def test_a_device_without_the_initial_state_is_none(states: States) -> None:
    said = "  initial      RUNNING; it needs STOP_COPY, so there is no such device\n"
    assert said in states.text(V2, "--features", "none")
    assert "no such device" not in states.text(V2, "--features", "STOP_COPY")


def test_a_feature_that_no_flag_declares_is_one_all_the_same(states: States) -> None:
    window = HERE / "ways.yaml", "--machine", "window"
    assert (
        states.json(*window)["features"]
        == states.json(*window, "--features", "GLASS")["features"]
        == ["GLASS"]
    )
    assert states.json(*window, "--features", "none")["next"]["SHUT"] == {"OPEN": None, "SHUT": "SHUT"}


@pytest.mark.parametrize("given", ["", ",", "P2P,", "P2P,,STOP_COPY", " "])
def test_an_empty_name_is_wrong_usage(states: States, given: str) -> None:
    assert "names with commas between them, `all` or `none`" in states.usage(V2, "--features", given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("P3P", "there is no feature 'P3P'; did you mean `P2P`?"),
        ("STOP_COPY,precopy", "there is no feature 'precopy'; did you mean `PRE_COPY`?"),
        ("VFIO_MIGRATION_P2P", "there is no feature 'VFIO_MIGRATION_P2P'; did you mean `P2P`?"),
        ("dirty", "there is no feature 'dirty'; there are STOP_COPY, P2P, PRE_COPY"),
        ("all,P2P", "`all` stands alone behind `--features`"),
        ("P2P,none", "`none` stands alone behind `--features`"),
        ("a\nb", "there is no feature 'a\\nb'; there are STOP_COPY, P2P, PRE_COPY"),
    ],
)
def test_an_unknown_feature_is_refused(states: States, given: str, said: str) -> None:
    for asked in ([], ["--json"], ["--from", "STOP", "--to", "STOP"]):
        assert states.text(V2, "--features", given, *asked, status=1) == f"uapigen: error: {said}\n"


def test_where_no_state_needs_a_feature_there_is_none(states: States) -> None:
    said = "uapigen: error: there is no feature 'P2P'; no state needs one, so leave `--features` out\n"
    assert states.text(FIRST, "--features", "P2P", status=1) == said
    assert states.text(FIRST, "--features", "none") == states.text(FIRST, "--features", "all")


# --- one request ----------------------------------------------------------------------------------


def test_the_fifteen_arcs_are_one_step_each(states: States) -> None:
    for (source, target), stream in ARCS.items():
        found = states.json(V2, "--from", source, "--to", target)
        assert (found["from"], found["to"], found["verdict"]) == (source, target, "accepted")
        assert (found["path"], found["reason"], found["errno"]) == ([target], None, None)
        (step,) = found["steps"]
        assert (step["from"], step["to"], step["over"]) == (source, target, [])
        (arc,) = step["transitions"]
        assert (arc["from"], arc["to"], arc["stream"]) == (source, target, stream)


@pytest.mark.parametrize("features", [each for each in SETS if "STOP_COPY" in each], ids=chosen)
def test_a_path_is_what_the_kernel_walks_and_its_steps_are_arcs(
    states: States, features: frozenset[str]
) -> None:
    for current, new in product(KERNEL_STATES, repeat=2):
        walked, at = [], current
        while at != new and (following := kernel_next(features, at, new)):
            walked.append(at := following)
        found = states.json(V2, "--features", chosen(features), "--from", current, "--to", new)
        accepted = kernel_next(features, current, new) is not None
        assert found["path"] == (walked if accepted else [])
        assert found["verdict"] == ("accepted" if accepted else "refused")
        assert found["errno"] == (None if accepted else "EINVAL")
        assert bool(found["reason"]) == (not accepted)
        assert [step["to"] for step in found["steps"]] == found["path"]
        for step in found["steps"]:
            ends = [step["from"], *step["over"], step["to"]]
            assert [(arc["from"], arc["to"]) for arc in step["transitions"]] == [*pairwise(ends)]
            assert {*pairwise(ends)} <= ARCS.keys()
            assert all(not NEEDS[name] <= features for name in step["over"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("STOPP", "there is no state 'STOPP'; did you mean `STOPPED`?"),
        ("LOGGING+RUNNING", "there is no state 'LOGGING+RUNNING'; did you mean `RUNNING+LOGGING`?"),
        ("LOGGING+STOPPED", "there is no state 'LOGGING+STOPPED'; did you mean `STOPPED+LOGGING`?"),
        ("VFIO_DEVICE_STATE_CTL_RUNNING", "VFIO_DEVICE_STATE_CTL_RUNNING'; did you mean `RUNNING`?"),
        ("x", "there is no state 'x'; there are RUNNING, RUNNING+LOGGING, STOPPED, STOPPED+LOGGING"),
        ("", "there is no state ''; there are RUNNING, RUNNING+LOGGING, STOPPED, STOPPED+LOGGING"),
    ],
)
def test_an_unknown_state_is_refused(states: States, given: str, said: str) -> None:
    assert said in states.text(FIRST, "--from", given, "--to", "RUNNING", status=1)
    assert said in states.text(FIRST, "--from", "RUNNING", "--to", given, "--json", status=1)


def test_names_of_c_and_parts_in_another_order_are_understood(states: States) -> None:
    for spec, name, meant in (
        (V2, "VFIO_DEVICE_STATE_STOP_COPY", "STOP_COPY"),
        (V1, "VFIO_DEVICE_STATE_V1_STOP", "STOP"),
        (V1, "VFIO_DEVICE_STATE_V1_RUNNING", "RUNNING"),
        (HERE / "two.yaml", "BLINKING+DARK", "DARK+BLINKING"),
    ):
        machine = ("--machine", "lamp") if spec.stem == "two" else ()
        said = states.text(spec, *machine, "--from", name, "--to", name, status=1)
        assert said == f"uapigen: error: there is no state '{name}'; did you mean `{meant}`?\n"
    # A modifier has a name in C, and is no state.
    said = states.text(FIRST, "--from", "VFIO_DEVICE_STATE_CTL_LOGGING", "--to", "RUNNING", status=1)
    assert "there are RUNNING, " in said


def test_a_combination_that_is_no_state_is_told_as_such(states: States) -> None:
    said = states.text(HERE / "two.yaml", "--machine", "fan", "--from", "STILL", "--to", "BOOST", status=1)
    assert "'BOOST' is no state; a request for it is refused with EINVAL" in said


def test_the_two_ends_of_a_request_belong_together(states: States) -> None:
    assert states.usage(V2, "--from", "STOP") == "`--from` needs `--to STATE` beside it\n"
    assert states.usage(V2, "--to", "STOP") == "`--to` needs `--from STATE` beside it\n"


# --- which machine --------------------------------------------------------------------------------


def test_of_several_machines_a_program_names_one(states: States) -> None:
    two = HERE / "two.yaml"
    assert states.json(two, "--machine", "lamp")["initial"] == "DARK"
    assert states.json(two, "--machine", "fan")["initial"] == "STILL"
    said = "there is more than one state machine; add `--machine lamp` or `--machine fan`\n"
    assert states.usage(two, "--json") == states.usage(two, "--from", "DARK", "--to", "DARK") == said
    texts = [states.text(two, "--machine", name) for name in ("lamp", "fan")]
    assert states.text(two) == "\n\n".join(texts)


def test_each_machine_has_the_features_that_it_knows(states: States) -> None:
    two = HERE / "two.yaml"
    lamp, fan = states.text(two, "--features", "TURBO").split("\n\n\n")
    assert "features" not in lamp
    assert "features  TURBO\n" in fan
    assert "features" not in states.text(two, "--machine", "lamp")
    states.text(two, "--machine", "lamp", "--features", "TURBO", status=1)


def test_an_unknown_machine_is_refused(states: States) -> None:
    said = states.text(HERE / "two.yaml", "--machine", "lam", status=1)
    assert said == "uapigen: error: there is no state machine 'lam'; did you mean `lamp`?\n"


def test_a_spec_without_states_is_told(states: States, tmp_path: Path) -> None:
    spec = tmp_path / "a.yaml"
    head = (HERE / "two.yaml").read_text(encoding="utf-8").partition("flags:")[0]
    spec.write_text(f"{head}constants: [{{name: A, value: 1, doc: A.}}]\n", encoding="utf-8")
    for asked in ([], ["--json"], ["--machine", "a"], ["--features", "P2P"]):
        said = states.text(spec, *asked, status=1)
        assert said == "uapigen: error: the spec of two has no state machine (`states:`)\n"


def test_a_spec_with_errors_has_them_said(states: States, tmp_path: Path) -> None:
    spec = tmp_path / "a.yaml"
    text = (HERE / "two.yaml").read_text(encoding="utf-8")
    spec.write_text(text.replace("initial: DARK", "initial: DARC"), encoding="utf-8")
    said = states.text(spec, status=1)
    assert f"{spec}:13:14: error: there is no state 'DARC' [undefined-reference]" in said
    assert "did you mean `DARK`?" in said


# --- text -----------------------------------------------------------------------------------------


def variants(spec: Path) -> list[list[str]]:
    """The arguments with which a spec is printed as text: each of its machines, with and without features."""
    machines = {
        "two": ("lamp", "fan"),
        "ways": ("way", "door", "window"),
        "streams": ("copy_state", "log_state"),
        "streams-and-regions": ("power_state", "copy_state"),
        "furnace": ("fire_state", "lid_state"),
    }.get(spec.stem, ())
    picked = [["--machine", name] for name in machines] or [[]]
    return [[str(spec), "--features", features, *more] for features in ("all", "none") for more in picked]


WITH_STATES = [spec for spec in (*ALL, *OWN) if "\nstates:" in spec.read_text(encoding="utf-8")]
TEXTS = list(chain.from_iterable(map(variants, WITH_STATES)))


@pytest.mark.parametrize("arguments", TEXTS, ids=lambda found: " ".join((Path(found[0]).stem, *found[1:])))
def test_read_back_the_text_says_what_the_json_says(states: States, arguments: list[str]) -> None:
    check_text(states.text(*arguments), states.json(*arguments))


@settings(max_examples=200, deadline=None)
@given(plans(), st.integers(0, 7))
def test_whatever_the_machine_text_json_and_steps_agree(plan: Plan, chosen_bits: int) -> None:
    interface = interface_of(plan.text())
    (machine,) = interface.machines
    features = [name for name in needed_features(machine) if chosen_bits >> int(name[1]) & 1]
    table = matrix_json(machine, features)
    check_text("\n".join(overview(interface, machine, features)), table)
    for current, requested in product(machine.states, repeat=2):
        found = request_json(machine, features, current, requested)
        at, following = current.name, table["next"][current.name]
        assert found["path"][:1] == [following[requested.name]][: len(found["path"])]
        assert bool(found["reason"]) == (found["verdict"] != "accepted")
        assert (following[requested.name] is None) == (found["verdict"] != "accepted")
        assert ([current.name, requested.name] in table["unspecified"]) == (found["verdict"] == "unspecified")
        for state, step in zip(found["path"], found["steps"], strict=True):
            ends = [step["from"], *step["over"], step["to"]]
            assert (ends[0], ends[-1]) == (at, state)
            at = state
        text = "\n".join(request(machine, features, current, requested))
        assert text.startswith(f"{current.name} -> {requested.name}: ")
        assert text.count(" -> ") >= 1 + len(found["path"])


def check_text(text: str, found: dict[str, Any]) -> None:
    """The text says what the document for programs says, in lines of 80 columns at most."""
    assert all(len(line) <= 80 and line == line.rstrip() for line in text.split("\n"))
    grid = matrix(text)
    numbers = {name: number for number, name in grid}
    assert [*numbers] == found["states"]
    lacking = {name for name in numbers if f" {name} (no " in " ".join(text.split())}
    for (number, current), row in grid.items():
        for new, column in numbers.items():
            cell, following = row[column], found["next"][current][new]
            if following is None:
                open_ = [current, new] in found["unspecified"]
                assert cell == ("-" if {current, new} & lacking else "?" if open_ else "x")
            elif current == new:
                assert (cell, following) == ("=", current)
            else:
                assert cell == numbers[following] + (".." if following != new else "")
        assert number.isdigit()
    marks = {cell.replace(numbers.get(cell, cell), cell) for row in grid.values() for cell in row.values()}
    kinds = {"N.." if ".." in cell else "N" if cell.isdigit() else cell for cell in marks}
    assert kinds == {line.split()[0] for line in text.split("\n") if line.startswith("  ") and legend(line)}


def legend(line: str) -> bool:
    """Whether a line of the text says what a mark means."""
    return line.split("  ")[1] in {"N", "N..", "=", "x", "?", "-"}


def matrix(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """The cells of the matrix by the column, for the number and the name of each row."""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    header: list[str] = []
    offsets: list[int] = []
    for line in text.partition("columns):\n")[2].split("\n"):
        words = line.split()
        if words and all(word.isdigit() for word in words):
            header, offsets = words, [found.start() for found in re.finditer(r"\S+", line)]
        elif words and words[0].isdigit() and header:
            assert [found.start() for found in re.finditer(r"\S+", line)][2:] == offsets
            cells.setdefault((words[0], words[1]), {}).update(zip(header, words[2:], strict=True))
    return cells


@pytest.mark.parametrize("count", [25, 40])
@pytest.mark.parametrize("prefix", ["S" * width for width in range(1, 6)])
def test_many_states_are_told_in_pieces_as_wide_as_a_line_takes(
    states: States, tmp_path: Path, prefix: str, count: int
) -> None:
    head = (HERE / "two.yaml").read_text(encoding="utf-8").partition("flags:")[0]
    names = [f"{prefix}{number}" for number in range(count)]
    values = "".join(f"      - {{name: {name}, value: {number}}}\n" for number, name in enumerate(names))
    ends = pairwise([*names, names[0]])
    arcs = "".join(f"      - {{from: {source}, to: {target}, label: step}}\n" for source, target in ends)
    machine = f"  - states: m\n    set-by: user\n    initial: {names[0]}\n    prefix: M_\n    paths: {{}}\n"
    spec = tmp_path / "a.yaml"
    spec.write_text(
        f"{head}states:\n{machine}    values:\n{values}    transitions:\n{arcs}", encoding="utf-8"
    )
    text = states.text(spec)
    # A column is as wide as "39.." and two blanks, and the last one ends with its text.
    assert 80 - 6 < max(map(len, text.split("\n"))) <= 80
    found = matrix(text)
    assert [len(row) for row in found.values()] == [count] * count
    for number, current in enumerate(names):
        after, row = (number + 1) % count, found[str(number), current]
        others = {*map(str, range(count))} - {str(number), str(after)}
        assert (row[str(number)], row[str(after)]) == ("=", str(after))
        assert {row[other] for other in others} == {f"{after}.."}
    assert text.count("  step\n") == count


def test_names_that_are_odd_stay_in_their_line(states: States, tmp_path: Path) -> None:
    spec = tmp_path / "a.yaml"
    text = (HERE / "two.yaml").read_text(encoding="utf-8")
    spec.write_text(text.replace("DARK", '"DA\\nRK"').replace("states: lamp", 'states: "la\\nmp"'))
    found = states.text(spec, "--machine", "la\nmp")
    assert "two: state machine la\\nmp\n" in found
    assert "  0 DA\\nRK " in found
    assert "  DA\\nRK -> BRIGHT " in found
    request = states.text(spec, "--machine", "la\nmp", "--from", "DA\nRK", "--to", "DA\nRK+BLINKING")
    assert request.startswith("DA\\nRK -> DA\\nRK+BLINKING: refused with EINVAL\n")
    assert "there is no transition DA\\nRK -> DA\\nRK+BLINKING" in request
    assert "`--machine la\\nmp`" in states.usage(spec, "--json")
    spec.write_text(text.replace("FAST", '"FA\\nST"'), encoding="utf-8")
    assert "lacks     FA\\nST (no TURBO)" in states.text(spec, "--machine", "fan", "--features", "none")


def test_names_that_are_long_have_lines_of_their_own(states: States, tmp_path: Path) -> None:
    spec = tmp_path / "a.yaml"
    text = (HERE / "two.yaml").read_text(encoding="utf-8")
    spec.write_text(text.replace("DARK", "D" * 50).replace("BRIGHT", "B" * 40), encoding="utf-8")
    found = states.text(spec, "--machine", "lamp")
    assert f"\n  {'D' * 50} ->\n  {'B' * 40}\n      light\n" in found
    assert max(map(len, found.split("\n"))) <= 80
    spec.write_text(text.replace("DARK", "D" * 90), encoding="utf-8")
    assert [len(row) for row in matrix(states.text(spec, "--machine", "lamp")).values()] == [4] * 4


# --- golden texts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", sorted(HERE.glob("*.txt")), ids=lambda path: str(path.stem))
def test_golden(states: States, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    expected = kept.read_text(encoding="utf-8")
    commands = [line for line in expected.split("\n") if line.startswith("$ ")]
    assert len({*commands}) == len(commands) > 2
    printed = "\n\n".join(f"{line}\n{states.text(*shlex.split(line)[3:])}" for line in commands)
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(printed, encoding="utf-8")
    assert printed == kept.read_text(encoding="utf-8")
