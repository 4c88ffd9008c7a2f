"""Run by pytest in the guest: what Linux says of data streams and no other test asks, on a device of mtty.

What an interface says of the contents of its data, a driver alone can be held to.  Where mtty does otherwise,
the test says so and counts for nothing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import mdev
import pytest
from vfio_transport import FeatureDevice

sys.path.insert(0, str(Path(__file__).parents[2] / "out" / "vfio-migration-v2"))

import vfio_migration_v2 as spec

MACHINE = "vfio_device_mig_state"
STATES = spec.VfioDeviceMigState
PRE_COPY = (STATES.PRE_COPY, STATES.PRE_COPY_P2P)
HEADER = {"magic": 0, "major version": 8, "minor version": 12, "ports": 16, "flags": 20}
"""The members of what mtty's data begins with, each with its offset."""


@pytest.fixture
def device() -> Iterator[FeatureDevice]:
    made = mdev.mtty(())
    made.open()
    yield made
    made.close()


def enter(device: FeatureDevice, state: int) -> int:
    """Ask for a state; the stream that this opened."""
    stream = device.request_state(MACHINE, state)
    assert stream is not None
    return stream


def precopy_info(stream: int, argsz: int = 24) -> spec.vfio_precopy_info:
    """What VFIO_MIG_GET_PRECOPY_INFO tells.  Raises OSError."""
    data = bytearray(spec.vfio_precopy_info(argsz=argsz, initial_bytes=77))
    fcntl.ioctl(stream, spec.VFIO_MIG_GET_PRECOPY_INFO, data)
    return spec.vfio_precopy_info.from_buffer_copy(data)


@contextlib.contextmanager
def refused(number: int = 0) -> Iterator[None]:
    """What is done inside must fail, with this errno where one is given."""
    try:
        yield
    except OSError as problem:
        if number not in (0, problem.errno):
            pytest.fail(f"{problem}, not {errno.errorcode[number]}")
    else:
        pytest.fail("the device took it")


@pytest.mark.parametrize("state", PRE_COPY, ids=lambda state: state.name)
def test_initial_bytes_are_what_is_left_to_read(device: FeatureDevice, state: int) -> None:
    stream = enter(device, state)
    told = precopy_info(stream).initial_bytes
    assert told > 1
    assert len(os.read(stream, 1)) == 1
    assert precopy_info(stream).initial_bytes == told - 1
    assert len(os.read(stream, 4096)) == told - 1
    assert precopy_info(stream).initial_bytes == 0


@pytest.mark.parametrize("argsz", [0, 16, 23])
def test_precopy_info_needs_the_whole_struct(device: FeatureDevice, argsz: int) -> None:
    stream = enter(device, STATES.PRE_COPY)
    with refused(errno.EINVAL):
        precopy_info(stream, argsz)


@pytest.mark.parametrize(
    "state", [STATES.STOP_COPY, STATES.RUNNING, STATES.STOP], ids=lambda state: state.name
)
def test_precopy_info_is_of_the_precopy_states_alone(device: FeatureDevice, state: int) -> None:
    stream = enter(device, STATES.PRE_COPY)
    device.request_state(MACHINE, state)
    with refused(errno.EINVAL):
        precopy_info(stream)


@pytest.mark.xfail(
    reason="mtty gives the end of the stream while it runs, where ENOMSG should say: not yet", strict=True
)
@pytest.mark.parametrize("state", PRE_COPY, ids=lambda state: state.name)
def test_a_stream_does_not_end_while_the_device_runs(device: FeatureDevice, state: int) -> None:
    stream = enter(device, state)
    while precopy_info(stream).initial_bytes:
        os.read(stream, 4096)
    with refused(errno.ENOMSG):
        os.read(stream, 4096)


@pytest.mark.xfail(
    reason="mtty refuses the write that completes a wrong header, and loads the data all the same",
    strict=True,
)
@pytest.mark.parametrize("offset", HEADER.values(), ids=HEADER)
def test_wrong_data_is_not_loaded(device: FeatureDevice, offset: int) -> None:
    data = bytearray(os.read(enter(device, STATES.STOP_COPY), 4096))
    data[offset] ^= 1
    stream = enter(device, STATES.RESUMING)
    with contextlib.suppress(OSError):  # a driver may refuse it at once
        os.write(stream, data)
    with refused():
        device.request_state(MACHINE, STATES.STOP)


def test_more_than_all_data_is_refused(device: FeatureDevice) -> None:
    data = os.read(enter(device, STATES.STOP_COPY), 4096)
    stream = enter(device, STATES.RESUMING)
    os.write(stream, data)
    with refused():
        os.write(stream, b"x")
