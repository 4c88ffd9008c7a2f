"""The whole of an interface, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping

from uapigen import tree
from uapigen.model.element import Element, Place, Prose
from uapigen.model.layout import Layout
from uapigen.model.numbers import Constant, Enumeration
from uapigen.model.operations import Ioctls, Operation, Protocol
from uapigen.model.regions import RegionType
from uapigen.model.states import Machine
from uapigen.model.structs import MemberRef, Struct
from uapigen.record import EMPTY, Record


class Topic(Element, kw_only=True):
    """A rule of the protocol that needs prose; ``name`` is its heading, ``about`` what it concerns."""

    about: tuple[MemberRef, ...] = ()


class Decision(Record, kw_only=True):
    """A point of the review: what was said, and what was decided.  ``id`` is the point's."""

    id: str
    origin: tree.Mapping
    topic: Prose = Prose("")
    decision: Prose = Prose("")
    departs: bool = False


class Licenses(Record, kw_only=True):
    """SPDX expressions, one for each kind of output."""

    header: str
    bindings: str
    document: str


class Interface(Element, kw_only=True):
    """Everything that a spec says.

    ``header`` is the header that the declarations go into, ``file`` the spec's file name.  ``review`` says
    where the points of ``decisions`` come from.  ``layouts`` maps the name of an ABI to the layout of every
    struct by name.
    """

    title: Prose
    header: str
    file: str
    existing: bool
    licenses: Licenses
    place: Place
    words: tuple[str, ...]
    constants: tuple[Constant, ...]
    enumerations: tuple[Enumeration, ...]
    structs: tuple[Struct, ...]
    region_type: RegionType | None
    machines: tuple[Machine, ...]
    ioctls: Ioctls | None
    protocol: Protocol | None
    operations: tuple[Operation, ...]
    topics: tuple[Topic, ...]
    decisions: tuple[Decision, ...]
    review: Prose = Prose("")
    layouts: Mapping[str, Mapping[str, Layout]] = EMPTY

    def struct(self, name: str) -> Struct | None:
        """The struct with this tag, or None."""
        return next((struct for struct in self.structs if struct.name == name), None)
