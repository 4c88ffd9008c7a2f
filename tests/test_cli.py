"""The commands, run as a user runs them: arguments in; files, text and exit status out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sample import OUT, SPECS
from tools import require, require_file

SPEC = SPECS / "vfio-device-state.yaml"


def uapigen(
    folder: Path, *arguments: str, status: int = 0, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder and see its exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "uapigen", *arguments],
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == status, done.stderr
    return done


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shipped() -> dict[str, bytes]:
    """The committed outputs of the first interface."""
    files = tree(OUT / SPEC.stem)
    return {f"{SPEC.stem}/{name}": data for name, data in files.items() if "__pycache__" not in name}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the first interface's spec, as a user has it."""
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / SPEC.name).write_bytes(SPEC.read_bytes())
    return tmp_path


def broken(project: Path, old: str, new: str) -> Path:
    path = project / "spec" / SPEC.name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_gen_writes_what_is_committed(project: Path) -> None:
    done = uapigen(project, "gen", "--cc", "none")
    assert tree(project / "out") == shipped()
    assert {line.removeprefix("wrote out/") for line in done.stdout.splitlines()} == {*shipped()}


def test_gen_says_nothing_and_touches_nothing_where_all_is_current(project: Path) -> None:
    uapigen(project, "gen", "--cc", "none")
    before = {path: path.stat().st_mtime_ns for path in (project / "out").rglob("*")}
    done = uapigen(project, "gen", "--cc", "none")
    assert (done.stdout, done.stderr) == ("out/vfio-device-state: current\n", "")
    assert {path: path.stat().st_mtime_ns for path in (project / "out").rglob("*")} == before


def test_gen_replaces_no_file_of_somebody_else(project: Path) -> None:
    uapigen(project, "gen", "--cc", "none")
    folder = project / "out" / "vfio-device-state"
    mine, header = folder / "conftest.py", folder / "vfio_device_state.h"
    mine.write_text("import pytest\n")
    header.write_text("")
    done = uapigen(project, "gen", "--cc", "none", status=1)
    assert done.stderr == (
        "uapigen: error: 'out/vfio-device-state/conftest.py' is not a file that uapigen wrote, and is not"
        " replaced: move it, or remove it\n"
    )
    assert mine.read_text() == "import pytest\n"
    assert header.read_text() == ""
    mine.unlink()
    uapigen(project, "gen", "--cc", "none")
    assert header.read_text()


def test_gen_takes_a_spec_and_an_output_folder(project: Path, tmp_path: Path) -> None:
    uapigen(tmp_path, "gen", str(SPEC), "-o", "elsewhere/deep", "--cc", "none")
    assert tree(tmp_path / "elsewhere" / "deep") == shipped()


@pytest.mark.parametrize(
    ("target", "file"), [("header", "vfio_device_state.h"), ("document", "vfio_device_state.rst")]
)
def test_gen_writes_only_the_target_that_is_named(project: Path, target: str, file: str) -> None:
    uapigen(project, "gen", "--target", target, "--cc", "none")
    assert [*tree(project / "out")] == [f"vfio-device-state/{file}"]


def test_gen_asks_the_compiler_that_is_named(project: Path) -> None:
    gcc = require("gcc")
    asked = project / "asked"
    wrapper = project / "cc"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {asked}\nexec {gcc} "$@"\n')
    wrapper.chmod(0o755)
    uapigen(project, "gen", "--cc", str(wrapper))
    assert "-Wpadded" in asked.read_text()


@pytest.mark.parametrize("choice", ["/nonexistent/cc", "/etc/passwd"])
def test_a_compiler_that_does_not_run_is_wrong_usage(project: Path, choice: str) -> None:
    done = uapigen(project, "gen", "--cc", choice, status=2)
    assert choice in done.stderr


def test_gen_says_which_proof_was_left_out_for_want_of_a_compiler(project: Path) -> None:
    empty = project / "bin"
    empty.mkdir()
    done = uapigen(project, "gen", env={"PATH": str(empty), "CC": ""})
    assert "left out" in done.stderr
    assert tree(project / "out") == shipped()


def test_check_mode_compares_and_writes_nothing(project: Path) -> None:
    uapigen(project, "gen", "--cc", "none")
    uapigen(project, "gen", "--cc", "none", "--check")
    broken(project, "state that the device is to enter", "new state")
    before = tree(project / "out")
    done = uapigen(project, "gen", "--cc", "none", "--check", status=1)
    assert "out/vfio-device-state/vfio_device_state.h is not current" in done.stderr
    assert done.stdout == ""
    done = uapigen(project, "gen", "--cc", "none", "--check", "--diff", status=1)
    assert "- * @device_state: state that the device is to enter" in done.stdout
    assert "+ * @device_state: new state" in done.stdout
    assert tree(project / "out") == before


