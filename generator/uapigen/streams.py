"""Data streams: which states have one, and what user space does with it.

The room of what follows from the arcs.  Where they contradict each other, most of those that speak of a
state are believed; that they do not is for rules to see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from uapigen.machine import reached
from uapigen.model import Arc, Machine, State
from uapigen.source import Span

BEFORE = {None: None, "opens": False, "closes": True, "continues": True}
AFTER = {None: None, "opens": True, "closes": False, "continues": True}
"""Whether there is a stream before and after a transition, by what it does to it; None: as before."""


class Known(NamedTuple):
    """Whether a state has a stream, and where that follows from."""

    has: bool
    place: Span


class Stream(NamedTuple):
    """The stream of a state: what the ``user`` does with it, and whether it is ``whole``.

    A stream that is read is whole where no transition leads to further states that carry it on: all of the
    data comes before its end.
    """

    user: str
    whole: bool


def known_streams(machine: Machine) -> dict[str, Known]:
    """Which states have a stream, by name: as transitions say it, or as follows from them."""
    known: dict[str, Known] = {}
    speaking = [arc for arc in machine.arcs if arc.stream]
    if not speaking:
        return known
    for key in ("initial", "reset", "close"):
        state: State | None = getattr(machine, key)
        if state:
            known.setdefault(state.name, Known(False, machine.where(key)))
    said: dict[str, list[Known]] = {}
    for arc in sorted(speaking, key=lambda arc: arc.source.kind == "error"):
        said.setdefault(arc.source.name, []).append(Known(bool(BEFORE[arc.stream]), arc.where()))
        said.setdefault(arc.target.name, []).append(Known(bool(AFTER[arc.stream]), arc.where()))
    for name, words in said.items():
        # Of as many on both sides, the first one is believed.
        known.setdefault(name, max(words, key=lambda word: sum(word.has == each.has for each in words)))
    silent = [arc for arc in machine.arcs if not arc.stream]
    for _ in silent:
        for arc in silent:
            for one, other in ((arc.source, arc.target), (arc.target, arc.source)):
                if one.name in known:
                    known.setdefault(other.name, Known(known[one.name].has, arc.where()))
    return known


def kept(machine: Machine, known: Mapping[str, Known]) -> dict[str, list[str]]:
    """The states with a stream that a transition leads to and leaves the stream open."""
    found: dict[str, list[str]] = {}
    for arc in machine.arcs:
        ends = (known.get(arc.source.name), known.get(arc.target.name))
        if all(end and end.has for end in ends):
            found.setdefault(arc.source.name, []).append(arc.target.name)
    return found


def opening(machine: Machine) -> dict[str, Arc]:
    """The transition that opened the stream of a state and says what it is for, by name."""
    after = kept(machine, known_streams(machine))
    found: dict[str, Arc] = {}
    for arc in machine.arcs:
        if arc.stream == "opens" and arc.user:
            for name in reached(after, [arc.target.name]):
                found.setdefault(name, arc)
    return found


def streams(machine: Machine) -> dict[str, Stream]:
    """The streams of the states that have one, by name."""
    after = kept(machine, known_streams(machine))
    return {
        name: Stream(
            arc.user or "",
            whole=all(name in reached(after, [other]) for other in reached(after, [name])),
        )
        for name, arc in opening(machine).items()
    }
