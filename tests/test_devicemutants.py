"""Mutants of devices: what is changed, what the tests notice, and what is named as equivalent."""

from __future__ import annotations

from pathlib import Path

import pytest

import changes
import devicemutants
import pyoutput
from devicemutants import Equivalent, Outcome, read_equivalents
from faults import FAULTS
from forks import Device, TestsError, survivors
from sample import SPECS
from uapigen import load
from uapigen.render import snake

DEVICE = '''\
"""A device."""


def take(value: int = 7) -> bool:
    """Whether it is in range."""
    if value < 3:
        raise OSError(22, f"{value} is less than {3}")
    return True
'''
TESTS = """\
import importlib
import pytest


def test_in_range():
    assert importlib.import_module("small").take(4) is True


def test_below():
    with pytest.raises(OSError) as refused:
        importlib.import_module("small").take(2)
    assert refused.value.errno == 22
"""
BOUNDARY = {"if value <= 3:", "if value < 4:"}
"""What the tests of the device do not see, beside the default of its parameter."""


@pytest.fixture
def device(tmp_path: Path) -> Device:
    (tmp_path / "small.py").write_text(DEVICE)
    (tmp_path / "test_small.py").write_text(TESTS)
    return Device(tmp_path, "small", "test_small.py")


def test_every_change_that_matters_and_no_other() -> None:
    found = {(mutant.line, mutant.new) for mutant in changes.mutants(DEVICE)}
    tests = {"not (value < 3)", "True", "False", "value < 4", "value < 2"}
    tests |= {"value <= 3", "value >= 3", "value != 3"}
    errors = ("(21, ", "(23, ", "(None, ", "(")
    assert found == {
        *((4, f"def take(value: int = {value}) -> bool:") for value in (6, 8)),
        *((6, f"if {test}:") for test in tests),
        *((7, f'raise OSError{error}f"{{value}} is less than {{3}}")') for error in errors),
        (7, "pass"),
        (8, "return False"),
    }
    assert {mutant.function for mutant in changes.mutants(DEVICE)} == {"take"}


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("a = b and not c", {"a = b or not c", "a = (not b) and not c", "a = b and True", "a = b and c"}),
        ("a = b is not None", {"a = b is None"}),
        ("a = b not in c", {"a = b in c"}),
        ("a = b + c", {"a = b - c", "a = b", "pass"}),
        ("a -= b", {"a += b", "a = b", "pass"}),
        ("a = b[1:c]", {"a = b[:c]", "a = b[1:]", "a = b[2:c]", "a = b[0:c]"}),
        ('a = b == "x"', {'a = b == "?"', 'a = b != "x"'}),
        ('a = {"x": b, **c}', {"a = { **c}", 'a = {"x": b, }'}),
        ("a = errno.EINVAL", {"a = errno.EXDEV"}),
        ("a = any(b)", {"a = all(b)"}),
        ("a = [b for b in c if b]", {"a = [b for b in c if not b]", "a = [b for b in c if True]"}),
        ("a: int = b", {"pass", "a: int = None"}),
        ("a = b + c", {"a = c", "a = None"}),
        ("a = b < c", {"a = b <= c", "a = b >= c", "a = b != c"}),
        ("a = b == c", {"a = b != c", "a = b <= c", "a = b >= c"}),
        ("a(b, c=d)", {"a(c=d)", "a(b)", "a(None, c=d)", "a(b, c=None)"}),
        ("a(b)", {"a(None)"}),
        ("a(*b, None)", {"a(None)", "a(*b)"}),
        ("for a in b: c", {"for a in (): c"}),
        ("while a: continue", {"while a: break", "while a: pass"}),
        ("while a: break", {"while a: continue", "while a: pass"}),
    ],
)
def test_a_change_is_one_of_the_text(line: str, changed: set[str]) -> None:
    found = {mutant.new for mutant in changes.mutants(f"{line}\n")}
    assert changed <= found
    for text in found:
        compile(text, "mutant", "exec")


