"""Every element of an interface, with the one that it is in.

The one walk over all of them.  What an element says does not matter here.
"""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.model import Element, Interface, Machine


def elements(interface: Interface) -> Iterator[tuple[Element, Element | None]]:
    """Every element with the one that contains it, outer ones first; the interface itself has None."""
    yield interface, None
    for constant in interface.constants:
        yield constant, interface
    for enumeration in interface.enumerations:
        yield enumeration, interface
        yield from ((value, enumeration) for value in enumeration.values)
    for struct in interface.structs:
        yield struct, interface
        yield from ((member, around[-2]) for _, member, around in struct.inside)
    if interface.region_type:
        yield interface.region_type, interface
        yield from ((region, interface.region_type) for region in interface.region_type.regions)
    for machine in interface.machines:
        yield machine, interface
        yield from ((each, machine) for each in _of_machine(machine))
    for command in interface.ioctls.commands if interface.ioctls else ():
        yield command, interface
    for trigger in interface.protocol.triggers if interface.protocol else ():
        yield trigger, interface
    for element in (*interface.operations, *interface.topics):
        yield element, interface


def _of_machine(machine: Machine) -> Iterator[Element]:
    """States are elements of their own where they are combinations; elsewhere their parts are."""
    yield from machine.numbers
    if machine.encoding == "bits":
        yield from (*machine.states, *machine.invalid)
    yield from machine.arcs
