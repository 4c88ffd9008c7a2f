"""What integration/ has for build systems, tried with each of them on a small tree.

The first build makes what is needed, the second one nothing; an edit of a spec makes what changed and what
depends on that; an error in a spec is said with its place, and nothing is written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sample import ROOT
from tools import installed, require
from uapigen.cli import main

PARTS = ROOT / "integration"
KERNEL = ROOT / ".cache/kernel"

IN_HEADER = ("size of the data in bytes", "bytes of the data")
"""A change of a spec that the header has, and the driver's header has not."""

NOT_IN_HEADER = ("errno: EINVAL", "errno: EPERM")
"""A change that the driver's header has, and the header has not."""

AN_ERROR = ("size: 24 ", "size: 20 ")


_OF_A_BUILD = re.compile("MAKE|MFLAGS|V$|CC$")
"""What a build says to those that it starts, such as `make test` to these tests."""


def run(folder: Path, *command: str, status: int = 0, **environment: str) -> str:
    """What a command prints, to either of its streams."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not _OF_A_BUILD.match(name)},
            "LC_ALL": "C",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def write_spec(folder: Path, name: str) -> None:
    before = Path.cwd()
    os.chdir(folder)
    try:
        main(["init", name])
    finally:
        os.chdir(before)


def edit(spec: Path, change: tuple[str, str]) -> None:
    text = spec.read_text()
    assert change[0] in text
    spec.write_text(text.replace(*change))


State = Mapping[str, tuple[int, bytes]]


def state(folder: Path) -> State:
    """The times and bytes of the files below a folder, but of those whose names begin with a dot."""
    files = (path for path in folder.rglob("[!.]*") if path.is_file())
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def written(before: State, after: State) -> set[str]:
    """The names of the files that were written, each of which has other bytes than before."""
    assert before.keys() <= after.keys()
    assert {name for name in before if before[name][0] != after[name][0]} == {
        name for name in before if before[name][1] != after[name][1]
    }
    return {name for name in after if after[name] != before.get(name)}


# --- make -----------------------------------------------------------------------------------------

MAKEFILE = """\
uapigen-specs := spec/light.yaml spec/dark-room.yaml
uapigen-out := made
include uapigen.mk

