"""An operation: which way data goes, one step beneath the other.

The room of lanes and steps.  An arrow leads the way that data goes: a read from what is read to user space.
Where the driver answers a read, the read asks first, and the answer is what goes to user space.  What the
driver does within itself is a box on its lane.  What happens in some states only is dashed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from uapigen.diagram.between import DRIVER, USER
from uapigen.diagram.model import Box, Drawing, Edge, Label, Lane, Point, Role, Stroke
from uapigen.model import Interface, Operation, Step, Struct

_MARGIN = 4
"""Cells of an arrow on each side of its label, its head and a blank among them."""


class _Act(NamedTuple):
    """One step: ``target`` is None where the driver acts within itself; ``texts`` from the shortest on."""

    number: int
    source: str
    target: str | None
    texts: tuple[str, ...]
    stroke: Stroke


def sequence(interface: Interface, operation: Operation, width: int) -> Drawing | None:
    """The steps of an operation; each says as much beside its number as there is room for.

    None where it needs more than ``width`` even with the verbs alone.
    """
    answered = {step.field.path for step in operation.steps if step.verb == "answer" and step.field}
    acts = [_act(interface, number, step, answered) for number, step in enumerate(operation.steps, 1)]
    names = [USER, *_things(interface, operation), DRIVER]
    texts = [act.texts[0] for act in acts]
    drawing = _drawn(names, acts, texts)
    for detail in range(1, max(len(act.texts) for act in acts)):
        for place, act in enumerate(acts):
            longer = [*texts[:place], act.texts[min(detail, len(act.texts) - 1)], *texts[place + 1 :]]
            tried = _drawn(names, acts, longer)
            if tried.width <= width:
                drawing, texts = tried, longer
    return drawing if drawing.width <= width else None


def _things(interface: Interface, operation: Operation) -> list[str]:
    """What lies between the two, regions in the order of the spec."""
    regions = interface.region_type.regions if interface.region_type else ()
    order = {region.name: place for place, region in enumerate(regions)}
    found = dict.fromkeys(thing for step in operation.steps if (thing := _thing(interface, step)))
    return sorted(found, key=lambda name: order.get(name, len(order)))


def _act(interface: Interface, number: int, step: Step, answered: Collection[str]) -> _Act:
    """``answered``: the members of which the driver answers a read."""
    texts = tuple(f"{number} {text}" for text in dict.fromkeys(_texts(step)))
    stroke = Stroke.DASHED if step.states else Stroke.SOLID
    return _Act(number, *_way(step, _thing(interface, step), answered), texts, stroke)


def _way(step: Step, thing: str | None, answered: Collection[str]) -> tuple[str, str | None]:
    """From where to where data goes in a step."""
    asks = step.verb == "read" and step.field is not None and step.field.path in answered
    if step.verb == "answer":
        return DRIVER, USER
    if step.verb in {"load", "take"} or (step.verb == "read" and not asks):
        assert thing
        return thing, USER if step.by == "user" else DRIVER
    return USER if step.by == "user" else DRIVER, thing


def _thing(interface: Interface, step: Step) -> str | None:
    """What a step acts on, None where the driver acts within itself."""
    if step.region:
        return step.region.name
    return _holder(interface, step.field.struct) if step.field and step.verb != "enter" else None


def _holder(interface: Interface, struct: Struct) -> str:
    """Where a struct lies: in a region, else it stands for itself."""
    regions = interface.region_type.regions if interface.region_type else ()
    alone = f"{struct.keyword} {struct.name}"
    return next((region.name for region in regions if region.layout is struct), alone)


def _texts(step: Step) -> Iterator[str]:
    """The step in words, from its verb alone to all of it."""
    yield step.verb
    if step.by == "driver":
        data = (step.data or "").replace("-", " ")
        yield " ".join(filter(None, (step.verb, _BEFORE.get(step.verb) if data else "", data)))
    elif step.region:
        yield (
            f"{step.verb} {'the chunk' if step.length == 'chunk' else f'{step.length} bytes'}"
            if step.length
            else step.verb
        )
    elif step.field:
        yield f"{step.verb} {step.field.path}"
        if step.value:
            yield f"{step.verb} {step.value.name} to {step.field.path}"


_BEFORE = {"answer": "with", "take": "as", "fill": "with", "freeze": "the", "load": "the"}


def _drawn(names: Sequence[str], acts: Sequence[_Act], texts: Sequence[str]) -> Drawing:
    lanes = _placed(names, acts, texts)
    heads = [_head(name, x) for name, x in lanes.items()]
    edges: list[Edge] = []
    boxes: list[Box] = []
    y = 2
    for act, text in zip(acts, texts, strict=True):
        if act.target is None:
            left = lanes[act.source] - (len(text) + 3) // 2
            labels = (Label(text, Point(left + 2, y + 1), Role.NUMBER),)
            to = Point(left + len(text) + 3, y + 2)
            boxes.append(Box(str(act.number), Point(left, y), to, labels, act.stroke))
            y += 3
        else:
            edges.append(_arrow(act, text, lanes, y))
            y += 1
    right = max([box.to.x for box in boxes] + [label.at.x + len(label.text) - 1 for label in heads])
    tracks = tuple(Lane(name, Point(x, 1), y) for name, x in lanes.items())
    return Drawing(right + 1, y + 1, tuple(boxes), tracks, tuple(edges), tuple(heads))


def _placed(names: Sequence[str], acts: Sequence[_Act], texts: Sequence[str]) -> dict[str, int]:
    """The column of each lane: as near to each other as their names and the labels between them allow."""
    heads = map(_title, names)
    gaps = [len(one) - len(one) // 2 + len(other) // 2 + 2 for one, other in pairwise(heads)]
    for act, text in sorted(zip(acts, texts, strict=True), key=lambda each: len(_between(names, each[0]))):
        between = _between(names, act)
        if between:
            widest = max(between, key=gaps.__getitem__)
            gaps[widest] = max(gaps[widest], len(text) + 2 * _MARGIN + 1)
        else:
            gaps[-1] = max(gaps[-1], len(text) // 2 + 4)
    return dict(zip(names, accumulate(gaps, initial=len(names[0]) // 2), strict=True))


def _head(name: str, x: int) -> Label:
    """What stands above a lane."""
    title = _title(name)
    return Label(title, Point(x - len(title) // 2, 0), Role.NAME)


def _title(name: str) -> str:
    return "driver" if name == DRIVER else name


def _between(names: Sequence[str], act: _Act) -> range:
    """The gaps between lanes that an arrow passes, by the number of the lane before; none within one."""
    ends = sorted(names.index(name) for name in (act.source, act.target or act.source))
    return range(*ends)


def _arrow(act: _Act, text: str, lanes: Mapping[str, int], y: int) -> Edge:
    """An arrow, its label in the widest gap that it passes."""
    assert act.target
    start, end = lanes[act.source], lanes[act.target]
    ahead = 1 if end > start else -1
    columns = [x for x in lanes.values() if min(start, end) <= x <= max(start, end)]
    left, right = max(pairwise(columns), key=lambda gap: gap[1] - gap[0])
    label = Label(f" {text} ", Point((left + right - len(text)) // 2, y), Role.NUMBER)
    points = Point(start + ahead, y), Point(end - ahead, y)
    return Edge(str(act.number), act.source, act.target, points, (label,), act.stroke)
