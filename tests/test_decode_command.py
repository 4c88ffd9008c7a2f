"""``uapigen decode``, run as a user runs it.

``decode/NAME.txt`` are golden texts: commands, each with what it prints and an exit status that is not 0.
"""

from __future__ import annotations

import io
import os
import re
import resource
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sample import ONE_STRUCT, ROOT, SPECS
from terminal import ESCAPE, on_terminal
from uapigen.cli import main
from uapigen.commands.decode import LIMIT

HERE = Path(__file__).parent / "decode"
SPEC = SPECS / "vfio-device-state.yaml"
KINDS = ROOT / "tests/specs/kinds.yaml"
CTL = "vfio_device_state_ctl"
GOOD = b"\1\0\0\0\0\0\0\0\3" + bytes(63)
"""A control region that reads as zero but for version and capabilities."""


class Decode:
    """The command, in this process."""

    def __init__(self, captured: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._captured = captured
        self._patch = patch

    def both(self, *arguments: str | Path, data: bytes = b"") -> tuple[int, str, str]:
        """The exit status and what it prints."""
        self._patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        status = main(["decode", *map(str, arguments)])
        return status, *self._captured.readouterr()

    def rows(self, *arguments: str | Path, data: bytes = b"") -> list[str]:
        """The lines of the rows."""
        _, out, _ = self.both(*arguments, data=data)
        return out.partition("\n\n")[2].partition("\n\n")[0].splitlines()

    def usage(self, *arguments: str | Path) -> str:
        """What it says where it was called wrongly, behind the usage."""
        with pytest.raises(SystemExit) as exit_:
            main(["decode", *map(str, arguments)])
        assert exit_.value.code == 2
        err = self._captured.readouterr().err
        assert err.startswith("usage: uapigen decode ")
        return str(err).partition("uapigen decode: error: ")[2]


@pytest.fixture
def decode(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Decode:
    return Decode(capsys, monkeypatch)


def process(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uapigen", "decode", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


# --- golden texts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", sorted(HERE.glob("*.txt")), ids=lambda path: str(path.stem))
def test_golden(decode: Decode, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`UPDATE_GOLDEN=1` writes the texts anew; read them before they are kept."""
    monkeypatch.chdir(ROOT)
    commands = [line for line in kept.read_text(encoding="utf-8").split("\n") if line.startswith("$ ")]
    printed = []
    for line in commands:
        *made, command = line.removeprefix("$ ").split(" | ")
        data = bytes.fromhex(made[0].removeprefix("echo ").strip("'")) if made else b""
        status, out, err = decode.both(*shlex.split(command)[2:], data=data)
        shown = f"{line}\n{out}{err}" + f"(exit status {status})\n" * bool(status)
        printed.append(shown)
        assert all(len(line) <= 100 for line in out.splitlines())
    text = "\n".join(printed)
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


# --- options --------------------------------------------------------------------------------------


def test_the_byte_order_is_that_of_the_abi_unless_it_is_named(decode: Decode) -> None:
    data = bytes.fromhex("4d000200 00000000 0000002a")
    for options, value in (
        ((), "704643072"),
        (("--endian", "big"), "42"),
        (("--abi", "s390x"), "42"),
        (("--abi", "s390x", "--endian", "little"), "704643072"),
        (("--abi", "arm", "--endian", "big"), "42"),
    ):
        [line] = [
            row for row in decode.rows(KINDS, "kinds_capability", "-", *options, data=data) if "data" in row
        ]
        assert line.split()[5:8] == ["data", value, "="]


def test_the_layout_is_that_of_the_abi(decode: Decode) -> None:
    for abi, offset in (("x86-64", "0008"), ("i386", "0004"), ("m68k", "0002")):
        rows = decode.rows(KINDS, "kinds_point", "-", "--abi", abi, data=bytes(16))
        assert [row.split()[0] for row in rows if " y" in row] == [offset]


def test_unknown_abis_and_orders_are_wrong_usage(decode: Decode) -> None:
    assert (
        decode.usage(SPEC, CTL, "-", "--abi", "x86_64")
        == "there is no ABI 'x86_64'; did you mean `x86-64`?\n"
    )
    said = "there is no byte order 'Little'; did you mean `little`?\n"
    assert decode.usage(SPEC, CTL, "-", "--endian", "Little") == said
    assert "the following arguments are required: FILE|-" in decode.usage(SPEC, CTL)


# --- exit status and what is wrong ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (GOOD, 0),
        (GOOD[:-1], 1),
        (GOOD + b"\0", 1),
        (b"", 1),
        (GOOD[:12] + b"\1" + GOOD[13:], 1),
        (GOOD[:8] + b"\x83" + GOOD[9:], 0),  # a capability that is not known is ignored
        (GOOD[:4] + b"\7" + GOOD[5:], 1),
        (GOOD[:16] + b"\3" + GOOD[17:], 1),
    ],
)
def test_the_exit_status_says_whether_something_is_wrong(decode: Decode, data: bytes, status: int) -> None:
    found, out, err = decode.both(SPEC, CTL, "-", data=data)
    assert found == status
    marked = [line for line in out.splitlines() if line.startswith("! ")]
    assert bool(marked) == bool(err) == bool(status)
    if status:
        *places, last = err.splitlines()
        assert all(re.match(r"<stdin>:0x[0-9a-f]+: error: \S", line) for line in places)
        assert last == f"uapigen: {len(places)} error{'s' * (len(places) != 1)}; `!` marks what is wrong"


def test_an_error_leads_to_its_offset_in_the_file_that_was_named(decode: Decode, tmp_path: Path) -> None:
    path = tmp_path / "dump.bin"
    path.write_bytes(GOOD[:36] + b"\1\2\3\4" + GOOD[40:])
    status, out, err = decode.both(SPEC, CTL, path)
    assert (status, err.splitlines()[0]) == (
        1,
        f"{path}:0x24: error: device_memory.reserved: pad, must be zero",
    )
    assert "\n! 0024  01 02 03 04 " in out


def test_many_errors_are_counted_and_the_first_ones_listed(decode: Decode, tmp_path: Path) -> None:
    pads = "".join(f"      - {{pad: 1, name: p{number}}}\n" for number in range(30))
    (tmp_path / "a.yaml").write_text(ONE_STRUCT + pads)
    status, out, err = decode.both(tmp_path / "a.yaml", "example", "-", data=b"\1" * 36)
    *places, last = err.splitlines()
    assert status == 1
    assert [line.split(":")[1] for line in places] == [hex(offset) for offset in range(4, 14)]
    assert last == "uapigen: 30 errors, 20 of them not listed here; `!` marks what is wrong"
    assert out.count("\n! ") == 30


def test_an_input_that_ends_too_early_is_one_error_that_names_a_few_members(decode: Decode) -> None:
    _, out, err = decode.both(SPEC, CTL, "-", data=GOOD[:6])
    assert err.splitlines()[0] == (
        "<stdin>:0x6: error: the input ends here, 66 bytes too early: device_state, caps, reserved,"
        " device_config and 2 more"
    )
    assert out.count("\n! ") == 6
    assert "; the input has 6\n" in out


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
@pytest.mark.parametrize(
    "struct", ["vfio_region_info", "vfio_region_info_cap_sparse_mmap", "vfio_device_feature"]
)
def test_an_input_without_an_end_is_read_up_to_a_limit(device: str, struct: str) -> None:
    spec = ROOT / "tests/specs/vfio-device.yaml"
    mib = 1 << 20

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1024 * mib, 1024 * mib))

    done = process(spec, struct, device, preexec_fn=limit)
    assert done.returncode == 1
    assert f"; the input has more than {LIMIT}\n" in done.stdout
    assert "the input goes on; what follows is not read" in done.stderr
    assert len(done.stdout.splitlines()) < 120


def test_a_pipe_is_read_to_its_end_however_it_is_cut(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "uapigen", "decode", str(SPEC), CTL, "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False) as running:
        assert running.stdin
        assert running.stdout
        for start in range(0, 72, 7):
            running.stdin.write(GOOD[start : start + 7])
            running.stdin.flush()
        running.stdin.close()
        out = running.stdout.read()
    assert running.returncode == 0
    assert b"; the input has 72\n" in out
    os.mkfifo(tmp_path / "pipe")
    with (
        subprocess.Popen([*command[:-1], str(tmp_path / "pipe")], stdout=subprocess.PIPE) as running,
        (tmp_path / "pipe").open("wb") as pipe,
    ):
        pipe.write(GOOD)
        pipe.close()
        assert running.stdout
        assert running.stdout.read() == out
    assert running.returncode == 0


def test_standard_input_that_is_closed_is_an_error() -> None:
    done = subprocess.run(
        f"'{sys.executable}' -m uapigen decode '{SPEC}' {CTL} - <&-",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: '-' cannot be read: standard input is closed [file-unreadable]\n")


def test_a_closed_output_leaves_the_exit_status(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(GOOD)
    (tmp_path / "bad").write_bytes(GOOD[:-1])
    for name, status in (("good", 0), ("bad", 1)):
        command = f"'{sys.executable}' -m uapigen decode '{SPEC}' {CTL} {tmp_path / name} >&-"
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr


# --- the terminal ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("columns", "width"), [(60, 60), (80, 80), (20, 60), (300, 100), (0, 100)])
def test_lines_have_the_width_of_the_terminal(tmp_path: Path, columns: int, width: int) -> None:
    (tmp_path / "dump").write_bytes(GOOD[:4] + b"\3" + GOOD[5:16] + b"\1" + GOOD[17:])
    shown = ESCAPE.sub("", on_terminal(tmp_path, "decode", str(SPEC), CTL, "dump", columns=columns))
    rows = shown.partition("\n\n")[2].splitlines()
    assert width - 12 < max(map(len, rows)) <= width


def test_a_terminal_shows_what_is_wrong_in_color(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(GOOD[:12] + b"\1" + GOOD[13:])
    arguments = ("decode", str(SPEC), CTL, "dump")
    shown = on_terminal(tmp_path, *arguments, columns=80)
    assert "\x1b[1;31m! \x1b[0m000c" in shown
    assert "\x1b[1;31mpad, must be zero\x1b[0m" in shown
    assert "dump:0xc: \x1b[1;31merror:\x1b[0m reserved" in shown
    assert "\x1b[1mversion\x1b[0m" in shown
    plain = on_terminal(tmp_path, *arguments, columns=80, NO_COLOR="1")
    assert "\x1b" not in plain
    assert plain == ESCAPE.sub("", shown)
    done = process(*arguments[1:], cwd=tmp_path)
    assert "\x1b" not in done.stdout + done.stderr


def test_a_struct_without_bytes_has_no_rows(decode: Decode, tmp_path: Path) -> None:
    text = ONE_STRUCT.replace("type: u32,", "type: nothing, count: 3,")
    text += "  - {struct: nothing, doc: nothing, fields: [{name: d, type: u8, count: flexible, doc: d}]}\n"
    (tmp_path / "a.yaml").write_text(text)
    status, out, err = decode.both(tmp_path / "a.yaml", "example", "-")
    assert (status, err) == (0, "")
    assert out == "struct example: 0 bytes on x86-64, little-endian; the input has 0\n\n"
    status, out, _ = decode.both(tmp_path / "a.yaml", "example", "-", data=b"\1")
    assert (status, out.splitlines()[-1]) == (1, "! 0000  01    1 byte too many, of no member")


def test_both_streams_in_one_file_keep_their_order(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(GOOD[:-1])
    command = [sys.executable, "-m", "uapigen", "decode", str(SPEC), CTL, "dump"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("struct ")
    assert lines[-2].startswith("dump:0x47: error: ")


def test_a_long_member_shows_its_first_lines_and_how_much_is_left(decode: Decode, tmp_path: Path) -> None:
    fields = "      - {name: b, type: u8, count: 1000, doc: b}\n"
    (tmp_path / "a.yaml").write_text(ONE_STRUCT + fields)
    data = bytes(4) + bytes(range(250)) * 4
    _, *rows = decode.rows(tmp_path / "a.yaml", "example", "-", data=data)
    assert [row.split()[0] for row in rows] == [f"{offset:04x}" for offset in range(4, 4 + 17 * 8, 8)]
    assert rows[-1].split(maxsplit=2)[1:] == ["...", "872 bytes more"]
    repeated = bytes(4) + bytes(500) + b"\1" + bytes(499)
    rows = decode.rows(tmp_path / "a.yaml", "example", "-", data=repeated)[1:]
    assert [row.split(maxsplit=2)[:2] for row in rows] == [
        ["0004", "00"],
        ["000c", "*"],
        ["01f4", "00"],
        ["01fc", "00"],
        ["0204", "*"],
    ]
    assert [row.split(maxsplit=2)[2] for row in rows if "*" in row] == [
        "488 bytes more, the same",
        "488 bytes more, the same",
    ]


def test_characters_are_shown_as_a_string_of_c(decode: Decode, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        ONE_STRUCT.replace("{name: a, type: u32,", "{name: a, type: char, count: 8,")
    )
    for data, shown in (
        (b"eth0\0\0\0\0", '"eth0"'),
        (b"eth0\0\0\0x", r'"eth0\x00\x00\x00x"'),
        (b"all of 8", '"all of 8"'),
        (bytes(8), '""'),
        (b'a"\\\xe9\x7f\n\0\0', r'"a\x22\x5c\xe9\x7f\x0a"'),
    ):
        [row] = decode.rows(tmp_path / "a.yaml", "example", "-", data=data)
        assert row.endswith(f"  a  {shown}")


def test_a_member_that_is_wider_than_its_column_stands_above_its_text(tmp_path: Path) -> None:
    name = "a_name_" * 12 + "a"
    (tmp_path / "a.yaml").write_text(ONE_STRUCT.replace("name: a", f"name: {name}"))
    (tmp_path / "dump").write_bytes(b"\x2a\0\0\0")
    shown = ESCAPE.sub("", on_terminal(tmp_path, "decode", "a.yaml", "example", "dump", columns=60))
    _, _, *rows = shown.splitlines()
    assert max(map(len, rows)) <= 60
    *above, last = (row[21:].strip() for row in rows)
    assert ("".join(above), last) == (name, "42 = 0x2a")


def test_where_names_of_c_are_used_is_said_once_for_all_elements(decode: Decode, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"""{ONE_STRUCT}\
      - {{name: cs, type: u8, count: 3, values: e, doc: c}}
      - {{name: d, type: u8, values: e, doc: d}}
enums: [{{enum: e, prefix: EXAMPLE_, values: [{{name: A, value: 1, doc: a}}]}}]
""")
    _, out, _ = decode.both(tmp_path / "a.yaml", "example", "-", data=bytes(4) + b"\1\1\1\1")
    assert out.endswith("\n\nNames in C: EXAMPLE_* in cs[], d\n")


def test_no_text_of_a_spec_or_a_path_reaches_the_terminal_as_a_command(tmp_path: Path) -> None:
    evil = "\x1b[2J\x9b31m\u202e"
    text = ONE_STRUCT.replace("name: a", 'name: "a\\n"')
    text = text.replace("type: u32", "type: u32, values: e")
    text += "      - {name: c, type: char, count: 9, doc: c}\n      - {name: d, type: u8, count: 9, doc: d}\n"
    text += 'enums:\n  - enum: e\n    prefix: E_\n    values: [{name: "A\\nB", value: 1, doc: a}]\n'
    (tmp_path / "a.yaml").write_text(text)
    characters = "\x1b[2J\x9b3\x07\r".encode("latin1").ljust(9)
    for content, said in (
        (b"\1\0\0\0" + 2 * characters, "1 = A\\nB"),
        (b"\2\0\0\0" + 2 * characters + b"\0", '"\\x1b[2J\\x9b3\\x07\\x0d "'),
        (b"", "! 0000      a\\n  missing, 4 bytes"),
    ):
        (tmp_path / evil).write_bytes(content)
        for name in ("example", "s\x1b[2J"):
            shown = ESCAPE.sub("", on_terminal(tmp_path, "decode", "a.yaml", name, evil))
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
            assert (said in shown) == (name == "example")
            assert all(
                line.startswith(("struct example:", "  0", "! 0", "Names", "uapigen", "\\x1b[2J", "   "))
                for line in shown.splitlines()
                if line
            )
