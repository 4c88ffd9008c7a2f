"""What the elements of a spec are called in Python.

The room of Python's own rules on names.  What a name stands for is not known here but to tell which
names share a scope.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Set
from typing import NamedTuple

from uapigen.declared import numbers
from uapigen.model import Enumeration, FlagRef, Group, Interface, Machine, Region, State, Struct, Value

SUBTYPES = "RegionSubtype"
"""The class of the subtypes of regions."""

SHADOWED_BYTES = "builtins.bytes"
"""How a class calls the type where it has a member of that name."""

_OWN = """
Any Arc Buffer Callable Client Failure Final Iterator Layout Literal Machine Mapping Member NamedTuple
Operand Operation Ownership Progress Protocol Region Sequence State Step Transport Trigger
BUFFERS LAYOUTS MACHINES OPERATIONS OWNERSHIP REGIONS TRIGGERS
annotations builtins check_layout contextlib ctypes enum errno functools migrate os sys int bytes
"""

_NO_MEMBER_OF_AN_ENUM = frozenset((*dir(int), "mro", "name", "value"))


class Names(NamedTuple):
    """The names of one interface, no two of a module alike.

    ``constants`` and ``structs`` are keyed by the name in C, ``classes`` by the name of the enumeration or
    the machine.
    """

    constants: Mapping[str, str]
    structs: Mapping[str, str]
    classes: Mapping[str, str]
    subtypes: str

    def value(self, enumeration: Enumeration, value: Value) -> str:
        """A value of an enumeration as an expression."""
        return f"{self.classes[enumeration.name]}.{enum_member(value.name)}"

    def flag(self, flag: FlagRef) -> str:
        """A flag as an expression."""
        return self.value(flag.enumeration, flag.value)

    def region(self, region: Region) -> str:
        """A region as an expression: its subtype."""
        return f"{self.subtypes}.{enum_member(region.name)}"

    def state(self, machine: Machine, state: State) -> str:
        """The number of a state as an expression of the parts that it has."""
        owner = self.classes[machine.name]
        return " | ".join(f"{owner}.{enum_member(part)}" for part in state.parts) or f"{owner}(0)"


def names_of(interface: Interface) -> Names:
    """The names of an interface.  C names stay as they are wherever Python takes them."""
    taken = set(_OWN.split())
    commands = interface.ioctls.commands if interface.ioctls else ()
    anchors = (interface.ioctls.type, interface.ioctls.base) if interface.ioctls else ()
    macros = dict.fromkeys(
        (
            *(number.c_name for number in numbers(interface, external=True)),
            *(anchor.name for anchor in anchors if anchor),
            *(command.name for command in commands),
        )
    )
    return Names(
        constants={name: unique(name, taken) for name in macros},
        structs={struct.name: unique(struct.name, taken) for struct in interface.structs},
        classes={
            each.name: unique(camel_case(each.name), taken)
            for each in (*interface.enumerations, *interface.machines)
        },
        subtypes=unique(SUBTYPES, taken),
    )


def identifier(name: str) -> str:
    """The name of a member of a struct."""
    return f"{name}_" if keyword.iskeyword(name) or name in ("builtins", "ctypes") else name


def path(dotted: str) -> str:
    """The path of a member, each part as Python takes it."""
    return ".".join(identifier(part) for part in dotted.split("."))


def enum_member(name: str) -> str:
    """The name of a value in its class: what the classes of :mod:`enum` keep for themselves is avoided."""
    name = re.sub(r"^__+", "_", name)
    if name[:1].isdigit():
        name = f"_{name}"
    private = name.startswith("_") and name.endswith("_")
    return f"{name}_0" if private else _avoiding(name, _NO_MEMBER_OF_AN_ENUM)


def camel_case(name: str) -> str:
    """``data_action`` as the name of a class, ``DataAction``."""
    joined = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return f"_{joined}" if joined[:1].isdigit() or not joined else joined


def group_class(group: Group, members: Set[str], number: int) -> str:
    """The class of a nested struct or union; ``number`` tells anonymous ones apart."""
    kind = "Union" if group.union else "Struct"
    return _avoiding(camel_case(group.name) if group.name else f"_{kind}{number}", members)


def anonymous_member(number: int) -> str:
    """The member that ctypes wants for a nested struct without a name."""
    return f"_anonymous{number}"


def ctypes_members(struct: Struct | Group) -> frozenset[str]:
    """The names that members of a struct have in its class, those of anonymous ones included."""
    found: set[str] = set()
    for member in struct.members:
        if isinstance(member, Group) and not member.name:
            found |= ctypes_members(member)
        else:
            found.add(identifier(member.name))
    return frozenset(found)


def word(words: str) -> str:
    """The words of a name as one: ``get device config`` is ``get_device_config``."""
    return re.sub("[ -]", "_", words)


def unique(name: str, taken: set[str]) -> str:
    """The name, with underscores behind it until it is free and no keyword; then it is taken."""
    found = _avoiding(name, taken)
    taken.add(found)
    return found


def _avoiding(name: str, taken: Set[str]) -> str:
    while name in taken or keyword.iskeyword(name):
        name = f"{name}_"
    return name
