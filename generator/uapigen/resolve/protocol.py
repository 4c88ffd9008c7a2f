"""What is said about the whole: the protocol of the buffers, topics in prose, decisions."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen import tree
from uapigen.model import Decision, Protocol, Topic, Trigger
from uapigen.resolve.operations import named_value
from uapigen.resolve.reading import (
    Scope,
    common,
    flag,
    mapping,
    mappings,
    prose,
    scalars,
    text,
    word,
    words,
)


def protocol(scope: Scope, root: tree.Mapping) -> Protocol | None:
    """The protocol of the buffers, None where the spec has no actions."""
    section = mapping(root, "actions")
    owner = mapping(section, "owner") if section else None
    if section is None or owner is None:
        return None
    return Protocol(
        before=word(owner, "before"),
        during=word(owner, "during"),
        after=word(owner, "after"),
        until=words(section, "until"),
        on_failure=text(section, "on-failure") or "undefined",
        triggers=tuple(_triggers(scope, section)),
        doc=prose(section, "doc"),
    )


def _triggers(scope: Scope, section: tree.Mapping) -> Iterator[Trigger]:
    known = scope.all_states()
    for node in mappings(section, "triggers"):
        field = scope.member(node, "field")
        effect = "fills" if "fills" in node else "loads"
        region = scope.region(node, effect)
        value = named_value(scope, node, field)
        states = scope.states(node, "in", known)
        if field and region:
            yield Trigger(
                **common(node),
                name=word(node, "trigger"),
                field=field,
                value=value,
                effect=effect,
                region=region,
                category=word(node, "category"),
                states=states,
            )


def topics(scope: Scope, root: tree.Mapping) -> tuple[Topic, ...]:
    """The rules of the protocol that need prose."""
    return tuple(_topic(scope, node) for node in mappings(root, "protocol"))


def _topic(scope: Scope, node: tree.Mapping) -> Topic:
    about = (scope.member_at(item.text, item.span) for item in scalars(node, "about"))
    return Topic(
        **common(node),
        name=word(node, "topic"),
        about=tuple(member for member in about if member),
    )


def decisions(root: tree.Mapping) -> tuple[Decision, ...]:
    """The points of the review."""
    return tuple(
        Decision(
            origin=node,
            id=word(node, "point"),
            topic=prose(node, "topic"),
            decision=prose(node, "decision"),
            departs=flag(node, "departs"),
        )
        for node in mappings(root, "decisions")
    )
