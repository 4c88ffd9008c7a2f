"""Packages of Debian: found and fetched by apt, unpacked, never installed.

Any user may.  Only names are asked for; what was fetched is kept in the cache.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from steps import CACHE, StepError, run

_URI = re.compile(r"'[^']*' (?P<file>\S+\.deb) (?P<size>\d+) \S*")
_OLD = re.compile("Unable to locate package|No packages found|404 +Not Found")
_USER = ("-o", "APT::Sandbox::User=root")
"""Else apt warns that its own user cannot write into our folder."""


def depends(name: str, wanted: str) -> str:
    """The package that ``name`` depends on and that matches ``wanted``.  Raises :class:`StepError`."""
    said = _apt("apt-cache", "depends", name)
    for line in said.splitlines():
        kind, _, other = line.strip().strip("|").partition(": ")
        if kind == "Depends" and re.fullmatch(wanted, other):
            return other
    raise StepError(f"no package on which {name} depends is a {wanted}: this is made for Debian 12")


def fetch(names: Sequence[str]) -> dict[str, Path]:
    """The files of packages, by their names; those that are not in the cache yet are downloaded.

    Raises:
        StepError: apt is not there, knows no such package, or cannot fetch it.
    """
    folder = CACHE / "debs"
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for match in _URI.finditer(_apt("apt-get", "download", "--print-uris", *names)):
        found[match["file"].partition("_")[0]] = (folder / match["file"], int(match["size"]))
    missing = [name for name, (file, size) in found.items() if not _whole(file, size)]
    if missing:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as fresh:
            _apt("apt-get", "download", *missing, folder=Path(fresh))
            for file in Path(fresh).glob("*.deb"):
                for old in folder.glob(f"{file.name.partition('_')[0]}_*.deb"):
                    old.unlink()
                file.rename(folder / file.name)
    for name in names:
        if name not in found or not _whole(*found[name]):
            raise StepError(f"apt did not fetch the package {name}")
    return {name: file for name, (file, _) in found.items()}


def extract(packages: Collection[Path], folder: Path, *wanted: str) -> None:
    """Unpack packages into a new folder: all, or the paths (from "./" on) that match one of the patterns.

    Raises:
        StepError: a package is broken, has nothing of a pattern, or there is no dpkg-deb.
    """
    folder.mkdir()
    for package in packages:
        if not wanted:
            run(("dpkg-deb", "-x", package, folder), f"unpacking {package.name}")
        else:
            # Of a kernel's 400 MB we need 40.  Where dpkg-deb fails, tar misses the end of the archive.
            pipe = 'dpkg-deb --fsys-tarfile "$1" | { shift; tar -x --wildcards -C "$@"; }'
            run(("sh", "-c", pipe, "sh", package, folder, *wanted), f"unpacking {package.name}")


def _apt(*command: str, folder: Path | None = None) -> str:
    program, verb, *rest = command
    if shutil.which(program) is None:
        raise StepError(
            f"there is no {program} here: the kernels and the Python of the guest are Debian's packages"
        )
    try:
        return run((program, "-q", *_USER, verb, *rest), " ".join(command), folder=folder)
    except StepError as problem:
        if not _OLD.search(str(problem)):
            raise
        raise StepError(f"{problem}\napt does not find it; 'make deps' brings its lists up to date") from None


def _whole(file: Path, size: int) -> bool:
    return file.is_file() and file.stat().st_size == size
