"""Run by pytest in the guest: the structs of the bindings are laid out as the kernel's compiler made them.

The kernel and each module that is loaded say so in /sys/kernel/btf.  A struct that none of them uses is
skipped, with these words; what the modules are about that the guest was given, they must know.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from btf import Btf
from layouts import Struct, differences, layout_of

TYPES = Path("/sys/kernel/btf")
MODULES = Path("/sys/module")
OUT = Path(__file__).parents[2] / "out"
ABOUT = {"mstate": "vfio_device_state", "mtty": "vfio_migration_v2"}
"""The modules that are built for the guest, and the bindings of which they use every struct."""


def bindings() -> Iterator[ModuleType]:
    """The bindings that the guest has."""
    for folder in sorted(OUT.iterdir()):
        sys.path.insert(0, str(folder))
        yield importlib.import_module(folder.name.replace("-", "_"))


@cache
def types() -> dict[str, Btf]:
    """The types of the kernel and of all modules that are loaded and have any."""
    kernel = Btf((TYPES / "vmlinux").read_bytes())
    modules = sorted(path for path in TYPES.iterdir() if path.name != "vmlinux")
    return {"vmlinux": kernel, **{path.name: Btf(path.read_bytes(), kernel) for path in modules}}


BOUND = list(bindings())
STRUCTS = {
    f"{module.__name__}-{struct.__name__}": (module.__name__, struct)
    for module in BOUND
    for struct in module.LAYOUTS
}


@pytest.mark.parametrize("module", ABOUT)
def test_module_has_types(module: str) -> None:
    if not (MODULES / module).exists():
        pytest.skip(f"{module} is not loaded")
    assert module in types(), f"{module} was built without BTF"


@pytest.mark.parametrize(("module", "struct"), STRUCTS.values(), ids=STRUCTS)
def test_layout(module: str, struct: Struct) -> None:
    name, bound = struct.__name__, layout_of(struct)
    found = {whose: each for whose, known in types().items() if (each := known.layout(name))}
    if not found:
        for user, about in ABOUT.items():
            used = about == module and (MODULES / user).exists()
            assert not used, f"{user} does not know struct {name}, though it is about it"
        pytest.skip(f"neither the kernel nor a module that is loaded uses struct {name}")
    for whose, layout in found.items():
        said = differences(bound, layout)
        if said:
            pytest.fail(f"struct {name}, as {whose} was compiled: {'; '.join(said)}", pytrace=False)
