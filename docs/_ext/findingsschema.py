"""``.. findings-schema::``: the keys of what ``uapigen check --format json`` prints, made from its schema."""

import json

from docutils import nodes
from rsttext import marked
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from uapigen.reportjson import SCHEMA


class FindingsSchema(SphinxDirective):
    """Print one list for each object of the schema."""

    def run(self) -> list[nodes.Node]:
        """The lists."""
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        lists = []
        for name, node in {"The document": schema, **schema["$defs"]}.items():
            lists.append(f"**{name.capitalize()}**: {marked(node['description'])}")
            lists += [
                f"``{key}``\n   {marked(value.get('description') or schema['$defs'][key]['description'])}"
                for key, value in node["properties"].items()
            ]
        return self.parse_text_to_nodes("\n\n".join(lists))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("findings-schema", FindingsSchema)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
