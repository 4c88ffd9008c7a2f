"""Rules on what a request does on its way: by which transitions, and to the data stream."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from uapigen.answers import Step, steps
from uapigen.diagnostics import Note
from uapigen.machine import arc_between, reached, supports
from uapigen.matrix import answer
from uapigen.model import Arc, Interface, Machine, State
from uapigen.rules.requests import at_paths, requests, with_features
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
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

_IN_VAIN = """
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: RUNNING
    reset: RUNNING
    values:
      - {name: RUNNING, value: 0, doc: It runs.}
      - {name: LOADING, value: 1, doc: It is loaded.}
      - {name: CHECKED, value: 2, doc: What was loaded is good.}
    paths: {}
    otherwise: refused
    transitions:
      - {from: RUNNING, to: LOADING, label: load}
      - {from: LOADING, to: CHECKED, label: check}
"""

_BEFORE = {None: None, "opens": False, "closes": True, "continues": True}
_AFTER = {None: None, "opens": True, "closes": False, "continues": True}
"""Whether there is a stream before and after a transition, by what it does to it; None: as before."""


class _Known(NamedTuple):
    """Whether a state has a stream, and where that follows from."""

    has: bool
    place: Span


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
    if not speaking:
        return known
    for key in ("initial", "reset", "close"):
        state: State | None = getattr(machine, key)
        if state:
            known.setdefault(state.name, _Known(False, machine.where(key)))
    for arc in sorted(speaking, key=lambda arc: arc.source.kind == "error"):
        known.setdefault(arc.source.name, _Known(bool(_BEFORE[arc.stream]), arc.where()))
        known.setdefault(arc.target.name, _Known(bool(_AFTER[arc.stream]), arc.where()))
    silent = [arc for arc in machine.arcs if not arc.stream]
    for _ in silent:
        for arc in silent:
            for one, other in ((arc.source, arc.target), (arc.target, arc.source)):
                if one.name in known:
                    known.setdefault(other.name, _Known(known[one.name].has, arc.where()))
    return known


def _disagreeing(machine: Machine, arc: Arc, known: dict[str, _Known]) -> Iterator[Finding]:
    """What a transition says of a state that another one, or the spec for the state, says otherwise."""
    source, target = (known.get(state.name) for state in (arc.source, arc.target))
    if not source or not target:
        return
    if arc.stream is None and source.has != target.has:
        yield Finding(
            f"{arc.name} leaves the stream as it is, but '{arc.source.name}' {_has(source)}"
            f" and '{arc.target.name}' {_has(target)}",
            arc.where(),
            f"add `stream: {'closes' if source.has else 'opens'}`",
            (machine, arc),
            (*_why(arc.source, source, arc), *_why(arc.target, target, arc)),
        )
    says = ((arc.source, source, _BEFORE[arc.stream]), (arc.target, target, _AFTER[arc.stream]))
    wrong = [(state, found) for state, found, has in says if has is not None and found.has != has]
    for state, found in wrong[:1]:
        right = _RIGHT[source.has, target.has]
        yield Finding(
            f"{arc.name} {_DOES[arc.stream or '']}, but '{state.name}' {_has(found)}",
            arc.where("stream"),
            f"write `stream: {right}`" if right else "leave `stream:` out",
            (machine, arc),
            tuple(_why(state, found, arc)),
        )


_RIGHT = {
    (False, True): "opens",
    (True, False): "closes",
    (True, True): "continues",
    (False, False): "",
}
_DOES = {"opens": "opens a stream", "closes": "closes the stream", "continues": "carries the stream on"}


def _has(known: _Known) -> str:
    return "has one" if known.has else "has none"


def _why(state: State, known: _Known, arc: Arc) -> Iterator[Note]:
    if known.place != arc.where():
        yield Note(f"that '{state.name}' {_has(known)} follows from this", known.place)


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
            taken = [arc_between(machine, *ends) for ends in pairwise((current, *way.steps))]
            if {"closes", "opens"} <= {arc.stream for arc in taken if arc}:
                said.add(pair)
                names = " -> ".join(state.name for state in (current, *way.entered))
                yield Finding(
                    f"{with_features(machine, features)}a request for '{requested.name}' in '{current.name}'"
                    f" closes the stream and opens another one: {names}",
                    at_paths(machine, "blocked"),
                    "block it, below `blocked:`:"
                    f" `- {{from: {as_typed(current.name)}, to: {as_typed(requested.name)}}}`",
                    (machine,),
                )


@rule(
    "stream-in-vain",
    why="""A request gives its user one file descriptor, when it is carried out. A stream that is opened and
    closed again on the way moves no data, and its descriptor is closed before anyone has it.""",
    bad=_IN_VAIN.replace("label: load}", "label: load, stream: opens}").replace(
        "label: check}", "label: check, stream: closes}"
    ),
    good=_IN_VAIN,
)
def stream_in_vain(interface: Interface) -> Iterator[Finding]:
    """No request opens a stream that it closes itself."""
    for machine in interface.machines:
        said: set[tuple[str, ...]] = set()
        for features, current, requested, way in requests(machine):
            arcs = [arc_between(machine, *ends) for ends in pairwise((current, *way.steps))]
            does = [arc.stream for arc in arcs if arc and arc.stream]
            if "opens" not in does or "closes" not in does[does.index("opens") :]:
                continue
            first = next(arc for arc in arcs if arc and arc.stream == "opens")
            if (first.name,) in said:
                continue
            said.add((first.name,))
            names = " -> ".join(state.name for state in (current, *way.steps))
            yield Finding(
                f"{with_features(machine, features)}a request for '{requested.name}' in '{current.name}'"
                f" opens a stream and closes it again: {names}",
                first.where("stream"),
                "block the request, or lead it by states without a stream",
                (machine, first),
            )


def _kept(machine: Machine, known: dict[str, _Known]) -> dict[str, list[str]]:
    """The states with a stream that a transition leads to and leaves the stream open."""
    found: dict[str, list[str]] = {}
    for arc in machine.arcs:
        ends = (known.get(arc.source.name), known.get(arc.target.name))
        if all(end and end.has for end in ends):
            found.setdefault(arc.source.name, []).append(arc.target.name)
    return found


_STEPPED_OVER = """
flags:
  - flags: features
    doc: What a device can do.
    prefix: EXAMPLE_
    values:
      - {name: QUIET, value: 1, doc: It can be quiet while it runs.}
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    features: features
    initial: RUNNING
    reset: RUNNING
    values:
      - {name: RUNNING, value: 0, doc: It runs.}
      - {name: QUIET, value: 1, needs: [QUIET], doc: It runs and is quiet.}
      - {name: STOPPED, value: 2, doc: It is stopped.}
      - {name: LOADING, value: 3, doc: It is loaded.}
    paths:
      unsupported: stepped-over
      first-steps:
        - {from: RUNNING, to: LOADING, step: QUIET}
    transitions:
      - {from: RUNNING, to: QUIET, label: quiet}
      - {from: QUIET, to: STOPPED, label: stop}
      - {from: STOPPED, to: RUNNING, label: run}
      - {from: STOPPED, to: LOADING, label: load}
      - {from: LOADING, to: STOPPED, label: take what was loaded}
