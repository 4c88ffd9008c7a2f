"""Rules on the members of a struct, one by one: their types, and what they are for."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.declared import owners
from uapigen.model import Field, Group, Interface, Member, Pad, ScalarType, Struct
from uapigen.rules.places import fields, is_kept
from uapigen.rules.rule import Finding, rule, waived


@rule(
    "natural-type",
    why="""i386 and m68k align it to 4 or 2 bytes, other ABIs to 8, so that a 32-bit program and a 64-bit
    kernel may disagree on every offset behind it (botching-up-ioctls.rst, "Prerequisites": "Align
    everything to the natural size"; ioctl.rst, "Structure layout").""",
    bad="""
structs:
  - struct: example
    doc: A struct that i386 aligns to 4 bytes.
    fields:
      - {name: size, type: u64-natural, doc: bytes}
""",
    good="""
structs:
  - struct: example
    doc: A struct that is aligned to 8 bytes everywhere.
    fields:
      - {name: size, type: u64, doc: bytes}
""",
    binds_existing=False,
)
def natural_type(interface: Interface) -> Iterator[Finding]:
    """A 64-bit member of a new interface is aligned to 8 bytes on every ABI."""
    for struct, path, field, elements in fields(owners(interface)):
        # Packing does not undo the alignment of u64, and bit fields must not have it.
        packed = struct.packed and elements == (struct, field)
        if packed or field.bits is not None:
            continue
        if isinstance(field.type, ScalarType) and field.type.size == 8 and not field.type.aligned:
            yield Finding(
                f"'{path}' has the type {field.type.name}, which not every ABI aligns to 8 bytes",
                field.where("type"),
                f"write `{field.type.name.removesuffix('-natural')}`",
                elements,
            )


@rule(
    "bit-field",
    why="""C leaves to the compiler where the bits of a bit field lie, and other languages cannot name them
    (ioctl.rst, "Structure layout": "it is better to avoid them completely").""",
    bad="""
structs:
  - struct: example
    doc: Two bit fields.
    fields:
      - {name: kind, type: u32, bits: 8, doc: kind}
      - {name: index, type: u32, bits: 24, doc: index}
""",
    good="""
structs:
  - struct: example
    doc: A number that holds both.
    fields:
      - {name: kind_index, type: u32, doc: "kind in bits 0 to 7, index above"}
""",
    binds_existing=False,
)
def bit_field(interface: Interface) -> Iterator[Finding]:
    """A new interface has no bit fields."""
    for struct, path, field, elements in fields(owners(interface)):
        if field.bits is not None:
            yield Finding(
                f"'{path}' of {struct.keyword} '{struct.name}' is a bit field",
                field.where("bits"),
                "write a member of a whole type, with `values:` that name flags, or constants for its parts",
                elements,
            )


@rule(
    "bit-field-type",
    why="""A bit field of a type that is aligned by attribute starts a new unit each time, so that bits
    which look side by side are bytes apart.""",
    bad="""
structs:
  - struct: example
    doc: Two bits that are 8 bytes apart.
    allow: {bit-field: to show the other rule, implicit-padding: to show the other rule}
    fields:
      - {name: one, type: u64, bits: 1, doc: one}
      - {name: two, type: u64, bits: 1, doc: two}
""",
    good="""
structs:
  - struct: example
    doc: Bits side by side.
    allow: {bit-field: as the device has them}
    fields:
      - {name: one, type: u32, bits: 16, doc: one}
      - {name: two, type: u32, bits: 16, doc: two}
""",
)
def bit_field_type(interface: Interface) -> Iterator[Finding]:
    """A bit field has a type of natural alignment."""
    for struct, path, field, elements in fields(interface.structs):
        if field.bits is None:
            continue
        if isinstance(field.type, Struct) or field.type.aligned or field.array:
            natural = "an array or a struct has no bits"
            if isinstance(field.type, ScalarType) and field.type.aligned:
                natural = f"write `{field.type.name}-natural`, or u32"
            finding = Finding(
                f"the bit field '{path}' has a type that bit fields cannot have",
                field.where("type"),
                natural,
                elements,
            )
            # Where there should be no bit field at all, its type is not what has to change.
            judged = not interface.existing and not struct.external
            if not judged or waived(bit_field.id, interface, finding):
                yield finding


