"""Operations: steps and failures, with every member, region and value bound."""

from __future__ import annotations

from collections.abc import Iterable

from uapigen import tree
from uapigen.diagnostics import Diagnostic
from uapigen.model import (
    Enumeration,
    Failure,
    Field,
    MemberRef,
    Operand,
    Operation,
    State,
    Step,
    Value,
)
from uapigen.resolve.reading import Scope, common, mappings, number, prose, text, word

COMPARISONS = ("not-multiple-of", "above", "at-or-above", "equals", "overflows")


def operation(scope: Scope, node: tree.Mapping) -> Operation:
    """One operation."""
    known = scope.all_states()
    return Operation(
        **common(node),
        name=word(node, "operation"),
        number=number(node, "number"),
        steps=tuple(_step(scope, item, known) for item in mappings(node, "steps")),
        failures=tuple(_failure(scope, item, known) for item in mappings(node, "fails")),
        needs=scope.flag(node, "needs"),
    )


def enumeration_of(member: MemberRef | None) -> Enumeration | None:
    """The enum or flags that a member takes, None where it takes plain numbers."""
    return member.member.enumeration if member and isinstance(member.member, Field) else None


def named_value(scope: Scope, node: tree.Mapping, field: MemberRef | None) -> Value | None:
    """The value of ``field`` that the key ``value`` names, None where there is no such key."""
    name = text(node, "value")
    if name is None or field is None:
        return None
    enumeration = enumeration_of(field)
    if enumeration is None and "values" in field.member.origin:
        return None  # The name of the enum or flags was reported.
    if enumeration is None:
        message = f"'{field.path}' takes plain numbers: it has no value '{name}'"
        help_ = "give the member `values:` with an enum or flags, or write no `value:` here"
        scope.problems.add(Diagnostic("undefined-reference", message, node.where("value"), help=help_))
        return None
    return scope.value(node, "value", enumeration)


def _step(scope: Scope, node: tree.Mapping, known: dict[str, State]) -> Step:
    field = scope.member(node, "field")
    length = text(node, "length")
    if length is not None and length != "chunk":
        scope.member(node, "length")
    return Step(
        origin=node,
        by=word(node, "by"),
        verb=word(node, "do"),
        field=field,
        region=scope.region(node, "region"),
        value=named_value(scope, node, field),
        argument=text(node, "argument"),
        data=text(node, "data"),
        length=length,
        states=scope.states(node, "in", known),
        doc=prose(node, "doc"),
    )


def _failure(scope: Scope, node: tree.Mapping, known: dict[str, State]) -> Failure:
    test = next((key for key in node.entries if key in TESTS), "")
    return Failure(
        origin=node,
        test=test,
        errno=word(node, "errno"),
        field=scope.member(node, "field"),
        operand=_operand(scope, node, test),
        states=scope.states(node, "outside", known),
        flag=scope.flag(node, "without"),
        doc=prose(node, "doc"),
    )


TESTS = ("not-in", *COMPARISONS, "unset", "outside", "without", "not-frozen")


def _operand(scope: Scope, node: tree.Mapping, test: str) -> Operand | None:
    written = node.get(test)
    if not isinstance(written, tree.Scalar):
        return None
    if test == "not-in":
        return _set_of_values(scope, written)
    if test == "not-frozen":
        return Operand("data", data=written.text)
    return _quantity(scope, node, test, written) if test in COMPARISONS else None


def _quantity(scope: Scope, node: tree.Mapping, test: str, written: tree.Scalar) -> Operand | None:
    """A number, the page size, what a region holds, or a member."""
    if written.plain and written.text.lstrip("-")[:1].isdigit():
        return Operand("number", number=int(written.text, 0))
    if written.text == "page":
        return Operand("page")
    name, _, unit = written.text.partition(".")
    if unit in {"length", "bits"} and name.isupper():
        region = scope.region(tree.Mapping({test: (written, _part(written, name))}, node.span), test)
        return Operand(unit, region=region) if region else None
    member = scope.member(node, test)
    return Operand("member", member=member) if member else None


def _part(scalar: tree.Scalar, text_: str) -> tree.Scalar:
    return tree.Scalar(text_, scalar.span, scalar.plain)


def _set_of_values(scope: Scope, written: tree.Scalar) -> Operand | None:
    if written.text in scope.enumerations:
        return Operand("values", enumeration=scope.enumerations[written.text])
    if written.text in scope.machines:
        return Operand("states", machine=written.text)
    known: Iterable[str] = (*scope.enumerations, *scope.machines)
    scope.undefined(written.span, "enum, flags or states", written.text, known)
    return None
