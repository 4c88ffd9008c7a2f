"""Hostile files through the real command: an exit status of 0, 1 or 2, words, and nothing half done.

What single functions make of such files is asked by test_files.py and test_loader.py.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sample import HEAD
from uapigen.cli import main

SECONDS = 20.0
"""Of processor time, on a slow machine, with several tests at once: what is quadratic takes minutes."""

TINY = HEAD + "\nconstants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str | os.PathLike[str]) -> int:
    begin = time.process_time()
    try:
        status = main([os.fspath(each) for each in arguments])
    except SystemExit as stop:
        status = stop.code  # type: ignore[assignment]
    assert time.process_time() - begin < SECONDS
    assert status in (0, 1, 2)
    return status


def gen(spec: str | os.PathLike[str] = "a.yaml", *more: str) -> int:
    return run("gen", spec, "--cc", "none", *more)


def written(text: str | bytes, name: str = "a.yaml") -> Path:
    path = Path(name)
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return path


def ids(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The ids of what was printed; what was printed is harmless to a terminal."""
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert "Traceback" not in text
        assert not [each for each in text if each.isascii() and not each.isprintable() and each not in "\n\t"]
    return re.findall(r"^(?:\S.*: )?error: .* \[([a-z-]+)\]$", said.err, re.MULTILINE)


def tree(at: Path) -> dict[str, object]:
    """All that stands in a folder: the files with what they are and when they were changed."""
    return {
        str(path): None
        if path.is_dir() and not path.is_symlink()
        else (path.lstat().st_mtime_ns, path.lstat().st_ino, path.is_file() and path.read_bytes())
        for path in at.rglob("*")
    }


# --- texts ----------------------------------------------------------------------------------------