all: user
user: made/light/light.h
	@echo '  USE     $<'
	@cp $< $@
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with two interfaces, everything made."""
    folder = tmp_path_factory.mktemp("make") / "a tree"
    folder.mkdir()
    write_spec(folder, "light")
    write_spec(folder, "dark-room")
    shutil.copy(PARTS / "uapigen.mk", folder)
    (folder / "Makefile").write_text(MAKEFILE)
    make = require("make")
    first = run(folder, make)
    assert first == "  GEN     made/light\n  USE     made/light/light.h\n"
    assert not (folder / "made/dark-room").exists()
    assert run(folder, make, "gen") == "  GEN     made/dark-room\n"
    assert len(state(folder / "made/dark-room")) == len(state(folder / "made/light")) > 5
    return folder


@pytest.fixture
def tree(built: Path, tmp_path: Path) -> Path:
    """A copy of it, in which all times are the same."""
    return Path(shutil.copytree(built, tmp_path / "another tree"))


def test_make_does_nothing_where_nothing_changed(tree: Path) -> None:
    assert run(tree, "make", "gen") == "make: Nothing to be done for 'gen'.\n"
    assert run(tree, "make") == "make: Nothing to be done for 'all'.\n"


def test_make_makes_what_changed_and_its_users(tree: Path) -> None:
    before = state(tree / "made")
    edit(tree / "spec/light.yaml", IN_HEADER)
    assert run(tree, "make") == "  GEN     made/light\n  USE     made/light/light.h\n"
    new = written(before, state(tree / "made"))
    assert "light.h" in new
    assert "light_driver.h" not in new
    assert run(tree, "make", "all", "gen").count("Nothing to be done") == 2


def test_make_leaves_the_users_of_what_stayed_as_it_was(tree: Path) -> None:
    before = state(tree / "made")
    edit(tree / "spec/light.yaml", NOT_IN_HEADER)
    assert run(tree, "make") == "  GEN     made/light\n"
    new = written(before, state(tree / "made"))
    assert "light_driver.h" in new
    assert "light.h" not in new
    assert run(tree, "make", "all", "gen").count("Nothing to be done") == 2


def test_make_stops_at_an_error_and_goes_on_after_it(tree: Path) -> None:
    before = state(tree / "made")
    edit(tree / "spec/light.yaml", AN_ERROR)
    said = run(tree, "make", status=2)
    assert re.search(
        r"^spec/light\.yaml:\d+:11: error: the size of 'light_ctl' is 24, not 20", said, re.MULTILINE
    )
    assert "USE" not in said
    assert state(tree / "made") == before
    edit(tree / "spec/light.yaml", AN_ERROR[::-1])
    run(tree, "make")
    assert written(before, state(tree / "made")) == set()


def test_make_makes_again_what_was_removed(tree: Path) -> None:
    (tree / "made/light/light.rst").unlink()
    assert run(tree, "make", "gen") == "  GEN     made/light\n"
    assert (tree / "made/light/light.rst").is_file()
    (tree / "made/light/light.h").unlink()
    assert run(tree, "make") == "  GEN     made/light\n  USE     made/light/light.h\n"


def test_make_wants_a_file_that_is_called_as_the_interface(tree: Path) -> None:
    edit(tree / "spec/light.yaml", ("interface: light", "interface: lamp"))
    said = run(tree, "make", status=2)
    assert "spec/light.yaml: the interface has another name than its file" in said
    assert "USE" not in said
    assert "another name" in run(tree, "make", status=2)


def test_make_says_as_much_as_it_is_asked_to(tree: Path) -> None:
    (tree / "spec/light.yaml").touch()
    assert run(tree, "make", "-s", "gen") == ""
    (tree / "spec/light.yaml").touch()
    assert run(tree, "make", "gen", "V=1") == (
        "  uapigen gen spec/light.yaml -o made --depfile made/.light.d\nmade/light: current\n"
    )
    (tree / "spec/light.yaml").touch()
    assert run(tree, "make", "gen", "V=0") == "  GEN     made/light\n"


@pytest.mark.parametrize("out", ["./made/", "."])
def test_make_knows_the_outputs_however_the_folder_is_written(tree: Path, out: str) -> None:
    edit(tree / "Makefile", ("spec/dark-room.yaml\nuapigen-out := made", f"\nuapigen-out := {out}"))
    run(tree, "make", "gen")
    assert run(tree, "make", "gen") == "make: Nothing to be done for 'gen'.\n"
    folder = tree / out / "light"
    (folder / "light.rst").unlink()
    assert "GEN" in run(tree, "make", "gen")
    assert (folder / "light.rst").is_file()


def test_make_makes_everything_after_an_update_of_uapigen(tree: Path, tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(ROOT / "generator/uapigen", package / "uapigen")
    command = f"UAPIGEN=env PYTHONPATH={package} {sys.executable} -m uapigen"
    make = ("make", command, "made/light/light.h")
    run(tree, *make, "-B")
    assert run(tree, *make) == "make: 'made/light/light.h' is up to date.\n"
    (package / "uapigen/templates/header/header.h.j2").touch()
    assert run(tree, *make) == "  GEN     made/light\n"
    (package / "uapigen/__main__.py").rename(package / "uapigen/somewhere.py")
    assert run(tree, *make, "UAPIGEN=false") == "make: 'made/light/light.h' is up to date.\n"


# --- a kernel -------------------------------------------------------------------------------------


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """The kernel's own Makefiles, with what linux.mk says put where it says."""
    require("make")
    require("Makefile of a kernel", str(KERNEL / "Makefile"))
    for name in ("Makefile", "arch/x86/Makefile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(KERNEL / name, tmp_path / name)
    shutil.copytree(KERNEL / "scripts", tmp_path / "scripts")
    shutil.copy(PARTS / "uapigen.mk", tmp_path / "scripts")
    (tmp_path / "tools/uapi").mkdir(parents=True)
    write_spec(tmp_path / "tools/uapi", "light")
    lines = (tmp_path / "Makefile").read_text().splitlines()
    for piece in (PARTS / "linux.mk").read_text().split("\n\n"):
        (place,) = re.findall(r"^# Behind .*`(.*)`", piece)
        at = next(number for number, line in enumerate(lines) if line.startswith(place))
        while lines[at].endswith("\\"):
            at += 1
        lines[at + 1 : at + 1] = piece.splitlines()
    (tmp_path / "Makefile").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_a_kernel_tree_has_make_gen(kernel: Path) -> None:
    """Without a configuration; quiet and loud as the rest of Kbuild; in another folder, too."""
    spec = kernel / "tools/uapi/spec/light.yaml"
    made = kernel / "tools/uapi/out/light"
    gen = ("make", "ARCH=x86", "gen")
    assert run(kernel, *gen) == "  GEN     tools/uapi/out/light\n"
    before = state(made)
    assert re.fullmatch(r"make\[\d\]: Nothing to be done for 'gen'\.\n", run(kernel, *gen))
    assert not (kernel / ".config").exists()
    edit(spec, IN_HEADER)
    assert run(kernel, *gen) == "  GEN     tools/uapi/out/light\n"
    assert "light.h" in written(before, state(made))
    before = state(made)
    edit(spec, AN_ERROR)
    said = run(kernel, *gen, status=2)
    assert re.search(r"^tools/uapi/spec/light\.yaml:\d+:11: error: ", said, re.MULTILINE)
    edit(spec, AN_ERROR[::-1])
    assert "  uapigen gen tools/uapi/spec/light.yaml -o ./tools/uapi/out --depfile" in run(
        kernel, *gen, KBUILD_VERBOSE="1"
    )
    assert written(before, state(made)) == set()
    spec.touch()
    assert run(kernel, *gen, "-s") == ""
    assert "Nothing to be done" in run(kernel, *gen, "O=elsewhere")
    spec.touch()
    assert "  GEN     ../tools/uapi/out/light\n" in run(kernel, *gen, "O=elsewhere")
    assert written(before, state(made)) == set()
    (made / "light.h").unlink()
    assert "  GEN     tools/uapi/out/light\n" in run(kernel, *gen)
    (made / "light.h").unlink()
    assert "  GEN     ../tools/uapi/out/light\n" in run(kernel, *gen, "O=elsewhere")


# --- Meson and ninja ------------------------------------------------------------------------------

MESON = """\
project('small', 'c')
subdir('my-device')
executable('user', 'user.c', my_device, include_directories: include_directories('my-device'))
executable('other', 'other.c')
"""


def test_meson_and_ninja_make_what_changed(tmp_path: Path) -> None:
    """What is compiled tells which header was taken for a new one."""
    require("gcc")
    tree = tmp_path / "a tree"
    (tree / "my-device").mkdir(parents=True)
    write_spec(tree, "my-device")
    spec = tree / "spec/my-device.yaml"
    shutil.copy(PARTS / "meson.build", tree / "my-device")
    (tree / "meson.build").write_text(MESON)
    (tree / "user.c").write_text('#include "my_device.h"\nint main(void) { return 0; }\n')
    (tree / "other.c").write_text("int main(void) { return 0; }\n")
    run(tree, installed("meson"), "setup", "build", CC="gcc")
    ninja = (installed("ninja"), "-C", "build")
    assert {"[5/5] Linking target user", "wrote my-device/../my-device/my_device.h"} <= {
        *run(tree, *ninja).splitlines()
    }
    made = tree / "build/my-device"
    assert {*state(made)} == {"my_device.h", "my_device_driver.h"}
    assert "no work to do" in run(tree, *ninja)

    before = state(made)
    edit(spec, IN_HEADER)
    said = run(tree, *ninja)
    assert "Compiling C object user" in said
    assert "Compiling C object other" not in said
    assert written(before, state(made)) == {"my_device.h"}
    assert "no work to do" in run(tree, *ninja)

    before = state(made)
    edit(spec, NOT_IN_HEADER)
    assert "Compiling" not in run(tree, *ninja)
    assert written(before, state(made)) == {"my_device_driver.h"}
    assert "no work to do" in run(tree, *ninja)

    before = state(made)
    edit(spec, AN_ERROR)
    said = run(tree, *ninja, status=1)
    assert re.search(r"^\S+spec/my-device\.yaml:\d+:11: error: ", said, re.MULTILINE)
    assert state(made) == before
    edit(spec, AN_ERROR[::-1])
    run(tree, *ninja)
    assert written(before, state(made)) == set()

    known = run(tree, *ninja, "-t", "deps", "my-device/my_device.h")
    assert "spec/my-device.yaml\n" in known
    assert "uapigen/templates/header/header.h.j2\n" in known
