"""Types that the language does not have, and what to write instead.

The room of what a C programmer writes out of habit.  Binding a type that there is happens elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from uapigen.scalartypes import C_TYPES, SCALARS
from uapigen.wording import closest

_C_TYPE = re.compile(
    r"(?:const )?(?:(?:struct|union|enum) )?(?P<name>[\w ]*\w) ?(?P<more>\*|\[(?P<count>\w*)\])?"
)
_NUMBER = re.compile(r"_*(?:u|s|le|be|u?int)(?P<bits>[0-9]{1,4})(?:_t)?")


def way_out(written: str, structs: Collection[str], enumerations: Collection[str]) -> str | None:
    """What to write instead of a type, None where nothing like it is known."""
    match = _C_TYPE.fullmatch(written)
    if match is None:
        return None
    name, more = match["name"], match["more"]
    meant = C_TYPES.get(name, name)
    known = meant in SCALARS or meant in structs
    if more == "*":
        return f"hold the address in a `u64`, with `pointer-to: {meant if known else 'u8'}`"
    if not meant:
        return "an interface has types of one size everywhere: u32, u64"
    if more and known:
        return f"write `type: {meant}, count: {match['count'] or 'flexible'}`"
    if name in enumerations:
        return f"write `type: u32, values: {name}`, with a type of the size that the member has"
    return f"write `{meant}`" if known and meant != written else _number(written)


def _number(written: str) -> str | None:
    """For a number of a size that is none, or a slip."""
    number = _NUMBER.fullmatch(written)
    if number and int(number["bits"]) > 64:
        return "a number has 64 bits at most; write several, as in `type: u64, count: 2`"
    meant = closest(written, SCALARS)
    return f"did you mean `{meant}`?" if meant else None
