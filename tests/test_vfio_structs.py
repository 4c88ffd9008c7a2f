"""The language carries what exists: structs of linux/vfio.h, and every kind of struct that it has not got.

What the model says of a struct is held against the C compiler of every ABI, which reads the original, or
the generated header where there is no original.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctext import HERE, text_of
from sample import SPECS
from tools import require_compiler, require_file
from uapigen import cc, load, rules
from uapigen.abi import ABIS
from uapigen.declared import ioctl_value, numbers, owners
from uapigen.diagnostics import Severity
from uapigen.model import Field, Interface, Layout, ScalarType, Struct

ORIGINAL = "#include <linux/vfio.h>\n"
CORE = SPECS / "vfio-core.yaml"
COPIES = [HERE / "specs/vfio-device.yaml", HERE / "specs/vfio-iommu.yaml", CORE]
KINDS = HERE / "specs/kinds.yaml"
NAMED = [
    *("vfio_region_info", "vfio_irq_set", "vfio_device_gfx_plane_info", "vfio_pci_hot_reset"),
    *("vfio_device_feature_dma_logging_control", "vfio_iommu_type1_dma_unmap", "vfio_eeh_pe_op"),
    *("vfio_device_ioeventfd", "vfio_iommu_type1_info_cap_iova_range", "vfio_device_feature"),
    *("vfio_region_info_cap_sparse_mmap", "vfio_iommu_type1_dirty_bitmap", "vfio_info_cap_header"),
]


def asked(interface: Interface, struct: Struct, layout: Layout) -> Iterator[tuple[str, int]]:
    """What a compiler is asked about a struct, and what the model says."""
    record = f"{struct.keyword} {struct.name}"
    yield f"sizeof({record})", layout.size
    yield f"__alignof__({record})", layout.align
    for (path, member, _), placed in zip(struct.inside, layout.members, strict=True):
        bits = isinstance(member, Field) and member.bits is not None
        if member.name and not bits:
            yield f"offsetof({record}, {path})", placed.offset
            if not (isinstance(member, Field) and member.array and member.array.flexible):
                yield f"sizeof((({record} *)0)->{path})", placed.size


def disagreements(interface: Interface, header: str, abi: str) -> list[tuple[str, int, int]]:
    """Expressions of which the model and the compiler of an ABI say different things."""
    compiler, flags = require_compiler(abi)
    layouts = interface.layouts[abi]
    expected = [
        *(claim for struct in owners(interface) for claim in asked(interface, struct, layouts[struct.name])),
        *((each.c_name, each.value) for each in numbers(interface)),
    ]
    if interface.ioctls:
        for command in interface.ioctls.commands:
            value = ioctl_value(interface, interface.ioctls, command, ABIS[abi])
            expected.append((command.name, value))
    values = cc.probe(compiler, flags, header, [expression for expression, _ in expected])
    assert isinstance(values, list), values
    return [
        (text, said, found) for (text, said), found in zip(expected, values, strict=True) if said != found
    ]


def declarations(text: str, abi: str) -> dict[str, str]:
    """The structs, unions and enums of C text behind the preprocessor: the text of each, by its tag."""
    compiler, flags = require_compiler(abi)
    done = subprocess.run(
        [*compiler.split(), *flags, "-E", "-P", "-x", "c", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    found = {}
    for match in re.finditer(r"^(?:struct|union|enum) (\w+) \{", done.stdout, re.MULTILINE):
        end = done.stdout.index("\n}", match.end())
        end = done.stdout.index(";", end) + 1
        found[match[1]] = " ".join(re.findall(r"\w+|[^\w\s]", done.stdout[match.start() : end]))
    return found


def test_the_hardest_structs_are_among_them() -> None:
    structs = {struct.name for path in COPIES for struct in load(path).structs}
    assert structs.issuperset(NAMED)
    assert len(structs) > 25


@pytest.mark.parametrize("abi", ABIS)
@pytest.mark.parametrize("path", COPIES, ids=lambda path: path.stem)
def test_the_compiler_finds_the_original_as_the_model_has_it(path: Path, abi: str) -> None:
    require_file("/usr/include/linux/vfio.h")
    assert disagreements(load(path), ORIGINAL, abi) == []


@pytest.mark.parametrize("abi", ABIS)
@pytest.mark.parametrize("path", [*COPIES, KINDS], ids=lambda path: path.stem)
def test_the_compiler_finds_the_generated_header_as_the_model_has_it(path: Path, abi: str) -> None:
    interface = load(path)
    assert disagreements(interface, text_of(interface, "header"), abi) == []


@pytest.mark.parametrize("path", COPIES, ids=lambda path: path.stem)
def test_the_generated_text_is_that_of_the_original_but_for_blanks(path: Path) -> None:
    require_file("/usr/include/linux/vfio.h")
    interface = load(path)
    original = declarations(ORIGINAL, "x86-64")
    generated = declarations(text_of(interface, "header"), "x86-64")
    for struct in interface.structs:
        assert generated[struct.name] == original[struct.name]


def test_an_enum_has_the_values_of_the_original() -> None:
    text = text_of(load(COPIES[0]), "header")
    mig_state = declarations(text, "x86-64")["vfio_device_mig_state"]
    assert mig_state == declarations(ORIGINAL, "x86-64")["vfio_device_mig_state"]


@pytest.mark.parametrize("path", [*COPIES, KINDS], ids=lambda path: path.stem)
def test_an_existing_interface_passes_the_rules(path: Path) -> None:
    errors = [found for found in rules.check(load(path)) if found.severity is Severity.ERROR]
    assert [found.message for found in errors] == []


def memory_of(interface: Interface, struct: Struct, path: str, value: str, abi: str) -> bytes:
    """The bytes of a struct in which one member has a value, as the compiler of an ABI writes them."""
    compiler, flags = require_compiler(abi)
    record = f"{struct.keyword} {struct.name}"
    source = (
        text_of(interface, "header")
        + f"struct marked {{ char mark[16]; {record} object; char end[16]; }} __attribute__((packed));\n"
        + f'struct marked marked = {{ "<<<<<<<<<<<<<<<<", {{ .{path} = {value} }}, ">>>>>>>>>>>>>>>>" }};\n'
    )
    (made,) = cc.run([cc.Job(compiler, (*flags, "-w"), source, {})])
    assert isinstance(made, bytes), made
    found = re.search(rb"<{16}(.*?)>{16}", made, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("abi", ABIS)
def test_bit_fields_are_the_bits_that_the_model_says(abi: str) -> None:
    interface = load(KINDS)
    seen = 0
    for struct in owners(interface):
        layout = interface.layouts[abi][struct.name]
        for (path, member, _), placed in zip(struct.inside, layout.members, strict=True):
            if not (isinstance(member, Field) and member.bits and isinstance(member.type, ScalarType)):
                continue
            made = memory_of(interface, struct, path, "-1", abi)
            order = range(7, -1, -1) if ABIS[abi].big_endian else range(8)
            bits = [byte >> place & 1 for byte in made for place in order]
            first = placed.bit_offset
            assert first is not None
            assert [place for place, bit in enumerate(bits) if bit] == [*range(first, first + member.bits)]
            seen += 1
    assert seen == 14
