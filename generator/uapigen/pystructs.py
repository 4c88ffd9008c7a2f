"""The structs of an interface as classes of ctypes.

The room of what ctypes can and cannot express.  ctypes aligns as the C compiler of the machine does, but
knows no ``aligned`` attribute before Python 3.13: a gap that such an alignment makes is written out as a
member.  How a class is printed is the templates' matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from uapigen import pynames
from uapigen.cdoc import plain
from uapigen.model import (
    Access,
    Endian,
    Field,
    Gap,
    Group,
    Interface,
    Layout,
    Member,
    Pad,
    Prose,
    ScalarType,
    Struct,
)
from uapigen.pynames import Names
from uapigen.scalartypes import pad_type

_ACCESS = {Access.RO: "read-only", Access.WO: "write-only", Access.RW: "read and write"}
_PADDING = {"zero": "reads as zero, must be written as zero", "ignored": "any value, ignored"}
_SWAPPED = {Endian.NATIVE: "", Endian.LITTLE: ".__ctype_le__", Endian.BIG: ".__ctype_be__"}

# Up to this alignment ctypes agrees with C wherever it is natural: on i386 no type has more by itself.
_NATURAL = 4

_PADS = {"__u8": "ctypes.c_uint8", "__u16": "ctypes.c_uint16", "__u32": "ctypes.c_uint32"}


class Attribute(NamedTuple):
    """A member as the user of a class sees it; ``type`` is what reading it gives."""

    name: str
    type: str
    doc: Prose


class Class(NamedTuple):
    """A class of ctypes.  ``settings`` are lines, ``fields`` the items of ``_fields_``, expressions."""

    name: str
    base: str
    doc: Prose
    classes: tuple[Class, ...]
    attributes: tuple[Attribute, ...]
    settings: tuple[str, ...]
    fields: tuple[str, ...]


def classes(interface: Interface, names: Names) -> tuple[Class, ...]:
    """A class for each struct, in an order in which Python takes them."""
    return tuple(_struct(interface, names, struct) for struct in interface.structs)


def _struct(interface: Interface, names: Names, struct: Struct) -> Class:
    writer = _Writer(names, _gaps(interface, struct))
    name = names.structs[struct.name]
    sizes = dict.fromkeys(layouts[struct.name].size for layouts in interface.layouts.values())
    size = f"{' or '.join(map(str, sizes))} bytes{'' if len(sizes) == 1 else ', as the ABI has it'}."
    doc = plain(struct, *([] if struct.doc else [f"{struct.keyword} {struct.name}."]))
    found = writer.write(struct, name, Prose(f"{doc.text}\n\n{size}"), "")
    if not struct.packed:
        return found
    # From Python 3.14 on, ctypes wants to be told that packing is that of the other compilers.
    return found._replace(settings=("_pack_ = 1", '_layout_ = "ms"', *found.settings))


def _gaps(interface: Interface, struct: Struct) -> dict[tuple[str, str], int]:
    """The bytes of each gap that ctypes does not make: by the path behind it and that of what it is in.

    Only gaps that are the same with and without natural alignment of 64 bits to 8 bytes: a struct
    with others is not what C has on i386, and ``check_layout`` of the bindings says so there.
    """
    whole, other = (interface.layouts[abi][struct.name] for abi in ("x86-64", "i386"))
    return {
        (gap.before, gap.inside): gap.size
        for gap in whole.gaps
        if gap in other.gaps and (struct.packed or struct.align or _align(other, gap) > _NATURAL)
    }


def _align(layout: Layout, gap: Gap) -> int:
    """The alignment that makes a gap: of the member behind it, or of what it is at the end of."""
    behind = gap.before or gap.inside
    return layout.find(behind).align if behind else layout.align


class _Writer:
    """Makes the class of one struct and of those inside it."""

    def __init__(self, names: Names, gaps: dict[tuple[str, str], int]) -> None:
        self._names = names
        self._gaps = gaps
        self._fillers = 0
        self._anonymous = 0

    def write(self, struct: Struct | Group, name: str, doc: Prose, prefix: str) -> Class:
        """``prefix`` is the path of the struct with a dot behind it, nothing for the outermost."""
        taken = pynames.ctypes_members(struct)
        inner: list[Class] = []
        attributes: list[Attribute] = []
        anonymous: list[str] = []
        fields: list[str] = []
        for member in struct.members:
            if member.name:
                fields += self._filler(f"{prefix}{member.name}", prefix)
            if not isinstance(member, Group):
                attributes.append(self._attribute(member))
                fields.append(self._field(member))
                continue
            self._anonymous += not member.name
            class_ = pynames.group_class(member, taken, self._anonymous)
            key = pynames.identifier(member.name) or pynames.anonymous_member(self._anonymous)
            fields.append(f'("{key}", {class_})')
            if member.name:
                inner.append(self.write(member, class_, self._doc(member), f"{prefix}{member.name}."))
                attributes.append(Attribute(key, class_, self._doc(member)))
            else:
                made = self.write(member, class_, self._doc(member), prefix)
                inner.append(made._replace(attributes=()))
                attributes += _promoted(made)
                anonymous.append(f'"{key}"')
        if isinstance(struct, Struct) or struct.name:
            fields += self._filler("", prefix)
        settings = (
            (f"_anonymous_ = ({', '.join(anonymous)}{',' * (len(anonymous) == 1)})",) if anonymous else ()
        )
        return Class(name, _base(struct), doc, tuple(inner), tuple(attributes), settings, tuple(fields))

    def _filler(self, before: str, prefix: str) -> list[str]:
        size = self._gaps.get((before, prefix.removesuffix(".")))
        if size is None:
            return []
        self._fillers += 1
        return [f'("_filler{self._fillers}", ctypes.c_uint8 * {size})']

    def _attribute(self, member: Field | Pad) -> Attribute:
        return Attribute(pynames.identifier(member.name), self._type(member), self._doc(member))

    def _type(self, member: Field | Pad) -> str:
        """What reading the attribute gives."""
        if isinstance(member, Pad):
            type_, count = pad_type(member.size)
            return "int" if count == 1 else f"ctypes.Array[{_PADS[type_]}]"
        if isinstance(member.type, ScalarType) and member.type.name == "char":
            return "bytes"
        element = self._element(member.type)
        if member.array:
            return f"ctypes.Array[{element}]"
        return element if isinstance(member.type, Struct) else "int"

    def _field(self, member: Field | Pad) -> str:
        """The item of ``_fields_``."""
        name = pynames.identifier(member.name)
        if isinstance(member, Pad):
            type_, count = pad_type(member.size)
            return f'("{name}", {_PADS[type_]}{f" * {count}" if count > 1 else ""})'
        type_ = self._element(member.type)
        if isinstance(member.type, ScalarType):
            type_ += _SWAPPED[member.type.endian]
        if member.array:
            spelling = member.array.spelling
            type_ += f" * {self._names.constants[spelling] if spelling else member.array.count}"
        return f'("{name}", {type_}{f", {member.bits}" if member.bits else ""})'

    def _element(self, type_: ScalarType | Struct) -> str:
        if isinstance(type_, Struct):
            return self._names.structs[type_.name]
        if type_.name == "char":
            return "ctypes.c_char"
        return f"ctypes.c_{'' if type_.signed else 'u'}int{8 * type_.size}"

    def _doc(self, member: Member) -> Prose:
        """The doc of a member with what a user of it has to know."""
        notes = ", ".join(self._notes(member))
        if not notes or not member.doc:
            return member.doc or Prose(notes)
        return Prose(f"{member.doc.text} ({notes})")

    def _notes(self, member: Member) -> Iterator[str]:
        if isinstance(member, Pad):
            yield _PADDING[member.policy]
        elif isinstance(member, Group):
            if member.present:
                yield f"only with {member.present.value.c_name}"
        else:
            if member.access:
                yield _ACCESS[member.access]
            for values in (member.enumeration.name if member.enumeration else None, member.machine):
                if values:
                    yield f"takes {self._names.classes[values]}"
            if member.array and member.array.flexible:
                yield f"{member.array.counted_by or 'as many'} elements follow"
            if member.pointer_to:
                yield f"address of {member.pointer_to}"


def _base(struct: Struct | Group) -> str:
    return "ctypes.Union" if struct.union else "ctypes.Structure"


def _promoted(class_: Class) -> list[Attribute]:
    """The attributes of an anonymous struct as attributes of the one that it is in."""
    nested = {each.name for each in class_.classes}
    return [
        each._replace(type=f"{class_.name}.{each.type}") if each.type.split(".")[0] in nested else each
        for each in class_.attributes
    ]
