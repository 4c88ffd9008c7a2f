"""Whatever stands at a path, reading it ends in a text or a message; writing leaves whole files."""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from uapigen import files
from uapigen.diagnostics import Diagnostic, SpecError
from uapigen.files import LIMIT, OutputError, compare, files_below, read_source, write_changed


def refusal(path: str | Path) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        read_source(str(path))
    (found,) = caught.value.diagnostics
    return found


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a: b\n", "a: b\n"),
        (b"a: b\r\nc: d\r\n", "a: b\nc: d\n"),
        (b"a: b\rc: d", "a: b\rc: d"),
        ("a: \u00e4\U0001f600".encode(), "a: \u00e4\U0001f600"),
    ],
)
def test_a_text_is_read_with_line_feeds(data: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    source = read_source(str(path))
    assert (source.path, source.text) == (str(path), text)


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: b\n", encoding="utf-8")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    assert read_source(str(tmp_path / "b.yaml")).text == "a: b\n"


def a_folder(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            server.bind(f"/proc/self/fd/{folder}/{path.name}")  # the path itself may be too long for one
        finally:
            os.close(folder)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_circle(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (a_folder, "it is a folder, not a file"),
        (a_pipe, "it is a pipe, not a file"),
        (a_socket, "it is no file"),
        (a_device, "it is a device, not a file"),
        (a_circle, "its symbolic links lead in a circle"),
    ],
)
def test_what_is_no_file_is_refused_at_once(
    make: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    make(path)
    found = refusal(path)
    assert (found.id, found.span) == ("file-unreadable", None)
    assert found.message == f"'{path}' cannot be read: {reason}"
    opened = {link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    assert path not in opened


@pytest.mark.parametrize("name", ["none.yaml", "no/folder.yaml", ""])
def test_a_missing_file_is_named(name: str) -> None:
    found = refusal(name)
    assert (found.id, found.message) == ("file-missing", f"there is no file '{name}'")
    assert found.help == "`uapigen init NAME` writes a spec to start from"


@pytest.mark.parametrize("name", ["my_device.yaml", "my-device", "./my-devcie.yaml"])
def test_a_missing_file_is_told_the_one_that_was_meant(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my-device.yaml").touch()
    Path("my_device.yaml.d").mkdir()
    assert refusal(name).help == "did you mean `my-device.yaml`?"
    assert refusal(str(tmp_path / name)).help == f"did you mean `{tmp_path / 'my-device.yaml'}`?"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a\x00b", "no file can have this name"),
        ("a" * 300, "the name is too long"),
        (f"{__file__}/a.yaml", "a file stands where a folder must be"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(name: str, reason: str) -> None:
    found = refusal(name)
    assert (found.id, found.message) == ("file-unreadable", f"'{name}' cannot be read: {reason}")


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a" * LIMIT)
    assert len(read_source(str(path)).text) == LIMIT
    path.write_bytes(b"a" * (LIMIT + 1))
    assert refusal(path).id == "file-size"


def test_a_file_that_hides_its_size_is_read_no_further_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "LIMIT", 16)
    assert Path("/proc/self/status").stat().st_size == 0
    assert refusal("/proc/self/status").id == "file-size"


def test_a_sparse_file_of_any_size_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert refusal(path).id == "file-size"


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"\xe4", 1, 1, "the byte 0xe4 is not UTF-8"),
        (b"a: \xc3\xa4\r\nb: \xc3\xa4\xe4\r\n", 2, 5, "the byte 0xe4 is not UTF-8"),
        (b"a: \xed\xa0\x80", 1, 4, "the byte 0xed is not UTF-8"),
        (b"a: \xc0\xaf", 1, 4, "the byte 0xc0 is not UTF-8"),
        (b"\xff\xfea\x00", 1, 1, "the file is UTF-16, not UTF-8"),
        (b"\xfe\xff\x00a", 1, 1, "the file is UTF-16, not UTF-8"),
    ],
)
def test_what_is_not_utf_8_is_refused_at_its_place(
    data: bytes, line: int, column: int, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    found = refusal(path)
    assert found.span is not None
    position = found.span.position()
    assert (found.id, position.line, position.column, found.message) == (
        "file-encoding",
        line,
        column,
        message,
    )


# --- writing --------------------------------------------------------------------------------------


def everything(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def test_files_are_written_with_their_folders(tmp_path: Path) -> None:
    texts = {"a/b/c.h": "c\n", "d.py": "\u00e4\n"}
    out = tmp_path / "new" / "out"
    assert compare(out, texts) == ["a/b/c.h", "d.py"]
    assert write_changed(out, texts) == [out / "a/b/c.h", out / "d.py"]
    assert everything(out) == texts
    assert compare(out, texts) == []


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    write_changed(tmp_path, {"a": "1", "b": "1"})
    before = (tmp_path / "a").stat()
    texts = {"a": "1", "b": "2", "c": "3"}
    assert compare(tmp_path, texts) == ["b", "c"]
    assert write_changed(tmp_path, texts) == [tmp_path / "b", tmp_path / "c"]
    after = (tmp_path / "a").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert write_changed(tmp_path, texts) == []
    assert everything(tmp_path) == texts


@pytest.mark.parametrize("old", ["", "tex", "texts", "Text", "text\n", "text\r\n"])
def test_a_file_is_current_only_with_the_same_bytes(old: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(old, encoding="utf-8", newline="")
    assert compare(tmp_path, {"a": "text"}) == ["a"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o000, 0o644), (0o027, 0o640)])
def test_the_mode_is_that_of_an_ordinary_file(mask: int, mode: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        write_changed(tmp_path, {"a": "1"})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def a_full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def an_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("function", ["fsync", "open"])
def test_a_full_disk_is_a_message_and_changes_nothing(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_changed(tmp_path, {"a": "old", "b": "old"})
    working = getattr(os, function)
    calls = []

    def second_call_fails(path: int | Path, *more: int) -> int:
        if function == "fsync" or more[0] & os.O_CREAT:
            calls.append(path)
        if len(calls) == 2:
            a_full_disk()
        result: int = working(path, *more)
        return result

    monkeypatch.setattr(os, function, second_call_fails)
    with pytest.raises(OutputError) as caught:
        write_changed(tmp_path, {"a": "new", "b": "new", "c": "new"})
    assert str(caught.value) == f"'{tmp_path / 'b'}' cannot be written: the disk is full"
    assert everything(tmp_path) == {"a": "old", "b": "old"}


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_an_interrupt_leaves_whole_files_and_nothing_else(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_changed(tmp_path, {"a": "old"})
    monkeypatch.setattr(Path if function == "replace" else os, function, an_interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_changed(tmp_path, {"a": "new", "b": "new"})
    assert everything(tmp_path) == {"a": "old"}


def test_a_limit_of_the_system_on_file_sizes_is_a_message(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from uapigen.files import *\n"
        "try: write_changed(pathlib.Path(sys.argv[1]), {'a': 'x' * 5000})\n"
        "except OutputError as error: print(error)\n"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        preexec_fn=limit,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"'{tmp_path / 'a'}' cannot be written: file too large\n"
    assert everything(tmp_path) == {}


def test_a_file_where_a_folder_must_be_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    for folder, name in ((tmp_path / "out", "a"), (tmp_path, "out/a"), (tmp_path, "out/a/b")):
        with pytest.raises(OutputError, match=r"cannot be written: a file stands where a folder must be$"):
            write_changed(folder, {name: "1"})
    assert everything(tmp_path) == {"out": "a file"}


def test_a_folder_where_a_file_must_be_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match=r"'.*/a' cannot be read: it is a folder, not a file"):
        write_changed(tmp_path, {"a": "1", "b": "2"})
    assert everything(tmp_path) == {}


def test_a_pipe_where_a_file_must_be_does_not_stop_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(OutputError, match=r"it is a pipe, not a file"):
        compare(tmp_path, {"a": "1"})


@pytest.mark.parametrize("target", ["target", "nowhere"])
def test_a_symbolic_link_is_not_replaced(target: str, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old", encoding="utf-8")
    (tmp_path / "a").symlink_to(target)
    with pytest.raises(OutputError, match=r"/a' is a symbolic link, which is not replaced: remove it first$"):
        write_changed(tmp_path, {"b": "new", "a": "new"})
    assert (tmp_path / "a").is_symlink()
    assert not (tmp_path / "b").exists()
    assert (tmp_path / "target").read_text(encoding="utf-8") == "old"


def test_a_symbolic_link_with_the_right_text_is_current(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("text", encoding="utf-8")
    (tmp_path / "a").symlink_to("target")
    assert write_changed(tmp_path, {"a": "text"}) == []


def test_a_reader_sees_the_old_file_or_the_new_one_and_never_a_part(tmp_path: Path) -> None:
    old, new = "old\n" * 100_000, "new\n" * 100_000
    write_changed(tmp_path, {"a": old})
    with (tmp_path / "a").open(encoding="utf-8") as file:
        first = file.read(4)
        write_changed(tmp_path, {"a": new})
        assert first + file.read() == old
    assert everything(tmp_path) == {"a": new}


def test_what_a_killed_run_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".a.{os.getpid()}.tmp").write_text("a part", encoding="utf-8")
    write_changed(tmp_path, {"a": "1"})
    assert everything(tmp_path) == {"a": "1"}


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EIO, "input/output error"),
    ],
)
def test_a_folder_that_cannot_be_written_is_a_message(
    number: int, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", fails)
    with pytest.raises(OutputError) as caught:
        write_changed(tmp_path, {"a": "1"})
    assert str(caught.value) == f"'{tmp_path / 'a'}' cannot be written: {reason}"


def test_the_files_below_a_folder_are_listed_but_those_of_caches(tmp_path: Path) -> None:
    for name in ("b/z", "b/a", "a", "b/__pycache__/z.pyc", "elsewhere/c"):
        (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / name).touch()
    (tmp_path / "p/elsewhere").rename(tmp_path / "elsewhere")
    (tmp_path / "p/linked").symlink_to("../elsewhere")
    found = files_below(tmp_path / "p")
    assert [str(Path(path).relative_to(tmp_path / "p")) for path in found] == ["a", "b/a", "b/z", "linked/c"]
