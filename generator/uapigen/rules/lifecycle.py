"""Rules on the life of elements: in which version they came, and in which they were given up."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen import tree
from uapigen.diagnostics import Note
from uapigen.elements import elements
from uapigen.model import Element, Interface
from uapigen.rules.rule import Finding, rule
from uapigen.wording import quote


@rule(
    "version-order",
    why="""A reader decides by these versions what a kernel has: no member is there before its struct, and
    nothing is given up before it is there.""",
    bad="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, since: "6.10", deprecated: "6.9", doc: bytes}
""",
    good="""
constants:
  - {name: EXAMPLE_SIZE, value: 4, since: "6.9", deprecated: "6.10", doc: bytes}
""",
)
def version_order(interface: Interface) -> Iterator[Finding]:
    """`deprecated:` is later than `since:`, and both are not earlier than the `since:` of what they are in.

    Versions are compared number by number: 6.10 is later than 6.9.
    """
    came: dict[tree.Mapping, Element] = {}
    for element, container in elements(interface):
        around = came.get(container.origin) if container else None
        if element.since or around:
            came[element.origin] = element if element.since else around or element
        if element.since or element.deprecated:
            yield from _out_of_order(element, around)


def _out_of_order(element: Element, around: Element | None) -> Iterator[Finding]:
    """``around`` is the nearest element around this one that says when it came."""
    elements_ = (element, around) if around else (element,)
    if element.since and element.deprecated and not _is_before(element.since, element.deprecated):
        yield Finding(
            f"{_name(element)} was deprecated in {element.deprecated}, not after it came in {element.since}",
            element.where("deprecated"),
            "write a version after that of `since:`; versions are compared number by number",
            (element,),
            (Note("it came here", element.where("since")),),
        )
    elif around and around.since:
        key = "since" if element.since else "deprecated"
        version = element.since or element.deprecated or ""
        if _is_before(version, around.since):
            what = "came" if element.since else "was deprecated"
            yield Finding(
                f"{_name(element)} {what} in {version}, before {_name(around)} came in {around.since}",
                element.where(key),
                f"write {around.since} or a later version"
                + (", or leave it out: it came with what it is in" if element.since else ""),
                elements_,
                (Note(f"{_name(around)} came here", around.where("since")),),
            )


def _name(element: Element) -> str:
    return quote(element.name) if element.name else "the member without a name"


def _is_before(one: str, other: str) -> bool:
    return _numbers(one) < _numbers(other)


def _numbers(version: str) -> list[tuple[int, str]]:
    """The numbers of a version, in the order of their size; zeros at the end say nothing.

    They stay text: there is no limit on the digits that a spec can write.
    """
    digits = [part.lstrip("0") for part in version.split(".")]
    while digits and not digits[-1]:
        digits.pop()
    return [(len(part), part) for part in digits]
