"""``.. rules-reference::``: every rule with its reason and its examples, made from the rules themselves.

With ``:others:``, all other kinds of findings instead.
"""

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from rsttext import indented, marked, title
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from uapigen.catalogue import Entry, catalogue


def section(entry: Entry) -> str:
    """What is said of one kind of finding."""
    said = marked(entry.doc)
    if entry.is_rule:
        existing = "binds" if entry.binds_existing else "does not bind"
        said += f" *{entry.severity.value.capitalize()}.* It {existing} existing interfaces."
    parts = [f".. _rule-{entry.id}:", title(entry.id, "-"), said, marked(entry.why)]
    for heading, example in (("Breaks it:", entry.bad), ("Keeps it:", entry.good)):
        if example:
            parts += [heading, f".. code-block:: yaml\n   :force:\n\n{indented(example)}"]
    return "\n\n".join(parts)


class RulesReference(SphinxDirective):
    """Print all rules, or all others, in the place of the directive."""

    option_spec: ClassVar[dict[str, Any]] = {"others": directives.flag}

    def run(self) -> list[nodes.Node]:
        """The sections."""
        others = "others" in self.options
        text = "\n\n".join(section(entry) for entry in catalogue().values() if entry.is_rule != others)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("rules-reference", RulesReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
