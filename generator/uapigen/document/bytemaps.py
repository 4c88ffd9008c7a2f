"""How byte maps are read: only what occurs in them is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from uapigen.diagram.structs import Map, Mark
from uapigen.model import Access, Endian, Field, Prose, ScalarType, Struct
from uapigen.sentences import sentence
from uapigen.wording import listing

_ACCESS = {
    Access.RO: "only read what is marked ro",
    Access.WO: "only write what is marked wo",
    Access.RW: "read and write what is marked rw",
}
_SIGNS = {
    Mark.BROKEN: "A member with a > in its side goes on at the > of the next row.",
    Mark.FOLDED: "Between two rows, ~ stands for those that are left out.",
    Mark.OPEN: "At the end, ~ stands for however many rows a flexible array has.",
    Mark.BITS: (
        "The bits of a cell are counted from its first byte on: from the least significant bit of each byte "
        "where the machine is little-endian, from the most significant one where it is big-endian."
    ),
    Mark.ALTERNATIVES: "An alternative of a union that has members itself is drawn beneath, at its offsets.",
}


def reading(structs: Iterable[Struct], maps: Sequence[Map]) -> Prose:
    """What is to be known to read these maps of these structs; nothing where there are none."""
    if not maps:
        return Prose("")
    marks = {mark for map_ in maps for mark in map_.marks}
    fields = [member for struct in structs for _, member, _ in struct.inside if isinstance(member, Field)]
    access = {field.access for field in fields}
    accesses = [said for each, said in _ACCESS.items() if each in access]
    return sentence(
        "In the byte maps, the offset of a byte is the one at the left of its row plus the number above it.",
        *_order(field.type for field in fields if isinstance(field.type, ScalarType)),
        f"User space can {', and '.join(accesses)}." if accesses else "",
        *_padding(marks),
        *(said for mark, said in _SIGNS.items() if mark in marks),
    )


def _order(types: Iterable[ScalarType]) -> Iterator[str]:
    """Which byte of a number comes first."""
    long = {type_.number: type_ for type_ in types if type_.size > 1}
    if any(type_.endian is Endian.NATIVE for type_ in long.values()):
        yield (
            "Numbers have the byte order of the machine: on a little-endian one, the least significant byte "
            "comes first."
        )
    for endian, first in ((Endian.LITTLE, "least"), (Endian.BIG, "most")):
        names = sorted((name for name, type_ in long.items() if type_.endian is endian), key=_by_size)
        if names:
            yield f"Of {listing(names, 'and')} the {first} significant byte comes first on every machine."


def _by_size(name: str) -> tuple[int, str]:
    return len(name), name


def _padding(marks: set[Mark]) -> Iterator[str]:
    if {Mark.PAD_ZERO, Mark.PAD_IGNORED} <= marks:
        yield "What is hatched with / is padding; the table says what must be in it."
    elif Mark.PAD_ZERO in marks:
        yield "What is hatched with / is padding, which reads as zero and must be written as zero."
    elif Mark.PAD_IGNORED in marks:
        yield "What is hatched with / is padding, which may have any value and is ignored."
    if Mark.ADDED in marks:
        yield "Dots are bytes that the compiler adds."
