# SPDX-License-Identifier: MIT
"""The device that the generated tests get: one in a VFIO group, named by ``VFIO_DEVICE``.

The name is that in /sys/bus/*/devices; the device is bound to a driver of VFIO.  Where tests have one device
give another one its data, several names stand there, with commas between them::

    PYTHONPATH=$PWD/integration:$PWD/out/vfio-core VFIO_DEVICE=0000:06:0d.0,0000:06:0d.1 \
        pytest out/vfio-migration-v2 --device vfio_pytest:migration_v2

A module of your own calls the same functions to say how the device is made to change its data.
"""

from __future__ import annotations

import enum
import errno
import os
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

import pytest
import vfio_core as core
from vfio_transport import Change, FeatureDevice, RegionDevice, StateFeature, Stimulate, VfioDevice

Device = TypeVar("Device", bound=VfioDevice)
Flag = TypeVar("Flag", bound=enum.IntFlag)

_in_use: list[tuple[str, VfioDevice]] = []
"""The devices that tests have, each with the test."""
_handed_out: set[str] = set()
"""The names of those that a test has had."""


def device_state(lacks: Iterable[enum.IntFlag], stimulate: Stimulate | None = None) -> RegionDevice[Any]:
    """A device with the regions of vfio-device-state; see ``RegionDevice`` for ``stimulate``."""
    import vfio_device_state as spec

    def make(name: str) -> RegionDevice[spec.RegionSubtype]:
        return RegionDevice(name, spec.VFIO_REGION_TYPE_DEVICE_STATE, spec.RegionSubtype, stimulate)

    return next_device(make, lambda device: spec.Client(device).get_caps(), spec.DataCap, lacks)


def migration_v2(lacks: Iterable[enum.IntFlag], change: Change | None = None) -> FeatureDevice:
    """A device that can be migrated by vfio-migration-v2; see ``FeatureDevice`` for ``change``."""
    import vfio_migration_v2 as spec

    def make(name: str) -> FeatureDevice:
        return FeatureDevice(name, migration_features(), change)

    def shown(device: FeatureDevice) -> int:
        data = spec.vfio_device_feature_migration()
        return device.feature(spec.VFIO_DEVICE_FEATURE_MIGRATION, core.FeatureFlags.GET, data).flags

    return next_device(make, shown, spec.MigrationFlags, lacks)


def migration_features() -> dict[str, StateFeature]:
    """The features that are the state machines of vfio-migration-v2."""
    import vfio_migration_v2 as spec

    state = StateFeature(spec.VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, spec.vfio_device_feature_mig_state)
    return {"vfio_device_mig_state": state}


def next_device(
    make: Callable[[str], Device],
    shown: Callable[[Device], int],
    flags: type[Flag],
    lacks: Iterable[enum.IntFlag],
) -> Device:
    """A device of ``VFIO_DEVICE`` that no test has, after a reset; not open.

    The test is skipped where all are in use, or the device does not show just the flags that the test wants.
    Where there is no such device at all, the run ends.
    """
    names = [name.strip() for name in os.environ.get("VFIO_DEVICE", "").split(",") if name.strip()]
    if not names:
        give_up("VFIO_DEVICE names no device: write it as /sys/bus/*/devices has it, such as 0000:06:0d.0")
    forget_other_tests()
    used = {device.name for _, device in _in_use if device.is_open}
    free = [name for name in names if name not in used]
    if not free:
        pytest.skip(f"this takes more devices at a time than VFIO_DEVICE names ({len(names)})")
    device = make(free[0])
    doing = "be opened"
    try:
        device.open()
        doing = "be reset"
        device.reset()
        doing = "say what it can do"
        found = shown(device)
        device.close()
    except OSError as problem:
        why = f"{device.name} cannot {doing}: {problem.strerror}"
        if problem.errno == errno.ENOTTY:
            why += "; the driver that it is bound to does not offer this (vfio-pci alone does not)"
        if device.name in _handed_out:
            pytest.fail(f"{why}, though a test had it before")
        give_up(why)
    meant = sum(flag for flag in flags if flag not in [*lacks])
    if found & sum(flags) != meant:
        pytest.skip(f"{device.name} shows {_names(flags, found)}, and this is about {_names(flags, meant)}")
    _in_use.append((running_test(), device))
    _handed_out.add(device.name)
    return device


def forget_other_tests() -> None:
    """Close the devices that another test left open, and forget them: it failed."""
    for test, device in [*_in_use]:
        if test != running_test():
            device.close_all()
            _in_use.remove((test, device))


def running_test() -> str:
    """The name of the test that runs."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]


def give_up(why: str) -> NoReturn:
    """End the run: no test can have a device."""
    pytest.exit(why, pytest.ExitCode.USAGE_ERROR)


def _names(flags: type[Flag], value: int) -> str:
    return " and ".join(str(flag.name) for flag in flags if flag & value) or "no flag"
