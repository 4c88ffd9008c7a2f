"""Structs and their members: types bound, those that are used before those that use them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from uapigen import tree
from uapigen.diagnostics import Diagnostic, Note
from uapigen.findings import EnoughFoundError
from uapigen.model import Access, Array, Capability, Field, Group, Member, Pad, ScalarType, Struct
from uapigen.record import Record
from uapigen.resolve.reading import (
    Scope,
    common,
    flag,
    integer,
    mapping,
    mappings,
    number,
    place,
    text,
    word,
)
from uapigen.resolve.types import way_out
from uapigen.scalartypes import SCALARS
from uapigen.source import Span
from uapigen.wording import quote


def structs(scope: Scope, root: tree.Mapping) -> tuple[Struct, ...]:
    """The structs of a spec, in an order in which C takes them: as written, but what is used first.

    Structs that contain themselves are reported and left out.
    """
    nodes: dict[str, tree.Mapping] = {}
    for node in mappings(root, "structs"):
        nodes.setdefault(_tag(node), node)
    uses = {name: tuple(_used(node, nodes)) for name, node in nodes.items()}
    machines = {word(node, "states") for node in mappings(root, "states")}
    circular = _circular(scope, uses, nodes)
    scope.problems.lose(name for each in circular for name in (each, *_member_names(nodes[each])))
    done: dict[str, Struct] = {}
    context = _Context(scope, nodes.keys(), done, machines, circular)
    sound = {name: used for name, used in uses.items() if name not in circular}
    order = _used_first(sound)
    _check_size(scope, order, sound, nodes)
    for name in order:
        done[name] = _struct(context, nodes[name])
    # A second struct of the same name is kept for the rule that reports it.
    repeated = (node for node in mappings(root, "structs") if nodes[_tag(node)] is not node)
    return (*done.values(), *(_struct(context, node) for node in repeated))


def _tag(node: tree.Mapping) -> str:
    return text(node, "struct") or word(node, "union")


def _used(node: tree.Mapping, nodes: Mapping[str, tree.Mapping]) -> Iterator[str]:
    """The structs that lie inside this one, in the order in which they are used."""
    for item in (*mappings(node, "fields"), *mappings(node, "union")):
        type_ = text(item, "type")
        if type_ is not None and type_ in nodes and type_ not in SCALARS:
            yield type_
        yield from _used(item, nodes)


def _circular(
    scope: Scope, uses: Mapping[str, tuple[str, ...]], nodes: Mapping[str, tree.Mapping]
) -> set[str]:
    """Report every cycle; the structs in one, and those that use such a struct."""
    broken: set[str] = set()
    while True:
        sorter = TopologicalSorter({name: used for name, used in uses.items() if name not in broken})
        try:
            sorter.prepare()
        except CycleError as error:
            cycle: list[str] = error.args[1][::-1]
            _report_cycle(scope, cycle, nodes)
            broken.update(cycle)
            while more := {name for name, used in uses.items() if broken & {*used}} - broken:
                broken |= more
        else:
            return broken


def _used_first(uses: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The names as written, but each behind those that it uses.

    Depth first without recursion, because a chain of structs may be as long as the file.
    """
    done: dict[str, None] = {}
    for name in uses:
        stack = [name]
        while stack:
            missing = [used for used in uses[stack[-1]] if used not in done]
            if missing:
                stack.append(missing[0])
            else:
                done[stack.pop()] = None
    return list(done)


_DEEPEST = 64
"""Structs inside each other."""

_MOST = 1_000_000
"""Members of all structs, with those of the structs inside them, each as often as it is there."""


def _check_size(
    scope: Scope, order: Iterable[str], uses: Mapping[str, tuple[str, ...]], nodes: Mapping[str, tree.Mapping]
) -> None:
    """Report structs with more inside than can be written out, and end there.

    A struct of two structs of two structs and so on is a few lines, and more members than memory holds.
    """
    depths: dict[str, int] = {}
    counts: dict[str, int] = {}
    total = 0
    for name in order:
        depths[name] = 1 + max((depths[used] for used in uses[name]), default=0)
        counts[name] = _count(nodes[name]) + sum(counts[used] for used in uses[name])
        total += counts[name]
        message = None
        if depths[name] > _DEEPEST:
            message = f"'{name}' has structs inside structs, more than {_DEEPEST} deep"
        elif total > _MOST:
            message = f"'{name}' has {counts[name]} members; all structs together have more than {_MOST}"
        if message:
            help_ = (
                "a struct inside a struct counts each time; hold the address of a struct in a u64 with "
                "`pointer-to:`, or many alike in an array"
            )
            scope.problems.add(Diagnostic("struct-size", message, nodes[name].span, help=help_))
            raise EnoughFoundError


def _count(node: tree.Mapping) -> int:
    """The members that are written in a struct, those of nested ones included."""
    items = (*mappings(node, "fields"), *mappings(node, "union"))
    return len(items) + sum(_count(item) for item in items)


def _report_cycle(scope: Scope, cycle: list[str], nodes: Mapping[str, tree.Mapping]) -> None:
    *names, _ = cycle
    first = min(range(len(names)), key=lambda index: nodes[names[index]].span.start)
    names = names[first:] + names[:first]
    chain = " -> ".join([*names, names[0]])
    scope.problems.add(
        Diagnostic(
            "circular-struct",
            f"struct '{names[0]}' contains itself: {chain}",
            nodes[names[0]].span,
            help="a struct that lies inside itself has no size; hold its address in a u64 with `pointer-to:`",
            notes=tuple(Note(f"'{name}' is declared here", nodes[name].span) for name in names[1:]),
        )
    )


