"""However it is installed, it generates the same bytes from a folder outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from sample import OUT, ROOT, SPECS
from tools import require_file


def build(project: Path, kind: str, folder: Path) -> Path:
    """Build a wheel or an sdist without looking at any registry."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (made,) = folder.iterdir()
    return made


def unpack_wheel(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


def generated(package: Path, folder: Path) -> dict[str, bytes]:
    """What the package in this folder writes for the first interface."""
    (folder / "spec").mkdir()
    spec = SPECS / "vfio-device-state.yaml"
    (folder / "spec" / spec.name).write_bytes(spec.read_bytes())
    program = "import uapigen, uapigen.cli as c; print(uapigen.__file__); raise SystemExit(c.main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "gen", "--cc", "none"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(package), "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.splitlines()[0]).is_relative_to(package)
    made = folder / "out" / "vfio-device-state"
    return {path.name: path.read_bytes() for path in made.iterdir()}


def committed() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (OUT / "vfio-device-state").iterdir() if path.is_file()}


def test_a_wheel_generates_the_committed_bytes(wheel: Path, tmp_path: Path) -> None:
    package = unpack_wheel(wheel, tmp_path / "wheel")
    (tmp_path / "work").mkdir()
    assert generated(package, tmp_path / "work") == committed()


def test_a_wheel_made_of_the_sdist_does_too(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source")
    (source,) = (tmp_path / "source").iterdir()
    made = build(source, "wheel", tmp_path / "wheel")
    (tmp_path / "work").mkdir()
    assert generated(unpack_wheel(made, tmp_path / "package"), tmp_path / "work") == committed()


def test_the_checkout_itself_does_too(tmp_path: Path) -> None:
    assert generated(ROOT / "generator", tmp_path) == committed()


def test_the_wheel_holds_templates_schema_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"uapigen/schema.json", "uapigen/py.typed", "uapigen/templates/header/header.h.j2"} <= names
    assert "uapigen/templates/init/spec.yaml" in names
    assert not any("__pycache__" in name for name in names)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ((), "'make deps' installs packages of Debian, and there is no apt-get here"),
        (("apt-get",), "'make deps' installs packages, and there is no sudo here: run it as root\n"),
    ],
)
def test_make_says_what_is_missing_to_install_anything(
    tmp_path: Path, there: tuple[str, ...], said: str
) -> None:
    """Before anything is tried, and to a user who is not root."""
    make = shutil.which("make") or require_file("/usr/bin/make")
    (tmp_path / "sh").symlink_to("/bin/sh")
    for name, does in (("id", "echo 1000"), *((name, "exit 3") for name in there)):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    run = subprocess.run(
        [make, "deps"], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(said)
