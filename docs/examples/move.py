"""One device moves to another, with two ranges of system memory."""

from collections.abc import Sequence

from vfio_device_state import Client, DataCap, Progress, RegionSubtype, migrate
from vfio_device_state_device import ReferenceDevice

here, there = ReferenceDevice(), ReferenceDevice()
for device in (here, there):
    device.open()
source, target = Client(here), Client(there)

if DataCap.SYSTEM_MEMORY in source.get_caps():
    print("It writes to system memory.")

memory = {page * 4096: f"page {page}" for page in (*range(64), *range(256, 512))}
moved: dict[int, str] = {}


def copy_pages(pages: Sequence[int]) -> None:
    moved.update({page: memory[page] for page in pages})


def show(step: Progress) -> None:
    print(f"{step.phase:10}{step.round:2}  {step.category:14}{step.moved:8} bytes")
    if step.round == 1:  # The device goes on working.
        here.stimulate(RegionSubtype.DATA_MEMORY, [2])
        here.stimulate(RegionSubtype.DATA_DIRTYBITMAP, [7, 300])
        memory[7 * 4096] = "page 7, written to"


migrate(
    source,
    target,
    memory=[(0, 64), (256 * 4096, 256)],
    copy_pages=copy_pages,
    progress=show,
)
assert moved == memory
