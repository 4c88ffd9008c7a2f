"""What the spec claims of the C that it becomes, and how a witness's answers are compared with it.

The room of the comparison.  A claim is a C expression and its value on an ABI; a witness is whoever
answers with values of such expressions.  Who the witnesses are is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from uapigen.abi import ABIS, Abi
from uapigen.declared import ioctl_value, numbers
from uapigen.diagnostics import Diagnostic, Note
from uapigen.model import Element, Field, Interface, Layout, Placed, Struct

BitField: TypeAlias = tuple[str, str]
"""``struct x`` and the path of a member."""


class Claim(NamedTuple):
    """``expression`` has ``value``.

    ``what`` is the sentence's subject, ``about`` the struct or the number that it belongs to, ``id``
    that of the finding where it does not hold, ``bit_field`` the one that it is about.
    """

    what: str
    expression: str
    value: int
    element: Element
    about: str
    id: str
    bit_field: BitField | None = None


class Answers(NamedTuple):
    """What a witness says on one ABI: the values of the expressions that it knows."""

    abi: str
    values: Mapping[str, int]


def size_of(record: str) -> str:
    """The size of ``struct x``."""
    return f"sizeof({record})"


def align_of(record: str) -> str:
    """The alignment of ``struct x`` inside another struct."""
    return f"__alignof__({record})"


def offset_of(record: str, path: str) -> str:
    """The offset of a member in bytes."""
    return f"offsetof({record}, {path})"


def member_size(record: str, path: str) -> str:
    """The size of a member in bytes."""
    return f"sizeof((({record} *)0)->{path})"


def first_bit(record: str, path: str) -> str:
    """The offset of a bit field in bits, in the order of the ABI.  No expression of C."""
    return f"first_bit({record}, {path})"


def bit_count(record: str, path: str) -> str:
    """The width of a bit field.  No expression of C."""
    return f"bit_count({record}, {path})"


def layout_claims(interface: Interface, struct: Struct, abi: Abi) -> Iterator[Claim]:
    """Offset and size of every member, then alignment and size of the whole."""
    layout = interface.layouts[abi.name][struct.name]
    record = f"{struct.keyword} {struct.name}"
    for placed, (_, member, _) in zip(layout.members, struct.inside, strict=True):
        if member.name:
            flexible = isinstance(member, Field) and member.array is not None and member.array.flexible
            for what, expression, value in _placed(record, placed, flexible=flexible):
                field = (record, placed.path) if placed.bits is not None else None
                subject = f"{what} in {record}"
                yield Claim(subject, expression, value, member, record, "verify-layout", field)
    for what, expression, value in _whole(record, layout):
        yield Claim(f"{what} of {record}", expression, value, struct, record, "verify-layout")


def _placed(record: str, placed: Placed, *, flexible: bool) -> Iterator[tuple[str, str, int]]:
    path = placed.path
    if placed.bit_offset is not None and placed.bits is not None:
        yield f"the first bit of '{path}'", first_bit(record, path), placed.bit_offset
        yield f"the number of bits of '{path}'", bit_count(record, path), placed.bits
        return
    yield f"the offset of '{path}'", offset_of(record, path), placed.offset
    if not flexible:
        yield f"the size of '{path}'", member_size(record, path), placed.size


def _whole(record: str, layout: Layout) -> Iterator[tuple[str, str, int]]:
    yield "the alignment", align_of(record), layout.align
    yield "the size", size_of(record), layout.size


def number_claims(interface: Interface, abi: Abi) -> Iterator[Claim]:
    """The value of every macro and enumerator that the interface declares."""
    for number in numbers(interface):
        name = number.c_name
        yield Claim(f"'{name}'", name, number.value, number.element, name, "verify-constant")
    if interface.ioctls:
        for command in interface.ioctls.commands:
            value = ioctl_value(interface, interface.ioctls, command, abi)
            yield Claim(f"'{command.name}'", command.name, value, command, command.name, "verify-constant")


def claims(interface: Interface, structs: Iterable[Struct], abi: Abi) -> Iterator[Claim]:
    """Everything that the spec claims on an ABI of these structs and of its numbers."""
    for struct in structs:
        yield from layout_claims(interface, struct, abi)
    yield from number_claims(interface, abi)


def disagreements(
    witness: str,
    asked: Mapping[str, Sequence[Claim]],
    answers: Iterable[Answers],
    note: Callable[[str], Note | None] | None = None,
) -> Iterator[Diagnostic]:
    """Where a witness says something else than the spec, or does not know a name.

    ``asked`` are the claims by ABI.  Of a struct only what differs first is reported: what follows
    it has moved with it.  ABIs with the same two values share a finding.  ``note`` finds the place
    where the witness has a struct or a number.
    """
    found: dict[tuple[Claim, int | None], list[str]] = {}
    for abi, values in answers:
        moved: set[str] = set()
        for claim in asked[abi]:
            got = values.get(claim.expression)
            if got != claim.value and claim.about not in moved:
                moved.add(claim.about)
                found.setdefault((claim, got), []).append(abi)
    for (claim, got), abis in found.items():
        says = f"not known to {witness}" if got is None else f"{got} by {witness}"
        where = "every ABI" if len(abis) == len(ABIS) else ", ".join(abis)
        place = note(claim.about) if note else None
        yield Diagnostic(
            claim.id,
            f"{claim.what} is {claim.value} by the spec and {says}, on {where}",
            claim.element.where(),
            notes=(place,) if place else (),
        )
