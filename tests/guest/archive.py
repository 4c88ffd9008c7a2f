"""The archive that a kernel unpacks as its first file system: cpio, of the kind "newc", not compressed.

The layout is that of Documentation/driver-api/early-userspace/buffer-format.rst.  Owners are root, whoever
writes it.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple


class Entry(NamedTuple):
    """A file, folder, link or node; ``path`` has no "/" before it, ``data`` of a link is where it leads."""

    path: str
    mode: int
    data: bytes = b""
    mtime: int = 1
    device: tuple[int, int] = (0, 0)


def file(path: str, data: bytes, mode: int = 0o644) -> Entry:
    """An ordinary file."""
    return Entry(path, stat.S_IFREG | mode, data)


def folder(path: str) -> Entry:
    """An empty folder."""
    return Entry(path, stat.S_IFDIR | 0o755)


def tree(top: Path) -> Iterator[Entry]:
    """All that is in a folder, parents first; of links the text, of times the whole seconds."""
    for path in sorted(top.rglob("*")):
        info = path.lstat()
        data = b""
        if path.is_symlink():
            data = str(path.readlink()).encode()
        elif path.is_file():
            data = path.read_bytes()
        yield Entry(str(path.relative_to(top)), info.st_mode, data, int(info.st_mtime))


def write(entries: Iterable[Entry], file: IO[bytes]) -> None:
    """Write an archive; archives that follow each other are one to the kernel."""
    for number, entry in enumerate((*entries, Entry("TRAILER!!!", 0, mtime=0)), 1):
        name = entry.path.encode() + b"\0"
        fields = (
            number,
            entry.mode,
            0,
            0,
            1,
            entry.mtime,
            len(entry.data),
            0,
            0,
            *entry.device,
            len(name),
            0,
        )
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
        file.write(head + bytes(-len(head) % 4) + entry.data + bytes(-len(entry.data) % 4))
