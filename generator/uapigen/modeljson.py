"""The model as JSON, for programs that are not written in Python.

An element is printed where it is declared; where another one refers to it, its name stands: a member as
``struct.path``, a flag as ``flags.NAME``.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from uapigen.model import Element, FlagRef, Interface, Layout, MemberRef, Prose, ScalarType
from uapigen.record import Record

_DECLARED_IN = {
    "Interface": {
        "constants", "enumerations", "structs", "region_type", "machines", "operations", "topics"
    },
    "Enumeration": {"values"},
    "Struct": {"members"},
    "Group": {"members"},
    "RegionType": {"regions"},
    "Machine": {"parts", "states", "invalid", "arcs", "mask"},
    "Protocol": {"triggers"},
    "Ioctls": {"type", "base", "commands"},
}  # fmt: skip
"""Which fields of which class hold declarations; elements in all others are references."""


def as_json(interface: Interface) -> dict[str, Any]:
    """Everything that the model holds, as dictionaries, lists, strings, numbers and booleans.

    Keys are the names of the model's attributes; ``class`` is its class, ``line`` the line in the spec.
    What is empty or absent is left out.
    """
    return _object(interface)


def _object(value: Any) -> dict[str, Any]:
    name = type(value).__name__
    plain: dict[str, Any] = {"class": name}
    fields: tuple[str, ...] = value.fields if isinstance(value, Record) else value._fields
    for field in fields:
        if field == "origin":
            plain["line"] = value.origin.span.position().line
            continue
        declared = field in _DECLARED_IN.get(name, ())
        found = _plain(getattr(value, field), declared=declared)
        if found not in (None, "", [], {}):
            plain[field] = found
    return plain


def _plain(value: Any, *, declared: bool) -> Any:  # noqa: PLR0911 - one case for each kind of value
    match value:
        case Prose():
            return value.text
        case enum.Enum():
            return value.value
        case ScalarType():
            return value.name
        case MemberRef():
            return f"{value.struct.name}.{value.path}"
        case FlagRef():
            return f"{value.enumeration.name}.{value.value.name}"
        case Element() if not declared:
            return value.name
        case Layout():
            return {"size": value.size, "align": value.align, "members": [_object(m) for m in value.members]}
        case tuple():
            return [_plain(item, declared=declared) for item in value]
        case Mapping():
            return {key: _plain(item, declared=declared) for key, item in value.items()}
        case Record():
            return _object(value)
    return value
