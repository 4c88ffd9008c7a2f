"""The transport to a device in a VFIO group, where there need be no device: what it reads, what it says.

The guest of ``make kernel-test`` has devices.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import fcntl
import importlib
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sample import ROOT

sys.path.insert(0, str(ROOT / "integration"))
sys.path.insert(0, str(ROOT / "out" / "vfio-core"))
sys.path.insert(0, str(ROOT / "docs" / "examples"))

import vfio_pytest
import vfio_transport
from vfio_transport import Found

# The bytes are those of linux/vfio.h: struct vfio_region_info, and capabilities behind it.
INFO = struct.Struct("=IIIIQQ")
CAPS_FLAG = 8


def info(*capabilities: bytes, flags: int = CAPS_FLAG, argsz: int = 0) -> bytes:
    """An answer to VFIO_DEVICE_GET_REGION_INFO."""
    chain = b"".join(capabilities)
    size = argsz or INFO.size + len(chain)
    return INFO.pack(size, flags, 3, INFO.size if capabilities else 0, 0x2000, 7 << 40) + chain


def type_capability(following: int = 0, type_: int = 4, subtype: int = 2) -> bytes:
    return struct.pack("=HHIII", 2, 1, following, type_, subtype)


def other_capability(following: int) -> bytes:
    return struct.pack("=HHI", 3, 1, following)


# --- capabilities ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (info(type_capability()), (4, 2)),
        (info(other_capability(40), type_capability()), (4, 2)),
        (info(type_capability(48), other_capability(0)), (4, 2)),
        (info(other_capability(0)), (None, None)),
        (info(), (None, None)),
        (info(type_capability(), flags=7), (None, None)),  # no flag says that there are any
        (info(struct.pack("=HHI", 2, 1, 0)), (None, None)),  # it ends before it says its type
    ],
)
def test_type_of_a_region(data: bytes, told: tuple[int | None, int | None]) -> None:
    assert vfio_transport.region_in(data) == Found(7 << 40, 0x2000, *told)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (info(other_capability(32)), 32),
        (info(other_capability(40), other_capability(32)), 32),
        (info(other_capability(36)), 36),
        (info(other_capability(4096)), 4096),
    ],
)
def test_a_chain_that_is_none_is_told(data: bytes, place: int) -> None:
    with pytest.raises(OSError, match=f"leads to byte {place} of {len(data)}") as told:
        vfio_transport.region_in(data)
    assert told.value.errno == errno.EPROTO


# --- the regions of a device ----------------------------------------------------------------------


Answer = Callable[[int, bytearray], None]


def device_info(count: int) -> Answer:
    """A device with so many indexes; it must have been asked with the size of the struct."""

    def answer(_: int, data: bytearray) -> None:
        assert struct.unpack_from("=I", data) == (20,)
        data[:] = struct.pack("=5I", 20, 0, count, 0, 0)

    return answer


def whole_regions(_: int, data: bytearray) -> None:
    """Regions with a capability. Where there is no room for it, the size that is needed is said."""
    size, _, index, _, _, _ = INFO.unpack_from(data)
    if index == 1:
        raise OSError(errno.EINVAL, "no such region")
    answer = info(type_capability(subtype=index))
    if size < len(answer):
        answer = INFO.pack(len(answer), CAPS_FLAG, index, 0, 0x2000, 7 << 40)
    data[: len(answer)] = answer


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[int, Answer]:
    """What ioctls do, by their number."""
    found: dict[int, Answer] = {}

    def ioctl(fd: int, number: int, data: bytearray) -> int:
        found[number](fd, data)
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    return found


GET_INFO, GET_REGION_INFO = 0x3B << 8 | 107, 0x3B << 8 | 108


def test_regions_are_found_with_all_their_capabilities(answers: dict[int, Answer]) -> None:
    answers.update({GET_INFO: device_info(3), GET_REGION_INFO: whole_regions})
    expected = {0: Found(7 << 40, 0x2000, 4, 0), 2: Found(7 << 40, 0x2000, 4, 2)}
    assert dict(vfio_transport.regions_of(5)) == expected


def test_a_device_that_fails_is_not_one_without_regions(answers: dict[int, Answer]) -> None:
    def fail(_: int, data: bytearray) -> None:
        raise OSError(errno.EIO, "broken")

    answers.update({GET_INFO: device_info(3), GET_REGION_INFO: fail})
    with pytest.raises(OSError, match="broken"):
        dict(vfio_transport.regions_of(5))


# --- what is not there ----------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a device on a bus, in group 26, and one in none."""
    devices = tmp_path / "bus" / "pci" / "devices"
    for name in ("0000:06:0d.0", "0000:06:0d.1"):
        (devices / name).mkdir(parents=True)
    (tmp_path / "bus" / "usb").mkdir()
    (tmp_path / "groups" / "26").mkdir(parents=True)
    (devices / "0000:06:0d.0" / "iommu_group").symlink_to(tmp_path / "groups" / "26")
    monkeypatch.setattr(vfio_transport, "BUSES", tmp_path / "bus")
    monkeypatch.setattr(vfio_transport, "NODES", tmp_path / "vfio")
    return tmp_path


