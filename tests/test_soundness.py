"""What the rules on soundness find, held against a search that shares nothing with them.

The search knows a machine as numbers, finds distances by Floyd and Warshall's algorithm, and walks by
counting steps; the rules know the spec's text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sample import SPECS, interface_of
from uapigen.pipeline import load_source
from uapigen.rules import all_rules, check
from uapigen.source import Source

SOUNDNESS = {
    "blocked-on-the-way",
    "dead-end-state",
    "endless-walk",
    "first-step",
    "initial-state",
    "pair-without-path",
    "unreachable-state",
    "unused-transition",
}
RULES = [rule for rule in all_rules() if rule.id in SOUNDNESS]

Pair = tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """A state machine in numbers: states, and features as bits.

    ``paths``: whether there is a section of that name, with all that follows it here.
    """

    needs: tuple[int, ...]
    errors: frozenset[int]
    arcs: tuple[Pair, ...]
    initial: int
    reset: int | None
    otherwise: str | None
    paths: bool
    avoid: frozenset[int] = frozenset()
    blocked: frozenset[Pair] = frozenset()
    first: tuple[tuple[int, int, int], ...] = ()
    over: bool = False

    def text(self) -> str:
        """The machine as sections of a spec."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        features = [f"F{bit}" for bit in range(3) if any(needs >> bit & 1 for needs in self.needs)]
        if features:
            yield "flags:\n  - flags: features\n    prefix: F_\n    values:"
            yield from (f"      - {{name: {name}, value: {1 << int(name[1])}}}" for name in features)
        yield "states:\n  - states: machine\n    set-by: user\n    prefix: S_"
        yield f"    initial: S{self.initial}"
        yield from [f"    reset: S{self.reset}"] if self.reset is not None else []
        yield from [f"    otherwise: {self.otherwise}"] if self.otherwise else []
        yield from ["    features: features"] if features else []
        yield "    values:"
        for state, needs in enumerate(self.needs):
            said = [f"name: S{state}, value: {state}"]
            said += ["kind: error"] if state in self.errors else []
            named = ", ".join(f"F{bit}" for bit in range(3) if needs >> bit & 1)
            said += [f"needs: [{named}]"] if named else []
            yield f"      - {{{', '.join(said)}}}"
        yield "    transitions:"
        yield from (f"      - {{from: S{one}, to: S{other}, label: go}}" for one, other in self.arcs)
        if not self.paths:
            return
        yield f"    paths:\n      unsupported: {'stepped-over' if self.over else 'impassable'}"
        yield from (
            [f"      fewest-of: [{', '.join(f'S{s}' for s in sorted(self.avoid))}]"] if self.avoid else []
        )
        yield from ["      blocked:"] if self.blocked else []
        yield from (f"        - {{from: S{one}, to: S{other}}}" for one, other in sorted(self.blocked))
        yield from ["      first-steps:"] if self.first else []
        yield from (f"        - {{from: S{a}, to: S{b}, step: S{step}}}" for a, b, step in self.first)


# --- the search -----------------------------------------------------------------------------------


class Search:
    """Everything that a device with some features does, found by brute force."""

    def __init__(self, plan: Plan, features: int) -> None:
        self.plan = plan
        self.all = range(len(plan.needs))
        self.has = [not needs & ~features for needs in plan.needs]
        usable = [plan.paths and plan.over] * len(plan.needs)
        self.usable = [one or other for one, other in zip(usable, self.has, strict=True)]
        self.arcs = [
            (one, other)
            for one, other in plan.arcs
            if self.usable[one] and self.usable[other] and other not in plan.errors
        ]
        self.distance = self._distances()

    def _distances(self) -> dict[Pair, tuple[int, int]]:
        """Length of the best path, and how many states to be avoided are inside."""
        best: dict[Pair, tuple[int, int]] = dict.fromkeys(self.arcs, (1, 0))
        for k in self.all:
            for i in self.all:
                for j in self.all:
                    if (i, k) in best and (k, j) in best and len({i, j, k}) == 3:
                        (one, costs), (other, cost) = best[i, k], best[k, j]
                        through = (one + other, costs + cost + (k in self.plan.avoid))
                        best[i, j] = min(best.get((i, j), through), through)
        return best

    def step(self, at: int, to: int) -> int | None:
        if not self.plan.paths:
            return to if (at, to) in self.arcs else None
        for source, target, step in self.plan.first:
            if (source, target) == (at, to) and (at, step) in self.arcs:
                return step
        ways = []
        for place, (source, after) in enumerate(self.arcs):
            if source == at and after == to:
                ways.append((1, 0, place, after))
            elif source == at and (after, to) in self.distance:
                length, cost = self.distance[after, to]
                ways.append((1 + length, cost + (after in self.plan.avoid), place, after))
        return min(ways)[3] if ways else None

    def walk(self, at: int, to: int) -> tuple[str, list[int]]:
        steps: list[int] = []
        while at != to:
            if (at, to) in self.plan.blocked:
                return "blocked", steps
            if len(steps) > len(self.all) + 1:
                return "loops", steps
            after = self.step(at, to)
            if after is None:
                return "nowhere", steps
            steps.append(after)
            at = after
        return "arrives", steps

    def walks(self) -> Iterator[tuple[int, int, str, list[int]]]:
        """Every request for another state: from where, for what, how it ends, and the states on the way."""
        existing = [state for state in self.all if self.has[state]]
        for at in existing:
            for to in existing:
                if at != to and to not in self.plan.errors:
                    end, steps = self.walk(at, to)
                    yield at, to, end, [at, *steps]

    def accepts(self, at: int, to: int) -> bool:
        asked = self.has[at] and self.has[to] and to not in self.plan.errors
        return asked and self.walk(at, to)[0] == "arrives"

    def entered(self) -> set[int]:
        plan = self.plan
        begin = {plan.initial, *plan.errors, *([plan.reset] if plan.reset is not None else [])}
        found = {state for state in begin if self.has[state]}
        while True:
            more = {
                step
                for at in found
                for to in self.all
                if self.accepts(at, to)
                for step in self.walk(at, to)[1]
                if self.has[step]
            }
            if more <= found:
                return found
            found |= more


