"""Rules on what a request does on its way: by which transitions, and to the data stream."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from uapigen.answers import Step, steps
from uapigen.diagnostics import Note
from uapigen.machine import End, arc_between, reached, supports
from uapigen.matrix import answer
from uapigen.model import Arc, Interface, Machine, State
from uapigen.rules.requests import at_paths, given_on, requests, with_features
from uapigen.rules.rule import Finding, rule
from uapigen.streams import AFTER, BEFORE, Known, kept, known_streams, opening
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
      - {from: RUNNING, to: PRE_COPY, label: save, stream: opens, user: reads}
      - {from: PRE_COPY, to: RUNNING, label: give up, stream: closes}
      - {from: STOPPED, to: STOP_COPY, label: save, stream: opens, user: reads}
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
        known = known_streams(machine)
        for arc in machine.arcs if known else ():
            yield from _disagreeing(machine, arc, known)


def _disagreeing(machine: Machine, arc: Arc, known: dict[str, Known]) -> Iterator[Finding]:
    """What a transition says of a state that another one, or the spec for the state, says otherwise."""
    source, target = (known.get(state.name) for state in (arc.source, arc.target))
    if not source or not target:
        return
    if arc.stream is None and source.has != target.has:
        yield Finding(
            f"{arc.name} leaves the stream as it is, but '{arc.source.name}' {_has(source)}"
            f" and '{arc.target.name}' {_has(target)}",
            arc.where(),
            "add `stream: closes`"
            if source.has
            else "add `stream: opens` with `user: reads` or `user: writes`",
            (machine, arc),
            (*_why(arc.source, source, arc), *_why(arc.target, target, arc)),
        )
    says = ((arc.source, source, BEFORE[arc.stream]), (arc.target, target, AFTER[arc.stream]))
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


def _has(known: Known) -> str:
    return "has one" if known.has else "has none"


def _why(state: State, known: Known, arc: Arc) -> Iterator[Note]:
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
        known = known_streams(machine)
        carried = kept(machine, known)
        said: set[tuple[str, str]] = set()
        for request in requests(machine) if known else ():
            features, current, requested, way = request
            pair = (current.name, requested.name)
            # The stream that goes on from one to the other, whichever way round.
            together = pair[1] in reached(carried, [pair[0]]) or pair[0] in reached(carried, [pair[1]])
            if pair in said or not together or way.steps[-1:] != (requested,):
                continue
            taken = [arc_between(machine, *ends) for ends in pairwise((current, *way.steps))]
            if {"closes", "opens"} <= {arc.stream for arc in taken if arc}:
                said.add(pair)
                names = " -> ".join(state.name for state in (current, *way.entered))
                given = given_on(machine, request)
                yield Finding(
                    f"{with_features(machine, features)}a request for '{requested.name}' in '{current.name}'"
                    f" closes the stream and opens another one: {names}",
                    given.origin.where("step") if given else at_paths(machine, "blocked"),
                    f"take this step out, or name one that leaves the stream of '{current.name}' open"
                    if given
                    else "block it, below `blocked:`:"
                    f" `- {{from: {as_typed(current.name)}, to: {as_typed(requested.name)}}}`",
                    (machine,),
                )


@rule(
    "stream-in-vain",
    why="""A request gives its user one file descriptor, when it is carried out. A stream that is opened and
    closed again on the way moves no data, and its descriptor is closed before anyone has it.""",
    bad=_IN_VAIN.replace("label: load}", "label: load, stream: opens, user: writes}").replace(
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
            arrives = way.end is End.ARRIVES  # what does not is a mistake of its own
            if not arrives or "opens" not in does or "closes" not in does[does.index("opens") :]:
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


@rule(
    "stream-direction",
    why="""Who opens a stream gets a file descriptor, and has to know whether the device gives its data
    there or waits for data; the descriptor itself does not tell.""",
    bad=_STREAM.replace("opens, user: reads}", "opens}", 1),
    good=_STREAM,
)
def stream_direction(interface: Interface) -> Iterator[Finding]:
    """A transition that opens a stream says what user space does with it, and all say the same."""
    for machine in interface.machines:
        opened = opening(machine)
        for arc in machine.arcs:
            first = opened.get(arc.target.name, arc)
            if arc.stream == "opens" and arc.user is None:
                yield Finding(
                    f"{arc.name} opens a stream, but does not say whether user space reads or writes it",
                    arc.where("stream"),
                    "add `user: reads` or `user: writes`",
                    (machine, arc),
                )
            elif arc.user and arc.stream != "opens":
                yield Finding(
                    f"{arc.name} says that user space {arc.user} a stream, but opens none",
                    arc.where("user"),
                    "leave it out here: it belongs beside `stream: opens`",
                    (machine, arc),
                )
            elif arc.user and first.user != arc.user:
                yield Finding(
                    f"{arc.name} opens a stream that user space {arc.user}, but that of"
                    f" '{arc.target.name}' is one that it {first.user}",
                    arc.where("user"),
                    "write the same in both places, or let another state have the other stream",
                    (machine, arc),
                    (Note(f"this one goes on in '{arc.target.name}'", first.where("user")),),
                )


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
