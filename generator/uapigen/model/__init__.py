"""The resolved interface: one frozen record per element of the language.

The room of facts.  Every name is bound to what it names, every number is a number; nothing here
judges (that is :mod:`uapigen.rules`) and nothing here prints.  ``origin`` leads back to the place in
the spec.  Sizes, offsets and alignments are bytes unless a name says bits.
"""

from __future__ import annotations

from uapigen.model.element import (
    Anchor,
    Element,
    Place,
    Prose,
)
from uapigen.model.interface import (
    Decision,
    Interface,
    Licenses,
    Topic,
)
from uapigen.model.layout import (
    Gap,
    Layout,
    Placed,
)
from uapigen.model.numbers import (
    Constant,
    Enumeration,
    Unknown,
    Value,
)
from uapigen.model.operations import (
    Failure,
    Ioctl,
    Ioctls,
    Operand,
    Operation,
    Protocol,
    Step,
    Trigger,
)
from uapigen.model.regions import (
    Region,
    RegionAccess,
    RegionType,
)
from uapigen.model.states import (
    Arc,
    BlockedPair,
    FirstStep,
    Machine,
    Paths,
    State,
    StatePart,
    Verdict,
)
from uapigen.model.structs import (
    Access,
    Array,
    Capability,
    Endian,
    Field,
    FlagRef,
    Group,
    Inside,
    Member,
    MemberRef,
    Pad,
    ScalarType,
    Struct,
)

__all__ = [
    "Access",
    "Anchor",
    "Arc",
    "Array",
    "BlockedPair",
    "Capability",
    "Constant",
    "Decision",
    "Element",
    "Endian",
    "Enumeration",
    "Failure",
    "Field",
    "FirstStep",
    "FlagRef",
    "Gap",
    "Group",
    "Inside",
    "Interface",
    "Ioctl",
    "Ioctls",
    "Layout",
    "Licenses",
    "Machine",
    "Member",
    "MemberRef",
    "Operand",
    "Operation",
    "Pad",
    "Paths",
    "Place",
    "Placed",
    "Prose",
    "Protocol",
    "Region",
    "RegionAccess",
    "RegionType",
    "ScalarType",
    "State",
    "StatePart",
    "Step",
    "Struct",
    "Topic",
    "Trigger",
    "Unknown",
    "Value",
    "Verdict",
]
