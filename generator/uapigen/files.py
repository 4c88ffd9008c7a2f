"""Reading and writing files.

The thin layer that touches the file system: texts come out of it and go into it.  What a text says
does not matter here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from uapigen.diagnostics import Diagnostic, SpecError
from uapigen.source import Source, Span
from uapigen.wording import closest

LIMIT = 16 << 20
"""Bytes of an input: what is larger is no spec and no header."""

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.ENOTDIR: "a file stands where a folder must be",
    errno.EEXIST: "a file stands where a folder must be",
    errno.ELOOP: "its symbolic links lead in a circle",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENXIO: "it is no file",
    errno.EISDIR: "it is a folder, not a file",
}
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class OutputError(Exception):
    """An output cannot be written; the message says which and why, in words for the user."""


def read_source(path: str, if_missing: str = "`uapigen init NAME` writes a spec to start from") -> Source:
    """The text of a file: UTF-8, with a line feed at the end of each line.

    ``if_missing`` is what helps where there is no such file.  Raises :class:`SpecError` where there is no
    such text.  Its diagnostic has a place only where the file could be read.
    """
    data = _bytes(path, if_missing)
    try:
        return Source(path, with_line_feeds(data.decode()))
    except UnicodeDecodeError as error:
        raise SpecError([_not_utf8(path, data, error.start)]) from None


def read_text(path: str, if_missing: str) -> str:
    """The text of a file that may be in another encoding than UTF-8, and whose ends of lines matter.

    Bytes that are not UTF-8 are lone surrogates, as Python has them in names of files; :func:`rewrite` gives
    every byte back.  Raises :class:`SpecError`.
    """
    return _bytes(path, if_missing).decode(errors="surrogateescape")


def read_bytes(path: str, most: int) -> bytes:
    """Up to so many bytes of a file of any kind, or of standard input where ``path`` is ``-``.

    Of a pipe or a device it takes what comes, until it ends or until there are as many.  Raises
    :class:`SpecError`.
    """
    try:
        with _binary(path) as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        help_ = "name a file with the bytes; `-` is standard input"
        raise SpecError([_unreadable(path, error, help_)]) from None


@contextlib.contextmanager
def _binary(path: str) -> Iterator[BinaryIO]:
    """The file, or standard input, which stays open."""
    if path != "-":
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC), "rb") as file:
            yield file
    elif sys.stdin is None:
        raise OSError(0, "standard input is closed")
    else:
        yield sys.stdin.buffer


def _bytes(path: str, if_missing: str) -> bytes:
    try:
        with _open(path) as file:
            data = _read(file, LIMIT + 1)
    except (OSError, ValueError) as error:
        raise SpecError([_unreadable(path, error, if_missing)]) from None
    if len(data) > LIMIT:
        message = f"'{path}' is larger than {LIMIT >> 20} MiB, which is the limit"
        raise SpecError([Diagnostic("file-size", message, None)])
    return data


def _unreadable(path: str, error: OSError | ValueError, if_missing: str) -> Diagnostic:
    """What is wrong with a file that the system does not give."""
    if isinstance(error, FileNotFoundError):
        meant = _neighbour(path)
        help_ = f"did you mean `{meant}`?" if meant else if_missing
        return Diagnostic("file-missing", f"there is no file '{path}'", None, help=help_)
    return Diagnostic("file-unreadable", f"'{path}' cannot be read: {_reason(error)}", None)


def compare(folder: Path, files: Mapping[str, str]) -> list[str]:
    """The names whose file below ``folder`` is missing or has another text, in their order.

    Raises :class:`OutputError` where a file cannot be read.
    """
    return [name for name, text in files.items() if not _is_current(folder / name, text.encode())]


def write_changed(folder: Path, files: Mapping[str, str], mark: str = "") -> list[Path]:
    """Writes the files below ``folder`` that are missing or have another text, and gives their paths.

    Every file is old or new at every moment, never a part of either.  All new texts are on the disk
    before the first old file is replaced, so that a full disk changes nothing.  A symbolic link is not
    replaced, nor is a file that is somebody else's: one that has something in it, but not ``mark``.
    Raises :class:`OutputError`.
    """
    changed = {folder / name: files[name] for name in compare(folder, files)}
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in changed}
    path = folder
    try:
        for path in changed:
            if path.is_symlink():
                raise OutputError(f"'{path}' is a symbolic link, which is not replaced: remove it first")
            if not _has(path, mark.encode()):
                raise OutputError(
                    f"'{path}' is not a file that uapigen wrote, and is not replaced: move it, or remove it"
                )
        for path, text in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(temporary[path], text.encode())
        for path in changed:
            temporary[path].replace(path)
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {_reason(error)}") from None
    finally:
        for leftover in temporary.values():
            with contextlib.suppress(OSError):
                leftover.unlink()
    return list(changed)


def rewrite(path: str, text: str) -> bool:
    """Gives one file this text (see :func:`read_text`); whether it had another one, or was not there.

    It is old or new at every moment.  It keeps its mode; a symbolic link stays one, and what it leads to has
    the text.  Raises :class:`OutputError`.
    """
    data = text.encode(errors="surrogateescape")
    file = _resolved(path)
    if _is_current(Path(path), data):
        return False
    _replace(path, file, data)
    return True


def write_anew(path: str, text: str, mark: str) -> None:
    """Gives one file this text and the present as its time, also where it has the text already.

    It is replaced as by :func:`rewrite`, if it is not somebody else's (see :func:`write_changed`).  Raises
    :class:`OutputError`.
    """
    file = _resolved(path)
    try:
        if not _has(file, mark.encode()):
            raise OutputError(
                f"'{path}' is not a file that uapigen wrote, and is not replaced: move it, or remove it"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {_reason(error)}") from None
    _replace(path, file, text.encode(errors="surrogateescape"))


def files_below(folder: Path) -> list[str]:
    """The paths of all files below a folder, without caches, in the order of their names."""
    found: list[str] = []
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted({*folders} - {"__pycache__"})
        found += (str(Path(place, name)) for name in sorted(names))
    return found


def _resolved(path: str) -> Path:
    """What a path leads to."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        reason = "its symbolic links lead in a circle" if isinstance(error, RuntimeError) else _reason(error)
        raise OutputError(f"'{path}' cannot be written: {reason}") from None


