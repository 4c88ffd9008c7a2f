"""Does the tree have the shape that the JSON Schema asks for?

The room of shape.  The schema gives every scalar its type, so that a text is a number only where a
number belongs; what a name refers to is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from uapigen import tree
from uapigen.diagnostics import Diagnostic, Note, SpecError
from uapigen.findings import EnoughFoundError, Findings
from uapigen.meant import meant_choice, meant_key, meant_text
from uapigen.scalarshape import Failure, as_help, choices_explained, number_help, own_failure, typed
from uapigen.schemarules import KINDS, Held, Rule, Schema, kind_of
from uapigen.source import Source, Span
from uapigen.wording import LONGEST, closest, listing, quote

_NONE: Mapping[str, Any] = {}
_KINDS_IN_WORDS = {
    "integer": "a number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys to values",
}
_ABOUT_KEYS = frozenset(("properties", "additionalProperties"))

_OTHER_FORM = {"schema-pattern": "must be of another form"}
"""As one of several things that a value may be, where alone it "cannot be" what it is."""
_ONE_LIST = re.compile(r"\w[\w.+-]*(?:, *\w[\w.+-]*)*")
_EQUALS = re.compile(r"([\w-]+) *= *(\S+)")

_HOW_TO_WRITE = {
    "integer": "write digits, such as 4 or 0x10, without quotes",
    "string": "write a text; with colons, commas, brackets or braces in it, in quotes",
    "boolean": "write `true` or `false`, without quotes",
    "array": "write a list: `[one, two]`, or lines that begin with `- `",
    "object": "write `key: value`, on lines of their own or as `{key: value}`",
}


class Shaped(NamedTuple):
    """The errors of a tree, the nodes that the stages behind cannot use, and the keys that these lack."""

    problems: tuple[Diagnostic, ...]
    unusable: frozenset[tree.Mark]
    lacking: frozenset[str]


class _Below(NamedTuple):
    """A key in whose value, or in whose items, another one may stand; and that place in words."""

    key: str
    place: str


def check_shape(
    root: tree.Node, schema: Mapping[str, Any], unusable: frozenset[tree.Mark] = frozenset()
) -> Shaped:
    """Everything in the tree that is not as the schema wants it.

    The ``unusable`` scalars were reported already: nothing is asked of them.

    Raises :class:`SpecError` where nothing behind would make sense: for a spec in a newer version of the
    language, and for more errors than anybody reads.  Raises ValueError where the schema itself uses what
    is not supported.
    """
    _check_version(root, schema)
    findings = Findings()
    walk = _Walk(Schema(schema), findings.add, unusable)
    try:
        walk.value(root, (schema,), "the spec")
    except EnoughFoundError:
        raise SpecError(findings.found) from None
    return Shaped(tuple(findings.found), frozenset(walk.unusable), frozenset(walk.lacking))


def plain_value(root: tree.Node, schema: Mapping[str, Any]) -> Any:
    """The tree as dicts, lists, texts, numbers and truth values, which the schema tells apart.

    Where the tree has not the shape that the schema asks for, it is taken as it is.
    """
    return _Walk(Schema(schema), lambda _: None).value(root, (schema,), "the spec")


def _check_version(root: tree.Node, schema: Mapping[str, Any]) -> None:
    newest = schema.get("properties", {}).get("uapigen", {}).get("maximum")
    node = root.get("uapigen") if isinstance(root, tree.Mapping) else None
    if newest is None or not isinstance(node, tree.Scalar):
        return
    written = typed(node, KINDS)
    if isinstance(written, int) and written > newest:
        message = (
            f"the spec is written in version {node.text} of the language, this uapigen knows version {newest}"
        )
        raise SpecError([Diagnostic("language-version", message, node.span, help="use a newer uapigen")])


class _Walk:
    """One walk through a tree; what it finds is given to ``add``.

    A rule is always asked together with all others that hold for the same node, because the type of a
    scalar is what all of them admit.  ``unusable`` are the nodes without the shape that they must have, by
    their marks: a mapping is one of them where a key that it must have lacks or has such a value.
    """

    def __init__(
        self,
        schema: Schema,
        add: Callable[[Diagnostic], None],
        reported: frozenset[tree.Mark] = frozenset(),
    ) -> None:
        self._schema = schema
        self._add = add
        self._reported = reported
        self.unusable: set[tree.Mark] = {*reported}
        self.lacking: set[str] = set()
        self._around: list[tuple[str, Iterable[str]]] = []

    def value(self, node: tree.Node, rules: Sequence[Rule], name: str) -> Any:
        """The node's value; ``name`` is what messages call it."""
        if self._reported and isinstance(node, tree.Scalar) and tree.mark(node) in self._reported:
            self._report_synonym(node, rules, name)
            return node.text
        if isinstance(node, tree.Scalar):
            holding, kinds = self._schema.of_scalar(rules, node)
            value = typed(node, kinds)
            if kind_of(value) not in kinds:
                self._report_kind(node, holding, kinds, name)
            elif failure := self._failure(value, holding, node):
                self.unusable.add(tree.mark(node))
                self._report_failure(node, failure, name)
            return value
        holding = list(self._schema.applicable(rules, node))
        kinds = KINDS.intersection(*(self._schema.own_kinds(rule) for rule, _, _ in holding))
        if ("object" if isinstance(node, tree.Mapping) else "array") not in kinds:
            self._report_kind(node, holding, kinds, name)
            holding = []
        if isinstance(node, tree.Mapping):
            return self._mapping(node, holding, name)
        return self._sequence(node, holding, name)

    def _report(self, id_: str, message: str, span: Span, help_: str | None, *notes: Note) -> None:
        self._add(Diagnostic(id_, message, span, help=help_, notes=notes))

    # --- mappings ---------------------------------------------------------------------------------

    def _mapping(self, node: tree.Mapping, holding: list[Held], name: str) -> dict[str, Any]:
        entries = node.entries
        meant = self._check_known(entries, holding, name)
        for held in holding:
            self._check_keys(node, held, holding, meant, name)
            self._check_count(node, len(entries), held[0], "Properties", name)
        about_keys = [rule for rule, _, _ in holding if not _ABOUT_KEYS.isdisjoint(rule)]
        value = {}
        self._around.append((name, _known(holding)))
        for text, (_, child) in entries.items():
            rules = [found for rule in about_keys if (found := _child(rule, text)) is not None]
            value[text] = self.value(child, rules, quote(text))
        self._around.pop()
        required = {key for rule, _, _ in holding for key in rule.get("required", ())}
        usable = {*entries}
        if self.unusable:
            usable = {key for key, (_, child) in entries.items() if tree.mark(child) not in self.unusable}
        fewest = max((rule.get("minProperties", 0) for rule, _, _ in holding), default=0)
        self.lacking |= required - usable
        if not required <= usable or len(usable) < fewest:
            self.unusable.add(tree.mark(node))
        return value

    def _check_known(self, entries: tree.Entries, holding: list[Held], name: str) -> set[str]:
        """Reports the keys that the schema does not know, and gives those that were probably meant."""
        closed = [
            rule.get("properties", ()) for rule, _, _ in holding if rule.get("additionalProperties") is False
        ]
        unknown = [
            key for text, (key, _) in entries.items() if any(text not in properties for properties in closed)
        ]
        if not unknown:
            return set()
        known = _known(holding)
        free = [text for text in known if text not in entries]
        rules = [*(rule for rule, _, _ in holding), self._schema.root]
        guesses = set()
        for key in unknown:
            self.unusable.add(tree.mark(entries[key.text][1]))
            help_ = f"the keys that can be added are {listing(free, 'and')}" if free else "remove it"
            if meant := meant_key(key.text, rules, free):
                help_ = f"did you mean `{meant}`?"
                guesses.add(meant)
            elif above := next((around for around, keys in reversed(self._around) if key.text in keys), None):
                help_ = f"it belongs to {above}: write it there"
            elif meant := closest(key.text, free):
                help_ = f"did you mean `{meant}`?"
                guesses.add(meant)
            elif below := self._below(key.text, holding, name):
                help_ = f"it belongs to {below.place}: write it there"
                guesses.add(below.key)
            elif written := closest(key.text, known):
                help_ = f"`{written}` is there already"
            self._report("schema-unknown-key", f"unknown key {quote(key.text)} in {name}", key.span, help_)
        return guesses

    def _below(self, key: str, holding: list[Held], name: str) -> _Below | None:
        """Where below the key may stand."""
        children = {
            text: child for rule, _, _ in holding for text, child in rule.get("properties", _NONE).items()
        }
        for text, child in children.items():
            held = [found for found, _, _ in self._schema.applicable((child,), _NOTHING)]
            items = [found["items"] for found in held if "items" in found]
            held += [found for found, _, _ in self._schema.applicable(items, _NOTHING)]
            # A nested struct is like what it lies in.
            if not name.endswith(quote(text)) and any(key in found.get("properties", ()) for found in held):
                return _Below(text, f"an item of `{text}:`" if items else f"`{text}:`")
        return None

    def _check_keys(
        self, node: tree.Mapping, held: Held, holding: list[Held], meant: set[str], name: str
    ) -> None:
        rule, _, absent = held
        for missing in rule.get("required", ()):
            # A slip in a key is one mistake, which was reported: no second message for its absence.
            if missing not in node and meant.isdisjoint((missing, *absent)):
                help_ = self._explain(missing, holding)
                if absent:
                    help_ += f"; or write {listing((f'`{key}`' for key in absent), 'or')}"
                self._report("schema-missing-key", f"{name} lacks the key {quote(missing)}", node.span, help_)
        for text, needed in rule.get("dependentRequired", {}).items():
            for missing in needed:
                if text in node and missing not in node:
                    self.unusable.add(tree.mark(node))
                    message = f"{quote(text)} needs the key {quote(missing)} beside it"
                    help_ = self._explain(missing, holding)
                    self._report("schema-missing-key", message, node.entries[text][0].span, help_)
        if "not" in rule and all(key in node for key in rule["not"]["required"]):
            self._report_conflict(node, held, name)
        if "propertyNames" in rule:
            for text, (key, _) in node.entries.items():
                quoted = tree.Scalar(text, key.span, plain=False)
                self.value(quoted, (rule["propertyNames"],), f"the key {quote(text)}")

    def _explain(self, key: str, holding: list[Held]) -> str:
        """How to write the key, and the first sentence that the schema says of it."""
        children = (rule.get("properties", {}).get(key, {}) for rule, _, _ in holding)
        said = next(filter(None, map(self._schema.description, children)), "")
        sentence = re.split(r"(?<=\.) ", said, maxsplit=1)[0]
        return f"write `{key}: ...`" + (f": {as_help(sentence)}" if sentence else "")

    def _report_conflict(self, node: tree.Mapping, held: Held, name: str) -> None:
        self.unusable.add(tree.mark(node))
        rule, present, _ = held
        keys = [node.entries[key][0] for key in dict.fromkeys((*present, *rule["not"]["required"]))]
        *others, last = sorted(keys, key=lambda key: key.span.start)
        if others:
            message = f"{listing((quote(key.text) for key in (*others, last)), 'and')} exclude each other"
        else:
            message = f"{name} cannot have the key {quote(last.text)}"
        notes = (Note(f"{quote(key.text)} stands here", key.span) for key in others)
        self._report(
            "schema-conflict", message, last.span, "remove one of them" if others else "remove it", *notes
        )

    # --- lists ------------------------------------------------------------------------------------

    def _sequence(self, node: tree.Sequence, holding: list[Held], name: str) -> list[Any]:
        rules = [rule["items"] for rule, _, _ in holding if "items" in rule]
        values = [self.value(item, rules, f"an item of {name}") for item in node.items]
        for rule, _, _ in holding:
            self._check_count(node, len(node.items), rule, "Items", name)
            if rule.get("uniqueItems"):
                self._check_unique(node, values, name)
        return values

    def _check_unique(self, node: tree.Sequence, values: list[Any], name: str) -> None:
        first: dict[Any, tree.Node] = {}
        for item, value in zip(node.items, values, strict=True):
            before = first.setdefault(_hashable(value), item)
            if before is not item:
                self.unusable.add(tree.mark(item))
                message = f"this item of {name} is there already"
                note = Note("first written here", before.span)
                self._report("schema-duplicate-item", message, item.span, "remove one of them", note)

    def _check_count(self, node: tree.Node, count: int, rule: Rule, what: str, name: str) -> None:
        low, high = rule.get(f"min{what}", 0), rule.get(f"max{what}", count)
        if low <= count <= high:
            return
        self.unusable.add(tree.mark(node))
        thing = "key" if what == "Properties" else "item"
        message = f"{name} has {_counted(count, thing)}" if count else f"{name} is empty"
        limit = f"at least {_counted(low, thing)}" if count < low else f"at most {_counted(high, thing)}"
        self._report("schema-length", message, node.span, f"it must have {limit}")

    # --- scalars ----------------------------------------------------------------------------------

    def _failure(self, value: str | int | bool, holding: Iterable[Held], node: tree.Scalar) -> Failure | None:
        """The first thing that the value is not as it must be."""
        for rule, _, _ in holding:
            if kind_of(value) not in self._schema.own_kinds(rule):
                words = listing(_in_words(self._schema.own_kinds(rule)), "or")
                return ("schema-type", f"must be {words}", rule)
            if failure := own_failure(value, rule) or self._no_branch(value, rule, node):
                return failure
        return None

    def _no_branch(self, value: str | int | bool, rule: Rule, node: tree.Scalar) -> Failure | None:
        """What the branches of an ``anyOf`` ask for, where the value fits none of them."""
        failures: list[Failure] = []
        for branch in rule.get("anyOf", ()):
            failure = self._failure(value, self._schema.applicable((branch,), node), node)
            if failure is None:
                return None
            if kind_of(value) in self._schema.kinds(branch):
                failures.append(failure)
        if len(failures) < 2:
            return failures[0] if failures else None
        return (
            failures[0][0],
            listing((_OTHER_FORM.get(id_, text) for id_, text, _ in failures), "or"),
            rule,
        )

    def _report_failure(self, node: tree.Scalar, failure: Failure, name: str) -> None:
        id_, text, rule = failure
        help_ = as_help(rule.get("errorMessage", "")) or choices_explained(rule)
        if meant := meant_choice(node.text, rule):
            help_ = f"did you mean `{meant}`?"
        elif id_ == "schema-pattern" and (meant := meant_text(node.text, rule)):
            help_ = f"write `{meant}`"
        actual = {"schema-length": "", "schema-pattern": f" {quote(node.text)}"}
        self._report(id_, f"{name} {text}{actual.get(id_, f', not {quote(node.text)}')}", node.span, help_)

    def _report_synonym(self, node: tree.Scalar, rules: Sequence[Rule], name: str) -> None:
        """Say of a text that cannot be read what stands for it here, which is more than was said of it."""
        for rule, _, _ in self._schema.of_scalar(rules, node)[0]:
            if node.plain and (meant := rule.get("x-synonyms", _NONE).get(node.text.lower())):
                self._report(
                    "schema-enum", f"{name} cannot be {quote(node.text)}", node.span, f"write `{meant}`"
                )

    def _report_kind(self, node: tree.Node, holding: list[Held], kinds: frozenset[str], name: str) -> None:
        self.unusable.add(tree.mark(node))
        words = listing(_in_words(kinds), "or")
        actual = "a list" if isinstance(node, tree.Sequence) else "a mapping"
        help_ = next(
            (as_help(rule["errorMessage"]) for rule, _, _ in holding if "errorMessage" in rule), None
        )
        if isinstance(node, tree.Scalar):
            actual = quote(node.text) if node.plain else f"the text {quote(node.text)}"
            if "integer" in kinds:
                help_ = number_help(node) or help_
        if not help_ and len(kinds) == 1:
            help_ = self._how_to_write(node, holding, next(iter(kinds)))
        self._report("schema-type", f"{name} must be {words}, not {actual}", node.span, help_)

    def _how_to_write(self, node: tree.Node, holding: list[Held], kind: str) -> str:
        """How a value of the kind is written, with the user's own words or the keys where they are known."""
        if isinstance(node, tree.Scalar) and len(node.text) <= LONGEST:
            items = [rule["items"] for rule, _, _ in holding if "items" in rule]
            texts = bool(items) and "string" in KINDS.intersection(*map(self._schema.kinds, items))
            if kind == "array" and texts and _ONE_LIST.fullmatch(node.text):
                return f"write a list: `[{node.text}]`"
            if kind == "object" and (equals := _EQUALS.match(node.text)):
                return f"write a colon and a blank, not '=': `{equals[1]}: {equals[2]}`"
        required = dict.fromkeys(f"{key}: ..." for rule, _, _ in holding for key in rule.get("required", ()))
        if kind == "object" and required:
            return f"write `{{{', '.join(required)}}}`, or the same on lines of their own"
        return _HOW_TO_WRITE[kind]


_NOTHING = tree.Mapping({}, Span(Source("", ""), 0, 0))


def _known(holding: list[Held]) -> dict[str, None]:
    """The keys that the schema knows."""
    return dict.fromkeys(
        text for rule, _, absent in holding for text in (*rule.get("properties", ()), *absent)
    )


def _child(rule: Rule, key: str) -> Rule | None:
    """What the rule asks of the value of a key, None where it asks nothing or refuses the key."""
    found = rule.get("properties", _NONE).get(key)
    if found is None:
        found = rule.get("additionalProperties")
    return None if isinstance(found, bool) else found


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _in_words(kinds: frozenset[str]) -> list[str]:
    return [words for kind, words in _KINDS_IN_WORDS.items() if kind in kinds] or ["left out"]


def _hashable(value: Any) -> Any:
    """A key that is equal where JSON Schema calls values equal: true is not 1."""
    if isinstance(value, dict):
        return frozenset((key, _hashable(part)) for key, part in value.items())
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    return (type(value), value)
