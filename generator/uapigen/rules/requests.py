"""The requests that a user can make of a state machine: what rules on them go through.

No rule is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from uapigen import tree
from uapigen.machine import Walk, arc_between, feature_sets, needed_features, supports, walk
from uapigen.model import FirstStep, Machine, State
from uapigen.source import Span
from uapigen.wording import listing


class Request(NamedTuple):
    """A request on a device with these features, and where repeating it leads."""

    features: frozenset[str]
    current: State
    requested: State
    walk: Walk


def requests(machine: Machine) -> Iterator[Request]:
    """Every request for another state, on every device that can get it; the fewest features first.

    Nobody requests an error state.  There are no requests where the spec contradicts itself: nobody knows
    what becomes of them.
    """
    if contradicts_itself(machine):
        return
    for features in feature_sets(machine):
        existing = [state for state in machine.states if supports(features, state)]
        for current in existing:
            for requested in existing:
                if current.name != requested.name and requested.kind != "error":
                    way = walk(machine, features, current, requested)
                    yield Request(features, current, requested, way)


def contradicts_itself(machine: Machine) -> bool:
    """Whether a request is a transition, and blocked."""
    blocked = machine.paths.blocked if machine.paths else ()
    return any(arc_between(machine, pair.source, pair.target) for pair in blocked)


def at_paths(machine: Machine, key: str = "") -> Span:
    """The place of a key under `paths:`, of `paths:` itself where it is not there."""
    section = machine.origin.get("paths")
    if isinstance(section, tree.Mapping) and key in section.entries:
        return section.entries[key][0].span
    return machine.origin.entries["paths"][0].span


def given_on(machine: Machine, request: Request) -> FirstStep | None:
    """The first step that leads a request out of its way, None where none does."""
    passed = {request.current.name, *(state.name for state in request.walk.steps[:-1])}
    for step in machine.paths.first_steps if machine.paths else ():
        if step.target is request.requested and step.source.name in passed:
            return step
    return None


def with_features(machine: Machine, features: frozenset[str] | None) -> str:
    """The features in words, before what holds with them; nothing where no state needs one."""
    names = needed_features(machine)
    if not names or features is None:
        return ""
    return f"with {listing([name for name in names if name in features] or ['no feature'], 'and')}, "
