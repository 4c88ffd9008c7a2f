"""What is done: actions, operations with their steps, ioctls."""

from __future__ import annotations

from uapigen import tree
from uapigen.model.element import Element, Place, Prose
from uapigen.model.numbers import Constant, Enumeration, Value
from uapigen.model.regions import Region
from uapigen.model.states import State
from uapigen.model.structs import FlagRef, MemberRef, Struct
from uapigen.record import Record, ValueRecord


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
    """The type and the base that a group of ioctl numbers is built on (constants of a header).

    ``unique_among`` is the group of names (``PREFIX_*``) in which no other ioctl of the type has the number.
    """

    type: Constant
    base: Constant | None
    commands: tuple[Ioctl, ...]
    unique_among: str | None = None
