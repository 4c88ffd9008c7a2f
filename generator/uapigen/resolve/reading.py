"""Reading values off a tree whose shape is right, and looking names up.

The schema has been checked, so that a number is a number and what must be there is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from uapigen import tree
from uapigen.diagnostics import Diagnostic
from uapigen.findings import Findings
from uapigen.model import (
    Anchor,
    Constant,
    Element,
    Enumeration,
    FlagRef,
    Machine,
    MemberRef,
    Place,
    Prose,
    Region,
    State,
    Struct,
    Value,
)
from uapigen.record import changed
from uapigen.sound import Remains
from uapigen.source import Span
from uapigen.wording import as_typed, closest, listing, quote, there_is


class Problems(Findings):
    """What could not be bound; ``guesses`` are the names among which one that was meant may still be sought.

    Comparing names takes long: 100,000 of them take a second.  ``unknown`` is where a name stands that may
    be one that is lost.  ``sought`` says of an error of a name what it should be the name of.
    """

    def __init__(self, remains: Remains) -> None:
        super().__init__()
        self.guesses = 100_000
        self.unknown: list[Span] = []
        self.sought: dict[Diagnostic, str] = {}
        self._remains = remains

    def may_know(self, name: str, span: Span) -> bool:
        """Whether nothing is to be said of a name at this place, because it may be one that is lost."""
        found = self._remains.may_know(name)
        if found:
            self.unknown.append(span)
        return found

    def may_guess(self, names: int) -> bool:
        """Whether one that was meant may be sought among so many names."""
        self.guesses -= names
        return self.guesses > 0

    def lose(self, names: Iterable[str]) -> None:
        """Take names for lost, because what they name is reported and left out."""
        self._remains = changed(self._remains, lost=self._remains.lost.union(names))

    def seek(self, what: str, found: Diagnostic) -> None:
        """Keep the error of a name that should be one of ``what``."""
        self.sought[found] = what
        self.add(found)


class Scope:
    """What is known while one spec is resolved, and what could not be bound."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.constants: dict[str, Constant] = {}
        self.enumerations: dict[str, Enumeration] = {}
        self.structs: dict[str, Struct] = {}
        self.regions: dict[str, Region] = {}
        self.machines: dict[str, Machine] = {}
        self.member_homes: tuple[Struct, ...] = ()
        self._members: dict[str, MemberRef] | None = None

    def undefined(
        self, span: Span, what: str, name: str, known: Iterable[str], help_: str | None = None
    ) -> None:
        """Report a name that names nothing, with ``help_`` or else what may have been meant."""
        if not self.problems.may_know(name, span):
            found = undefined(self.problems, span, what, name, known)
            self.problems.seek(what, changed(found, help=help_) if help_ else found)

    def flag(self, node: tree.Mapping, key: str) -> FlagRef | None:
        """The flag that ``FLAGS.NAME`` means; None for ``always`` and where there is no such key."""
        written = text(node, key)
        if written is None or written == "always":
            return None
        name, dot, member = written.partition(".")
        enumeration = self.enumerations.get(name)
        if enumeration and enumeration.flags and dot:
            value = enumeration.value(member)
            if value is None:
                what, help_ = _value_of(enumeration), _one_of(self.problems, member, [enumeration])
                self.undefined(node.where(key), what, member, (), help_)
            return FlagRef(enumeration, value) if value else None
        sets = [each for each in self.enumerations.values() if each.flags]
        if dot:
            self.undefined(node.where(key), "set of flags", name, names(sets))
        else:
            help_ = _one_of(self.problems, name, sets, always=key == "present" and "fields" not in node)
            self.undefined(node.where(key), "flag", name, (), help_)
        return None

    def value(self, node: tree.Mapping, key: str, enumeration: Enumeration) -> Value | None:
        """The value of ``enumeration`` that ``key`` names."""
        name = word(node, key)
        value = enumeration.value(name)
        if value is None:
            self.undefined(node.where(key), _value_of(enumeration), name, names(enumeration.values))
        return value

    def region(self, node: tree.Mapping, key: str) -> Region | None:
        """The region that ``key`` names, None where there is no such key."""
        name = text(node, key)
        if name is not None and name not in self.regions:
            self.undefined(node.where(key), "region", name, self.regions)
        return self.regions.get(name or "")

    def member(self, node: tree.Mapping, key: str) -> MemberRef | None:
        """The member whose path ``key`` gives, None where there is no such key."""
        path = text(node, key)
        return None if path is None else self.member_at(path, node.where(key))

    def member_at(self, path: str, span: Span) -> MemberRef | None:
        """The member with this path; reported at ``span`` where there is none."""
        if self._members is None:
            self._members = {}
            for struct in self.member_homes:
                for each, member, _ in struct.inside:
                    self._members.setdefault(each, MemberRef(struct, each, member))
        found = self._members.get(path)
        if found is None:
            inner = path.partition(".")[2]  # behind the name of a struct, where that was written, too
            known = self._members if self.problems.may_guess(len(self._members)) else ()
            outer = [each for each in known if each.endswith(f".{path}")]
            meant = [inner] if inner and inner in self._members else outer[:_FEW]
            help_ = f"write {listing((f'`{each}`' for each in meant), 'or')}" if meant else None
            self.undefined(span, "member", path, self._members, help_)
        return found

    def states(self, node: tree.Mapping, key: str, known: dict[str, State]) -> tuple[State, ...]:
        """The states that a list names."""
        found = (self.state(item, known) for item in scalars(node, key))
        return tuple(state for state in found if state)

    def state(self, item: tree.Scalar, known: dict[str, State]) -> State | None:
        """The state that a scalar names."""
        state = known.get(item.text)
        if state is None and not self.problems.may_know(item.text, item.span):
            self.problems.seek("state", no_state(self.problems, item, known.values()))
        return state

    def all_states(self) -> dict[str, State]:
        """The states of all machines by name; the first machine's come first."""
        machines = reversed(tuple(self.machines.values()))
        return {state.name: state for machine in machines for state in machine.states}