def test_diff_without_check_is_wrong_usage(project: Path) -> None:
    assert "--check" in uapigen(project, "gen", "--diff", status=2).stderr


def test_an_unknown_target_is_wrong_usage_and_the_known_ones_are_said(project: Path) -> None:
    done = uapigen(project, "gen", "--target", "hader", status=2)
    assert "there is no target 'hader'; did you mean `header`?" in done.stderr
    done = uapigen(project, "gen", "--target", "rust", status=2)
    assert "bindings, conftest, ctest, device, document, driver, fragment, header, tests" in done.stderr


def test_errors_leave_the_output_folder_alone(project: Path) -> None:
    uapigen(project, "gen", "--cc", "none")
    before = tree(project / "out")
    broken(project, "      - {pad: 4}\n      - name: device_config", "      - name: device_config")
    done = uapigen(project, "gen", "--cc", "none", status=1)
    assert "[implicit-padding]" in done.stderr
    assert tree(project / "out") == before


def test_all_errors_of_all_specs_are_said_at_once(project: Path) -> None:
    (project / "spec" / "a.yaml").write_text("uapigen: 1\ninterfce: a\n")
    broken(project, "states: device_state\n        doc", "states: device_stat\n        doc")
    done = uapigen(project, "check", status=1)
    assert "spec/a.yaml:2:1: error:" in done.stderr
    assert "did you mean `interface`?" in done.stderr
    assert "did you mean `device_state`?" in done.stderr


def test_two_specs_of_one_interface_are_refused(project: Path) -> None:
    (project / "spec" / "b.yaml").write_bytes(SPEC.read_bytes())
    done = uapigen(project, "gen", "--cc", "none", status=1)
    assert "[duplicate-interface]" in done.stderr
    assert not (project / "out").exists()


def test_without_a_spec_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = uapigen(tmp_path, "gen", status=1)
    assert "uapigen init NAME" in done.stderr


def test_warnings_pass_unless_strict(project: Path) -> None:
    broken(project, "ready to receive commands from", "ready for QEMU, and")
    done = uapigen(project, "check")
    assert "warning: the text names a user of the interface: QEMU" in done.stderr
    uapigen(project, "check", "--strict", status=1)
    assert "warning" in uapigen(project, "gen", "--cc", "none").stderr


def test_check_is_silent_about_a_good_spec(project: Path) -> None:
    done = uapigen(project, "check")
    assert (done.stdout, done.stderr) == ("", "")


def test_init_then_gen_then_the_tests_that_were_made(tmp_path: Path) -> None:
    done = uapigen(tmp_path, "init", "blinking-light")
    assert "wrote spec/blinking-light.yaml" in done.stdout
    assert uapigen(tmp_path, "check", "--strict").stderr == ""
    uapigen(tmp_path, "gen", "--cc", "none")
    made = tmp_path / "out" / "blinking-light"
    assert (made / "blinking_light.h").is_file()
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(made)],
        cwd=made,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_init_leaves_a_spec_alone_that_is_there(tmp_path: Path) -> None:
    uapigen(tmp_path, "init", "light")
    path = tmp_path / "spec" / "light.yaml"
    path.write_text("mine")
    assert "exists already" in uapigen(tmp_path, "init", "light", status=1).stderr
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["../up", "/etc/x", "Upper", "a_b", "", "-x", "a--b", "a" * 80])
def test_init_refuses_what_is_no_name(tmp_path: Path, name: str) -> None:
    uapigen(tmp_path, "init", "--", name, status=2)
    assert not tree(tmp_path)


