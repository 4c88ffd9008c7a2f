"""``uapigen states``: what becomes of every request, or of one, as text or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from uapigen.answers import Step, reason, steps
from uapigen.characters import escaped
from uapigen.commands.specs import load_specs
from uapigen.commands.statestext import overview, request
from uapigen.machine import needed_features
from uapigen.matrix import answer, by_value, matrix
from uapigen.model import Arc, Interface, Machine, State, Verdict
from uapigen.wording import listing, no_such, quote


class _UnknownError(Exception):
    """What the command was asked about is not in the spec; the message says what is."""


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print the matrix of each machine, or what becomes of the request that ``--from`` and ``--to`` make."""
    names = [name.strip() for name in options.features.split(",")]
    if not all(names):
        parser.error("`--features` takes names with commas between them, `all` or `none`")
    if (options.source is None) != (options.target is None):
        given, missing = ("from", "to") if options.target is None else ("to", "from")
        parser.error(f"`--{given}` needs `--{missing} STATE` beside it")
    (interface,) = load_specs([options.spec])
    try:
        machines = _machines(interface, options.machine)
        chosen = _features(machines, names)
        if len(machines) > 1 and (options.json or options.source is not None):
            choices = listing((f"`--machine {each.name}`" for each in machines), "or")
            parser.error(escaped(f"there is more than one state machine; add {choices}"))
        if options.source is not None:
            ends = [_state(machines[0], name) for name in (options.source, options.target)]
            _print_request(machines[0], chosen[0], ends, as_json=options.json)
        else:
            _print_matrices(interface, machines, chosen, as_json=options.json)
    except _UnknownError as error:
        print(f"uapigen: error: {escaped(str(error))}", file=sys.stderr)
        return 1
    return 0


def _print_request(
    machine: Machine, features: Sequence[str], ends: Sequence[State], *, as_json: bool
) -> None:
    if as_json:
        print(json.dumps(request_json(machine, features, *ends), indent=1))
    else:
        print("\n".join(request(machine, features, *ends)))


def _print_matrices(
    interface: Interface, machines: Sequence[Machine], chosen: Sequence[Sequence[str]], *, as_json: bool
) -> None:
    if as_json:
        print(json.dumps(matrix_json(machines[0], chosen[0]), indent=1))
    else:
        texts = ("\n".join(overview(interface, *each)) for each in zip(machines, chosen, strict=True))
        print("\n\n\n".join(texts))


def _machines(interface: Interface, name: str | None) -> list[Machine]:
    """The machine with this name, all without one.

    Raises:
        _UnknownError: there is none.
    """
    if not interface.machines:
        raise _UnknownError(f"the spec of {interface.name} has no state machine (`states:`)")
    found = [machine for machine in interface.machines if name in {None, machine.name}]
    if not found:
        raise _UnknownError(no_such("state machine", name or "", (each.name for each in interface.machines)))
    return found


def _features(machines: Sequence[Machine], names: Sequence[str]) -> list[tuple[str, ...]]:
    """The chosen features of each machine, in the order of the spec.

    Raises:
        _UnknownError: none of the machines knows one of the names.
    """
    known = [_known_features(machine) for machine in machines]
    every = dict.fromkeys(name for features in known for name in features)
    if names == ["all"]:
        return known
    for name in names if names != ["none"] else ():
        if name not in every:
            raise _UnknownError(_no_feature(name, machines, every))
    return [tuple(name for name in features if name in names) for features in known]


def _known_features(machine: Machine) -> tuple[str, ...]:
    """The names of the features that a device can have: the flags, whether a state needs them or not."""
    flags = (value.name for value in machine.features.values) if machine.features else ()
    return tuple(dict.fromkeys((*flags, *needed_features(machine))))


def _no_feature(name: str, machines: Sequence[Machine], known: Iterable[str]) -> str:
    if name in {"all", "none"}:
        return f"`{name}` stands alone behind `--features`"
    if not known:
        return f"there is no feature {quote(name)}; no state needs one, so leave `--features` out"
    flags = (value for machine in machines if machine.features for value in machine.features.values)
    return _no_such("feature", name, known, {value.c_name: value.name for value in flags})


def _state(machine: Machine, name: str) -> State:
    """The state with this name.

    Raises:
        _UnknownError: there is none.
    """
    found = machine.state(name)
    if found:
        return found
    for state in machine.invalid:
        if state.name == name:
            raise _UnknownError(
                f"{quote(name)} is no state; a request for it is refused with {machine.errno}"
            )
    for state in machine.states:
        if sorted(state.name.split("+")) == sorted(name.split("+")):
            raise _UnknownError(f"there is no state {quote(name)}; did you mean `{state.name}`?")
    names = [state.name for state in machine.states]
    raise _UnknownError(
        _no_such("state", name, names, {c_name: each.name for c_name, each in machine.c_names})
    )


def _no_such(what: str, name: str, known: Iterable[str], c_names: Mapping[str, str]) -> str:
    """What is said of a name that names nothing; it may be the one that C has."""
    names = tuple(known)
    if c_names.get(name) in names:
        return f"there is no {what} {quote(name)}; did you mean `{c_names[name]}`?"
    return no_such(what, name, names)


# --- for programs ---------------------------------------------------------------------------------


def matrix_json(machine: Machine, features: Sequence[str]) -> dict[str, Any]:
    """``{"states", "initial", "features", "next": {CUR: {NEW: NEXT or null}}, "unspecified": [[CUR, NEW]]}``.

    There is a row and a column for every state, whatever the features.
    """
    states = by_value(machine.states)
    rows = matrix(machine, frozenset(features), states)
    return {
        "states": [state.name for state in states],
        "initial": machine.initial.name if machine.initial else None,
        "features": [*features],
        "next": {
            row[0].current.name: {each.requested.name: each.next and each.next.name for each in row}
            for row in rows
        },
        "unspecified": [
            [each.current.name, each.requested.name]
            for row in rows
            for each in row
            if each.verdict is Verdict.UNSPECIFIED
        ],
    }


def request_json(
    machine: Machine, features: Sequence[str], current: State, requested: State
) -> dict[str, Any]:
    """``{"from", "to", "features", "verdict", "errno", "reason", "path": [STATE], "steps": [...]}``.

    ``path``: the states that are entered.  A step has ``from``, ``to``, ``over`` (the states that the device
    lacks) and the transitions that it is made of.
    """
    chosen = frozenset(features)
    found = answer(machine, chosen, current, requested)
    return {
        "from": current.name,
        "to": requested.name,
        "features": [*features],
        "verdict": found.verdict.value,
        "errno": machine.errno if found.verdict is Verdict.REFUSED else None,
        "reason": reason(machine, chosen, found) or None,
        "path": [state.name for state in found.path],
        "steps": [_step_json(step) for step in steps(machine, chosen, found)],
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "from": step.source.name,
        "to": step.target.name,
        "over": [state.name for state in step.over],
        "transitions": [_arc_json(arc) for arc in step.arcs],
    }


def _arc_json(arc: Arc) -> dict[str, Any]:
    return {
        "from": arc.source.name,
        "to": arc.target.name,
        "label": " ".join(arc.label.paragraphs),
        "effect": " ".join(arc.effect.paragraphs) or None,
        "stream": arc.stream,
        "user": arc.user,
    }
