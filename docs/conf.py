"""Configuration of the site: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx

import uapigen
from uapigen.record import Record

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "uapigen"
author = "The uapigen authors"
project_copyright = "The uapigen authors"
version = release = uapigen.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "interfacepages",
    "findingsschema",
    "rulesreference",
    "runcommand",
    "schemareference",
]
exclude_patterns = ["_build"]
default_role = "code"
highlight_language = "none"
smartquotes = False  # what a spec says is shown as it was written
nitpicky = True
# Types of the standard library are named, but there is no inventory of them to link to; not every module
# that a docstring speaks of is described.
nitpick_ignore_regex = [("py:.*", r"(?!uapigen\.).*"), ("py:mod", ".*")]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "undoc-members": True, "exclude-members": "fields"}

html_theme = "furo"
html_title = "uapigen"
html_static_path = ["_static"]
html_css_files = ["uapigen.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False


def _without_values(
    _app: object,
    what: str,
    _name: str,
    found: object,
    _options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """A record takes its fields, which are listed beneath it: how it takes them is of no interest."""
    is_record = what == "class" and isinstance(found, type) and issubclass(found, Record)
    return ("" if is_record else signature, returns)


def setup(app: Sphinx) -> None:
    """Say what autodoc prints of a record."""
    app.connect("autodoc-process-signature", _without_values)
