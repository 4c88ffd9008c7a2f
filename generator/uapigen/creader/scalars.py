"""The types that headers take from ``linux/types.h`` and ``stdint.h``, and those of C itself.

The room of one table; sizes are bytes, and 0 for the size of a pointer.
"""

from __future__ import annotations

from typing import NamedTuple


class Scalar(NamedTuple):
    """A number; ``signed`` is None for one that is no integer."""

    size: int
    signed: bool | None = False


POINTER = 0

_ROWS = (
    (1, "__u8 uint8_t", "__s8 int8_t"),
    (2, "__u16 __le16 __be16 __virtio16 __sum16 __kernel_sa_family_t uint16_t", "__s16 int16_t"),
    (4, "__u32 __le32 __be32 __virtio32 __wsum __poll_t uint32_t", "__s32 __kernel_pid_t int32_t"),
    (4, "__kernel_uid32_t __kernel_gid32_t", ""),
    (8, "__u64 __le64 __be64 __virtio64 uint64_t", "__s64 __kernel_loff_t __kernel_time64_t int64_t"),
    (
        POINTER,
        "__kernel_ulong_t __kernel_size_t size_t uintptr_t",
        "__kernel_long_t __kernel_ssize_t ssize_t",
    ),
)
NAMED: dict[str, Scalar] = {
    **{name: Scalar(size) for size, names, _ in _ROWS for name in names.split()},
    **{name: Scalar(size, signed=True) for size, _, names in _ROWS for name in names.split()},
}

MACROS = "".join(
    f"#define __aligned_{kind}64 __{kind}64 __attribute__((aligned(8)))\n" for kind in ("u", "s", "le", "be")
)
"""Types that are macros: their alignment is that of the member, which a packed struct keeps."""

_WORDS = {"signed", "unsigned", "int", "char", "short", "long"}
_FLOATS = {("float",): 4, ("double",): 8}


def basic(names: tuple[str, ...]) -> Scalar | None:
    """The type that these keywords of C name, in any order; None where they name none."""
    if names == ("_Bool",):
        return Scalar(1)
    if names in _FLOATS:
        return Scalar(_FLOATS[names], None)
    if not set(names) <= _WORDS:
        return None
    signed = "unsigned" not in names
    if "char" in names:
        return Scalar(1, signed)
    if "short" in names:
        return Scalar(2, signed)
    return Scalar((4, POINTER, 8)[names.count("long")], signed) if names.count("long") < 3 else None
