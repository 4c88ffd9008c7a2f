"""Rules on how steps, actions and failures name members."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.model import Interface, MemberRef
from uapigen.rules.examples import CTL
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.wording import listing

_MORE = """    - {{name: MORE, value: 2, present: always, layout: example_more, doc: More.}}
operations:
  - operation: get version
    number: 1
    steps:
      - {{by: user, do: read, field: version}}
"""
_STRUCT = """  - struct: example_more
    doc: Another region.
    fields:
      - {{name: {}, type: u32, access: ro, doc: version}}
enums:
"""


@rule(
    "ambiguous-member",
    why="""A step names a member by its path alone; where two regions have one of that name, a program runs
    the step on the first, and a reader may take it for the other.""",
    bad=CTL.replace("enums:\n", _STRUCT.format("version")) + _MORE.format(),
    good=CTL.replace("enums:\n", _STRUCT.format("more_version")) + _MORE.format(),
)
def ambiguous_member(interface: Interface) -> Iterator[Finding]:
    """What steps, actions and failures name is a member of one region, or of one struct where none has it."""
    named: dict[str, Span] = {}
    for ref, span in _named(interface):
        named.setdefault(ref.path, span)
    homes: dict[str, list[str]] = {}
    for region in interface.region_type.regions if named and interface.region_type else ():
        for path, _, _ in region.layout.inside if region.layout else ():
            homes.setdefault(path, []).append(f"region '{region.name}'")
    if not named.keys() <= homes.keys():
        others: dict[str, list[str]] = {}
        for struct in interface.structs:
            for path, _, _ in struct.inside:
                others.setdefault(path, []).append(f"{struct.keyword} '{struct.name}'")
        homes = {**others, **homes}
    said: set[tuple[str, ...]] = set()
    for path, span in named.items():
        places = tuple(homes[path])
        if len(places) > 1 and places not in said:
            said.add(places)
            yield Finding(
                f"'{path}' is a member of {listing(places, 'and')}",
                span,
                "give it another name in one of them: a path has to lead to one member",
            )


def _named(interface: Interface) -> Iterator[tuple[MemberRef, Span]]:
    """Every member that is named, with the place."""
    for trigger in interface.protocol.triggers if interface.protocol else ():
        yield trigger.field, trigger.where("field")
    for operation in interface.operations:
        for step in operation.steps:
            if step.field:
                yield step.field, step.origin.where("field")
        for failure in operation.failures:
            if failure.field:
                yield failure.field, failure.origin.where("field")
            if failure.operand and failure.operand.member:
                yield failure.operand.member, failure.origin.where(failure.test)
