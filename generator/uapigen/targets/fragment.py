"""The declarations in pieces, for the header that they go into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uapigen import cdoc
from uapigen.cdecl import Declaration, declarations, includes
from uapigen.escape import C
from uapigen.model import Anchor, Interface, Place
from uapigen.record import Record
from uapigen.render import Target


class Piece(Record):
    """What goes to one place of the header; ``main`` is where the interface itself is spoken of.

    That is the place of all that names no other, or the first one where there is nothing of the kind.
    """

    place: Place
    main: bool
    declarations: tuple[Declaration, ...]

    @property
    def heading(self) -> str:
        """The place in words."""
        return heading(self.place)


def pieces(interface: Interface) -> tuple[Piece, ...]:
    """The pieces in the order in which their places come first; what goes to the end comes last."""
    found: dict[Place, list[Declaration]] = {}
    for declaration in declarations(interface, alone=False):
        found.setdefault(declaration.place, []).append(declaration)
    places = sorted(found, key=lambda place: place.anchor is Anchor.END)
    main = interface.place if interface.place in found else places[0] if places else None
    return tuple(Piece(place, place == main, tuple(found[place])) for place in places)


def heading(place: Place) -> str:
    """Where a piece goes, as the comment above it says it."""
    if place.anchor is Anchor.END:
        return "At the end, before the closing #endif"
    if place.anchor is Anchor.INSIDE:
        struct, _, member = place.target.partition(".")
        return f"Inside {struct}, beneath {member}"
    return f"{place.anchor.value.capitalize()} {place.target}"


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
