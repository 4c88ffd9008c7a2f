"""What every element has: prose, a place in the spec, a place in the header."""

from __future__ import annotations

import enum
from collections.abc import Mapping

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
