"""Where a finding lies in a struct: the members with everything around them, and which are kept for later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from uapigen.model import Element, Field, Struct


def fields(structs: Iterable[Struct]) -> Iterator[tuple[Struct, str, Field, tuple[Element, ...]]]:
    """Every member with a type, with its struct, its path and what may waive a finding there."""
    for struct in structs:
        for path, member, elements in struct.inside:
            if isinstance(member, Field):
                yield struct, path, member, elements


def is_kept(name: str) -> bool:
    """Whether a member of this name is one that is kept for later."""
    return _KEPT.fullmatch(name) is not None


_KEPT = re.compile(r"_*(reserved|resv|rsvd|rsv|pad|padding|unused|spare|filler|dummy|mbz)_*\d*_*", re.I)
