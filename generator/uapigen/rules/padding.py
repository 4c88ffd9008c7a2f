"""The rule on padding: each byte that the compiler would add is an entry that the spec has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from uapigen.abi import ABIS
from uapigen.declared import owners
from uapigen.model import Element, Gap, Group, Interface, Layout, Member, Pad, Placed, Struct
from uapigen.rules.rule import Finding, rule
from uapigen.scalartypes import pad_type
from uapigen.scopes import free_names, scope


@rule(
    "implicit-padding",
    why="""The compiler fills a gap with bytes that nobody defines: they differ between ABIs and leak
    memory of the kernel (botching-up-ioctls.rst: "make sure there is no padding"; review, R13).""",
    bad="""
structs:
  - struct: example
    doc: A struct with a hole.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {name: size, type: u64, doc: bytes}
""",
    good="""
structs:
  - struct: example
    doc: A struct without a hole.
    fields:
      - {name: flags, type: u32, doc: flags}
      - {pad: 4}
      - {name: size, type: u64, doc: bytes}
""",
    binds_existing=False,
)
def implicit_padding(interface: Interface) -> Iterator[Finding]:
    """Every byte of a struct is declared: padding is an entry of its own, before a member and at the end."""
    for struct in owners(interface):
        abi, gaps = _gaps(interface, struct)
        if abi:
            places = _Places(struct, interface.layouts[abi][struct.name])
            yield from (places.finding(gap, abis) for gap, abis in gaps)


def _gaps(interface: Interface, struct: Struct) -> tuple[str | None, list[tuple[Gap, list[str]]]]:
    """The first ABI on which a struct has gaps, and each of these with all ABIs that have it.

    What only other ABIs add to them follows from these: mending them moves everything behind.
    """
    found = {abi: layouts[struct.name].gaps for abi, layouts in interface.layouts.items()}
    first = next((abi for abi, gaps in found.items() if gaps), None)
    if first is None:
        return None, []
    places = {abi: {(gap.before, gap.inside) for gap in gaps} for abi, gaps in found.items()}
    return first, [
        (gap, [abi for abi in found if (gap.before, gap.inside) in places[abi]]) for gap in found[first]
    ]


class _Places:
    """The members of a struct that has gaps: where they are, and what the padding beside them is called."""

    def __init__(self, struct: Struct, layout: Layout) -> None:
        self.struct = struct
        self.layout = layout
        self.around: dict[str, tuple[Element, ...]] = {}
        self.placed: dict[Element, Placed] = {}
        self.above: dict[Element, Element | None] = {}
        last: dict[Element, Element] = {}
        self.anonymous: dict[str, list[tuple[Element, ...]]] = {}
        for (path, member, elements), placed in zip(struct.inside, layout.members, strict=True):
            self.around.setdefault(path, elements)
            self.placed[member] = placed
            self.above[member] = last.get(elements[-2])
            last[elements[-2]] = member
            if not member.name:
                self.anonymous.setdefault(path, []).append(elements)
        self.names: dict[Element, Iterator[str]] = {}

    def finding(self, gap: Gap, abis: list[str]) -> Finding:
        where = "" if len(abis) == len(ABIS) else f" on {', '.join(abis)}"
        needs = f"needs {_bytes(gap.size)} of padding"
        if gap.before:
            elements = self._before(gap)
            align = self.placed[self.around[gap.before][-1]].align
            message = f"'{gap.before}' {needs} before it{where} (offset {gap.offset}, alignment {align})"
            help_ = self._larger(self.above[elements[-1]], gap, "above it")
            help_ = help_ or f"insert {self._entry(gap.size, elements[:-1])} above it"
            return Finding(message, elements[-1].where(), help_, elements)
        elements = self._around_end(gap)
        group = elements[-1]
        whole = f"{'struct ' if group is self.struct else ''}'{group.name}'" if group.name else _NAMELESS
        message = f"{whole} {needs} at its end{where} (offset {gap.offset})"
        last = _members(group)[-1]
        # Each member of a union starts where the union does.
        union = isinstance(group, Group | Struct) and group.union
        size = gap.offset + gap.size - self.placed[last].offset if union else gap.size
        help_ = None if union else self._larger(last, gap, "at its end")
        help_ = help_ or f"add {self._entry(size, elements)} as its last entry"
        return Finding(message, last.where(), help_, elements)

    def _before(self, gap: Gap) -> tuple[Element, ...]:
        """The member behind a gap and what is around it.

        It may lie in groups without a name, in each of which it is the first: the gap is before these.
        """
        elements = self.around[gap.before]
        while len(elements) > 2 and _members(elements[-2])[0] is elements[-1] and not elements[-2].name:
            elements = elements[:-1]
        return elements

    def _around_end(self, gap: Gap) -> tuple[Element, ...]:
        """What has the gap at its end and what is around that.

        Of groups without a name, it is one that ends with the gap and whose members end before it.
        """
        for elements in self.anonymous.get(f"{gap.inside}." if gap.inside else "", ()):
            members = [self.placed[member] for member in _members(elements[-1])]
            used = max(_end(placed) for placed in members)
            if used == gap.offset and _end(self.placed[elements[-1]]) == gap.offset + gap.size:
                return elements
        return self.around[gap.inside] if gap.inside else (self.struct,)

    def _larger(self, pad: Element | None, gap: Gap, where: str) -> str | None:
        """What to do where padding is there already, and just too small."""
        if not isinstance(pad, Pad):
            return None
        size = pad.size + gap.size
        # What C has as one number has the alignment of it.
        if pad_type(size)[1] == 1 and self.placed[pad].offset % size:
            return None
        return f"write `pad: {size}` in place of `pad: {pad.size}` {where}"

    def _entry(self, size: int, elements: tuple[Element, ...]) -> str:
        """An entry of padding, with a name where there is other padding beside it."""
        owner = next(each for each in reversed(elements) if each.name)
        if owner not in self.names:
            named = [*scope(_members(owner))]
            # Padding that lacks a name is given one first.
            nameless = sum(isinstance(each, Pad) and "name" not in each.origin for _, each in named)
            self.names[owner] = islice(free_names({name for name, _ in named}), max(nameless - 1, 0), None)
        name = next(self.names[owner])
        return f"`- {{pad: {size}{f', name: {name}' if name else ''}}}`"


_NAMELESS = "this group without a name"


def _members(element: Element) -> tuple[Member, ...]:
    return element.members if isinstance(element, Group | Struct) else ()


def _end(placed: Placed) -> int:
    return placed.offset + placed.size


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"
