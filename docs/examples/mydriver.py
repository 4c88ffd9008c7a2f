"""A driver of vfio-device-state as the tests reach it: through the file descriptor of the device."""

import mmap
import os
from collections.abc import Iterable, Mapping

from vfio_device_state import DataCap, RegionSubtype


class MyDevice:
    """A `Transport`: what each method does to a device behind `fd`, and what it refuses."""

    page_size = mmap.PAGESIZE

    def __init__(self, lacks: Iterable[DataCap]) -> None:
        # Yours: start the driver such that it shows no capability of `lacks`, or call pytest.skip().
        self.offsets: dict[RegionSubtype, int] = {}  # from VFIO_DEVICE_GET_REGION_INFO
        self.lengths: dict[RegionSubtype, int] = {}

    def open(self) -> None:
        self.fd = os.open("/dev/my-device", os.O_RDWR)

    def close(self) -> None:
        os.close(self.fd)

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
        """Have the device change these pages: your own debugging hook, or EOPNOTSUPP."""
