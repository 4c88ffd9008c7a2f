"""Random specs of structs, enums and state machines: refused in words, or sound in every output."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import held
from sample import HEAD
from test_bindings_property import structs

EXAMPLES = int(os.environ.get("UAPIGEN_RANDOM", "15"))
NUMBERS = st.one_of(st.integers(-3, 20), st.sampled_from((1 << 31, 1 << 32, (1 << 64) - 1, -(1 << 63))))


@st.composite
def enumerations(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.sampled_from(("enum", "flags")))
    values = draw(st.lists(NUMBERS, min_size=1, max_size=5, unique=draw(st.booleans())))
    return {
        key: "example_values",
        "prefix": "EXAMPLE_VALUE_",
        "doc": "Values.",
        "form": draw(st.sampled_from(("defines", "enum", "anonymous-enum"))),
        "values": [{"name": f"V{n}", "value": value, "doc": "A value."} for n, value in enumerate(values)],
    }


@st.composite
def machines(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(2, 4))
    kind = draw(st.sampled_from(("values", "base", "bits")))
    parts = [
        {"name": f"S{n}", "value": 1 << n if kind != "values" else n, "doc": "A part."} for n in range(count)
    ]
    machine: dict[str, Any] = {kind: parts}
    names = [f"S{n}" for n in range(count)]
    if kind == "base":
        machine["modifiers"] = [{"name": "M", "value": 1 << count, "doc": "A modifier."}]
        names += [f"{name}+M" for name in names]
    if kind == "bits":
        machine["combinations"] = [
            {"name": f"C{n}", "of": [f"S{n}"], "doc": "A state."} for n in range(count)
        ]
        names = [f"C{n}" for n in range(count)]
    ends = st.sampled_from(names)
    arcs = draw(st.lists(st.tuples(ends, ends), max_size=4, unique=True))
    ring = list(zip(names, [*names[1:], names[0]], strict=True))
    arcs = [*dict.fromkeys((*ring, *(arc for arc in arcs if arc[0] != arc[1])))]
    return {
        "states": "example_state",
        "set-by": draw(st.sampled_from(("user", "driver"))),
        "prefix": "EXAMPLE_STATE_",
        **machine,
        "initial": draw(ends),
        "transitions": [{"from": one, "to": other, "label": "go"} for one, other in arcs],
        **({"paths": {}} if draw(st.booleans()) else {}),
        "otherwise": draw(st.sampled_from(("refused", "unspecified"))),
        "doc": "The state.",
    }


@given(structs(), enumerations(), machines())
@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[*HealthCheck])
def test_a_random_spec_is_refused_in_words_or_is_sound(
    declared: list[dict[str, Any]], values: dict[str, Any], machine: dict[str, Any]
) -> None:
    holder = {"name": "state", "type": "u32", "states": "example_state", "doc": "state"}
    declared = [*declared, {"struct": "example_holder", "doc": "A struct.", "fields": [holder]}]
    section = "flags" if "flags" in values else "enums"
    more = json.dumps(declared), json.dumps([values]), json.dumps([machine])
    held.outcome(HEAD + "existing: true\n" + f"structs: {more[0]}\n{section}: {more[1]}\nstates: {more[2]}\n")
