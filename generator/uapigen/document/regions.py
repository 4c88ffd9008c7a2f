"""The chapters on regions and on who owns the data in them."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen import cdoc
from uapigen.document import Table
from uapigen.model import Interface, Prose, Protocol, Region, RegionType, Trigger
from uapigen.sentences import any_of, region_content, region_length, sentence
from uapigen.wording import listing

_OWNERS = {"user": "user space", "driver": "the driver"}
_EVENTS = {
    "next-action": "the next action of the same category",
    "reset": "a reset",
    "close": "the last close of the device",
}


def introduction(type_: RegionType) -> Prose:
    """How a region is found."""
    return Prose(
        f"A region is found by its type, {type_.name} ({type_.value}), and its subtype, "
        f"{type_.prefix}* with the name of the region for the asterisk."
    )


def overview(interface: Interface, type_: RegionType) -> Table:
    """All regions, one in a row."""
    return Table(
        ("Subtype", "Region", "Present", "mmap", "Length", "Holds"),
        tuple(
            (
                str(region.value),
                region.name,
                f"with {region.present.value.name}" if region.present else "always",
                "yes" if region.mappable else "no",
                region_length(interface, region),
                region_content(region),
            )
            for region in type_.regions
        ),
    ).compact()


def numbered(region: Region) -> Prose:
    """The number of a region under its C name, and when the region exists."""
    exists = (
        f"It exists exactly when {region.present.value.c_name} is set."
        if region.present
        else "Every device that has the interface has it."
    )
    was = f"Its former name is {region.was}." if region.was else ""
    return sentence(f"{region.c_name} is {region.value}.", exists, was)


def access(region: Region) -> Prose:
    """How reads and writes may cut a region; empty where nothing is said."""
    if region.access is None:
        return Prose("")
    sets = [listing((member.path for member in together), "and") for together in region.access.together]
    together = f", or {', or '.join(sets)} together" if sets else ""
    return Prose(
        f"A write covers exactly one member{together}; a read covers whole members. Everything else fails "
        f"with {region.access.errno}."
    )


def owners(protocol: Protocol) -> Prose:
    """Who may touch a buffer, and when."""
    before, during, after = (_OWNERS[who] for who in _phases(protocol))
    return Prose(
        f"Before the write that starts an action, the buffer belongs to {before}; from the entry to the "
        f"return of the write, to {during}; after that, to {after}:"
    )


def _phases(protocol: Protocol) -> tuple[str, str, str]:
    return protocol.before, protocol.during, protocol.after


def lifetime(protocol: Protocol) -> Prose:
    """What ends the validity of a buffer, and what a failure leaves in it."""
    return Prose(" ".join(_lifetime(protocol)))


def _lifetime(protocol: Protocol) -> Iterator[str]:
    if protocol.until:
        events = listing((_EVENTS[event] for event in protocol.until), "or")
        yield f"What the driver filled in stays as it is until {events}."
    left = "undefined" if protocol.on_failure == "undefined" else "as they were"
    yield f"An action that began and failed leaves the contents of the buffer {left}."


def triggers(protocol: Protocol) -> Table:
    """The writes that start an action."""
    return Table(
        ("Action", "Write", "The driver", "In states"),
        tuple(
            (
                trigger.name,
                _written(trigger),
                cdoc.plain(
                    trigger, f"{trigger.effect} {'from ' * (trigger.effect == 'loads')}{trigger.region.name}"
                ),
                any_of(trigger.states) if trigger.states else "all",
            )
            for trigger in protocol.triggers
        ),
    )


def categories(protocol: Protocol) -> tuple[Prose, ...]:
    """Which actions share the life of a buffer."""
    found: dict[str, list[str]] = {}
    for trigger in protocol.triggers:
        found.setdefault(trigger.category, []).append(trigger.name)
    return tuple(Prose(f"{category}: {listing(names, 'and')}") for category, names in found.items())


def _written(trigger: Trigger) -> str:
    what = trigger.value.name if trigger.value else "a value"
    return f"{what} to {trigger.field.path}"
