"""What is left of a spec with errors, so that one kind of mistake hides none of another kind.

The room of leaving out.  Of a tree, what has a wrong shape is left out before names are bound; of an
interface, what errors lie in before it is judged.  Nothing is reported here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator

from uapigen import tree
from uapigen.model import Element, Field, Interface, Struct
from uapigen.record import Record, changed
from uapigen.source import Span

_NAMING = frozenset(("name", "enum", "flags", "struct", "states"))
"""The keys by which elements are named."""

_WORD = re.compile(r"[A-Za-z0-9_-]+")


class Remains(Record):
    """The rest of a tree, and the words that stand in what was left out: what they name is not known.

    ``nameless``: something was left out whose name is not known either.
    """

    root: tree.Mapping
    lost: frozenset[str] = frozenset()
    nameless: bool = False

    def may_know(self, name: str) -> bool:
        """Whether the name, or a part of it as in ``FLAGS.NAME``, may be among what is lost."""
        return self.nameless or not self.lost.isdisjoint(_WORD.findall(name))


def without(root: tree.Mapping, unusable: Collection[tree.Mark], lacking: Collection[str]) -> Remains:
    """The tree without the nodes that have these marks; the root stays, whatever it lacks.

    ``lacking`` are the keys for want of which a node cannot be used.
    """
    if not unusable:
        return Remains(root)
    lost: set[str] = set()
    entries = dict(_usable(root, unusable, lost))
    return Remains(tree.Mapping(entries, root.span), frozenset(lost), not _NAMING.isdisjoint(lacking))


def _usable(
    node: tree.Mapping, unusable: Collection[tree.Mark], lost: set[str]
) -> Iterator[tuple[str, tuple[tree.Scalar, tree.Node]]]:
    for text, (key, value) in node.entries.items():
        kept = _kept(value, unusable, lost)
        if kept is None:
            lost.add(text)
        else:
            yield text, (key, kept)


def _kept(node: tree.Node, unusable: Collection[tree.Mark], lost: set[str]) -> tree.Node | None:
    if tree.mark(node) in unusable:
        lost.update(_words(node))
        return None
    if isinstance(node, tree.Mapping):
        return tree.Mapping(dict(_usable(node, unusable, lost)), node.span)
    if isinstance(node, tree.Sequence):
        items = (_kept(item, unusable, lost) for item in node.items)
        return tree.Sequence(tuple(item for item in items if item is not None), node.span)
    return node


def _words(node: tree.Node) -> Iterator[str]:
    if isinstance(node, tree.Scalar):
        yield from _WORD.findall(node.text)
    elif isinstance(node, tree.Mapping):
        for key, value in node.entries.values():
            yield from _words(key)
            yield from _words(value)
    else:
        for item in node.items:
            yield from _words(item)


def sound_part(interface: Interface, lost: Iterable[str], errors: Iterable[Span]) -> Interface:
    """The constants, enums, flags and structs that no error lies in, and that hold no struct with one.

    What is more speaks of them, and what it lacks may be among what is left out.
    """
    places = sorted(span.start for span in errors)
    sound: dict[Struct, None] = {}
    for struct in interface.structs:  # those that are used come first
        types = (member.type for _, member, _ in struct.inside if isinstance(member, Field))
        held = {type_ for type_ in types if isinstance(type_, Struct)}
        if not _touched(struct, places) and held <= sound.keys():
            sound[struct] = None
    names = [member.name for struct in interface.structs for _, member, _ in struct.inside]
    return changed(
        interface,
        constants=tuple(each for each in interface.constants if not _touched(each, places)),
        enumerations=tuple(each for each in interface.enumerations if not _touched(each, places)),
        structs=tuple(sound),
        words=(*interface.words, *lost, *names),
        region_type=None,
        machines=(),
        ioctls=None,
        protocol=None,
        operations=(),
        topics=(),
        decisions=(),
    )


def _touched(element: Element, places: list[int]) -> bool:
    whole = element.origin.span
    first = bisect_left(places, whole.start)
    return first < len(places) and places[first] < whole.end
