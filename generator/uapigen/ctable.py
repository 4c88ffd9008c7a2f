"""State machines as C has them: names, expressions of macros, and what becomes of each request, as numbers.

The room of turning states and features into C.  What becomes of a request is decided in
:mod:`uapigen.machine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple, TypeAlias

from uapigen.answers import meanings
from uapigen.machine import all_feature_sets, needed_features, next_state, verdict
from uapigen.model import Arc, Field, Interface, Machine, ScalarType, State, Unknown, Verdict
from uapigen.record import Record
from uapigen.render import snake

REFUSED = -1
OPEN = -2
"""What the rows have instead of the index of a state."""

Rows: TypeAlias = tuple[tuple[int, ...], ...]
"""A row for each state, in it for each requested one the index of the state after one step."""


STREAM = {"opens": 1, "closes": 2, "continues": 4}
"""The flags of what a step does to the data stream."""


class Merged(NamedTuple):
    """A step that stands for several transitions, past states that the device lacks."""

    source: str
    target: str
    arcs: tuple[Arc, ...]


class FeatureSet(NamedTuple):
    """Features that a device has, by their C names, and what it answers.

    ``streams`` has a row for each state, in it for each next one the flags of what the step between them
    does to the data stream, ``REFUSED`` where the device takes no such step.
    """

    flags: tuple[str, ...]
    rows: Rows
    streams: Rows
    merged: tuple[Merged, ...]


class CState(NamedTuple):
    """A state: the C names whose values make its number, and the flags of the features that it needs."""

    name: str
    parts: tuple[str, ...]
    needs: tuple[str, ...]
    is_error: bool


class Table(Record):
    """A machine in C.

    ``prefix`` is what its functions begin with, ``type`` the type of a state.  ``flags`` are the features
    that a state needs, ``sets`` every set of them; without flags there is one set.  ``kept`` are the names
    of the bits that states are made of where others are kept as they are written, else empty.  ``open``
    is the error that a function returns for what is unspecified, None where nothing is.  ``steps`` is the
    greatest number of steps that a request takes.
    """

    machine: Machine
    prefix: str
    type: str
    states: tuple[CState, ...]
    flags: tuple[str, ...]
    sets: tuple[FeatureSet, ...]
    kept: tuple[str, ...]
    open: str | None
    steps: int


def tables(interface: Interface) -> tuple[Table, ...]:
    """The machines of an interface."""
    alone = len(interface.machines) == 1
    prefix = snake(interface.name)
    return tuple(
        _table(machine, prefix if alone else f"{prefix}_{machine.name}") for machine in interface.machines
    )


def _table(machine: Machine, prefix: str) -> Table:
    names = {part.name: part.c_name for part in machine.parts}
    features = needed_features(machine)
    sets = tuple(
        _feature_set(machine, _flags(machine, features, having), having)
        for having in all_feature_sets(machine)
        if _is_whole(machine, features, having)
    )
    answers = {answer for each in sets for row in each.rows for answer in row}
    return Table(
        machine=machine,
        prefix=prefix,
        type=_type(machine),
        states=tuple(
            CState(
                state.name,
                (state.c_name,) if state.c_name else tuple(names[part] for part in state.parts),
                _flags(machine, features, state.needs),
                state.kind == "error",
            )
            for state in machine.states
        ),
        flags=_flags(machine, features, features),
        sets=sets,
        kept=_bits(machine) if machine.unknown is Unknown.PRESERVED else (),
        open=_open_errno(machine) if OPEN in answers else None,
        steps=max(_most_steps(each.rows) for each in sets),
    )


def _feature_set(machine: Machine, flags: tuple[str, ...], having: frozenset[str]) -> FeatureSet:
    steps = meanings(machine, having)
    names = [state.name for state in machine.states]
    return FeatureSet(
        flags,
        _rows(machine, having),
        tuple(tuple(_stream(steps.get((one, other))) for other in names) for one in names),
        tuple(Merged(*ends, arcs) for ends, arcs in steps.items() if len(arcs) > 1),
    )


def _stream(arcs: tuple[Arc, ...] | None) -> int:
    """What the transitions of a step do to the data stream, all of them together."""
    return REFUSED if arcs is None else reduce(or_, (STREAM[arc.stream] for arc in arcs if arc.stream), 0)


def _bits(machine: Machine) -> tuple[str, ...]:
    """The bits that states are made of, under one name where they have one."""
    if machine.mask:
        return (machine.mask.c_name,)
    return tuple(part.c_name for part in machine.parts if part.value)


def _is_whole(machine: Machine, features: Iterable[str], having: frozenset[str]) -> bool:
    """Whether the bits of these features make no other one: two flags of an old interface may share bits."""
    if machine.features is None:
        return True
    values = {value.name: value.value for value in machine.features.values}
    bits = reduce(or_, (values[name] for name in having), 0)
    return all(name in having or values[name] & ~bits for name in features)


def _flags(machine: Machine, features: Iterable[str], having: Iterable[str]) -> tuple[str, ...]:
    """The C names of those features that are had, in the order of the flags."""
    had = frozenset(having)
    flags = (machine.features.value(name) for name in features if name in had) if machine.features else ()
    return tuple(flag.c_name for flag in flags if flag)


def _rows(machine: Machine, features: frozenset[str]) -> Rows:
    index = {state.name: place for place, state in enumerate(machine.states)}

    def answer(current: State, requested: State) -> int:
        after = next_state(machine, features, current, requested)
        if after:
            return index[after.name]
        left_open = verdict(machine, features, current, requested) is Verdict.UNSPECIFIED
        return OPEN if left_open else REFUSED

    return tuple(
        tuple(answer(current, requested) for requested in machine.states) for current in machine.states
    )


def _type(machine: Machine) -> str:
    """The type of a state: the width of the member that holds it where that has 8 bytes, else 32 bits."""
    holder = machine.field.member if machine.field else None
    type_ = holder.type if isinstance(holder, Field) else None
    values = [part.value for part in machine.parts]
    wide = isinstance(type_, ScalarType) and type_.size > 4
    signed = min(values) < 0
    most = (1 << 31) - 1 if signed else (1 << 32) - 1
    return f"__{'s' if signed else 'u'}{64 if wide or max(values) > most else 32}"


def _open_errno(machine: Machine) -> str:
    """An error that is told from that of a refusal."""
    return "EOPNOTSUPP" if machine.errno != "EOPNOTSUPP" else "ENODATA"


def _most_steps(rows: Rows) -> int:
    """How many steps the longest walk takes; a walk of a sound machine takes less than there are states."""
    return max(_walks(rows), default=0)


def _walks(rows: Rows) -> Iterator[int]:
    for requested in range(len(rows)):
        for current in range(len(rows)):
            at, steps = current, 0
            while at != requested and rows[at][requested] >= 0 and steps < len(rows):
                at = rows[at][requested]
                steps += 1
            yield steps
