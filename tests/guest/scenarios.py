"""What is run on which kernel: by ``make kernel-test``, and by whoever makes a scenario of his own."""

from __future__ import annotations

from typing import NamedTuple


class Packed(NamedTuple):
    """A file of a kernel's source, in the package that is installed: ``path`` in the tree."""

    package: str
    path: str


class Edit(NamedTuple):
    """A text that is in a file exactly once, and what it becomes."""

    file: str
    old: str
    new: str

    def apply(self, text: str) -> str:
        """The file with the change.  Raises ValueError where ``old`` is not there, or more than once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {text.count(self.old)} times {self.old!r}")
        return text.replace(self.old, self.new)


class Module(NamedTuple):
    """A module that is built for the kernel: its C file, what lies beside it, and what is changed in these.

    Paths are those in the checkout.  The C file is compiled as NAME.c, so that one can become many modules.
    """

    name: str
    source: str | Packed
    beside: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    edit: Edit | None = None


class Run(NamedTuple):
    """What is run in the guest, with a verdict of its own.

    ``modules`` are loaded before and unloaded afterwards; ``programs`` are C files in the checkout that print
    TAP, compiled statically with the headers beside them; ``pytest`` are the arguments of pytest, none for no
    pytest, which runs in the copy of the checkout.  A run has so many ``seconds``; a guest that has begun no
    new test for ``patience`` seconds hangs.
    """

    name: str
    modules: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    pytest: tuple[str, ...] = ()
    seconds: int = 300
    patience: int = 120


class Scenario(NamedTuple):
    """Runs that share a boot of the newest kernel of a series ("6.1"), and the modules built for them.

    ``modules`` are those of the kernel itself that are loaded first; what others need comes by itself.
    ``name`` tells it from others of the same kernel.
    """

    series: str
    runs: tuple[Run, ...]
    built: tuple[Module, ...] = ()
    modules: tuple[str, ...] = ("vfio_iommu_type1",)
    name: str = ""

    @property
    def label(self) -> str:
        """What it is called where it goes on, and in the names of its logs."""
        return f"{self.series} {self.name}".strip()


MSTATE = Module(
    "mstate",
    "tests/guest/mstate.c",
    beside=(
        "out/vfio-device-state/vfio_device_state.h",
        "out/vfio-device-state/vfio_device_state_driver.h",
    ),
)
"""Our own sample driver of vfio-device-state."""

MTTY = Module("mtty", Packed("linux-source-6.12", "samples/vfio-mdev/mtty.c"))
"""The kernel's sample of a device that can be migrated: a serial port."""

MTTY_NO_PRECOPY = Module(
    "mtty_no_precopy",
    MTTY.source,
    beside=("tests/guest/no_precopy.h",),
    flags=("-include $(src)/no_precopy.h",),
)
"""The same, of a device that can be saved when it is stopped, and not before."""

SCENARIOS = (
    Scenario(
        "6.1",
        built=(MSTATE,),
        runs=(
            Run("vfio-device-state in C", programs=("out/vfio-device-state/vfio_device_state_test.c",)),
            Run(
                "vfio-device-state on mstate",
                modules=(MSTATE.name,),
                pytest=("--device", "mdev:mstate", "out/vfio-device-state"),
                seconds=900,
            ),
            Run("transport to mstate", modules=(MSTATE.name,), pytest=("tests/guest/real_devices.py",)),
            Run("layouts of Linux 6.1", modules=(MSTATE.name,), pytest=("tests/guest/kernel_layouts.py",)),
        ),
    ),
    Scenario(
        "6.12",
        built=(MTTY, MTTY_NO_PRECOPY),
        runs=(
            Run("vfio-migration-v2 in C", programs=("out/vfio-migration-v2/vfio_migration_v2_test.c",)),
            Run(
                "vfio-migration-v2 on mtty",
                modules=(MTTY.name,),
                pytest=("--device", "mdev:mtty", "out/vfio-migration-v2"),
            ),
            Run(
                "vfio-migration-v2 on mtty without PRE_COPY",
                modules=(MTTY_NO_PRECOPY.name,),
                pytest=("--device", "mdev:mtty", "out/vfio-migration-v2"),
            ),
            Run("transport to mtty", modules=(MTTY.name,), pytest=("tests/guest/real_devices.py",)),
            Run("data streams of mtty", modules=(MTTY.name,), pytest=("tests/guest/mtty_streams.py",)),
            Run("layouts of Linux 6.12", modules=(MTTY.name,), pytest=("tests/guest/kernel_layouts.py",)),
        ),
    ),
)
