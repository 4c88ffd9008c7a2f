"""The chapter on a state machine: what states there are, and what becomes of every request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice, permutations
from typing import NamedTuple

from uapigen import cdoc
from uapigen.answers import steps
from uapigen.document import Table
from uapigen.machine import arc_between, feature_sets, supports
from uapigen.matrix import Answer, by_value, matrix
from uapigen.model import Arc, Machine, Prose, State, StatePart, Unknown, Value, Verdict
from uapigen.sentences import sentence, stream
from uapigen.tables import cut
from uapigen.wording import listing

_WIDTH = 80


class Matrix(NamedTuple):
    """What becomes of every request, for devices with the features that ``title`` tells.

    ``tables`` stand beside each other: together they have a column for each state.  ``walks`` are the
    requests that take several transitions.
    """

    title: str
    tables: tuple[Table, ...]
    walks: Table


def facts(machine: Machine) -> Prose:
    """Who sets the state, where it begins, and what becomes of requests that are none."""
    return Prose(" ".join(_facts(machine)))


def _facts(machine: Machine) -> Iterator[str]:
    who = "User space" if machine.set_by == "user" else "The driver"
    if machine.field:
        yield f"{who} sets the state by {_way(machine)}."
    else:
        yield f"{who} sets the state."
    if machine.initial:
        yield f"The initial state is {machine.initial.name}."
    if machine.reset and machine.reset is machine.close:
        yield f"A reset, and the last close of the device, lead from every state to {machine.reset.name}."
    elif machine.reset:
        yield f"A reset leads from every state to {machine.reset.name}."
    if machine.close and machine.reset is not machine.close:
        yield f"The last close of the device leads from every state to {machine.close.name}."
    errors = [state.name for state in machine.states if state.kind == "error"]
    for name in errors:
        yield f"{name} is entered by the driver and cannot be requested."
    but = f" (except in {listing(errors, 'and')})" if errors else ""
    if machine.unknown is Unknown.PRESERVED:
        yield "Bits that have no name keep their value when the state is changed."
        yield f"A combination of the others that is no state is refused with {machine.errno}."
    else:
        yield f"A value that is no state is refused with {machine.errno}."
    if shared := _and(flag.c_name for flag in _flags(machine, _shared(machine))):
        yield f"All states that can be requested need {shared}."
    if any(state.needs for state in machine.states):
        yield f"A request for a state that the device lacks is refused with {machine.errno}."
    same = "request for the state that the device is in"
    yield {
        Verdict.ACCEPTED: f"A {same} succeeds{but}, and nothing happens.",
        Verdict.REFUSED: f"A {same} is refused with {machine.errno}.",
        Verdict.UNSPECIFIED: f"What a {same} does is not specified.",
    }[machine.same_state]
    yield _after_failure(machine)


def _after_failure(machine: Machine) -> str:
    if machine.on_failure == "unspecified":
        return "In which state a device is after a request that failed is not specified."
    if machine.on_failure == "keeps-state":
        return "After a request that failed, the device is in the state in which it was."
    passed = ", in one that it passed on the way," if machine.paths else ""
    errors = "".join(f" or in {state.name}" for state in machine.states if state.kind == "error")
    return f"After a request that failed, the device is in the state in which it was{passed}{errors}."


def _way(machine: Machine) -> str:
    assert machine.field
    held = f"{machine.field.path} of {machine.field.struct.keyword} {machine.field.struct.name}"
    return f"writing {held}" if machine.set_by == "user" else f"changing {held}"


def parts(machine: Machine) -> Table:
    """The numbers with C names: states, or what states are made of."""
    return Table(
        ("Value", "Name", "Kind", "Meaning"),
        tuple((str(number.value), name, *_number(machine, number)) for name, number in machine.c_names),
    ).compact()


def _number(machine: Machine, number: StatePart | State) -> tuple[str, Prose]:
    """The kind of a number and its meaning; that of a combination of bits is told with the states."""
    if isinstance(number, State):
        return "state", Prose(f"The state {number.name}.")
    normal = {"modifiers": "base state", "bits": "bit"}.get(machine.encoding, "")
    return normal if number.kind == "normal" else number.kind, cdoc.state_part(
        machine, number, _shared(machine)
    )


def _shared(machine: Machine) -> frozenset[str]:
    """The features that all states need which can be requested."""
    needs = (frozenset(state.needs) for state in machine.states if state.kind != "error")
    return frozenset.intersection(*needs)


def states(machine: Machine) -> Table | None:
    """The states, where they are more than the numbers of :func:`parts`."""
    if machine.encoding == "enumerated":
        return None
    found = by_value((*machine.states, *machine.invalid))
    if machine.encoding == "modifiers":
        rows = ((str(state.value), state.name, cdoc.state_in_c(machine, state)) for state in found)
        return Table(("Value", "State", "In C"), tuple(rows))
    return Table(
        ("Value", "State", "Bits", "Meaning"),
        tuple(
            (
                str(state.value),
                state.name if state.kind != "invalid" else "(invalid)",
                listing(state.parts or ("none",), "and"),
                cdoc.plain(state),
            )
            for state in found
        ),
    ).compact()


def arcs(machine: Machine) -> Table:
    """The transitions, in the order that their numbers count, with what not all of them need."""
    common = _common(machine)
    return Table(
        ("No.", "From", "To", "Label", "Effect", "Only with"),
        tuple(
            (
                str(number),
                arc.source.name,
                arc.target.name,
                arc.label,
                Prose(" ".join(filter(None, (arc.effect.text, stream(arc), cdoc.plain(arc).text)))),
                _and(flag.name for flag in _flags(machine, _needs(arc) - common)),
            )
            for number, arc in enumerate(machine.arcs, 1)
        ),
    ).compact()


def needs(machine: Machine) -> Prose:
    """The features that all transitions need; empty where there are none."""
    common = _and(flag.c_name for flag in _flags(machine, _common(machine)))
    besides = any(_needs(arc) > _common(machine) for arc in machine.arcs)
    more = "; what one needs besides is in the last column" if besides else ""
    over = (
        " On a device without that, it can be a part of one step over the states that the device lacks."
        if besides and machine.paths and machine.paths.skip_unsupported
        else ""
    )
    return Prose(f"All transitions need {common}{more}.{over}" if common else "")


def _needs(arc: Arc) -> frozenset[str]:
    return frozenset((*arc.source.needs, *arc.target.needs))


def _common(machine: Machine) -> frozenset[str]:
    return frozenset.intersection(*map(_needs, machine.arcs))


def _flags(machine: Machine, names: Collection[str]) -> tuple[Value, ...]:
    """The features with these names, in the order of their enumeration."""
    values = machine.features.values if machine.features else ()
    return tuple(value for value in values if value.name in names)


def _and(words: Iterable[str]) -> str:
    found = tuple(words)
    return listing(found, "and") if found else ""


def walking(machine: Machine) -> Prose:
    """How a request is answered that is no transition of the list."""
    if _is_complete(machine):
        return Prose("There is a transition from each state to every other one.")
    if machine.paths is None:
        return Prose(_otherwise(machine, "that is no transition"))
    avoid = [state.name for state in machine.paths.avoid]
    blocked = [f"{pair.source.name} -> {pair.target.name}" for pair in machine.paths.blocked]
    given = [
        f"from {step.source.name} to {step.target.name} by {step.step.name}"
        for step in machine.paths.first_steps
    ]
    equal = "; among paths of equal length, the one with the fewest of"
    fewest = f"{equal} {listing(avoid, 'and')} inside" if avoid else ""
    missing = (
        "States that a device lacks are stepped over along the path of a device that has them."
        if machine.paths.skip_unsupported
        else "A path through a state that a device lacks does not exist."
    )
    return sentence(
        f"A request that is no transition walks over several, one after the other: the shortest path"
        f"{fewest}.",
        f"Not by the shortest path: {listing(given, 'and')}." if given else "",
        missing if any(state.needs for state in machine.states) else "",
        f"Refused in any case: {listing(blocked, 'and')}." if blocked else "",
        _otherwise(machine, "to which no path leads"),
    )


def _is_complete(machine: Machine) -> bool:
    """Whether every request for another state is a transition."""
    return all(arc_between(machine, *pair) for pair in permutations(machine.states, 2))


def _otherwise(machine: Machine, which: str) -> str:
    if machine.otherwise is Verdict.REFUSED:
        return f"A request {which} is refused with {machine.errno}."
    return f"What a request {which} does is not specified."


def matrices(machine: Machine) -> tuple[Matrix, ...]:
    """The verdict on every request, once for each set of features with which other states exist."""
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for features in feature_sets(machine):
        existing = tuple(state.name for state in machine.states if supports(features, state))
        found.setdefault(existing, features)
    needy = len(found) > 1
    return tuple(
        _matrix(machine, features, _with(machine, features) if needy else "")
        for features in reversed(found.values())
    )


def _matrix(machine: Machine, features: frozenset[str], title: str) -> Matrix:
    existing = by_value(state for state in machine.states if supports(features, state))
    rows = [
        [(answer, _cell(machine, features, answer)) for answer in row]
        for row in matrix(machine, features, existing)
    ]
    tables = cut(
        (_CORNER, *(str(state.value) for state in existing)),
        [
            (f"{state.value} {state.name}", *(cell for _, cell in row))
            for state, row in zip(existing, rows, strict=True)
        ],
        _WIDTH,
    )
    walks = tuple(
        (answer.current.name, answer.requested.name, " -> ".join(state.name for state in answer.path))
        for row in rows
        for answer, cell in row
        if cell == _PATH
    )
    head = ("From", "To", "Entered one after the other")
    return Matrix(title, tuple(Table(*part) for part in tables), Table(head, walks))


_CORNER = "Current"
_PATH = "path"


def _with(machine: Machine, features: frozenset[str]) -> str:
    return f"With {_and(flag.name for flag in _flags(machine, features)) or 'no feature'}"


def _cell(machine: Machine, features: frozenset[str], answer: Answer) -> str:
    if answer.verdict is not Verdict.ACCEPTED:
        return "x" if answer.verdict is Verdict.REFUSED else "open"
    if answer.current.name == answer.requested.name:
        return "same"
    taken = list(islice(steps(machine, features, answer), 2))
    return "+".join(str(machine.arcs.index(arc) + 1) for arc in taken[0].arcs) if len(taken) == 1 else _PATH


def legend(machine: Machine, found: tuple[Matrix, ...]) -> Prose:
    """What the cells of the matrices mean; only what there is."""
    cells = {cell for matrix in found for table in matrix.tables for row in table.rows for cell in row[1:]}
    meanings = {
        "same": "the state stays, and the request succeeds",
        _PATH: "several steps (the states that are entered are listed beneath)",
        "x": f"refused with {machine.errno}",
        "open": "not specified",
    }
    said = [f"{cell}: {meaning}" for cell, meaning in meanings.items() if cell in cells]
    if any("+" in str(cell) for cell in cells):
        said.insert(0, "numbers with a + between: one step that is several transitions")
    left_out = _and(str(state.value) for state in by_value(machine.invalid))
    return sentence(
        "Each row is a current state, each column a requested one, by its value.",
        f"A number is that of the transition; {'; '.join(said)}." if said else "",
        f"Without a column: {left_out}; no state, and refused with {machine.errno}." if left_out else "",
    )
