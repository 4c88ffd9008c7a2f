# SPDX-License-Identifier: MIT
"""A device in a VFIO group, as the generated bindings reach one: their ``Transport``.

``RegionDevice`` serves interfaces of regions, ``FeatureDevice`` those whose states are a feature.  Layouts
and numbers come from vfio_core, the bindings of spec/vfio-core.yaml.  What the system or the device refuses
is an ``OSError`` with its errno.
"""

from __future__ import annotations

import contextlib
import ctypes
import enum
import errno
import fcntl
import mmap
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import vfio_core as core

BUSES = Path("/sys/bus")
NODES = Path("/dev/vfio")

Subtype = TypeVar("Subtype", bound=enum.IntEnum)
Struct = TypeVar("Struct", bound=ctypes.Structure)


Stimulate = Callable[["RegionDevice[Any]", Any, Iterable[int]], None]
"""What makes a device change pages of the data behind a region."""
Change = Callable[["FeatureDevice", str], None]
"""What makes a device change the data that the streams of a machine move."""


class Found(NamedTuple):
    """A region: where it begins for pread, pwrite and mmap, its bytes, and its type where it says one."""

    offset: int
    size: int
    type: int | None = None
    subtype: int | None = None


class StateFeature(NamedTuple):
    """The feature by which a state machine is asked for its state, and the struct of its data.

    The struct has the members ``device_state`` and ``data_fd``.
    """

    number: int
    struct: type[ctypes.Structure]


def capabilities(info: bytes, first: int) -> Iterator[tuple[int, core.vfio_info_cap_header]]:
    """The capabilities of a chain: where each begins in ``info``, and its header.

    ``first`` is where the first one begins; 0 where there is none. Raises OSError with EPROTO where the
    chain leaves ``info``, or comes back to where it was.
    """
    seen = set[int]()
    while first:
        if first in seen or first + ctypes.sizeof(core.vfio_info_cap_header) > len(info):
            raise OSError(errno.EPROTO, f"a chain of capabilities leads to byte {first} of {len(info)}")
        seen.add(first)
        header = core.vfio_info_cap_header.from_buffer_copy(info, first)
        yield first, header
        first = header.next


def region_in(info: bytes) -> Found:
    """The region that an answer to VFIO_DEVICE_GET_REGION_INFO describes.

    Raises OSError with EPROTO where its capabilities are no chain.
    """
    region = core.vfio_region_info.from_buffer_copy(info)
    first = region.cap_offset if region.flags & core.RegionFlags.CAPS else 0
    for at, header in capabilities(info, first):
        whole = at + ctypes.sizeof(core.vfio_region_info_cap_type) <= len(info)
        if header.id == core.VFIO_REGION_INFO_CAP_TYPE and whole:
            told = core.vfio_region_info_cap_type.from_buffer_copy(info, at)
            return Found(region.offset, region.size, told.type, told.subtype)
    return Found(region.offset, region.size)


def ask(fd: int, number: int, struct: Struct) -> Struct:
    """What an ioctl makes of a struct whose first member is its size. Raises OSError."""
    data = bytearray(struct)
    fcntl.ioctl(fd, number, data)
    return type(struct).from_buffer_copy(data)


def regions_of(fd: int) -> Iterator[tuple[int, Found]]:
    """The regions of a device, by its descriptor, each with its index.  Raises OSError."""
    size = ctypes.sizeof(core.vfio_device_info)
    count = ask(fd, core.VFIO_DEVICE_GET_INFO, core.vfio_device_info(argsz=size)).num_regions
    for index in range(count):
        try:
            found = region_in(_region_info(fd, index))
        except OSError as problem:
            # A bus with fixed indexes refuses those that the device does not use.
            if problem.errno != errno.EINVAL:
                raise
        else:
            yield index, found


def _region_info(fd: int, index: int) -> bytes:
    """The answer to VFIO_DEVICE_GET_REGION_INFO, with all capabilities."""
    size = ctypes.sizeof(core.vfio_region_info)
    while True:
        asked = core.vfio_region_info(argsz=size, index=index)
        data = bytearray(asked).ljust(size, b"\0")
        fcntl.ioctl(fd, core.VFIO_DEVICE_GET_REGION_INFO, data)
        needed = core.vfio_region_info.from_buffer_copy(data).argsz
        if needed <= size:
            return bytes(data)
        size = needed


