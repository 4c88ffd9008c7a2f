"""Rules on regions and on the capabilities that announce them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from uapigen import tree
from uapigen.diagnostics import Note, Severity
from uapigen.model import Access, Field, FlagRef, Group, Interface, MemberRef, Region, Struct
from uapigen.rules.examples import ACTIONS, CTL, DATA
from uapigen.rules.rule import Finding, rule

_LAYOUT = "layout: example_ctl, doc: Control."
_MORE = "    - {name: MORE, value: 3, present: always, holds: whole, doc: More.}\n"
_HOLDS = "holds: whole, doc: Data."
_TOGETHER = """
structs:
  - struct: example_ctl
    doc: The control region.
    fields:
      - {{name: version, type: u32, access: ro, doc: version}}
      - {{name: action, type: u32, access: wo, doc: what to do}}
      - {{name: size, type: u32, access: wo, doc: bytes}}
regions:
  type: {{name: EXAMPLE_TYPE, value: 1, doc: The regions.}}
  prefix: EXAMPLE_REGION_
  subtypes:
    - name: CTL
      value: 1
      present: always
      layout: example_ctl
      access: {{errno: EINVAL, write-together: [[{}]]}}
      doc: Control.
"""


def _regions(interface: Interface) -> tuple[Region, ...]:
    return interface.region_type.regions if interface.region_type else ()


@rule(
    "capability-without-region",
    why="""A capability that announces no region, beside others that do, is a promise that a user waits for
    (review, I4: a region exists exactly when its capability is shown).""",
    bad=DATA.replace("doc: Data.}", "doc: Data.}\n      - {name: MORE, value: 2, doc: More data.}", 1),
    good=DATA,
)
def capability_without_region(interface: Interface) -> Iterator[Finding]:
    """Where one flag of a set announces a region, each of the set does."""
    if interface.region_type is None:
        return
    announced = [region.present for region in interface.region_type.regions if region.present]
    for enumeration in {ref.enumeration.name: ref.enumeration for ref in announced}.values():
        used = {ref.value.name for ref in announced if ref.enumeration.name == enumeration.name}
        for value in enumeration.values:
            if value.name not in used:
                yield Finding(
                    f"the capability '{value.name}' announces no region",
                    value.where(),
                    f"add the region with `present: {enumeration.name}.{value.name}`; a flag that is about "
                    "no region says why: `allow: {capability-without-region: ...}`",
                    (enumeration, value),
                )


@rule(
    "unreadable-capability",
    why="""A user calls what the capabilities promise; flags that no member tells cannot be asked for
    (review, I4: a device that has the region must show the capability).""",
    bad=DATA.replace(", values: cap", ""),
    good=DATA,
)
def unreadable_capability(interface: Interface) -> Iterator[Finding]:
    """Where an interface has structs, user space can read the flags that announce something in a member."""
    announcing = dict.fromkeys(ref.enumeration for ref in _announcements(interface))
    if not announcing or not interface.structs:
        return
    told = {
        member.enumeration
        for struct in interface.structs
        for _, member, _ in struct.inside
        if isinstance(member, Field) and member.enumeration and (not member.access or member.access.readable)
    }
    for flags in announcing:
        if flags not in told and not flags.external:
            yield Finding(
                f"no member tells user space which of the flags '{flags.name}' a device has",
                flags.where("flags"),
                f"add `values: {flags.name}` to a member that user space can read",
                (flags,),
            )


def _announcements(interface: Interface) -> Iterator[FlagRef]:
    """What flags announce: regions, parts of structs and operations."""
    yield from (region.present for region in _regions(interface) if region.present)
    yield from (each.needs for each in interface.operations if each.needs)
    for struct in interface.structs:
        for member in struct.members:
            if isinstance(member, Group) and member.present:
                yield member.present


@rule(
    "region-contents",
    why="""Members are accessed one by one and by rules of their own, data by any range; and a driver that
    serves both in one region has to let user space map a part of it only.""",
    bad=CTL.replace(_LAYOUT, "layout: example_ctl, holds: whole, doc: Control."),
    good=CTL,
    binds_existing=False,
)
def region_contents(interface: Interface) -> Iterator[Finding]:
    """A region has members (`layout:`) or holds data (`holds:`), not both."""
    for region in _regions(interface):
        if region.layout and region.holds:
            yield Finding(
                f"region '{region.name}' has a layout and holds data",
                region.where("holds"),
                "remove one of the two: data goes into a region of its own",
                (region,),
            )


@rule(
    "opaque-region",
    severity=Severity.WARNING,
    why="""A reader of the header cannot tell what to do with a region that neither has members nor holds
    data.""",
    bad=DATA.replace(_HOLDS, "doc: Data."),
    good=DATA,
    binds_existing=False,
)
def opaque_region(interface: Interface) -> Iterator[Finding]:
    """A region says what is in it: members (`layout:`) or data (`holds:`)."""
    for region in _regions(interface):
        if not region.layout and not region.holds:
            yield Finding(
                f"nothing says what is in region '{region.name}'",
                region.where(),
                "add `layout:` with a struct, or `holds:` with whole, chunks or bitmap",
                (region,),
            )


@rule(
    "access-without-layout",
    why="""`access:` says how reads and writes may cut the members; a region without members has none to
    cut.""",
    bad=DATA.replace(_HOLDS, "holds: whole, access: {errno: EINVAL}, doc: Data."),
    good=DATA.replace(_LAYOUT, "layout: example_ctl, access: {errno: EINVAL}, doc: Control."),
)
def access_without_layout(interface: Interface) -> Iterator[Finding]:
    """Only a region with a `layout:` has `access:`."""
    for region in _regions(interface):
        if "access" in region.origin.entries and not region.layout:
            yield Finding(
                f"region '{region.name}' has no members, and so no `access:` to them",
                region.where("access"),
                "remove `access:`, or add `layout:` with the struct that lies in the region",
                (region,),
            )


@rule(
    "write-together",
    why="""One write covers bytes that lie side by side, and each of them has to take it (review, D5: the
    range of the bitmap is one write of 16 bytes).""",
    bad=_TOGETHER.format("version, action"),
    good=_TOGETHER.format("action, size"),
)
def write_together(interface: Interface) -> Iterator[Finding]:
    """What one write may cover is two members or more, side by side, each of which user space can write."""
    for region in _regions(interface):
        if region.layout and region.access and region.access.together:
            for members, node in zip(region.access.together, _sets(region), strict=True):
                yield from _together(interface, region, region.layout, members, node)


def _sets(region: Region) -> tuple[tree.Sequence, ...]:
    """The sets of members as they are written."""
    section = region.origin.get("access")
    lists = section.get("write-together") if isinstance(section, tree.Mapping) else None
    items = lists.items if isinstance(lists, tree.Sequence) else ()
    return tuple(item for item in items if isinstance(item, tree.Sequence))


def _together(
    interface: Interface, region: Region, struct: Struct, members: tuple[MemberRef, ...], node: tree.Sequence
) -> Iterator[Finding]:
    if len(members) < 2:
        message = f"'{members[0].path}' alone is nothing that is written together"
        yield Finding(message, node.span, "name two members or more, or remove it", (region,))
        return
    for ref, item in zip(members, node, strict=True):
        if not _takes_writes(ref):
            message = f"user space cannot write '{ref.path}'"
            yield Finding(message, item.span, "name members that are wo or rw", (region,))
            return
    for layouts in interface.layouts.values():
        placed = [layouts[struct.name].find(ref.path) for ref in members]
        for index, (one, next_) in enumerate(pairwise(placed), 1):
            if one.offset + one.size != next_.offset:
                yield Finding(
                    f"'{next_.path}' does not follow '{one.path}' in struct '{struct.name}'",
                    node.items[index].span,
                    "name members that lie side by side, in their order",
                    (region,),
                )
                return


def _takes_writes(ref: MemberRef) -> bool:
    """Whether user space can write a member, or all that is in it."""
    inside = (member for _, member, elements in ref.struct.inside if ref.member in elements)
    fields = (member for member in inside if isinstance(member, Field))
    return all(not field.access or field.access.writable for field in fields)


@rule(
    "mappable-layout",
    why="""A mapped page takes every write and shows every byte: no driver can refuse an access there, or act
    on it (review, I1: the control region cannot be mapped).""",
    bad=CTL.replace(_LAYOUT, "mappable: true, length-multiple-of: page, layout: example_ctl, doc: Control."),
    good=CTL,
    binds_existing=False,
)
def mappable_layout(interface: Interface) -> Iterator[Finding]:
    """A region with members that are not rw, or whose writes start something, cannot be mapped."""
    for region in _regions(interface):
        why = _restricted(interface, region) if region.mappable else None
        if why:
            yield Finding(
                f"region '{region.name}' cannot be mapped: {why.message}",
                region.where("mappable"),
                "remove `mappable:`, and put what is to be mapped into a region of its own",
                (region,),
                (Note("the member is here", why.span),),
            )


def _restricted(interface: Interface, region: Region) -> Note | None:
    """Why the members of a region are not for every access, with the place of one; None where they are."""
    if region.layout is None:
        return None
    for path, member, _ in region.layout.inside:
        if isinstance(member, Field) and member.access and member.access is not Access.RW:
            return Note(f"'{path}' is {member.access.value}", member.where("access"))
    for trigger in interface.protocol.triggers if interface.protocol else ():
        if trigger.field.struct is region.layout:
            return Note(f"a write to '{trigger.field.path}' starts an action", trigger.field.member.where())
    return None


@rule(
    "mappable-length",
    why="""Memory is mapped in pages: what lies behind the end of a region in its last page is shown, too
    (review, I1: mappable lengths are multiples of the page size).""",
    bad=DATA.replace(_HOLDS, "mappable: true, holds: whole, doc: Data."),
    good=DATA.replace(_HOLDS, "mappable: true, holds: whole, length-multiple-of: page, doc: Data."),
    binds_existing=False,
)
def mappable_length(interface: Interface) -> Iterator[Finding]:
    """The length of a region that can be mapped is a multiple of the page size."""
    for region in _regions(interface):
        # Of a region that cannot be mapped at all, that is what is said.
        if region.mappable and region.length_multiple != "page" and not _restricted(interface, region):
            yield Finding(
                f"region '{region.name}' can be mapped, and its length may end within a page",
                region.where("length-multiple-of" if region.length_multiple else "mappable"),
                "write `length-multiple-of: page`",
                (region,),
            )


@rule(
    "idle-region",
    severity=Severity.WARNING,
    why="""Data that no action moves never gets into its region (review, D5: nothing said what makes the
    driver fill the bitmap).""",
    bad=ACTIONS.replace("    - {name: DATA, value: 2", f"{_MORE}    - {{name: DATA, value: 2"),
    good=ACTIONS,
)
def idle_region(interface: Interface) -> Iterator[Finding]:
    """Where there are actions, one fills or loads each region that holds data."""
    if interface.protocol is None:
        return
    moved = {trigger.region for trigger in interface.protocol.triggers}
    for region in _regions(interface):
        if region.holds and region not in moved:
            yield Finding(
                f"no action fills or loads region '{region.name}'",
                region.where(),
                f"add a trigger with `fills: {region.name}` or `loads: {region.name}`",
                (region,),
            )