def test_the_group_of_a_device_is_found(machine: Path) -> None:
    assert vfio_transport.group_of("0000:06:0d.0") == "26"


def refusal(name: str) -> OSError:
    device = vfio_transport.VfioDevice(name)
    with pytest.raises(OSError) as told:  # noqa: PT011 -- the callers look at it
        device.open()
    assert not device.is_open
    return told.value


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_what_is_missing_is_told(machine: Path) -> None:
    said = refusal("0000:06:0d.7")
    assert (said.errno, said.strerror) == (
        errno.ENODEV,
        f"there is no device 0000:06:0d.7 in {machine}/bus/*/devices",
    )
    said = refusal("0000:06:0d.1")
    assert said.strerror == "0000:06:0d.1 is in no IOMMU group: has the machine an IOMMU, and is it on?"
    said = refusal("0000:06:0d.0")
    assert said.strerror == f"there is no {machine}/vfio/vfio: is the module vfio loaded?"
    (machine / "vfio").mkdir()
    (machine / "vfio" / "vfio").touch()
    before = descriptors()
    said = refusal("0000:06:0d.0")
    assert said.strerror == f"there is no {machine}/vfio/26: is 0000:06:0d.0 bound to a driver of VFIO?"
    assert descriptors() == before
    (machine / "vfio" / "26").touch()
    assert refusal("0000:06:0d.0").errno == errno.ENOTTY  # these nodes are files
    assert descriptors() == before