class VfioDevice:
    """A device of a VFIO group, by its name in sysfs; the only one of its group and container.

    It is opened any number of times.  The last close gives up mappings of regions, memory for DMA, group and
    container.  Where nobody has this any more, it is closed, as a file is.
    """

    page_size = mmap.PAGESIZE

    def __init__(self, name: str) -> None:
        self.name = name
        self._opens: list[int] = []
        self._container = self._group = -1
        self._maps: list[tuple[mmap.mmap, memoryview]] = []
        self._memory: dict[int, mmap.mmap] = {}
        self.found: dict[int, Found] = {}
        """All its regions by their index, since it was opened first."""

    def __del__(self) -> None:
        self.close_all()

    @property
    def fd(self) -> int:
        """The descriptor of the device. Raises OSError with EBADF where it is not open."""
        if not self._opens:
            raise OSError(errno.EBADF, f"{self.name} is not open")
        return self._opens[0]

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return bool(self._opens)

    def open(self) -> None:
        """Open the device once more."""
        if not self._opens:
            self._attach()
        try:
            name = bytearray(self.name.encode() + b"\0")
            self._opens.append(fcntl.ioctl(self._group, core.VFIO_GROUP_GET_DEVICE_FD, name))
            self.found = self.found or dict(regions_of(self.fd))
        finally:
            if not self._opens:
                self._detach()

    def close(self) -> None:
        """Undo one open."""
        _ = self.fd  # it says that there is none
        if len(self._opens) == 1:
            self._give_up()
        os.close(self._opens.pop())
        if not self._opens:
            self._detach()

    def close_all(self) -> None:
        """Undo all opens."""
        while self._opens:
            self.close()

    def reset(self) -> None:
        """Reset the device."""
        fcntl.ioctl(self.fd, core.VFIO_DEVICE_RESET)

    def feature(self, number: int, do: core.FeatureFlags, data: Struct) -> Struct:
        """Get, set or probe a feature; its data as it is then."""
        head = core.vfio_device_feature(
            argsz=ctypes.sizeof(core.vfio_device_feature) + ctypes.sizeof(data), flags=do | number
        )
        whole = bytearray(head) + bytearray(data)
        fcntl.ioctl(self.fd, core.VFIO_DEVICE_FEATURE, whole)
        return type(data).from_buffer_copy(whole, ctypes.sizeof(head))

    def map_dma(self, iova: int, memory: mmap.mmap) -> None:
        """Let the device read and write memory of this process, which it finds at ``iova``."""
        size = ctypes.sizeof(core.vfio_iommu_type1_dma_map)
        may = core.DmaMapFlags.READ | core.DmaMapFlags.WRITE
        where = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        asked = core.vfio_iommu_type1_dma_map(size, may, where, iova, len(memory))
        fcntl.ioctl(self._container, core.VFIO_IOMMU_MAP_DMA, bytearray(asked))
        self._memory[iova] = memory

    def unmap_dma(self, iova: int) -> None:
        """Undo ``map_dma``. Raises KeyError where nothing begins at ``iova``."""
        size = ctypes.sizeof(core.vfio_iommu_type1_dma_unmap)
        asked = core.vfio_iommu_type1_dma_unmap(argsz=size, iova=iova, size=len(self._memory[iova]))
        fcntl.ioctl(self._container, core.VFIO_IOMMU_UNMAP_DMA, bytearray(asked))
        del self._memory[iova]

    def dma(self, iova: int) -> mmap.mmap | None:
        """The memory that ``map_dma`` put there, None where there is none."""
        return self._memory.get(iova)

    def _attach(self) -> None:
        """Put the group of the device into a container of its own."""
        number = group_of(self.name)
        try:
            self._container = _open(NODES / "vfio", "is the module vfio loaded?")
            self._group = _open(NODES / number, f"is {self.name} bound to a driver of VFIO?")
            self._check_viable(number)
            container = bytearray(ctypes.c_int32(self._container))
            fcntl.ioctl(self._group, core.VFIO_GROUP_SET_CONTAINER, container)
            fcntl.ioctl(self._container, core.VFIO_SET_IOMMU, core.VFIO_TYPE1v2_IOMMU)
        except BaseException:
            self._detach()
            raise

    def _check_viable(self, number: str) -> None:
        """Raise OSError with EPERM where the kernel does not give the group to user space."""
        status = core.vfio_group_status(argsz=ctypes.sizeof(core.vfio_group_status))
        if not ask(self._group, core.VFIO_GROUP_GET_STATUS, status).flags & core.GroupFlags.VIABLE:
            says = f"group {number} has another device, which is bound to no driver of VFIO"
            raise OSError(errno.EPERM, says)

    def _give_up(self) -> None:
        """End the mappings of regions: they would keep the device open."""
        for mapped, view in self._maps:
            view.release()
            with contextlib.suppress(BufferError):  # a part of it is used elsewhere
                mapped.close()
        self._maps.clear()

    def _detach(self) -> None:
        """Close group and container, as far as they are open; memory for DMA goes with them."""
        for fd in (self._group, self._container):
            if fd >= 0:
                os.close(fd)
        self._container = self._group = -1
        self._memory.clear()


