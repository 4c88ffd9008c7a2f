"""``uapigen explain``: every part of an interface has a page, with the drawing that the document has."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from documents import ALL, FIRST, SPEC, loaded
from drawread import Sheet
from laneread import read
from sample import ONE_STRUCT, ROOT, SPECS
from terminal import ESCAPE, on_terminal
from uapigen.cli import main
from uapigen.commands.explain import page
from uapigen.explain import named, things, whole

V2 = SPECS / "vfio-migration-v2.yaml"
Capture = Callable[..., str]


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Capture:
    def run(spec: Path, *name: str, status: int = 0) -> str:
        assert main(["explain", str(spec), *name]) == status
        done = capsys.readouterr()
        assert bool(done.err) == bool(status)
        return done.err if status else done.out

    return run


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.stem)
def test_every_part_has_a_page_under_each_of_its_names(spec: Path, explain: Capture) -> None:
    glance = explain(spec)
    every = [*things(loaded(spec))]
    for thing in every:
        assert f"\n  {thing.word}" in glance
        assert all(thing in named(every, name) for name in thing.names)
        text = "\n".join(page(thing.title, thing.page(100), 100, color=False))
        assert text.startswith(f"{thing.title}\n")
        assert text.isascii()
        assert "\n\n\n" not in text
        assert [line for line in text.split("\n") if len(line) > 100] == []
    for thing in every[-1:]:
        assert f"{thing.title}\n" in explain(spec, thing.names[0])


@pytest.mark.parametrize("columns", [60, 76, 80, 99])
def test_every_page_keeps_to_the_columns(columns: int) -> None:
    for spec in ALL:
        pages = [("", whole(loaded(spec), columns))]
        pages += [(thing.title, thing.page(columns)) for thing in things(loaded(spec))]
        for title, parts in pages:
            for line in page(title, parts, columns, color=False):
                assert len(line) <= columns, (spec.stem, title, line)


def test_a_long_name_is_parted_in_its_title_too(explain: Capture, tmp_path: Path) -> None:
    name = "x" * 110
    (tmp_path / "a.yaml").write_text(ONE_STRUCT.replace("struct: example", f"struct: {name}"))
    lines = explain(tmp_path / "a.yaml", name).split("\n")
    assert max(map(len, lines)) <= 100
    assert "".join(lines[: lines.index("")]) == f"struct{name}"


def test_a_state_is_drawn_with_its_own_transitions_alone(explain: Capture) -> None:
    """Of the specification of migration v2, as the kernel's header has it."""
    sheet = Sheet(drawing(explain(V2, "STOP_COPY")))
    assert {(arc.number, arc.source[0], arc.target[0]) for arc in sheet.arcs()} == {
        ("1", "1 STOP", "3 STOP_COPY"),
        ("4", "3 STOP_COPY", "1 STOP"),
        ("15", "7 PRE_COPY_P2P", "3 STOP_COPY"),
    }
    text = explain(V2, "STOP_COPY")
    assert re.findall(r"^(\d+) +([A-Z_0-9]+) +([A-Z_0-9]+) ", text, re.MULTILINE) == [
        ("1", "STOP", "STOP_COPY"),
        ("4", "STOP_COPY", "STOP"),
        ("15", "PRE_COPY_P2P", "STOP_COPY"),
    ]
    assert "\n  RUNNING       succeeds, through STOP and RUNNING_P2P\n" in text
    assert "\n  PRE_COPY      refused with EINVAL\n" in text
    assert "\n  STOP_COPY     succeeds, the state stays\n" in text
    assert "\n  STOP          succeeds\n" in text


def test_a_state_with_a_modifier_is_told_by_what_it_is_made_of(explain: Capture) -> None:
    text = " ".join(explain(FIRST, "RUNNING+LOGGING").split())
    assert "VFIO_DEVICE_STATE_CTL_RUNNING | VFIO_DEVICE_STATE_CTL_LOGGING is 2." in text
    assert "The device is active" in text
    assert "Changes of device memory and of system memory are recorded." in text


def test_what_is_left_open_is_said_so(explain: Capture) -> None:
    assert "\n  STOP           not specified\n" in explain(SPECS / "vfio-migration-v1.yaml", "PRE_COPY")


def test_an_operation_is_told_step_by_step(explain: Capture) -> None:
    text = explain(FIRST, "6")
    assert text == explain(FIRST, "get device config buffer")
    lanes, steps = read(drawing(text))
    assert lanes == ["user space", "CTL", "DATA_CONFIG", "driver"]
    assert [step.number for step in steps] == [1, 2, 3, 4, 5]
    assert "  3.  The driver fills region DATA_CONFIG with the config snapshot.\n" in text
    assert "\nIt fails with:\n  -  EINVAL if " in text


