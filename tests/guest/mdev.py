"""The devices of the guest: mediated ones, each made for a test (``--device mdev:mstate`` and ``mdev:mtty``).

A device that is open cannot be removed, and a test that fails leaves its own open.  So devices are removed
when the next one is made: those whose transport is gone, and those of other tests.
"""

from __future__ import annotations

import enum
import errno
import mmap
import os
import sys
import uuid
import weakref
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from vfio_pytest import give_up, migration_features, running_test
from vfio_transport import FeatureDevice, RegionDevice, VfioDevice

PARENTS = Path("/sys/class/mdev_bus")
DEVICES = Path("/sys/bus/mdev/devices")
MODULES = Path("/sys/module")
DOORBELL = 0
"""The index of mstate's region by which it is told to work."""
PORT = 0
"""The index of mtty's region that is a serial port."""
SENT, SCRATCH = 0, 7
"""Where the port takes what is sent, which comes back to its buffer, and its scratch register."""

Device = TypeVar("Device", bound=VfioDevice)


class Made(NamedTuple):
    """A device that was made: its name, the test that it was made for, and its transport."""

    name: str
    test: str
    transport: weakref.ref[VfioDevice]


_made: list[Made] = []


def mstate(lacks: Iterable[enum.IntFlag]) -> RegionDevice[Any]:
    """A device of the sample driver of vfio-device-state."""
    import vfio_device_state as spec

    lacking = frozenset(lacks)
    kinds = {
        frozenset[enum.IntFlag](): "all",
        frozenset([spec.DataCap.DEVICE_MEMORY]): "no-memory",
        frozenset([spec.DataCap.SYSTEM_MEMORY]): "no-system",
        frozenset(spec.DataCap): "config",
    }

    def transport(name: str) -> RegionDevice[spec.RegionSubtype]:
        return RegionDevice(name, spec.VFIO_REGION_TYPE_DEVICE_STATE, spec.RegionSubtype, ring)

    return make("mstate", kinds[lacking], transport)


def ring(device: RegionDevice[Any], region: enum.IntEnum, pages: Iterable[int]) -> None:
    """Tell a device of mstate to change pages.  Of system memory it must have written to them."""
    for page in pages:
        memory = page_for_dma(device, page) if region.name == "DATA_DIRTYBITMAP" else None
        before = memory and memory[:]
        told = b"".join(number.to_bytes(8, sys.byteorder) for number in (region.value, page))
        os.pwrite(device.fd, told, device.found[DOORBELL].offset)
        if memory and memory[:] == before:
            raise AssertionError(f"the device did not write to page {page:#x} of system memory")


def page_for_dma(device: VfioDevice, page: int) -> mmap.mmap:
    """The memory of this process that is a page for the device; it is mapped where it is not yet."""
    iova = page * device.page_size
    memory = device.dma(iova)
    if memory is None:
        memory = mmap.mmap(-1, device.page_size)
        device.map_dma(iova, memory)
    return memory


def mtty(lacks: Iterable[enum.IntFlag]) -> FeatureDevice:
    """A device of the kernel's sample driver of a serial port, which can be migrated."""
    import vfio_migration_v2 as spec

    limited = (MODULES / "mtty_no_precopy").exists()
    if {*lacks} != ({spec.MigrationFlags.PRE_COPY} if limited else set()):
        pytest.skip(f"this mtty shows every feature{' but PRE_COPY' if limited else ''}")
    return make("mtty", "1", lambda name: FeatureDevice(name, migration_features(), scribble))


def scribble(device: FeatureDevice, machine: str) -> None:
    """Change the data of a device of mtty, if it is not stopped."""
    import vfio_migration_v2 as spec

    states = spec.VfioDeviceMigState
    running = (states.RUNNING, states.RUNNING_P2P, states.PRE_COPY, states.PRE_COPY_P2P)
    if device.current_state(machine) not in running:
        raise OSError(errno.EOPNOTSUPP, "a port that is stopped does not change")
    port = device.found[PORT].offset
    [found] = os.pread(device.fd, 1, port + SCRATCH)
    for register in (SENT, SCRATCH):
        os.pwrite(device.fd, bytes([(found + 1) % 256]), port + register)


def make(parent: str, kind: str, transport: Callable[[str], Device]) -> Device:
    """Make a device of a type of the parent, and give its transport."""
    sweep()
    device = transport(create(parent, kind))
    _made.append(Made(device.name, running_test(), weakref.ref(device)))
    return device


def create(parent: str, kind: str) -> str:
    """Make a device of a type of the parent, which stays until :func:`remove`; its name."""
    name = str(uuid.uuid4())
    maker(parent, kind).write_text(name)
    return name


def remove(name: str) -> None:
    """Remove a device.  This waits for as long as it is open."""
    (DEVICES / name / "remove").write_text("1")


@cache
def maker(parent: str, kind: str) -> Path:
    """The file that makes a device of a type of the parent, where a name is written to it."""
    found = [*PARENTS.glob(f"{parent}/mdev_supported_types/*-{kind}/create")]
    if len(found) != 1:
        give_up(f"{PARENTS / parent} has no type {kind} of devices: is the module {parent} loaded?")
    return found[0]


def sweep() -> None:
    """Remove the devices that no test has any more."""
    for made in [*_made]:
        transport = made.transport()
        if transport and made.test != running_test():
            transport.close_all()
            transport = None
        if transport is None:
            remove(made.name)
            _made.remove(made)
