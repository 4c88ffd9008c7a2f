"""What a header has already: names and numbers that an interface cannot have beside it.

The room of collisions.  The header is read as an input of its own; nothing is written here.  Source of the
need: the review, R6 (a region type that two patches wanted).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from uapigen.abi import ABIS, Abi
from uapigen.creader import Header, HeaderError, Layout, Macro, read_header
from uapigen.declared import Number, group_of, name_place, numbers, tags
from uapigen.diagnostics import Diagnostic, Note, SpecError
from uapigen.model import Element, Interface, Ioctl, RegionType, Struct
from uapigen.record import Record
from uapigen.source import Source, Span
from uapigen.splicing import blanked, find_pieces


def collisions(interface: Interface, source: Source) -> Iterator[Diagnostic]:
    """Every name and number of the interface that the header has, with both places.

    What `uapigen splice` has put there for this interface does not count.
    """
    try:
        pieces = [piece for piece in find_pieces(source) if piece.owner == interface.name]
        header = read_header(blanked(source.text, pieces))
        yield from taken(interface, source, header)
    except HeaderError as error:
        yield unreadable(source, error)
    except SpecError as error:
        yield from error.diagnostics


def unreadable(source: Source, error: HeaderError) -> Diagnostic:
    """What is said of a header that is none, or that hangs on what it does not say."""
    message = f"the header cannot be read: {error.message}"
    help_ = "name a header as the kernel installs it, such as linux/vfio.h"
    return Diagnostic("header-unreadable", message, source.line(error.line), help=help_)


def taken(interface: Interface, source: Source, header: Header) -> Iterator[Diagnostic]:
    """The same of a header that was read, without what is there for this interface.  Raises HeaderError."""
    values = header.constants(ABIS["x86-64"])
    for name, element in _names(interface):
        if name in header.lines:
            yield Diagnostic(
                "name-taken",
                f"'{name}' is declared in {source.path} already",
                name_place(name, element),
                help=_EXISTS if interface.existing else "write another name",
                notes=(Note("it is declared here", source.line(header.lines[name])),),
            )
    for group in _groups(interface, header, values):
        yield from group.clashes(source, header)


def changes(source: Source, before: Header, after: Header) -> Iterator[Diagnostic]:
    """Everything of a header that is not what it was, now that there is more in it: names, values, layouts.

    Conditions can hang on a name that was put in, and members be called like a macro.
    """
    changed: set[str] = {name for name in before.lines if name not in after.lines}
    different = {(abi.pointer, abi.align64, abi.max_alignment): abi for abi in ABIS.values()}
    for abi in different.values():
        values, now = before.constants(abi), after.constants(abi)
        changed.update(name for name in before.lines if values.get(name) != now.get(name))
        kept = (tag for tag in before.structs if tag in after.structs)
        changed.update(tag for tag in kept if _layout(before, tag, abi) != _layout(after, tag, abi))
    for name in changed:
        yield Diagnostic(
            "header-changed",
            f"'{name}' would not be what it is in {source.path}",
            source.line(before.lines[name]),
            help="a name of the interface means something here: give that another one",
        )


def _layout(header: Header, tag: str, abi: Abi) -> Layout | None:
    """The layout of a struct, None where it has members that another header declares."""
    try:
        return header.layout(tag, abi)
    except HeaderError:
        return None


_EXISTS = "`existing: true` says that it is there: hold the interface against a header without it"


def _names(interface: Interface) -> Iterator[tuple[str, Element]]:
    yield from ((number.c_name, number.element) for number in numbers(interface))
    yield from ((name, element) for name, element in tags(interface) if not _is_external(element))
    if interface.ioctls:
        yield from ((command.name, command) for command in interface.ioctls.commands)


def _is_external(element: Element) -> bool:
    return getattr(element, "external", None) is not None


# --- groups of numbers ----------------------------------------------------------------------------


class _Group(Record):
    """Numbers that are to be unique: those of the interface, and the members that a header has.

    The interface writes numbers that count from ``base``; all others are whole.
    """

    names: str
    own: tuple[Number, ...]
    members: Mapping[str, int]
    base: int = 0

    def clashes(self, source: Source, header: Header) -> Iterator[Diagnostic]:
        """Each number of the interface that a member with another name has."""
        for number in self.own:
            for name, value in self.members.items():
                if value == _unsigned(number.value) and name != number.c_name:
                    what = f"{value}, the base included," if self.base else f"{number.value}"
                    free = f"{self._free() - self.base}{', counted from the base' if self.base else ''}"
                    yield Diagnostic(
                        "number-taken",
                        f"{what} is the number of '{name}' in {source.path}",
                        _place(number.element),
                        help=f"the next free number among {self.names} is {free}",
                        notes=(Note("it is taken here", source.line(header.lines[name])),),
                    )

    def _free(self) -> int:
        """The first number from the least of the members on that nobody has."""
        known = {*self.members.values(), *(_unsigned(number.value) for number in self.own)}
        return next(number for number in count(min(self.members.values())) if number not in known)


def _groups(interface: Interface, header: Header, values: Mapping[str, int]) -> Iterator[_Group]:
    """The groups that the interface says its numbers belong to; a mask is a member of none."""
    own: dict[str, list[Number]] = {}
    for number in numbers(interface):
        group = group_of(number.element)
        if group:
            own.setdefault(group, []).append(number)
    type_ = interface.region_type
    if type_:
        own.setdefault(_subtypes(type_), []).extend(
            Number(each.c_name, each.value, each) for each in type_.regions
        )
    for group, mine in own.items():
        members = {name: _unsigned(value) for name, value in values.items() if _is_member(name, group)}
        yield _Group(group, tuple(mine), members)
    ioctls = interface.ioctls
    if ioctls and ioctls.unique_among:
        base = ioctls.base.value if ioctls.base else 0
        commands = (Number(each.name, base + each.number, each) for each in ioctls.commands)
        members = {
            name: value & _BYTE
            for name, value in values.items()
            if _is_member(name, ioctls.unique_among)
            and _is_ioctl(header.macros.get(name))
            and value >> 8 & _BYTE == ioctls.type.value
        }
        yield _Group(ioctls.unique_among, tuple(commands), members, base)


_BYTE = 0xFF
"""The number of an ioctl is in its lowest byte, and the type in the next one (asm-generic/ioctl.h)."""


def _subtypes(type_: RegionType) -> str:
    """The group of the subtypes of a type: a prefix that all types have goes on with the name of this one."""
    own = type_.name.rpartition("TYPE_")[2] if type_.prefix.endswith("SUBTYPE_") else ""
    return f"{type_.prefix}{own}*"


def _is_member(name: str, group: str) -> bool:
    return name.startswith(group.removesuffix("*")) and not name.endswith("_MASK")


def _is_ioctl(macro: Macro | None) -> bool:
    return macro is not None and macro.body[0].text in {"_IO", "_IOR", "_IOW", "_IOWR"}


def _unsigned(number: int) -> int:
    """The number as 32 bits hold it, where they do: `(1 << 31)` is negative in C."""
    return number & 0xFFFFFFFF if -(1 << 31) <= number < 0 else number


def _place(element: Element) -> Span:
    key = "capability" if isinstance(element, Struct) else "number" if isinstance(element, Ioctl) else "value"
    return element.where(key)
