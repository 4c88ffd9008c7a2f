"""What lies between user space and the driver, and which way data goes through it.

The room of one question: who reads, writes, maps, fills and loads what.  It is answered from the accesses of
members, from triggers and from steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from uapigen.model import Field, Interface, Region, Struct
from uapigen.sentences import region_content, region_length

USER, DRIVER = "user space", "the driver"
"""The two ends, as drawings call them: no region and no struct has a name with a blank."""


class Way(NamedTuple):
    """Data that goes to a thing (``to``) or comes from it, or both ways (None)."""

    word: str
    to: bool | None


class Thing(NamedTuple):
    """A region, an ioctl, a struct, a stream: what ``user`` space and the ``driver`` do with it."""

    name: str
    texts: tuple[str, ...]
    user: tuple[Way, ...]
    driver: tuple[Way, ...]
    always: bool = True


_WRITE, _READ = Way("write", to=True), Way("read", to=False)
_MAP, _MAP_READ = Way("mmap", to=None), Way("mmap", to=False)
_ANSWER, _TAKE = Way("answer", to=True), Way("take", to=False)
_FILL, _LOAD = Way("fill", to=True), Way("load", to=False)


def things(interface: Interface) -> Iterator[Thing]:
    """Regions in the order of the spec, then ioctls, data streams, and structs that none of them carries."""
    type_ = interface.region_type
    carried = {region.layout for region in type_.regions} if type_ else set()
    if type_:
        yield from (_region(interface, region) for region in type_.regions)
    if interface.ioctls:
        for command in interface.ioctls.commands:
            carried.add(command.argument)
            argument = (f"{command.argument.keyword} {command.argument.name}",) if command.argument else ()
            yield Thing(command.name, (command.name, *argument), (Way("ioctl", None),), (_ANSWER,))
    yield from _streams(interface)
    inner = {
        member.type
        for struct in interface.structs
        for _, member, _ in struct.inside
        if isinstance(member, Field)
    }
    for struct in interface.structs:
        if not (struct in carried or struct in inner or struct.capability or struct.external):
            user, driver = _accesses(struct)
            name = f"{struct.keyword} {struct.name}"
            yield Thing(name, (name,), user, driver)


def _region(interface: Interface, region: Region) -> Thing:
    kind = f"type {interface.region_type.value}, " if interface.region_type else ""
    texts = (
        region.name,
        f"{kind}subtype {region.value}",
        region_content(region),
        region_length(interface, region),
        f"only with {region.present.value.name}" if region.present else "",
    )
    user, driver = _accesses(region.layout) if region.layout else _moves(interface, region)
    mapped = (_MAP if _WRITE in user else _MAP_READ,) if region.mappable else ()
    return Thing(
        region.name, tuple(filter(None, texts)), (*user, *mapped), driver, always=region.present is None
    )


def _accesses(struct: Struct) -> tuple[tuple[Way, ...], tuple[Way, ...]]:
    """What is done with the members of a struct; where nothing is said of one, both."""
    fields = [member for _, member, _ in struct.inside if isinstance(member, Field)]
    written = any(member.access is None or member.access.writable for member in fields)
    read = any(member.access is None or member.access.readable for member in fields)
    return _chosen(written, read, (_WRITE, _READ)), _chosen(written, read, (_TAKE, _ANSWER))


def _moves(interface: Interface, region: Region) -> tuple[tuple[Way, ...], tuple[Way, ...]]:
    """What is done with the data in a region; where nothing is said of it, user space may do both."""
    triggers = interface.protocol.triggers if interface.protocol else ()
    steps = [step for operation in interface.operations for step in operation.steps]
    verbs = {trigger.effect.removesuffix("s") for trigger in triggers if trigger.region is region}
    verbs |= {step.verb for step in steps if step.region is region and step.by == "driver"}
    loaded, filled = "load" in verbs, "fill" in verbs
    known = loaded or filled
    return (
        _chosen(loaded or not known, filled or not known, (_WRITE, _READ)),
        _chosen(loaded, filled, (_LOAD, _FILL)),
    )


def _chosen(first: bool, second: bool, ways: tuple[Way, Way]) -> tuple[Way, ...]:
    return tuple(way for way, taken in zip(ways, (first, second), strict=True) if taken)


def _streams(interface: Interface) -> Iterator[Thing]:
    """The data stream of each machine that has one."""
    for machine in interface.machines:
        users = {arc.user for arc in machine.arcs if arc.user}
        if users:
            user = _chosen("writes" in users, "reads" in users, (_WRITE, _READ))
            driver = _chosen("writes" in users, "reads" in users, (_LOAD, _FILL))
            texts = "data stream", f"of {machine.name}"
            yield Thing(" ".join(texts), texts, user, driver, always=False)
