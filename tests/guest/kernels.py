"""A kernel to boot: image, modules and headers of one version, as Debian packs them."""

from __future__ import annotations

import lzma
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import debian
from steps import StepError, digest, made, run

META = {"6.1": "linux-headers-amd64", "6.12": "linux-headers-6.12-amd64"}
"""The package that follows a series, by the series.  The plain one: a cloud image has no mdev."""
_KEPT = ("./boot/vmlinuz-*", "./lib/modules/*/kernel/drivers/vfio", "./lib/modules/*/kernel/virt/lib")
"""What is taken out of an image's package: the kernel, and the modules that a VFIO device can need."""


class Kernel(NamedTuple):
    """A kernel of Debian: ``release`` is what ``uname -r`` says, ``modules`` are by name."""

    series: str
    release: str
    version: str
    vmlinux: Path
    modules: Mapping[str, Path]
    headers: Path


def kernel(series: str) -> Kernel:
    """The newest kernel of a series that apt has.  Raises :class:`StepError`."""
    wanted = rf"linux-headers-({re.escape(series)}\.[\w.+~-]*)-amd64"
    headers = debian.depends(META[series], wanted)
    release = headers.removeprefix("linux-headers-")
    common = f"linux-headers-{release.removesuffix('-amd64')}-common"
    kbuild = debian.depends(headers, r"linux-kbuild-.*")
    image = f"linux-image-{release}"
    packages = debian.fetch((image, headers, common, kbuild))
    versions = {name: file.name.split("_")[1] for name, file in packages.items()}
    if versions[image] != versions[headers]:
        raise StepError(
            f"apt has {image} of version {versions[image]} and {headers} of version {versions[headers]};"
            f" they have to be the same: 'make deps' brings its lists up to date"
        )
    key = digest(versions[image], *_KEPT)
    booted = made("kernels", release, key, lambda folder: _unpack(packages[image], folder))
    unpacked = [packages[name] for name in (headers, common, kbuild)]
    tree = made("headers", release, versions[headers], lambda folder: _headers(release, unpacked, folder))
    return Kernel(
        series,
        release,
        versions[image],
        booted / "vmlinux",
        {file.stem.replace("-", "_"): file for file in booted.glob("*.ko")},
        tree / "usr/src" / headers,
    )


def needs(module: Path) -> tuple[str, ...]:
    """The modules that this one says it depends on."""
    return tuple(filter(None, _info(module, "depends").replace("-", "_").split(",")))


def load_order(modules: Mapping[str, Path], wanted: Collection[str]) -> list[str]:
    """The names of modules with all that they need, each after what it needs.

    Raises:
        StepError: there is no such module.
    """
    order: list[str] = []

    def add(name: str, by: str) -> None:
        if name not in modules:
            raise StepError(f"there is no module {name}" + (f", which {by} needs" if by else ""))
        if name not in order:
            for other in needs(modules[name]):
                add(other, name)
            order.append(name)

    for name in wanted:
        add(name, "")
    return order


def payload(image: bytes) -> bytes:
    """The compressed kernel in a vmlinuz (the boot protocol, 2.08 and later, says where it is)."""
    if image[0x202:0x206] != b"HdrS":
        raise StepError("the kernel's image is no bzImage")
    start = (image[0x1F1] + 1) * 512 + int.from_bytes(image[0x248:0x24C], "little")
    return image[start : start + int.from_bytes(image[0x24C:0x250], "little")]


def decompress(data: bytes, to: Path) -> None:
    """Unpack what was compressed by xz or zstd, and has its length behind it, to a file."""
    if data.startswith(b"\xfd7zXZ\0"):
        to.write_bytes(lzma.LZMADecompressor().decompress(data))
    elif data.startswith(b"\x28\xb5\x2f\xfd"):
        packed = to.with_suffix(".zst")
        packed.write_bytes(data[:-4])
        run(("zstd", "-dq", "--rm", packed, "-o", to), "unpacking the kernel")
    else:
        raise StepError(f"the kernel is compressed in a way that is not known here: {data[:6].hex(' ')}")


def _unpack(package: Path, folder: Path) -> None:
    all_of_it = folder.with_name("package")
    debian.extract((package,), all_of_it, *_KEPT)
    folder.mkdir()
    for file in all_of_it.rglob("*.ko*"):
        data = file.read_bytes()
        name = file.name.removesuffix(".xz")
        (folder / name).write_bytes(lzma.decompress(data) if name != file.name else data)
    for image in all_of_it.glob("boot/vmlinuz-*"):
        decompress(payload(image.read_bytes()), folder / "vmlinux")


def _headers(release: str, packages: Sequence[Path], folder: Path) -> None:
    debian.extract(packages, folder)
    # Debian's Makefile has the path of an installed package.
    makefile = folder / "usr/src" / f"linux-headers-{release}" / "Makefile"
    here = "$(dir $(lastword $(MAKEFILE_LIST)))"
    makefile.write_text(re.sub(r"(?m)^include /usr/src/", f"include {here}../", makefile.read_text()))


def _info(module: Path, key: str) -> str:
    """A line of a module's ``.modinfo``, "" where it has none."""
    found = re.search(rb"\0%s=([^\0]*)\0" % key.encode(), module.read_bytes())
    return found[1].decode() if found else ""
