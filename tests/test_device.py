"""The reference device: what the review decided, seen from user space (I4, I9 to I12, D2, D4 to D8)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pyoutput
from sample import ROOT, SPECS, interface_of
from uapigen import load

PAGE = 4096
MODULE = pyoutput.device(load(SPECS / "vfio-device-state.yaml"))
SPEC = MODULE.spec
CTL, CONFIG, MEMORY, BITMAP = SPEC.RegionSubtype
CAP, ACTION, STATE = SPEC.DataCap, SPEC.DataAction, SPEC.DeviceState
RUNNING, STOPPED = STATE.RUNNING, STATE.STOPPED
RUNNING_LOGGING, STOPPED_LOGGING = STATE.RUNNING | STATE.LOGGING, STATE.STOPPED | STATE.LOGGING

# I2, by hand: where the members are.
STATE_AT, CONFIG_ACTION, CONFIG_SIZE = 4, 16, 24
MEMORY_ACTION, MEMORY_SIZE, MEMORY_POS, START, PAGE_NR = 32, 40, 48, 56, 64


class User:
    """User space with an open device, which knows the layout of the review and no table."""

    def __init__(self, **parameters: Any) -> None:
        self.device = MODULE.ReferenceDevice(**parameters)
        self.device.open()

    def get(self, offset: int, size: int = 8) -> int:
        return int.from_bytes(self.device.read(CTL, offset, size), "little")

    def put(self, offset: int, value: int, size: int = 8) -> None:
        self.device.write(CTL, offset, value.to_bytes(size, "little"))

    def enter(self, state: int) -> None:
        self.put(STATE_AT, state, 4)

    def get_config(self) -> bytes:
        self.put(CONFIG_ACTION, ACTION.GET_BUFFER, 4)
        data: bytes = self.device.read(CONFIG, 0, self.get(CONFIG_SIZE))
        return data

    def get_memory(self) -> bytes:
        size, data = self.get(MEMORY_SIZE), b""
        length = self.device.regions()[MEMORY]
        for position in range(0, size, length):
            self.put(MEMORY_POS, position)
            self.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4)
            data += self.device.read(MEMORY, 0, min(length, size - position))
        return data

    def set_memory(self, data: bytes) -> None:
        length = self.device.regions()[MEMORY]
        self.put(MEMORY_SIZE, len(data))
        for position in range(0, len(data), length):
            self.device.write(MEMORY, 0, data[position : position + length])
            self.put(MEMORY_POS, position)
            self.put(MEMORY_ACTION, ACTION.SET_BUFFER, 4)

    def dirty(self, first: int, count: int) -> bytes:
        self.put(START, first * PAGE)
        self.put(PAGE_NR, count)
        bits: bytes = self.device.read(BITMAP, 0, -(-count // 64) * 8)
        return bits


def refused(act: Callable[[], object], error: int = errno.EINVAL) -> None:
    with pytest.raises(OSError, match=rf"^\[Errno {error}\] "):
        act()


# --- regions and capabilities (I1, I4) ------------------------------------------------------------


def test_regions_exist_as_the_capabilities_say() -> None:
    assert {*User().device.regions()} == {CTL, CONFIG, MEMORY, BITMAP}
    user = User(lacks=[CAP.DEVICE_MEMORY])
    assert {*user.device.regions()} == {CTL, CONFIG, BITMAP}
    assert user.get(8, 4) == CAP.SYSTEM_MEMORY
    user = User(lacks=[CAP.DEVICE_MEMORY, CAP.SYSTEM_MEMORY])
    assert {*user.device.regions()} == {CTL, CONFIG}
    assert user.get(8, 4) == 0


def test_without_a_capability_writes_fail_and_reads_give_zero() -> None:
    user = User(lacks=[CAP.DEVICE_MEMORY, CAP.SYSTEM_MEMORY])
    refused(lambda: user.put(MEMORY_SIZE, 1))
    refused(lambda: user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4))
    refused(lambda: user.put(PAGE_NR, 1))
    assert user.get(MEMORY_SIZE) == 0
    user.enter(STOPPED_LOGGING)


def test_lengths_are_multiples_of_the_page_size_and_hold_the_config() -> None:
    assert User(contents={CONFIG: bytes(5000)}).device.regions()[CONFIG] == 2 * PAGE
    for lengths in ({CONFIG: 100}, {MEMORY: PAGE + 1}, {CONFIG: 0}):
        with pytest.raises(ValueError, match="cannot have"):
            MODULE.ReferenceDevice(lengths=lengths)
    assert User(page_size=65536).device.regions()[BITMAP] == 65536


def test_a_page_that_is_not_there_cannot_be_changed() -> None:
    user = User(contents={CONFIG: b"", MEMORY: bytes(PAGE + 1)})
    user.device.stimulate(MEMORY, [1])
    refused(lambda: user.device.stimulate(MEMORY, [2]), errno.EOPNOTSUPP)
    refused(lambda: user.device.stimulate(CONFIG, [0]), errno.EOPNOTSUPP)
    assert user.device.regions()[CONFIG] == PAGE


def test_control_region_cannot_be_mapped_and_data_regions_can() -> None:
    user = User()
    refused(lambda: user.device.map(CTL))
    user.device.map(CONFIG)[:3] = b"abc"
    assert user.device.read(CONFIG, 0, 3) == b"abc"


def test_a_device_that_is_not_open_does_nothing() -> None:
    device = MODULE.ReferenceDevice()
    for act in (device.close, device.reset, lambda: device.read(CTL, 0, 4), lambda: device.map(CONFIG)):
        refused(act, errno.EBADF)


# --- accesses (I11, I12) --------------------------------------------------------------------------


def test_version_and_caps() -> None:
    user = User()
    assert (user.get(0, 4), user.get(8, 4)) == (1, 3)


@pytest.mark.parametrize(
    ("offset", "length", "found"),
    [
        (0, 4, "01000000"),
        (0, 8, "0100000000000000"),
        (4, 8, "0000000003000000"),
        (0, 16, "01000000000000000300000000000000"),
        (12, 4, "00000000"),
        (12, 8, "0000000000000000"),
        (16, 8, "0000000000000000"),
        (16, 16, "00000000000000000000000000000000"),
    ],
)
def test_reads_give_whole_members_and_zeros_for_the_others(offset: int, length: int, found: str) -> None:
    assert User().device.read(CTL, offset, length).hex() == found


@pytest.mark.parametrize(
    ("offset", "length"),
    [
        *((4, 4), (16, 4), (48, 8), (48, 16), (56, 16)),
        *((0, 2), (1, 4), (2, 4), (24, 4), (28, 4), (68, 4)),
        *((70, 8), (72, 4), (64, 16), (0, 73), (0, 0), (-4, 4)),
    ],
)
def test_reads_that_are_refused(offset: int, length: int) -> None:
    user = User()
    refused(lambda: user.device.read(CTL, offset, length))


@pytest.mark.parametrize(
    ("offset", "data"),
    [
        (0, "01000000"),
        (8, "03000000"),
        (12, "01000000"),
        (20, "00000001"),
        (24, "00000000"),
        (16, "0100000000000000"),
        (4, "0000"),
        (4, "0000000003000000"),
        (48, "00000000000000000000000000000000"),
        (72, "00000000"),
        (16, "00000000"),
        (16, "03000000"),
    ],
)
def test_writes_that_are_refused(offset: int, data: str) -> None:
    user = User()
    refused(lambda: user.device.write(CTL, offset, bytes.fromhex(data)))


def test_reserved_bytes_take_zero() -> None:
    User().device.write(CTL, 12, bytes(4))


# --- states (D4, D7, R9) --------------------------------------------------------------------------


@pytest.mark.parametrize("state", [RUNNING, STOPPED, RUNNING_LOGGING, STOPPED_LOGGING])
def test_set_buffer_tells_stopped_from_running(state: int) -> None:
    user = User()
    user.enter(state)
    data = user.get_config()
    user.put(CONFIG_SIZE, len(data))
    if state & STOPPED:
        user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4)
    else:
        refused(lambda: user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4))


@pytest.mark.parametrize("value", [4, 7, 1 << 31])
def test_a_refused_request_keeps_the_state(value: int) -> None:
    user = User()
    user.enter(STOPPED)
    refused(lambda: user.enter(value))
    user.put(CONFIG_SIZE, 10)
    user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4)


@pytest.mark.parametrize("end", ["reset", "close"])
def test_reset_and_last_close_end_everything(end: str) -> None:
    """D7: RUNNING, no round, sizes forgotten, bitmaps empty."""
    user = User()
    user.enter(STOPPED_LOGGING)
    user.device.stimulate(BITMAP, [1])
    user.put(CONFIG_SIZE, 10)
    user.get(MEMORY_SIZE)
    if end == "close":
        user.device.open()
        user.device.close()
        user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4)
        user.device.close()
        user.device.open()
    else:
        user.device.reset()
    refused(lambda: user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4))
    user.put(CONFIG_SIZE, 10)
    refused(lambda: user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4))
    user.device.reset()
    user.enter(STOPPED_LOGGING)
    refused(lambda: user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4))
    assert user.dirty(0, 64) == bytes(8)


# --- config (D8, R3, R12) -------------------------------------------------------------------------


def test_the_config_is_a_snapshot_until_the_next_action() -> None:
    user = User(contents={CONFIG: b"config"})
    user.put(CONFIG_ACTION, ACTION.GET_BUFFER, 4)
    user.device.stimulate(CONFIG, [0])
    assert user.device.read(CONFIG, 0, 6) == b"config"
    assert user.get_config() != b"config"


def test_the_sizes_that_go_in_and_out_are_separate() -> None:
    user = User(contents={CONFIG: b"config"})
    assert user.get(CONFIG_SIZE) == 0
    user.put(CONFIG_SIZE, 3)
    assert user.get(CONFIG_SIZE) == 0
    user.put(CONFIG_ACTION, ACTION.GET_BUFFER, 4)
    assert user.get(CONFIG_SIZE) == 6
    user.enter(STOPPED)
    user.device.write(CONFIG, 0, b"new config")
    user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4)
    assert user.get(CONFIG_SIZE) == 0
    assert user.get_config() == b"new"


def test_a_config_size_above_the_region_is_refused_and_forgotten() -> None:
    user = User()
    user.enter(STOPPED)
    user.put(CONFIG_SIZE, PAGE)
    refused(lambda: user.put(CONFIG_SIZE, PAGE + 1))
    user.put(CONFIG_ACTION, ACTION.SET_BUFFER, 4)
    assert len(user.get_config()) == PAGE


# --- device memory (I9, D6, D9) -------------------------------------------------------------------


def test_a_round_freezes_when_its_size_is_read_and_ends_with_its_last_chunk() -> None:
    user = User()
    refused(lambda: user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4))
    before = user.get_memory()
    refused(lambda: user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4))
    size = user.get(MEMORY_SIZE)
    user.put(MEMORY_POS, 0)
    user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4)
    user.device.stimulate(MEMORY, range(5))
    assert user.get(MEMORY_SIZE) == size == len(before)
    user.put(MEMORY_POS, PAGE)
    user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4)
    assert user.device.read(MEMORY, 0, PAGE) == before[PAGE : 2 * PAGE]


@pytest.mark.parametrize("position", [1, PAGE - 1, 6 * PAGE, 1 << 40])
def test_a_position_that_is_no_chunk_is_refused(position: int) -> None:
    user = User()
    user.get(MEMORY_SIZE)
    user.put(MEMORY_POS, position)
    refused(lambda: user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4))
    user.put(MEMORY_POS, 0)
    user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4)


def page_numbers(data: bytes) -> list[int]:
    """What the made-up encoding of the device holds: pages behind their numbers."""
    record = PAGE + 8
    return [int.from_bytes(data[start : start + 8], "little") for start in range(0, len(data), record)]


def test_under_logging_a_round_holds_what_changed() -> None:
    user = User()
    user.device.stimulate(MEMORY, [0])
    assert page_numbers(user.get_memory()) == [0, 1, 2, 3, 4]
    user.device.stimulate(MEMORY, [2])
    user.enter(RUNNING_LOGGING)
    user.device.stimulate(MEMORY, [4])
    assert page_numbers(user.get_memory()) == [2, 4]
    assert user.get(MEMORY_SIZE) == 0
    user.device.stimulate(MEMORY, [1])
    user.get(MEMORY_SIZE)
    user.device.stimulate(MEMORY, [3])
    assert page_numbers(user.get_memory()) == [1, 3]


def test_a_round_that_was_not_finished_merges_into_the_next_one() -> None:
    user = User(contents={MEMORY: bytes(8 * PAGE)})
    user.get_memory()
    user.enter(RUNNING_LOGGING)
    user.device.stimulate(MEMORY, [1, 2])
    user.get(MEMORY_SIZE)
    user.put(MEMORY_POS, 0)
    user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4)
    user.enter(RUNNING)
    user.enter(RUNNING_LOGGING)
    refused(lambda: user.put(MEMORY_ACTION, ACTION.GET_BUFFER, 4))
    user.device.stimulate(MEMORY, [3])
    assert page_numbers(user.get_memory()) == [1, 2, 3]


def test_without_a_whole_snapshot_the_first_round_holds_everything() -> None:
    user = User()
    user.get(MEMORY_SIZE)
    user.enter(STOPPED_LOGGING)
    assert page_numbers(user.get_memory()) == [0, 1, 2, 3, 4]
    assert page_numbers(user.get_memory()) == []


def test_memory_moves_to_a_device_with_another_length_of_region() -> None:
    source, target = User(), User(lengths={MEMORY: 3 * PAGE})
    source.device.stimulate(MEMORY, [1, 3])
    data = source.get_memory()
    assert target.get_memory() != data
    refused(lambda: target.set_memory(data))
    target.enter(STOPPED)
    target.set_memory(data)
    assert target.get_memory() == data


def test_a_stream_with_a_hole_is_refused_and_nothing_is_taken() -> None:
    source, target = User(), User()
    source.device.stimulate(MEMORY, range(5))
    data, before = source.get_memory(), target.get_memory()
    target.enter(STOPPED)
    target.put(MEMORY_SIZE, len(data))
    target.put(MEMORY_POS, 0)
    target.put(MEMORY_ACTION, ACTION.SET_BUFFER, 4)
    last = len(data) // PAGE * PAGE
    target.device.write(MEMORY, 0, data[last:])
    target.put(MEMORY_POS, last)
    refused(lambda: target.put(MEMORY_ACTION, ACTION.SET_BUFFER, 4))
    assert target.get_memory() == before


# --- the dirty bitmap (I10, D2, D5) ---------------------------------------------------------------


def test_bits_are_pages_of_the_range_and_cleared_when_they_were_got() -> None:
    user = User()
    user.enter(RUNNING_LOGGING)
    user.device.stimulate(BITMAP, [9, 10, 17, 74])
    assert user.dirty(9, 2).hex() == "0300000000000000"
    assert user.dirty(9, 66).hex() == "00010000000000000200000000000000"
    assert user.dirty(9, 66) == bytes(16)


def test_the_bitmap_is_empty_without_logging() -> None:
    user = User()
    user.device.stimulate(BITMAP, [1])
    assert user.dirty(0, 64) == bytes(8)
    user.enter(RUNNING_LOGGING)
    assert user.dirty(0, 64) == bytes(8)


def test_clearing_logging_discards_and_stopping_keeps() -> None:
    user = User()
    user.enter(RUNNING_LOGGING)
    user.device.stimulate(BITMAP, [1])
    user.enter(STOPPED_LOGGING)
    assert user.dirty(0, 8)[0] == 2
    user.device.stimulate(BITMAP, [1])
    user.enter(STOPPED)
    user.enter(STOPPED_LOGGING)
    assert user.dirty(0, 8)[0] == 0


@pytest.mark.parametrize("state", [RUNNING, STOPPED_LOGGING])
@pytest.mark.parametrize(
    ("start", "pages"),
    [(1, 1), (PAGE // 2, 1), (0, 0), (0, 8 * PAGE + 1), (0, 1 << 52), ((1 << 64) - PAGE, 2)],
)
def test_a_range_that_cannot_be_served_is_refused_in_every_state(state: int, start: int, pages: int) -> None:
    user = User()
    user.enter(state)
    user.device.stimulate(BITMAP, [0])
    both = start.to_bytes(8, "little") + pages.to_bytes(8, "little")
    refused(lambda: user.device.write(CTL, START, both))
    user.put(START, start)
    refused(lambda: user.put(PAGE_NR, pages))
    assert user.dirty(0, 8)[0] == (1 if state & STATE.LOGGING else 0)


def test_start_and_number_of_pages_in_one_write() -> None:
    user = User()
    user.enter(RUNNING_LOGGING)
    user.device.stimulate(BITMAP, [3])
    user.device.write(CTL, START, (PAGE).to_bytes(8, "little") + (4).to_bytes(8, "little"))
    assert user.device.read(BITMAP, 0, 1) == b"\x04"


# --- other interfaces -----------------------------------------------------------------------------

UNTOLD = """
structs:
  - struct: ctl
    doc: Control.
    fields:
      - {name: action, type: u32, access: wo, values: action, doc: what to do}
      - {name: level, type: be16, access: rw, doc: a register}
      - {name: flags, type: u16, access: rw, values: flag, doc: flags}
