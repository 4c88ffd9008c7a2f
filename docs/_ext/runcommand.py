"""``.. run::``: a command of uapigen, pytest or python, with what it prints, run when the site is built.

It runs in a folder with the spec that ``uapigen init my-device`` writes, or with the one of spec/ that
``:spec:`` names.  ``:without:`` takes the first line with this text out of the spec before, ``:replace:``
and ``:by:`` exchange a text; ``:lines:`` shows only the first lines of the output.  ``:bytes:`` are those
of the file ``dump``, in hexadecimal.  pytest and python run where the outputs are in ``out/``, and the file
that ``:with:`` names; python finds the bindings there.
"""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]

WIDTH = 80
"""Columns."""


class Run(SphinxDirective):
    """Show the command and its output."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "spec": directives.unchanged_required,
        "bytes": bytes.fromhex,
        "lines": directives.positive_int,
        "without": directives.unchanged_required,
        "replace": directives.unchanged_required,
        "by": directives.unchanged_required,
        "with": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """The listing."""
        command = self.arguments[0]
        with tempfile.TemporaryDirectory() as folder:
            if not command.startswith("init"):
                self._edit(self._spec(folder))
            if "bytes" in self.options:
                Path(folder, "dump").write_bytes(self.options["bytes"])
            if not command.startswith(("pytest", "python")):
                command = f"uapigen {command}"
            else:
                _printed("uapigen gen --cc none", folder)
                self._copy_file(folder)
            output = _printed(command, folder)
        if "lines" in self.options:
            lines = output.splitlines()[: self.options["lines"]]
            output = "\n".join((*lines, "", "  [...]"))
        listing = f"$ {command}\n{output}".rstrip()
        return [nodes.literal_block(listing, listing, language="console")]

    def _spec(self, folder: str) -> Path:
        """The spec that the command works on."""
        name = self.options.get("spec", "my-device")
        spec = Path(folder, "spec", f"{name}.yaml")
        if name == "my-device":
            _printed("uapigen init my-device", folder)
        else:
            spec.parent.mkdir()
            shutil.copy(ROOT / "spec" / spec.name, spec)
        return spec

    def _copy_file(self, folder: str) -> None:
        if "with" in self.options:
            shutil.copy(ROOT / "docs" / self.options["with"], folder)

    def _edit(self, spec: Path) -> None:
        text = spec.read_text(encoding="utf-8")
        old = self.options.get("replace", "")
        if "without" in self.options:
            old = next(line + "\n" for line in text.split("\n") if self.options["without"] in line)
        if old not in text:
            raise self.error(f"the spec does not say: {old}")
        spec.write_text(text.replace(old, self.options.get("by", ""), 1), encoding="utf-8")


def _printed(command: str, folder: str) -> str:
    """What a command prints on a terminal as wide as the boxes of the site, without colors."""
    program, *words = command.split()
    words = [sys.executable, *([] if program == "python" else ["-m", program]), *words]
    bindings = os.pathsep.join(map(str, Path(folder, "out").glob("*")))
    environment = {**os.environ, "PYTHONPATH": bindings} if program == "python" else {**os.environ}
    environment |= {"NO_COLOR": "1", "PYTEST_ADDOPTS": "-q -p no:cacheprovider -c /dev/null"}
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
    with subprocess.Popen(  # noqa: S603
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
    ):
        os.close(terminal)
        shown = b"".join(iter(lambda: _read(controller), b""))
    os.close(controller)
    return shown.decode().replace("\r\n", "\n").replace(f"{folder}/", "")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says EIO when nobody has the other end open.
        return b""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("run", Run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
