"""A driver of vfio-device-state as the tests reach it: by the descriptor of the device."""

import errno
import mmap
import os
from collections.abc import Iterable, Mapping

from vfio_device_state import DataCap, RegionSubtype


class MyDevice:
    """A `Transport`: what each method does to a device behind `fd`, and what it refuses."""

    page_size = mmap.PAGESIZE

    def __init__(self, lacks: Iterable[DataCap]) -> None:
        # Yours: start the driver such that it shows no capability of `lacks`,
        # or call pytest.skip().
        self.offsets: dict[RegionSubtype, int] = {}  # from VFIO_DEVICE_GET_REGION_INFO
        self.lengths: dict[RegionSubtype, int] = {}
        self.opens: list[int] = []  # some tests open it more than once

    def open(self) -> None:
        self.opens.append(os.open("/dev/my-device", os.O_RDWR))

    def close(self) -> None:
        os.close(self.opens.pop())

    @property
    def fd(self) -> int:
        return self.opens[0]

    def reset(self) -> None:
        """VFIO_DEVICE_RESET."""

    def regions(self) -> Mapping[RegionSubtype, int]:
        return self.lengths

    def read(self, region: RegionSubtype, offset: int, length: int) -> bytes:
        return os.pread(self.fd, length, self.offsets[region] + offset)

    def write(self, region: RegionSubtype, offset: int, data: bytes) -> None:
        os.pwrite(self.fd, data, self.offsets[region] + offset)

    def map(self, region: RegionSubtype) -> memoryview:
        where = self.offsets[region]
        return memoryview(mmap.mmap(self.fd, self.lengths[region], offset=where))

    def stimulate(self, region: RegionSubtype, pages: Iterable[int]) -> None:
        """Have the device change these pages: your own debugging hook, if there is one."""
        raise OSError(errno.EOPNOTSUPP, "this device does not change its data for tests")
