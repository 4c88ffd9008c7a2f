"""The generated tests pass on the reference device, wherever they are, and notice a faulty one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import pyoutput
from faults import FAULTS, V2, without
from sample import ROOT, SPECS, interface_of
from uapigen import load
from uapigen.model import Interface
from uapigen.walks import pair_walks

pytest_plugins = ["pytester"]

FIRST = SPECS / "vfio-device-state.yaml"
EVERY = sorted((*SPECS.glob("*.yaml"), *(ROOT / "tests" / "specs").glob("*.yaml")))
# The runs inside this process forget the modules that were imported meanwhile: it is rendered before.
TEXTS = {name: pyoutput.texts(load(SPECS / f"{name}.yaml")) for name in (FIRST.stem, V2)}


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


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_they_pass_and_leave_nothing_out(path: Path, tmp_path: Path) -> None:
    done = run(pyoutput.write(load(path), tmp_path), "-W", "error")
    assert done.returncode == 0, done.stdout
    assert " passed in " in done.stdout
    assert "skipped" not in done.stdout
    interface = load(path)
    counted = re.findall(r"^(\w+) +(\d+) of (\d+)(.*)$", done.stdout, re.MULTILINE)
    lists = {kind: int(seen) for kind, seen, total, missing in counted if seen == total and not missing}
    assert len(lists) == len(counted)
    for kind, number in meant(interface).items():
        assert lists.get(kind, 0) == number, kind


def meant(interface: Interface) -> dict[str, int]:
    """How much there is to cover, as far as the spec itself says it."""
    machines = interface.machines
    failures = [failure for operation in interface.operations for failure in operation.failures]
    found = {
        "transitions": sum(len(machine.arcs) for machine in machines),
        "operations": len(interface.operations),
        "errors": len(failures),
    }
    return found if machines else {}


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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated tests, the same for all faults, so that Python compiles them once."""
    made = tmp_path_factory.mktemp("generated")
    for name, texts in TEXTS.items():
        (made / name).mkdir()
        for file, text in texts.items():
            (made / name / file).write_text(text)
    return made


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.message])
def test_a_fault_of_the_device_is_noticed(
    name: str, folder: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = FAULTS[name]
    devices = {name: TEXTS[name][f"{name.replace('-', '_')}_device.py"] for name in TEXTS}
    of = next(name for name, device in devices.items() if fault.applies(name, device))
    faulty = without(devices[of], fault.old, fault.new)
    pytester.makepyfile(faulty=faulty)
    pytester.syspathinsert()
    monkeypatch.setenv("UAPIGEN_DEVICE", "faulty:ReferenceDevice")
    options = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--assert=plain", "--tb=native")
    # Many requests have to do with a stream: a few that fail say it.  Walks have a test of their own.
    options += ("--maxfail=9", "-k", "stream or data or save") if of == V2 else ("-k", "not random")
    failed = pytester.inline_run(*options, str(folder / of)).getfailures()
    messages = [str(report.longrepr) for report in failed]
    assert messages, "no test failed"
    assert [message for message in messages if fault.message in message], messages[0]


WALKED = {
    "forgets what was frozen where the state changes": (
        "device_memory.size is 0, not the size of",
        "request(to='RUNNING+LOGGING')",
        "request(to='STOPPED+LOGGING')",
    ),
    "forgets what it recorded where it is opened for the third time": ("interrupt(by='an open')",),
    "takes the data that was loaded first for good": (
        "the data is not what was loaded last",
        "request(to='RESUMING')",
        "change_data(",
    ),
}
"""What messages must say where it takes some steps to see a fault."""


@pytest.mark.parametrize("name", WALKED)
def test_a_walk_says_which_steps_lead_to_a_fault(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    devices = {of: texts[f"{of.replace('-', '_')}_device.py"] for of, texts in TEXTS.items()}
    [of] = [of for of, device in devices.items() if fault.applies(of, device)]
    folder = pyoutput.write(load(SPECS / f"{of}.yaml"), tmp_path)
    device = folder / f"{of.replace('-', '_')}_device.py"
    device.write_text(without(device.read_text(), fault.old, fault.new))
    done = run(folder, "-k", "random and every")
    assert done.returncode == 1
    for words in WALKED[name]:
        assert words in done.stdout
    # Out of up to sixty; hypothesis finds no longer ways than it has to, but its versions differ.
    assert done.stdout.count("state.take(step=") < 20


def test_they_pass_where_regions_and_streams_are_of_one_interface(tmp_path: Path) -> None:
    """The first interface with the second machine, whose states have the same names and numbers."""
    texts = [(SPECS / f"{name}.yaml").read_text() for name in ("vfio-device-state", V2)]
    both, more = map(yaml.safe_load, texts)
    for section in ("flags", "structs", "states"):
        both[section] = [*both.get(section, ()), *more[section]]
    [field] = [field for struct in more["structs"] for field in struct["fields"] if "states" in field]
    field["name"] = "migration_state"
    folder = pyoutput.write(interface_of(yaml.safe_dump(both, sort_keys=False)), tmp_path)
    done = run(folder, "-W", "error", "-k", "not random")
    assert done.returncode == 0, done.stdout


def test_few_devices_are_open_at_a_time(tmp_path: Path) -> None:
    """A real one has a file descriptor for each, of which a process has a thousand."""
    folder = pyoutput.write(load(SPECS / "vfio-device-state.yaml"), tmp_path)
    (folder / "counted.py").write_text(COUNTED)
    done = run(folder, "-x", "-k", "not random", "--device", "counted:Counted")
    assert done.returncode == 0, done.stdout


COUNTED = """
from vfio_device_state_device import ReferenceDevice

class Counted(ReferenceDevice):
    count = 0

    def open(self):
        super().open()
        Counted.count += 1
        assert Counted.count <= 8, f"{Counted.count} devices are open"

    def close(self):
        super().close()
        Counted.count -= 1
"""


def test_walks_leave_nothing_behind(tmp_path: Path) -> None:
    """Not where the tests are, nor where they are run; and where nothing can be written."""
    folder = pyoutput.write(load(SPECS / "vfio-migration-v1.yaml"), tmp_path / "tests")
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in str(path)}
    for cwd in (folder, tmp_path):
        done = run(folder, "-k", "random", cwd=cwd)
        assert done.returncode == 0, done.stdout
    assert {path for path in tmp_path.rglob("*") if "__pycache__" not in str(path)} == before


def test_walks_need_hypothesis_and_the_other_tests_do_not(tmp_path: Path) -> None:
    folder = pyoutput.write(load(SPECS / "vfio-migration-v1.yaml"), tmp_path)
    (folder / "hypothesis.py").write_text("raise ModuleNotFoundError('not here')\n")
    done = run(folder, "-p", "no:hypothesispytest")
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout


def test_there_are_no_tests_of_data_where_no_region_holds_any() -> None:
    text = pyoutput.texts(load(SPECS / "vfio-migration-v1.yaml"))["test_vfio_migration_v1.py"]
    assert "def test_write_of_reserved_bytes" in text
    for unused in ("Buffer", "Operation", "partial", "def get_data"):
        assert unused in TEXTS[FIRST.stem]["test_vfio_device_state.py"]
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


LIMITED = """
import pytest
from vfio_migration_v2 import MigrationFlags
from vfio_migration_v2_device import ReferenceDevice


def make(lacks):
    if {*lacks} != {MigrationFlags.PRE_COPY}:
        pytest.skip("another device")
    return ReferenceDevice(lacks=lacks)
"""


def test_a_device_that_always_lacks_a_feature_is_tested_in_all_its_states(tmp_path: Path) -> None:
    """What another device may give it to load comes from one that lacks it as well."""
    folder = pyoutput.write(load(SPECS / f"{V2}.yaml"), tmp_path)
    (folder / "limited.py").write_text(LIMITED)
    done = run(folder, "--device", "limited:make")
    assert done.returncode == 0, done.stdout
    assert "states       5 of 7, without PRE_COPY; PRE_COPY_P2P\n" in done.stdout
    [covered] = re.findall(r"^pairs +(\d+) of", done.stdout, re.MULTILINE)
    machine = load(SPECS / f"{V2}.yaml").machines[0]
    [walk] = pair_walks(machine, frozenset({"STOP_COPY", "P2P"}))
    assert int(covered) == len({*zip(walk, walk[1:], walk[2:], strict=False)})


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


def test_walks_of_a_device_are_those_of_its_features() -> None:
    """RUNNING -> STOP is one step where RUNNING_P2P is not: three states around STOP, in all orders."""
    machine = load(SPECS / f"{V2}.yaml").machines[0]
    [walk] = pair_walks(machine, frozenset({"STOP_COPY"}))
    names = [state.name for state in walk]
    assert {*names} == {"RUNNING", "STOP", "STOP_COPY", "RESUMING"}
    assert len({*zip(names, names[1:], names[2:], strict=False)}) == 3 * 3 + 3
    assert not pair_walks(machine, frozenset())


@pytest.mark.parametrize(
    ("arcs", "walks"),
    [
        ([("A", "B")], []),
        ([("A", "B"), ("B", "A")], ["ABAB"]),
        ([("A", "B"), ("B", "C"), ("C", "D")], ["ABCD"]),
        ([("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")], ["ABD", "ACD"]),
        ([("B", "C"), ("C", "D")], []),
    ],
)
def test_walks_go_on_as_long_as_there_is_a_pair_to_reach(
    arcs: list[tuple[str, str]], walks: list[str]
) -> None:
    found = pair_walks(machine(arcs).machines[0])
    assert ["".join(state.name for state in walk) for walk in found] == walks
