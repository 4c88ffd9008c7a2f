"""What there is to say of one thing of an interface: what its document says of it, and the drawings.

The room of content: the chapters of :mod:`uapigen.document`, cut by what is asked for.  How a page gets onto
a terminal is the matter of :mod:`uapigen.commands.explain`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from uapigen import cdoc, diagram, sentences
from uapigen.diagram.model import Drawing
from uapigen.document import Table, bytemaps, drawings, regions, states, structs
from uapigen.matrix import Answer, answer, by_value
from uapigen.model import Interface, Machine, Operation, Prose, Region, State, Struct, Topic, Verdict
from uapigen.wording import listing


class Rows(NamedTuple):
    """A word and a text in each row, beneath a heading, which is empty where none is needed."""

    heading: str
    rows: tuple[tuple[str, Prose | str], ...]


Part: TypeAlias = "Prose | Drawing | Table | Rows"
Page: TypeAlias = "Callable[[int], Iterator[Part]]"


class Thing(NamedTuple):
    """Something with a page.

    ``kind`` heads lists of such things, in which it is the ``word``; ``names``: all that it goes by;
    ``brief``: its doc's first sentence; ``page`` takes the columns that there are.
    """

    kind: str
    title: str
    word: str
    names: tuple[str, ...]
    brief: Prose
    page: Page


def things(interface: Interface) -> Iterator[Thing]:
    """Everything that has a page: regions, structs, state machines, their states, operations, rules."""
    for region in interface.region_type.regions if interface.region_type else ():
        page: Page = partial(_region, interface, region)
        names: tuple[str, ...] = (region.name, region.c_name, f"region {region.name}")
        yield Thing("Regions", f"Region {region.name}", region.name, names, _brief(region.doc), page)
    for struct in interface.structs:
        page = partial(_struct, interface, struct)
        title = f"{struct.keyword} {struct.name}"
        yield Thing("Structs", title, struct.name, (struct.name, title), _brief(struct.doc), page)
    for machine in interface.machines:
        page, name = partial(_machine, machine), machine.name
        yield Thing("State machines", f"State machine {name}", name, (name,), _brief(machine.doc), page)
        for state in by_value(machine.states):
            page, name, doc = partial(_state, machine, state), state.name, _state_doc(machine, state)
            names = (
                name,
                *(c_name for c_name, each in machine.c_names if each.name == name),
                f"state {name}",
            )
            yield Thing("States", f"State {name}", name, names, _brief(doc), page)
    for operation in interface.operations:
        page, name = partial(_operation, interface, operation), operation.name
        number = str(operation.number)
        title = f"Operation {number}: {name}"
        yield Thing(
            "Operations",
            title,
            f"{number} {name}",
            (name, number, f"operation {number}"),
            _brief(operation.doc),
            page,
        )
    for topic in interface.topics:
        page = partial(_topic, interface, topic)
        yield Thing("Rules of the protocol", topic.name, topic.name, (topic.name,), _brief(topic.doc), page)


def named(every: Sequence[Thing], name: str) -> list[Thing]:
    """The things with this name; where there is none, those that have it in other letters."""
    exact = [thing for thing in every if name in thing.names]
    return exact or [thing for thing in every if name.casefold() in {each.casefold() for each in thing.names}]


def whole(interface: Interface, width: int) -> Iterator[Part]:
    """The interface at a glance, and what else can be explained of it."""
    yield interface.doc
    drawing = diagram.overview(interface, width)
    if drawing:
        yield drawings.about_overview(interface, drawing)
        yield drawing
    found: dict[str, list[tuple[str, Prose]]] = {}
    for thing in things(interface):
        found.setdefault(thing.kind, []).append((thing.word, thing.brief))
    for kind, rows in found.items():
        yield Rows(kind, tuple(rows))


def _brief(doc: Prose) -> Prose:
    """The first sentence."""
    first = next(iter(doc.paragraphs), "")
    return Prose(re.split(r"(?<=[.!?]) ", first, maxsplit=1)[0])


# --- pages ----------------------------------------------------------------------------------------


def _region(interface: Interface, region: Region, width: int) -> Iterator[Part]:
    yield regions.numbered(region)
    yield cdoc.plain(region)
    yield regions.access(region)
    yield from _drawn(diagram.overview(interface, width, only=region.name))


def _struct(interface: Interface, struct: Struct, width: int) -> Iterator[Part]:
    plans = structs.plans_of(interface, struct, width)
    yield cdoc.plain(struct)
    yield from structs.notes(struct)
    yield bytemaps.reading([struct], [map_ for plan in plans for map_ in plan.maps])
    for plan in plans:
        yield plan.extent
        for map_ in plan.maps:
            if map_.name:
                yield structs.alternative(map_)
            yield map_.drawing
        yield plan.members
        yield from plan.gaps


def _machine(machine: Machine, width: int) -> Iterator[Part]:
    drawing = diagram.machine(machine, width)
    yield cdoc.plain(machine)
    yield states.facts(machine)
    yield drawings.about_machine(machine, drawing, width)
    yield from _drawn(drawing)
    yield states.needs(machine)
    yield states.arcs(machine)
    yield states.walking(machine)


def _state(machine: Machine, state: State, width: int) -> Iterator[Part]:
    yield Prose(f"{cdoc.state_in_c(machine, state)} is {state.value}.")
    yield _state_doc(machine, state)
    drawing = diagram.machine(machine, width, around=state)
    yield from _drawn(drawing)
    table = states.arcs(machine)
    near = tuple(
        row for row, arc in zip(table.rows, machine.arcs, strict=True) if state in {arc.source, arc.target}
    )
    if near:
        yield Table(table.header, near).compact()
    yield Rows(f"What becomes of a request in {state.name}", tuple(_requests(machine, state)))


def _state_doc(machine: Machine, state: State) -> Prose:
    """What is said of a state; of a base state with modifiers, what is said of each of them."""
    if machine.encoding == "bits":
        return cdoc.plain(state)
    parts = [part for part in machine.parts if part.name in {state.name, *state.parts}]
    return Prose(" ".join(cdoc.state_part(machine, part).text for part in parts))


def _requests(machine: Machine, current: State) -> Iterator[tuple[str, str]]:
    """What becomes of each request on a device with all features."""
    for requested in by_value(machine.states):
        yield requested.name, _verdict(machine, answer(machine, None, current, requested))


def _verdict(machine: Machine, found: Answer) -> str:
    if found.verdict is not Verdict.ACCEPTED:
        return f"refused with {machine.errno}" if found.verdict is Verdict.REFUSED else "not specified"
    if not found.path:
        return "succeeds, the state stays"
    between = [state.name for state in found.path[:-1]]
    return f"succeeds, through {listing(between, 'and')}" if between else "succeeds"


def _operation(interface: Interface, operation: Operation, width: int) -> Iterator[Part]:
    yield from sentences.about(operation)
    drawing = diagram.sequence(interface, operation, width)
    yield drawings.about_sequence(drawing, width)
    yield from _drawn(drawing)
    steps = (sentences.step(step) for step in operation.steps)
    yield Rows("", tuple((f"{number}.", step) for number, step in enumerate(steps, 1)))
    if operation.failures:
        yield Rows("It fails with", tuple(("-", sentences.failure(each)) for each in operation.failures))
    rules = [topic for topic in interface.topics if _touches(operation, topic)]
    if rules:
        yield Rows("Rules for its members", tuple((topic.name, _brief(topic.doc)) for topic in rules))


def _topic(interface: Interface, topic: Topic, _: int) -> Iterator[Part]:
    yield cdoc.plain(topic)
    found = [operation for operation in interface.operations if _touches(operation, topic)]
    if found:
        yield Rows(
            "Operations on its members",
            tuple((f"{operation.number} {operation.name}", _brief(operation.doc)) for operation in found),
        )


def _touches(operation: Operation, topic: Topic) -> bool:
    """Whether a step is about a member that the topic is about."""
    return any(step.field in topic.about for step in operation.steps if step.field)


def _drawn(drawing: Drawing | None) -> Iterator[Drawing]:
    if drawing:
        yield drawing
