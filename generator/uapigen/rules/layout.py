"""Rules on where the members of a struct lie."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.diagnostics import Severity
from uapigen.model import Element, Field, Interface, Pad, Struct
from uapigen.rules import members, padding
from uapigen.rules.rule import Finding, rule, waived
from uapigen.scopes import free_names, scope


def _own(interface: Interface) -> Iterator[Struct]:
    """The structs that the interface declares itself."""
    return (struct for struct in interface.structs if not struct.external)


def _around(struct: Struct, path: str) -> tuple[Element, ...]:
    """A struct and the members on the way to a path: what may waive a finding there."""
    return (
        struct,
        *(member for at, member, _ in struct.inside if at and (path + ".").startswith(at + ".")),
    )


def _member(struct: Struct, path: str) -> Element:
    return next((member for at, member, _ in struct.inside if at == path), struct)


@rule(
    "abi-dependent-layout",
    why="""A 32-bit program on a 64-bit kernel lays the struct out by other rules and the two misread
    each other (ioctl.rst on compat mode; review, D3: the packed struct was 68 bytes on x86-64 and 60 on
    i386).""",
    bad="""
structs:
  - struct: example
    doc: A struct that i386 makes smaller.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u64-natural, doc: bytes}
    allow: {implicit-padding: to show the other rule, natural-type: to show the other rule}
""",
    good="""
structs:
  - struct: example
    doc: A struct that is the same everywhere.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {pad: 4}
      - {name: size, type: u64, doc: bytes}
""",
    binds_existing=False,
)
def abi_dependent_layout(interface: Interface) -> Iterator[Finding]:
    """A struct has the same size and the same offsets on every Linux ABI."""
    # What differs is padding of the compiler or the alignment of a type; where one of these is reported,
    # this would be said twice.
    reported = {
        finding.elements[0].name
        for cause in (padding.implicit_padding, members.natural_type)
        for finding in cause.check(interface)
        if not waived(cause.id, interface, finding)
    }
    first, *others = interface.layouts
    for struct in _own(interface):
        if struct.name in reported:
            continue
        base = interface.layouts[first][struct.name]
        for abi in others:
            layout = interface.layouts[abi][struct.name]
            moved = next(
                (a.path for a, b in zip(base.members, layout.members, strict=True) if a.offset != b.offset),
                None,
            )
            if moved is None and layout.size == base.size:
                continue
            if moved is not None:
                message = (
                    f"'{moved}' of struct '{struct.name}' is at offset {base.find(moved).offset} on {first} "
                    f"and at {layout.find(moved).offset} on {abi}"
                )
            else:
                message = (
                    f"struct '{struct.name}' has {base.size} bytes on {first} and {layout.size} on {abi}"
                )
            help_ = "use types that are aligned alike everywhere (u64, not u64-natural) and explicit `pad:`"
            span = _member(struct, moved).where() if moved else struct.where()
            yield Finding(message, span, help_, _around(struct, moved or ""))
            break


@rule(
    "wrong-offset",
    why="""The offset was written for a reviewer to rely on; the compiler puts the member somewhere
    else.""",
    bad="""
structs:
  - struct: example
    doc: A struct with a wrong claim.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u32, offset: 8, doc: bytes}
""",
    good="""
structs:
  - struct: example
    doc: A struct with a right claim.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u32, offset: 4, doc: bytes}
""",
)
def wrong_offset(interface: Interface) -> Iterator[Finding]:
    """An `offset:` is where the member lies, on every ABI."""
    for struct in interface.structs:
        for path, member, _ in struct.inside:
            if member.asserted_offset is not None and path:
                offsets = {
                    abi: each[struct.name].find(path).offset for abi, each in interface.layouts.items()
                }
                yield from _wrong(struct, member, path, "offset", member.asserted_offset, offsets)


@rule(
    "wrong-size",
    why="""The size was written for a reviewer to rely on; the compiler makes it another one.""",
    bad="""
structs:
  - struct: example
    doc: A struct with a wrong claim.
    size: 12
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u32, doc: bytes}
""",
    good="""
