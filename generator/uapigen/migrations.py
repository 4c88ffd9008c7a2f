"""How a device is migrated: which states the two sides are brought to, and in which order.

The room of what the tables say about that together: in which states changes are recorded, in which data can
be loaded, and which data streams give all of it.  How data moves between the requests is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from uapigen import machine as machines
from uapigen.answers import meanings
from uapigen.model import Machine, State
from uapigen.streams import streams

Way = tuple[State, ...]
"""States that are asked for, one after the other."""


class Ways(NamedTuple):
    """The requests of a migration, on a device with these features.

    ``record`` brings the running source where what changes comes again, None where there is no such state
    that it can be stopped from without a loss; ``stop`` where it is stopped and gives the rest; ``end`` where
    it is left.  ``load`` brings the target where it takes data, ``start`` to its initial state.  ``back``
    brings the source there from wherever it came to; requests that are refused on the way are let pass.
    """

    machine: Machine
    features: frozenset[str]
    record: Way | None
    stop: Way
    end: Way
    load: Way
    start: Way
    back: Way


class _Roles(NamedTuple):
    """The names of states, the better ones first, by what they are good for.

    ``record``: changes come again; ``stop``: nothing changes, and what changed before is known; ``rest``:
    nothing changes, and all of the data is there.  ``keeps``: whether what was recorded is kept when a
    device goes from a state through others.
    """

    record: Collection[str]
    stop: Collection[str]
    rest: Collection[str]
    end: Collection[str]
    load: Collection[str]
    keeps: Callable[[State, Way], bool]


def by_streams(machine: Machine, features: frozenset[str]) -> Ways | None:
    """The migration by data streams that are read on one side and written on the other, None without."""
    moving = streams(machine)
    read = [name for name, stream in moving.items() if stream.user == "reads"]
    whole = [name for name in read if moving[name].whole]
    ends = [arc.target for arc in machine.arcs if arc.source.name in whole and arc.stream == "closes"]
    steps = meanings(machine, features)

    def keeps(current: State, entered: Way) -> bool:
        """Whether the stream that user space has is carried on."""
        pairs = zip((current, *entered), entered, strict=False)
        taken = (arc for one, other in pairs for arc in steps.get((one.name, other.name), ()))
        return not any(arc.stream in ("opens", "closes") for arc in taken)

    roles = _Roles(
        record=[name for name in read if name not in whole],
        stop=whole,
        rest=whole,
        end=[state.name for state in sorted(ends, key=lambda state: state is machine.initial)],
        load=[name for name, stream in moving.items() if stream.user == "writes"],
        keeps=keeps,
    )
    return _ways(machine, features, roles)


def by_regions(
    machine: Machine, features: frozenset[str], recording: Iterable[str], loading: Iterable[str]
) -> Ways | None:
    """The migration by regions, None where there is no way through the states of the machine.

    A device that can be loaded is stopped; one that records and cannot be loaded still runs.
    """
    record = dict.fromkeys(recording)
    quiet = sorted(dict.fromkeys(loading), key=lambda name: name in record)
    roles = _Roles(
        record=[name for name in record if name not in quiet],
        stop=[name for name in record if name in quiet],
        rest=quiet,
        end=[name for name in quiet if name not in record],
        load=quiet,
        keeps=lambda _, entered: all(state.name in record for state in entered),
    )
    return _ways(machine, features, roles)


def _ways(machine: Machine, features: frozenset[str], roles: _Roles) -> Ways | None:
    begin = machine.initial
    if begin is None or not machines.supports(features, begin):
        return None
    reached = _requests(machine, features, begin)
    load = _nearest(reached, roles.load)
    start = _requests(machine, features, _last(begin, load)).get(begin.name) if load is not None else None
    record, stop = None, _nearest(reached, roles.rest)
    for way in sorted((reached[name] for name in roles.record if name in reached), key=len):
        kept = _nearest(_requests(machine, features, _last(begin, way), roles.keeps), roles.stop)
        if kept is not None:
            record, stop = way, kept
            break
    if load is None or start is None or stop is None:
        return None
    stopped = _last(begin, (*(record or ()), *stop))
    end = _nearest(_requests(machine, features, stopped), roles.end) or ()
    ways = Ways(machine, features, record, stop, end, load, start, ())
    backs = (_requests(machine, features, _last(stopped, end)).get(begin.name), (begin,))
    return next(
        (ways._replace(back=back) for back in backs if back is not None and _leads_back(ways, back)), None
    )


def _requests(
    machine: Machine,
    features: frozenset[str],
    begin: State,
    fits: Callable[[State, Way], bool] | None = None,
) -> dict[str, Way]:
    """The fewest requests that lead to each state, where what they enter ``fits``."""
    found: dict[str, Way] = {begin.name: ()}
    queue = [begin]
    for current in queue:
        for requested in machine.states:
            entered = machines.path(machine, features, current, requested)
            if entered and requested.name not in found and (fits is None or fits(current, entered)):
                found[requested.name] = (*found[current.name], requested)
                queue.append(requested)
    return found


def _nearest(ways: Mapping[str, Way], names: Collection[str]) -> Way | None:
    """The shortest way to one of these states; of as short ones, to the one that is named first."""
    return min((ways[name] for name in names if name in ways), key=len, default=None)


def _last(begin: State, way: Way) -> State:
    return way[-1] if way else begin


def _leads_back(ways: Ways, back: Way) -> bool:
    """Whether these requests lead to the initial state from every state that the source comes to."""
    machine, features = ways.machine, ways.features
    assert machine.initial
    visited = [machine.initial]
    for requested in (*(ways.record or ()), *ways.stop, *ways.end):
        visited += machines.path(machine, features, visited[-1], requested)
    for state in visited:
        current = state
        for requested in back:
            entered = machines.path(machine, features, current, requested)
            current = _last(current, entered)
        if current is not machine.initial:
            return False
    return True
