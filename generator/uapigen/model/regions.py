"""Regions and how they may be accessed."""

from __future__ import annotations

from uapigen.model.element import Element, Place
from uapigen.model.structs import FlagRef, MemberRef, Struct
from uapigen.record import Record


class RegionAccess(Record, kw_only=True):
    """How reads and writes may cut a region that has a layout.

    A write covers one member, a read whole members; anything else fails with ``errno``.  ``together``
    lists the sets of members that one write may cover besides.
    """

    together: tuple[tuple[MemberRef, ...], ...]
    errno: str


class Region(Element, kw_only=True):
    """One region.  ``present`` is the flag that announces it, None where it is mandatory.

    ``holds`` says how much of the data is in it at a time: ``whole``, ``chunks``, ``bitmap``;
    None where it has a ``layout``.  ``access`` is None where nothing is said of it.
    ``length_multiple``: ``page``, or a number of bytes.
    """

    c_name: str
    value: int
    present: FlagRef | None
    mappable: bool
    layout: Struct | None = None
    access: RegionAccess | None = None
    holds: str | None = None
    length_multiple: str | None = None


class RegionType(Element, kw_only=True):
    """The region type and its subtypes.  ``name`` is the C name of the type's number."""

    value: int
    prefix: str
    regions: tuple[Region, ...]
    unique_among: str | None = None
    place: Place | None = None