@pytest.mark.parametrize("use", ["close", "reset"])
def test_a_device_that_is_not_open_is_told(machine: Path, use: str) -> None:
    with pytest.raises(OSError, match=r"0000:06:0d\.0 is not open") as told:
        getattr(vfio_transport.VfioDevice("0000:06:0d.0"), use)()
    assert told.value.errno == errno.EBADF


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("", "VFIO_DEVICE names no device: write it as /sys/bus/*/devices has it, such as 0000:06:0d.0"),
        ("nothing", "nothing cannot be opened: there is no device nothing in /sys/bus/*/devices"),
    ],
)
@pytest.mark.parametrize(
    ("interface", "device"),
    [
        ("vfio-migration-v2", "vfio_pytest:migration_v2"),
        ("vfio-device-state", "vfio_pytest:device_state"),
        ("vfio-migration-v2", "mycard:card"),
    ],
)
def test_a_run_without_a_device_ends_with_a_line(
    interface: str, device: str, named: str, said: str, tmp_path: Path
) -> None:
    folders = os.pathsep.join(str(ROOT / each) for each in ("integration", "out/vfio-core", "docs/examples"))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(ROOT / "out" / interface)]
    done = subprocess.run(
        [*command, "--device", device, "-k", "test_initial_state"],
        env={**os.environ, "PYTHONPATH": folders, "VFIO_DEVICE": named},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"! _pytest.outcomes.Exit: {said} !" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


# --- which device a test gets ---------------------------------------------------------------------


class Flags(enum.IntFlag):
    ONE = 1
    TWO = 2


class Device(vfio_transport.VfioDevice):
    """A device that needs no VFIO."""

    shows = 3
    resets = 0

    def open(self) -> None:
        self._opens.append(os.open(os.devnull, os.O_RDONLY))

    def reset(self) -> None:
        type(self).resets += 1


@pytest.fixture(autouse=True)
def no_device_in_use() -> Iterator[None]:
    yield
    for _, device in vfio_pytest._in_use:
        device.close_all()
    vfio_pytest._in_use.clear()
    vfio_pytest._handed_out.clear()


class LeftOutError(Exception):
    """A test would be skipped: here that is a result."""


def asked(*lacks: Flags, shows: int = 3) -> Device:
    try:
        return vfio_pytest.next_device(Device, lambda device: shows, Flags, lacks)
    except pytest.skip.Exception as skipped:
        raise LeftOutError(str(skipped)) from None


def test_each_device_of_a_test_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VFIO_DEVICE", "one,two")
    first = asked()
    first.open()
    second = asked()
    second.open()
    assert (first.name, second.name) == ("one", "two")
    with pytest.raises(LeftOutError, match=r"takes more devices at a time .* \(2\)"):
        asked()
    first.close()
    assert asked().name == "one"


def test_a_device_comes_closed_and_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VFIO_DEVICE", "one")
    Device.resets = 0
    assert not asked().is_open
    assert Device.resets == 1


def test_what_another_test_left_open_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VFIO_DEVICE", "one")
    left = asked()
    left.open()
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "another test (call)")
    assert asked().name == "one"
    assert not left.is_open


@pytest.mark.parametrize(
    ("lacks", "shows", "why"),
    [
        ((), 1, "one shows ONE, and this is about ONE and TWO"),
        ((Flags.TWO,), 3, "one shows ONE and TWO, and this is about ONE"),
        ((Flags.ONE, Flags.TWO), 2, "one shows TWO, and this is about no flag"),
        ((Flags.TWO,), 1, ""),
        ((), 7, ""),  # a flag that is not known says nothing
        ((Flags.ONE, Flags.TWO), 4, ""),
    ],
)
def test_a_device_with_other_flags_is_left_out(
    lacks: tuple[Flags, ...], shows: int, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VFIO_DEVICE", "one")
    expected = pytest.raises(LeftOutError, match=f"^{why}$") if why else contextlib.nullcontext()
    with expected:
        asked(*lacks, shows=shows)


def test_a_driver_without_the_interface_ends_the_run_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VFIO_DEVICE", " one ,")
    monkeypatch.setattr(Device, "reset", lambda self: refuse(errno.ENOTTY))
    with pytest.raises(pytest.exit.Exception, match=r"^one cannot be reset: .* does not offer this"):
        asked()


def test_a_device_that_a_test_had_and_that_fails_then_fails_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VFIO_DEVICE", "one")
    asked()
    monkeypatch.setattr(Device, "reset", lambda self: refuse(errno.EIO))
    with pytest.raises(pytest.fail.Exception, match=r"^one cannot be reset: .* though a test had it before"):
        asked()


def refuse(number: int) -> None:
    raise OSError(number, os.strerror(number))


def test_the_card_of_the_documentation_changes_only_while_it_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "out" / "vfio-migration-v2"))
    example = importlib.import_module("mycard")
    registers = tmp_path / "registers"
    registers.write_bytes(b"\xff" * 128)
    card = vfio_transport.FeatureDevice("card", {})
    state = example.RUNNING
    monkeypatch.setattr(card, "current_state", lambda machine: state)
    with registers.open("r+b") as file:
        card._opens = [os.dup(file.fileno())]
        card.found = {0: Found(0, 128)}
        example.scribble(card, "machine")
        assert registers.read_bytes()[0x40:0x42] == b"\0\xff"
        state = 1
        with pytest.raises(OSError, match="is stopped"):
            example.scribble(card, "machine")
        card.close_all()