def violations(plan: Plan) -> set[str]:
    """The rules that a machine breaks."""
    every = 0
    for needs in plan.needs:
        every |= needs
    sets = (features for features in range(8) if not features & ~every)
    searches = [Search(plan, features) for features in sets if not plan.needs[plan.initial] & ~features]
    found = {name for search in searches for name in of_device(search)}
    walked = {step for search in searches for _, _, _, steps in search.walks() for step in pairwise(steps)}
    normal = {*range(len(plan.needs))} - plan.errors
    if any(arc not in walked and arc[1] not in plan.errors for arc in plan.arcs):
        found.add("unused-transition")
    if {plan.initial, plan.reset} & plan.errors:
        found.add("initial-state")
    mentioned = {state for arc in plan.arcs for state in arc} | {plan.initial, plan.reset}
    if plan.otherwise == "unspecified" and not mentioned >= normal:
        found.add("unreachable-state")
    if any(wrong_step(plan, *first) for first in plan.first):
        found.add("first-step")
    return found


def of_device(search: Search) -> Iterator[str]:
    """The rules that are broken on a device with some features."""
    plan, entered = search.plan, search.entered()
    for at, to, end, steps in search.walks():
        if end == "loops":
            yield "endless-walk"
        if end == "blocked" and len(steps) > 1:
            yield "blocked-on-the-way"
        told = not plan.paths or plan.otherwise is not None or at in plan.errors
        if end == "nowhere" and not told and {at, to} <= entered:
            yield "pair-without-path"
    if plan.reset is not None and not search.has[plan.reset]:
        yield "initial-state"
    if plan.otherwise == "unspecified":
        return
    existing = [state for state in search.all if search.has[state]]
    for state in {*existing} - entered:
        ends = [search.walk(at, state) for at in entered]
        # What a loop, or a block on the way, keeps from being reached is a mistake of theirs.
        if not any(end == "loops" or (end == "blocked" and steps) for end, steps in ends):
            yield "unreachable-state"
    for at in entered if plan.reset is None else ():
        others = [to for to in existing if to != at and to not in plan.errors]
        if not any(search.accepts(at, to) for to in others) and (others or at in plan.errors):
            yield "dead-end-state"


def wrong_step(plan: Plan, source: int, target: int, step: int) -> bool:
    """Whether a first step is of no request, no transition, or one of several."""
    if source == target or {target, step} & plan.errors or (source, target) in plan.blocked:
        return True
    return (source, step) not in plan.arcs or [first[:2] for first in plan.first].count((source, target)) > 1