@rule(
    "char-member",
    why="""A char is signed on x86 and unsigned on arm: a value above 127 is another number there
    (ioctl.rst, "Structure layout": "the __u8 and __s8 types should be used for 8-bit integer values").""",
    bad="""
structs:
  - struct: example
    doc: A struct with a char.
    fields:
      - {name: level, type: char, doc: level}
""",
    good="""
structs:
  - struct: example
    doc: A struct with a number and a string.
    fields:
      - {name: level, type: u8, doc: level}
      - {name: label, type: char, count: 7, doc: what it is called}
""",
    binds_existing=False,
)
def char_member(interface: Interface) -> Iterator[Finding]:
    """A `char` is an element of a string, not a number."""
    for _, path, field, elements in fields(owners(interface)):
        if isinstance(field.type, ScalarType) and field.type.name == "char" and field.array is None:
            yield Finding(
                f"'{path}' is a single char, which is signed on some ABIs only",
                field.where("type"),
                "write `u8` or `s8`; a string has a `count:`",
                elements,
            )


@rule(
    "narrow-pointer",
    why="""An address of a 64-bit program does not fit into fewer bits, and one member has to hold those of
    all programs (botching-up-ioctls.rst, "Prerequisites": "Pointers are __u64").""",
    bad="""
structs:
  - struct: example
    doc: A struct that points at a buffer.
    fields:
      - {name: data, type: u32, pointer-to: u8, doc: the buffer}
""",
    good="""
structs:
  - struct: example
    doc: A struct that points at a buffer.
    fields:
      - {name: data, type: u64, pointer-to: u8, doc: the buffer}
""",
    binds_existing=False,
)
def narrow_pointer(interface: Interface) -> Iterator[Finding]:
    """A member with `pointer-to:` is a u64."""
    for _, path, field, elements in fields(owners(interface)):
        if not field.pointer_to or (isinstance(field.type, ScalarType) and field.type.c_name in _ADDRESSES):
            continue
        yield Finding(
            f"'{path}' holds an address, and its type is {field.type.name}",
            field.where("type"),
            "write `type: u64`: it has room for the addresses of 32-bit and 64-bit programs",
            elements,
        )


_ADDRESSES = ("__aligned_u64", "__u64")


@rule(
    "reserved-member",
    why="""Programs leave in it what was on their stack unless the kernel refuses that, and then it can
    never be used (botching-up-ioctls.rst, "Basics": "Check all unused fields and flags and all the padding
    for whether it's 0").""",
    bad="""
structs:
  - struct: example
    doc: A struct with room for more.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: reserved, type: u32, doc: for later}
""",
    good="""
structs:
  - struct: example
    doc: A struct with room for more.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {pad: 4}
""",
    binds_existing=False,
)
def reserved_member(interface: Interface) -> Iterator[Finding]:
    """A member that is kept for later is a `pad:`, which says what it reads as and what it takes."""
    for _, path, field, elements in fields(owners(interface)):
        if field.bits is not None or not isinstance(field.type, ScalarType):
            continue
        if is_kept(field.name):
            size = field.type.size * (field.array.count if field.array else 1)
            name = "" if field.name == "reserved" else f", name: {field.name}"
            yield Finding(
                f"'{path}' has the name of a reserved member, and nothing says what it reads as and takes",
                field.where("name"),
                f"write `- {{pad: {size}{name}}}`: it reads as zero and must be written as zero"
                if size
                else "leave it out: a struct that grows says its size (`argsz`)",
                elements,
            )


