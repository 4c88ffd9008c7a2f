"""Where a finding lies in a struct: the members with everything around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from uapigen.model import Element, Field, Struct


def fields(structs: Iterable[Struct]) -> Iterator[tuple[Struct, str, Field, tuple[Element, ...]]]:
    """Every member with a type, with its struct, its path and what may waive a finding there."""
    for struct in structs:
        for path, member, elements in struct.inside:
            if isinstance(member, Field):
                yield struct, path, member, elements
