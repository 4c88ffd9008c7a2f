"""Run by pytest in the guest: what the transport to a VFIO device does that no generated test asks for."""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mdev
import pytest
import vfio_pytest
from vfio_transport import VfioDevice

sys.path.insert(0, str(Path(__file__).parents[2] / "out" / "vfio-device-state"))
sys.path.insert(0, str(Path(__file__).parents[2] / "out" / "vfio-migration-v2"))

import vfio_device_state as state
import vfio_migration_v2 as migration

HAS_MSTATE = (mdev.PARENTS / "mstate").exists()
MAKE, NAMED = (mdev.mstate, vfio_pytest.device_state) if HAS_MSTATE else (mdev.mtty, vfio_pytest.migration_v2)
KIND = ("mstate", "all") if HAS_MSTATE else ("mtty", "1")
FLAGS = [*state.DataCap] if HAS_MSTATE else [*migration.MigrationFlags]
IOVA = 0x10_0000


@pytest.fixture
def device() -> Iterator[Any]:
    made = MAKE(())
    made.open()
    yield made
    made.close_all()


def page() -> mmap.mmap:
    return mmap.mmap(-1, mmap.PAGESIZE)


def test_each_open_is_undone_by_a_close(device: VfioDevice) -> None:
    first = device.fd
    device.open()
    device.close()
    assert device.fd == first
    os.fstat(first)
    device.reset()
    device.close()
    assert not device.is_open
    device.open()
    device.reset()


def test_a_group_has_one_user(device: VfioDevice) -> None:
    with pytest.raises(
        OSError, match="is in use: another program, or an earlier test, has the group"
    ) as told:
        VfioDevice(device.name).open()
    assert told.value.errno == errno.EBUSY
    device.reset()


def test_a_device_that_nobody_has_is_closed() -> None:
    name = mdev.create(*KIND)
    VfioDevice(name).open()
    mdev.remove(name)  # it would wait


def test_memory_for_dma_is_mapped_and_unmapped(device: VfioDevice) -> None:
    memory = page()
    device.map_dma(IOVA, memory)
    assert device.dma(IOVA) is memory
    with pytest.raises(FileExistsError):
        device.map_dma(IOVA, page())
    assert device.dma(IOVA) is memory
    device.unmap_dma(IOVA)
    assert device.dma(IOVA) is None
    with pytest.raises(KeyError):
        device.unmap_dma(IOVA)
    device.map_dma(IOVA, page())


def test_memory_for_dma_goes_with_the_last_close(device: VfioDevice) -> None:
    device.map_dma(IOVA, page())
    device.open()
    device.close()
    assert device.dma(IOVA)
    device.close()
    assert device.dma(IOVA) is None
    device.open()
    device.map_dma(IOVA, page())


@pytest.mark.skipif(not HAS_MSTATE, reason="mtty does not reach memory")
def test_the_device_writes_where_memory_is_mapped(device: Any) -> None:
    number = IOVA // device.page_size
    device.stimulate(state.RegionSubtype.DATA_DIRTYBITMAP, [number])
    assert any(device.dma(IOVA)[:])
    told = state.RegionSubtype.DATA_DIRTYBITMAP.to_bytes(8, sys.byteorder) + number.to_bytes(8, sys.byteorder)
    bell = device.found[mdev.DOORBELL].offset
    os.pwrite(device.fd, told, bell)
    device.unmap_dma(IOVA)
    with pytest.raises(OSError, match="Invalid argument"):
        os.pwrite(device.fd, told, bell)


@pytest.mark.skipif(not HAS_MSTATE, reason="mtty has no region that can be mapped")
def test_the_last_close_ends_mappings(device: Any) -> None:
    view = device.map(state.RegionSubtype.DATA_CONFIG)
    device.open()
    device.close()
    view[0] = 1
    device.close()
    with pytest.raises(ValueError, match="released"):
        view[0] = 2


def test_devices_are_taken_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [mdev.create(*KIND) for _ in range(2)]
    monkeypatch.setenv("VFIO_DEVICE", ",".join(names))
    made = []
    for _ in names:
        made.append(NAMED(()))
        made[-1].open()
    assert [device.name for device in made] == names
    with pytest.raises(pytest.skip.Exception, match="more devices at a time"):
        NAMED(())
    for device in made:
        device.close()
    with pytest.raises(pytest.skip.Exception, match="and this is about no flag"):
        NAMED(FLAGS)
    for name in names:
        mdev.remove(name)