@rule(
    "ignored-padding",
    why="""What is ignored today holds garbage in programs that exist, and can never get a meaning
    (botching-up-ioctls.rst, "Basics": "Check all unused fields and flags and all the padding for whether
    it's 0, and reject the ioctl if that's not the case").""",
    bad="""
structs:
  - struct: example
    doc: A struct with padding that takes anything.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {pad: 4, policy: ignored}
""",
    good="""
structs:
  - struct: example
    doc: A struct with padding that is zero.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {pad: 4}
""",
    binds_existing=False,
)
def ignored_padding(interface: Interface) -> Iterator[Finding]:
    """Padding reads as zero and is refused when it is written as anything else."""
    for struct in owners(interface):
        for _, member, elements in struct.inside:
            if isinstance(member, Pad) and member.policy != "zero":
                yield Finding(
                    f"padding of {struct.keyword} '{struct.name}' takes any value",
                    member.where("policy"),
                    "remove `policy:`: padding is zero, and anything else is refused",
                    elements,
                )


@rule(
    "flexible-array-last",
    why="""C knows no offset for what comes behind an array without a length (C99, 6.7.2.1).""",
    bad="""
structs:
  - struct: example
    doc: A struct with an array in the way.
    fields:
      - {name: count, type: u32, doc: number of elements}
      - {name: data, type: u32, count: flexible, doc: data}
      - {name: flags, type: u32, doc: flags}
""",
    good="""
structs:
  - struct: example
    doc: A struct with an array at its end.
    fields:
      - {name: count, type: u32, doc: number of elements}
      - {name: flags, type: u32, doc: flags}
      - {name: data, type: u32, count: flexible, doc: data}
""",
)
def flexible_array_last(interface: Interface) -> Iterator[Finding]:
    """A flexible array is the last member of a struct and not its only one, and lies in no inner struct."""
    for struct in interface.structs:
        yield from _flexible(struct, struct.members, struct.union, outermost=True)


def _flexible(
    struct: Struct, members: tuple[Member, ...], union: bool, *, outermost: bool
) -> Iterator[Finding]:
    for index, member in enumerate(members):
        if isinstance(member, Group):
            yield from _flexible(struct, member.members, member.union, outermost=False)
        if not isinstance(member, Field) or not _is_flexible(member):
            continue
        if isinstance(member.type, Struct) and not member.array:
            message = f"'{member.name}' holds struct '{member.type.name}', which ends in a flexible array"
            help_ = "put the flexible array into the outer struct"
        elif union or not outermost or index + 1 < len(members):
            message = f"the flexible array '{member.name}' is not the last member of struct '{struct.name}'"
            help_ = "move it to the end of the struct, or give it a number of elements"
        elif index == 0:
            message = f"the flexible array '{member.name}' is the only member of struct '{struct.name}'"
            help_ = "put a member before it, such as the number of its elements"
        else:
            continue
        yield Finding(message, member.where(), help_, (struct, member))


def _is_flexible(field: Field) -> bool:
    if field.array:
        return field.array.flexible
    return isinstance(field.type, Struct) and _ends_flexible(field.type)


def _ends_flexible(struct: Struct) -> bool:
    last = struct.members[-1] if struct.members else None
    return isinstance(last, Field) and last.array is not None and last.array.flexible


@rule(
    "counted-by",
    why="""The number of a flexible array is known to its reader alone, so that the compiler and the documents
    are told which member has it; elsewhere nothing reads what is written there.""",
    bad="""
structs:
  - struct: example
    doc: A struct with an array of a fixed length.
    fields:
      - {name: count, type: u32, doc: number of entries}
      - {name: data, type: u32, count: 3, counted-by: count, doc: entries}
""",
    good="""
structs:
  - struct: example
    doc: A struct with as many entries as it says.
    fields:
      - {name: count, type: u32, doc: number of entries}
      - {name: data, type: u32, count: flexible, counted-by: count, doc: entries}
""",
)
def counted_by(interface: Interface) -> Iterator[Finding]:
    """`counted-by:` stands at a flexible array."""
    for _, path, field, elements in fields(interface.structs):
        if "counted-by" in field.origin and not (field.array and field.array.flexible):
            other = ", and say in its `doc:` where the number is"
            if field.array:
                other = ", or write `count: flexible`, which makes it a flexible array"
            yield Finding(
                f"'{path}' has `counted-by:`, and is no flexible array",
                field.where("counted-by"),
                f"remove `counted-by:`{other}",
                elements,
            )