def _replace(path: str, file: Path, data: bytes) -> None:
    """Writes ``file``, which the user knows as ``path``."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        _write(temporary, data)
        if file.exists():
            temporary.chmod(stat.S_IMODE(file.stat().st_mode))
        temporary.replace(file)
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {_reason(error)}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _neighbour(path: str) -> str | None:
    """The file in the same folder whose name is most like this one, None where none is."""
    wanted = Path(path)
    try:
        files = [file for file in wanted.parent.iterdir() if file.is_file()]
    except OSError:
        return None
    stems = {file.stem: str(file) for file in files if wanted.suffix in ("", file.suffix)}
    return stems.get(closest(wanted.stem, stems) or "")


def _open(path: str | Path) -> BinaryIO:
    """The file, open for reading.  Raises OSError, also for what is no file."""
    # Without O_NONBLOCK, opening a pipe waits until somebody writes into it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind != stat.S_IFREG:
        os.close(descriptor)
        raise OSError(0, f"it is {_KINDS.get(kind, 'something else')}, not a file")
    return os.fdopen(descriptor, "rb")


def _read(file: BinaryIO, most: int) -> bytes:
    """Up to so many bytes.  Raises OSError, also where reading would have to wait, as in ``/proc/kmsg``."""
    data: bytes | None = file.read(most)
    if data is None:
        raise BlockingIOError(errno.EAGAIN, "there is nothing to read yet")
    return data


def _is_current(path: Path, data: bytes) -> bool:
    try:
        with _open(path) as file:
            return file.read(len(data) + 1) == data
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise OutputError(f"'{path}' cannot be read: {_reason(error)}") from None


def _has(path: Path, mark: bytes) -> bool:
    """Whether a file has the mark in it, or nothing at all."""
    try:
        with _open(path) as file:
            data = file.read()
    except FileNotFoundError:
        return True
    return mark in data or not data


def _write(path: Path, data: bytes) -> None:
    """Writes a file that is not there yet, down to the disk."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _not_utf8(path: str, data: bytes, start: int) -> Diagnostic:
    """What is said about bytes of which the one at ``start`` is not UTF-8."""
    source = Source(path, with_line_feeds(data.decode(errors="replace")))
    place = len(with_line_feeds(data[:start].decode()))
    message = f"the byte 0x{data[start]:02x} is not UTF-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "the file is UTF-16, not UTF-8"
    help_ = "save the file as UTF-8, without a byte order mark"
    return Diagnostic("file-encoding", message, Span(source, place, place + 1), help=help_)


def with_line_feeds(text: str) -> str:
    """The text as a :class:`Source` has it."""
    return text.replace("\r\n", "\n")


def _reason(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return "no file can have this name"
    return _REASONS.get(error.errno or 0) or (error.strerror or "it failed").lower()