def names(elements: Iterable[Element]) -> list[str]:
    """The names of elements."""
    return [element.name for element in elements]


def undefined(problems: Problems, span: Span, what: str, name: str, known: Iterable[str]) -> Diagnostic:
    """A name that names nothing, with what may have been meant."""
    names = list(dict.fromkeys(each for each in known if each))
    may_guess = problems.may_guess(len(names))
    without_prefix = next((each for each in names if name.endswith(f"_{each}")), None)
    if meant := without_prefix or (closest(name, names) if may_guess else None):
        help_ = f"did you mean `{as_typed(meant)}`?"
    elif names and len(names) <= _FEW:
        help_ = there_is(names)
    else:
        help_ = "declare it first, or write a name that is declared"
    return Diagnostic("undefined-reference", f"there is no {what} {quote(name)}", span, help=help_)


def no_state(problems: Problems, item: tree.Scalar, known: Iterable[State]) -> Diagnostic:
    """A name that is no state's, with the state that has the base and the modifiers that it names."""
    combined = [state for state in known if state.name == "+".join(state.parts)]
    bases = {state.parts[0] for state in combined}
    modifiers = {part for state in combined for part in state.parts[1:]}
    named = {*re.findall(r"\w+", item.text)}
    found = undefined(problems, item.span, "state", item.text, (state.name for state in known))
    if same := [state for state in known if named == {*state.parts} and state not in combined]:
        help_ = f"did you mean `{as_typed(same[0].name)}`?"
        return Diagnostic(found.id, found.message, item.span, help=help_)
    if not modifiers or not named <= bases | modifiers:
        return found
    message = found.message
    if not named & bases:
        message = f"{quote(item.text)} is no state by itself: a modifier stands beside a base state"
    elif len(named & bases) > 1:
        message = f"{quote(item.text)} is no state: it names more than one base state"
    meant = [state.name for state in combined if {*state.parts} - bases == named - bases]
    right = [name for name in meant if {*name.split("+")} <= named] or meant
    help_ = f"write {listing((f'`{as_typed(name)}`' for name in right[:_FEW]), 'or')}"
    return Diagnostic(found.id, message, item.span, help=help_)


