"""A page for each interface in spec/: its document, with the spec and every file of out/ beside it.

The pages are written into docs/generated/ before Sphinx looks for sources, and are not committed.
"""

import os
import re
from pathlib import Path

from rsttext import title
from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "docs" / "generated"
_LANGUAGES = {".c": "c", ".h": "c", ".fragment": "c", ".py": "python", ".rst": "rst", ".yaml": "yaml"}
_WHAT = {
    "{name}.h": "the header",
    "*.h.fragment": "the same declarations, each with its place in the kernel's header",
    "{name}.py": "the bindings",
    "{name}.rst": "this document as text, as it is mailed",
    "{name}_device.py": "the reference device",
    "test_{name}.py": "the transition tests",
    "conftest.py": "what pytest is told of them",
    "{name}_driver.h": "the header for drivers",
    "{name}_test.c": "the test in C",
}


def write_pages(_app: Sphinx, _config: Config) -> None:
    """Write the pages of all interfaces, and remove those of interfaces that are gone."""
    pages = {
        f"{spec.stem}/{name}": text
        for spec in sorted(ROOT.glob("spec/*.yaml"))
        for name, text in _pages(spec)
    }
    for page in GENERATED.rglob("*.rst"):
        if page.relative_to(GENERATED).as_posix() not in pages:
            page.unlink(missing_ok=True)
    for name, text in pages.items():
        path = GENERATED / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            written = path.with_suffix(f".{os.getpid()}")  # builds of two processes do not meet
            written.write_text(text, encoding="utf-8")
            written.replace(path)


def _pages(spec: Path) -> list[tuple[str, str]]:
    """The pages of one interface: their names and texts."""
    name = spec.stem.replace("-", "_")
    folder = ROOT / "out" / spec.stem
    listed = [(spec, "the spec")]
    listed += [(file, what) for file_, what in _WHAT.items() for file in folder.glob(file_.format(name=name))]
    links = "\n".join(f"   - :doc:`{file.name} <{_page(file)}>`: {what}" for file, what in listed)
    toctree = "\n".join(f"   {_page(file)}" for file, _ in listed)
    beside = f".. container:: files\n\n{links}\n\n.. toctree::\n   :hidden:\n\n{toctree}"
    return [
        ("index.rst", _behind_title(folder / f"{name}.rst", beside)),
        *((f"{_page(file)}.rst", _listing(file)) for file, _ in listed),
    ]


def _behind_title(document: Path, more: str) -> str:
    """The document with more behind its title, the first one with a line above."""
    text = document.read_text(encoding="utf-8")
    return re.sub(
        r"^(=+\n[^\n]+\n=+\n)", lambda title: f"{title[1]}\n{more}\n", text, count=1, flags=re.MULTILINE
    )


def _page(file: Path) -> str:
    return "file-" + file.name.replace(".", "-").replace("_", "-")


def _listing(file: Path) -> str:
    path = file.relative_to(ROOT).as_posix()
    options = f"   :language: {_LANGUAGES[file.suffix]}\n   :linenos:\n"
    return f"{title(file.name, '=')}\n\n.. literalinclude:: ../../../{path}\n{options}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages as soon as the configuration is read."""
    app.connect("config-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
