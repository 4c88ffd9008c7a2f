"""Names that are declared side by side, and those that are declared twice.

The room of scopes.  That no name may be there twice is a rule; and where names are bound, one of two
declarations was meant to have another name, which others may speak of.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import count

from uapigen.declared import name_place, numbers, tags
from uapigen.diagnostics import Note
from uapigen.model import Element, Group, Interface, Member, Pad
from uapigen.record import Record
from uapigen.source import Span


class Repeated(Record):
    """An element with a name that ``first`` has already, and what is said of it."""

    name: str
    element: Element
    first: Element
    message: str
    help: str

    @property
    def span(self) -> Span:
        """The place of the name."""
        return name_place(self.name, self.element)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Where the name stands first."""
        return (Note("first declared here", name_place(self.name, self.first)),)


def repeated(interface: Interface) -> Iterator[Repeated]:
    """Every declaration of a name that stands beside an earlier one of this name."""
    for what, named in scopes(interface):
        yield from _twice(what, named)


def _twice(what: str, named: Iterable[tuple[str, Element]]) -> Iterator[Repeated]:
    seen: dict[str, Element] = {}
    twice = []
    for name, element in sorted(named, key=lambda pair: pair[1].where("name").start):
        first = seen.setdefault(name, element)
        if first is not element:
            twice.append((name, element, first))
    free = free_names(seen)
    for name, element, first in twice:
        message, help_ = f"{what} '{name}' is declared twice", "give one of them another name"
        if isinstance(element, Pad) and "name" not in element.origin:
            message = f"padding without a name is called '{name}', and there is one already"
            help_ = f"add a name: `pad: {element.size}, name: {next(free)}`"
        yield Repeated(name, element, first, message, help_)


def free_names(taken: Container[str]) -> Iterator[str]:
    """What padding can be called where these names are taken; "" is for that which needs no name."""
    if "reserved" not in taken:
        yield ""
    yield from (name for number in count(2) if (name := f"reserved{number}") not in taken)


def scopes(interface: Interface) -> Iterator[tuple[str, Iterable[tuple[str, Element]]]]:
    """The names that are declared side by side: what they are, and each with its element."""
    macros = [(number.c_name, number.element) for number in numbers(interface, external=True)]
    if interface.ioctls:
        macros += [(command.name, command) for command in interface.ioctls.commands]
    yield "the name", macros
    yield "the tag", tags(interface)
    # The bindings make classes of these, beside those of the structs.
    classes: list[tuple[str, Element]] = [(each.name, each) for each in interface.enumerations]
    yield "the name", (*classes, *((each.name, each) for each in interface.machines))
    for struct in interface.structs:
        yield "the member", scope(struct.members)
        for group in _scopes(struct.members):
            yield from (("the member", named) for named in _nested(group))
    for machine in interface.machines:
        # Other states have a number with their name each, which was judged with all numbers.
        if machine.encoding == "bits":
            yield "the state", ((state.name, state) for state in machine.states)
    yield "the operation", ((each.name, each) for each in interface.operations)
    if interface.protocol:
        yield "the action", ((each.name, each) for each in interface.protocol.triggers)


def _nested(group: Group) -> Iterator[Iterable[tuple[str, Element]]]:
    """The names in a group, and those in the groups in it that have names of their own."""
    yield scope(group.members)
    for inner in _scopes(group.members):
        yield from _nested(inner)


def _scopes(members: tuple[Member, ...]) -> Iterator[Group]:
    """The groups that have a name, and so names of their own."""
    for member in members:
        if isinstance(member, Group):
            yield from [member] if member.name else _scopes(member.members)


def scope(members: tuple[Member, ...]) -> Iterator[tuple[str, Member]]:
    """The names that share the scope of a struct or group: what is anonymous adds its members to it."""
    for member in members:
        if isinstance(member, Group) and not member.name:
            yield from scope(member.members)
        else:
            yield member.name, member