def group_of(name: str) -> str:
    """The number of the group of a device. Raises OSError where there is no such device, or it has none."""
    with os.scandir(BUSES) as buses:
        device = next((path for bus in buses if (path := Path(bus, "devices", name)).exists()), None)
    if device is None:
        raise OSError(errno.ENODEV, f"there is no device {name} in {BUSES}/*/devices")
    group = device / "iommu_group"
    if not group.exists():
        raise OSError(errno.ENODEV, f"{name} is in no IOMMU group: has the machine an IOMMU, and is it on?")
    return group.resolve().name


def _open(node: Path, hint: str) -> int:
    """A descriptor of a node in /dev/vfio. Raises OSError that says what may be wrong."""
    hints = {
        errno.ENOENT: f"there is no {node}: {hint}",
        errno.EACCES: f"{node} may not be opened: it belongs to another user",
        errno.EBUSY: f"{node} is in use: another program, or an earlier test, has the group",
    }
    try:
        return os.open(node, os.O_RDWR | os.O_CLOEXEC)
    except OSError as problem:
        number = problem.errno or errno.EIO
        raise OSError(number, hints.get(number, f"{node}: {problem.strerror}")) from None


class RegionDevice(VfioDevice, Generic[Subtype]):
    """The ``Transport`` of an interface of regions, all of one type.

    ``stimulate`` is called with this, a region and pages, and makes the device change them; it raises
    OSError with EOPNOTSUPP where that is not possible.  Without it the device changes nothing.
    """

    def __init__(
        self,
        name: str,
        region_type: int,
        subtypes: type[Subtype],
        stimulate: Stimulate | None = None,
    ) -> None:
        super().__init__(name)
        self._type = region_type
        self._subtypes = subtypes
        self._stimulate = stimulate
        self._regions: dict[Subtype, Found] = {}

    def open(self) -> None:
        """Open the device once more."""
        super().open()
        ours = {found.subtype: found for found in self.found.values() if found.type == self._type}
        self._regions = {subtype: ours[subtype] for subtype in self._subtypes if subtype in ours}

    def regions(self) -> Mapping[Subtype, int]:
        """The regions that there are, with their lengths."""
        return {subtype: found.size for subtype, found in self._regions.items()}

    def read(self, region: Subtype, offset: int, length: int) -> bytes:
        """Read a region, as pread does."""
        return os.pread(self.fd, length, self._place(region).offset + offset)

    def write(self, region: Subtype, offset: int, data: bytes) -> None:
        """Write a region, as pwrite does. Raises OSError with EIO where the device takes a part only."""
        written = os.pwrite(self.fd, data, self._place(region).offset + offset)
        if written != len(data):
            raise OSError(errno.EIO, f"{written} of {len(data)} bytes were written")

    def map(self, region: Subtype) -> memoryview:
        """Map a region, as mmap does. The last close ends it."""
        found = self._place(region)
        mapped = mmap.mmap(self.fd, found.size, offset=found.offset)
        view = memoryview(mapped)
        self._maps.append((mapped, view))
        return view

    def stimulate(self, region: Subtype, pages: Iterable[int]) -> None:
        """Make the device change these pages of the data behind a region."""
        if self._stimulate is None:
            raise OSError(errno.EOPNOTSUPP, f"nothing makes {self.name} change its data")
        self._stimulate(self, region, pages)

    def _place(self, region: Subtype) -> Found:
        if region not in self._regions:
            raise OSError(errno.ENXIO, f"{self.name} has no region {region.name}")
        return self._regions[region]


class FeatureDevice(VfioDevice):
    """The ``Transport`` of an interface whose state machines are features.

    ``change`` is called with this and the name of a machine, and makes the device change the data that the
    streams of the machine move; it raises OSError with EOPNOTSUPP where that is not possible.  Without it
    the device changes nothing.
    """

    def __init__(
        self,
        name: str,
        machines: Mapping[str, StateFeature],
        change: Change | None = None,
    ) -> None:
        super().__init__(name)
        self._machines = machines
        self._change = change

    def current_state(self, machine: str) -> int:
        """The state of a machine."""
        number, struct = self._machines[machine]
        return int(self.feature(number, core.FeatureFlags.GET, struct()).device_state)

    def request_state(self, machine: str, state: int) -> int | None:
        """Ask for another state; the descriptor of the data stream that this opened, None without one."""
        number, struct = self._machines[machine]
        asked = struct(device_state=state, data_fd=-1)
        opened = int(self.feature(number, core.FeatureFlags.SET, asked).data_fd)
        return None if opened < 0 else opened

    def change_data(self, machine: str) -> None:
        """Make the device change the data that the streams of a machine move."""
        if self._change is None:
            raise OSError(errno.EOPNOTSUPP, f"nothing makes {self.name} change its data")
        self._change(self, machine)