enums:
  - {enum: action, prefix: A_, values: [{name: GET, value: 1}, {name: SET, value: 2}]}
flags:
  - {flags: flag, prefix: F_, values: [{name: ONE, value: 1}, {name: FOUR, value: 4}]}
regions:
  type: {name: T, value: 1, doc: A type.}
  prefix: R_
  subtypes:
    - {name: CTL, value: 1, present: always, layout: ctl, access: {errno: ENXIO}, doc: Control.}
    - {name: DATA, value: 2, present: always, holds: chunks, doc: Data.}
operations:
  - operation: get
    number: 1
    steps:
      - {by: user, do: write, field: action, value: GET}
      - {by: driver, do: freeze, data: all}
      - {by: driver, do: fill, region: DATA, data: all}
"""


def test_what_the_spec_does_not_tell_fails_and_says_so() -> None:
    device = pyoutput.device(interface_of(UNTOLD)).ReferenceDevice()
    device.open()
    refused(lambda: device.write(1, 0, (1).to_bytes(4, "little")), errno.EOPNOTSUPP)


def test_the_errno_of_a_region_and_registers_of_any_byte_order() -> None:
    device = pyoutput.device(interface_of(UNTOLD)).ReferenceDevice()
    device.open()
    device.write(1, 4, b"\x01\x02")
    assert device.read(1, 4, 2) == b"\x01\x02"
    device.write(1, 6, (5).to_bytes(2, "little"))
    refused(lambda: device.write(1, 6, (2).to_bytes(2, "little")), errno.ENXIO)
    refused(lambda: device.read(1, 0, 3), errno.ENXIO)
    assert device.read(1, 4, 4) == b"\x01\x02\x05\x00"


def mainline(name: str) -> Any:
    """The module of the device of one of the interfaces of mainline."""
    return pyoutput.device(load(SPECS / f"{name}.yaml"))


def test_migration_v1_shows_its_state_and_keeps_unknown_bits() -> None:
    """The initial state is 1, bits above those of the states are preserved, 5 is invalid."""
    device = mainline("vfio-migration-v1").ReferenceDevice()
    device.open()
    assert device.read(1, 0, 4) == (1).to_bytes(4, "little")
    device.write(1, 0, (0x100 | 3).to_bytes(4, "little"))
    assert device.read(1, 0, 4) == (0x103).to_bytes(4, "little")
    refused(lambda: device.write(1, 0, (5).to_bytes(4, "little")))
    assert device.read(1, 0, 4) == (0x103).to_bytes(4, "little")


def test_migration_v2_steps_over_what_the_device_lacks() -> None:
    """RUNNING is 2, STOP 1, STOP_COPY 3, RUNNING_P2P 5; STOP_COPY -> PRE_COPY (6) is blocked."""
    module = mainline("vfio-migration-v2")
    [(name, machine)] = module.spec.MACHINES.items()
    device = module.ReferenceDevice(lacks=[type(machine.features).P2P])
    device.open()
    device.request_state(name, 1)
    assert device.current_state(name) == 1
    refused(lambda: device.request_state(name, 5))
    device.request_state(name, 3)
    refused(lambda: device.request_state(name, 6))
    assert device.current_state(name) == 3


# --- data streams ---------------------------------------------------------------------------------

V2 = mainline("vfio-migration-v2")
[V2_NAME] = V2.spec.MACHINES
STOP, V2_RUNNING, STOP_COPY, RESUMING, PRE_COPY = 1, 2, 3, 4, 6


def v2(**parameters: Any) -> Any:
    """A device of v2, opened."""
    device = V2.ReferenceDevice(**parameters)
    device.open()
    return device


def saved(device: Any) -> bytes:
    """What comes from the stream of STOP_COPY; the device is left in STOP."""
    with os.fdopen(device.request_state(V2_NAME, STOP_COPY), "rb") as stream:
        data = stream.read()
    assert device.request_state(V2_NAME, STOP) is None
    return data


def loaded(device: Any, data: bytes) -> None:
    """Write this to the stream of RESUMING, and take it."""
    with os.fdopen(device.request_state(V2_NAME, RESUMING), "wb") as stream:
        stream.write(data)
    assert device.request_state(V2_NAME, STOP) is None


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


@pytest.mark.parametrize("data", [b"", b"x", bytes(3 << 20)], ids=len)
def test_data_of_any_size_goes_from_one_device_to_another(data: bytes) -> None:
    """3 MiB are more than a pipe takes, and nobody reads meanwhile."""
    before = descriptors()
    source, target = v2(contents={V2_NAME: data}), v2()
    stream = saved(source)
    assert data in stream
    assert saved(target) != stream
    loaded(target, stream)
    assert saved(target) == stream
    assert descriptors() == before


def test_what_changes_while_the_device_is_saved_comes_from_the_same_descriptor() -> None:
    source, target = v2(contents={V2_NAME: b"data"}), v2()
    stream = source.request_state(V2_NAME, PRE_COPY)
    data = os.read(stream, 1000)
    assert os.read(stream, 1000) == b""
    source.change_data(V2_NAME)
    data += os.read(stream, 1000)
    assert source.request_state(V2_NAME, STOP_COPY) is None
    data += os.read(stream, 1000)
    os.close(stream)
    loaded(target, data)
    source.request_state(V2_NAME, STOP)
    assert saved(target) == saved(source)
    assert b"daua" in saved(target)


def test_a_descriptor_is_for_one_process_and_one_direction() -> None:
    device = v2()
    reading = device.request_state(V2_NAME, STOP_COPY)
    refused(lambda: os.write(reading, b"x"), errno.EBADF)
    writing = device.request_state(V2_NAME, RESUMING)
    assert (os.read(reading, 1), os.write(writing, b"x")) == (b"", 1)
    refused(lambda: os.read(writing, 1), errno.EBADF)
    device.reset()
    refused(lambda: os.write(writing, b"x"), errno.EPERM)
    assert not os.get_inheritable(reading)
    assert not os.get_inheritable(writing)
    os.close(reading)
    os.close(writing)


def test_where_nothing_was_written_nothing_is_loaded() -> None:
    device = v2()
    before = saved(device)
    loaded(device, b"")
    assert saved(device) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data[:-16],
        lambda data: data[1:],
        lambda data: data + b"x",
        lambda data: data[:8] + b"\xff" + data[9:],
        lambda data: b"\xff" + data[1:],
        lambda data: data[:20] + data[16:],
    ],
)
def test_data_that_is_wrong_leaves_the_device_where_it_was(change: Callable[[bytes], bytes]) -> None:
    """The state, the stream and the data; what is missing can still be written."""
    device = v2(contents={V2_NAME: b"old"})
    good = saved(v2(contents={V2_NAME: b"new data"}))
    wrong = change(good)
    stream = device.request_state(V2_NAME, RESUMING)
    os.write(stream, wrong)
    for state in (STOP, V2_RUNNING):
        refused(lambda state=state: device.request_state(V2_NAME, state))  # type: ignore[misc]
        assert device.current_state(V2_NAME) == RESUMING
    if good.startswith(wrong):
        os.write(stream, good[len(wrong) :])
        device.request_state(V2_NAME, STOP)
        assert b"new data" in saved(device)
    else:
        device.reset()
        assert b"old" in saved(device)
    os.close(stream)
    device.close()


def test_saving_that_was_given_up_is_incomplete() -> None:
    source, target = v2(), v2()
    stream = source.request_state(V2_NAME, PRE_COPY)
    with os.fdopen(stream, "rb") as read:
        data = read.read()
    with pytest.raises(OSError, match="the end is missing"):
        loaded(target, data)
    for device in (source, target):
        device.close()


def test_the_last_close_ends_the_stream() -> None:
    before = descriptors()
    device = v2()
    stream = device.request_state(V2_NAME, STOP_COPY)
    device.close()
    assert os.read(stream, 1) == b""
    os.close(stream)
    assert descriptors() == before


def test_data_that_is_not_there_cannot_change() -> None:
    refused(lambda: v2(contents={V2_NAME: b""}).change_data(V2_NAME), errno.EOPNOTSUPP)


def test_streams_beside_regions() -> None:
    """A region with data, and a stream, each with contents of its own."""
    module = pyoutput.device(load(ROOT / "tests" / "specs" / "streams-and-regions.yaml"))
    region = module.spec.RegionSubtype.DATA
    device = module.ReferenceDevice(contents={region: b"a", "copy_state": b"bb"})
    device.open()
    stream = device.request_state("copy_state", 2)
    assert b"bb" in os.read(stream, 99)
    device.close()
    os.close(stream)


def test_streams_of_two_machines() -> None:
    module = pyoutput.device(load(ROOT / "tests" / "specs" / "streams.yaml"))
    device = module.ReferenceDevice(contents={"copy_state": b"bb", "log_state": b"ccc"})
    device.open()
    copy, log = device.request_state("copy_state", 2), device.request_state("log_state", 1)
    assert b"bb" in os.read(copy, 99)
    assert b"ccc" in os.read(log, 99)
    device.close()
    for stream in (copy, log):
        os.close(stream)