class _Context(Record):
    """What the members of a struct are bound against; ``circular`` structs are reported already."""

    scope: Scope
    declared: Collection[str]
    done: Mapping[str, Struct]
    machines: set[str]
    circular: set[str]


def _struct(context: _Context, node: tree.Mapping) -> Struct:
    union = text(node, "union") is not None
    _check_counts(context.scope, node, dict.fromkeys(_member_names(node)))
    return Struct(
        **common(node),
        name=_tag(node),
        union=union,
        members=_members(context, node, "fields"),
        packed=flag(node, "packed"),
        align=integer(node, "align"),
        asserted_size=integer(node, "size"),
        capability=_capability(node),
        external=text(node, "external"),
        place=place(node),
    )


def _capability(node: tree.Mapping) -> Capability | None:
    section = mapping(node, "capability")
    if section is None:
        return None
    return Capability(
        name=word(section, "name"),
        id=number(section, "id"),
        version=number(section, "version"),
        unique_among=text(section, "unique-among"),
    )


def _member_names(node: tree.Mapping) -> Iterator[str]:
    """The names of the members of a struct, those in groups included."""
    for item in (*mappings(node, "fields"), *mappings(node, "union")):
        yield text(item, "name") or ""
        yield from _member_names(item)


def _check_counts(scope: Scope, node: tree.Mapping, beside: Collection[str]) -> None:
    """Report arrays in a struct that are counted by no member of it."""
    for item in (*mappings(node, "fields"), *mappings(node, "union")):
        counter = text(item, "counted-by")
        if counter is not None and counter not in beside:
            others = (name for name in beside if name != text(item, "name"))
            scope.undefined(item.where("counted-by"), "member beside it with the name", counter, others)
        _check_counts(scope, item, beside)


def _members(context: _Context, node: tree.Mapping, key: str) -> tuple[Member, ...]:
    return tuple(_member(context, item) for item in mappings(node, key))


def _member(context: _Context, node: tree.Mapping) -> Member:
    if "pad" in node:
        return Pad(
            **common(node),
            name=text(node, "name") or "reserved",
            size=number(node, "pad"),
            policy=text(node, "policy") or "zero",
            asserted_offset=integer(node, "offset"),
        )
    for key in ("fields", "union"):
        if key in node:
            return Group(
                **common(node),
                name=text(node, "name") or "",
                union=key == "union",
                members=_members(context, node, key),
                present=context.scope.flag(node, "present"),
                asserted_offset=integer(node, "offset"),
                asserted_size=integer(node, "size"),
            )
    return _field(context, node)


def _field(context: _Context, node: tree.Mapping) -> Field:
    scope = context.scope
    enumeration = text(node, "values")
    if enumeration is not None and enumeration not in scope.enumerations:
        scope.undefined(node.where("values"), "enum or flags", enumeration, scope.enumerations)
    machine = text(node, "states")
    if machine is not None and machine not in context.machines:
        scope.undefined(node.where("states"), "state machine", machine, context.machines)
    access = text(node, "access")
    return Field(
        **common(node),
        name=word(node, "name"),
        type=_type(context, node),
        array=_array(scope, node),
        bits=integer(node, "bits"),
        access=Access(access) if access else None,
        enumeration=scope.enumerations.get(enumeration or ""),
        machine=machine,
        pointer_to=_pointed_to(context, node),
        asserted_offset=integer(node, "offset"),
        asserted_size=integer(node, "size"),
    )


def _type(context: _Context, node: tree.Mapping) -> ScalarType | Struct:
    """The type of a member.  One that is unknown is reported, and another stands in for it.

    The member is kept, so that nothing else that speaks of it is an error.
    """
    name = word(node, "type")
    found = SCALARS.get(name) or context.done.get(name)
    if found is not None:
        return found
    span = node.where("type")
    if name in context.circular or context.scope.problems.may_know(name, span):
        return SCALARS["u32"]
    _unknown_type(context, name, span)
    return SCALARS["u32"]


def _pointed_to(context: _Context, node: tree.Mapping) -> str | None:
    """What lies at an address; a type that is unknown is reported."""
    name, span = text(node, "pointer-to"), node.where("pointer-to")
    if name is not None and name not in SCALARS and name not in context.declared:
        if name == "void":
            message, help_ = "there is no type 'void'", "bytes of any kind are `u8`"
            context.scope.problems.add(Diagnostic("undefined-reference", message, span, help=help_))
        elif not context.scope.problems.may_know(name, span):
            _unknown_type(context, name, span)
    return name


def _unknown_type(context: _Context, name: str, span: Span) -> None:
    if help_ := way_out(name, context.declared, context.scope.enumerations):
        message = f"there is no type {quote(name)}"
        context.scope.problems.add(Diagnostic("undefined-reference", message, span, help=help_))
    else:
        context.scope.undefined(span, "type", name, (*SCALARS, *context.declared))


def _array(scope: Scope, node: tree.Mapping) -> Array | None:
    count = node.get("count")
    if not isinstance(count, tree.Scalar):
        return None
    if count.text == "flexible":
        return Array(0, counted_by=text(node, "counted-by"))
    if count.plain and count.text[0].isdigit():
        return Array(int(count.text, 0))
    constant = scope.constants.get(count.text)
    if constant is None:
        scope.undefined(count.span, "constant", count.text, scope.constants)
        return None
    if constant.value < 1:
        scope.problems.add(
            Diagnostic(
                "array-count",
                f"an array of {constant.name} elements, which is {constant.value}",
                count.span,
                help="an array has one element at least; write `flexible` for as many as follow",
            )
        )
        return None
    return Array(constant.value, spelling=constant.name)
