"""The golden texts: what is printed for a mistake, each in a file that a reviewer can read.

=================  =================================================================================
``errors/NAME``    a spec that cannot be loaded
``rules/ID``       the bad example of a rule; ``rules/ID.CASE``: a whole spec that breaks it
``against/NAME``   a header that has already what a spec declares
``verify/NAME``    a text that does not say what its spec says
=================  =================================================================================

``UPDATE_GOLDEN=1`` writes the texts anew; read them before they are kept.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import lies
from sample import interface_of
from uapigen import findings, load, loader
from uapigen.against import collisions
from uapigen.commands.specs import judge_specs, load_specs
from uapigen.diagnostics import Diagnostic, SpecError, in_order
from uapigen.report import format_text
from uapigen.rules import all_rules, check
from uapigen.source import Source

HERE = Path(__file__).parent
ERRORS, RULES, AGAINST, VERIFY = (HERE / name for name in ("errors", "rules", "against", "verify"))


class Golden(NamedTuple):
    """A text that is kept, and what has to print it; ``printed`` runs in any folder."""

    kept: Path
    found: Callable[[], tuple[Diagnostic, ...]]

    @property
    def name(self) -> str:
        """As in ``errors/yaml-tab``."""
        return f"{self.kept.parent.name}/{self.kept.stem}"

    def expected(self) -> str:
        """The text that is kept."""
        return self.kept.read_text(encoding="utf-8")

    def printed(self) -> str:
        """The text that is printed now."""
        return format_text(self.found())

    def check(self) -> None:
        """Fails where the two differ."""
        printed = self.printed()
        if os.environ.get("UPDATE_GOLDEN"):
            self.kept.write_text(printed, encoding="utf-8")
        assert printed == self.expected()


def parametrize(goldens: tuple[Golden, ...]) -> pytest.MarkDecorator:
    """One test for each."""
    return pytest.mark.parametrize("golden", goldens, ids=lambda golden: golden.kept.stem)


def every() -> tuple[Golden, ...]:
    """All of them."""
    return (*errors(), *rules(), *against(), *verified())


# --- errors ---------------------------------------------------------------------------------------

_INPUTS = {
    "duplicate-interface": ["duplicate-interface.yaml", "duplicate-interface.copy.yaml"],
}
_LIMITS = {
    "too-many-errors": (findings, "LIMIT", 3),
    "too-many-findings": (findings, "LIMIT", 3),
    "too-many-warnings": (findings, "LIMIT", 3),
    "yaml-size": (loader, "NODES", 10),
}


def errors() -> tuple[Golden, ...]:
    """What is said of a spec that cannot be loaded."""
    names = sorted({path.stem for path in ERRORS.iterdir()} - {"duplicate-interface.copy"})
    return tuple(Golden(ERRORS / f"{name}.txt", _loading(name)) for name in names)


def _loading(name: str) -> Callable[[], tuple[Diagnostic, ...]]:
    def found() -> tuple[Diagnostic, ...]:
        with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
            patch.chdir(folder if name in _MADE else ERRORS)
            if name in _MADE:
                _MADE[name](Path(f"{name}.yaml"))
            if name in _LIMITS:
                patch.setattr(*_LIMITS[name])
            try:
                if name == "no-spec":  # as the commands say it that do not judge
                    load_specs([])
                if name in {"file-missing", "language-version"}:  # as it is said to a program
                    load(f"{name}.yaml")
                return findings.enough(judge_specs(_INPUTS.get(name, [f"{name}.yaml"]), thorough=True)[1])
            except SpecError as error:
                return error.diagnostics

    return found


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate((16 << 20) + 1)


_MADE: dict[str, Callable[[Path], None]] = {
    "file-size": _large,
    "file-unreadable": Path.mkdir,
    "file-pipe": os.mkfifo,
    "file-device": lambda path: path.symlink_to("/dev/null"),
    "file-circle": lambda path: path.symlink_to(path),
    "no-spec": lambda _: None,
}
"""Inputs that no repository can hold."""


# --- rules ----------------------------------------------------------------------------------------


def rules() -> tuple[Golden, ...]:
    """What is said of a spec that can be loaded and is not good."""
    own = (
        Golden(RULES / f"{rule.id}.txt", lambda bad=rule.bad: check(interface_of(bad), thorough=True))
        for rule in all_rules()
    )
    return (*own, *cases_of_rules())


def cases_of_rules() -> tuple[Golden, ...]:
    """Those of ``rules/ID.CASE.yaml``: what that rule says."""
    return tuple(
        Golden(path.with_suffix(".txt"), lambda path=path: _judged(path))
        for path in sorted(RULES.glob("*.yaml"))
    )


def _judged(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        found = check(load(path.name), thorough=True)
    return tuple(each for each in found if each.id == path.name.partition(".")[0])


# --- against --------------------------------------------------------------------------------------

TAKEN = """
constants:
  - {name: EXAMPLE_TYPE_THREE, value: 2, unique-among: EXAMPLE_TYPE_*, doc: A type.}
  - {name: EXAMPLE_TYPE_FOUR, value: 3, unique-among: EXAMPLE_TYPE_*, doc: The number of the mask is free.}
  - {name: EXAMPLE_IDLE, value: 1, doc: A name of an enumerator.}
  - {name: EXAMPLE_ALONE, value: 2, doc: A number that nobody else must not have.}
structs:
  - struct: example_info
    doc: A struct.
    fields:
      - {name: a, type: u32, doc: a}
"""


def against() -> tuple[Golden, ...]:
    """What is said of an interface beside a header."""
    headers = (
        Golden(path.with_suffix(".txt"), lambda path=path: _taken(path, TAKEN))
        for path in sorted(AGAINST.glob("*.h"))
    )
    existing = f"existing: true\n{TAKEN}"
    return (*headers, Golden(AGAINST / "existing.txt", lambda: _taken(AGAINST / "example.h", existing)))


def _taken(header: Path, sections: str) -> tuple[Diagnostic, ...]:
    source = Source(header.name, header.read_text(encoding="utf-8"))
    return in_order(collisions(interface_of(sections), source))


# --- verify ---------------------------------------------------------------------------------------


def verified() -> tuple[Golden, ...]:
    """What is said of a text that does not say what its spec says."""
    return tuple(
        Golden(VERIFY / f"{name}.txt", lambda lie=lie: lies.found(lie)) for name, lie in lies.every().items()
    )
