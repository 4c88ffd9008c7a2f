"""``.. schema-reference::``: the reference of the spec language, made from its JSON Schema.

Each object of the schema is a section with a table of its keys; what is a text or a number with a meaning
of its own is in a table at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from docutils import nodes
from rsttext import marked, title
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from uapigen.pipeline import schema

Node = dict[str, Any]
_TYPES = {
    "string": "text",
    "integer": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
}


class Section(NamedTuple):
    """An object of the schema: a name that is unique, and the schema itself."""

    name: str
    node: Node


def sections(root: Node) -> list[Section]:
    """The objects in the order in which a reader of the whole comes to them."""
    found: dict[str, Section] = {}
    for section in _reached(root, "The spec", root):
        found.setdefault(section.name, section)
    return list(found.values())


def _reached(root: Node, name: str, node: Node, seen: frozenset[str] = frozenset()) -> Iterator[Section]:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        if name not in seen:
            yield from _reached(root, name, root["$defs"][name], seen | {name})
        return
    variants = list(_variants(node))
    if "properties" in node:
        yield Section(name, node)
        for key, value in node["properties"].items():
            yield from _reached(root, key if name == "The spec" else f"{name}: {key}", value, seen)
    elif variants and any("properties" in variant or "$ref" in variant for variant in variants):
        yield Section(name, {**node, "variants": variants})
        for variant in variants:
            yield from _reached(root, _target(name, variant), variant, seen)
    for nested in (node["items"],) if "items" in node else ():
        yield from _reached(root, name, nested, seen)


def _variants(node: Node) -> Iterator[Node]:
    """What the branches of a schema lead to."""
    for branch in (node.get("then"), node.get("else"), *node.get("anyOf", ())):
        if isinstance(branch, dict) and ("properties" in branch or "$ref" in branch or _said(branch)):
            yield branch
        elif isinstance(branch, dict):
            yield from _variants(branch)


def _said(node: Node) -> str:
    """What the schema says; a branch of several has no Markdown (editors show that of the whole)."""
    return str(node.get("markdownDescription", node.get("description", "")))


def _target(name: str, node: Node) -> str:
    if "$ref" in node:
        return str(node["$ref"].rsplit("/", 1)[1])
    kind = _said(node).removesuffix(".").removeprefix("An ").removeprefix("A ")
    return f"{name}: {kind}" if kind else name


def label(name: str) -> str:
    """The label of a section."""
    return "schema-" + "".join(letter if letter.isalnum() else "-" for letter in name.lower())


class Reference:
    """The reference as text."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._sections = sections(root)
        self._linked = {section.name for section in self._sections}

    def text(self) -> str:
        """All sections, then the values with a meaning of their own."""
        values = [name for name in self._root["$defs"] if name not in self._linked]
        return "\n\n".join((*(self._section(section) for section in self._sections), self._values(values)))

    def _section(self, section: Section) -> str:
        node = section.node
        anchor = f".. _{label(section.name)}:"
        head = "\n\n".join((anchor, title(section.name, "-"), marked(_said(node))))
        if "variants" in node:
            kinds = (_item(self._variant(section.name, variant)) for variant in node["variants"])
            return head + "\n\n" + "\n".join(kinds)
        rows = [self._row(section, key, value) for key, value in node["properties"].items()]
        return f"{head}\n\n{_table(rows, ('Key', 'Takes', 'Meaning'), '20 25 55')}"

    def _variant(self, name: str, node: Node) -> str:
        target = _target(name, node)
        return f":ref:`{target} <{label(target)}>`" if target in self._linked else self._meaning(node)

    def _values(self, names: list[str]) -> str:
        rows = [
            (f".. _{label(name)}:\n\n``{name}``", self._takes(name, node), self._meaning(node))
            for name, node in ((name, self._root["$defs"][name]) for name in names)
        ]
        heading = title("Values with a meaning of their own", "-")
        return f"{heading}\n\n{_table(rows, ('Value', 'Takes', 'Meaning'), '20 25 55')}"

    def _row(self, section: Section, key: str, node: Node) -> tuple[str, str, str]:
        required = "\n\n*required*" if key in section.node.get("required", ()) else ""
        name = key if section.name == "The spec" else f"{section.name}: {key}"
        return f"``{key}``{required}", self._takes(name, node), self._meaning(node)

    def _takes(self, name: str, node: Node) -> str:
        """What a key takes, in a few words, with links."""
        if "$ref" in node:
            target = node["$ref"].rsplit("/", 1)[1]
            return f":ref:`{target} <{label(target)}>`"
        if name in self._linked and node.get("type") == "object":
            return f":ref:`{name} <{label(name)}>`"
        if node.get("type") == "array":
            return f"list of {self._takes(name, node['items'])}"
        if "enum" in node:
            return " or ".join(f"``{value}``" for value in node["enum"])
        if "anyOf" in node:
            return " or ".join(dict.fromkeys(self._takes(name, each) for each in node["anyOf"]))
        return _TYPES.get(node.get("type", ""), "text") + _range(node)

    def _meaning(self, node: Node) -> str:
        target = self._root["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else {}
        text = marked(_said(node) or _said(target))
        help_ = f" {marked(node['errorMessage'])}" if "errorMessage" in node else ""
        default = (
            f" Default: ``{str(node['default']).lower()}``." if isinstance(node.get("default"), bool) else ""
        )
        if not default and "default" in node:
            default = f" Default: ``{node['default']}``."
        choices = "".join(f"\n{_item(f'``{value}``: {marked(said)}')}" for value, said in _choices(node))
        return text + help_ + default + (f"\n{choices}" if choices else "")


def _choices(node: Node) -> Iterator[tuple[str, str]]:
    """The words that can be written, each with what it means."""
    for rule in (node, node.get("items", {}), *node.get("anyOf", ())):
        yield from zip(rule.get("enum", ()), rule.get("markdownEnumDescriptions", ()), strict=True)


def _item(text: str) -> str:
    """An item of a list."""
    return "- " + text.replace("\n", "\n  ")


def _range(node: Node) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f" {low}" if low == high else f" from {low} to {high}"
    return f" from {low}" if low is not None else ""


def _table(rows: list[tuple[str, str, str]], header: tuple[str, str, str], widths: str) -> str:
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (header, *rows):
        for number, cell in enumerate(row):
            first, *more = cell.split("\n")
            lines.append(f"   {'* ' if number == 0 else '  '}- {first}")
            lines += [f"       {line}".rstrip() for line in more]
    return "\n".join(lines)


class SchemaReference(SphinxDirective):
    """Print the reference in the place of the directive."""

    def run(self) -> list[nodes.Node]:
        """The sections."""
        return self.parse_text_to_nodes(Reference(schema()).text(), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("schema-reference", SchemaReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
