"""Rules on names: what C, C++ and Python take, each once."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator

from uapigen.declared import numbers, tags
from uapigen.model import Element, Field, Interface
from uapigen.rules.rule import Finding, rule
from uapigen.scalartypes import SCALARS
from uapigen.scopes import repeated

_C = """
auto break case char const continue default do double else enum extern float for goto if inline int long
register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
asm typeof linux unix i386
"""
_CPP = """
alignas alignof and and_eq bitand bitor bool catch char8_t char16_t char32_t class compl concept consteval
constexpr constinit const_cast co_await co_return co_yield decltype delete dynamic_cast explicit export false
friend mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public
reinterpret_cast requires static_assert static_cast template this thread_local throw true try typeid typename
using virtual wchar_t xor xor_eq
"""
_LANGUAGES = {
    "C": frozenset(_C.split()),
    "C++": frozenset(_CPP.split()),
    "Python": frozenset((*keyword.kwlist, "None", "True", "False")),
}


def _members(interface: Interface) -> Iterator[tuple[str, Element, tuple[Element, ...]]]:
    for struct in interface.structs:
        for _, member, _ in struct.inside:
            if member.name:
                yield member.name, member, (struct, member)


def _all_names(interface: Interface) -> Iterator[tuple[str, Element, tuple[Element, ...]]]:
    """Every name that is printed as an identifier, with its element and what may waive a finding."""
    for number in numbers(interface):
        yield number.c_name, number.element, (number.element,)
    for tag, element in tags(interface):
        yield tag, element, (element,)
    yield from _members(interface)
    for enumeration in interface.enumerations:
        yield enumeration.name, enumeration, (enumeration,)
    for machine in interface.machines:
        yield machine.name, machine, (machine,)
        for part in machine.parts:
            yield part.name, part, (machine, part)
        if machine.encoding == "bits":
            yield from ((state.name, state, (machine, state)) for state in machine.states)
    if interface.ioctls:
        for command in interface.ioctls.commands:
            yield command.name, command, (command,)
        for anchor in (interface.ioctls.type, interface.ioctls.base):
            if anchor:
                yield anchor.name, anchor, (anchor,)


@rule(
    "bad-name",
    why="""The name is printed into C and Python as it is; an identifier starts with a letter or an
    underscore and goes on with letters, digits and underscores (C99, 6.4.2).""",
    bad="""
constants:
  - {name: EXAMPLE-SIZE, value: 4, doc: bytes}
""",
    good="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, doc: bytes}
""",
)
def bad_name(interface: Interface) -> Iterator[Finding]:
    """Every name is an identifier of C, in ASCII."""
    for name, element, elements in _all_names(interface):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            # Behind a prefix, the spec has a part of the name only.
            written = element.name if name.endswith(element.name) else name
            better = re.sub(r"[^A-Za-z0-9_]+", "_", written).strip("_")
            help_ = f"write `{better}`" if re.fullmatch(r"[A-Za-z_]\w*", better, re.ASCII) else None
            if isinstance(element, Field) and (array := _ARRAY.fullmatch(name)):
                help_ = f"write `name: {array[1]}, count: {array[2] or 'flexible'}`"
            yield Finding(
                f"'{name}' is no identifier of C",
                element.where("name"),
                help_ or "start with a letter; go on with letters, digits and underscores",
                elements,
            )


_ARRAY = re.compile(r"([A-Za-z_]\w*) ?\[ *(\w*) *\]", re.ASCII)
"""A name with the brackets of C behind it."""


@rule(
    "reserved-word",
    why="""A header is read by C and C++ and the bindings by Python; a member that is a keyword of one of
    them cannot be used there.""",
    bad="""
structs:
  - struct: example
    doc: A struct with a keyword.
    fields:
      - {name: class, type: u32, doc: class of the device}
""",
    good="""
structs:
  - struct: example
    doc: A struct without a keyword.
    fields:
      - {name: device_class, type: u32, doc: class of the device}
""",
)
def reserved_word(interface: Interface) -> Iterator[Finding]:
    """No name is a keyword of C, C++ or Python, a number type's or that of a module of Python's own."""
    module = interface.name.replace("-", "_")
    if keyword.iskeyword(module) or module in sys.stdlib_module_names:
        yield Finding(
            f"the bindings of '{interface.name}' would be the module {module}, which Python has already",
            interface.where("interface"),
            f"write another name, such as {interface.name}-device",
            (interface,),
        )
    for struct in interface.structs:
        if struct.name in SCALARS:
            yield Finding(
                f"'{struct.name}' is a number type of the language",
                struct.where(struct.keyword),
                "write another name: a member of this type could not be told from a number",
                (struct,),
            )
    for name, element, elements in _all_names(interface):
        languages = [language for language, words in _LANGUAGES.items() if name in words]
        if languages:
            yield Finding(
                f"'{name}' is a keyword of {' and '.join(languages)}",
                element.where("name"),
                f"write another name, such as `{name}_` or one that says more",
                elements,
            )


@rule(
    "duplicate-name",
    why="""The second declaration does not compile, or silently takes the place of the first.""",
    bad="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, doc: bytes}
  - {name: EXAMPLE_SIZE, value: 8, doc: bytes}
""",
    good="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, doc: bytes}
  - {name: EXAMPLE_COUNT, value: 8, doc: elements}
""",
)
def duplicate_name(interface: Interface) -> Iterator[Finding]:
    """A name is declared once: macros, tags, members of a struct, states, operations."""
    for found in repeated(interface):
        yield Finding(found.message, found.span, found.help, (found.element,), found.notes)
