"""The Python outputs of an interface, as texts, as files and as modules."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from uapigen.model import Interface
from uapigen.render import find_target, render, snake

TARGETS = ("bindings", "device", "tests", "conftest")


def texts(interface: Interface, *targets: str) -> dict[str, str]:
    """The texts of these targets, of all where none is named, by the names of the files."""
    found = render(interface, [find_target(name) for name in targets or TARGETS])
    return {artifact.file: artifact.text for artifact in found}


def write(interface: Interface, folder: Path) -> Path:
    """Write all of them into a folder; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts(interface).items():
        (folder / name).write_text(text, encoding="ascii")
    return folder


def bindings(interface: Interface) -> Any:
    """The bindings as a module."""
    [(file, text)] = texts(interface, "bindings").items()
    return _module(file.removesuffix(".py"), text)


def device(interface: Interface) -> Any:
    """The module of the reference device; its bindings are its attribute ``spec``."""
    name = snake(interface.name)
    before = sys.modules.get(name)
    sys.modules[name] = bindings(interface)
    try:
        [(file, text)] = texts(interface, "device").items()
        return _module(file.removesuffix(".py"), text)
    finally:
        sys.modules.pop(name)
        if before:
            sys.modules[name] = before


def _module(name: str, text: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module
