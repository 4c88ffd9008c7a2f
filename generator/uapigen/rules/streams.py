"""Rules on data streams: which state has one, and what a request does to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from uapigen.diagnostics import Note
from uapigen.machine import arc_between, reached
from uapigen.model import Arc, Interface, Machine, State
from uapigen.rules.requests import requests, with_features
from uapigen.rules.rule import Finding, rule
from uapigen.wording import as_typed

_STREAM = """
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: RUNNING
    reset: RUNNING
    values:
      - {name: RUNNING, value: 0, doc: It runs.}
      - {name: STOPPED, value: 1, doc: It is stopped.}
      - {name: PRE_COPY, value: 2, doc: It runs and is saved.}
      - {name: STOP_COPY, value: 3, doc: It is stopped and saved.}
    transitions:
      - {from: RUNNING, to: STOPPED, label: stop}
      - {from: STOPPED, to: RUNNING, label: run}
      - {from: RUNNING, to: PRE_COPY, label: save, stream: opens}
      - {from: PRE_COPY, to: RUNNING, label: give up, stream: closes}
      - {from: STOPPED, to: STOP_COPY, label: save, stream: opens}
      - {from: STOP_COPY, to: STOPPED, label: end, stream: closes}
"""
_GO_ON = "      - {from: PRE_COPY, to: STOP_COPY, label: save the rest, stream: continues}\n"
_PATHS = """
    paths:
      fewest-of: [PRE_COPY, STOP_COPY]
"""

_BEFORE = {None: None, "opens": False, "closes": True, "continues": True}
_AFTER = {None: None, "opens": True, "closes": False, "continues": True}
"""Whether there is a stream before and after a transition, by what it does to it; None: as before."""


class _Known(NamedTuple):
    """Whether a state has a stream, and the transition that says so; None for states of the beginning."""

    has: bool
    arc: Arc | None


@rule(
    "stream-of-state",
    why="""A user holds the file descriptor of a stream while the device is in certain states; where two
    transitions disagree about one of these, the descriptor leaks, or is closed twice.""",
    bad=_STREAM + "      - {from: PRE_COPY, to: STOPPED, label: stop at once}\n",
    good=_STREAM + "      - {from: PRE_COPY, to: STOPPED, label: stop at once, stream: closes}\n",
)
def stream_of_state(interface: Interface) -> Iterator[Finding]:
    """All transitions agree on which states have a data stream; the initial one has none."""
    for machine in interface.machines:
        known = _streams(machine)
        for arc in machine.arcs if known else ():
            yield from _disagreeing(machine, arc, known)


def _streams(machine: Machine) -> dict[str, _Known]:
    """Which states have a stream, by name: as transitions say it, or as follows from them."""
    known: dict[str, _Known] = {}
    speaking = [arc for arc in machine.arcs if arc.stream]
    begin = [state for state in (machine.initial, machine.reset, machine.close) if state]
    if not speaking:
        return known
    for state in begin:
        known[state.name] = _Known(False, None)
    for arc in speaking:
        known.setdefault(arc.source.name, _Known(bool(_BEFORE[arc.stream]), arc))
        known.setdefault(arc.target.name, _Known(bool(_AFTER[arc.stream]), arc))
    silent = [arc for arc in machine.arcs if not arc.stream]
    for _ in silent:
        for arc in silent:
            for one, other in ((arc.source, arc.target), (arc.target, arc.source)):
                if one.name in known:
                    known.setdefault(other.name, _Known(known[one.name].has, arc))
    return known


def _disagreeing(machine: Machine, arc: Arc, known: dict[str, _Known]) -> Iterator[Finding]:
    """What a transition says of a state that another one, or the state itself, says otherwise."""
    source, target = (known.get(state.name) for state in (arc.source, arc.target))
    if arc.stream is None:
        if source and target and source.has != target.has:
            word = "closes" if source.has else "opens"
            yield Finding(
                f"{arc.name} leaves the stream as it is, but '{arc.source.name}' {_has(source)}"
                f" and '{arc.target.name}' {_has(target)}",
                arc.where(),
                f"add `stream: {word}`",
                (machine, arc),
                (*_why(arc.source, source, arc), *_why(arc.target, target, arc)),
            )
        return
    ends = ((arc.source, source, _BEFORE[arc.stream]), (arc.target, target, _AFTER[arc.stream]))
    for state, found, says in ends:
        if found and found.has != says:
            yield Finding(
                f"{arc.name} {_DOES[arc.stream]}, but '{state.name}' {_has(found)}",
                arc.where("stream"),
                "write `stream: opens`, `closes` or `continues`, or leave it out, as the states have it",
                (machine, arc),
                tuple(_why(state, found, arc)),
            )
            return


_DOES = {"opens": "opens a stream", "closes": "closes the stream", "continues": "carries the stream on"}


def _has(known: _Known) -> str:
    return "has one" if known.has else "has none"


def _why(state: State, known: _Known, arc: Arc) -> Iterator[Note]:
    if known.arc and known.arc is not arc:
        yield Note(f"that '{state.name}' {_has(known)} follows from this", known.arc.where())


@rule(
    "stream-restarted",
    why="""A user who saves a device and asks to go on with it in another way expects that the same stream
    goes on. A path that closes it and opens another one loses what was saved, without a word; the two pairs
    that VFIO migration blocks are of this kind.""",
    bad=_STREAM + _GO_ON + _PATHS,
    good=_STREAM + _GO_ON + _PATHS + "      blocked:\n        - {from: STOP_COPY, to: PRE_COPY}\n",
)
def stream_restarted(interface: Interface) -> Iterator[Finding]:
    """Between two states of one stream, no path closes it and opens another one."""
    for machine in interface.machines:
        known = _streams(machine)
        kept = _kept(machine, known)
        said: set[tuple[str, str]] = set()
        for features, current, requested, way in requests(machine) if known else ():
            pair = (current.name, requested.name)
            # The stream that goes on from one to the other, whichever way round.
            together = pair[1] in reached(kept, [pair[0]]) or pair[0] in reached(kept, [pair[1]])
            if pair in said or not together or way.steps[-1:] != (requested,):
                continue
            taken = (arc_between(machine, *ends) for ends in pairwise((current, *way.steps)))
            if any(arc and arc.stream == "closes" for arc in taken):
                said.add(pair)
                names = " -> ".join(state.name for state in (current, *way.entered))
                yield Finding(
                    f"{with_features(machine, features)}a request for '{requested.name}' in '{current.name}'"
                    f" closes the stream and opens another one: {names}",
                    machine.where("paths"),
                    "block it: `blocked:"
                    f" [{{from: {as_typed(current.name)}, to: {as_typed(requested.name)}}}]`",
                    (machine,),
                )


def _kept(machine: Machine, known: dict[str, _Known]) -> dict[str, list[str]]:
    """The states with a stream that a transition leads to and leaves the stream open."""
    found: dict[str, list[str]] = {}
    for arc in machine.arcs:
        ends = (known.get(arc.source.name), known.get(arc.target.name))
        if all(end and end.has for end in ends):
            found.setdefault(arc.source.name, []).append(arc.target.name)
    return found
