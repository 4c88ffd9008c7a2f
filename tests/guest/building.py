"""Builds what runs in the guest and is no Python: modules of the kernel, and static programs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from kernels import Kernel
from scenarios import Module, Packed
from steps import CACHE, ROOT, StepError, digest, made, run, there

PROGRAM = ("gcc", "-static", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror")
SOURCES = Path("/usr/src")
"""Where the packages of the kernel's source have their archives."""


def program(source: str, folder: Path) -> Path:
    """A C file of the checkout as a static program in a folder.  Raises :class:`StepError`."""
    path = ROOT / source
    target = folder / path.stem
    run((*PROGRAM, "-I", path.parent, path, "-o", target), f"compiling {source}")
    return target


def modules(kernel: Kernel, wanted: Collection[Module]) -> dict[str, Path]:
    """Modules for a kernel, by their names.

    Raises:
        StepError: one cannot be built, with what the compiler says.
    """
    built, refused = try_modules(kernel, wanted)
    for said in refused.values():
        raise said
    return built


def try_modules(kernel: Kernel, wanted: Collection[Module]) -> tuple[dict[str, Path], dict[str, StepError]]:
    """Modules for a kernel, by their names, and those that cannot be built, with what the compiler says."""
    files = {module.name: _files(module) for module in wanted}
    keys = {module.name: digest(kernel.version, files[module.name], "with BTF") for module in wanted}
    kind = f"modules-{kernel.series}"
    built = {name: place for name, key in keys.items() if (place := there(kind, name, key))}
    left = [name for name in files if name not in built]
    refused: dict[str, StepError] = {}
    if left:
        with tempfile.TemporaryDirectory(dir=CACHE, prefix=".building-") as folder:
            top = Path(folder)
            for name in left:
                (top / name).mkdir()
                for file, data in files[name].items():
                    (top / name / file).write_bytes(data)
            found, refused = _build(kernel, top, left)
            refused = {name: _readable(said, top, wanted) for name, said in refused.items()}
            for name, module in found.items():
                built[name] = made(kind, name, keys[name], partial(_copy, module))
    return built, refused


def _readable(said: StepError, top: Path, wanted: Collection[Module]) -> StepError:
    """What the compiler says, with the files as they are called in the checkout, without what make adds."""
    text = "\n".join(line for line in str(said).splitlines() if not line.lstrip().startswith("make"))
    for module in wanted:
        source = module.source if isinstance(module.source, str) else module.source.path
        for path in (*module.beside, source):
            name = f"{module.name}.c" if path == source else Path(path).name
            text = text.replace(str(top / module.name / name), path)
    return StepError(text)


def _copy(file: Path, to: Path) -> None:
    shutil.copyfile(file, to)


def _files(module: Module) -> dict[str, bytes]:
    """What has to lie in the folder in which a module is built."""
    files = {Path(path).name: (ROOT / path).read_bytes() for path in module.beside}
    files[f"{module.name}.c"] = _content(module.source)
    if module.edit:
        source = module.source if isinstance(module.source, str) else module.source.path
        file = f"{module.name}.c" if module.edit.file == Path(source).name else module.edit.file
        files[file] = module.edit.apply(files[file].decode()).encode()
    flags = " ".join((*module.flags, "-Werror"))
    files["Kbuild"] = f"obj-m := {module.name}.o\nccflags-y := {flags}\n".encode()
    return files


def _content(source: str | Packed) -> bytes:
    """A C file: of the checkout, or out of the package with a kernel's source.  Raises :class:`StepError`."""
    if isinstance(source, str):
        return (ROOT / source).read_bytes()
    archive = SOURCES / f"{source.package}.tar.xz"
    if not archive.is_file():
        raise StepError(f"the package {source.package} is not installed; 'make deps' does that")
    version = run(("dpkg-query", "-W", "-f", "${Version}", source.package), f"asking for {source.package}")

    def make(to: Path) -> None:
        member = f"{source.package}/{source.path}"
        folder = to.parent / "source"
        folder.mkdir()
        run(("tar", "-xf", archive, "-C", folder, "--occurrence", member), f"unpacking {member}")
        (folder / member).rename(to)

    return made("sources", source.path.replace("/", "-"), version, make).read_bytes()


def _build(kernel: Kernel, top: Path, names: Sequence[str]) -> tuple[dict[str, Path], dict[str, StepError]]:
    """Build what lies in folders; the modules, and what is said of those that there is no module of."""
    refused: dict[str, StepError] = {}
    try:
        _make(kernel, top, names)
    except StepError as first:
        problem = first
        # One that cannot be compiled keeps the others from being linked.
        for name in names:
            if not (top / name / f"{name}.o").is_file():
                try:
                    _make(kernel, top / name, ())
                except StepError as its:
                    refused[name] = its
        good = [name for name in names if name not in refused]
        try:
            if good and refused:
                _make(kernel, top, good)
        except StepError as its:
            problem = its
        refused.update({name: problem for name in good if not (top / name / f"{name}.ko").is_file()})
    found = {name: top / name / f"{name}.ko" for name in names if name not in refused}
    for module in found.values():
        _add_types(kernel, module)
    return found, refused


def _add_types(kernel: Kernel, module: Path) -> None:
    """Have a module carry its types, as those of Debian do, in place of what a debugger wants.

    The kernel's own build does that beside a vmlinux alone, which Debian's headers have not.
    """
    encode = ("pahole", "-J", "--btf_base", kernel.vmlinux, module)
    run(encode, f"adding the types of {module.name}", env={"LLVM_OBJCOPY": "objcopy"})
    run(("strip", "--strip-debug", module), f"stripping {module.name}")


def _make(kernel: Kernel, folder: Path, below: Sequence[str]) -> None:
    """Run the build of the kernel in a folder, or in folders below it."""
    if below:
        (folder / "Kbuild").write_text("".join(f"obj-m += {name}/\n" for name in below))
    what = f"building {', '.join(below) or folder.name} for {kernel.release}"
    jobs = f"-j{os.cpu_count()}"
    run(
        ("make", "-k", "-s", jobs, "-C", kernel.headers, f"M={folder}", "modules"),
        what,
        env={"MAKEFLAGS": ""},
    )
