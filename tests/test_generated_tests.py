"""The generated tests pass on the reference device, wherever they are, and notice a faulty one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import pyoutput
from sample import ROOT, SPECS, interface_of
from uapigen import load
from uapigen.model import Interface
from uapigen.walks import pair_walks

pytest_plugins = ["pytester"]

FIRST = SPECS / "vfio-device-state.yaml"
EVERY = sorted((*SPECS.glob("*.yaml"), *(ROOT / "tests" / "specs").glob("*.yaml")))
# The runs inside this process forget the modules that were imported meanwhile: it is rendered before.
TEXTS = pyoutput.texts(load(FIRST))


def run(folder: Path, *options: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The generated tests in a folder, as a user runs them; nothing of this repository is configured."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]
    return subprocess.run(
        [*command, *options, str(folder)],
        check=False,
        cwd=cwd or folder,
        capture_output=True,
        text=True,
    )


def without(text: str, old: str, new: str) -> str:
    """The text with ``old``, which must be there once, replaced."""
    assert text.count(old) == 1, f"{text.count(old)} times: {old}"
    return text.replace(old, new)


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_they_pass_and_leave_nothing_out(path: Path, tmp_path: Path) -> None:
    done = run(pyoutput.write(load(path), tmp_path), "-W", "error")
    assert done.returncode == 0, done.stdout
    assert " passed in " in done.stdout
    assert "skipped" not in done.stdout


def test_they_need_no_folder_and_no_order(tmp_path: Path) -> None:
    """From elsewhere, two interfaces at a time, in one process."""
    first = pyoutput.write(load(FIRST), tmp_path / "a")
    pyoutput.write(load(SPECS / "vfio-migration-v2.yaml"), tmp_path / "b")
    done = run(tmp_path, cwd=ROOT)
    assert done.returncode == 0, done.stdout
    done = run(first, "--import-mode=importlib", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_another_device_can_take_the_place_of_the_reference_device(tmp_path: Path) -> None:
    folder = pyoutput.write(load(FIRST), tmp_path)
    (folder / "mine.py").write_text(
        "import vfio_device_state_device\n"
        "def make(lacks):\n"
        "    print('mine was made')\n"
        "    return vfio_device_state_device.ReferenceDevice(lacks=lacks, page_size=8192)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rP", "-p", "no:cacheprovider", str(folder)],
        check=False,
        env={"UAPIGEN_DEVICE": "mine:make", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "mine was made" in done.stdout


# --- faults ---------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """A change of the device, and words that the message of a failing test must have."""

    old: str
    new: str
    message: str = ""


FAULTS = {
    "starts in another state": Fault(
        "self._enter(machine, (machine.initial or 0,))", "self._enter(machine, (1,))", "after open"
    ),
    "starts with a modifier": Fault(
        "self._enter(machine, (machine.initial or 0,))",
        "self._enter(machine, (2,))",
        "DATA_DIRTYBITMAP shows what changed",
    ),
    "accepts an unknown bit": Fault(
        "path = machine.path(current, requested, features)",
        "path = machine.path(current, requested & ~64, features)",
        "request 0x40: the device took it, not EINVAL",
    ),
    "changes the state on failure": Fault(
        "            raise _refused(machine.error, why)",
        "            self._states[machine.name] = 1\n            raise _refused(machine.error, why)",
        "which was refused",
    ),
    "fails with another errno": Fault(
        "raise _refused(machine.error, why)", "raise _refused(errno.EPERM, why)", "EPERM, not EINVAL"
    ),
    "refuses one transition": Fault(
        "        if path is None:",
        "        if path is None or (current, requested) == (3, 1):",
        "STOPPED+LOGGING -> STOPPED (spec/vfio-device-state.yaml:",
    ),
    "refuses the state that it is in": Fault(
        "        if path is None:", "        if path is None or current == requested:"
    ),
    "does not change the state": Fault(
        "            self._states[machine.name] = state",
        "            self._states.setdefault(machine.name, state)",
    ),
    "remembers the transition before": Fault(
        "        current = self._states[machine.name]",
        "        current = self._states[machine.name]\n"
        "        if (current, requested) == (1, 3) and getattr(self, '_last', 0) == 2:\n"
        "            raise _refused(machine.error, 'not after this')\n"
        "        self._last = current",
        "of the walk",
    ),
    "forgets to change the state on reset": Fault(
        "self._enter(machine, () if machine.reset is None else (machine.reset,))",
        "self._enter(machine, ())",
        "after a reset in STOPPED",
    ),
    "forgets to change the state on the last close": Fault(
        "self._enter(machine, () if machine.close is None else (machine.close,))",
        "self._enter(machine, ())",
        "after the last close in",
    ),
    "ends on any close": Fault(
        "        if not self._opens:\n            for", "        if True:\n            for"
    ),
    "takes non-zero reserved bytes": Fault(
        'if member.access == "zero" and value:', 'if member.access == "zero" and value > 255:', "write bit 0"
    ),
    "shows something in reserved bytes": Fault(
        "            return bytes(member.size)",
        "            return (member.access == 'zero').to_bytes(member.size, 'little')",
        "reserved reads as 01",
    ),
    "takes writes to read-only members": Fault(
        'if member.access == "ro" or', 'if member.path == "none" or', "to version: the device took it"
    ),
    "shows write-only members": Fault(
        'if member.access in ("wo", "zero", "any")', 'if member.access in ("zero", "any")'
    ),
    "reads write-only members alone": Fault(
        'if all(member.access == "wo" for member in members):', "if not members:", "read device_state"
    ),
    "reads less than was asked for": Fault(
        'return b"".join(self._read_member(member) for member in members)',
        'return b"".join(self._read_member(member) for member in members)[:64]',
        "64 of ",
    ),
    "reads parts of members": Fault(
        "if not members or sum(member.size for member in members) != length:",
        "if not members:",
    ),
    "takes writes that cover several members": Fault(
        "if len(members) > 1 and paths not in region.together:", "if not members:"
    ),
    "does not take the two members that go together": Fault(
        "if len(members) > 1 and paths not in region.together:", "if len(members) > 1:"
    ),
    "takes unknown actions": Fault(
        "    return value in known", "    return value in known or value == 8", "write 8"
    ),
    "maps the control region": Fault("if not spec.REGIONS[region].mappable:", "if False:"),
    "maps a copy": Fault("return memoryview(memory)", "return memoryview(bytearray(memory))"),
    "has a region that is not announced": Fault(
        "            if region.needs not in self._lacks:\n",
        "            if region.needs not in self._lacks or region.holds == 'bitmap':\n",
    ),
    "announces what it lacks": Fault(
        "return _union(set(flags) - self._lacks)", "return _union(set(flags))", "on a device without"
    ),
    "takes writes to members that are not there": Fault(
        'if member.access == "ro" or member.needs in self._lacks:', 'if member.access == "ro":', "not there"
    ),
    "shows members that are not there": Fault(
        '"any") or member.needs in self._lacks:',
        '"any"):\n            return bytes(member.size)\n        if False:',
    ),
    "makes a region of any length": Fault("bytearray(length)", "bytearray(length + 8)"),
    "loads in any state": Fault("not self._is_in(failure.states)", "False", "set device config buffer"),
    "loads without a size": Fault("return failure.field not in values", "return False"),
    "takes a size above the region": Fault("return value > limit", "return value > limit + 1"),
    "shows the size that was written": Fault(
        "                return store.size()\n        flags",
        "                return self._latched.get(member.path, store.size())\n        flags",
    ),
    "tells a size before there is a snapshot": Fault(
        "return 0 if self._snapshot is None else len(self._snapshot)",
        "return len(self._contents if self._snapshot is None else self._snapshot)",
        "before there is a snapshot",
    ),
    "keeps the snapshot on reset": Fault(
        "    def forget(self) -> None:\n        self._snapshot = None",
        "    def forget(self) -> None:\n        pass",
    ),
    "gives the config as it is now": Fault("self._snapshot = self._contents", "self._snapshot = None"),
    "loads nothing": Fault("self._contents = memory[: self._value(values, self._buffer.size)]", "pass"),
    "does not end a round": Fault(
        "            self._complete(self._round)", "            pass", "after the last one"
    ),
    "freezes in the middle of a round": Fault("if self._round and self._round.begun:", "if False:"),
    "takes a position in the middle of a chunk": Fault("return value % limit != 0", "return False"),
    "takes a position behind the end": Fault("return value >= limit", "return value > limit + 8192"),
    "loses what changed during a round": Fault("self._pending = done.changed", "self._pending = set()"),
    "always gives everything": Fault(
        "pages = self._since_whole if self._pending is None else self._pending", "pass"
    ),
    "does not clear the bitmap": Fault("        self._changed -= found", "        pass"),
    "clears more than was asked for": Fault(
        "        self._changed -= found", "        self._changed.clear()"
    ),
    "marks what changes at any time": Fault("        if self._recording:\n", "        if True:\n"),
    "keeps what was marked when it should not": Fault(
        "        if not on:\n            self._changed.clear()", "        if not on:\n            pass"
    ),
    "takes a range that is not aligned": Fault("return value % limit != 0", "return value % 8 != 0"),
    "takes no pages": Fault("return value == limit", "return False"),
    "takes a range that overflows": Fault("return limit + value * self.page_size >= 1 << 64", "return False"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated tests, the same for all faults, so that Python compiles them once."""
    made = tmp_path_factory.mktemp("generated")
    for file, text in TEXTS.items():
        (made / file).write_text(text)
    return made


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_device_is_noticed(
    name: str, folder: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = FAULTS[name]
    faulty = without(TEXTS["vfio_device_state_device.py"], fault.old, fault.new)
    pytester.makepyfile(faulty=faulty)
    pytester.syspathinsert()
    monkeypatch.setenv("UAPIGEN_DEVICE", "faulty:ReferenceDevice")
    options = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--assert=plain", "--tb=native")
    failed = pytester.inline_run(*options, str(folder)).getfailures()
    messages = [str(report.longrepr) for report in failed]
    assert messages, "no test failed"
    assert [message for message in messages if fault.message in message], messages[0]


def test_there_are_no_tests_of_data_where_no_region_holds_any() -> None:
    text = pyoutput.texts(load(SPECS / "vfio-migration-v1.yaml"))["test_vfio_migration_v1.py"]
    assert "def test_write_of_reserved_bytes" in text
    for unused in ("Buffer", "Operation", "partial", "def get_data"):
        assert unused in TEXTS["test_vfio_device_state.py"]
        assert unused not in text


def test_what_an_existing_interface_leaves_open_is_not_tested(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said of accesses to the region of v1 that cut a member, or write what is read-only."""
    texts = pyoutput.texts(load(SPECS / "vfio-migration-v1.yaml"))
    lax = texts["vfio_migration_v1_device.py"]
    for old, new in (
        (
            "            raise _refused(region.error, why)",
            "            members += spec.LAYOUTS[region.layout].members[:1]",
        ),
        ('            raise _refused(region.error, f"{member.path} cannot be written")', "            pass"),
        ("    def _add(", "    def map(self, region):\n        raise OSError\n\n    def _add("),
    ):
        lax = without(lax, old, new)
    folder = pytester.mkdir("lax")
    for file, text in {**texts, "lax.py": lax}.items():
        (folder / file).write_text(text)
    pytester.syspathinsert(folder)
    monkeypatch.setenv("UAPIGEN_DEVICE", "lax:ReferenceDevice")
    done = run(folder)
    assert done.returncode == 0, done.stdout


# --- walks ----------------------------------------------------------------------------------------


def machine(arcs: list[tuple[str, str]], states: str = "ABCD") -> Interface:
    values = "\n".join(
        f"      - {{name: {name}, value: {number}, doc: state}}" for number, name in enumerate(states)
    )
    lines = "\n".join(f"      - {{from: {source}, to: {target}, label: go}}" for source, target in arcs)
    return interface_of(
        "states:\n  - states: s\n    set-by: user\n    initial: A\n    prefix: S_\n    doc: States.\n"
        f"    values:\n{values}\n    transitions:\n{lines}\n"
    )


def test_first_interface_has_36_pairs_of_transitions_in_one_walk() -> None:
    [walk] = pair_walks(load(FIRST).machines[0])
    names = [state.name for state in walk]
    assert names[0] == "RUNNING"
    assert len({*zip(names, names[1:], names[2:], strict=False)}) == 36


@pytest.mark.parametrize(
    ("arcs", "walks"),
    [
        ([("A", "B")], []),
        ([("A", "B"), ("B", "A")], ["ABAB"]),
        ([("A", "B"), ("B", "C"), ("C", "D")], ["ABCD"]),
        ([("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")], ["ABD", "ACD"]),
        ([("B", "C"), ("C", "D")], ["BCD"]),
    ],
)
def test_walks_go_on_as_long_as_there_is_a_pair_to_reach(
    arcs: list[tuple[str, str]], walks: list[str]
) -> None:
    found = pair_walks(machine(arcs).machines[0])
    assert ["".join(state.name for state in walk) for walk in found] == walks