_FEW = 12


def _value_of(enumeration: Enumeration) -> str:
    """What is sought among the values of an enum or flags."""
    return f"value in '{enumeration.name}' with the name"


def _one_of(problems: Problems, name: str, sets: list[Enumeration], *, always: bool = False) -> str:
    """What to write instead of a name without a dot, where one flag of the sets belongs."""
    first = next(((each.name, value.name) for each in sets for value in each.values), None)
    if problems.may_guess(sum(len(each.values) for each in sets)):
        flags = [(each.name, value.name) for each in sets for value in each.values]
        words = (name, closest(name, [flag for _, flag in flags]))
        found = next(filter(None, ([flag for flag in flags if word in flag] for word in words)), [])
        if found:
            return f"write {listing(('`' + '.'.join(flag) + '`' for flag in found[:_FEW]), 'or')}"
    choices = ["`always`"] if always else []
    choices.append(
        f"a flag with its set, as in `{'.'.join(first)}`"
        if first
        else "a flag that is declared below `flags:`"
    )
    return f"write {', or '.join(choices)}"


def text(node: tree.Mapping, key: str) -> str | None:
    """The text of a key, None where it is absent."""
    found = node.get(key)
    return found.text if isinstance(found, tree.Scalar) else None


def word(node: tree.Mapping, key: str) -> str:
    """The text of a key that the schema requires."""
    found = text(node, key)
    assert found is not None
    return found


def integer(node: tree.Mapping, key: str) -> int | None:
    """The number of a key, None where it is absent."""
    found = text(node, key)
    return None if found is None else int(found, 0)


def number(node: tree.Mapping, key: str) -> int:
    """The number of a key that the schema requires."""
    return int(word(node, key), 0)


def flag(node: tree.Mapping, key: str) -> bool:
    """Whether a key says ``true``."""
    return text(node, key) == "true"


def prose(node: tree.Mapping, key: str) -> Prose:
    """The prose of a key, empty where it is absent."""
    return Prose((text(node, key) or "").strip())


def scalars(node: tree.Mapping, key: str) -> tuple[tree.Scalar, ...]:
    """The items of a list of texts, none where it is absent."""
    found = node.get(key)
    items = found.items if isinstance(found, tree.Sequence) else ()
    return tuple(item for item in items if isinstance(item, tree.Scalar))


def words(node: tree.Mapping, key: str) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(item.text for item in scalars(node, key))


def mapping(node: tree.Mapping, key: str) -> tree.Mapping | None:
    """The mapping of a key, None where it is absent."""
    found = node.get(key)
    return found if isinstance(found, tree.Mapping) else None


def mappings(node: tree.Mapping, key: str) -> tuple[tree.Mapping, ...]:
    """The items of a list of mappings, none where it is absent."""
    found = node.get(key)
    items = found.items if isinstance(found, tree.Sequence) else ()
    return tuple(item for item in items if isinstance(item, tree.Mapping))


def common(node: tree.Mapping) -> dict[str, Any]:
    """What every element has, as keyword arguments of its class."""
    waived = mapping(node, "allow")
    return {
        "origin": node,
        "doc": prose(node, "doc"),
        "since": text(node, "since"),
        "deprecated": text(node, "deprecated"),
        "was": text(node, "was"),
        "allow": {rule: prose(waived, rule) for rule in waived.entries} if waived else {},
    }


def place(node: tree.Mapping) -> Place | None:
    """Where an element goes in the header, None where it does not say."""
    found = node.get("place")
    if isinstance(found, tree.Scalar):
        return Place(Anchor(found.text))
    if isinstance(found, tree.Mapping):
        ((anchor, (_, target)),) = found.entries.items()
        assert isinstance(target, tree.Scalar)
        return Place(Anchor(anchor), target.text)
    return None