"""


@rule(
    "two-meanings",
    why="""A driver sees the state that it is in and the next one, and does what lies between. Where two
    requests take the same step by different transitions, it cannot tell which of them to carry out.""",
    bad=_STEPPED_OVER + "      - {from: RUNNING, to: STOPPED, label: stop at once}\n",
    good=_STEPPED_OVER,
)
def two_meanings(interface: Interface) -> Iterator[Finding]:
    """Each step of a device stands for the same transitions, whatever the request is."""
    for machine in interface.machines:
        if machine.paths is None or not machine.paths.skip_unsupported:
            continue  # a step is one transition
        meanings: dict[tuple[frozenset[str], str, str], tuple[State, Step]] = {}
        said: set[tuple[str, str]] = set()
        for features, current, requested, _ in requests(machine):
            if all(supports(features, state) for state in machine.states):
                continue  # nothing is stepped over
            # The first step will do: the others are those of requests from where it leads.
            for step in islice(steps(machine, features, answer(machine, features, current, requested)), 1):
                pair = (step.source.name, step.target.name)
                first, other = meanings.setdefault((features, *pair), (requested, step))
                if other.over != step.over and pair not in said:
                    said.add(pair)
                    yield Finding(
                        f"{with_features(machine, features)}the step from '{pair[0]}' to '{pair[1]}' is"
                        f" {_transitions(other)} for '{first.name}', and {_transitions(step)}"
                        f" for '{requested.name}'",
                        at_paths(machine),
                        "let both requests take the same transitions, with `fewest-of:` or `first-steps:`",
                        (machine,),
                    )


def _transitions(step: Step) -> str:
    return " -> ".join(state.name for state in (step.source, *step.over, step.target))
