"""Rules on what requests do: for every set of features that a device may have, and every pair of states.

Each path ends where it was asked to, or the pair is refused by what the spec says.  The kernel's function
for VFIO migration had a loop without an end for two pairs, from 6.2 until a fix posted in June 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from uapigen.diagnostics import Note, Severity
from uapigen.machine import End, arc_between, entered_with, feature_sets, nearest, successors, walk
from uapigen.model import FirstStep, Interface, Machine
from uapigen.rules.requests import Request, at_paths, requests, with_features
from uapigen.rules.rule import Finding, rule
from uapigen.wording import as_typed, listing

_FOUR = """
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: IDLE
    reset: IDLE
    values:
      - {name: IDLE, value: 0, doc: Idle.}
      - {name: READY, value: 1, doc: Ready.}
      - {name: BUSY, value: 2, doc: Busy.}
      - {name: DONE, value: 3, doc: Done.}
    transitions:
      - {from: IDLE, to: READY, label: prepare}
      - {from: READY, to: IDLE, label: put away}
      - {from: READY, to: BUSY, label: start}
      - {from: BUSY, to: DONE, label: finish}
"""
_ANEW = "      - {from: DONE, to: IDLE, label: begin anew}\n"
_RING = _FOUR + _ANEW


@rule(
    "endless-walk",
    why="""A driver asks for the next state until it is where the user wants it: on a table with a circle it
    never returns (the kernel's own function for VFIO migration did not, for three years).""",
    bad=_RING
    + """
    paths:
      first-steps:
        - {from: READY, to: DONE, step: IDLE}
""",
    good=_RING
    + """
    paths:
      first-steps:
        - {from: READY, to: DONE, step: BUSY}
""",
)
def endless_walk(interface: Interface) -> Iterator[Finding]:
    """A request comes to no state a second time."""
    for machine in interface.machines:
        said: set[tuple[str, ...]] = set()
        for features, current, requested, way in requests(machine):
            if way.end is not End.LOOPS:
                continue
            names = [state.name for state in (current, *way.steps)]
            circle = names[names.index(names[-1]) :]
            if (requested.name, *sorted(circle[1:])) in said:
                continue
            said.add((requested.name, *sorted(circle[1:])))
            first, *others = (
                step
                for step in _first_steps(machine)
                if step.target.name == requested.name and step.source.name in circle
            )
            yield Finding(
                f"{with_features(machine, features)}a request for '{requested.name}' in '{circle[0]}'"
                f" never ends: {' -> '.join(circle)}",
                first.origin.where("step"),
                f"name a step that comes nearer to '{requested.name}', or take this one out",
                (machine,),
                tuple(Note("this step leads round, too", step.origin.where("step")) for step in others),
            )


@rule(
    "blocked-on-the-way",
    why="""A driver walks step by step. Where the rest of the way is refused, it has left the state in which
    the user believes it to be, and cannot come to the one that was asked for.""",
    bad=_RING
    + """
    paths:
      blocked:
        - {from: READY, to: DONE}
""",
    good=_RING
    + """
    paths:
      blocked:
        - {from: READY, to: DONE}
        - {from: IDLE, to: DONE}
""",
)
def blocked_on_the_way(interface: Interface) -> Iterator[Finding]:
    """No path leads through a state from where the request is blocked."""
    for machine in interface.machines:
        through: dict[tuple[str, str], list[Request]] = {}
        for request in requests(machine):
            if request.walk.end is End.BLOCKED and request.walk.steps:
                pair = (request.walk.steps[-1].name, request.requested.name)
                through.setdefault(pair, []).append(request)
        for blocked in machine.paths.blocked if machine.paths else ():
            place, target = blocked.source.name, blocked.target.name
            found = through.pop((place, target), None)
            if found:
                names = list(dict.fromkeys(request.current.name for request in found))
                yield Finding(
                    f"{with_features(machine, found[0].features)}a request for '{target}' in"
                    f" {_few(names, 'or')} leads through '{place}', and is blocked there",
                    blocked.origin.span,
                    "block it where it begins, too:"
                    f" `- {{from: {as_typed(names[0])}, to: {as_typed(target)}}}`;"
                    " or lead around with `first-steps:`",
                    (machine,),
                )


