"""Frozen records: dataclasses that cost nothing to declare.

The standard ``dataclass`` compiles the methods of every class when it is imported, 1 ms for each: with
the classes of the model that is a fifth of a whole run.  Here the methods are shared.  A type checker
takes the classes for frozen dataclasses (PEP 681).
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: bool) -> Callable[[type], type]:
        """At run time there is nothing to say to a type checker."""
        return lambda cls: cls


EMPTY: Any = MappingProxyType({})
"""The default of a mapping."""

Self = TypeVar("Self", bound="Record")


@dataclass_transform(frozen_default=True, eq_default=False)
class Record:
    """A class whose annotated names are its fields, and whose instances do not change.

    Fields are given in their order or by name; one with a value in the class may be left out.  A record
    is equal to itself only.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, kw_only: bool = False) -> None:
        """Note the fields.  ``kw_only`` is for the type checker: such fields are given by name."""
        own = (name for name, type_ in cls.__annotations__.items() if not str(type_).startswith("ClassVar"))
        cls.fields = tuple(dict.fromkeys((*cls.fields, *own)))
        cls._known = frozenset(cls.fields)
        cls._required = frozenset(name for name in cls.fields if not hasattr(cls, name))

    def __init__(self, *values: Any, **named: Any) -> None:
        """Raises TypeError where a field is missing, unknown or given twice."""
        given = self.__dict__
        given.update(zip(self.fields, values, strict=False))
        count = len(given) + len(named)
        given.update(named)
        if count != len(given) or len(values) > len(self.fields):
            raise TypeError(f"{type(self).__name__} was given a field twice, or too many")
        if not (self._required.issubset(given) and self._known.issuperset(given)):
            wrong = (self._required - given.keys()) | (given.keys() - self._known)
            raise TypeError(f"{type(self).__name__} lacks or does not have: {', '.join(sorted(wrong))}")

    def __setattr__(self, name: str, value: object) -> None:
        """A record does not change."""
        raise AttributeError(f"{type(self).__name__} is frozen: '{name}' cannot be set")

    def __delattr__(self, name: str) -> None:
        """A record does not change."""
        raise AttributeError(f"{type(self).__name__} is frozen: '{name}' cannot be deleted")

    def __repr__(self) -> str:
        """The class and what was given, but for the way back to the source."""
        shown = (f"{name}={value!r}" for name, value in _fields_of(self).items() if name not in _NOT_SHOWN)
        return f"{type(self).__name__}({', '.join(shown)})"


_NOT_SHOWN = frozenset(("origin", "source", "struct", "enumeration"))


class ValueRecord(Record):
    """A record that is equal to every other of its class with equal fields."""

    def __eq__(self, other: object) -> bool:
        """Equal in every field."""
        return type(self) is type(other) and isinstance(other, ValueRecord) and self._key() == other._key()

    def __hash__(self) -> int:
        """As its fields have it."""
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.fields)


def changed(record: Self, **named: Any) -> Self:
    """A record like this one, with these fields instead."""
    return type(record)(**{**_fields_of(record), **named})


def _fields_of(record: Record) -> dict[str, Any]:
    """The fields that a record was given, without what it has worked out of them since."""
    return {name: value for name, value in record.__dict__.items() if name in record.fields}