MEBI = 1 << 20
TEXTS: dict[str, tuple[Callable[[], str | bytes], str | None]] = {
    "nothing": (lambda: b"", "yaml-empty"),
    "50 MB": (lambda: b"#" * 50 * MEBI, "file-size"),
    "aliases of aliases": (
        lambda: "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
        "yaml-anchor",
    ),
    "an alias of itself": (lambda: "a: &a [*a]\n", "yaml-anchor"),
    "brackets": (lambda: "[" * 200_000, "yaml-depth"),
    "closed brackets": (lambda: "a: " + "[" * 200_000 + "]" * 200_000, "yaml-depth"),
    "braces": (lambda: "{a: " * 200_000, "yaml-depth"),
    "dashes": (lambda: "- " * 200_000, "yaml-depth"),
    "indentation": (lambda: "".join(f"{' ' * n}a:\n" for n in range(5000)), "yaml-depth"),
    "NUL": (lambda: TINY.replace("number", "num\0ber"), "yaml-character"),
    "only NUL": (lambda: b"\0" * 4 * MEBI, "yaml-character"),
    "byte order mark": (lambda: "\ufeff" + TINY, "yaml-character"),
    "CR LF": (lambda: TINY.replace("\n", "\r\n"), None),
    "CR": (lambda: TINY.replace("\n", "\r"), "yaml-character"),
    "next line": (lambda: TINY.replace("A number", "A\x85number"), "yaml-character"),
    "line separator": (lambda: TINY.replace("A number", "A\u2028number"), "yaml-character"),
    "paragraph separator": (lambda: TINY.replace("A number", "A\u2029number"), "yaml-character"),
    "right to left": (lambda: TINY.replace("A number", "A \u202erebmun"), "yaml-character"),
    "right to left in a comment": (lambda: TINY + "# \u2067x", "yaml-character"),
    "escape sequence": (lambda: TINY.replace("A number", "\x1b[2J\x07\x9b"), "yaml-character"),
    "escaped escape": (lambda: TINY.replace("A number.", '"\\e[2J"'), "yaml-character"),
    "surrogate": (lambda: TINY.replace("A number", "\ud800"), "file-encoding"),
    "Latin 1": (lambda: TINY.replace("A number", "Zahl \u00e4").encode("latin-1"), "file-encoding"),
    "UTF-16": (lambda: TINY.encode("utf-16"), "file-encoding"),
    "UTF-32": (lambda: TINY.encode("utf-32"), "file-encoding"),
    "noise": (lambda: bytes(range(256)) * 16, "file-encoding"),
    "5,000 digits": (lambda: TINY.replace("value: 1", "value: " + "9" * 5000), "schema-type"),
    "hexadecimal digits": (lambda: TINY.replace("value: 1", "value: 0x" + "f" * MEBI), "schema-type"),
    "too large": (lambda: TINY.replace("value: 1", "value: 18446744073709551616"), "value-range"),
    "exponent": (lambda: TINY.replace("value: 1", "value: 1e999999999"), "yaml-ambiguous-scalar"),
    "float": (lambda: TINY.replace("value: 1", "value: 1." + "0" * 5000), "schema-type"),
    "infinity": (lambda: TINY.replace("value: 1", "value: .inf"), "yaml-ambiguous-scalar"),
    "shift": (lambda: TINY.replace("value: 1", "value: 1 << 99999999999999999999"), "schema-type"),
    "sexagesimal": (lambda: TINY.replace("value: 1", "value: " + "1:" * 9999 + "1"), "yaml-ambiguous-scalar"),
    "long text": (lambda: TINY.replace("A number.", "word " * MEBI), "schema-length"),
    "long word": (lambda: TINY.replace("A number.", "w" * 19_000), "long-word"),
    "long key": (lambda: TINY + "k" * MEBI + ": 1\n", "yaml-syntax"),
    "many keys": (lambda: TINY + "".join(f"k{n}: 1\n" for n in range(20_000)), "schema-unknown-key"),
    "many long keys": (
        lambda: TINY + "".join(f"{f'k{n}' * 150}: 1\n" for n in range(900)),
        "schema-unknown-key",
    ),
    "tabs": (lambda: TINY + "x\t" * MEBI, "yaml-tab"),
    "blanks": (lambda: TINY + " " * 4 * MEBI, None),
    "comments": (lambda: TINY + "#\n" * 2 * MEBI, None),
    "documents": (lambda: "---\n" * MEBI, "yaml-second-document"),
    "directive": (lambda: "%YAML 1.1\n---\n" + TINY, "yaml-directive"),
    "Python object": (lambda: "!!python/object/apply:os.system ['true']\n", "yaml-tag"),
    "quotation mark": (lambda: TINY + "words: \"" + "a\n " * MEBI, "yaml-syntax"),
    "path as a name": (lambda: TINY.replace("interface: example", "interface: ../../x"), "schema-pattern"),
    "path as a header": (lambda: TINY.replace("linux/example.h", "../../etc/x.h"), "schema-pattern"),
    "root as a header": (lambda: TINY.replace("linux/example.h", "/etc/x.h"), "schema-pattern"),
    "lines in a header": (lambda: TINY.replace("linux/example.h", '"a\\n#error.h"'), "schema-pattern"),
    "lines in a name": (lambda: TINY.replace("EXAMPLE_A", '"EXAMPLE_A\\n#endif"'), "bad-name"),
    "code in a name": (lambda: TINY.replace("EXAMPLE_A", "'EXAMPLE_A 1 */ int x;'"), "bad-name"),
    "lines in a license": (lambda: TINY.replace("{header: G", '{header: "\\n#error"}#'), "schema-pattern"),
    "code in a license": (lambda: TINY.replace("GPL-2.0", "a */ int x;"), "schema-pattern"),
    "lines in a title": (lambda: TINY.replace("title: Example", 'title: "Ex*/\\n#error"'), None),
    "device as a name": (lambda: TINY.replace("interface: example", "interface: con"), None),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_taken_or_refused_in_words(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, expected = TEXTS[name]
    written(make())
    status = gen()
    found = ids(capsys)
    assert status == (expected is not None), found
    assert expected is None or any(each.startswith(expected) for each in found), found
    assert Path("out").exists() == (status == 0)


def test_lines_may_end_as_on_windows(capsys: pytest.CaptureFixture[str]) -> None:
    written(TINY, "one.yaml")
    written(TINY.replace("\n", "\r\n"), "two.yaml")
    assert gen("one.yaml", "-o", "1") == gen("two.yaml", "-o", "2") == 0
    for path in Path("1").rglob("*.*"):
        text = Path("2", *path.parts[1:]).read_bytes()
        assert text.replace(b"two.yaml", b"one.yaml") == path.read_bytes()
        assert b"\r" not in text


# --- headers ----------------------------------------------------------------------------------------


def nest(opening: str, inside: str, closing: str, count: int) -> str:
    return opening * count + inside + closing * count


HEADERS: dict[str, tuple[Callable[[], str | bytes], bool]] = {
    "comment without an end": (lambda: "/*" + "x" * MEBI, True),
    "comments": (lambda: "/*/" * MEBI, False),
    "condition without an end": (lambda: "#if 1\n" * 50_000, True),
    "conditions": (lambda: nest("#if 1\n", "", "#endif\n", 50_000), False),
    "branches": (lambda: "#if 0\n" + "#elif 0\n" * 50_000 + "#endif\n", False),
    "large enum": (lambda: f"enum e {{ {', '.join(f'A{n}' for n in range(20_000))} }};", False),
    "macros of each other": (lambda: "#define A B\n#define B A\nenum { X = A };", False),
    "macro of itself": (lambda: "#define A (A + 1)\nenum { X = A };", False),
    "doubling macros": (
        lambda: "#define A0 1\n" + "".join(f"#define A{n} A{n - 1} + A{n - 1}\n" for n in range(1, 60)),
        False,
    ),
    "wide macros": (
        lambda: f"#define A {'1 + ' * 9_000}1\n" + "".join(f"#define B{n} A\n" for n in range(300)),
        True,
    ),
    "shift": (lambda: "#define A (1 << 1000000000)\n#define B (1ULL << 99999999999999999999)", False),
    "shift in a condition": (lambda: "#if 1 << 1000000000\n#endif", True),
    "division by 0": (lambda: "#define A (1 / 0)\n#define B (1 % 0)", False),
    "division by 0 in a condition": (lambda: "#if 1 / 0\n#endif", True),
    "parentheses": (lambda: f"#define A {nest('(', '1', ')', 20_000)}", False),
    "parentheses in a condition": (lambda: f"#if {nest('(', '1', ')', 20_000)}\n#endif", True),
    "signs": (lambda: f"#define A {'- ' * 20_000}1", False),
    "sum": (lambda: f"#define A 1{' + 1' * 20_000}", False),
    "sum in a condition": (lambda: f"#if 1{' + 1' * 20_000}\n#endif", True),
    "structs in structs": (lambda: nest("struct s {", "int x;", "} m;", 5_000), True),
    "pointers": (lambda: f"struct s {{ int {'*' * 20_000}x; }};", True),
    "dimensions": (lambda: f"struct s {{ int x{'[2]' * 5_000}; }};", True),
    "digits": (lambda: f"#define A {'9' * 4_000}\n#if {'9' * 4_000}\n#endif", True),
    "long word": (lambda: f"#define A {'9' * 9_000}", True),
    "long string": (lambda: f'#define A "{"a" * 9_000}"', True),
    "characters": (lambda: "#define A '\\N{DASH}'\n#define B '\\777'\n#define C ''\n", False),
    "digits of other alphabets": (lambda: "#define A \u0661\n#define B 1\u0661\n", False),
    "noise": (lambda: bytes(range(128)) * 16, True),
    "no UTF-8": (lambda: bytes(range(256)), True),
    "the struct in itself": (lambda: "struct s { struct s a; };", False),
    "the size of itself": (lambda: "struct s { char a[sizeof(struct s)]; }; enum e { A = A };", False),
    "defined": (lambda: "#if defined\n#endif", True),
    "an open define": (lambda: "#define A(x, 1\n", True),
    "line": (lambda: '#line 99999999999999999999 "/etc/passwd"\nstruct {\n', True),
    "nothing declared": (lambda: ";" * 50_000 + "struct; enum; union; typedef;", True),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_is_read_or_refused_at_a_place(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, refused = HEADERS[name]
    written(TINY)
    written(make(), "a.h")
    status = run("check", "a.yaml", "--against", "a.h")
    said = capsys.readouterr().err
    assert status == refused, said
    assert not refused or re.match(
        r"a\.h:\d+:\d+: error: .* \[(header-unreadable|file-encoding)\]\n", said
    ), said


COMMENTS = "/* x */\n" * 150_000


@pytest.mark.parametrize("place", ["end", "{before: struct s}", "{after: struct s}"])
def test_many_comments_are_passed_over_once(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    written(TINY.replace("doc: A number.", f"place: {place}, doc: A number."))
    header = f"#ifndef H\n#define H\n{COMMENTS}struct s {{ int a; }};\n{COMMENTS}#endif\n"
    written(header, "a.h")
    assert run("splice", "a.yaml", "--into", "a.h") == 0, capsys.readouterr().err
    assert run("splice", "a.yaml", "--into", "a.h", "--remove") == 0
    assert Path("a.h").read_text(encoding="utf-8") == header


# --- what is no file, or does not stay what it is ---------------------------------------------------


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """The file changes all the time: it is short, long, something else, and not there."""
    stop = threading.Event()
    texts = (TINY.encode(), b"", TINY[:99].encode(), TINY.encode() * 3, b"\xff" * 99, b"[" * 9999)

    def change() -> None:
        while not stop.is_set():
            for text in texts:
                path.write_bytes(text)
            path.unlink()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_spec_that_changes_while_it_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    with changing(Path("a.yaml")):
        for _ in range(20):
            status, found = gen(), ids(capsys)
            assert status == bool(found)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (".", "file-unreadable"),
        ("/dev/zero", "file-unreadable"),
        ("/dev/full", "file-unreadable"),
        ("/proc/self/mem", "file-unreadable"),
        ("/proc/self/maps", ""),
        ("/proc/kmsg", ""),
        ("/dev/stdin", ""),
        ("/proc/self/fd/1000000", "file-missing"),
        ("a\nb\x1b[2J.yaml", "file-missing"),
        ("\udcff\udcfe.yaml", "file-missing"),
        ("x" * 5000, "file-unreadable"),
        ("a\0b", "file-unreadable"),
        ("", "file-missing"),
    ],
)
def test_what_is_no_spec(spec: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert gen(spec) == 1
    found = ids(capsys)
    assert found
    assert not expected or found == [expected]


@pytest.mark.parametrize(
    "name", ["a\nb.yaml", "a\x1b[2J.yaml", "\udcff.yaml", "*/.yaml", '"""', "{{ 7*7 }}", "a b"]
)
def test_the_name_of_a_spec_does_no_harm(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(os.fspath(name)).parent.mkdir(exist_ok=True)
    written(TINY, name)
    assert gen(name) == 0
    assert ids(capsys) == []
    for path in Path("out").rglob("*.*"):
        text = path.read_text(encoding="ascii")
        assert "a.yaml" in text or "example.yaml" in text or "49" not in text
    written("a: b\n", name)
    assert gen(name) == 1
    assert "schema-unknown-key" in ids(capsys)


# --- where it is written ----------------------------------------------------------------------------


def out_is_a_file() -> None:
    written("text", "out")


def folder_is_a_file() -> None:
    Path("out").mkdir()
    written("text", "out/example")


def folder_for_a_file() -> None:
    Path("out/example/example.py").mkdir(parents=True)


def pipe_for_a_file() -> None:
    Path("out/example").mkdir(parents=True)
    os.mkfifo("out/example/example.py")


def link_to_nowhere() -> None:
    Path("out/example").mkdir(parents=True)
    Path("out/example/example.py").symlink_to("/nowhere/at/all")


def link_to_elsewhere() -> None:
    written("precious", "precious")
    Path("out/example").mkdir(parents=True)
    Path("out/example/example.h").symlink_to("../../precious")


def links_in_a_circle() -> None:
    Path("out").symlink_to("out")


def dangling_folder() -> None:
    Path("out").symlink_to("nowhere/at/all")


@pytest.mark.parametrize(
    "prepare",
    [
        *(out_is_a_file, folder_is_a_file, folder_for_a_file, pipe_for_a_file),
        *(link_to_nowhere, link_to_elsewhere, links_in_a_circle, dangling_folder),
    ],
)
def test_where_nothing_can_be_written_nothing_changes(
    prepare: Callable[[], None], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(TINY)
    prepare()
    before = tree(folder)
    assert gen() == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r"uapigen: error: '.*' (cannot be (written|read): .*|is a symbolic link, .*)\n", said)
    assert tree(folder) == before


def test_a_second_name_of_an_output_keeps_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    written(TINY)
    Path("out/example").mkdir(parents=True)
    written("precious: of uapigen", "precious")
    Path("out/example/example.h").hardlink_to("precious")
    assert gen() == 0
    assert Path("precious").read_text(encoding="ascii") == "precious: of uapigen"
    assert ids(capsys) == []


def test_the_output_folder_may_be_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    written(TINY)
    Path("elsewhere").mkdir()
    Path("out").symlink_to("elsewhere")
    assert gen() == 0
    assert Path("elsewhere/example/example.h").is_file()
    assert ids(capsys) == []


def test_folders_of_the_output_are_made(capsys: pytest.CaptureFixture[str]) -> None:
    written(TINY)
    assert gen("a.yaml", "-o", "a/b/../c/d") == 0
    assert Path("a/c/d/example/example.h").is_file()
    assert ids(capsys) == []


def test_an_error_in_one_of_many_specs_writes_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(TINY)
    assert gen() == 0
    written(TINY.replace("A number.", "Another number."))
    written(TINY.replace("interface: example", "interface: other") + "x: z\n", "b.yaml")
    before = tree(folder)
    capsys.readouterr()
    assert run("gen", "a.yaml", "b.yaml", "--cc", "none") == 1
    assert ids(capsys) == ["schema-unknown-key"]
    assert tree(folder) == before


def command(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "uapigen", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **more,  # type: ignore[call-overload]
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_a_full_disk_changes_nothing(folder: Path) -> None:
    written(TINY)
    command("gen", "a.yaml", "--cc", "none")
    written(TINY.replace("A number.", "word " * 400))
    before = tree(folder / "out")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = command("gen", "a.yaml", "--cc", "none", preexec_fn=limit, env=env)
    assert done.returncode == 1
    assert "cannot be written: file too large" in done.stderr
    assert tree(folder / "out") == before


@contextmanager
def nobody() -> Iterator[None]:
    """Nobody may not do what root may."""
    was = os.geteuid()
    os.seteuid(65534 if was == 0 else was)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize("what", ["spec", "out", "file", "header", "into", "tree"])
def test_what_may_not_be_touched(what: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(TINY)
    written("#pragma once\n", "a.h")
    splice = ("splice", "a.yaml", "--into", "a.h")
    assert gen() == run("check", "a.yaml", "--against", "a.h") == 0  # Nobody may not import, either.
    assert run(*splice, "-o", "b.h") == 0
    Path("out/example/example.h").write_text("old: of uapigen", encoding="ascii")
    for parent in (folder, *[*folder.parents][:-2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    of_headers = {"header": ("check", "a.yaml", "--against", "a.h"), "into": splice, "tree": splice}
    closed = {"spec": "a.yaml", "out": "out/example", "file": "out/example/example.h"}.get(what, "a.h")
    before = tree(folder)
    Path(closed).chmod({"out": 0o555, "tree": 0o444}.get(what, 0))
    if what == "tree":
        folder.chmod(0o555)  # Whose folder it is may put another file there.
    capsys.readouterr()
    with nobody():
        status = run(*of_headers[what]) if what in of_headers else gen()
    folder.chmod(0o755)
    Path(closed).chmod(0o755)
    assert status == 1
    assert "permission denied" in capsys.readouterr().err
    assert tree(folder).keys() == before.keys()
    assert Path("out/example/example.h").read_text(encoding="ascii") == "old: of uapigen"
    assert Path("a.h").read_text(encoding="ascii") == "#pragma once\n"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_terminal_that_takes_nothing(stream: str, folder: Path) -> None:
    written(TINY if stream == "stdout" else "x")
    with Path("/dev/full").open("w", encoding="ascii") as full:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: full}
        done = subprocess.run(
            [sys.executable, "-m", "uapigen", "layout" if stream == "stdout" else "gen", "a.yaml"],
            check=False,
            text=True,
            **streams,  # type: ignore[call-overload]
        )
    assert done.returncode in (0, 1)
    assert "Traceback" not in (done.stderr or "") + (done.stdout or "")


def test_runs_at_once_in_one_folder_leave_whole_files(folder: Path) -> None:
    """Each file is that of one run or of the other, and nothing is left over."""
    texts = [TINY.replace("A number.", f"A number {'very ' * 2000 * n}large.") for n in (0, 1)]
    for number, text in enumerate(texts):
        written(text, f"{number}.yaml")
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "uapigen", "gen", f"{number % 2}.yaml", "--cc", "none"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for process in started:
        _, said = process.communicate()
        assert (process.returncode, said) == (0, "")
    for number in (0, 1):
        assert gen(f"{number}.yaml", "-o", str(number)) == 0
    made = {path.name: path.read_bytes() for path in Path("out/example").iterdir()}
    whole = [{path.name: path.read_bytes() for path in Path(f"{n}/example").iterdir()} for n in (0, 1)]
    assert made.keys() == whole[0].keys()
    assert all(made[name] in (whole[0][name], whole[1][name]) for name in made)


def test_an_output_folder_that_vanishes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    written(TINY)
    stop = threading.Event()

    def vanish() -> None:
        while not stop.is_set():
            shutil.rmtree("out", ignore_errors=True)

    thread = threading.Thread(target=vanish)
    thread.start()
    try:
        for _ in range(10):
            gen()
            assert "Traceback" not in capsys.readouterr().err
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a\nb", "", "x" * 300, "\udcff", "{{ x }}", "-rf", "a.b", "."]
)
def test_a_spec_to_start_from_has_a_decent_name(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", name) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert tree(folder) == {}


@pytest.mark.parametrize("arguments", [["layout"], ["layout", "--json"], ["check", "--format", "json"]])
def test_hostile_files_for_other_commands(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    written("a: [\n")
    assert run(*arguments, "a.yaml") == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    if "--format" in arguments:
        json.loads(said.out)
