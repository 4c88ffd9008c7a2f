"""Sizes and offsets on one ABI, from syntax trees alone.

The room of the second layout, which the model's must agree with: it shares the table of ABIs with
that one and nothing else.  Source: the psABI of each architecture as GCC implements it
(``stor-layout.c``).
"""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple, NoReturn

from uapigen.abi import Abi
from uapigen.creader.declarations import PACKED, UNTAGGED
from uapigen.creader.scalars import NAMED, Scalar, basic
from uapigen.creader.tokens import HeaderError
from uapigen.creader.values import Node, NotConstantError, Value, evaluate, fit, whole

_COUNT_UNNAMED_BIT_FIELDS = {"arm", "arm64"}
"""ABIs on which a bit field without a name counts for the alignment of its struct (AAPCS)."""

_PACK_BIT_FIELDS = {"m68k"}
"""ABIs on which the type of a bit field moves nothing (no PCC_BITFIELD_TYPE_MATTERS)."""

_EMPTY_FIELD_ALIGNMENT = 2
"""On those, the alignment of what follows a bit field of no bits (EMPTY_FIELD_BOUNDARY of m68k)."""


class DivergeError(Exception):
    """ABIs that align numbers alike may differ in what is asked of all of them."""


class Alike:
    """What the ABIs that align numbers as this one does have in common: that, and nothing else.

    Raises :class:`DivergeError` where anything else of an ABI is asked for.
    """

    def __init__(self, abi: Abi) -> None:
        self.align = abi.align
        self.max_alignment = abi.max_alignment

    def __getattr__(self, name: str) -> NoReturn:
        raise DivergeError(name)


class Member(NamedTuple):
    """Where a member lies, in bytes from the start of the struct.

    ``bit_offset`` counts from there too, in the order in which the ABI takes bits; ``size`` of a bit
    field is that of its type.  A flexible array has size 0.
    """

    path: str
    offset: int
    size: int
    bit_offset: int | None = None
    bits: int | None = None


class Layout(NamedTuple):
    """A struct or union: members in order, outer ones before those inside them."""

    size: int
    align: int
    members: tuple[Member, ...]


class Shape(NamedTuple):
    """A type.  ``signed`` is None for what is no integer; ``align`` is that inside a struct."""

    size: int
    align: int
    signed: bool | None = None
    tag: str = ""


class TypeAttributes(NamedTuple):
    """What attributes do to a type; the alignments are expressions."""

    packed: bool = False
    aligned: tuple[Node, ...] = ()


NO_ATTRIBUTES = TypeAttributes()


class Declared(NamedTuple):
    """The declaration of a struct, a union, an enum or another name of a type.

    ``before`` is the number of lines before the declaration that it stands in.
    """

    node: Node
    line: int
    attributes: TypeAttributes = NO_ATTRIBUTES
    before: int = 0

    def is_declared_as(self, other: Declared) -> bool:
        """Whether both stand for the very same declaration, parsed once."""
        return self.node is other.node and self.attributes == other.attributes


class Enumerator(NamedTuple):
    """A name of an enum: its value, or None where it is one more than that of ``after``."""

    node: Node | None
    line: int
    after: str | None


class Table:
    """Everything that a header declares, by name."""

    def __init__(self) -> None:
        self.records: dict[str, Declared] = {}
        self.typedefs: dict[str, Declared] = {}
        self.enumerators: dict[str, Enumerator] = {}
        self.enums: dict[str, Declared] = {}

    def types(self) -> Set[str]:
        """The names of all types that are known."""
        return NAMED.keys() | self.typedefs.keys()

    def lays_out_as(self, other: Table) -> bool:
        """Whether the two have the same declarations, so that all layouts are the same."""
        types = ((self.records, other.records), (self.typedefs, other.typedefs), (self.enums, other.enums))
        return (
            all(
                mine.keys() == theirs.keys()
                and all(one.is_declared_as(theirs[name]) for name, one in mine.items())
                for mine, theirs in types
            )
            and self.enumerators.keys() == other.enumerators.keys()
            and all(one.node is other.enumerators[name].node for name, one in self.enumerators.items())
        )