def test_the_schema_is_a_json_schema_and_takes_the_shipped_specs(tmp_path: Path) -> None:
    schema = json.loads(uapigen(tmp_path, "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_every_key_of_the_schema_is_described(tmp_path: Path) -> None:
    schema = json.loads(uapigen(tmp_path, "schema").stdout)
    missing = [
        ".".join(path) for path, node in _nodes(schema, schema, ()) if "markdownDescription" not in node
    ]
    assert missing == []


def _nodes(schema: dict[str, Any], node: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """Every schema that stands for a key, with the description of what it refers to."""
    found = []
    if isinstance(node, dict):
        for key, value in (node.get("properties") or {}).items():
            shown = value
            if "$ref" in value and "markdownDescription" not in value:
                shown = schema["$defs"][value["$ref"].rsplit("/", 1)[1]]
            found.append(((*path, key), shown))
        for key, value in node.items():
            found += _nodes(schema, value, (*path, key))
    elif isinstance(node, list):
        for value in node:
            found += _nodes(schema, value, path)
    return found


def layout(*arguments: str) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(
        uapigen(Path.cwd(), "layout", str(SPEC), "--json", *arguments).stdout
    )
    return found


def test_layout_as_json_has_every_abi_struct_and_member() -> None:
    found = layout()
    assert [*found] == ["x86-64", "i386", "arm", "arm64", "riscv64", "ppc64", "s390x", "m68k"]
    for structs in found.values():
        struct = structs["vfio_device_state_ctl"]
        assert (struct["size"], struct["align"]) == (72, 8)
        offsets = {field["name"]: (field["offset"], field["size"]) for field in struct["fields"]}
        assert offsets["device_config"] == (16, 16)
        assert offsets["device_memory.pos"] == (48, 8)
        assert offsets["system_memory.page_nr"] == (64, 8)


def test_layout_of_one_abi_and_one_struct() -> None:
    assert [*layout("--abi", "m68k", "--abi", "i386")] == ["m68k", "i386"]
    assert [*layout("--struct", "vfio_device_state_ctl")["m68k"]] == ["vfio_device_state_ctl"]


def test_layout_as_text_reads_like_pahole(tmp_path: Path) -> None:
    lines = uapigen(tmp_path, "layout", str(SPEC)).stdout.splitlines()
    assert lines[0] == "/* x86-64, i386, arm, arm64, riscv64, ppc64, s390x, m68k */"
    assert lines[1] == "struct vfio_device_state_ctl {"
    assert lines[2].split() == ["__u32", "version;", "/*", "0", "4", "*/"]
    assert [line.split() for line in lines if "} device_memory;" in line] == [
        ["}", "device_memory;", "/*", "32", "24", "*/"]
    ]
    assert lines[-2:] == ["\t/* size: 72, align: 8 */", "};"]


@pytest.mark.parametrize(
    ("arguments", "status"), [(("--abi", "pdp11"), 2), (("--struct", "nothing"), 1)], ids=["abi", "struct"]
)
def test_layout_of_what_does_not_exist(tmp_path: Path, arguments: Sequence[str], status: int) -> None:
    done = uapigen(tmp_path, "layout", str(SPEC), *arguments, status=status)
    assert arguments[1] in done.stderr


@pytest.mark.parametrize(
    ("arguments", "meant", "status"),
    [
        (("--abi", "x86_64"), "x86-64", 2),
        (("--abi", "ARM64"), "arm64", 2),
        (("--struct", "vfio_device_state"), "vfio_device_state_ctl", 1),
    ],
)
def test_layout_says_what_was_meant(
    tmp_path: Path, arguments: Sequence[str], meant: str, status: int
) -> None:
    done = uapigen(tmp_path, "layout", str(SPEC), *arguments, status=status)
    assert f"did you mean `{meant}`?" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("gen", "--diff"),
        ("layout", "x", "--abi", "y"),
        ("states", "x", "--to", "y"),
        ("decode", "x", "y", "z", "--abi", "q"),
        ("init", "A"),
        ("rules", "x"),
        ("check", "-x"),
    ],
)
def test_wrong_usage_shows_the_usage_of_the_command(tmp_path: Path, arguments: Sequence[str]) -> None:
    done = uapigen(tmp_path, *arguments, status=2)
    assert done.stderr.startswith(f"usage: uapigen {arguments[0]} ")
    assert f"\nuapigen {arguments[0]}: error: " in done.stderr


def test_version_and_help(tmp_path: Path) -> None:
    assert uapigen(tmp_path, "--version").stdout.startswith("uapigen ")
    for command in ("gen", "check", "layout", "states", "decode", "init", "schema", "rules"):
        assert command in uapigen(tmp_path, "--help").stdout
        assert uapigen(tmp_path, command, "--help").stdout.startswith("usage: uapigen " + command)
    uapigen(tmp_path, "nonsense", status=2)


def test_a_reader_that_has_enough_is_no_error() -> None:
    done = subprocess.run(
        f"'{sys.executable}' -m uapigen schema | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
        {"PYTHONHASHSEED": "77", "LC_ALL": "C.UTF-8", "TZ": "America/St_Johns", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "4000", "LANG": "tr_TR.UTF-8", "COLUMNS": "17"},
    ],
    ids=["C", "UTF-8", "Turkish"],
)
def test_the_same_bytes_whatever_the_environment(project: Path, environment: dict[str, str]) -> None:
    uapigen(project, "gen", "--cc", "none", env=environment)
    assert tree(project / "out") == shipped()


