"""Numbers with names: constants, enums and flags."""

from __future__ import annotations

import enum

from uapigen.model.element import Element, Place, Prose


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
