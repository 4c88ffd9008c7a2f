"""State machines: the states that a field can hold, made from how the spec encodes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations

from uapigen import tree
from uapigen.diagnostics import Diagnostic
from uapigen.findings import EnoughFoundError
from uapigen.model import (
    Arc,
    BlockedPair,
    Enumeration,
    Field,
    FirstStep,
    Machine,
    MemberRef,
    Paths,
    State,
    StatePart,
    Unknown,
    Verdict,
)
from uapigen.resolve.reading import (
    Scope,
    common,
    mapping,
    mappings,
    number,
    place,
    prose,
    scalars,
    text,
    word,
    words,
)


def machines(scope: Scope, root: tree.Mapping) -> tuple[Machine, ...]:
    """The state machines of a spec."""
    nodes = mappings(root, "states")
    _check_size(scope, nodes)
    holders = _holders(scope) if nodes else {}
    return tuple(_machine(scope, node, holders.get(word(node, "states"))) for node in nodes)


_MOST = 16384
"""Answers in the tables of all machines: 128 states, or 32 with four features that a device can lack.

Every one is printed, and asked by a test; modifiers and features double them.
"""
_DOUBLINGS = 32
"""Modifiers or features that are counted; with so many the states are too many in any case."""


def _check_size(scope: Scope, nodes: tuple[tree.Mapping, ...]) -> None:
    """Report more states, or transitions behind each other, than can be written out, and end there."""
    answers = pairs = 0
    for node in nodes:
        parts = (*mappings(node, "values"), *mappings(node, "base"))
        features = {name for part in parts for name in words(part, "needs")}
        doublings = min(len(mappings(node, "modifiers")), _DOUBLINGS)
        count = len(parts) << doublings or len(mappings(node, "combinations"))
        answers += count * count << min(len(features), _DOUBLINGS)
        if answers > _MOST:
            sets = f" and {1 << min(len(features), _DOUBLINGS)} sets of features" if features else ""
            message = f"the states are too many: {count}{sets}"
            help_ = f"a machine answers for states x states x sets of features, {_MOST} times at most"
            scope.problems.add(Diagnostic("too-many-states", message, node.span, help=help_))
            raise EnoughFoundError
        leaving = Counter(text(arc, "from") for arc in mappings(node, "transitions"))
        pairs += sum(leaving[text(arc, "to")] for arc in mappings(node, "transitions"))
        if pairs > _MOST:
            message = f"the transitions are too many: {pairs} pairs can follow each other"
            help_ = f"a test takes every pair: {_MOST} at most; let requests walk over several with `paths:`"
            place = node.entries["transitions"][0].span
            scope.problems.add(Diagnostic("too-many-states", message, place, help=help_))
            raise EnoughFoundError


def _machine(scope: Scope, node: tree.Mapping, holder: MemberRef | None) -> Machine:
    name, prefix = word(node, "states"), word(node, "prefix")
    encoding, parts, states = _encoded(scope, node, prefix)
    known = {state.name: state for state in states}
    bits = {part.name: part for part in parts}
    mask = mapping(node, "mask")
    return Machine(
        **common(node),
        name=name,
        encoding=encoding,
        field=holder,
        prefix=prefix,
        parts=parts,
        states=states,
        arcs=tuple(_arcs(scope, node, known)),
        set_by=word(node, "set-by"),
        initial=_named(scope, node, "initial", known),
        reset=_named(scope, node, "reset", known),
        close=_named(scope, node, "close", known),
        features=_features(scope, node),
        paths=_paths(scope, node, known),
        otherwise=Verdict(text(node, "otherwise") or "refused"),
        same_state=Verdict(text(node, "same-state") or "accepted"),
        on_failure=text(node, "on-failure") or "keeps-state",
        errno=text(node, "errno") or "EINVAL",
        mask=_mask(mask, prefix, parts) if mask else None,
        unknown=Unknown(text(node, "unknown") or "refused"),
        form=text(node, "form") or "defines",
        place=place(node),
        invalid=tuple(_invalid(scope, item, bits) for item in mappings(node, "invalid")),
    )


def _encoded(
    scope: Scope, node: tree.Mapping, prefix: str
) -> tuple[str, tuple[StatePart, ...], tuple[State, ...]]:
    """How states are encoded, what they are made of, and the states."""
    if "base" in node:
        base, modifiers = _parts(node, "base", prefix), _parts(node, "modifiers", prefix)
        return "modifiers", base + modifiers, tuple(_modified(base, modifiers))
    if "bits" in node:
        bits = _parts(node, "bits", prefix)
        return "bits", bits, tuple(_combined(scope, node, bits))
    parts = _parts(node, "values", prefix)
    states = tuple(
        State(
            **common(part.origin),
            name=part.name,
            value=part.value,
            parts=(part.name,),
            kind=part.kind,
            needs=words(part.origin, "needs"),
        )
        for part in parts
    )
    return "enumerated", parts, states


def _parts(node: tree.Mapping, key: str, prefix: str) -> tuple[StatePart, ...]:
    return tuple(
        StatePart(
            **common(item),
            name=word(item, "name"),
            c_name=prefix + word(item, "name"),
            value=number(item, "value"),
            kind="modifier" if key == "modifiers" else text(item, "kind") or "normal",
            spelling=text(item, "spelling"),
        )
        for item in mappings(node, key)
    )


def _mask(node: tree.Mapping, prefix: str, parts: tuple[StatePart, ...]) -> StatePart:
    value = 0
    for part in parts:
        value |= part.value
    whole = text(node, "c-name")
    name = whole or word(node, "name")
    return StatePart(**common(node), name=name, c_name=whole or prefix + name, value=value, kind="mask")


def _modified(base: tuple[StatePart, ...], modifiers: tuple[StatePart, ...]) -> Iterator[State]:
    """Every base state alone and with every set of modifiers."""
    for part in base:
        for count in range(len(modifiers) + 1):
            for chosen in combinations(modifiers, count):
                value = part.value
                for modifier in chosen:
                    value |= modifier.value
                names = (part.name, *(modifier.name for modifier in chosen))
                yield State(
                    origin=part.origin,
                    doc=part.doc,
                    name="+".join(names),
                    value=value,
                    parts=names,
                    kind=part.kind,
                    needs=_needs((part, *chosen)),
                )


def _needs(parts: Iterable[StatePart]) -> tuple[str, ...]:
    """The features without which a state of these parts does not exist."""
    return tuple(dict.fromkeys(name for part in parts for name in words(part.origin, "needs")))


def _combined(scope: Scope, node: tree.Mapping, bits: tuple[StatePart, ...]) -> Iterator[State]:
    """The combinations of bits that the spec names."""
    known = {bit.name: bit for bit in bits}
    for item in mappings(node, "combinations"):
        yield State(
            **common(item),
            name=word(item, "name"),
            value=_value(scope, item, known),
            parts=words(item, "of"),
            kind=text(item, "kind") or "normal",
            c_name=text(item, "c-name"),
            needs=_needs(known[name] for name in words(item, "of") if name in known),
        )


def _invalid(scope: Scope, item: tree.Mapping, known: dict[str, StatePart]) -> State:
    """A combination of bits that is no state; it has the names of its bits."""
    parts = words(item, "of")
    value = _value(scope, item, known)
    return State(**common(item), name="+".join(parts) or "0", value=value, parts=parts, kind="invalid")


def _value(scope: Scope, item: tree.Mapping, known: dict[str, StatePart]) -> int:
    """The number that these bits make together."""
    value = 0
    for name in scalars(item, "of"):
        if name.text in known:
            value |= known[name.text].value
        else:
            scope.undefined(name.span, "bit", name.text, known)
    return value


def _holders(scope: Scope) -> dict[str, MemberRef]:
    """The members that hold the states of machines, by the machine; the first one of each."""
    found: dict[str, MemberRef] = {}
    for struct in scope.structs.values():
        for path, member, _ in struct.inside:
            if isinstance(member, Field) and member.machine is not None:
                found.setdefault(member.machine, MemberRef(struct, path, member))
    return found


def _arcs(scope: Scope, node: tree.Mapping, known: dict[str, State]) -> Iterator[Arc]:
    for item in mappings(node, "transitions"):
        source, target = _named(scope, item, "from", known), _named(scope, item, "to", known)
        if source and target:
            yield Arc(
                **common(item),
                name=f"{source.name} -> {target.name}",
                source=source,
                target=target,
                label=prose(item, "label"),
                effect=prose(item, "effect"),
                stream=text(item, "stream"),
                user=text(item, "user"),
            )


def _named(scope: Scope, node: tree.Mapping, key: str, known: dict[str, State]) -> State | None:
    """The state that ``key`` names, None where there is no such key."""
    item = node.get(key)
    return scope.state(item, known) if isinstance(item, tree.Scalar) else None


_PARTS = ("values", "base", "modifiers", "bits")


def _features(scope: Scope, node: tree.Mapping) -> Enumeration | None:
    name = text(node, "features")
    flags = {each.name: each for each in scope.enumerations.values() if each.flags}
    if name is not None and name not in flags:
        scope.undefined(node.where("features"), "set of flags", name, flags)
    found = flags.get(name or "")
    for part in (part for key in _PARTS for part in mappings(node, key)) if found else ():
        for item in scalars(part, "needs"):
            if found and found.value(item.text) is None:
                known = (value.name for value in found.values)
                scope.undefined(item.span, f"value in '{found.name}' with the name", item.text, known)
    return found


def _paths(scope: Scope, node: tree.Mapping, known: dict[str, State]) -> Paths | None:
    section = mapping(node, "paths")
    if section is None:
        return None
    return Paths(
        avoid=scope.states(section, "fewest-of", known),
        blocked=tuple(_blocked(scope, section, known)),
        skip_unsupported=text(section, "unsupported") == "stepped-over",
        first_steps=tuple(_first_steps(scope, section, known)),
    )


def _blocked(scope: Scope, section: tree.Mapping, known: dict[str, State]) -> Iterator[BlockedPair]:
    for node in mappings(section, "blocked"):
        source, target = (_named(scope, node, key, known) for key in ("from", "to"))
        if source and target:
            yield BlockedPair(source, target, node)


def _first_steps(scope: Scope, section: tree.Mapping, known: dict[str, State]) -> Iterator[FirstStep]:
    for node in mappings(section, "first-steps"):
        source, target, step = (_named(scope, node, key, known) for key in ("from", "to", "step"))
        if source and target and step:
            yield FirstStep(source, target, step, node)
