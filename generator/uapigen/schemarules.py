"""How the JSON Schema is read: what it asks of a node, and which kinds of value it admits.

The room of the schema's grammar.  It takes the keywords that our schema uses, with the meaning that
JSON Schema 2020-12 gives them, and refuses every other: a keyword that was ignored would let through
what it forbids.  No message to a user is worded here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from uapigen import tree

Rule: TypeAlias = Mapping[str, Any]
"""One schema, as JSON has it."""

Held: TypeAlias = "tuple[Rule, tuple[str, ...], tuple[str, ...]]"
"""A rule that holds for a node, the keys whose presence made it hold, and those whose absence did."""

_ANYTHING: Rule = {}

KINDS = frozenset(("object", "array", "string", "integer", "boolean"))

_KEYWORDS = frozenset(
    (
        *("$schema", "$id", "$comment", "$defs"),
        *("title", "description", "default", "examples", "deprecated"),
        # Not of JSON Schema, but what editors show.
        *("markdownDescription", "markdownEnumDescriptions", "defaultSnippets", "errorMessage"),
        # What was probably meant: see uapigen.meant.
        *("x-synonyms", "x-meant"),
        *("$ref", "type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum"),
        *("items", "minItems", "maxItems", "uniqueItems", "properties", "required", "additionalProperties"),
        *("propertyNames", "minProperties", "maxProperties", "dependentRequired"),
        *("not", "anyOf", "if", "then", "else"),
    )
)
_KIND_OF: Mapping[type, str] = {str: "string", int: "integer", bool: "boolean"}


def kind_of(value: object) -> str:
    """The kind of what a scalar can be.  Raises ValueError for anything else."""
    kind = _KIND_OF.get(type(value))
    if kind is None:
        raise ValueError(f"no scalar of a spec has the value {value!r}")
    return kind


@cache
def regex(pattern: str) -> re.Pattern[str]:
    r"""The pattern with its meaning in ECMAScript, which JSON Schema prescribes and editors have.

    There ``$`` is the end of the text alone, not the place before its last line feed, and ``\w`` is ASCII.
    """
    at_end = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda match: match[1] or r"\Z", pattern)
    return re.compile(at_end, re.ASCII)


class Schema:
    """A schema document.

    Raises ValueError where it says something that is not supported: a mistake of the schema's author,
    not of who writes a spec.
    """

    def __init__(self, root: Rule) -> None:
        self.root = root
        self._own_kinds: dict[int, frozenset[str]] = {}
        self._all_kinds: dict[int, frozenset[str]] = {}
        self._asked: set[int] = set()
        self._of_scalars: dict[tuple[int, ...], tuple[list[Held], frozenset[str]]] = {}
        for rule in _subschemas(root):
            self._vet(rule)

    def applicable(self, rules: Iterable[Rule], node: tree.Node) -> Iterator[Held]:
        """Every rule that holds for the node because one of ``rules`` does."""
        todo: list[Held] = [(rule, (), ()) for rule in rules]
        while todo:
            rule, present, absent = held = todo.pop()
            yield held
            if "$ref" in rule:
                todo.append((self._target(rule["$ref"]), present, absent))
            if "if" in rule:
                keys = rule["if"]["required"]
                if isinstance(node, tree.Mapping) and all(key in node for key in keys):
                    todo.append((rule.get("then", _ANYTHING), (*present, *keys), absent))
                else:
                    todo.append((rule.get("else", _ANYTHING), present, (*absent, *keys)))
            if "anyOf" in rule and not isinstance(node, tree.Scalar):
                kind = "object" if isinstance(node, tree.Mapping) else "array"
                todo.extend((branch, (), ()) for branch in rule["anyOf"] if kind in self.kinds(branch))

    def of_scalar(self, rules: Sequence[Rule], node: tree.Scalar) -> tuple[list[Held], frozenset[str]]:
        """Every rule that holds for a scalar because one of ``rules`` does, and the kinds that all admit.

        They are the same for every scalar, and a spec is mostly scalars under the same few keys.
        """
        key = tuple(map(id, rules))
        found = self._of_scalars.get(key)
        if found is None:
            holding = list(self.applicable(rules, node))
            kinds = KINDS.intersection(*(self.own_kinds(rule) for rule, _, _ in holding))
            found = self._of_scalars[key] = (holding, kinds)
        return found

    def description(self, rule: Rule) -> str:
        """What the schema says of the values that the rule is for, "" where it says nothing."""
        while "markdownDescription" not in rule and "$ref" in rule:
            rule = self._target(rule["$ref"])
        text: str = rule.get("markdownDescription", "")
        return text

    def kinds(self, rule: Rule) -> frozenset[str]:
        """The kinds of value that the rule admits, with all that it refers to."""
        known = self._all_kinds.get(id(rule))
        if known is None:
            if id(rule) in self._asked:
                raise ValueError("the schema refers to itself in a circle")
            self._asked.add(id(rule))
            known = self.own_kinds(rule)
            if "$ref" in rule:
                known &= self.kinds(self._target(rule["$ref"]))
            if "if" in rule:
                met, unmet = self.kinds(rule.get("then", _ANYTHING)), self.kinds(rule.get("else", _ANYTHING))
                known &= (met & {"object"}) | unmet
            self._all_kinds[id(rule)] = known
        return known

    def own_kinds(self, rule: Rule) -> frozenset[str]:
        """The kinds of value that the rule admits by itself and by its ``anyOf``."""
        known = self._own_kinds.get(id(rule))
        if known is None:
            known = frozenset((rule["type"],)) if "type" in rule else KINDS
            if "enum" in rule:
                known &= {kind_of(value) for value in rule["enum"]}
            if "const" in rule:
                known &= {kind_of(rule["const"])}
            if "anyOf" in rule:
                known &= frozenset().union(*map(self.kinds, rule["anyOf"]))
            self._own_kinds[id(rule)] = known
        return known

    def _target(self, reference: str) -> Rule:
        start, _, name = reference.rpartition("/")
        target = self.root.get("$defs", {}).get(name)
        if start != "#/$defs" or target is None:
            raise ValueError(f"the schema refers to {reference!r}, which is not in its $defs")
        found: Rule = target
        return found

    def _vet(self, rule: Rule) -> None:
        if unknown := rule.keys() - _KEYWORDS:
            raise ValueError(f"the schema uses {', '.join(sorted(unknown))}, which is not supported")
        if rule.get("type", "object") not in KINDS:
            raise ValueError(f"the schema uses the type {rule['type']!r}, which is not supported")
        for key in ("if", "not"):
            # Without the type, what has no keys would meet every condition on them: in an editor, a value
            # that is still to be written.
            if key in rule and (rule[key].keys() != {"type", "required"} or rule[key]["type"] != "object"):
                raise ValueError(f"the schema uses {key!r} with something else than a type and 'required'")
        if ("then" in rule or "else" in rule) and "if" not in rule:
            raise ValueError("the schema uses 'then' or 'else' without 'if'")
        for kind in ("object", "array"):
            if sum(kind in self.kinds(branch) for branch in rule.get("anyOf", ())) > 1:
                raise ValueError(f"the schema uses 'anyOf' with more than one branch for an {kind}")
        self.kinds(rule)


def _subschemas(root: Any) -> Iterator[Rule]:
    """Every schema in a document, the document included."""
    todo = [root]
    while todo:
        rule = todo.pop()
        if not isinstance(rule, Mapping):
            raise ValueError(f"the schema has {rule!r} where a schema must be")  # noqa: TRY004
        yield rule
        for key in ("$defs", "properties"):
            todo.extend(rule.get(key, {}).values())
        todo.extend(rule[key] for key in ("items", "propertyNames", "then", "else") if key in rule)
        todo.extend(rule.get("anyOf", ()))
        if not isinstance(rule.get("additionalProperties", False), bool):
            todo.append(rule["additionalProperties"])
