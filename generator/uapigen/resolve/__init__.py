"""From a tree of the right shape to the model: every name is bound to what it names.

The room of binding.  What cannot be bound is reported, all of a run; what depends on it is left out
without a word, so that no error is caused by another one.  Whether the result is good is not judged
here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import PurePath
from typing import NamedTuple

from uapigen import tree
from uapigen.diagnostics import Diagnostic, Note, in_order
from uapigen.findings import EnoughFoundError
from uapigen.model import (
    Constant,
    Element,
    Enumeration,
    Field,
    Group,
    Interface,
    Licenses,
    Machine,
    Pad,
    Region,
    State,
    StatePart,
    Struct,
    Value,
)
from uapigen.record import changed
from uapigen.resolve import operations, protocol, states, structs, values
from uapigen.resolve.reading import (
    Problems,
    Scope,
    common,
    flag,
    mapping,
    mappings,
    place,
    prose,
    text,
    word,
    words,
)
from uapigen.sound import Remains
from uapigen.source import Span


class Resolved(NamedTuple):
    """An interface, None where it is past all measure; the errors; where else something is not known."""

    interface: Interface | None
    problems: tuple[Diagnostic, ...]
    unknown: tuple[Span, ...]


def resolve(remains: Remains) -> Resolved:
    """The interface that a tree describes, without layouts.

    What names something that may be lost is left out without a word.
    """
    scope, interface = Scope(Problems(remains)), None
    with suppress(EnoughFoundError):
        interface = _interface(scope, remains.root)
    found = scope.problems.found
    if interface and found:
        found = list(_without_victims(interface, scope.problems, remains))
    return Resolved(interface, tuple(_each_once(found)), tuple(scope.problems.unknown))


_NAMED_BY: dict[type[Element], tuple[str, ...]] = {
    Constant: ("constant",),
    Enumeration: ("enum", "set of flags", "flag", "value"),
    Value: ("value", "flag"),
    Struct: ("struct", "type", "member"),
    Field: ("member",),
    Group: ("member",),
    Pad: ("member",),
    Region: ("region", "member"),
    Machine: ("state", "enum, flags or states"),
    StatePart: ("state", "bit"),
    State: ("state",),
}
"""What is sought, as messages have it, where the name of an element is."""


def _without_victims(interface: Interface, problems: Problems, remains: Remains) -> Iterator[Diagnostic]:
    """The errors but for names that one of two declarations of the same name may have been meant to have.

    The two are an error instead; where they have no victims, a rule reports them.
    """
    from uapigen.scopes import repeated

    # Members of a group whose name was left out seem to be those of the struct.
    twice = [
        each
        for each in repeated(interface)
        if not (remains.lost and isinstance(each.element, Field | Group | Pad))
    ]
    elements = {type(element) for each in twice for element in (each.element, each.first)}
    doubtful = tuple(what for element in elements for what in _NAMED_BY.get(element, ()))
    hidden = [each for each, what in problems.sought.items() if what.startswith(doubtful)]
    problems.unknown += [each.span for each in hidden if each.span]
    for each in twice if hidden else ():
        yield Diagnostic("duplicate-name", each.message, each.span, help=each.help, notes=each.notes)
    victims = {*hidden}
    yield from (each for each in problems.found if each not in victims)


_FURTHER = 3
"""Places at which a name is pointed at, besides the first one."""


def _each_once(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """A name that names nothing is one error, wherever it stands."""
    same: dict[tuple[str, str], list[Diagnostic]] = {}
    for each in in_order(found):
        same.setdefault((each.id, each.message), []).append(each)
    for first, *others in same.values():
        if others and first.id == "undefined-reference":
            further = (Note("it stands here, too", each.span) for each in others[:_FURTHER] if each.span)
            yield changed(first, notes=(*first.notes, *further))
        else:
            yield from (first, *others)


def _interface(scope: Scope, root: tree.Mapping) -> Interface:
    constants, enumerations = values.constants(root), values.enumerations(root)
    scope.constants = {found.name: found for found in constants}
    scope.enumerations = {found.name: found for found in enumerations}
    declared = structs.structs(scope, root)
    scope.structs = {found.name: found for found in declared}
    region_type = values.region_type(scope, root)
    regions: tuple[Region, ...] = region_type.regions if region_type else ()
    scope.regions = {region.name: region for region in regions}
    scope.member_homes = _member_homes(regions, declared)
    machines = states.machines(scope, root)
    scope.machines = {machine.name: machine for machine in machines}
    licenses = mapping(root, "licenses")
    return Interface(
        **common(root),
        # Each of these four is there, unless its absence was reported.
        name=text(root, "interface") or "",
        title=prose(root, "title"),
        header=text(root, "header") or "",
        file=_file_name(root),
        existing=flag(root, "existing"),
        licenses=_licenses(licenses) if licenses else Licenses(header="", bindings="", document=""),
        place=place(root) or values.AT_END,
        words=words(root, "words"),
        constants=constants,
        enumerations=enumerations,
        structs=declared,
        region_type=region_type,
        machines=machines,
        ioctls=values.ioctls(scope, root),
        protocol=protocol.protocol(scope, root),
        operations=tuple(operations.operation(scope, node) for node in mappings(root, "operations")),
        topics=protocol.topics(scope, root),
        decisions=protocol.decisions(root),
        review=prose(root, "review"),
    )


def _licenses(node: tree.Mapping) -> Licenses:
    return Licenses(
        header=word(node, "header"),
        bindings=text(node, "bindings") or "MIT",
        document=text(node, "document") or "GPL-2.0",
    )


def _file_name(root: tree.Mapping) -> str:
    """The spec's file name as outputs print it; a name that could end a comment is not printed."""
    name = PurePath(root.span.source.path).name
    return name if re.fullmatch(r"[A-Za-z0-9._+-]+", name) else f"{text(root, 'interface')}.yaml"


def _member_homes(regions: tuple[Region, ...], declared: tuple[Struct, ...]) -> tuple[Struct, ...]:
    """Where a path such as ``device_config.size`` is looked up: layouts of regions first."""
    layouts = [region.layout for region in regions if region.layout]
    return tuple(dict.fromkeys((*layouts, *declared)))