def test_an_error_is_no_longer_caught() -> None:
    found = {mutant.new for mutant in changes.mutants("try:\n    a()\nexcept ValueError:\n    b()\n")}
    assert found == {"pass", "except ZeroDivisionError:"}


@pytest.mark.parametrize("line", ['raise E(a, f"{b}")', 'raise E(a, "b")', "raise E(a, why)"])
def test_what_an_error_says_is_not_changed(line: str) -> None:
    found = {mutant.new for mutant in changes.mutants(f"{line}\n")}
    assert found == {"pass", line.replace("a, ", ""), line.replace("(a", "(None")}


@pytest.mark.parametrize("line", ["a: int", '"""Text."""', "import a", "def __repr__(self): return 1"])
def test_what_is_for_people_is_not_changed(line: str) -> None:
    assert not list(changes.mutants(f"{line}\n"))


def test_a_mutant_that_no_test_notices_survives(device: Device) -> None:
    mutants = list(changes.mutants(DEVICE))
    alive = [mutants[number] for number in survivors(device, [mutant.text for mutant in mutants])]
    usual = {"def take(value: int = 6) -> bool:", "def take(value: int = 8) -> bool:"}
    assert {mutant.new for mutant in alive} == {*BOUNDARY, *usual}


def test_what_is_endless_or_cannot_be_imported_is_noticed(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is busy has less time than what waits."""
    monkeypatch.setattr("forks.SECONDS", 3)
    monkeypatch.setattr("forks.CPU_SECONDS", 1)
    waiting = "import time\ndef take(value):\n    time.sleep(99)\n"
    busy = "def take(value):\n    while True:\n        pass\n"
    assert survivors(device, [waiting, busy, "take = 1 / 0\n", "(", DEVICE]) == [4]


def test_tests_that_fail_on_the_device_as_it_is_notice_nothing(device: Device) -> None:
    (device.folder / "small.py").write_text(DEVICE.replace("True", "False"))
    with pytest.raises(TestsError, match=r"test_small\.py does not pass on the device as it is"):
        survivors(device, [DEVICE])


LIST = """\
# A remark.
small other: take
- if value < 3:
+ if value <= 3:
+ if value < 4:
= No caller has 3,
= nor ever will.

small: take
- def take(value: int = 7) -> bool:
+ *
= Every caller says it.
"""


def test_equivalents_are_read() -> None:
    first, second, third = read_equivalents(LIST)
    assert first == Equivalent(
        ("small", "other"), "take", "if value < 3:", "if value <= 3:", "No caller has 3, nor ever will."
    )
    assert (second.new, second.reason) == ("if value < 4:", first.reason)
    assert third.new == devicemutants.ANY


def test_any_change_of_a_line_or_of_a_function_can_be_equivalent() -> None:
    mutants = tuple(changes.mutants(DEVICE))
    line = Equivalent(("small",), "take", "if value < 3:", devicemutants.ANY, "None matters.")
    whole = line._replace(old=devicemutants.ANY)
    assert {mutant.line for mutant in mutants if line.names("small", mutant)} == {6}
    assert all(whole.names("small", mutant) for mutant in mutants)
    assert not any(whole.names("other", mutant) for mutant in mutants)
    assert not any(whole._replace(function="give").names("small", mutant) for mutant in mutants)


@pytest.mark.parametrize(
    "text", ["take\n- a\n+ b\n= c\n", "small: take\n- a\n+ b\n", "small: take\n= c\n", "small: take\na\n"]
)
def test_what_is_no_list_of_equivalents(text: str) -> None:
    with pytest.raises(ValueError, match="list of equivalents"):
        read_equivalents(text)


def test_survivors_that_are_named_are_fine_and_names_that_are_not_needed_are_not() -> None:
    mutants = tuple(changes.mutants(DEVICE))
    alive = [mutant for mutant in mutants if mutant.new in BOUNDARY or "int =" in mutant.new]
    first, second, third = read_equivalents(LIST)

    def judged(*equivalents: Equivalent) -> Outcome:
        return devicemutants.judged("small", len(mutants), alive, equivalents)

    assert judged(first, second, third) == Outcome("small", len(mutants), (), 4, ())
    assert judged(first, second, third).fine
    assert {mutant.new for mutant in judged(first, third).survived} == {"if value < 4:"}
    assert not judged(first, third).fine
    assert "small_device.py:6: survived\ntake\n- if value < 3:\n+ if value < 4:\n" in str(
        judged(first, third)
    )
    stale = first._replace(old="if value < 2:")
    assert judged(first, second, third, stale).stale == (stale,)
    assert not judged(first, second, third, stale).fine
    assert judged(first, second, third, stale._replace(interfaces=("other",))).fine


def test_what_is_named_is_tried_where_one_asks_for_it(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is too much, since a test sees the change, is found then; one of no mutant always."""
    monkeypatch.setattr(pyoutput, "write", lambda _, __: device.folder)
    (device.folder / "vfio_migration_v1_device.py").write_text(DEVICE)
    tests = TESTS.replace('"small"', '"vfio_migration_v1_device"')
    (device.folder / "test_vfio_migration_v1.py").write_text(tests)
    monkeypatch.setattr(devicemutants, "mutants_of", lambda _, text: [*changes.mutants(text)])
    named = read_equivalents(LIST.replace("small", "vfio-migration-v1"))
    seen = named[0]._replace(old="return True", new="return False")
    gone = seen._replace(old="return 8")
    spec = SPECS / "vfio-migration-v1.yaml"
    assert devicemutants.outcome(spec, (*named, seen)).fine
    assert devicemutants.outcome(spec, (*named, seen), named=True).stale == (seen,)
    assert devicemutants.outcome(spec, (*named, gone)).stale == (gone,)
    assert {each.new for each in devicemutants.outcome(spec, named[:1]).survived} > {"if value < 4:"}


def test_a_bar_shows_how_far_it_is_and_what_has_no_name() -> None:
    mutants = tuple(changes.mutants(DEVICE))
    found = devicemutants.judged("small", 6, mutants[:2], ())
    assert devicemutants.bar(found, 12, width=10) == "small [#####.....] 6 of 12, 2 survived"
    assert devicemutants.HELP in str(found)
    assert devicemutants.HELP not in str(found._replace(survived=()))


def test_a_fault_that_no_longer_applies_is_an_error() -> None:
    with pytest.raises(ValueError, match="fault 'fails with another errno': 2 times in small"):
        devicemutants.mutants_of("small", FAULTS["fails with another errno"].old * 2)
    name = next(name for name, fault in FAULTS.items() if "vfio-migration-v2" in fault.of)
    with pytest.raises(ValueError, match=f"fault '{name}': 0 times in vfio-migration-v2"):
        devicemutants.mutants_of("vfio-migration-v2", DEVICE)


@pytest.mark.parametrize("spec", devicemutants.EVERY, ids=lambda path: path.stem)
def test_every_fault_made_by_hand_is_noticed(spec: Path, tmp_path: Path) -> None:
    interface = load(spec)
    name = snake(interface.name)
    device = Device(pyoutput.write(interface, tmp_path), f"{name}_device", f"test_{name}.py")
    text = (tmp_path / f"{name}_device.py").read_text()
    faults = [each for each in devicemutants.mutants_of(interface.name, text) if "fault: " in each.function]
    alive = [faults[number] for number in survivors(device, [fault.text for fault in faults])]
    equivalents = read_equivalents(devicemutants.EQUIVALENTS.read_text())
    assert not [
        fault.function
        for fault in alive
        if not any(each.names(interface.name, fault) for each in equivalents)
    ]


def test_an_unknown_interface_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert devicemutants.main(["nothing"]) == 2
    assert capsys.readouterr().err == "no spec: nothing\n"
