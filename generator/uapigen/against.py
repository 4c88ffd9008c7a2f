"""What a header has already: names and numbers that an interface cannot have beside it.

The room of collisions.  The header is read as an input of its own; nothing is written here.  Source of the
need: the review, R6 (a region type that two patches wanted).
"""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.abi import ABIS
from uapigen.creader import Header, HeaderError, read_header
from uapigen.declared import Number, name_place, numbers, tags
from uapigen.diagnostics import Diagnostic, Note
from uapigen.model import Element, Interface, Struct
from uapigen.source import Source


def collisions(interface: Interface, source: Source) -> Iterator[Diagnostic]:
    """Every name and number of the interface that the header has, with both places."""
    try:
        header = read_header(source.text)
        taken = header.constants(ABIS["x86-64"])
    except HeaderError as error:
        message = f"the header cannot be read: {error.message}"
        help_ = "name a header as the kernel installs it, such as linux/vfio.h"
        yield Diagnostic("header-unreadable", message, source.line(error.line), help=help_)
        return
    for name, element in _names(interface):
        if name in header.lines:
            yield Diagnostic(
                "name-taken",
                f"'{name}' is declared in {source.path} already",
                name_place(name, element),
                help=_EXISTS if interface.existing else "write another name",
                notes=(Note("it is declared here", source.line(header.lines[name])),),
            )
    for number in numbers(interface):
        yield from _taken(number, header, taken, source)


_EXISTS = "`existing: true` says that it is there: hold the interface against a header without it"


def _names(interface: Interface) -> Iterator[tuple[str, Element]]:
    yield from ((number.c_name, number.element) for number in numbers(interface))
    yield from ((name, element) for name, element in tags(interface) if not _is_external(element))
    if interface.ioctls:
        yield from ((command.name, command) for command in interface.ioctls.commands)


def _is_external(element: Element) -> bool:
    return getattr(element, "external", None) is not None


def _taken(number: Number, header: Header, taken: dict[str, int], source: Source) -> Iterator[Diagnostic]:
    """The names of the group that have the number already; a mask is no member of a group."""
    element = number.element
    declared = element.capability if isinstance(element, Struct) else element
    group = getattr(declared, "unique_among", None)
    if group is None:
        return
    members = {
        name: value
        for name, value in taken.items()
        if name.startswith(group.removesuffix("*")) and not name.endswith("_MASK") and name != number.c_name
    }
    for name, value in members.items():
        if value == number.value:
            free = next(each for each in range(1, len(members) + 2) if each not in members.values())
            yield Diagnostic(
                "number-taken",
                f"{number.value} is the number of '{name}' in {source.path}",
                element.where("capability" if isinstance(element, Struct) else "value"),
                help=f"the next free number among {group} is {free}",
                notes=(Note("it is taken here", source.line(header.lines[name])),),
            )
