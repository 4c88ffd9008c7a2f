"""Read a document back: docutils parses it, and tells what a reader finds."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docutils.core
import docutils.nodes


def parsed(text: str) -> docutils.nodes.document:
    """The document.  Fails on any message of docutils, from level 1 (info) on."""
    said = io.StringIO()
    settings = {"report_level": 1, "halt_level": 5, "warning_stream": said, "_disable_config": True}
    document = docutils.core.publish_doctree(text, settings_overrides=settings)
    assert not said.getvalue(), f"{said.getvalue()}\n--\n{text}"
    return document


def folded(node: docutils.nodes.Node) -> str:
    """The text of a node with single blanks."""
    return " ".join(node.astext().split())


def sections(node: docutils.nodes.Element) -> Iterator[tuple[str, docutils.nodes.section]]:
    """Every section below a node, with its heading, in reading order."""
    for section in node.findall(docutils.nodes.section):
        yield folded(section.children[0]), section


def section(node: docutils.nodes.Element, heading: str) -> docutils.nodes.section:
    """The only section with this heading."""
    (found,) = (each for title, each in sections(node) if title == heading)
    return found


def tables(node: docutils.nodes.Element) -> list[list[list[str]]]:
    """The cells of each table, row by row, the header first."""
    return [
        [
            [folded(entry) for entry in row.findall(docutils.nodes.entry)]
            for row in table.findall(docutils.nodes.row)
        ]
        for table in node.findall(docutils.nodes.table)
    ]


def lists(node: docutils.nodes.Element) -> list[list[str]]:
    """The items of each list, numbered or not."""
    kinds = (docutils.nodes.enumerated_list, docutils.nodes.bullet_list)
    return [[folded(item) for item in found.children] for found in node.findall() if isinstance(found, kinds)]


def paragraphs(node: docutils.nodes.Element) -> list[str]:
    """The paragraphs right below a node."""
    return [folded(each) for each in node.children if isinstance(each, docutils.nodes.paragraph)]
