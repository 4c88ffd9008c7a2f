"""Where a finding lies in a struct: the members with everything around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from uapigen.model import Element, Field, Group, Member, Struct


def inside(struct: Struct) -> Iterator[tuple[str, Member, tuple[Element, ...]]]:
    """Every member as :func:`~uapigen.model.walk` has it, with what may waive a finding there.

    That is the struct, the groups that the member lies in, and the member.
    """
    return _inside(struct.members, "", (struct,))


def _inside(
    members: tuple[Member, ...], prefix: str, around: tuple[Element, ...]
) -> Iterator[tuple[str, Member, tuple[Element, ...]]]:
    for member in members:
        path = prefix + member.name
        elements = (*around, member)
        yield path, member, elements
        if isinstance(member, Group):
            yield from _inside(member.members, f"{path}." if member.name else prefix, elements)


def fields(structs: Iterable[Struct]) -> Iterator[tuple[Struct, str, Field, tuple[Element, ...]]]:
    """Every member with a type, with its struct, its path and what may waive a finding there."""
    for struct in structs:
        for path, member, elements in inside(struct):
            if isinstance(member, Field):
                yield struct, path, member, elements
