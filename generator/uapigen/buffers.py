"""How a device is controlled: through which members data moves, and which states no region shows.

The room of what the elements of a spec say together: one member tells the size of data, one takes the
position of a chunk, two the range of a bitmap.  Programs that move data need to know, and no spec has to
say it twice.
"""

from __future__ import annotations

from typing import NamedTuple

from uapigen.model import Failure, Interface, Machine, Operation, Region


class Buffer(NamedTuple):
    """A region with the paths of the members that control it; empty where there is none.

    ``size`` tells and takes the bytes of the whole data, ``position`` takes where a chunk begins;
    ``start`` and ``pages`` take the range of a bitmap: an address and a number of pages.
    """

    region: Region
    size: str = ""
    position: str = ""
    start: str = ""
    pages: str = ""


def buffers(interface: Interface) -> tuple[Buffer, ...]:
    """The regions that data moves through, in the order of the regions."""
    regions = interface.region_type.regions if interface.region_type else ()
    return tuple(_buffer(interface, region) for region in regions if region.holds)


def machines_outside(interface: Interface) -> tuple[Machine, ...]:
    """The state machines whose state is in no region."""
    regions = interface.region_type.regions if interface.region_type else ()
    layouts = [region.layout.name for region in regions if region.layout]
    return tuple(
        machine
        for machine in interface.machines
        if machine.field is None or machine.field.struct.name not in layouts
    )


def machines_with_streams(interface: Interface) -> tuple[Machine, ...]:
    """The state machines with data streams: a request that opens one gives a file descriptor.

    A write to a region gives none.
    """
    return tuple(
        machine for machine in machines_outside(interface) if any(arc.stream for arc in machine.arcs)
    )


def _buffer(interface: Interface, region: Region) -> Buffer:
    moving = [each for each in interface.operations if _moves(each, region)]
    failures = [failure for operation in moving for failure in operation.failures]
    chunked = _find(failures, "at-or-above", "member")
    ranged = _find(failures, "overflows", "member")
    return Buffer(
        region,
        size=_other(chunked) or _size(interface, moving, region),
        position=_own(chunked),
        start=_other(ranged),
        pages=_own(ranged),
    )


def _moves(operation: Operation, region: Region) -> bool:
    return any(step.region is region for step in operation.steps)


def _find(failures: list[Failure], test: str, kind: str) -> Failure | None:
    for failure in failures:
        if failure.test == test and failure.operand and failure.operand.kind == kind:
            return failure
    return None


def _own(failure: Failure | None) -> str:
    return failure.field.path if failure and failure.field else ""


def _other(failure: Failure | None) -> str:
    operand = failure.operand if failure else None
    return operand.member.path if operand and operand.member else ""


def _size(interface: Interface, moving: list[Operation], region: Region) -> str:
    """The member that user space reads or writes as much of the region as."""
    paths = {path for struct in interface.structs for path, _, _ in struct.inside}
    lengths = (step.length for each in moving for step in each.steps if step.region is region)
    return next((length for length in lengths if length in paths), "")
