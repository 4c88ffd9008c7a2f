"""State machines: states, transitions, and how requests walk."""

from __future__ import annotations

import enum

from uapigen import tree
from uapigen.model.element import Element, Place, Prose
from uapigen.model.numbers import Enumeration, Unknown
from uapigen.model.structs import MemberRef
from uapigen.record import Record


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
    """A direct transition.  ``name`` is "FROM -> TO"; ``stream`` is what becomes of the data stream.

    ``user`` is what user space does with a stream that it ``opens``: ``reads`` or ``writes``.
    """

    source: State
    target: State
    label: Prose
    effect: Prose = Prose("")
    stream: str | None = None
    user: str | None = None


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
    ``on_failure``: the state that a failed request leaves: ``keeps-state``, ``on-the-way``, ``unspecified``.
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
