"""How C spells numbers, macros and members.

The room of C's own rules for one line: suffixes, attributes, alignment by tabs.  Which declarations there
are, and in which order, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from uapigen import tree
from uapigen.model import Element, Field, Group, Member, Pad, ScalarType, Struct
from uapigen.scalartypes import pad_type

WIDTH = 80
TAB = 8

_INT_MAX = (1 << 31) - 1
_UINT_MAX = (1 << 32) - 1


def number(value: int, *, hexadecimal: bool = False) -> str:
    """A number as C90 and C++98 read it everywhere alike: what no ``int`` holds has a suffix.

    Without one, 2147483648 has another type on 32-bit ABIs than on 64-bit ones.
    """
    if value < 0:
        # -2147483648 is no constant of C but the negation of one that no int holds.
        suffix = "" if value >= -_INT_MAX - 1 else "LL"
        smallest = -value in (1 << 31, 1 << 63)
        return f"(-{-value - 1}{suffix} - 1)" if smallest else f"(-{-value}{suffix})"
    suffix = "" if value <= _INT_MAX else "U" if value <= _UINT_MAX else "ULL"
    return (f"0x{value:x}" if hexadecimal else str(value)) + suffix


def bits(value: int) -> str:
    """A set of bits: a shift where there is one, else hexadecimal."""
    if value.bit_count() != 1:
        return number(value, hexadecimal=value > 9)
    place = value.bit_length() - 1
    suffix = "" if place < 31 else "U" if place == 31 else "ULL"
    return f"(1{suffix} << {place})"


def as_written(element: Element, value: int) -> str:
    """A number in the base in which the spec has it."""
    node = element.origin.get("value")
    hexadecimal = isinstance(node, tree.Scalar) and node.text.lstrip("-").lower().startswith("0x")
    return number(value, hexadecimal=hexadecimal)


def identifiers(expression: str) -> tuple[str, ...]:
    """The names in a C expression."""
    return tuple(re.findall(r"\b[A-Za-z_]\w*", re.sub(r"'(?:\\.|[^'\\])+'", "0", expression)))


def defines(macros: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The lines that define macros, name and text, with the texts in one column.

    A text that is too long for a line is broken behind each ``|``.
    """
    heads = [f"#define {name}" for name, _ in macros]
    column = (max(map(len, heads), default=0) // TAB + 1) * TAB
    lines: list[str] = []
    for head, (_, text) in zip(heads, macros, strict=True):
        tabs = "\t" * -(-(column - len(head)) // TAB)
        operands = text.split(" | ") if column + len(text) > WIDTH else [text]
        inner = "\t" * (column // TAB) + " " * text.startswith("(")
        lines.append(" | \\\n".join([head + tabs + operands[0], *(inner + each for each in operands[1:])]))
    return tuple(lines)


def member_lines(
    members: Sequence[Member], known: Collection[str] | None, depth: int = 1
) -> Iterator[tuple[Member | None, str]]:
    """The lines that declare members, each with the member that it completes, None where it opens one.

    ``known`` are the macros that an array's length may name, None for all.
    """
    indent = "\t" * depth
    for member in members:
        if isinstance(member, Group):
            yield None, f"{indent}{'union' if member.union else 'struct'} {{"
            yield from member_lines(member.members, known, depth + 1)
            yield member, f"{indent}}} {member.name};" if member.name else f"{indent}}};"
        else:
            yield member, indent + (_pad(member) if isinstance(member, Pad) else _field(member, known))


def attributes(struct: Struct) -> str:
    """The attributes behind the closing brace of a struct, with a blank before them."""
    names = ["packed"] if struct.packed else []
    if struct.align:
        names.append(f"aligned({struct.align})")
    return f" __attribute__(({', '.join(names)}))" if names else ""


def _pad(pad: Pad) -> str:
    type_, count = pad_type(pad.size)
    return f"{type_} {pad.name};" if count == 1 else f"{type_} {pad.name}[{count}];"


def _field(field: Field, known: Collection[str] | None) -> str:
    type_ = field.type
    name = field.name
    if field.bits is not None:
        name += f" : {field.bits}"
    elif field.array:
        name += f"[{_length(field, known)}]"
    if isinstance(type_, Struct):
        return f"{type_.keyword} {type_.name} {name};"
    attribute = f" __attribute__((aligned({type_.size})))" if _needs_attribute(type_) else ""
    return f"{type_.c_name} {name}{attribute};"


def _needs_attribute(type_: ScalarType) -> bool:
    """Whether a type is aligned to 8 bytes everywhere, but the name that C has for it is not."""
    return type_.aligned and not type_.c_name.startswith("__aligned_")


def _length(field: Field, known: Collection[str] | None) -> str:
    array = field.array
    if array is None or array.flexible:
        return ""
    if array.spelling and (known is None or array.spelling in known):
        return array.spelling
    return str(array.count)
