"""The declarations in pieces, for the header that they go into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uapigen import cdoc, tree
from uapigen.cdecl import Declaration, declarations, includes
from uapigen.declared import group_of
from uapigen.escape import C
from uapigen.model import Anchor, Interface, Place
from uapigen.record import Record
from uapigen.render import Target, render
from uapigen.source import Span
from uapigen.wording import listing


class Piece(Record):
    """What goes to one place of the header; ``main`` is where the interface itself is spoken of.

    That is the place of all that names no other, or the first one where there is nothing of the kind.
    """

    place: Place
    main: bool
    declarations: tuple[Declaration, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups (``PREFIX_*``) among which the numbers of the piece are to be unique."""
        found = (group_of(each.element) for each in self.declarations)
        return tuple(dict.fromkeys(group for group in found if group))

    @property
    def is_macros(self) -> bool:
        """Whether there are macros only, which may stand inside a struct."""
        return all(each.lines[0].startswith("#") for each in self.declarations)

    @property
    def heading(self) -> str:
        """The place in words, as the comment above the piece says it."""
        anchor, target = self.place.anchor, self.place.target
        if anchor is Anchor.END:
            return "At the end, before the closing #endif"
        if anchor is Anchor.INSIDE:
            struct, _, member = target.partition(".")
            return f"Inside {struct}, beneath {member}"
        follow = anchor is Anchor.AFTER and bool(self.groups)
        more = f" and the {listing(self.groups, 'and')} that follow" if follow else ""
        return f"{anchor.value.capitalize()} {target}{more}"

    def wanted(self, interface: Interface) -> Span:
        """Where the spec asks for the place; what names the header, where it leaves that open."""
        for element in (self.declarations[0].element, interface):
            place = element.origin.get("place")
            if place:
                return place.where(self.place.anchor.value) if isinstance(place, tree.Mapping) else place.span
        return interface.where("header")


def pieces(interface: Interface) -> tuple[Piece, ...]:
    """The pieces in the order in which their places come first; what goes to the end comes last."""
    found: dict[Place, list[Declaration]] = {}
    for declaration in declarations(interface, alone=False):
        found.setdefault(declaration.place, []).append(declaration)
    places = sorted(found, key=lambda place: place.anchor is Anchor.END)
    main = interface.place if interface.place in found else places[0] if places else None
    return tuple(Piece(place, place == main, tuple(found[place])) for place in places)


def text(interface: Interface, piece: Piece) -> str:
    """The declarations of a piece with their comments, an empty line before each."""
    target = Target(
        name="piece",
        help="what goes to one place",
        file="",
        language=C,
        template="fragment/piece.h.j2",
        context=lambda _: {"doc": cdoc.plain(interface), "piece": piece},
    )
    (artifact,) = render(interface, [target])
    return artifact.text


def _context(interface: Interface) -> Mapping[str, Any]:
    return {
        "doc": cdoc.plain(interface),
        "pieces": pieces(interface),
        "includes": includes(interface, alone=False),
    }


TARGET = Target(
    name="fragment",
    help="the declarations in pieces, for the header that they go into",
    file="{header}.fragment",
    language=C,
    template="fragment/fragment.h.j2",
    context=_context,
)
