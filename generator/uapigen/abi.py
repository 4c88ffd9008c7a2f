"""The Linux ABIs that a layout is computed for.

The room of one table, and the only thing that the model's layout and the layout that is read back
from C share.  Source of the alignments: the psABI of each architecture, as GCC implements it; CI
asks the cross compilers.  Source of the ioctl encodings: ``asm/ioctl.h`` of each architecture.
"""

from __future__ import annotations

from uapigen.record import ValueRecord


class Abi(ValueRecord):
    """What of an ABI decides a layout.

    ``max_alignment`` bounds the alignment of a scalar of that many bytes or more, ``align64`` is that
    of a natural 64-bit integer.  Sizes and alignments are bytes.  ``ioc_none``, ``ioc_write``,
    ``ioc_read`` and ``ioc_size_bits`` encode an ioctl number.  ``bit_field_units``: a bit field lies
    within one unit of its type and aligns its struct (GCC's PCC_BITFIELD_TYPE_MATTERS).
    """

    name: str
    pointer: int
    align64: int
    max_alignment: int
    big_endian: bool
    compiler: str
    ioc_none: int = 0
    ioc_write: int = 1
    ioc_read: int = 2
    ioc_size_bits: int = 14
    bit_field_units: bool = True

    def align(self, size: int) -> int:
        """Natural alignment of an integer of ``size`` bytes."""
        return min(self.align64 if size == 8 else size, self.max_alignment)

    @property
    def layout_class(self) -> tuple[int, int, bool]:
        """ABIs of one class lay out every struct alike."""
        return (self.align64, self.max_alignment, self.bit_field_units)


ABIS: dict[str, Abi] = {
    abi.name: abi
    for abi in (
        Abi("x86-64", 8, 8, 8, False, "x86_64-linux-gnu-gcc"),
        Abi("i386", 4, 4, 8, False, "i686-linux-gnu-gcc"),
        Abi("arm", 4, 8, 8, False, "arm-linux-gnueabihf-gcc"),
        Abi("arm64", 8, 8, 8, False, "aarch64-linux-gnu-gcc"),
        Abi("riscv64", 8, 8, 8, False, "riscv64-linux-gnu-gcc"),
        Abi("ppc64", 8, 8, 8, True, "powerpc64-linux-gnu-gcc", 1, 4, 2, 13),
        Abi("s390x", 8, 8, 8, True, "s390x-linux-gnu-gcc"),
        Abi("m68k", 4, 2, 2, True, "m68k-linux-gnu-gcc", bit_field_units=False),
    )
}
