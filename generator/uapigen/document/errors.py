"""The chapter on errors: everything that is refused, each condition once, with all places where it holds.

The room of gathering.  How a condition reads is the matter of :mod:`uapigen.sentences`, what a state
machine answers that of :mod:`uapigen.machine`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from uapigen.leaves import Leaf, leaves
from uapigen.machine import feature_sets, supports, verdict
from uapigen.model import (
    Access,
    Field,
    Group,
    Interface,
    Machine,
    Operation,
    Pad,
    Prose,
    Region,
    RegionAccess,
    Struct,
    Unknown,
    Verdict,
)
from uapigen.sentences import condition, not_listed
from uapigen.wording import listing


class Refusal(NamedTuple):
    """One condition under which something fails.

    ``when`` is a clause, ``more`` what is said of it besides, ``where`` an operation or words for a place.
    """

    errno: str
    when: str
    where: Operation | str
    more: Prose = Prose("")


class Errors(NamedTuple):
    """What user space gets one error for: each condition, with the places where it holds."""

    about: Prose
    items: tuple[Prose, ...]


def errors(interface: Interface) -> tuple[Errors, ...]:
    """What fails, one error after the other."""
    found: dict[str, dict[tuple[str, str], list[Operation | str]]] = {}
    for errno, when, where, more in _refusals(interface):
        places = found.setdefault(errno, {}).setdefault((when, more.text), [])
        if where not in places:
            places.append(where)
    return tuple(
        Errors(
            Prose(f"What is refused with {errno}, and where:"),
            tuple(_item(when, _places(places), more) for (when, more), places in conditions.items()),
        )
        for errno, conditions in found.items()
    )


def _item(when: str, where: str, more: str) -> Prose:
    """A condition, which the doc alone may tell."""
    return Prose(f"{when}: {where}" + f". {more}" * bool(more) if when else f"{where}: {more}")


def _places(places: list[Operation | str]) -> str:
    operations = [f"{each.number} ({each.name})" for each in places if isinstance(each, Operation)]
    others = [each for each in places if isinstance(each, str)]
    plural = "s" * (len(operations) > 1)
    return "; ".join([*others, *([f"operation{plural} {listing(operations, 'and')}"] if operations else [])])


def _refusals(interface: Interface) -> Iterator[Refusal]:
    for region in interface.region_type.regions if interface.region_type else ():
        if region.layout and region.access:
            yield from _of_access(interface, region, region.layout, region.access)
    for machine in interface.machines:
        if machine.set_by == "user":
            which = f" of {machine.name}" if len(interface.machines) > 1 else ""
            for when in _of_requests(machine):
                yield Refusal(machine.errno, when, f"request for a state{which}")
    for operation in interface.operations:
        for failure in operation.failures:
            yield Refusal(failure.errno, condition(failure), operation, failure.doc)


# --- accesses to a region -------------------------------------------------------------------------


def _of_access(
    interface: Interface, region: Region, layout: Struct, access: RegionAccess
) -> Iterator[Refusal]:
    members = leaves(interface, layout, next(iter(interface.layouts)))
    for when in (*_cuts(access, members), *_values(members)):
        yield Refusal(access.errno, when, f"access to region {region.name}")
    for path, member, _ in layout.inside:
        if isinstance(member, Group) and member.present:
            lacks = f"the device lacks {member.present.value.c_name}"
            yield Refusal(access.errno, lacks, f"write to {path}")


def _cuts(access: RegionAccess, members: tuple[Leaf, ...]) -> Iterator[str]:
    """The accesses that do not cover what they may."""
    sets = "".join(f" nor {listing((each.path for each in one), 'and')} together" for one in access.together)
    yield f"a write covers neither one member{sets}" if sets else "a write does not cover exactly one member"
    alone = (
        ", or covers write-only members alone" if any(leaf.access is Access.WO for leaf in members) else ""
    )
    yield f"a read does not cover whole members{alone}"


def _values(members: tuple[Leaf, ...]) -> Iterator[str]:
    """What cannot be written."""
    if any(leaf.access is Access.RO for leaf in members):
        yield "a read-only member is written"
    if any(isinstance(leaf.member, Pad) and leaf.member.policy == "zero" for leaf in members):
        yield "a reserved member is written with bytes that are not zero"
    for leaf in members:
        values = leaf.member.enumeration if isinstance(leaf.member, Field) else None
        if values and values.unknown is Unknown.REFUSED and leaf.access is not Access.RO:
            yield f"what is written to {leaf.path} {not_listed(values)}"


# --- requests for a state -------------------------------------------------------------------------


def _of_requests(machine: Machine) -> Iterator[str]:
    yield (
        f"what is written to {machine.field.path} is no state"
        if machine.field
        else "what is requested is no state"
    )
    for state in machine.states:
        if state.kind == "error":
            yield f"{state.name} is requested"
    if any(state.needs for state in machine.states):
        yield "the device lacks the requested state"
    if machine.same_state is Verdict.REFUSED:
        yield "the device is in the requested state already"
    if blocked := _blocked(machine):
        yield f"the request is {listing((f'{source} -> {target}' for source, target in blocked), 'or')}"
    if _stuck(machine):
        way = "transition" if machine.paths is None else "path"
        yield f"no {way} leads from the current state to the requested one"


def _stuck(machine: Machine) -> bool:
    """Whether a device can be in a state from which no way leads to another one that it has."""
    blocked = _blocked(machine)
    return any(
        verdict(machine, features, current, requested) is Verdict.REFUSED
        for features in feature_sets(machine)
        for current, requested in product([s for s in machine.states if supports(features, s)], repeat=2)
        if requested.kind != "error"
        and current is not requested
        and (current.name, requested.name) not in blocked
    )


def _blocked(machine: Machine) -> tuple[tuple[str, str], ...]:
    """The names of the states of the pairs that are refused in any case."""
    pairs = machine.paths.blocked if machine.paths else ()
    return tuple((pair.source.name, pair.target.name) for pair in pairs)
