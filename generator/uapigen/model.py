"""The resolved interface: one frozen record per element of the language.

The room of facts.  Every name is bound to what it names, every number is a number; nothing here
judges (that is :mod:`uapigen.rules`) and nothing here prints.  ``origin`` leads back to the place in
the spec.  Sizes, offsets and alignments are bytes unless a name says bits.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from uapigen import tree
from uapigen.record import EMPTY, Record, ValueRecord
from uapigen.source import Span


class Prose(ValueRecord):
    """Free text of a spec.

    It is no ``str`` on purpose: it reaches an output only through the escaping of that output's
    language, and code that forgets this fails instead of leaking.
    """

    text: str

    def __init__(self, text: str) -> None:
        # Most of all records are made of this class, and what any class needs takes five times as long.
        self.__dict__["text"] = text

    def __str__(self) -> str:
        raise TypeError("prose reaches an output only through the escaping of its language")

    def __format__(self, spec: str) -> str:
        return str(self)

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text in paragraphs (blank lines divide them), each one line with single blanks."""
        if "\n" not in self.text:
            return (" ".join(self.text.split()),) if self.text.strip() else ()
        blocks = "\n".join(line.strip() for line in self.text.split("\n")).split("\n\n")
        return tuple(" ".join(block.split()) for block in blocks if block.strip())


class Element(Record, kw_only=True):
    """What everything in a spec has.  An element is equal to itself only, and can be a key.

    ``was`` is a former name, ``allow`` maps the id of a rule to the reason for breaking it.
    """

    name: str
    origin: tree.Mapping
    doc: Prose = Prose("")
    since: str | None = None
    deprecated: str | None = None
    was: str | None = None
    allow: Mapping[str, Prose] = EMPTY

    def where(self, key: str | None = None) -> Span:
        """The place of the value of ``key``; without a key, or where it is absent, of the element."""
        return self.origin.where(key)


class Anchor(enum.Enum):
    """How a place in a header is found."""

    END = "end"
    AFTER = "after"
    BEFORE = "before"
    INSIDE = "inside"


class Place(ValueRecord):
    """Where declarations go in the header: at its end, or beside the declaration ``target``.

    ``INSIDE`` puts the values of an enumeration beneath the member that takes them.
    """

    anchor: Anchor
    target: str = ""


# --- numbers with names ---------------------------------------------------------------------------


class Constant(Element, kw_only=True):
    """One number.  ``name`` is the C name.

    ``spelling`` is the C expression of an existing header, which must have this value.
    ``unique_among`` is the group of names (``PREFIX_*``) in which no other has the number.
    ``external`` names the header that declares it: it is used, not emitted.
    """

    value: int
    spelling: str | None = None
    unique_among: str | None = None
    version_policy: Prose | None = None
    external: str | None = None
    place: Place | None = None


class Value(Element, kw_only=True):
    """One value of an enumeration: ``name`` as steps and states use it, ``c_name`` as C has it."""

    c_name: str
    value: int
    spelling: str | None = None


class Unknown(enum.Enum):
    """What becomes of a value that the enumeration does not name."""

    REFUSED = "refused"
    IGNORED = "ignored"
    PRESERVED = "preserved"


class Enumeration(Element, kw_only=True):
    """Values of which a member takes one (``flags`` false) or any set of bits (``flags`` true).

    ``form`` is how C gets them: ``defines``, or an ``enum`` with the name as its tag
    (``anonymous-enum``: without a tag).
    """

    flags: bool
    prefix: str
    values: tuple[Value, ...]
    form: str = "defines"
    unknown: Unknown = Unknown.REFUSED
    external: str | None = None
    place: Place | None = None

    def value(self, name: str) -> Value | None:
        """The value that is called ``name``, or None."""
        return next((value for value in self.values if value.name == name), None)


# --- structs --------------------------------------------------------------------------------------


class Endian(enum.Enum):
    """The order of the bytes in memory."""

    NATIVE = "native"
    LITTLE = "little"
    BIG = "big"


