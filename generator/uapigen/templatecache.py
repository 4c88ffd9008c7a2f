"""Where compiled templates are kept between runs.

Compiling the templates costs more than everything else that a run does.  They are kept as Python
keeps its own compiled modules: beside the package in ``__pycache__`` where that can and may be written,
else in the user's cache folder, else not at all.  jinja2 checks that what it finds there is current.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import FileSystemBytecodeCache


def template_cache() -> FileSystemBytecodeCache | None:
    """A cache in the first folder that serves, None where nothing can or should be written."""
    from jinja2 import FileSystemBytecodeCache

    for folder in _folders():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK | os.X_OK) and folder.stat().st_uid == os.geteuid():
            return FileSystemBytecodeCache(str(folder), "%s.jinja")
    return None


def _folders() -> tuple[Path, ...]:
    tag = f"jinja-{sys.implementation.cache_tag}"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    beside = () if sys.dont_write_bytecode else (Path(__file__).parent / "__pycache__" / tag,)
    return (*beside, home / "uapigen" / tag)
