"""The number types of the language and what C calls them.

64-bit types are aligned to 8 bytes on every ABI (``botching-up-ioctls.rst`` asks for natural alignment
everywhere); the ``-natural`` ones are aligned as the ABI likes, for interfaces that exist.
"""

from __future__ import annotations

from uapigen.model import Endian, ScalarType

SCALARS: dict[str, ScalarType] = {
    scalar.name: scalar
    for scalar in (
        *(ScalarType(f"u{bits}", f"__u{bits}", bits // 8, False) for bits in (8, 16, 32)),
        *(ScalarType(f"s{bits}", f"__s{bits}", bits // 8, True) for bits in (8, 16, 32)),
        *(ScalarType(f"le{bits}", f"__le{bits}", bits // 8, False, Endian.LITTLE) for bits in (16, 32)),
        *(ScalarType(f"be{bits}", f"__be{bits}", bits // 8, False, Endian.BIG) for bits in (16, 32)),
        ScalarType("u64", "__aligned_u64", 8, False, Endian.NATIVE, True),
        # The kernel's __aligned_s64 is younger than most headers in use: the attribute serves all.
        ScalarType("s64", "__s64", 8, True, Endian.NATIVE, True),
        ScalarType("le64", "__aligned_le64", 8, False, Endian.LITTLE, True),
        ScalarType("be64", "__aligned_be64", 8, False, Endian.BIG, True),
        ScalarType("u64-natural", "__u64", 8, False),
        ScalarType("s64-natural", "__s64", 8, True),
        ScalarType("le64-natural", "__le64", 8, False, Endian.LITTLE),
        ScalarType("be64-natural", "__be64", 8, False, Endian.BIG),
        ScalarType("char", "char", 1, False),
    )
}

C_TYPES: dict[str, str] = {
    **{f"{prefix}{bits}{suffix}": f"{sign}{bits}"
       for bits in (8, 16, 32, 64)
       for prefix, suffix, sign in (
           ("__u", "", "u"), ("__s", "", "s"), ("uint", "_t", "u"), ("int", "_t", "s")
       )},
    **{f"__{order}{bits}": f"{order}{bits}" for order in ("le", "be") for bits in (16, 32, 64)},
    "__aligned_u64": "u64", "int": "s32", "unsigned": "u32", "unsigned int": "u32", "short": "s16",
    "unsigned char": "u8", "signed char": "s8", "unsigned short": "u16", "unsigned long long": "u64",
    "long long": "s64", "bool": "u8", "_Bool": "u8",
    "long": "", "unsigned long": "", "size_t": "", "ssize_t": "", "off_t": "",
    "long int": "", "unsigned long int": "", "ulong": "", "short int": "s16", "unsigned short int": "u16",
    "long long int": "s64", "unsigned long long int": "u64", "uint": "u32", "ushort": "u16",
    "dma_addr_t": "u64", "phys_addr_t": "u64", "resource_size_t": "u64", "loff_t": "s64", "time_t": "s64",
    "pid_t": "s32", "uid_t": "u32", "gid_t": "u32",
    "uintptr_t": "u64", "float": "", "double": "",
}  # fmt: skip
"""What a C programmer may write, and the type of the language; empty where there is none."""


def pad_type(size: int) -> tuple[str, int]:
    """How C spells padding of ``size`` bytes: the type of an element and the number of elements.

    One number where there is a number of that size (but for 8 bytes, which would be aligned), else bytes.
    """
    numbers = {1: "__u8", 2: "__u16", 4: "__u32"}
    return (numbers[size], 1) if size in numbers else ("__u8", size)
