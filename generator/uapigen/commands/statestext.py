"""A state machine on the terminal: the matrix of all requests, or the steps of one.

The room of columns and legends, 80 wide.  What they say comes from :mod:`uapigen.matrix` and
:mod:`uapigen.answers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from uapigen.answers import Step, lacked, missing, reason, steps
from uapigen.characters import escaped
from uapigen.commands.columns import GAP, columns
from uapigen.folding import fold
from uapigen.machine import supports
from uapigen.matrix import Answer, answer, by_value, matrix
from uapigen.model import Interface, Machine, State, Verdict
from uapigen.sentences import stream
from uapigen.tables import cut
from uapigen.wording import listing

_WIDTH = 80
_STAYS, _REFUSED, _OPEN, _LACKING, _FIRST = "=", "x", "?", "-", ".."
"""Marks in the cells; the last one stands behind the number of a state."""


def overview(interface: Interface, machine: Machine, features: Sequence[str]) -> Iterator[str]:
    """Lines: what the machine is, what becomes of every request, and every step that a driver takes."""
    chosen = frozenset(features)
    states = by_value(machine.states)
    answers = matrix(machine, chosen, states)
    yield f"{interface.name}: state machine {escaped(machine.name)}"
    yield ""
    yield from columns(_facts(machine, features), _WIDTH)
    yield ""
    yield "The next state, by the current state (rows) and the requested one (columns):"
    cells = [[_cell(chosen, each) for each in row] for row in answers]
    yield from _grids(states, cells)
    yield ""
    yield from columns(_legend(machine, {cell for row in cells for cell in row}), _WIDTH)
    # What follows a step of a path is a path of its own, in the row of the state that was entered.
    first = (next(steps(machine, chosen, each), None) for row in answers for each in row)
    found = {step[:3]: step for step in first if step}
    if found:
        yield ""
        yield "The steps that a driver takes:"
        yield ""
        yield from _listed(sorted(found.values(), key=lambda step: (step.source.value, step.target.value)))


def request(machine: Machine, features: Sequence[str], current: State, requested: State) -> Iterator[str]:
    """Lines: what becomes of a request, and its steps or why it is not accepted."""
    chosen = frozenset(features)
    found = answer(machine, chosen, current, requested)
    why = reason(machine, chosen, found)
    facts = [*_device(machine, features), *([("reason", escaped(why))] if why else ())]
    yield from fold(f"{_name(current)} -> {_name(requested)}: {_verdict(machine, found)}", _WIDTH)
    for rows in (columns(facts, _WIDTH), _listed([*steps(machine, chosen, found)])):
        lines = [*rows]
        yield from ("", *lines) if lines else ()


def _verdict(machine: Machine, found: Answer) -> str:
    if found.verdict is not Verdict.ACCEPTED:
        return f"refused with {machine.errno}" if found.verdict is Verdict.REFUSED else "not specified"
    if not found.path:
        return "accepted, the state stays"
    return f"accepted, in {len(found.path)} steps" if len(found.path) > 1 else "accepted, in one step"


def _facts(machine: Machine, features: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What there is to know about the machine and the device: a word, and what is said of it."""
    yield "set by", "user space" if machine.set_by == "user" else "the driver"
    if machine.initial:
        lacking = missing(frozenset(features), machine.initial)
        nowhere = f"; it needs {listing(lacking, 'and')}, so there is no such device" if lacking else ""
        yield "initial", f"{_name(machine.initial)}{nowhere}"
    for word, state in (("after reset", machine.reset), ("after close", machine.close)):
        if state:
            yield word, _name(state)
    yield from _device(machine, features)


def _device(machine: Machine, features: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The features of the device, where there are any, and the states that it lacks for want of others."""
    if features or any(state.needs for state in machine.states):
        yield "features", ", ".join(features) or "none"
    chosen = frozenset(features)
    lacking = [lacked(chosen, state) for state in by_value(machine.states) if not supports(chosen, state)]
    if lacking:
        yield "lacks", escaped(", ".join(lacking))


def _cell(features: frozenset[str], found: Answer) -> str:
    if not (supports(features, found.current) and supports(features, found.requested)):
        return _LACKING
    if found.verdict is not Verdict.ACCEPTED:
        return _REFUSED if found.verdict is Verdict.REFUSED else _OPEN
    if not found.path:
        return _STAYS
    return f"{found.path[0].value}{_FIRST if len(found.path) > 1 else ''}"


def _grids(states: Sequence[State], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """The matrix, in as many pieces as the width of a line takes, each behind an empty line."""
    numbers = [str(state.value) for state in states]
    widest = max(map(len, numbers), default=0)
    heads = [f"{number:>{widest}} {_name(state)}" for number, state in zip(numbers, states, strict=True)]
    rows = [(head, *row) for head, row in zip(heads, cells, strict=True)]
    for part in cut(("", *numbers), rows, _WIDTH - len(GAP)):
        lines = (part[0], *part[1])
        first = max(len(line[0]) for line in lines)
        column = max(len(cell) for row in (numbers, *cells) for cell in row)
        yield ""
        for head, *row in lines:
            yield GAP.join(("", head.ljust(first), *(cell.ljust(column) for cell in row))).rstrip()


def _legend(machine: Machine, cells: set[str]) -> Iterator[tuple[str, str]]:
    """The marks of the cells and what they mean; only what there is."""
    if any(cell.isdigit() for cell in cells):
        yield "N", "one step leads to the requested state, N"
    if any(cell.endswith(_FIRST) for cell in cells):
        yield f"N{_FIRST}", "the first of several steps leads to N; the next one is in the row of N"
    meanings = {
        _STAYS: "the state stays, and the request succeeds",
        _REFUSED: f"refused with {machine.errno}",
        _OPEN: "not specified",
        _LACKING: f"the device lacks one of the two states: refused with {machine.errno}",
    }
    yield from ((mark, meaning) for mark, meaning in meanings.items() if mark in cells)


def _listed(found: Sequence[Step]) -> Iterator[str]:
    rows = ((f"{_name(step.source)} -> {_name(step.target)}", _what(step)) for step in found)
    return columns(rows, _WIDTH)


def _what(step: Step) -> str:
    """What a step does: the labels of its transitions, and their effects."""
    labels = ", then ".join(" ".join(arc.label.paragraphs) for arc in step.arcs)
    over = f" (steps over {listing(map(_name, step.over), 'and')})" if step.over else ""
    effects = [" ".join((*arc.effect.paragraphs, stream(arc))).strip() for arc in step.arcs]
    return " ".join(filter(None, (f"{labels}{over}" + "." * any(effects), *effects)))


def _name(state: State) -> str:
    return escaped(state.name)
