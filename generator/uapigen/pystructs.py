"""The structs of an interface as classes of ctypes.

The room of what a class says: its members, their types and what is to be known of them.  How ctypes is
brought to put them where C does is told in :mod:`uapigen.pylayout`; how a class is printed is the
templates' matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple

from uapigen import pynames
from uapigen.cdoc import plain
from uapigen.model import (
    Access,
    Endian,
    Field,
    Group,
    Interface,
    Member,
    Pad,
    Placed,
    Prose,
    ScalarType,
    Struct,
)
from uapigen.pylayout import FORESEEN, Form, Pair, either
from uapigen.pynames import Names
from uapigen.scalartypes import pad_type

_ACCESS = {Access.RO: "read-only", Access.WO: "write-only", Access.RW: "read and write"}
_SWAPPED = {Endian.NATIVE: "", Endian.LITTLE: ".__ctype_le__", Endian.BIG: ".__ctype_be__"}
_PADS = {"__u8": "ctypes.c_uint8", "__u16": "ctypes.c_uint16", "__u32": "ctypes.c_uint32"}


class Attribute(NamedTuple):
    """A member as the user of a class sees it.

    ``type`` is what reading it gives; ``value`` the expression of the descriptor of a bit field.
    """

    name: str
    type: str
    doc: Prose
    value: str = ""


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
    aligns: dict[str, Pair] = {}
    return tuple(_struct(interface, names, aligns, struct) for struct in interface.structs)


def has_bits(class_: Class) -> bool:
    """Whether a class has bit fields, or one inside it."""
    return any(each.value for each in class_.attributes) or any(map(has_bits, class_.classes))


def has_shadowed_bytes(class_: Class) -> bool:
    """Whether a class has a member that is called as its own type is."""
    mine = any(each.type == pynames.SHADOWED_BYTES for each in class_.attributes)
    return mine or any(map(has_shadowed_bytes, class_.classes))


def _struct(interface: Interface, names: Names, aligns: dict[str, Pair], struct: Struct) -> Class:
    sizes = dict.fromkeys(layouts[struct.name].size for layouts in interface.layouts.values())
    size = f"{' or '.join(map(str, sizes))} bytes{'' if len(sizes) == 1 else ', as the ABI has it'}."
    doc = plain(struct, *([] if struct.doc else [f"{struct.keyword} {struct.name}."]))
    first, second = (interface.layouts[abi.name][struct.name] for abi in FORESEEN)
    places = zip(first.members, second.members, strict=True)
    writer = _Writer(names, aligns, places)
    form = Form(writer.numbers, struct.union, struct.packed)
    class_ = writer.write(
        struct, names.structs[struct.name], Prose(f"{doc.text}\n\n{size}"), form, _At((0, 0), (0, 0))
    )
    form.finish((first.size, second.size))
    aligns[struct.name] = form.align
    # From Python 3.14 on, ctypes wants to be told that packing is done as other compilers do.
    packing = ("_pack_ = 1", '_layout_ = "ms"') if struct.packed else ()
    return class_._replace(settings=(*packing, *class_.settings), fields=tuple(form.fields))


class _At(NamedTuple):
    """Where a class begins, from the start of the outermost one.

    ``reached`` is the begin of the class through which its bit fields are reached.
    """

    offset: Pair
    reached: Pair


class _Writer:
    """Makes the class of one struct and of those inside it.

    ``aligns`` are the alignments that ctypes gives to the classes made before; ``places`` goes along
    with the members, in the order of :attr:`uapigen.model.structs.Struct.inside`.
    """

    def __init__(
        self, names: Names, aligns: Mapping[str, Pair], places: Iterator[tuple[Placed, Placed]]
    ) -> None:
        self._names = names
        self._aligns = aligns
        self._places = places
        self._anonymous = 0
        self.numbers = count(1)

    def write(self, struct: Struct | Group, name: str, doc: Prose, form: Form, at: _At) -> Class:
        """The class, without the items of its ``_fields_``: these are collected in ``form``."""
        taken = pynames.ctypes_members(struct)
        inner: list[Class] = []
        attributes: list[Attribute] = []
        anonymous: list[str] = []
        for member in struct.members:
            first, second = next(self._places)
            offset = (first.offset - at.offset[0], second.offset - at.offset[1])
            size = (first.size, second.size)
            key = pynames.identifier(member.name)
            if isinstance(member, Group):
                if not member.name:
                    self._anonymous += 1
                    key = pynames.anonymous_member(self._anonymous)
                    anonymous.append(f'"{key}"')
                made, align = self._group(member, taken, (first, second), at)
                form.put(key, made.name, offset, size, align)
                inner.append(made if member.name else made._replace(attributes=()))
                attributes += [Attribute(key, made.name, made.doc)] if member.name else _promoted(made)
            elif isinstance(member, Field) and member.bits:
                bit = (first.bit_offset or 0, second.bit_offset or 0)
                reached = either((bit[0] - 8 * at.reached[0], bit[1] - 8 * at.reached[1]))
                signed = isinstance(member.type, ScalarType) and member.type.signed
                bits = f"_Bits({reached}, {member.bits}{', signed=True' if signed else ''})"
                attributes.append(Attribute(key, "int", self._doc(member), bits))
            else:
                form.put(key, self._field_type(member), offset, size, self._align(member))
                attributes.append(Attribute(key, self._read_type(member, taken), self._doc(member)))
        settings = (f"_anonymous_ = ({', '.join(anonymous)}{',' * (len(anonymous) == 1)})",)
        base = "ctypes.Union" if struct.union else "ctypes.Structure"
        return Class(
            name,
            base,
            doc,
            tuple(inner),
            tuple(attributes),
            settings if anonymous else (),
            tuple(form.fields),
        )

    def _group(
        self, group: Group, taken: frozenset[str], places: tuple[Placed, Placed], at: _At
    ) -> tuple[Class, Pair]:
        """The class of a nested struct, and the alignment that ctypes gives to it."""
        first, second = places
        form = Form(self.numbers, group.union, packed=False)
        name = pynames.group_class(group, taken, self._anonymous)
        offset = (first.offset, second.offset)
        inside = _At(offset, offset if group.name else at.reached)
        class_ = self.write(group, name, self._doc(group), form, inside)
        form.finish((first.size, second.size))
        return class_._replace(fields=tuple(form.fields)), form.align

    # --- types ---

    def _align(self, member: Field | Pad) -> Pair:
        """The alignment that ctypes gives to a member."""
        if isinstance(member, Pad):
            size = member.size if pad_type(member.size)[1] == 1 else 1
        elif isinstance(member.type, Struct):
            return self._aligns[member.type.name]
        else:
            size = member.type.size
        return (FORESEEN[0].align(size), FORESEEN[1].align(size))

    def _read_type(self, member: Field | Pad, taken: frozenset[str]) -> str:
        """What reading the attribute gives."""
        if isinstance(member, Pad):
            type_, count = pad_type(member.size)
            return "int" if count == 1 else f"ctypes.Array[{_PADS[type_]}]"
        if isinstance(member.type, ScalarType) and member.type.name == "char":
            return pynames.SHADOWED_BYTES if "bytes" in taken else "bytes"
        element = self._element(member.type)
        if member.array:
            return f"ctypes.Array[{element}]"
        return element if isinstance(member.type, Struct) else "int"

    def _field_type(self, member: Field | Pad) -> str:
        """The type of an item of ``_fields_``."""
        if isinstance(member, Pad):
            type_, count = pad_type(member.size)
            return _PADS[type_] if count == 1 else f"{_PADS[type_]} * {count}"
        type_ = self._element(member.type)
        if isinstance(member.type, ScalarType):
            type_ += _SWAPPED[member.type.endian]
        if member.array:
            spelling = member.array.spelling
            type_ += f" * {self._names.constants[spelling] if spelling else member.array.count}"
        return type_

    def _element(self, type_: ScalarType | Struct) -> str:
        if isinstance(type_, Struct):
            return self._names.structs[type_.name]
        if type_.name == "char":
            return "ctypes.c_char"
        return f"ctypes.c_{'' if type_.signed else 'u'}int{8 * type_.size}"

    # --- what is said ---

    def _doc(self, member: Member) -> Prose:
        """The doc of a member with what a user of it has to know."""
        notes = ", ".join(self._notes(member))
        if not notes or not member.doc:
            return member.doc or Prose(notes)
        return Prose(f"{member.doc.text} ({notes})")

    def _notes(self, member: Member) -> Iterator[str]:
        if isinstance(member, Pad):
            yield member.meaning
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


def _promoted(class_: Class) -> list[Attribute]:
    """The attributes of an anonymous struct as attributes of the one that it is in."""
    nested = {each.name for each in class_.classes}
    return [
        each._replace(type=f"{class_.name}.{each.type}") if each.type.split(".")[0] in nested else each
        for each in class_.attributes
    ]
