"""The reference device: a driver in Python that the generated tests run against.

The room of what an interface asks of a driver: the templates hold the code for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from uapigen.buffers import machines_outside, machines_with_streams
from uapigen.escape import PYTHON
from uapigen.model import Interface, Prose
from uapigen.pynames import Names, names_of
from uapigen.pysource import import_line
from uapigen.registers import registers
from uapigen.render import Target, snake

_ABI = "x86-64"


def _context(interface: Interface) -> Mapping[str, Any]:
    names = names_of(interface)
    regions = interface.region_type.regions if interface.region_type else ()
    failures = [failure for operation in interface.operations for failure in operation.failures]
    holds = {region.holds for region in regions if region.holds}
    streams = machines_with_streams(interface)
    limits = {failure.operand.kind for failure in failures if failure.operand}
    parts = {
        "regions": regions,
        "holds": holds,
        "contents": " | ".join([*([names.subtypes] if holds else []), *(["str"] if streams else [])]),
        "machines": interface.machines,
        "outside": machines_outside(interface),
        "streams": streams,
        "registers": tuple(registers(interface, names)),
        "tests": {failure.test for failure in failures} - {"not-in"},
        "compared": limits & {"number", "member", "length", "bits", "page"},
        "limits": limits,
    }
    return {
        **parts,
        "names": names,
        "doc": _doc(interface),
        "class_doc": _class_doc(interface),
        "imports": tuple(_imports(interface, parts)),
        "names_used": _names_used(interface, names, parts),
    }


def _doc(interface: Interface) -> Prose:
    does = []
    if interface.region_type:
        does.append("It has the regions, and refuses the accesses that the interface refuses.")
    if interface.operations:
        does.append("It takes the driver's steps of the operations.")
    if interface.machines:
        does.append("It enters the states that a request leads to.")
    said = [
        f"A reference device for {interface.name}: a vendor driver in Python.",
        f"It follows the tables of {snake(interface.name)}. {' '.join(does)}",
    ]
    made_up = " ".join(_made_up(interface))
    if made_up:
        said.append(made_up)
    return Prose("\n\n".join(said))


def _made_up(interface: Interface) -> Iterator[str]:
    """What the device does where the interface does not say what a device does."""
    regions = interface.region_type.regions if interface.region_type else ()
    streams = machines_with_streams(interface)
    if streams or any(region.holds for region in regions):
        yield "What the interface leaves to the vendor is made up here:"
        yield "the contents of the data, and how they are encoded."
    if streams:
        yield "A data stream is a file in memory, from memfd_create(): that it is empty for the moment and"
        yield "that it ended look the same to who reads it. Where nothing was written to a stream, nothing is"
        yield "loaded."
    if interface.region_type and interface.operations:
        yield "Words for data that begin with `dirty` mean what changed while the device was in one of the"
        yield "states of the step. A step that needs a member or a region which the spec does not tell fails"
        yield "with EOPNOTSUPP."
    if any(region.layout and not region.access for region in regions):
        yield "Accesses of which nothing is said are refused with EINVAL where they cut a member or write one"
        yield "that is read-only."
    if interface.region_type:
        yield "A read-only member that nothing explains reads as zero."


def _class_doc(interface: Interface) -> Prose:
    said = "The device."
    if interface.region_type or interface.machines:
        said = f"The device, a `Transport` of {snake(interface.name)}."
        said += "\n\n`lacks` are the flags that it does not show."
    regions = interface.region_type.regions if interface.region_type else ()
    behind = ["the streams"] if machines_with_streams(interface) else []
    behind = ["the regions", *behind] if any(region.holds for region in regions) else behind
    if behind:
        lengths = "`lengths` are the bytes that regions have, and " if regions else ""
        said += f" {lengths}`contents` is the data behind {' and '.join(behind)}, where it is not the usual."
    elif regions:
        said += " `lengths` are the bytes that regions have, where it is not to be the usual."
    return Prose(said)


def _imports(interface: Interface, parts: Mapping[str, Any]) -> Iterator[str]:
    """The imports that the module has a use for."""
    regions, machines, operations = parts["regions"], parts["machines"], interface.operations
    streams = parts["streams"]
    modules = {
        "ctypes": regions,
        "enum": regions or machines,
        "errno": True,
        "fcntl": streams,
        "functools": regions,
        "itertools": regions and operations,
        "operator": regions,
        "os": streams,
        "struct": streams,
    }
    yield from (f"import {module}" for module, needed in modules.items() if needed)
    if regions or machines:
        yield f"from collections.abc import Iterable{', Mapping' if regions or streams else ''}"
    tables = operations or machines or parts["holds"] or parts["registers"]
    if regions and tables:
        yield f"from typing import Final{', NamedTuple' if operations else ''}"


def _names_used(interface: Interface, names: Names, parts: Mapping[str, Any]) -> str:
    """The import of the names that annotations use."""
    regions = bool(parts["regions"])
    operations = regions and bool(interface.operations)
    used = {
        "Buffer": regions and parts["holds"],
        "Failure": operations and parts["tests"],
        "Machine": parts["machines"],
        "Member": regions,
        "Operand": operations and parts["compared"],
        "Operation": operations,
        "Region": regions,
        names.subtypes: regions,
        "Step": operations,
    }
    found = sorted(name for name, needed in used.items() if needed)
    return import_line(snake(interface.name), found) if found else ""


TARGET = Target(
    name="device",
    help="reference device in Python, driven by the tables of the bindings",
    file="{name}_device.py",
    language=PYTHON,
    template="device/module.py.j2",
    context=_context,
)
