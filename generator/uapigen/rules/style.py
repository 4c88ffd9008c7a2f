"""Rules on how names are written: in which case, behind which prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from uapigen.declared import owners
from uapigen.diagnostics import Note, Severity
from uapigen.model import Element, Interface, Pad
from uapigen.rules.places import is_kept
from uapigen.rules.rule import Finding, rule
from uapigen.scopes import scopes
from uapigen.tree import Mapping


class _Printed(NamedTuple):
    """A piece of a name as the spec has it, under ``key`` of ``node``.

    ``kind``: ``macro`` (a whole one), ``prefix`` (of macros), ``part`` (what follows it), ``tag`` or
    ``member``.  ``elements`` are what may waive a finding, the named one last.
    """

    kind: str
    text: str
    node: Mapping
    key: str
    elements: tuple[Element, ...]

    def finding(self, message: str, help_: str) -> Finding:
        return Finding(message, self.node.where(self.key), help_, self.elements)


def _printed(interface: Interface) -> Iterator[_Printed]:
    """Every piece of a name that the interface declares itself."""
    yield from _global(interface)
    for struct in owners(interface):
        for _, member, elements in struct.inside:
            if "name" in member.origin:
                yield _Printed("member", member.name, member.origin, "name", elements)


def _global(interface: Interface) -> Iterator[_Printed]:
    """Those that all headers share one space for: macros, in pieces, and tags."""
    yield from _singles(interface)
    for prefix, node, whole, parts in _groups(interface):
        yield _Printed("prefix", prefix, node, "prefix", (whole,))
        for part in parts:
            yield _Printed("part", part.name, part.origin, "name", (whole, part))
    for struct in owners(interface):
        yield _Printed("tag", struct.name, struct.origin, struct.keyword, (struct,))
    for enumeration in interface.enumerations:
        if enumeration.form == "enum" and not enumeration.external:
            key = "flags" if enumeration.flags else "enum"
            yield _Printed("tag", enumeration.name, enumeration.origin, key, (enumeration,))
    for machine in interface.machines:
        if machine.form == "enum":
            yield _Printed("tag", machine.name, machine.origin, "states", (machine,))


def _singles(interface: Interface) -> Iterator[_Printed]:
    """Macros that are named one by one."""
    for constant in interface.constants:
        if not constant.external:
            yield _Printed("macro", constant.name, constant.origin, "name", (constant,))
    if interface.region_type:
        type_ = interface.region_type
        yield _Printed("macro", type_.name, type_.origin, "name", (type_,))
    for struct in owners(interface):
        node = struct.origin.get("capability")
        if struct.capability and isinstance(node, Mapping):
            yield _Printed("macro", struct.capability.name, node, "name", (struct,))
    for machine in interface.machines:
        for name, each in machine.c_names:
            if "c-name" in each.origin:
                yield _Printed("macro", name, each.origin, "c-name", (machine, each))
    for command in interface.ioctls.commands if interface.ioctls else ():
        yield _Printed("macro", command.name, command.origin, "name", (command,))


def _groups(interface: Interface) -> Iterator[tuple[str, Mapping, Element, tuple[Element, ...]]]:
    """Macros with a prefix: the prefix, where it is written, the whole, and its parts."""
    for enumeration in interface.enumerations:
        if not enumeration.external:
            yield enumeration.prefix, enumeration.origin, enumeration, enumeration.values
    section = interface.origin.get("regions")
    if interface.region_type and isinstance(section, Mapping):
        yield interface.region_type.prefix, section, interface.region_type, interface.region_type.regions
    for machine in interface.machines:
        prefixed = (each for each in machine.numbers if "c-name" not in each.origin)
        yield machine.prefix, machine.origin, machine, tuple(prefixed)


@rule(
    "name-case",
    severity=Severity.WARNING,
    why="""A reader tells a macro from a member by its case, in every header of the kernel
    (coding-style.rst, "Naming" and "Macros, Enums and RTL").""",
    bad="""
constants:
  - {name: Example_Size, value: 4, doc: bytes}
""",
    good="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, doc: bytes}
""",
    binds_existing=False,
)
def name_case(interface: Interface) -> Iterator[Finding]:
    """Macros and values are in upper case; tags and members are in lower case."""
    colliding = {element for element, _ in _collisions(interface)}
    for name in _printed(interface):
        upper = name.kind in {"macro", "prefix", "part"}
        if name.text == (name.text.upper() if upper else name.text.lower()) or name.elements[-1] in colliding:
            continue
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.text)
        yield name.finding(
            f"the {_WHAT[name.kind]} '{name.text}' is not in {'upper' if upper else 'lower'} case",
            f"write `{words.upper() if upper else words.lower()}`",
        )


_WHAT = {"macro": "macro", "prefix": "prefix", "part": "name", "tag": "tag", "member": "member"}