# --- random machines ------------------------------------------------------------------------------


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(2, 12))
    state = st.integers(0, count - 1)
    masks = st.sampled_from(draw(st.sampled_from([[0], [0, 0, 1], [0, 0, 0, 1, 3, 4]])))
    needs = [draw(masks) for _ in range(count)]
    needs[0] = draw(st.sampled_from([0, 0, needs[0]]))
    errors = (
        draw(st.sampled_from([frozenset(), frozenset(), frozenset([count - 1])]))
        if count > 2
        else frozenset()
    )
    # A ring makes many machines sound; its gaps make some of them unsound in one way only.
    ring = [(one, (one + 1) % count) for one in range(count) if draw(st.integers(0, 9))]
    back = [(other, one) for one, other in ring if draw(st.booleans())]
    more = draw(st.lists(st.tuples(state, state), max_size=draw(st.sampled_from([0, 2, 20]))))
    arcs = dict.fromkeys((a, b) for a, b in (*ring, *back, *more) if a != b)
    if not arcs:
        arcs = {(0, 1): None}
    pairs = st.tuples(state, state).filter(lambda pair: pair[0] != pair[1] and pair not in arcs)
    complete = len(arcs) == count * (count - 1)
    blocked = (
        draw(st.frozensets(pairs, max_size=draw(st.sampled_from([0, 0, 2, 4]))))
        if not complete
        else frozenset()
    )
    blocked = frozenset(pair for pair in blocked if pair[1] not in errors)
    leaving = st.sampled_from([*arcs])
    first = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 4]))):
        source, step = draw(leaving) if draw(st.integers(0, 9)) else (draw(state), draw(state))
        others = [other for one, other in arcs if one == source]
        target = draw(st.sampled_from(others)) if others and draw(st.booleans()) else draw(state)
        first.append((source, target, step))
    return Plan(
        needs=tuple(needs),
        errors=errors,
        arcs=tuple(arcs),
        initial=draw(st.sampled_from([0, 0, 0, count - 1])),
        reset=draw(st.sampled_from([None, 0, count - 1])),
        otherwise=draw(st.sampled_from([None, "refused", "unspecified"])),
        paths=(paths := draw(st.integers(0, 3)) > 0),
        avoid=draw(st.frozensets(state, max_size=3)) if paths else frozenset(),
        blocked=blocked if paths else frozenset(),
        first=tuple(first) if paths else (),
        over=paths and draw(st.booleans()),
    )


def test_the_rules_find_what_a_search_finds_in_random_machines() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(plans())
    def held(plan: Plan) -> None:
        interface = interface_of(plan.text())
        found = {rule.id for rule in RULES if any(rule.check(interface))}
        assert found == violations(plan)
        seen.update(found or {"sound"})

    held()
    # Each rule must have had its chance, or the test says nothing of it.
    assert min(seen[name] for name in (*SOUNDNESS, "sound")) >= 1, seen


# --- the migration of VFIO, with the mistakes that its own table had ------------------------------

V2 = (SPECS / "vfio-migration-v2.yaml").read_text(encoding="utf-8")
BLOCKED = """\
      blocked:
        - {from: STOP_COPY, to: PRE_COPY}
        - {from: STOP_COPY, to: PRE_COPY_P2P}
"""


def findings(old: str, new: str) -> list[str]:
    """What is wrong with the spec of the second migration interface where a part of it is another one."""
    assert V2.count(old) == 1
    interface = load_source(Source("v2.yaml", V2.replace(old, new)))
    return [f"{found.message} [{found.id}]" for found in check(interface)]


def test_the_migration_of_vfio_is_sound() -> None:
    assert findings(BLOCKED, BLOCKED) == []


def test_blocked_pairs_that_are_forgotten_are_found_with_the_features_and_the_pair() -> None:
    lost = "closes the stream and opens another one: STOP_COPY -> STOP"
    of = "in 'STOP_COPY'"
    one, other = findings(BLOCKED, "")
    assert one == (
        f"with STOP_COPY and PRE_COPY, a request for 'PRE_COPY' {of} {lost} -> RUNNING -> PRE_COPY"
        " [stream-restarted]"
    )
    assert other == (
        f"with STOP_COPY, P2P and PRE_COPY, a request for 'PRE_COPY_P2P' {of} {lost} -> RUNNING_P2P"
        " -> PRE_COPY_P2P [stream-restarted]"
    )


def test_a_table_that_loops_is_found_with_the_features_and_the_pair() -> None:
    steps = """\
      first-steps:
        - {from: STOP, to: PRE_COPY, step: STOP_COPY}
        - {from: STOP, to: PRE_COPY_P2P, step: RESUMING}
"""
    (blocked, endless) = findings(BLOCKED, BLOCKED + steps)
    assert blocked == (
        "with STOP_COPY and PRE_COPY, a request for 'PRE_COPY' in 'STOP' or 'RESUMING' leads through"
        " 'STOP_COPY', and is blocked there [blocked-on-the-way]"
    )
    assert endless == (
        "with STOP_COPY, P2P and PRE_COPY, a request for 'PRE_COPY_P2P' in 'STOP' never ends:"
        " STOP -> RESUMING -> STOP [endless-walk]"
    )


def test_without_stepping_over_a_device_without_p2p_is_lost() -> None:
    found = findings("      unsupported: stepped-over\n", "")
    assert "with STOP_COPY, no request leads to the state 'STOP' [unreachable-state]" in found
    assert {text.rpartition("[")[2] for text in found} == {"unreachable-state]"}
