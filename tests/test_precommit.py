"""The hooks of .pre-commit-hooks.yaml, run by pre-commit when git commits."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

import pytest

from sample import ROOT
from test_builds import AN_ERROR, IN_HEADER, edit, run, state, write_spec, written
from tools import installed, require

CONFIG = """\
repos:
  - repo: ../hooks
    rev: {commit}
    hooks:
      - id: uapigen-check
      - id: uapigen-gen
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What pre-commit has instead of this machine's settings, and instead of a registry.

    It makes an environment of its own and has pip install this checkout there.  Of other packages, pip sees
    those that the tests run with.
    """
    return {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("home")),
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_INDEX": "1",
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
    }


def repository(folder: Path, environment: dict[str, str]) -> str:
    """Commits everything in a folder to a new repository there; the commit."""
    run(folder, "git", "init", "-q", **environment)
    run(folder, "git", "add", "-A", **environment)
    run(folder, "git", "commit", "-q", "-m", "first", **environment)
    return run(folder, "git", "rev-parse", "HEAD", **environment).strip()


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> tuple[Path, str]:
    """The folder of a repository with this checkout as it is, and its commit."""
    require("git")
    folder = tmp_path_factory.mktemp("hooks") / "hooks"
    folder.mkdir()
    for name in ("generator", "templates"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    return folder, repository(folder, environment)


def test_a_commit_has_specs_without_errors_and_their_outputs(
    hooks: tuple[Path, str], environment: dict[str, str]
) -> None:
    folder, commit = hooks
    tree = folder.parent / "a tree"
    tree.mkdir()
    (tree / ".pre-commit-config.yaml").write_text(CONFIG.format(commit=commit))
    repository(tree, environment)
    run(tree, installed("pre-commit"), "install", **environment)

    def committed(status: int = 0) -> str:
        run(tree, "git", "add", "-u", **environment)
        return run(tree, "git", "commit", "-m", "next", status=status, **environment)

    write_spec(tree, "light")
    spec, out = tree / "spec/light.yaml", tree / "out"
    run(tree, "git", "add", "spec", **environment)
    said = committed(status=1)
    assert "wrote out/light/light.h\n" in said
    assert "wrote" not in said.partition("uapigen gen")[0]
    run(tree, "git", "add", "out", **environment)
    assert committed().count("Passed") == 2

    before = state(out)
    edit(spec, IN_HEADER)
    said = committed(status=1)
    new = written(before, state(out))
    assert "light.h" in new
    assert {line.rpartition("/")[2] for line in said.splitlines() if line.startswith("wrote ")} == new
    assert committed().count("Passed") == 2

    before = state(out)
    edit(spec, AN_ERROR)
    said = committed(status=1)
    assert said.count("Failed") == 2
    assert said.count("spec/light.yaml:52:11: error: the size of 'light_ctl' is 24, not 20") == 2
    edit(spec, AN_ERROR[::-1])
    assert state(out) == before

    (out / "light/light.h").write_text("/* uapigen, edited */\n")
    assert "wrote out/light/light.h\n" in committed(status=1)
    assert (out / "light/light.h").read_bytes() == before["light.h"][1]

    (tree / "README").touch()
    run(tree, "git", "add", "README", **environment)
    assert committed().count("(no files to check)") == 2
