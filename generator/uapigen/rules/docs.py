"""Rules on what has to be documented."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.declared import owners
from uapigen.diagnostics import Severity
from uapigen.model import Element, Group, Interface, Pad
from uapigen.rules.rule import Finding, rule


@rule(
    "undocumented-member",
    why="""The member is read by people who have the header alone. kernel-doc fails for a struct or member
    without a description, and does not even notice one that lies in a nested struct.""",
    bad="""
structs:
  - struct: example
    doc: A struct.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u32}
""",
    good="""
structs:
  - struct: example
    doc: A struct.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u32, doc: bytes of the data}
""",
    binds_existing=False,
)
def undocumented_member(interface: Interface) -> Iterator[Finding]:
    """Structs and their members have a `doc:`, in nested structs too; padding needs none."""
    for struct in owners(interface):
        if not struct.doc:
            yield Finding(
                f"{struct.keyword} '{struct.name}' has no `doc:`",
                struct.where(struct.keyword),
                "add `doc:` with what it is for",
                (struct,),
            )
        for path, member, _ in struct.inside:
            if member.doc or isinstance(member, Pad) or not member.name:
                continue
            holds = "what it holds" if isinstance(member, Group) else "what it holds and in which unit"
            yield Finding(
                f"member '{path}' of {struct.keyword} '{struct.name}' has no `doc:`",
                member.where("name"),
                f"add `doc:` with {holds}",
                (struct, member),
            )


@rule(
    "undocumented",
    severity=Severity.WARNING,
    why="""A name says less than who chose it believes: the document and the header are all that a reader
    has.""",
    bad="""
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    doc: What the driver does.
    values:
      - {name: GET, value: 1}
""",
    good="""
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    doc: What the driver does.
    values:
      - {name: GET, value: 1, doc: Fill the region.}
""",
    binds_existing=False,
)
def undocumented(interface: Interface) -> Iterator[Finding]:
    """Enums, flags and state machines, their values and states have a `doc:`."""
    for enumeration in interface.enumerations:
        if not enumeration.external:
            what = "flags" if enumeration.flags else "enum"
            yield from _without_doc(what, what, "values", enumeration, enumeration.values)
    for machine in interface.machines:
        combined = machine.states if machine.encoding == "bits" else ()
        yield from _without_doc("state machine", "states", "states", machine, (*machine.parts, *combined))


def _without_doc(
    what: str, key: str, plural: str, whole: Element, parts: tuple[Element, ...]
) -> Iterator[Finding]:
    """One finding for all that is missing in a whole; one more for each part that allows it."""
    missing = [part for part in parts if not part.doc]
    for part in missing:
        if undocumented.id in part.allow:
            yield Finding(f"'{part.name}' has no `doc:`", part.where("name"), _HELP, (whole, part))
    unsaid = [part for part in missing if undocumented.id not in part.allow]
    names = ", ".join(part.name for part in unsaid[:_FEW]) + (", ..." if len(unsaid) > _FEW else "")
    if not whole.doc:
        also = f", nor have its {plural} {names}" if unsaid else ""
        yield Finding(f"{what} '{whole.name}' has no `doc:`{also}", whole.where(key), _HELP, (whole,))
    elif unsaid:
        message = f"{what} '{whole.name}' has {plural} without `doc:`: {names}"
        yield Finding(message, unsaid[0].where("name"), _HELP, (whole,))


_FEW = 6
_HELP = "add `doc:` with what it means"