def _few(names: Sequence[str], link: str) -> str:
    """Names in quotes; of many, the first few and how many more there are."""
    more = [f"{len(names) - _FEW} more"] if len(names) > _FEW else []
    return listing([*(f"'{name}'" for name in names[:_FEW]), *more], link)


_FEW = 4


@rule(
    "pair-without-path",
    why="""Where requests walk over several transitions, a user expects to get from every state to every
    other: what cannot be done is to be seen in the spec, and not to be found out with a device.""",
    bad=_FOUR
    + """
    paths: {}
""",
    good=_FOUR
    + """
    paths: {}
    otherwise: refused
""",
)
def pair_without_path(interface: Interface) -> Iterator[Finding]:
    """With `paths:`, each pair of states has a path, is blocked, or `otherwise:` says what becomes of it."""
    for machine in interface.machines:
        if machine.paths is None or "otherwise" in machine.origin.entries:
            continue
        lacking: dict[tuple[str, str], frozenset[str]] = {}
        entered: dict[frozenset[str], set[str]] = {}
        for features, current, requested, way in requests(machine):
            if features not in entered:
                entered[features] = entered_with(machine, features)
            pair = (current.name, requested.name)
            if way.end is not End.NOWHERE or current.kind == "error":
                continue  # from an error state, a reset is enough
            # States that nothing leads to are another mistake.
            if entered[features].issuperset(pair):
                lacking.setdefault(pair, features)
        for features in dict.fromkeys(lacking.values()):
            pairs = [pair for pair, first in lacking.items() if first == features]
            said = [f"from '{source}' to '{target}'" for source, target in pairs[:_FEW]]
            more = [f"for {len(pairs) - _FEW} more"] if len(pairs) > _FEW else []
            source, target = map(as_typed, pairs[0])
            yield Finding(
                f"{with_features(machine, features)}no path leads {listing([*said, *more], 'or')}",
                at_paths(machine),
                f"add a transition; or below `blocked:` `- {{from: {source}, to: {target}}}`;"
                " or `otherwise: refused` for all such pairs",
                (machine,),
            )


@rule(
    "first-step",
    why="""A first step is what a driver does at once; it can do only what the list of transitions has.""",
    bad=_RING
    + """
    paths:
      first-steps:
        - {from: IDLE, to: DONE, step: BUSY}
""",
    good=_RING
    + """
    paths:
      first-steps:
        - {from: IDLE, to: DONE, step: READY}
""",
)
def first_step(interface: Interface) -> Iterator[Finding]:
    """A first step is a transition, and is given once, for a request that can be made."""
    for machine in interface.machines:
        seen: dict[tuple[str, str], FirstStep] = {}
        for given in _first_steps(machine):
            pair = (given.source.name, given.target.name)
            first = seen.setdefault(pair, given)
            if first is not given:
                notes = (Note("the first one is here", first.origin.span),)
                message = f"{pair[0]} -> {pair[1]} has two first steps"
                yield Finding(message, given.origin.span, "remove one", (machine,), notes)
            elif why := _no_request(machine, given):
                message = f"{pair[0]} -> {pair[1]} takes no step: {why}"
                yield Finding(message, given.origin.span, "remove it", (machine,))
            elif given.step.kind == "error" or arc_between(machine, given.source, given.step) is None:
                after = list(_nearer(machine, given))
                if given.step.kind == "error":
                    message, add = f"'{given.step.name}' is an error state, and no step", "remove this"
                else:
                    message = f"no transition leads from '{pair[0]}' to '{given.step.name}'"
                    add = "add the transition"
                help_ = f"write {_few(after, 'or')}, or {add}" if after else add
                yield Finding(message, given.origin.where("step"), help_, (machine,))


def _nearer(machine: Machine, given: FirstStep) -> Iterator[str]:
    """The states that can be the first step: from there a request comes to its target, and not back."""
    for name in successors(machine).get(given.source.name, []):
        state = machine.state(name)
        way = walk(machine, None, state, given.target) if state else None
        if way and way.end is End.ARRIVES and given.source not in way.steps:
            yield name


