"""The shape is what JSON Schema says it is, and scalars have the type that the schema gives them.

The messages themselves are pinned by ``test_errors.py``.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sample import SPECS
from uapigen import findings, tree
from uapigen.diagnostics import Diagnostic, SpecError, in_order
from uapigen.files import read_source
from uapigen.loader import read_tree
from uapigen.pipeline import schema
from uapigen.scalarshape import own_failure
from uapigen.schemarules import Schema, regex
from uapigen.shape import check_shape, plain_value
from uapigen.source import Source, Span

NOWHERE = Span(Source("test.yaml", ""), 0, 0)


def read(text: str) -> tree.Mapping:
    return read_tree(Source("test.yaml", text)).root


def found_in(root: tree.Node, rules: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """What is found in a tree, in reading order."""
    try:
        return in_order(check_shape(root, rules).problems)
    except SpecError as error:
        return error.diagnostics


def ids(text: str, rules: dict[str, Any]) -> list[str]:
    """What is found in the text, in reading order."""
    return [found.id for found in found_in(read(text), rules)]


def messages(text: str, rules: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Message and help of everything that is found in the text."""
    return [(found.message, found.help) for found in found_in(read(text), rules)]


# --- the type of a scalar -------------------------------------------------------------------------

KIND_OF_KEY = {
    "properties": {
        "number": {"type": "integer"},
        "text": {"type": "string"},
        "truth": {"type": "boolean"},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "choice": {"enum": ["1", "true", 2]},
    }
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("number: 0", 0),
        ("number: 12", 12),
        ("number: -12", -12),
        ("number: 0xfF", 255),
        ("number: 18446744073709551615", (1 << 64) - 1),
        ("number: '12'", "12"),
        ("text: 12", "12"),
        ("text: 0x10", "0x10"),
        ("text: 6.10", "6.10"),
        ("text: true", "true"),
        ("truth: true", True),
        ("truth: false", False),
        ("truth: 'true'", "true"),
        ("either: 12", 12),
        ("either: '12'", "12"),
        ("either: twelve", "twelve"),
        ("choice: 2", 2),
        ("choice: 'true'", "true"),
        ("unknown: 12", 12),
    ],
)
def test_the_schema_decides_what_a_scalar_is(text: str, value: object) -> None:
    (found,) = plain_value(read(text), KIND_OF_KEY).values()
    assert (found, type(found)) == (value, type(value))


def test_all_rules_for_a_scalar_decide_its_type_together() -> None:
    rules = {
        "properties": {"a": {"$ref": "#/$defs/small"}},
        "if": {"type": "object", "required": ["b"]},
        "then": {"properties": {"a": {"type": "integer"}}},
        "else": {"properties": {"a": {"type": "string"}}},
        "$defs": {"small": {"enum": [1, "1"]}},
    }
    assert plain_value(read("a: 1\nb: c\n"), rules)["a"] == 1
    assert plain_value(read("a: 1\n"), rules)["a"] == "1"
    assert ids("a: 1\nb: c\n", rules) == ids("a: 1\n", rules) == []


# --- agreement with jsonschema --------------------------------------------------------------------


def verdicts(root: tree.Node, rules: dict[str, Any]) -> tuple[bool, bool]:
    """Ours, and that of the jsonschema library on the plain value."""
    ours = not found_in(root, rules)
    return ours, Draft202012Validator(rules).is_valid(plain_value(root, rules))


KEYS = st.sampled_from(["a", "b", "c", "uapigen"])
KEY_LISTS = st.lists(KEYS, min_size=1, max_size=2, unique=True)
WORDS = st.sampled_from(["", "1", "2", "12", "0x1", "-1", "01", "true", "false", "x", "xy", "X"])
SCALARS = st.builds(tree.Scalar, WORDS, st.just(NOWHERE), st.booleans())
LIMITS = st.integers(0, 2)


def mapping(entries: dict[str, tree.Node]) -> tree.Mapping:
    keys = {key: tree.Scalar(key, NOWHERE, plain=True) for key in entries}
    return tree.Mapping({key: (keys[key], node) for key, node in entries.items()}, NOWHERE)


NODES: st.SearchStrategy[tree.Node] = st.recursive(
    SCALARS,
    lambda nodes: st.one_of(
        st.lists(nodes, max_size=3).map(lambda items: tree.Sequence(tuple(items), NOWHERE)),
        st.dictionaries(KEYS, nodes, max_size=3).map(mapping),
    ),
    max_leaves=12,
)


