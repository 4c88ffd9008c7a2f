"""Rules on flags: a bit for each, and what becomes of those that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.declared import owners
from uapigen.diagnostics import Note, Severity
from uapigen.model import Access, Enumeration, Interface, Struct, Unknown, Value
from uapigen.rules.places import fields
from uapigen.rules.rule import Finding, rule


@rule(
    "flag-bits",
    severity=Severity.WARNING,
    why="""Flags are set and tested one by one: a flag without a bit cannot be tested, and one that has bits
    of others is set by them (botching-up-ioctls.rst, "Basics": an extension is announced by a new flag).""",
    bad="""
flags:
  - flags: example_flags
    prefix: EXAMPLE_FLAG_
    doc: What can be done.
    values:
      - {name: READ, value: 1, doc: It can be read.}
      - {name: WRITE, value: 2, doc: It can be written.}
      - {name: MAP, value: 3, doc: It can be mapped.}
""",
    good="""
flags:
  - flags: example_flags
    prefix: EXAMPLE_FLAG_
    doc: What can be done.
    values:
      - {name: READ, value: 1, doc: It can be read.}
      - {name: WRITE, value: 2, doc: It can be written.}
      - {name: MAP, value: 4, doc: It can be mapped.}
      - {name: MASK, value: 7, doc: All of them.}
""",
    binds_existing=False,
)
def flag_bits(interface: Interface) -> Iterator[Finding]:
    """A flag has a bit of its own; one of several bits is a mask that holds other flags whole."""
    for enumeration in interface.enumerations:
        if enumeration.flags and not enumeration.external:
            yield from _without_bit(enumeration)
            yield from _counted(enumeration)
            yield from _cut(enumeration)


def _without_bit(enumeration: Enumeration) -> Iterator[Finding]:
    for value in enumeration.values:
        if value.value == 0:
            yield Finding(
                f"the flag '{value.name}' is 0: it has no bit that could be set",
                value.where("value"),
                f"write a number with a bit of its own, such as {_free(enumeration):#x}, or take it out",
                (enumeration, value),
            )


def _counted(enumeration: Enumeration) -> Iterator[Finding]:
    """Flags that are numbered 1, 2, 3: the third is the first two together."""
    before = None
    for value in enumeration.values:
        mask = {"MASK", "ALL"} & {*value.name.upper().split("_")}
        if before and value.value == before.value + 1 and value.value.bit_count() > 1 and not mask:
            yield Finding(
                f"the flag '{value.name}' is {value.value}, which is several bits: flags are 1, 2, 4, 8",
                value.where("value"),
                f"write {_free(enumeration):#x} for a flag of its own; the name of a mask says so, such "
                f"as {value.name}_MASK",
                (enumeration, value),
            )
        before = value


def _free(enumeration: Enumeration) -> int:
    """The lowest bit above those of all flags of one bit."""
    single = (value.value for value in enumeration.values if value.value.bit_count() == 1)
    return 1 << max((value.bit_length() for value in single), default=0)


def _cut(enumeration: Enumeration) -> Iterator[Finding]:
    """Masks of which each has bits that the other has not.

    Going from few bits to many, ``owner`` has the largest mask so far of each bit: a mask that cuts none
    of these cuts none at all.
    """
    owner: dict[int, Value] = {}
    masks = (value for value in enumeration.values if 0 < value.value < 1 << 64)
    for mask in sorted(masks, key=lambda value: value.value.bit_count()):
        bits = [bit for bit in range(64) if mask.value >> bit & 1]
        other = next((owner[bit] for bit in bits if bit in owner and owner[bit].value & ~mask.value), None)
        if other:
            yield Finding(
                f"'{mask.name}' has a part of the bits of '{other.name}': "
                f"{mask.value & other.value:#x} of {other.value:#x}",
                mask.where("value"),
                "give each bits of its own, or let one of them hold all bits of the other",
                (enumeration, mask),
                (Note("the other one is here", other.where("value")),),
            )
        owner.update(dict.fromkeys(bits, mask))


_WRITTEN = """
flags:
  - flags: example_flags
    prefix: EXAMPLE_FLAG_
    unknown: {}
    doc: What to do.
    values:
      - {{name: WAIT, value: 1, doc: Wait for it.}}
structs:
  - struct: example
    doc: A request.
    fields:
      - {{name: flags, type: u32, access: wo, values: example_flags, doc: what to do}}
"""


@rule(
    "ignored-input",
    why="""A bit that is ignored today is set by programs that never meant it, and cannot get a meaning any
    more (botching-up-ioctls.rst, "Basics": "Check all unused fields and flags and all the padding for
    whether it's 0, and reject the ioctl if that's not the case").""",
    bad=_WRITTEN.format("ignored"),
    good=_WRITTEN.format("refused"),
    binds_existing=False,
)
def ignored_input(interface: Interface) -> Iterator[Finding]:
    """Unknown values of a member that user space writes are refused."""
    commands = interface.ioctls.commands if interface.ioctls else ()
    passed = {each.argument for each in commands if each.direction in {"write", "both"}}
    for struct, path, field, elements in fields(owners(interface)):
        if field.enumeration is None or field.enumeration.unknown is not Unknown.IGNORED:
            continue
        if _is_written(struct, field.access, passed):
            yield Finding(
                f"user space writes '{path}', and unknown values of '{field.enumeration.name}' are ignored",
                field.where("values"),
                f"write `unknown: refused` in '{field.enumeration.name}', or other values for this member",
                (*elements, field.enumeration),
                (Note("they are declared here", field.enumeration.where("unknown")),),
            )


def _is_written(struct: Struct, access: Access | None, passed: set[Struct | None]) -> bool:
    return access.writable if access else struct in passed
