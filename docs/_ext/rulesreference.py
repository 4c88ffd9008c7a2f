"""``.. rules-reference::``: every rule with its reason and its examples, made from the rules themselves."""

from docutils import nodes
from rsttext import indented, marked, title
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from uapigen.rules import all_rules
from uapigen.rules.rule import Rule


def section(rule: Rule) -> str:
    """What is said of one rule."""
    existing = (
        "It binds existing interfaces, too."
        if rule.binds_existing
        else "It does not bind existing interfaces."
    )
    return "\n\n".join(
        (
            f".. _rule-{rule.id}:",
            title(rule.id, "-"),
            f"{marked(rule.doc)} *{rule.severity.value.capitalize()}.* {existing}",
            marked(rule.why),
            "Breaks it:",
            f".. code-block:: yaml\n\n{indented(rule.bad)}",
            "Keeps it:",
            f".. code-block:: yaml\n\n{indented(rule.good)}",
        )
    )


class RulesReference(SphinxDirective):
    """Print all rules in the place of the directive."""

    def run(self) -> list[nodes.Node]:
        """The sections."""
        text = "\n\n".join(section(rule) for rule in all_rules())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("rules-reference", RulesReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