class ScalarType(ValueRecord):
    """A number type.  ``aligned``: 8 bytes are aligned to 8 on every ABI (``__aligned_u64``)."""

    name: str
    c_name: str
    size: int
    signed: bool
    endian: Endian = Endian.NATIVE
    aligned: bool = False

    @property
    def minimum(self) -> int:
        """The smallest value that fits."""
        return -(1 << (8 * self.size - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        """The largest value that fits."""
        return (1 << (8 * self.size - int(self.signed))) - 1


class Access(enum.Enum):
    """What user space may do with a member."""

    RO = "ro"
    WO = "wo"
    RW = "rw"

    @property
    def readable(self) -> bool:
        """A read gives the value, not zeros."""
        return self is not Access.WO

    @property
    def writable(self) -> bool:
        """A write is taken, not refused."""
        return self is not Access.RO


class Array(ValueRecord):
    """``count`` elements, 0 for a flexible array; ``spelling`` is the constant that was named."""

    count: int
    spelling: str | None = None
    counted_by: str | None = None

    @property
    def flexible(self) -> bool:
        """The array has as many elements as follow."""
        return self.count == 0


class Field(Element, kw_only=True):
    """A member with a type: a number, or a struct that has a name of its own.

    ``bits`` is the width of a bit field.  ``enumeration`` or ``machine`` names what the values mean
    (the machine by name, because machines point at members).  ``pointer_to`` says what lies at the
    address that the number is.
    """

    type: ScalarType | Struct
    array: Array | None = None
    bits: int | None = None
    access: Access | None = None
    enumeration: Enumeration | None = None
    machine: str | None = None
    pointer_to: str | None = None
    asserted_offset: int | None = None
    asserted_size: int | None = None


class Pad(Element, kw_only=True):
    """Bytes that only fill a gap; ``policy`` is what a reader finds and a writer must write.

    ``zero``: reads as zero, must be written as zero.  ``ignored``: any value.
    """

    size: int
    policy: str = "zero"
    asserted_offset: int | None = None

    @property
    def meaning(self) -> str:
        """The policy in words, as every output says it."""
        return "reads as zero, must be written as zero" if self.policy == "zero" else "any value, ignored"


class Group(Element, kw_only=True):
    """A nested struct or union without a tag.  ``name`` is empty for an anonymous one.

    ``present`` is the flag that announces it, None where it always is.
    """

    union: bool
    members: tuple[Member, ...]
    present: FlagRef | None = None
    asserted_offset: int | None = None
    asserted_size: int | None = None


Member: TypeAlias = Field | Pad | Group

Inside: TypeAlias = tuple[str, Member, tuple[Element, ...]]
"""A member with its dotted path and all that it lies in: the struct, the groups, and at last itself."""


class Capability(Record, kw_only=True):
    """The number and version by which a chain of capabilities announces a struct."""

    name: str
    id: int
    version: int
    unique_among: str | None = None


class Struct(Element, kw_only=True):
    """A struct or union with a tag.  ``align`` and ``packed`` are the attributes of an existing one."""

    union: bool
    members: tuple[Member, ...]
    packed: bool = False
    align: int | None = None
    asserted_size: int | None = None
    capability: Capability | None = None
    external: str | None = None
    place: Place | None = None

    @property
    def keyword(self) -> str:
        """``struct`` or ``union``."""
        return "union" if self.union else "struct"

    @cached_property
    def inside(self) -> tuple[Inside, ...]:
        """Every member, outer ones first; what is anonymous adds nothing to a path.

        Goes into nested groups, not into structs that have a tag.  Nearly all that looks at a struct goes
        along its members, so that they are gathered once.
        """
        return tuple(_inside(self.members, "", (self,)))


def _inside(members: tuple[Member, ...], prefix: str, around: tuple[Element, ...]) -> Iterator[Inside]:
    for member in members:
        path = prefix + member.name
        elements = (*around, member)
        yield path, member, elements
        if isinstance(member, Group):
            yield from _inside(member.members, f"{path}." if member.name else prefix, elements)


class MemberRef(ValueRecord):
    """A member of a struct, by its dotted path."""

    struct: Struct
    path: str
    member: Member


class FlagRef(ValueRecord):
    """One flag of an enumeration."""

    enumeration: Enumeration
    value: Value


# --- layout ---------------------------------------------------------------------------------------


class Placed(NamedTuple):
    """Where a member lies: bytes from the start of the struct; for a bit field also in bits."""

    path: str
    offset: int
    size: int
    align: int
    bit_offset: int | None = None
    bits: int | None = None


class Gap(NamedTuple):
    """Padding that the compiler adds: ``before`` is the path of the next member, "" at the end."""

    offset: int
    size: int
    before: str
    inside: str = ""


class Layout(NamedTuple):
    """A struct as an ABI lays it out.  ``members`` have the order and the paths of :attr:`Struct.inside`."""

    size: int
    align: int
    members: tuple[Placed, ...]
    gaps: tuple[Gap, ...] = ()

    def find(self, path: str) -> Placed:
        """The member with this path.  Raises KeyError where there is none."""
        for placed in self.members:
            if placed.path == path:
                return placed
        raise KeyError(path)


# --- regions --------------------------------------------------------------------------------------


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


# --- states ---------------------------------------------------------------------------------------


class Verdict(enum.Enum):
    """What becomes of a request for another state."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNSPECIFIED = "unspecified"


class StatePart(Element, kw_only=True):
    """A named number that states are made of: a base state, a modifier, a bit.

    ``spelling`` is the C expression of an existing header, which must have this value.
    """

    c_name: str
    value: int
    kind: str
    spelling: str | None = None


class State(Element, kw_only=True):
    """One state that the field can hold.

    ``kind``: ``normal``, or ``error`` (entered by the driver, never requested); ``invalid`` of a
    combination of bits that is no state.  ``parts`` are the names of what it is made of; ``needs`` the
    features without which it does not exist.  ``c_name`` is the macro that a combination of bits has
    besides those of the bits, None where it has none.
    """

    value: int
    parts: tuple[str, ...]
    kind: str = "normal"
    needs: tuple[str, ...] = ()
    c_name: str | None = None


class Arc(Element, kw_only=True):
    """A direct transition.  ``name`` is "FROM -> TO"; ``stream`` is what becomes of the data stream."""

    source: State
    target: State
    label: Prose
    effect: Prose = Prose("")
    stream: str | None = None


class BlockedPair(Record):
    """A request that is refused although a path may exist."""

    source: State
    target: State
    origin: tree.Mapping


class FirstStep(Record):
    """The ``step`` that a request from ``source`` for ``target`` takes first, whatever path is shorter."""

    source: State
    target: State
    step: State
    origin: tree.Mapping


class Paths(Record, kw_only=True):
    """How a request that is no arc is walked: the shortest path, ties to the fewest ``avoid`` inside.

    ``first_steps`` win over the shortest path; ``blocked`` are pairs that are refused all the same.
    ``skip_unsupported``: states that the device lacks are stepped over along the same path.
    """

    avoid: tuple[State, ...]
    blocked: tuple[BlockedPair, ...]
    skip_unsupported: bool
    first_steps: tuple[FirstStep, ...] = ()


class Machine(Element, kw_only=True):
    """A state machine.

    ``encoding``: ``enumerated``, ``modifiers`` (base states with modifiers) or ``bits``.
    ``set_by``: who asks for a state.  ``reset`` and ``close``: the state that a reset, or the last
    close, leads to.  ``features``: the flags that ``needs`` of a state speaks of.  ``otherwise``: the
    verdict on a pair that is neither an arc nor a path.  ``errno``: the error of a refused request.
    ``invalid``: combinations of bits that the spec says to be no state.
    """

    encoding: str
    field: MemberRef | None
    prefix: str
    parts: tuple[StatePart, ...]
    states: tuple[State, ...]
    arcs: tuple[Arc, ...]
    set_by: str
    initial: State | None
    reset: State | None
    close: State | None
    features: Enumeration | None
    paths: Paths | None
    otherwise: Verdict
    same_state: Verdict
    on_failure: str
    errno: str
    mask: StatePart | None = None
    unknown: Unknown = Unknown.REFUSED
    form: str = "defines"
    place: Place | None = None
    invalid: tuple[State, ...] = ()

    def state(self, name: str) -> State | None:
        """The state that is called ``name``, or None."""
        return next((state for state in self.states if state.name == name), None)

    @property
    def numbers(self) -> tuple[StatePart, ...]:
        """What states are made of, and the mask of all of it: the numbers that always have a C name."""
        return (*self.parts, self.mask) if self.mask else self.parts

    @property
    def c_names(self) -> tuple[tuple[str, StatePart | State], ...]:
        """Every C name with what it stands for: parts, combinations that have one, then the mask."""
        parts = ((part.c_name, part) for part in self.parts)
        combined = ((state.c_name, state) for state in self.states if state.c_name)
        return (*parts, *combined, *([(self.mask.c_name, self.mask)] if self.mask else []))


# --- what is done ---------------------------------------------------------------------------------


class Trigger(Element, kw_only=True):
    """A write that makes the driver act on a buffer.

    ``value`` is the value of the member that starts it, None where any write does.  ``effect``:
    ``fills`` (the driver writes the region) or ``loads`` (it reads it).  ``category``: actions of one
    category share a buffer's life.  ``states``: where it is allowed, empty for everywhere.
    """

    field: MemberRef
    value: Value | None
    effect: str
    region: Region
    category: str
    states: tuple[State, ...] = ()


class Protocol(Record, kw_only=True):
    """Who owns a buffer before, during and after an action, and what ends that.

    Owners are ``user`` or ``driver``.  ``until``: events after which a filled buffer is no longer the
    user's to read.  ``on_failure``: what a failed action leaves in the buffer.
    """

    before: str
    during: str
    after: str
    until: tuple[str, ...]
    on_failure: str
    triggers: tuple[Trigger, ...]
    doc: Prose = Prose("")


class Operand(ValueRecord):
    """What a condition compares with; ``kind`` says which of the others is set.

    ``number``; ``member``; ``length`` or ``bits`` (of ``region``: its bytes, its bytes times 8);
    ``page`` (the page size, nothing is set); ``values`` (of ``enumeration``); ``states`` (of the machine
    of this name); ``data`` (a word of the steps).
    """

    kind: str
    number: int | None = None
    member: MemberRef | None = None
    region: Region | None = None
    enumeration: Enumeration | None = None
    machine: str | None = None
    data: str | None = None


class Failure(Record, kw_only=True):
    """When an operation fails, and with which error.

    ``test``: ``not-in``, ``not-multiple-of``, ``above``, ``at-or-above``, ``equals``, ``unset``,
    ``overflows`` (of ``field``, compared with ``operand``), ``outside`` (the current state is none of
    ``states``), ``without`` (the device lacks ``flag``) or ``not-frozen`` (the data of ``operand``).
    """

    test: str
    errno: str
    origin: tree.Mapping
    field: MemberRef | None = None
    operand: Operand | None = None
    states: tuple[State, ...] = ()
    flag: FlagRef | None = None
    doc: Prose = Prose("")


class Step(Record, kw_only=True):
    """One step of an operation.

    ``by``: ``user`` or ``driver``.  ``verb`` of the user: ``read``, ``write``; of the driver:
    ``answer`` (a read of ``field`` gives ``data``), ``take`` (keep what was written), ``enter`` (the
    requested state), ``freeze`` (``data`` stops changing), ``fill`` (``region`` with ``data``),
    ``load`` (``data`` from ``region``).  A write carries ``value`` or an ``argument`` that the caller
    gives.  ``length``: how much of a region, where not all.  ``states``: only there; empty: always.
    """

    by: str
    verb: str
    origin: tree.Mapping
    field: MemberRef | None = None
    region: Region | None = None
    value: Value | None = None
    argument: str | None = None
    data: str | None = None
    length: str | None = None
    states: tuple[State, ...] = ()
    doc: Prose = Prose("")


class Operation(Element, kw_only=True):
    """A numbered list of steps.  ``needs``: the flag without which the operation does not exist."""

    number: int
    steps: tuple[Step, ...]
    failures: tuple[Failure, ...] = ()
    needs: FlagRef | None = None


class Ioctl(Element, kw_only=True):
    """An ioctl number: ``_IO``, ``_IOR``, ``_IOW`` or ``_IOWR`` of the type and the number.

    ``direction``: ``none``, ``read``, ``write``, ``both``.  ``number`` counts from the base.
    """

    number: int
    direction: str
    argument: Struct | None
    place: Place | None = None


class Ioctls(Record, kw_only=True):
    """The type and the base that a group of ioctl numbers is built on (constants of a header)."""

    type: Constant
    base: Constant | None
    commands: tuple[Ioctl, ...]


# --- what is said ---------------------------------------------------------------------------------


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

    ``header`` is the header that the declarations go into, ``file`` the spec's file name.  ``layouts``
    maps the name of an ABI to the layout of every struct by name.
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
    layouts: Mapping[str, Mapping[str, Layout]] = EMPTY

    def struct(self, name: str) -> Struct | None:
        """The struct with this tag, or None."""
        return next((struct for struct in self.structs if struct.name == name), None)
