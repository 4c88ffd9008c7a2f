"""The chapter on compatibility: what can change, and how both sides can tell.

The room of what other chapters say one element at a time: versions, values that are not listed, what flags
announce, reserved bytes, ages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from uapigen.document import Table
from uapigen.document.records import elements
from uapigen.model import Enumeration, Group, Interface, Machine, Pad, Prose, Unknown, Value
from uapigen.sentences import sentence
from uapigen.wording import listing


class Compatibility(NamedTuple):
    """The parts of the chapter; a part that there is nothing for is empty.

    ``unlisted`` is what becomes of other values than the listed ones, ``announced`` what exists with a
    flag only, ``ages`` since when there is something.
    """

    said: tuple[Prose, ...]
    unlisted: Table
    announced: Table
    reserved: tuple[Prose, ...]
    ages: Table

    def __bool__(self) -> bool:
        return bool(self.said or self.unlisted.rows or self.announced.rows or self.reserved or self.ages.rows)


def compatibility(interface: Interface) -> Compatibility:
    """What the spec says of changes to the interface."""
    return Compatibility(
        said=tuple(_said(interface)),
        unlisted=Table(("Values", "What becomes of others"), tuple(_unlisted(interface))),
        announced=Table(("Flag", "What exists only with it"), tuple(_announced(interface))),
        reserved=tuple(_reserved(interface)),
        ages=Table(("Element", "Since", "Deprecated since"), _ages(interface)).compact(),
    )


def _said(interface: Interface) -> Iterator[Prose]:
    if interface.existing:
        grows = "" if interface.deprecated else "; it can still grow"
        yield Prose(f"The interface exists: what is described here stays as it is{grows}.")
    for constant in interface.constants:
        if constant.version_policy:
            yield Prose(f"{constant.name} is {constant.value}. {constant.version_policy.text}")


# --- values that are not listed -------------------------------------------------------------------

_BECOMES = {
    Unknown.REFUSED: "other {what} are refused",
    Unknown.IGNORED: "other {what} are ignored",
    Unknown.PRESERVED: "other {what} are kept as they are",
}


def _unlisted(interface: Interface) -> Iterator[tuple[str, str]]:
    for enumeration in interface.enumerations:
        what = "bits" if enumeration.flags else "values"
        yield f"{enumeration.prefix}*", _BECOMES[enumeration.unknown].format(what=what)
    for machine in interface.machines:
        yield f"{machine.prefix}*", _of_states(machine)


def _of_states(machine: Machine) -> str:
    what = "bits" if machine.unknown is Unknown.PRESERVED else "values"
    error = f" with {machine.errno}" if machine.unknown is Unknown.REFUSED else ""
    return _BECOMES[machine.unknown].format(what=what) + error


# --- what flags announce --------------------------------------------------------------------------


def _announced(interface: Interface) -> Iterator[tuple[str, str]]:
    for enumeration in interface.enumerations:
        for value in enumeration.values:
            things = "; ".join(_with(interface, enumeration, value))
            if things:
                yield value.c_name, things


def _with(interface: Interface, enumeration: Enumeration, value: Value) -> Iterator[str]:
    """What exists only where a flag is set, one kind after the other."""
    regions = interface.region_type.regions if interface.region_type else ()
    yield from _several(
        "region", [each.name for each in regions if each.present and each.present.value is value]
    )
    for struct in interface.structs:
        for path, member, _ in struct.inside:
            if isinstance(member, Group) and member.present and member.present.value is value:
                yield f"{path} of {struct.keyword} {struct.name}"
    for machine in interface.machines:
        if machine.features is enumeration:
            yield from _several("state", [each.name for each in machine.states if value.name in each.needs])
    operations = [each for each in interface.operations if each.needs and each.needs.value is value]
    yield from _several("operation", [f"{each.number} ({each.name})" for each in operations])


def _several(what: str, names: list[str]) -> Iterator[str]:
    if names:
        yield f"{what}{'s' * (len(names) > 1)} {listing(names, 'and')}"


# --- reserved bytes -------------------------------------------------------------------------------


def _reserved(interface: Interface) -> Iterator[Prose]:
    for struct in interface.structs:
        found: dict[str, list[str]] = {}
        for path, member, _ in struct.inside:
            if isinstance(member, Pad):
                found.setdefault(member.meaning, []).append(path)
        for meaning, paths in found.items():
            yield sentence(f"{meaning}: {listing(paths, 'and')} of {struct.keyword} {struct.name}.")


# --- ages -----------------------------------------------------------------------------------------


def _ages(interface: Interface) -> tuple[tuple[str, str, str], ...]:
    """Nothing where the interface alone has an age, which the document begins with."""
    aged = [(name, each) for name, each in elements(interface) if each.since or each.deprecated]
    alone = all(each is interface for _, each in aged)
    return tuple((name, each.since or "", each.deprecated or "") for name, each in aged if not alone)