class Target:
    """The declarations on one ABI, or on all that are alike; what expressions are evaluated in.

    ``shared`` has a layout for each that is equal to it, and can be shared with other ABIs.  ``common``:
    the declarations on all ABIs like this one, where most structs are laid out once for all of these.
    """

    def __init__(
        self,
        abi: Abi | Alike,
        table: Table,
        shared: dict[Layout, Layout] | None = None,
        common: Target | None = None,
    ) -> None:
        self.abi = abi
        self.table = table
        self.layouts: dict[str, Layout | None] = {}
        self.shared = {} if shared is None else shared
        self.common = common
        self.values: dict[str, Value] = {}
        self.shapes: dict[tuple[str, ...], Shape] = {}

    # --- what expressions ask for -----------------------------------------------------------------

    @property
    def long_bits(self) -> int:
        """The width of ``long``."""
        return 8 * self.abi.pointer

    def named(self, name: str) -> Value:
        """The value of an enumerator.  Raises NotConstantError where there is none."""
        if name in self.values:
            return self.values[name]
        pending = []
        at: str | None = name
        while at is not None and at not in self.values:
            enumerator = self.table.enumerators.get(at)
            if enumerator is None:
                raise NotConstantError(f"nothing says what '{at}' is")
            pending.append((at, enumerator))
            at = None if enumerator.node is not None else enumerator.after
        for key, enumerator in reversed(pending):
            self.values[key] = self._enumerator(enumerator)
        return self.values[name]

    def _enumerator(self, enumerator: Enumerator) -> Value:
        if enumerator.node is not None:
            number = evaluate(enumerator.node, self).number
        else:
            number = self.values[enumerator.after].number + 1 if enumerator.after else 0
        for bits, signed in ((32, True), (32, False), (64, True)):
            if fit(number, bits, signed).number == number:
                return Value(number, bits, signed)
        return Value(number, 64, signed=False)

    def size(self, type_: Node) -> int:
        """The size of a type."""
        return self.shape(type_).size

    def cast(self, number: int, type_: Node) -> Value:
        """The number as a type has it."""
        shape = self.shape(type_)
        if shape.signed is None:
            raise NotConstantError("this is cast to something that is no integer")
        return fit(number, 8 * shape.size, shape.signed)

    def offset(self, type_: Node, path: str) -> int:
        """Where a member lies."""
        tag = self.shape(type_).tag
        members = self.record(tag).members if tag else ()
        for member in members:
            if member.path == path and member.bits is None:
                return member.offset
        raise NotConstantError(f"there is no member '{path}'")

    def ioctl(self, direction: int, type_: int, number: int, size: int) -> int:
        """An ioctl number, as ``asm/ioctl.h`` of the architecture puts it together."""
        write = self.abi.ioc_write if direction & 1 else 0
        read = self.abi.ioc_read if direction & 2 else 0
        bits = write | read or self.abi.ioc_none
        return bits << (16 + self.abi.ioc_size_bits) | size << 16 | type_ << 8 | number

    # --- types ------------------------------------------------------------------------------------

    def shape(self, node: Node) -> Shape:
        """Size and alignment of a type.  Raises NotConstantError or HeaderError."""
        kind = type(node).__name__
        if kind == "TypeDecl":
            node = node.type
            kind = type(node).__name__
        if kind == "IdentifierType":
            return self._identifier(tuple(node.names))
        if kind in {"Struct", "Union"}:
            layout = self.record(node.name)
            return Shape(layout.size, layout.align, None, node.name)
        if kind == "Enum":
            return self._enum(node)
        if kind == "PtrDecl":
            return Shape(self.abi.pointer, self.abi.align(self.abi.pointer))
        if kind == "ArrayDecl":
            element = self.shape(node.type)
            count = 0 if node.dim is None else evaluate(node.dim, self).number
            return Shape(element.size * count, element.align)
        raise NotConstantError("the size of this type is not known")

    def _identifier(self, names: tuple[str, ...]) -> Shape:
        if names not in self.shapes:
            self.shapes[names] = self._named_type(names)
        return self.shapes[names]

    def _named_type(self, names: tuple[str, ...]) -> Shape:
        scalar = basic(names)
        if scalar is None and len(names) == 1:
            if names[0] in self.table.typedefs:
                typedef = self.table.typedefs[names[0]]
                return self._raised(self.shape(typedef.node), typedef.attributes, typedef.line)
            scalar = NAMED.get(names[0])
        if scalar is None:
            raise NotConstantError(f"the type '{' '.join(names)}' is not known")
        return self._scalar(scalar)

    def _scalar(self, scalar: Scalar) -> Shape:
        size = scalar.size or self.abi.pointer
        return Shape(size, self.abi.align(size), scalar.signed)

    def _enum(self, node: Node) -> Shape:
        declared = self.table.enums[node.name].node if node.name in self.table.enums else node
        names = [item.name for item in enumerators(declared)]
        size = max((self.named(name).bits // 8 for name in names), default=4)
        negative = any(self.named(name).number < 0 for name in names)
        return Shape(size, self.abi.align(size), negative)

    def _raised(self, shape: Shape, attributes: TypeAttributes, line: int) -> Shape:
        """The type with the alignment that attributes of its name give it."""
        if not attributes.aligned:
            return shape
        return shape._replace(align=max(self._alignment(node, line) for node in attributes.aligned))

    def _alignment(self, node: Node, line: int) -> int:
        align = whole(node, self, line)
        if align <= 0 or align & (align - 1):
            raise HeaderError(f"an alignment of {align} is no power of two", line)
        return align

    # --- structs ----------------------------------------------------------------------------------

    def record(self, tag: str) -> Layout:
        """The layout of a struct or union.  Raises NotConstantError where it is not declared."""
        if tag in self.layouts:
            layout = self.layouts[tag]
            if layout is None:
                raise HeaderError(f"'{tag}' contains itself", self.table.records[tag].line)
            return layout
        if tag not in self.table.records:
            raise NotConstantError(f"'{tag}' is not declared in this text")
        self.layouts[tag] = None
        try:
            layout = self._in_common(tag) or self._lay_out(self.table.records[tag])
        except (NotConstantError, HeaderError, DivergeError):
            del self.layouts[tag]
            raise
        self.layouts[tag] = layout = self.shared.setdefault(layout, layout)
        return layout

    def _in_common(self, tag: str) -> Layout | None:
        """The layout that it has on all ABIs like this one, None where they may differ."""
        try:
            return self.common.record(tag) if self.common else None
        except DivergeError:
            return None

    def _lay_out(self, record: Declared) -> Layout:
        union = type(record.node).__name__ == "Union"
        place = _Place(self.abi, union=union, packed=record.attributes.packed)
        for node in record.attributes.aligned:
            place.align = max(place.align, self._alignment(node, record.line))
        members: list[Member] = []
        for declared in record.node.decls or ():
            if type(declared).__name__ == "Decl":
                line = record.before + (declared.coord.line if declared.coord else 1)
                members += self._member(declared, place, line)
        return Layout(-(-place.end // (8 * place.align)) * place.align, place.align, tuple(members))

    def _member(self, declared: Node, place: _Place, line: int) -> list[Member]:
        """The entries of one member; those of what lies in it follow, if that has no tag."""
        try:
            shape = self.shape(declared.type)
        except NotConstantError as error:
            raise HeaderError(str(error), line) from error
        packed, own = self._member_attributes(declared, line) if declared.align else (False, 0)
        name = declared.name or ""
        if declared.bitsize is not None:
            bits = whole(declared.bitsize, self, line)
            if shape.signed is None or not 0 <= bits <= 8 * shape.size:
                raise HeaderError(f"a bit field of {bits} bits does not fit its type", line)
            start = place.put_bits(shape, bits, bool(name), packed, own)
            return [Member(name, start // 8, shape.size, start, bits)] if name else []
        offset = place.put(shape, packed, own)
        entries = [Member(name, offset, shape.size)] if name else []
        if shape.tag.startswith(UNTAGGED):
            prefix = f"{name}." if name else ""
            entries += [_moved(inner, prefix, offset) for inner in self.record(shape.tag).members]
        return entries

    def _member_attributes(self, declared: Node, line: int) -> tuple[bool, int]:
        """Whether the member itself is packed, and the alignment that it itself asks for, or 0."""
        packed, own = False, 0
        for alignas in declared.align:
            if getattr(alignas.alignment, "name", "") == PACKED:
                packed = True
            else:
                own = max(own, self._alignment(alignas.alignment, line))
        return packed, own


class _Place:
    """Where the next member goes: ``end`` is in bits, ``align`` in bytes."""

    def __init__(self, abi: Abi | Alike, *, union: bool, packed: bool) -> None:
        self.abi = abi
        self.union = union
        self.packed = packed
        self.end = 0
        self.align = 1

    def put(self, shape: Shape, packed: bool, own: int) -> int:
        """Place a member; its offset in bytes."""
        align = max(1 if packed or self.packed else shape.align, own)
        start = 0 if self.union else _up(self.end, 8 * align)
        self._grow(start + 8 * shape.size, align)
        return start // 8

    def put_bits(self, shape: Shape, bits: int, named: bool, packed: bool, own: int) -> int:
        """Place a bit field; its offset in bits.

        Where its type matters, it may not touch more units of the type's alignment than the type has,
        and the type's alignment is the struct's too.  One of no bits ends a unit, packed or not.
        """
        typed = self.abi.name not in _PACK_BIT_FIELDS
        packed = (packed or self.packed) and bits > 0
        natural = 1 if packed else shape.align
        start = 0 if self.union else self.end
        align = max(own, self._whole_unit(start, bits, packed, own))
        if bits == 0:
            align = max(align, natural if typed else _EMPTY_FIELD_ALIGNMENT)
        start = _up(start, 8 * align or 1)
        if typed and not packed and not self.union and bits:
            unit = 8 * natural
            if _up(start % unit + bits, unit) // unit > 8 * shape.size // unit:
                start = _up(start, unit)
        if typed:
            counts = named or self.abi.name in _COUNT_UNNAMED_BIT_FIELDS
            align = max(align, natural) if counts else 1
        self._grow(start + bits, max(align, 1))
        return start

    def _whole_unit(self, start: int, bits: int, packed: bool, own: int) -> int:
        """The alignment of a bit field that is as wide as an integer and lies where one may, else 0."""
        size = bits // 8
        if bits not in {8, 16, 32, 64} or (packed and size > 1):
            return 0
        align = min(size, self.abi.max_alignment)
        if start % (8 * align):
            return 0
        return align if own else self.abi.align(size)

    def _grow(self, end: int, align: int) -> None:
        self.end = max(self.end, end)
        self.align = max(self.align, align)


def _up(bits: int, unit: int) -> int:
    return -(-bits // unit) * unit


def _moved(member: Member, prefix: str, offset: int) -> Member:
    start = None if member.bit_offset is None else member.bit_offset + 8 * offset
    return Member(prefix + member.path, member.offset + offset, member.size, start, member.bits)


def enumerators(node: Node) -> tuple[Node, ...]:
    """The enumerators that an enum has in its declaration."""
    return tuple(node.values.enumerators) if node.values else ()