@rule(
    "name-in-two-cases",
    why="""Names that differ in the case of their letters alone are one name to whoever reads them aloud,
    and to languages and file systems that do not tell cases apart.""",
    bad="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, doc: bytes}
  - {name: Example_Size, value: 8, doc: bytes of the other}
""",
    good="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, doc: bytes}
  - {name: EXAMPLE_OTHER_SIZE, value: 8, doc: bytes of the other}
""",
    binds_existing=False,
)
def name_in_two_cases(interface: Interface) -> Iterator[Finding]:
    """No two names that are declared side by side differ in the case of letters only."""
    for element, other in _collisions(interface):
        yield Finding(
            f"'{element.name}' and '{other.name}' differ in the case of letters only",
            element.where("name"),
            "give one of them another name",
            (element, other),
            (Note("the other one is here", other.where("name")),),
        )


def _collisions(interface: Interface) -> Iterator[tuple[Element, Element]]:
    """Elements whose names differ in case only from those of earlier ones, with these."""
    for _, named in scopes(interface):
        seen: dict[str, tuple[str, Element]] = {}
        for name, element in named:
            first, other = seen.setdefault(name.casefold(), (name, element))
            if first != name:
                yield element, other


@rule(
    "name-prefix",
    severity=Severity.WARNING,
    why="""All headers that a program includes share one space of names: what has no prefix of its own
    collides with another header, or with the program, some day (linux/vfio.h declares VFIO_ and vfio_
    only).""",
    bad="""
constants:
  - {name: CHUNK_SIZE, value: 4096, doc: bytes of a chunk}
""",
    good="""
constants:
  - {name: EXAMPLE_CHUNK_SIZE, value: 4096, doc: bytes of a chunk}
""",
    binds_existing=False,
)
def name_prefix(interface: Interface) -> Iterator[Finding]:
    """Macros and tags begin with the first word of the name of the header or of the interface."""
    header = interface.header.rpartition("/")[2].removesuffix(".h")
    words = (re.split("[_-]", header)[0], interface.name.partition("-")[0])
    starts = tuple(f"{word}_" for word in dict.fromkeys(words) if word)
    if not starts:
        return
    for name in _global(interface):
        if name.kind == "part" or f"{name.text}_".lower().replace("-", "_").startswith(starts):
            continue
        start = starts[0] if name.kind == "tag" else starts[0].upper()
        yield name.finding(
            f"the {_WHAT[name.kind]} '{name.text}' does not begin with {_either(starts, name.kind)}",
            f"write `{start}{name.text}`",
        )


def _either(starts: Iterable[str], kind: str) -> str:
    return " or ".join(start if kind == "tag" else start.upper() for start in starts)


@rule(
    "repeated-prefix",
    why="""The prefix is put before each name: one that has it already gets it twice, in every
    program that uses it.""",
    bad="""
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    doc: What to do.
    values:
      - {name: EXAMPLE_ACTION_GET, value: 1, doc: Get data.}
""",
    good="""
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    doc: What to do.
    values:
      - {name: GET, value: 1, doc: Get data.}
""",
    binds_existing=False,
)
def repeated_prefix(interface: Interface) -> Iterator[Finding]:
    """The names of values, regions and states leave out their prefix."""
    for prefix, _, whole, parts in _groups(interface):
        for part in parts:
            rest = part.name.removeprefix(prefix)
            if rest and rest != part.name:
                yield Finding(
                    f"'{part.name}' has its prefix already: in C it is {prefix}{part.name}",
                    part.where("name"),
                    f"write `{rest}`",
                    (whole, part),
                )


@rule(
    "reserved-name",
    severity=Severity.WARNING,
    why="""Names that begin with two underscores, or with one and a capital, belong to the compiler and the C
    library (C99, 7.1.3).""",
    bad="""
structs:
  - struct: example
    doc: A struct.
    fields:
      - {name: __flags, type: u32, doc: flags}
""",
    good="""
structs:
  - struct: example
    doc: A struct.
    fields:
      - {name: flags, type: u32, doc: flags}
""",
    binds_existing=False,
)
def reserved_name(interface: Interface) -> Iterator[Finding]:
    """No name begins with two underscores, or with one and a capital; that of padding may."""
    for name in _printed(interface):
        if not name.text.startswith("_"):
            continue
        # What is kept for later is padding, or is reported for not being padding.
        kept = isinstance(name.elements[-1], Pad) or is_kept(name.text)
        if name.kind != "part" and not kept and _RESERVED.match(name.text):
            better = name.text.lstrip("_")
            yield name.finding(
                f"'{name.text}' is reserved for the compiler and the C library",
                f"write `{better}`" if better[:1].isalpha() else "begin it with a letter",
            )


_RESERVED = re.compile(r"__|_[A-Z]")
