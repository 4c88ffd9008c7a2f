"""What ``migrate`` of the bindings is made from: the requests, and the data that moves between them.

The room of which categories move when.  Which states there are for that is known by
:mod:`uapigen.migrations`; the code around it is that of the template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from uapigen.buffers import machines_outside, machines_with_streams
from uapigen.machine import feature_sets
from uapigen.migrations import Way, Ways, by_regions, by_streams
from uapigen.model import Interface, Machine, Operation, Prose
from uapigen.pycategories import Category, categories
from uapigen.pyclient import Method, client
from uapigen.pynames import Names
from uapigen.wording import listing


class Migration(NamedTuple):
    """How a device is migrated.  ``ask`` is the method of the client that asks for a state.

    ``early`` is the migration that moves data before the source stops, ``late`` the one that does not; at
    least one of them is there.  Of the categories, ``again`` come in each round, ``last`` once the source is
    stopped, and ``marked`` say which pages of system memory come again.  ``streams``: data moves through
    file descriptors, and there are no categories.
    """

    names: Names
    machine: Machine
    ask: str
    early: Ways | None
    late: Ways | None
    again: tuple[Category, ...] = ()
    last: tuple[Category, ...] = ()
    marked: tuple[Category, ...] = ()
    streams: bool = False

    @property
    def ways(self) -> Ways:
        """The requests that both ways of migrating have."""
        found = self.early or self.late
        assert found
        return found

    @property
    def choice(self) -> tuple[str, ...]:
        """The names of the features that only the early migration needs; none where there is no choice."""
        if self.early and self.late:
            return tuple(sorted(self.early.features - self.late.features))
        return ()

    @property
    def flags(self) -> str:
        """The class of the features."""
        return self.names.classes[self.machine.features.name] if self.machine.features else ""

    @property
    def chosen(self) -> str:
        """The features that only the early migration needs, as an expression."""
        features = self.machine.features
        values = [value for value in features.values if value.name in self.choice] if features else []
        return " | ".join(self.names.value(features, value) for value in values if features)

    def states(self, way: Way | None) -> Iterator[str]:
        """The states of a way, as expressions."""
        return (self.names.state(self.machine, state) for state in way or ())

    @property
    def doc(self) -> Prose:
        """What is done, what has to be given, and what becomes of a failure."""
        return Prose("\n\n".join(_sentences(self)))


class Calls(NamedTuple):
    """All that the client of an interface has: its members and methods, what moves, and how to migrate."""

    members: Mapping[str, object]
    methods: tuple[Method, ...]
    categories: tuple[Category, ...]
    migration: Migration | None


def calls(interface: Interface, names: Names) -> Calls:
    """The client of an interface: operations first, which have the names that they are called by."""
    caller = client(interface, names)
    actions = caller.actions()
    moved = categories(caller, actions)
    asked = caller.state_methods(actions)
    moving = (method for each in moved for method in (each.get, each.set) if method)
    methods = (*(action.method for action in actions), *moving, *asked.values())
    return Calls(caller.members, methods, moved, _migration(interface, names, moved, asked))


def _migration(
    interface: Interface, names: Names, found: tuple[Category, ...], asked: Mapping[str, Method]
) -> Migration | None:
    """How a device of this interface is migrated, None where the interface does not tell all of it."""
    for machine in machines_with_streams(interface):
        every = [ways for features in feature_sets(machine) if (ways := by_streams(machine, features))]
        if every and machine.name in asked:
            early = next((ways for ways in every if ways.record is not None), None)
            late = next((ways for ways in every if ways.record is None), None)
            ask = asked[machine.name].name
            return Migration(names, machine, ask, early, late, streams=True)
    return _by_regions(interface, names, found, asked)


def _by_regions(
    interface: Interface, names: Names, found: tuple[Category, ...], asked: Mapping[str, Method]
) -> Migration | None:
    moved = [each for each in found if each.region.holds != "bitmap"]
    marked = tuple(each for each in found if each.region.holds == "bitmap")
    if not moved or not all(each.get and (each in marked or each.set) for each in found):
        return None
    loading = [set(states) for each in moved if (states := _loading(each))]
    changed = {each.name: _recording(interface, each) for each in found}
    recorded = [changed[each.name] for each in found if changed[each.name] or each in marked]
    for machine in interface.machines:
        known = {state.name for state in machine.states}
        if machine in machines_outside(interface) or machine.name not in asked or not loading:
            continue
        if not all(states <= known for states in (*loading, *recorded)):
            continue
        allowed = known.intersection(*loading)
        recording = known.intersection(*recorded) if recorded else set[str]()
        in_order = [state.name for state in machine.states]
        for features in feature_sets(machine):
            ways = by_regions(
                machine,
                features,
                [name for name in in_order if name in recording],
                [name for name in in_order if name in allowed],
            )
            if ways:
                early = ways if ways.record is not None else None
                again = tuple(
                    each
                    for each in moved
                    if each.region.holds == "chunks" and (changed[each.name] or not early)
                )
                last = sorted(
                    (each for each in moved if each not in again),
                    key=lambda each: each.region.holds == "whole",
                )
                ask = asked[machine.name].name
                late = None if early else ways
                return Migration(names, machine, ask, early, late, again, tuple(last), marked)
    return None


def _loading(category: Category) -> tuple[str, ...]:
    """The states in which the data can be loaded, empty for all."""
    failures = category.load.operation.failures if category.load else ()
    return tuple(state.name for failure in failures for state in failure.states if failure.test == "outside")


def _recording(interface: Interface, category: Category) -> set[str]:
    """The states in which changes of the data are recorded."""
    return {
        state.name
        for operation in interface.operations
        if _is_about(operation, category)
        for step in operation.steps
        if (step.data or "").startswith("dirty")
        for state in step.states
    }


def _is_about(operation: Operation, category: Category) -> bool:
    """Whether the data of a category moves in an operation, or its size is told or taken there."""
    size = category.buffer.size
    return any(
        step.region is category.region or (size and step.field and step.field.path == size)
        for step in operation.steps
    )


def _sentences(plan: Migration) -> Iterator[str]:
    begin = plan.machine.initial
    assert begin
    stop = _named(plan.ways.stop, begin.name)
    yield "Migrate a device: it stops here and goes on there."
    if plan.early:
        record, needs = _named(plan.early.record or (), begin.name), listing(plan.choice or [""], "and")
        at_once = f" A source without {needs} is brought there at once." if needs else ""
        yield (
            f"The source is brought to {record}, where it still runs. Data moves in rounds, each with what"
            " changed since the one before, until one has no more than ``enough`` bytes, or ``rounds`` are"
            f" over. Then the source is brought to {stop}, where nothing changes any more, and what is left"
            f" moves.{at_once}"
        )
    else:
        yield f"All of the data moves while the source is in {stop}: before that, changes would be lost."
    load, end = _named(plan.ways.load, begin.name), _named((*plan.ways.stop, *plan.ways.end), begin.name)
    yield (
        f"Both devices must be in {begin.name}. The target is loaded in {load}; it comes back to {begin.name}"
        f" at the very end, when the source is in {end}."
    )
    yield from _parameters(plan)
    given = "``copy_pages`` or ``progress``" if plan.marked else "``progress``"
    back = f"the source is asked to go back to {begin.name}, " if plan.ways.back else ""
    yield (
        f"An OSError of a device, or any exception of {given}, ends it: {back}the target is left as it is,"
        " to be reset, and the exception is raised."
    )


def _parameters(plan: Migration) -> Iterator[str]:
    """What the parameters are; ``rounds`` and ``enough`` were explained."""
    if plan.choice:
        yield "``features`` are those of the source; where nothing is said, it is taken to have all."
    if plan.marked:
        again = ": first all of them, then those that the device wrote to" if plan.early else ""
        yield (
            "``memory`` are ranges of system memory, each as its first address and a number of pages."
            f" ``copy_pages`` is called with addresses of pages{again}. What else writes to them, the caller"
            " knows. Raises ValueError where there is memory, and nothing that copies it."
        )
    if not plan.streams:
        yield "``progress`` is called after each step. A round of data is held in memory."
    elif plan.early:
        yield (
            "``progress`` is called after each block. A source that always has more is stopped after ``most``"
            " bytes. The descriptors of the streams are closed."
        )
    else:
        yield "``progress`` is called after each block. The descriptors of the streams are closed."


def _named(way: Way, begin: str) -> str:
    """The state that a way leads to."""
    return way[-1].name if way else begin