def test_rules_and_operations_lead_to_each_other(explain: Capture) -> None:
    """By the members that a rule of the spec is about."""
    rule = next(topic for topic in SPEC["protocol"] if topic["topic"] == "Rounds of device memory")
    assert rule["about"] == ["device_memory.size", "device_memory.action"]
    text = explain(FIRST, "rounds of device memory")
    assert " ".join(rule["doc"].split()) in " ".join(text.split())
    assert re.findall(r"^  (\d+) [a-z]", text, re.MULTILINE) == ["8", "9", "10", "11"]
    assert "\nRules for its members:\n" in explain(FIRST, "8")
    assert "\n  Rounds of device memory " in explain(FIRST, "8")
    assert "Rules for its members" not in explain(FIRST, "1")


def test_a_machine_is_told_with_all_its_transitions(explain: Capture) -> None:
    text = explain(FIRST, "device_state")
    assert len(Sheet(drawing(text)).arcs()) == 12
    assert "There is a transition from each state to every other one." in text


def test_a_region_is_told_with_its_access_and_drawn_alone(explain: Capture) -> None:
    text = explain(FIRST, "CTL")
    assert "Everything else fails with EINVAL." in " ".join(text.split())
    assert [box.texts[0] for box in Sheet(drawing(text)).boxes] == ["user", "CTL", "driver"]


def test_names_of_several_things_are_told_of_each(explain: Capture) -> None:
    text = explain(ROOT / "tests/specs/streams-and-regions.yaml", "HIGH")
    assert text.startswith("State HIGH\n")
    both = [thing.title for thing in things(loaded(FIRST)) if "3" in thing.names]
    assert both == ["Operation 3: set device state"]


def test_a_state_may_be_called_as_c_does(explain: Capture) -> None:
    assert explain(V2, "VFIO_DEVICE_STATE_STOP_COPY") == explain(V2, "STOP_COPY")


@pytest.mark.parametrize(
    ("name", "same"),
    [("region CTL", "CTL"), ("state RUNNING", "RUNNING"), ("operation 6", "6"), ("Operation 6", "6")],
)
def test_a_name_may_say_what_it_is_of(name: str, same: str, explain: Capture) -> None:
    assert explain(FIRST, name) == explain(FIRST, same)


def test_letters_may_be_small(explain: Capture) -> None:
    assert explain(V2, "stop_copy") == explain(V2, "STOP_COPY")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("STOPCOPY", "there is no part of the interface 'STOPCOPY'; did you mean `STOP_COPY`?"),
        ("xx", "there is no part of the interface 'xx'; `uapigen explain SPEC` lists them"),
        ("", "there is no part of the interface ''; `uapigen explain SPEC` lists them"),
        ("a\nb", "there is no part of the interface 'a\\nb'; `uapigen explain SPEC` lists them"),
    ],
)
def test_a_name_that_names_nothing(name: str, said: str, explain: Capture) -> None:
    assert explain(V2, name, status=1) == f"uapigen: error: {said}\n"


def test_a_terminal_has_colors_and_its_own_width() -> None:
    shown = on_terminal(ROOT, "explain", str(FIRST), "6", columns=100)
    assert "\x1b[1mOperation 6: get device config buffer\x1b[0m" in shown
    assert "\x1b[1;36m 3 fill" in shown
    bare = on_terminal(ROOT, "explain", str(FIRST), "6", columns=100, NO_COLOR="1")
    assert ESCAPE.sub("", shown) == bare
    narrow = on_terminal(ROOT, "explain", str(FIRST), "6", columns=60, NO_COLOR="1")
    assert max(map(len, narrow.split("\n"))) <= 60 < max(map(len, bare.split("\n")))


def drawing(page: str) -> list[str]:
    """The only drawing of a page: the paragraph with most lines across."""
    return max(page.split("\n\n"), key=lambda text: text.count("-+") + text.count("->")).split("\n")


def test_a_struct_is_told_with_its_bytes_as_each_abi_has_them(explain: Capture) -> None:
    text = explain(FIRST, "struct vfio_device_state_ctl")
    assert re.findall(r"^0x(\d\d) ", text, re.MULTILINE) == [f"{at:02x}" for at in range(0, 72, 8)]
    assert "| device_state: u32          wo |" in text
    assert "What is hatched with / is padding" in text
    abis = explain(ROOT / "tests/specs/kinds.yaml", "kinds_nested")
    assert "40 bytes on i386.\n" in abis
    assert "\nThe alternative outer.inner of the union" in abis
