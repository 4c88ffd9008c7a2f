"""``.. run::``: a command of uapigen with what it prints, run when the site is built.

It runs in a folder with the spec that ``uapigen init my-device`` writes.  ``:without:`` takes the first
line with this text out of the spec before, ``:replace:`` and ``:by:`` exchange a text.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Run(SphinxDirective):
    """Show the command and its output."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "without": directives.unchanged_required,
        "replace": directives.unchanged_required,
        "by": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """The listing."""
        command = self.arguments[0]
        with tempfile.TemporaryDirectory() as folder:
            if not command.startswith("init"):
                _uapigen("init my-device", folder)
                self._edit(Path(folder, "spec", "my-device.yaml"))
            output = _uapigen(command, folder)
        listing = f"$ uapigen {command}\n{output}".rstrip()
        return [nodes.literal_block(listing, listing, language="console")]

    def _edit(self, spec: Path) -> None:
        text = spec.read_text(encoding="utf-8")
        old = self.options.get("replace", "")
        if "without" in self.options:
            old = next(line + "\n" for line in text.split("\n") if self.options["without"] in line)
        if old not in text:
            raise self.error(f"the spec does not say: {old}")
        spec.write_text(text.replace(old, self.options.get("by", ""), 1), encoding="utf-8")


def _uapigen(command: str, folder: str) -> str:
    """What a command prints."""
    words = [sys.executable, "-m", "uapigen", *command.split()]
    run = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    return run.stdout + run.stderr


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("run", Run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
