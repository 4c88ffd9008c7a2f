"""The declarations of an interface as C has them: which there are, in which order, and where they go.

The room of what the header and its fragment have in common.  A declaration is lines of C and the prose of
its comment; how a comment looks is the templates' matter, how C spells a number that of
:mod:`uapigen.cspelling`, and what is said of an element that of :mod:`uapigen.cdoc`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from uapigen import cdoc
from uapigen.cfunctions import filled
from uapigen.cspelling import WIDTH, as_written, attributes, bits, defines, identifiers, member_lines
from uapigen.declared import numbers, owners
from uapigen.model import (
    Anchor,
    Constant,
    Element,
    Enumeration,
    Field,
    Interface,
    Ioctl,
    Machine,
    MemberRef,
    Place,
    Prose,
    RegionType,
    State,
    StatePart,
    Struct,
    Value,
)
from uapigen.record import Record

Values: TypeAlias = Enumeration | Machine
Declarable: TypeAlias = Constant | Values | RegionType | Struct | Ioctl


class Declaration(Record):
    """Lines of C, what is said of them, and the element that they are made of.

    ``tag`` is what kernel-doc documents, such as ``struct vfio_region_info``; empty for what it does not
    know: macros, and enums without a tag.  ``items`` are names with their own text: of macros,
    enumerators, members (``@outer.inner``).
    """

    element: Element
    place: Place
    tag: str
    doc: Prose
    items: tuple[tuple[str, Prose], ...]
    lines: tuple[str, ...]

    @property
    def brief(self) -> Prose:
        """The first paragraph, which kernel-doc has beside the tag."""
        return Prose(self.doc.paragraphs[0]) if self.doc else self.doc

    @property
    def description(self) -> Prose:
        """The other paragraphs, which kernel-doc has behind the members."""
        return Prose("\n\n".join(self.doc.paragraphs[1:]))

    @property
    def is_remark(self) -> bool:
        """Whether everything that is said fits between the marks of a comment in one line."""
        return not self.items and len(self.doc.paragraphs) == 1 and len(self.doc.text) <= _REMARK


_REMARK = WIDTH - len("/*  */")


def declarations(interface: Interface, *, alone: bool) -> tuple[Declaration, ...]:
    """Everything that the interface declares, in an order in which C takes it.

    ``alone``: for a header that does without the one that the interface goes into; what that one
    declares is then used by value.
    """
    own = frozenset(number.c_name for number in numbers(interface))
    context = _Context(interface, alone, own, _homes(interface))
    elements = dict.fromkeys(_in_order(interface))
    return tuple(
        declaration
        for element in elements
        if not context.lies_inside(element)
        for declaration in _declare(context, element)
    )


def includes(interface: Interface, *, alone: bool) -> tuple[str, ...]:
    """The headers that the declarations need besides the one that they go into."""
    used = {
        member.type.external
        for struct in owners(interface)
        for _, member, _ in struct.inside
        if isinstance(member, Field) and isinstance(member.type, Struct)
    }
    commands = interface.ioctls.commands if interface.ioctls else ()
    used |= {each.argument.external for each in commands if each.argument and each.direction != "none"}
    headers = {header for header in used if header}
    if not alone:
        return tuple(sorted(headers - {interface.header}))
    first = ("linux/types.h", "linux/ioctl.h") if commands else ("linux/types.h",)
    return (*first, *sorted(headers.difference(first)))


def code_license(interface: Interface) -> str:
    """The license of C that is no uAPI header: that of the header, without the note that only those have."""
    return re.sub(
        r"\(([\w.+-]+) +WITH +Linux-syscall-note\)|([\w.+-]+) +WITH +Linux-syscall-note",
        r"\1\2",
        interface.licenses.header,
    )


# --- the order ------------------------------------------------------------------------------------


def _in_order(interface: Interface) -> Iterator[Declarable]:
    """What is declared, in the order of use; what is used twice comes twice.

    How the regions are found, the numbers that stand alone, then each struct behind what its members
    take and before the ioctls that carry it.
    """
    if interface.region_type:
        yield interface.region_type
    commands = interface.ioctls.commands if interface.ioctls else ()
    used = {each for struct in owners(interface) for each in _uses(interface, struct)}
    alone: tuple[Constant | Values, ...] = (
        *interface.constants,
        *interface.enumerations,
        *interface.machines,
    )
    yield from (each for each in alone if each not in used)
    for struct in owners(interface):
        yield from _uses(interface, struct)
        yield struct
        yield from (command for command in commands if command.argument is struct)
    yield from commands


def _uses(interface: Interface, struct: Struct) -> Iterator[Constant | Values]:
    """The numbers that the members of a struct take or are counted by."""
    constants = {constant.name: constant for constant in interface.constants}
    machines = {machine.name: machine for machine in interface.machines}
    for _, member, _ in struct.inside:
        if not isinstance(member, Field):
            continue
        if member.array and member.array.spelling:
            yield constants[member.array.spelling]
        if member.enumeration:
            yield member.enumeration
        if member.machine:
            yield machines[member.machine]


def _homes(interface: Interface) -> dict[Element, MemberRef]:
    """The members beneath which values are written, by the values."""
    homes: dict[Element, MemberRef] = {}
    machines = {machine.name: machine for machine in interface.machines}
    for struct in interface.structs:
        for path, member, _ in struct.inside:
            if not isinstance(member, Field):
                continue
            for taken in (member.enumeration, machines.get(member.machine or "")):
                if taken and _is_inside(taken):
                    homes.setdefault(taken, MemberRef(struct, path, member))
    return homes


def _is_inside(values: Values) -> bool:
    place = values.place
    return place is not None and place.anchor is Anchor.INSIDE and values.form == "defines"


# --- the lines ------------------------------------------------------------------------------------


class _Context(Record):
    """``own`` are the macros that the interface declares, ``homes`` what :func:`_homes` gives."""

    interface: Interface
    alone: bool
    own: frozenset[str]
    homes: dict[Element, MemberRef]

    @property
    def known(self) -> frozenset[str] | None:
        """The macros that an expression may name, None for all."""
        return self.own if self.alone else None

    def lies_inside(self, element: Element) -> bool:
        """Whether an element is written as a part of a struct of the interface."""
        home = self.homes.get(element)
        return home is not None and not home.struct.external

    def place(self, element: Declarable) -> Place:
        """Where an element goes; ``INSIDE`` names the struct of the header and the member."""
        home = self.homes.get(element)
        if home:
            return Place(Anchor.INSIDE, f"{home.struct.keyword} {home.struct.name}.{home.path}")
        place = element.place
        return self.interface.place if place is None or place.anchor is Anchor.INSIDE else place

    def spelled(self, spelling: str | None, otherwise: str) -> str:
        """What a macro expands to: the spelling of the spec where every name in it is known."""
        if spelling is None:
            return otherwise
        return spelling if not self.alone or self.own.issuperset(identifiers(spelling)) else otherwise


def _declare(context: _Context, element: Declarable) -> Iterator[Declaration]:
    if isinstance(element, Struct):
        yield from _struct(context, element)
    elif isinstance(element, RegionType):
        yield from _region_type(context, element)
    elif isinstance(element, Ioctl):
        yield _macro(context, element, cdoc.ioctl(element), element.name, _ioctl(context, element))
    elif isinstance(element, Machine):
        yield _values(context, element)
    elif element.external:
        return
    elif isinstance(element, Enumeration):
        yield _values(context, element)
    else:
        text = context.spelled(element.spelling, as_written(element, element.value))
        yield _macro(context, element, cdoc.constant(element), element.name, text)


def _macro(context: _Context, element: Declarable, doc: Prose, name: str, text: str) -> Declaration:
    return Declaration(element, context.place(element), "", doc, (), defines([(name, text)]))


def _region_type(context: _Context, type_: RegionType) -> Iterator[Declaration]:
    place = context.place(type_)
    yield _macro(context, type_, cdoc.plain(type_), type_.name, as_written(type_, type_.value))
    yield Declaration(
        type_,
        place,
        "",
        cdoc.subtypes(type_),
        tuple((region.c_name, cdoc.region(region)) for region in type_.regions),
        defines([(region.c_name, as_written(region, region.value)) for region in type_.regions]),
    )


def _ioctl(context: _Context, command: Ioctl) -> str:
    ioctls = context.interface.ioctls
    assert ioctls
    type_, base = (_anchor(context, each) for each in (ioctls.type, ioctls.base))
    number = f"{base} + {command.number}" if base else str(command.number)
    macro = {"none": "_IO", "read": "_IOR", "write": "_IOW", "both": "_IOWR"}[command.direction]
    argument = command.argument
    size = f", {argument.keyword} {argument.name}" if argument and command.direction != "none" else ""
    return f"{macro}({type_}, {number}{size})"


def _anchor(context: _Context, anchor: Constant | None) -> str:
    """The type or the base of ioctl numbers: by name where the name is declared, else by value."""
    if anchor is None:
        return ""
    if anchor.name in context.own or (anchor.external and not context.alone):
        return anchor.name
    return as_written(anchor, anchor.value)


# --- values ---


def _group_doc(values: Values) -> Prose:
    return cdoc.machine(values) if isinstance(values, Machine) else cdoc.plain(values)


def _values(context: _Context, values: Values) -> Declaration:
    doc = _group_doc(values)
    docs = _value_docs(values)
    # kernel-doc asks for the doc of everything; what has not got that is no kernel-doc.
    complete = bool(doc) and len(docs) == len(_all_values(values))
    tag = f"enum {values.name}" if values.form == "enum" and complete else ""
    items = tuple((f"@{name}", text) for name, text in docs) if tag else docs
    if isinstance(values, Machine):
        items = (*items, *cdoc.combinations(values))
    return Declaration(values, context.place(values), tag, doc, items, _value_lines(context, values))


def _value_docs(values: Values) -> tuple[tuple[str, Prose], ...]:
    """The values of which something is said, by their C names."""
    if isinstance(values, Machine):
        documented = [(each.c_name, cdoc.state_part(values, each)) for each in values.numbers]
    else:
        documented = [(each.c_name, cdoc.plain(each)) for each in values.values]
    return tuple((name, doc) for name, doc in documented if doc)


def _all_values(values: Values) -> tuple[Value, ...] | tuple[StatePart, ...]:
    return values.values if isinstance(values, Enumeration) else values.numbers


def _value_lines(context: _Context, values: Values) -> tuple[str, ...]:
    if isinstance(values, Machine):
        macros = [(name, _state_number(context, values, each)) for name, each in values.c_names]
    else:
        macros = [(each.c_name, _number(context, each, bit=values.flags)) for each in values.values]
    if values.form == "defines":
        return defines(macros)
    opening = f"enum {values.name} {{" if values.form == "enum" else "enum {"
    return (opening, *(line for name, text in macros for line in _enumerator(name, text)), "};")


def _enumerator(name: str, text: str) -> Iterator[str]:
    """The lines of an enumerator, broken behind a ``|`` where they are too long."""
    *head, last = text.split(" | ")
    words = [*(f"{word} |" for word in head), f"{last},"]
    tabs, spaces = divmod(len(f"\t{name} = (".expandtabs()), 8)
    return filled(words, f"\t{name} = ", "\t" * tabs + " " * spaces)


def _state_number(context: _Context, machine: Machine, number: StatePart | State) -> str:
    """A combination and the mask by the names of what they are made of, a part by its number."""
    if isinstance(number, State) or number is machine.mask:
        known = {part.name: part for part in machine.parts}
        found = [known[name] for name in (number.parts if isinstance(number, State) else known)]
        names = [part.c_name for part in found if part.value]
        return f"({' | '.join(names)})" if names else "0"
    return _number(context, number, bit=number.kind == "modifier" or machine.encoding == "bits")


def _number(context: _Context, value: Value | StatePart, *, bit: bool) -> str:
    return context.spelled(value.spelling, bits(value.value) if bit else as_written(value, value.value))


# --- structs ---


def _struct(context: _Context, struct: Struct) -> Iterator[Declaration]:
    place = context.place(struct)
    if struct.capability:
        macro = (struct.capability.name, str(struct.capability.id))
        yield Declaration(struct, place, "", cdoc.capability(struct), (), defines([macro]))
    machines = {machine.name: machine for machine in context.interface.machines}
    inside = dict(_inside(context, struct, machines))
    docs = {path: tuple(_inside_docs(values)) for path, values in inside.items()}
    items = tuple(cdoc.members(context.interface, struct, docs))
    doc = cdoc.plain(struct)
    named = sum(1 for _, member, _ in struct.inside if member.name)
    complete = bool(doc) and sum(1 for label, _ in items if label.startswith("@")) == named
    tag = f"{struct.keyword} {struct.name}" if complete else ""
    yield Declaration(struct, place, tag, doc, items, tuple(_struct_lines(context, struct, inside)))


def _inside_docs(values: Values) -> Iterator[tuple[str, Prose]]:
    doc = _group_doc(values)
    if doc:
        yield f"{values.prefix}*", doc
    yield from _value_docs(values)
    if isinstance(values, Machine):
        yield from cdoc.combinations(values)


def _inside(context: _Context, struct: Struct, machines: dict[str, Machine]) -> Iterator[tuple[str, Values]]:
    """The values that are written beneath members of a struct, by the paths of these members."""
    for path, member, _ in struct.inside:
        if isinstance(member, Field):
            for taken in (member.enumeration, machines.get(member.machine or "")):
                home = context.homes.get(taken) if taken else None
                if taken and home and home.member is member:
                    yield path, taken


def _struct_lines(context: _Context, struct: Struct, inside: dict[str, Values]) -> Iterator[str]:
    beneath = {member: inside[path] for path, member, _ in struct.inside if path in inside}
    yield f"{struct.keyword} {struct.name} {{"
    for member, line in member_lines(struct.members, context.known):
        yield line
        if member in beneath:
            yield from _value_lines(context, beneath[member])
    yield f"}}{attributes(struct)};"