def test_the_name_of_a_spec_file_cannot_leave_its_line(tmp_path: Path) -> None:
    spec = tmp_path / "x\n#error leaked.yaml"
    spec.write_bytes(SPEC.read_bytes())
    uapigen(tmp_path, "gen", str(spec), "--cc", "none")
    assert tree(tmp_path / "out") == shipped()


@pytest.mark.parametrize("command", ["schema", f"layout '{SPEC}'", f"explain '{SPEC}'"])
def test_a_full_disk_behind_the_terminal_is_an_error_message(command: str) -> None:
    done = subprocess.run(
        f"'{sys.executable}' -m uapigen {command} > /dev/full",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "uapigen: error: No space left on device\n"


@pytest.mark.parametrize(
    "command", ["schema", "rules", "rules spelling", f"check '{SPEC}' --format json", f"explain '{SPEC}'"]
)
def test_a_closed_terminal_is_no_error(command: str) -> None:
    done = subprocess.run(
        f"'{sys.executable}' -m uapigen {command} >&-",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_errors_without_a_terminal_are_in_the_exit_status(tmp_path: Path) -> None:
    program = (
        "import sys; sys.stderr = None; from uapigen.cli import main; print(main(['check', 'none.yaml']))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n")


VFIO = "/usr/include/linux/vfio.h"


def line_of(text: str) -> int:
    """The line of the installed header that has this text."""
    lines = require_file(VFIO).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_nothing_of_the_shipped_interface_is_in_the_header_that_it_goes_into(project: Path) -> None:
    require_file(VFIO)
    assert uapigen(project, "check", "--against", VFIO).stderr == ""


def test_a_number_that_the_header_has_is_refused_with_its_line(project: Path) -> None:
    line = line_of("#define VFIO_REGION_TYPE_CCW")
    broken(project, "    value: 4\n    unique-among", "    value: 2\n    unique-among")
    done = uapigen(project, "check", "--against", VFIO, status=1)
    assert "error: 2 is the number of 'VFIO_REGION_TYPE_CCW'" in done.stderr
    assert "[number-taken]" in done.stderr
    assert "the next free number among VFIO_REGION_TYPE_* is 4" in done.stderr
    assert f"{VFIO}:{line}:1: note: it is taken here" in done.stderr


def test_a_name_that_the_header_has_is_refused_with_its_line(project: Path) -> None:
    line = line_of("VFIO_DEVICE_STATE_RUNNING = 2")
    broken(project, "prefix: VFIO_DEVICE_STATE_CTL_", "prefix: VFIO_DEVICE_STATE_")
    done = uapigen(project, "check", "--against", VFIO, status=1)
    assert f"'VFIO_DEVICE_STATE_RUNNING' is declared in {VFIO} already [name-taken]" in done.stderr
    assert f"{VFIO}:{line}:1: note: it is declared here" in done.stderr
    assert "'VFIO_DEVICE_STATE_MASK' is declared" in done.stderr
    assert "STOPPED' is declared" not in done.stderr


def test_a_header_that_cannot_be_read_is_an_error_at_its_line(project: Path) -> None:
    (project / "a.h").write_text("#define A 1\nstruct {\n")
    done = uapigen(project, "check", "--against", "a.h", status=1)
    assert done.stderr.startswith("a.h:2:1: error: the header cannot be read: ")
    assert "no file 'b.h'" in uapigen(project, "check", "--against", "b.h", status=1).stderr


def test_the_current_folder_is_written_into_only_by_name(project: Path) -> None:
    before = tree(project)
    assert "-o needs the name of a folder" in uapigen(project, "gen", "-o", "", status=2).stderr
    assert tree(project) == before


def test_the_schema_of_findings_is_printed(tmp_path: Path) -> None:
    schema = json.loads(uapigen(tmp_path, "schema", "--diagnostics").stdout)
    assert schema["title"] == "Findings of uapigen"
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "name",
    ["gen", "check", "layout", "states", "explain", "decode", "splice", "init", "schema", "rules"],
)
def test_help_imports_nothing_of_the_command(name: str) -> None:
    program = (
        "import sys\n"
        "from uapigen.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*(name for name in sys.modules if name.startswith('uapigen')))"
    )
    command = [sys.executable, "-c", program, name, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"usage: uapigen {name} ")
    assert done.stdout.splitlines()[-1] == "uapigen uapigen.cli"


def test_a_clean_gen_imports_nothing_that_explains_findings(project: Path) -> None:
    uapigen(project, "gen", "--cc", "none")
    program = "import sys; from uapigen.cli import main; main(); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", program, "gen", "--cc", "none"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    imported = set(done.stderr.split())
    assert "uapigen.rules" in imported
    explaining = ("explanations", "catalogue", "report", "reportjson", "sarif", "linehash", "places")
    assert not imported & {f"uapigen.{name}" for name in explaining}
