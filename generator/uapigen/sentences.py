"""What transitions, regions, and the steps and failures of an operation, say in English.

The room of sentences about who does what, and when.  They come out as :class:`~uapigen.model.element.Prose`:
how a text reaches an output is that output's matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from uapigen import cdoc
from uapigen.model import (
    Arc,
    Enumeration,
    Failure,
    FlagRef,
    Interface,
    Operand,
    Operation,
    Prose,
    Region,
    State,
    Step,
)
from uapigen.wording import listing

_WHO = {"user": "user space", "driver": "the driver"}
_ACTS = {
    "read": "reads {field}",
    "read region": "reads region {region}",
    "read part": "reads {extent} from region {region}",
    "write": "writes {value} to {field}",
    "write region": "writes {data} to region {region}",
    "write part": "writes {extent} to region {region}",
    "answer": "answers the read of {field} with {data}",
    "take": "keeps what was written to {field} as {data}",
    "enter": "enters the state that was written to {field}",
    "freeze": "freezes {data}",
    "fill": "fills region {region} with {data}",
    "load": "loads {data} from region {region}",
}
_CONDITIONS = {
    "not-in": "what is written to {field} {outside}",
    "not-multiple-of": "{field} is not a multiple of {operand}",
    "above": "{field} is above {operand}",
    "at-or-above": "{field} is at or above {operand}",
    "equals": "{field} is {operand}",
    "unset": "{field} was not written before",
    "overflows": "the end of {field} pages from {operand} on does not fit in 64 bits",
    "outside": "the state is {outside}",
    "without": "the device lacks {flag}",
    "not-frozen": "no {operand} was frozen before",
}

_STREAM = {
    "opens": "Opens the data stream",
    "closes": "Closes the data stream",
    "continues": "Carries the data stream on",
}

_HELD = {"whole": "all of its data", "chunks": "a chunk of its data", "bitmap": "a bitmap of pages"}


def sentence(text: str, *more: Prose | str) -> Prose:
    """The text with a capital, followed by others.  What is a name and no word stays as it is."""
    first = text.split(" ", 1)[0].rstrip(".,;:")
    begun = text[:1].upper() + text[1:] if first.isalpha() else text
    parts = (begun, *(each.text if isinstance(each, Prose) else each for each in more))
    return Prose(" ".join(part for part in parts if part))


def about(operation: Operation) -> tuple[Prose, ...]:
    """What an operation is, and what it needs."""
    return tuple(prose for prose in (cdoc.plain(operation), needed(operation)) if prose)


def needed(operation: Operation) -> Prose:
    """The flag without which an operation does not exist; empty where it always does."""
    needs = operation.needs
    return Prose(f"It needs {needs.value.c_name}." if needs else "")


def step(element: Step) -> Prose:
    """Who does what, and in which states."""
    verb = element.verb
    if element.region and verb in {"read", "write"}:
        verb += " part" if element.length else " region"
    act = _ACTS[verb].format(
        field=element.field.path if element.field else "the member",
        region=element.region.name if element.region else "of the data",
        value=element.value.name if element.value else f"the given {element.argument or 'value'}",
        data=f"the {_words(element.data or 'data')}",
        extent="the chunk" if element.length == "chunk" else f"{element.length} bytes",
    )
    where = f"in {any_of(element.states)}, " if element.states else ""
    return sentence(f"{where}{_WHO[element.by]} {act}.", element.doc)


def failure(element: Failure) -> Prose:
    """The error, and when it is returned."""
    if not element.test:
        return sentence(f"{element.errno}:", element.doc)
    return sentence(f"{element.errno} if {condition(element)}.", element.doc)


def condition(element: Failure) -> str:
    """When an error is returned, as a clause; empty where the doc alone says it."""
    if not element.test:
        return ""
    return _CONDITIONS[element.test].format(
        field=element.field.path if element.field else "the member",
        operand=_operand(element.operand) if element.operand else "",
        outside=_outside(element),
        flag=flag(element.flag) if element.flag else "",
    )


def stream(arc: Arc) -> str:
    """What a transition does to the data stream; empty where it leaves it alone."""
    used = f", which user space {arc.user}" if arc.user else ""
    return f"{_STREAM[arc.stream]}{used}." if arc.stream else ""


def flag(found: FlagRef) -> str:
    """A flag, as C has it."""
    return found.value.c_name


def region_length(interface: Interface, region: Region) -> str:
    """What is promised of the length of a region; empty where nothing is."""
    if region.length_multiple:
        page = region.length_multiple == "page"
        return "whole pages" if page else f"a multiple of {region.length_multiple} bytes"
    if region.layout:
        sizes = {layouts[region.layout.name].size for layouts in interface.layouts.values()}
        return f"at least {' or '.join(map(str, sorted(sizes)))} bytes"
    return ""


def region_content(region: Region) -> str:
    """What is in a region; empty where nothing is said of it."""
    if region.layout:
        return f"{region.layout.keyword} {region.layout.name}"
    return _HELD[region.holds] if region.holds else ""


def any_of(states: Iterable[State]) -> str:
    """The states, one of which it is."""
    return listing((state.name for state in states), "or")


def _words(data: str) -> str:
    return data.replace("-", " ")


def _operand(operand: Operand) -> str:
    """What a condition compares with."""
    if operand.region:
        unit = "number of bits in" if operand.kind == "bits" else "length of"
        return f"the {unit} region {operand.region.name}"
    if operand.member:
        return operand.member.path
    if operand.data:
        return _words(operand.data)
    return "the page size" if operand.kind == "page" else str(operand.number)


def _outside(element: Failure) -> str:
    """That a value, or the state, is none of those that it may be."""
    if element.states:
        return _none_of([state.name for state in element.states])
    values = element.operand.enumeration if element.operand else None
    return not_listed(values) if values else "is no state"


def not_listed(values: Enumeration) -> str:
    """That a value is none of an enumeration."""
    names = [value.name for value in values.values]
    return f"has a bit besides {listing(names, 'and')}" if values.flags else f"is {_none_of(names)}"


def _none_of(names: list[str]) -> str:
    if len(names) == 1:
        return f"not {names[0]}"
    return f"neither {' nor '.join(names)}" if len(names) == 2 else f"none of {listing(names, 'and')}"
