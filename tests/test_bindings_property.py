"""Whatever struct is declared, its class of ctypes lies as the model says, bit by bit."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import pyoutput
from sample import interface_of
from uapigen.scalartypes import SCALARS

SIZES = {name: scalar.size for name, scalar in SCALARS.items()}
NATIVE = [name for name in SIZES if not name.startswith(("le", "be", "char"))]


@st.composite
def member(draw: st.DrawFn, numbers: Any, depth: int, tags: tuple[str, ...]) -> dict[str, Any]:
    name = f"m{next(numbers)}"
    kinds = [
        "field",
        "field",
        "bits",
        "bits",
        "array",
        "pad",
        *(["group"] * bool(depth)),
        *(["tag"] * bool(tags)),
    ]
    match draw(st.sampled_from(kinds)):
        case "bits":
            type_ = draw(st.sampled_from(NATIVE))
            return {"name": name, "type": type_, "bits": draw(st.integers(1, 8 * SIZES[type_]))}
        case "array":
            length = draw(st.sampled_from((1, 2, 3, "flexible")))
            return {"name": name, "type": draw(st.sampled_from([*SIZES])), "count": length}
        case "pad":
            return {"name": name, "pad": draw(st.integers(1, 9))}
        case "group":
            key = draw(st.sampled_from(("fields", "union")))
            inner = draw(st.lists(member(numbers, depth - 1, tags), min_size=1, max_size=4))
            return {key: inner, **({"name": name} if draw(st.booleans()) else {})}
        case "tag":
            return {"name": name, "type": draw(st.sampled_from(tags))}
    return {"name": name, "type": draw(st.sampled_from([*SIZES]))}


@st.composite
def structs(draw: st.DrawFn) -> list[dict[str, Any]]:
    numbers, made = count(), list[dict[str, Any]]()
    for number in range(draw(st.integers(1, 3))):
        tags = tuple(f"s{earlier}" for earlier in range(number))
        fields = draw(st.lists(member(numbers, 2, tags), min_size=1, max_size=6))
        struct: dict[str, Any] = {draw(st.sampled_from(("struct", "union"))): f"s{number}", "fields": fields}
        if draw(st.integers(0, 3)) == 0:
            struct["packed"] = True
        if draw(st.integers(0, 3)) == 0:
            struct["align"] = draw(st.sampled_from((2, 4, 8, 16)))
        made.append(struct)
    return made


@given(structs())
@settings(deadline=None, max_examples=150)
def test_ctypes_puts_every_member_where_the_model_does(declared: list[dict[str, Any]]) -> None:
    """JSON is YAML; ``check_layout`` is held against the compiler by the tests of the bindings."""
    module = pyoutput.bindings(interface_of(f"structs: {json.dumps(declared)}\n"))
    module.check_layout()