def _no_request(machine: Machine, given: FirstStep) -> str | None:
    """Why nobody makes the request; None where it can be made."""
    if given.source.name == given.target.name:
        return "`same-state:` says what a request for the present state does"
    if given.target.kind == "error":
        return "nobody can request an error state"
    blocked = machine.paths.blocked if machine.paths else ()
    if any(pair.source is given.source and pair.target is given.target for pair in blocked):
        return "it is blocked"
    return None


@rule(
    "unused-transition",
    why="""A transition that no request takes is dead code in a driver, and a test cannot come there.""",
    bad=_RING
    + """
      - {from: IDLE, to: BUSY, label: start at once}
    paths:
      first-steps:
        - {from: IDLE, to: BUSY, step: READY}
        - {from: IDLE, to: DONE, step: READY}
""",
    good=_RING
    + """
      - {from: IDLE, to: BUSY, label: start at once}
    paths:
      first-steps:
        - {from: IDLE, to: DONE, step: READY}
""",
)
def unused_transition(interface: Interface) -> Iterator[Finding]:
    """Each transition is a step of a request, with some set of features."""
    for machine in interface.machines:
        given = {(step.source.name, step.target.name): step for step in _first_steps(machine)}
        led_around = [
            arc
            for arc in machine.arcs
            if (arc.source.name, arc.target.name) in given and arc.target.kind != "error"
        ]
        if not led_around:
            continue  # it is the shortest path between its ends
        used: set[tuple[str, str]] = set()
        for _, current, _, way in requests(machine):
            used |= {(one.name, other.name) for one, other in pairwise((current, *way.steps))}
        for arc in led_around:
            pair = (arc.source.name, arc.target.name)
            if pair not in used:
                yield Finding(
                    f"no request takes the transition {arc.name}",
                    arc.where(),
                    "remove it, or the first step that leads around it",
                    (machine, arc),
                    (Note("it is led around here", given[pair].origin.where("step")),),
                )


def _first_steps(machine: Machine) -> tuple[FirstStep, ...]:
    return machine.paths.first_steps if machine.paths else ()


@rule(
    "ambiguous-path",
    severity=Severity.WARNING,
    why="""Two drivers that take different paths do different things on the same request: what decides is to
    be said, and not to be the order of a list.""",
    bad=_RING
    + """
      - {from: IDLE, to: BUSY, label: start at once}
      - {from: DONE, to: READY, label: begin again}
    paths: {}
""",
    good=_RING
    + """
      - {from: IDLE, to: BUSY, label: start at once}
      - {from: DONE, to: READY, label: begin again}
    paths:
      fewest-of: [IDLE]
""",
)
def ambiguous_path(interface: Interface) -> Iterator[Finding]:
    """Of the shortest paths between two states, `fewest-of:` or `first-steps:` leave one."""
    for machine in interface.machines:
        if machine.paths is None:
            continue
        decided = {(step.source.name, step.target.name) for step in machine.paths.first_steps}
        decided |= {(pair.source.name, pair.target.name) for pair in machine.paths.blocked}
        for features in [None] if machine.paths.skip_unsupported else feature_sets(machine):
            # Several states that are behind the same choice are one thing to decide.
            behind: dict[tuple[str, ...], list[str]] = {}
            for target in machine.states:
                for source, best in nearest(machine, features, target.name).items():
                    names = tuple(dict.fromkeys(state.name for state in best))
                    if len(names) > 1 and (source, target.name) not in decided:
                        decided.add((source, target.name))
                        behind.setdefault((source, *names), []).append(target.name)
            for (source, *best_names), targets in behind.items():
                ends = (
                    f"from: {as_typed(source)}, to: {as_typed(targets[0])}, step: {as_typed(best_names[0])}"
                )
                yield Finding(
                    f"{with_features(machine, features)}paths from '{source}' to {_few(targets, 'and')}"
                    f" are equally good: by {_few(best_names, 'and')}",
                    at_paths(machine),
                    "name what is to be avoided in `fewest-of: [...]`, or below `first-steps:`"
                    f" `- {{{ends}}}`; else the one whose transition comes first is taken",
                    (machine,),
                )
