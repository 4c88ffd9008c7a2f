"""The generated tests: what the spec says, held against a device.

The room of what the tests have besides the tables of the bindings: numbers, the lines of the spec, walks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from uapigen import tree
from uapigen.buffers import buffers, machines_outside, machines_with_streams
from uapigen.declared import numbers
from uapigen.escape import PYTHON
from uapigen.leaves import leaves
from uapigen.machine import feature_sets, needed_features
from uapigen.model import Element, Interface, Machine, Prose, Region
from uapigen.pymigrate import calls
from uapigen.pynames import Names, names_of, path
from uapigen.pysource import Node, import_line, mapping, quoted, several, source, text
from uapigen.registers import registers
from uapigen.render import Target, snake
from uapigen.walks import pair_walks

_ABI = "x86-64"


class Number(NamedTuple):
    """A constant, as the bindings must have it."""

    name: str
    value: int


def _context(interface: Interface) -> Mapping[str, Any]:
    names = names_of(interface)
    found = {names.constants[each.c_name]: each.value for each in numbers(interface, external=True)}
    lines = {quoted(key): str(line) for key, line in _lines(interface, names)}
    return {
        "names": names,
        "doc": _doc(interface),
        "file": quoted(f"spec/{interface.file}"),
        "imports": tuple(_imports(interface)),
        "names_used": _names_used(interface, names),
        "lines": source(mapping(dict(lines)), "LINES = "),
        "constants": tuple(Number(name, value) for name, value in found.items()),
        "structs": interface.structs,
        "regions": interface.region_type,
        "registers": tuple(registers(interface, names)),
        "moves": buffers(interface),
        "machines": interface.machines,
        "outside": machines_outside(interface),
        "streams": machines_with_streams(interface),
        "lacking": source(
            mapping(dict(_lacking(interface, names))),
            "LACKING: Mapping[str, tuple[enum.IntFlag, ...]] = ",
        ),
        "walks": _walks(interface, names),
        "migration": calls(interface, names).migration,
    }


def _doc(interface: Interface) -> Prose:
    said = [f"Tests of {interface.name}: what the spec says, held against a device."]
    if interface.region_type or interface.machines:
        said.append(
            "The device is the reference device. To test another one, name a function: `pytest --device"
            " MODULE:FUNCTION`, or UAPIGEN_DEVICE=MODULE:FUNCTION in the environment. It is called with"
            " `lacks`, the flags that the device must not show, and gives a new device, not open yet, as a"
            f" `Transport` of {snake(interface.name)}. Where there is no such device it calls pytest.skip()."
        )
        if any(region.holds for region in _regions(interface)) or machines_with_streams(interface):
            said.append(
                "Two things are asked of a device that the spec need not say: its data changes when it is"
                " told to change it, and not by itself; and devices with the same data give the same bytes."
            )
        said.append("What the spec leaves open is not tested.")
    return Prose("\n\n".join(said))


def _regions(interface: Interface) -> tuple[Region, ...]:
    return interface.region_type.regions if interface.region_type else ()


def _imports(interface: Interface) -> Iterator[str]:
    regions, machines = bool(interface.region_type), bool(interface.machines)
    devices = regions or machines
    modules = {
        "contextlib": devices,
        "ctypes": bool(interface.structs) or regions,
        "enum": devices,
        "errno": devices,
        "importlib": devices,
        "os": devices,
        "sys": True,
    }
    yield from (f"import {module}" for module, needed in modules.items() if needed)
    abstract = {
        "Callable": True,
        "Collection": machines,
        "Iterable": devices,
        "Iterator": devices,
        "Mapping": True,
        "Sequence": regions,
    }
    yield f"from collections.abc import {', '.join(each for each in abstract if abstract[each])}"
    helpers = ["cache"] if machines_with_streams(interface) else []
    helpers += ["partial"] if buffers(interface) else []
    if helpers:
        yield f"from functools import {', '.join(helpers)}"
    if machines:
        permutations = ", permutations" if machines_with_streams(interface) else ""
        yield f"from itertools import pairwise{permutations}, product"
    yield "from pathlib import Path"
    yield f"from typing import {'Any, NamedTuple, ' if machines else ''}cast"
    yield ""
    yield "import pytest"


def _names_used(interface: Interface, names: Names) -> str:
    used = ["Transport"] if interface.region_type or interface.machines else []
    used += ["Arc", "Machine"] if interface.machines else []
    used += ["Member", "Region"] if interface.region_type else []
    used += ["Failure"] if interface.operations else []
    used += ["Operation"] if interface.operations or buffers(interface) else []
    used += ["Buffer", names.subtypes] if buffers(interface) else []
    used += ["Step"] if interface.operations and buffers(interface) else []
    used += ["Operand"] if buffers(interface) and interface.operations and interface.machines else []
    return import_line(snake(interface.name), sorted(used)) if used else ""


def _lines(interface: Interface, names: Names) -> Iterator[tuple[str, int]]:
    """The lines of the spec, by what the tests call the elements."""
    for number in numbers(interface, external=True):
        yield names.constants[number.c_name], _line(number.element)
    for struct in interface.structs:
        yield names.structs[struct.name], _line(struct)
    for region in _regions(interface):
        yield region.name, _line(region)
        for leaf in leaves(interface, region.layout, _ABI) if region.layout else ():
            yield path(leaf.path), _line(leaf.member)
    for machine in interface.machines:
        yield f"states {machine.name}", _line(machine)
        for key in ("initial", "reset", "close"):
            yield f"{key} of states {machine.name}", _line(machine, key)
        yield from ((f"state {state.name}", _line(state)) for state in machine.states)
        yield from ((arc.name, _line(arc)) for arc in machine.arcs)
        if machine.paths:
            yield f"paths {machine.name}", _line(machine, "paths")
            for pair in machine.paths.blocked:
                yield f"{pair.source.name} -> {pair.target.name}", _line(pair.origin)
    for operation in interface.operations:
        yield f"operation {operation.name}", _line(operation)
        for place, failure in enumerate(operation.failures, 1):
            yield f"failure {place} of {operation.name}", _line(failure.origin)


def _line(said: Element | tree.Mapping, key: str | None = None) -> int:
    return said.where(key).position().line


def _lacking(interface: Interface, names: Names) -> Iterator[tuple[str, Node]]:
    """The flags that announce something: each alone, and all."""
    flags: dict[str, str] = {}
    for region in _regions(interface):
        shown = [leaf.present for leaf in leaves(interface, region.layout, _ABI)] if region.layout else []
        for flag in (region.present, *shown):
            if flag:
                flags.setdefault(f"spec.{names.flag(flag)}", flag.value.name)
    for machine in interface.machines:
        for name in needed_features(machine):
            flags.setdefault(_features(machine, frozenset([name]), names), name)
    for expression, name in flags.items():
        yield quoted(f"no {name}"), several([expression])
    if len(flags) > 1:
        yield quoted("none of them"), several(flags)


def _walks(interface: Interface, names: Names) -> str:
    """The walks of every machine, as names of states, by the features of a device."""
    return source(
        mapping(
            {
                quoted(machine.name): mapping(
                    {
                        _features(machine, features, names): several(
                            text(Prose(" ".join(state.name for state in walk)))
                            for walk in pair_walks(machine, features)
                        )
                        for features in feature_sets(machine)
                    }
                )
                for machine in interface.machines
            }
        ),
        "WALKS: Mapping[str, Mapping[int, tuple[str, ...]]] = ",
    )


def _features(machine: Machine, features: frozenset[str], names: Names) -> str:
    """A set of features, as an expression."""
    flags = machine.features
    values = [value for value in flags.values if value.name in features] if flags else []
    return " | ".join(f"spec.{names.value(flags, value)}" for value in values if flags) or "0"


TARGET = Target(
    name="tests",
    help="tests of a device (pytest), against the reference device or another one",
    file="test_{name}.py",
    language=PYTHON,
    template="tests/module.py.j2",
    context=_context,
)
