"""What a compiler says of a C text, to hold :mod:`uapigen.creader` against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tools import require_compiler
from uapigen import cc
from uapigen.abi import ABIS
from uapigen.creader import Header
from uapigen.proof.compiled import set_bits

Said: TypeAlias = dict[str, int | list[int]]
"""Values of C expressions; of ``bits of struct x.a``, the numbers of the bits."""


def read_back(header: Header, abi: str) -> Said:
    """What the reader makes of a header: every size, alignment, offset, bit field, constant."""
    said: Said = dict(header.constants(ABIS[abi]))
    for tag in header.structs:
        record = f"{'union' if tag in header.unions else 'struct'} {tag}"
        layout = header.layout(tag, ABIS[abi])
        said[f"sizeof({record})"] = layout.size
        said[f"__alignof__({record})"] = layout.align
        for member in layout.members:
            if member.bit_offset is not None and member.bits is not None:
                bits = range(member.bit_offset, member.bit_offset + member.bits)
                said[f"bits of {record}.{member.path}"] = list(bits)
            else:
                said[f"offsetof({record}, {member.path})"] = member.offset
                if member.size:
                    said[f"sizeof((({record} *)0)->{member.path})"] = member.size
    return said


def compiler_says(texts: Mapping[str, tuple[str, Said]], abi: str) -> dict[str, Said]:
    """The same values by a compiler, for several texts at once."""
    command, flags = require_compiler(abi)
    jobs = []
    for text, asked in texts.values():
        plain = [name for name, value in asked.items() if isinstance(value, int)]
        source = cc.probe_source(text, plain)
        objects = [_object(name) for name, value in asked.items() if isinstance(value, list)]
        jobs.append(cc.Job(command, (*flags, "-w"), cc.image_source(source, objects), {}))
    made = cc.run(jobs)
    return {
        name: _decode(result, asked, abi)
        for (name, (_, asked)), result in zip(texts.items(), made, strict=True)
    }


def _object(name: str) -> tuple[str, str]:
    record, _, path = name.removeprefix("bits of ").partition(".")
    return record, f"{{ .{path} = ~0 }}"


def _decode(made: bytes | cc.CompileError, asked: Said, abi: str) -> Said:
    assert isinstance(made, bytes), made.message
    plain = [name for name, value in asked.items() if isinstance(value, int)]
    fields = [name for name, value in asked.items() if isinstance(value, list)]
    values = cc.probe_values(made, len(plain))
    images = cc.images(made, len(fields))
    assert isinstance(values, list), values.message
    assert isinstance(images, list), images.message
    said: Said = dict(zip(plain, values, strict=True))
    for name, image in zip(fields, images, strict=True):
        said[name] = set_bits(image, big_endian=ABIS[abi].big_endian)
    return said