structs:
  - struct: example
    doc: A struct with a right claim.
    size: 8
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u32, doc: bytes}
""",
)
def wrong_size(interface: Interface) -> Iterator[Finding]:
    """A `size:` is the size of the struct or member, on every ABI."""
    for struct in interface.structs:
        if struct.asserted_size is not None:
            sizes = {abi: each[struct.name].size for abi, each in interface.layouts.items()}
            yield from _wrong(struct, struct, struct.name, "size", struct.asserted_size, sizes)
        for path, member, _ in struct.inside:
            if not isinstance(member, Pad) and member.asserted_size is not None and path:
                sizes = {abi: each[struct.name].find(path).size for abi, each in interface.layouts.items()}
                yield from _wrong(struct, member, path, "size", member.asserted_size, sizes)


def _wrong(
    struct: Struct, element: Element, name: str, what: str, asserted: int, computed: dict[str, int]
) -> Iterator[Finding]:
    wrong = {abi: value for abi, value in computed.items() if value != asserted}
    if wrong:
        value = next(iter(wrong.values()))
        where = "" if len(wrong) == len(computed) else f" on {', '.join(wrong)}"
        yield Finding(
            f"the {what} of '{name}' is {value}{where}, not {asserted}",
            element.where(what),
            f"write `{what}: {value}`, or mend what comes before it"
            if what == "offset"
            else f"write `{what}: {value}`, or mend the members",
            _around(struct, name),
        )


@rule(
    "packed-struct",
    why="""A packed struct makes the compiler read every member byte by byte, its members must not be
    pointed at, and it does not even settle the layout (review, R13 and D3).""",
    bad="""
structs:
  - struct: example
    doc: A packed struct.
    packed: true
    fields:
      - {name: size, type: u64, doc: bytes}
""",
    good="""
structs:
  - struct: example
    doc: A struct whose members are aligned.
    fields:
      - {name: size, type: u64, doc: bytes}
""",
    binds_existing=False,
)
def packed_struct(interface: Interface) -> Iterator[Finding]:
    """No struct is packed: members are aligned and padding is explicit."""
    for struct in _own(interface):
        if struct.packed:
            yield Finding(
                f"struct '{struct.name}' is packed",
                struct.where("packed"),
                "remove `packed: true` and add `pad:` entries where members are not aligned",
                (struct,),
            )


@rule(
    "misaligned-member",
    severity=Severity.WARNING,
    why="""Some processors trap on a 64-bit number that does not lie at a multiple of 8, and in an array each
    second struct has all of its own elsewhere (botching-up-ioctls.rst, "Prerequisites": "Pad the entire
    struct to a multiple of 64-bits if the structure contains 64-bit types").""",
    bad="""
structs:
  - struct: example
    doc: A packed struct.
    packed: true
    allow: {packed-struct: the device has it so}
    fields:
      - {name: kind, type: u32, doc: kind}
      - {name: size, type: u64-natural, doc: bytes}
""",
    good="""
structs:
  - struct: example
    doc: A packed struct.
    packed: true
    allow: {packed-struct: the device has it so}
    fields:
      - {name: size, type: u64-natural, doc: bytes}
      - {name: kind, type: u8, doc: kind}
      - {pad: 7}
""",
    binds_existing=False,
)
def misaligned_member(interface: Interface) -> Iterator[Finding]:
    """Where packing is allowed, 64-bit members lie at multiples of 8 all the same, and so does the end."""
    for finding in packed_struct.check(interface):
        struct = finding.elements[0]
        if isinstance(struct, Struct) and waived(packed_struct.id, interface, finding):
            yield from _misaligned(interface, struct)


def _misaligned(interface: Interface, struct: Struct) -> Iterator[Finding]:
    layouts = next(iter(interface.layouts.values()))
    layout = layouts[struct.name]
    name = next(free_names(dict(scope(struct.members))))
    entry = "`- {{pad: {}" + (f", name: {name}" if name else "") + "}}`"
    wide = False
    for (path, member, elements), placed in zip(struct.inside, layout.members, strict=True):
        if not isinstance(member, Field):
            continue
        type_ = member.type
        if (layouts[type_.name].align if isinstance(type_, Struct) else type_.size) != _WIDE:
            continue
        wide = True
        if placed.offset % _WIDE:
            # Packing is of the struct, not of a group in it, which moves as a whole.
            yield Finding(
                f"'{path}' has 64-bit numbers and lies at offset {placed.offset}, no multiple of {_WIDE}",
                elements[1].where(),
                f"insert {entry.format(-placed.offset % _WIDE)} above it, or move it",
                elements,
            )
            return
    if wide and layout.size % _WIDE:
        yield Finding(
            f"struct '{struct.name}' has 64-bit members and {layout.size} bytes, no multiple of {_WIDE}",
            struct.where(struct.keyword),
            f"add {entry.format(-layout.size % _WIDE)} as its last entry",
            (struct,),
        )


_WIDE = 8
"""Bytes of the members that are meant."""