def some(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keywords)


def typed(kind: str, **keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return some(**keywords).map(lambda rule: {"type": kind, **rule})


CHOICES = st.sampled_from(["1", "x", "true", 1, 2, -1, True, False])
SCALAR_RULES = st.one_of(
    typed("integer", minimum=LIMITS, maximum=LIMITS),
    typed("string", minLength=LIMITS, maxLength=LIMITS, pattern=st.sampled_from(["^x", "^[a-z]+$", "[0-9]"])),
    typed("boolean"),
    st.lists(CHOICES, min_size=1, max_size=3).map(lambda choices: {"enum": choices}),
    CHOICES.map(lambda choice: {"const": choice}),
    some(minimum=LIMITS, pattern=st.just("^x"), minLength=LIMITS),
)


def richer(rules: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Rules made of rules."""
    named = st.dictionaries(KEYS, rules, max_size=3)
    needs = KEY_LISTS.map(lambda keys: {"type": "object", "required": keys})
    keywords = {
        "properties": named,
        "required": KEY_LISTS,
        "additionalProperties": st.one_of(st.booleans(), rules),
        "propertyNames": SCALAR_RULES,
        "dependentRequired": st.dictionaries(KEYS, KEY_LISTS, max_size=2),
        "minProperties": LIMITS,
        "maxProperties": LIMITS,
        "not": needs,
    }
    branches = some(**{"then": rules, "else": rules})
    return st.one_of(
        typed("object", **keywords),
        some(**keywords),
        typed("array", items=rules, minItems=LIMITS, maxItems=LIMITS, uniqueItems=st.booleans()),
        some(items=rules, uniqueItems=st.booleans()),
        st.builds(
            lambda rule, when, more: {**rule, "if": when, **more},
            some(**keywords),
            needs,
            branches,
        ),
        st.just({"$ref": "#/$defs/one"}),
        st.builds(lambda rule: {**rule, "$ref": "#/$defs/two"}, rules),
        st.lists(SCALAR_RULES, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches}),
        st.builds(
            lambda *branches: {"anyOf": list(branches)},
            typed("string", minLength=LIMITS),
            typed("object", **keywords),
            typed("array", items=rules),
        ),
    )


RULES = st.recursive(SCALAR_RULES, richer, max_leaves=8)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(NODES, RULES, RULES, SCALAR_RULES)
@example(tree.Sequence((), NOWHERE), {"not": {"type": "object", "required": ["a"]}}, {}, {})
@example(tree.Scalar("", NOWHERE, plain=False), {"anyOf": [{"pattern": "^x"}, {"pattern": "^x"}]}, {}, {})
def test_the_verdict_is_that_of_jsonschema_for_any_schema_that_is_supported(
    root: tree.Node, rules: dict[str, Any], one: dict[str, Any], two: dict[str, Any]
) -> None:
    document = {**rules, "$defs": {"one": one, "two": two}}
    try:
        Schema(document)
    except ValueError:
        return
    ours, theirs = verdicts(root, document)
    assert ours is theirs


@pytest.mark.parametrize(
    ("rules", "good", "bad", "found"),
    [
        ({"propertyNames": {"pattern": "^[a-z]+$"}}, "a: 1", "A: 1", ["schema-pattern"]),
        ({"propertyNames": {"maxLength": 1}}, "'1': a", "'12': a", ["schema-length"]),
        ({"dependentRequired": {"a": ["b", "c"]}}, "b: 1", "{a: 1, b: 1}", ["schema-missing-key"]),
        ({"not": {"type": "object", "required": ["a", "b"]}}, "a: 1", "{a: 1, b: 1}", ["schema-conflict"]),
        ({"not": {"type": "object", "required": ["a"]}}, "b: 1", "a: 1", ["schema-conflict"]),
        ({"minProperties": 2}, "{a: 1, b: 1}", "a: 1", ["schema-length"]),
        ({"maxProperties": 1}, "a: 1", "{a: 1, b: 1}", ["schema-length"]),
        ({"additionalProperties": {"type": "integer"}}, "a: 1", "a: b", ["schema-type"]),
        ({"properties": {"a": {"minItems": 1}}}, "a: [b]", "a: []", ["schema-length"]),
        ({"properties": {"a": {"maxItems": 1}}}, "a: [b]", "a: [b, c]", ["schema-length"]),
        ({"properties": {"a": {"items": {"type": "integer"}}}}, "a: [1]", "a: [b]", ["schema-type"]),
        ({"properties": {"a": {"uniqueItems": True}}}, "a: [1, '1']", "a: [1, 1]", ["schema-duplicate-item"]),
        (
            {"properties": {"a": {"uniqueItems": True}}},
            "a: [true, 1]",
            "a: [1, 0x1]",
            ["schema-duplicate-item"],
        ),
        (
            {"properties": {"a": {"uniqueItems": True}}},
            "a: [{b: 1, c: [d]}, {b: 1, c: [e]}]",
            "a: [{b: 1, c: [d]}, {c: [d], b: 1}]",
            ["schema-duplicate-item"],
        ),
        ({"properties": {"a": {"enum": [True, 2]}}}, "a: true", "a: 1", ["schema-enum"]),
        ({"properties": {"a": {"const": "b"}}}, "a: b", "a: c", ["schema-enum"]),
        ({"properties": {"a": {"minimum": 2}}}, "a: 2", "a: 1", ["schema-range"]),
        ({"properties": {"a": {"maximum": 2}}}, "a: 2", "a: 3", ["schema-range"]),
        ({"properties": {"a": {"type": "string", "minLength": 2}}}, "a: bc", "a: b", ["schema-length"]),
        ({"properties": {"a": {"maxLength": 2}}}, "a: bc", "a: bcd", ["schema-length"]),
    ],
    ids=str,
)
def test_each_keyword_has_a_finding_of_its_own(
    rules: dict[str, Any], good: str, bad: str, found: list[str]
) -> None:
    assert ids(good, rules) == []
    assert ids(bad, rules) == found
    assert verdicts(read(good), rules) == (True, True)
    assert verdicts(read(bad), rules) == (False, False)


ROOTS = [read_tree(read_source(str(path))).root for path in sorted(SPECS.glob("*.yaml"))]


def parts(node: tree.Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every node."""
    yield path
    if isinstance(node, tree.Mapping):
        for key, (_, value) in node.entries.items():
            yield from parts(value, (*path, key))
    elif isinstance(node, tree.Sequence):
        for number, item in enumerate(node.items):
            yield from parts(item, (*path, number))


def at(node: tree.Node, path: tuple[str | int, ...]) -> tree.Node:
    for step in path:
        if isinstance(node, tree.Mapping):
            node = node.entries[str(step)][1]
        elif isinstance(node, tree.Sequence):
            node = node.items[int(step)]
    return node


def put(node: tree.Node, path: tuple[str | int, ...], new: tree.Node | None) -> tree.Node:
    """The tree with another node at the path, or without one."""
    if not path:
        return new or tree.Mapping({}, node.span)
    step, rest = path[0], path[1:]
    if isinstance(node, tree.Mapping):
        entries = dict(node.entries)
        key, value = entries.pop(str(step))
        if rest or new:
            entries[str(step)] = key, put(value, rest, new)
        return tree.Mapping(entries, node.span)
    assert isinstance(node, tree.Sequence)
    items = list(node.items)
    items[int(step) : int(step) + 1] = [put(items[int(step)], rest, new)] if rest or new else []
    return tree.Sequence(tuple(items), node.span)


def renamed(node: tree.Node, old: str, new: str) -> tree.Node:
    """The mapping with another name for a key."""
    if not isinstance(node, tree.Mapping):
        return node
    return mapping({new if key == old else key: value for key, (_, value) in node.entries.items()})


PATHS = [(root, path) for root in ROOTS for path in parts(root)]
EVERY_KEY = sorted({step for _, path in PATHS for step in path if isinstance(step, str)})


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_the_verdict_on_a_spec_is_that_of_jsonschema_whatever_is_changed(data: st.DataObject) -> None:
    root, path = data.draw(st.sampled_from(PATHS))
    other = at(root, data.draw(st.sampled_from([path for found, path in PATHS if found is root])))
    changed = data.draw(
        st.sampled_from(
            [
                put(root, path, None),
                put(root, path, other),
                put(root, path, data.draw(NODES)),
                put(
                    root,
                    path[:-1],
                    renamed(at(root, path[:-1]), str(path[-1]), data.draw(st.sampled_from(EVERY_KEY))),
                )
                if path
                else root,
            ]
        )
    )
    ours, theirs = verdicts(changed, schema())
    assert ours is theirs


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.span.source.path.rpartition("/")[2])
def test_the_specs_of_this_repository_have_the_shape(root: tree.Mapping) -> None:
    assert verdicts(root, schema()) == (True, True)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
    Schema(schema())


def mappings(node: object) -> Iterator[dict[str, Any]]:
    """Every mapping within the schema."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from mappings(part)


def test_the_schema_says_what_to_write_and_what_each_word_means() -> None:
    patterns = [rule for rule in mappings(schema()) if isinstance(rule.get("pattern"), str)]
    assert len(patterns) > 20
    assert [rule for rule in patterns if not rule.get("errorMessage", "").startswith("Write ")] == []
    choices = [rule for rule in mappings(schema()) if isinstance(rule.get("enum"), list)]
    assert len(choices) > 20
    for rule in choices:
        assert len(rule["enum"]) == len(rule["markdownEnumDescriptions"])
        assert all(text.endswith(".") for text in rule["markdownEnumDescriptions"])
        assert rule.get("default", rule["enum"][0]) in rule["enum"]


def test_a_synonym_stands_for_what_there_is_and_is_no_word_of_its_own() -> None:
    rules = [rule for rule in mappings(schema()) if isinstance(rule.get("x-synonyms"), dict)]
    assert len(rules) > 30
    for rule in rules:
        known = {*rule.get("enum", ())} or {
            key
            for part in mappings(rule)
            if isinstance(part.get("properties"), dict)
            for key in part["properties"]
        }
        if rule.get("type") == "string" and "enum" not in rule:
            assert not any(own_failure(meant, rule) for meant in rule["x-synonyms"].values())
        elif "$ref" not in str({key: rule.get(key) for key in ("then", "else")}):
            assert {*rule["x-synonyms"].values()} <= known
        assert all(word == word.lower() and word not in rule.get("enum", ()) for word in rule["x-synonyms"])
        # The schema of a mapping is asked about keys that it does not know.
        assert rule["x-synonyms"].keys().isdisjoint(rule.get("properties", ()))


def test_the_numbers_of_errors_stand_for_those_of_errno_h() -> None:
    said = schema()["$defs"]["errno"]["x-synonyms"]
    numbers = {int(number): symbol for number, symbol in said.items() if not number.startswith("-")}
    assert {int(number): symbol for number, symbol in said.items()} == {
        sign * number: symbol for number, symbol in numbers.items() for sign in (1, -1)
    }
    assert len(numbers) == 40
    for number, symbol in numbers.items():
        assert getattr(errno, symbol) == number


# --- what a schema may say ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "number"},
        {"type": "null"},
        {"allOf": []},
        {"oneOf": []},
        {"patternProperties": {}},
        {"format": "date"},
        {"contains": {}},
        {"multipleOf": 2},
        {"enum": [None]},
        {"enum": [1.5]},
        {"const": []},
        {"$ref": "other.json"},
        {"$ref": "#/$defs/missing"},
        {"$ref": "#/$defs/loop"},
        {"if": {"properties": {}}},
        {"if": {"type": "object"}},
        {"if": {"required": ["a"]}},
        {"if": {"required": ["a"], "type": "array"}},
        {"if": {"required": ["a"], "type": "object", "properties": {}}},
        {"then": {}},
        {"not": {"type": "object"}},
        {"not": {"required": ["a"]}},
        {"not": {"required": ["a"], "type": "array"}},
        {"not": {"required": ["a"], "type": "object", "properties": {}}},
        {"items": True},
        {"properties": {"a": False}},
        {"anyOf": [{"type": "object"}, {"properties": {}}]},
        {"anyOf": [{"type": "array"}, {"items": {}}]},
    ],
    ids=str,
)
def test_a_schema_that_says_what_is_not_supported_is_refused(rule: dict[str, Any]) -> None:
    loop = {"loop": {"anyOf": [{"$ref": "#/$defs/loop"}]}} if "loop" in str(rule) else {}
    document = {"properties": {"a": {"items": rule}}, "$defs": loop}
    with pytest.raises(ValueError, match=r"the schema|no scalar"):
        check_shape(read("b: c\n"), document)


@pytest.mark.parametrize(
    "place",
    [
        lambda rule: {"$defs": {"a": rule}},
        lambda rule: {"properties": {"a": rule}},
        lambda rule: {"additionalProperties": rule},
        lambda rule: {"propertyNames": rule},
        lambda rule: {"items": rule},
        lambda rule: {"anyOf": [{"type": "string"}, rule]},
        lambda rule: {"if": {"type": "object", "required": ["a"]}, "then": rule},
        lambda rule: {"if": {"type": "object", "required": ["a"]}, "else": rule},
    ],
)
def test_what_is_not_supported_is_found_wherever_a_schema_stands(
    place: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    Schema(place({"type": "integer"}))
    with pytest.raises(ValueError, match="multipleOf"):
        Schema(place({"type": "integer", "multipleOf": 2}))


def test_a_pattern_ends_where_ecmascript_ends_it() -> None:
    rules = {"properties": {"a": {"type": "string", "pattern": "^[a-z$]+$"}}}
    assert ids("a: |-\n  x\n", rules) == []
    assert ids("a: |\n  x\n", rules) == ["schema-pattern"]
    assert ids("a: $x$\n", rules) == []
    assert regex(r"\$$").search("a$")
    assert not regex(r"^\w$").search("\u00e4")


# --- messages -------------------------------------------------------------------------------------


def test_everything_is_reported_in_reading_order() -> None:
    rules = {
        "additionalProperties": False,
        "required": ["name"],
        "properties": {"size": {"type": "integer"}, "kind": {"enum": ["x", "y"]}, "name": {"type": "string"}},
    }
    assert ids("size: big\nwhat: 1\nkind: z\n", rules) == [
        "schema-missing-key",
        "schema-type",
        "schema-unknown-key",
        "schema-enum",
    ]


def test_a_slip_in_a_key_is_one_mistake() -> None:
    rules = {
        "additionalProperties": False,
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "names": {"type": "array"}},
    }
    assert messages("nmae: x\n", rules) == [("unknown key 'nmae' in the spec", "did you mean `name`?")]
    assert ids("other: x\n", rules) == ["schema-missing-key", "schema-unknown-key"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("(1 << 1)", "write the number itself: 2"),
        ("1 << 31", "write the number itself: 2147483648"),
        ("1ULL<<63", "write the number itself: 9223372036854775808"),
        ("BIT(7)", "write the number itself: 128"),
        ("_BITUL(7)", "write the number itself: 128"),
        ("0x10UL", "write the number alone: 0x10"),
        ("0XfF", "write the number alone: 0xfF"),
        ("'12'", "write it without quotes: 12"),
        ("9" * 50, "no number of C has as many digits"),
        ("1 << 99999999", "write digits, such as 4 or 0x10, without quotes"),
        ("2 << 1", "write digits, such as 4 or 0x10, without quotes"),
        ("many", "write digits, such as 4 or 0x10, without quotes"),
        ("'many'", "write digits, such as 4 or 0x10, without quotes"),
    ],
)
def test_the_number_that_was_meant_is_offered(written: str, meant: str) -> None:
    ((_, help_),) = messages(f"a: {written}\n", {"properties": {"a": {"type": "integer"}}})
    assert help_ == meant


def test_a_branch_is_chosen_by_the_kind_of_node() -> None:
    rules = {
        "properties": {
            "a": {
                "anyOf": [
                    {"enum": ["end"]},
                    {"type": "object", "required": ["after"], "properties": {"after": {"type": "string"}}},
                ]
            }
        }
    }
    assert messages("a: {before: x}\n", rules) == [("'a' lacks the key 'after'", "write `after: ...`")]
    assert messages("a: start\n", rules) == [("'a' must be 'end', not 'start'", None)]
    assert messages("a: [x]\n", rules) == [
        ("'a' must be a text or a mapping of keys to values, not a list", None)
    ]


def test_scalars_that_fit_no_branch_are_told_all_of_them() -> None:
    rules = {"properties": {"a": {"anyOf": [{"enum": ["all"]}, {"type": "string", "pattern": "^[0-9]"}]}}}
    assert messages("a: none\n", rules) == [
        ("'a' must be 'all' or must be of another form, not 'none'", None),
    ]


def test_checking_stops_after_so_many_errors_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "LIMIT", 5)
    text = "".join(f"key-{number}: x\n" for number in range(9))
    assert ids(text, {"additionalProperties": False}) == [*["schema-unknown-key"] * 5, "too-many-errors"]


def test_a_newer_version_of_the_language_is_all_that_is_said() -> None:
    assert ids("uapigen: 2\nwhat: ever\n", schema()) == ["language-version"]
    assert "language-version" not in ids("uapigen: '2'\nwhat: ever\n", schema())
    assert "language-version" not in ids("uapigen: 0\nwhat: ever\n", schema())
