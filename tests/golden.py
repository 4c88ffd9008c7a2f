"""The golden texts: what is printed for a mistake, each in a file that a reviewer can read.

=================  =================================================================================
``errors/NAME``    a spec that cannot be loaded
``rules/ID``       the bad example of a rule; ``rules/ID.CASE``: a whole spec that breaks it
``against/NAME``   a header that has already what a spec declares
``splice/NAME``    a header into which no piece can go
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
from uapigen.commands.splice import spliced
from uapigen.diagnostics import Diagnostic, SpecError, in_order
from uapigen.files import read_bytes, read_text
from uapigen.report import format_text
from uapigen.rules import all_rules, check
from uapigen.source import Source

HERE = Path(__file__).parent
ERRORS, RULES, AGAINST, SPLICE, VERIFY = (
    HERE / name for name in ("errors", "rules", "against", "splice", "verify")
)


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
    return (*errors(), *rules(), *against(), *splices(), *verified())


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
                if name == "bytes-missing":  # as `decode` says it
                    read_bytes(f"{name}.bin", 1)
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


KINDS = """
constants:
  - {name: EXAMPLE_VALID, value: 1, doc: A macro that takes an argument.}
  - {name: EXAMPLE_SIGN, value: 0x80000000, unique-among: EXAMPLE_SIGN*, doc: The highest of 32 bits.}
  - {name: EXAMPLE_SIGNS, value: 0x7fffffff, unique-among: EXAMPLE_SIGN*, doc: The number below that.}
enums:
  - {enum: example_type, prefix: EXAMPLE_A_, doc: A type, form: enum, values: [{name: A, value: 0, doc: a}]}
  - {enum: example_kind, prefix: EXAMPLE_B_, doc: An enum, form: enum, values: [{name: B, value: 0, doc: b}]}
structs:
  - union: example_data
    doc: A union.
    capability: {name: EXAMPLE_CAP_DATA, id: 7, version: 1, unique-among: EXAMPLE_CAP_*}
    fields:
      - {name: a, type: u32, doc: a}
ioctls:
  type: {name: EXAMPLE_IOC, value: 0x3b, external: linux/example.h}
  base: {name: EXAMPLE_BASE, value: 100, external: linux/example.h}
  unique-among: EXAMPLE_DEVICE_*
  commands:
    - {name: EXAMPLE_DEVICE_FREE, number: 5, direction: none, doc: The number of another kind of file.}
    - {name: EXAMPLE_DEVICE_SET, number: 6, direction: none, doc: A number that is taken with another size.}
    - {name: EXAMPLE_DEVICE_GET, number: 7, direction: none, doc: A name that is taken.}
    - {name: EXAMPLE_DEVICE_NEW, number: 9, direction: none, doc: A number that only another type has.}
"""


SUBTYPES = """
regions:
  type: {name: EXAMPLE_TYPE_NEW, value: 4, doc: A type.}
  prefix: EXAMPLE_SUBTYPE_
  subtypes:
    - {name: NEW_A, value: 1, present: always, holds: whole, doc: Its number is that of another type too.}
    - {name: NEW_B, value: 2, present: always, holds: whole, doc: Its number is that of one of this type.}
"""

_AGAINST = {
    "kinds": KINDS,
    "subtypes": SUBTYPES.replace("SUBTYPE_", "SUBTYPE_NEW_").replace(": NEW_", ": "),
    "subtypes-prefix": SUBTYPES,
}
"""The specs of those headers that need another one."""


def against() -> tuple[Golden, ...]:
    """What is said of an interface beside a header."""
    headers = (
        Golden(path.with_suffix(".txt"), lambda path=path: _taken(path, _AGAINST.get(path.stem, TAKEN)))
        for path in sorted(AGAINST.glob("*.h"))
    )
    existing = f"existing: true\n{TAKEN}"
    return (*headers, Golden(AGAINST / "existing.txt", lambda: _taken(AGAINST / "example.h", existing)))


def _taken(header: Path, sections: str) -> tuple[Diagnostic, ...]:
    source = Source(header.name, header.read_text(encoding="utf-8"))
    return in_order(collisions(interface_of(sections), source))


# --- splice ---------------------------------------------------------------------------------------

_NEW = """
constants:
  - {{name: EXAMPLE_NEW, value: 9, doc: A number., place: {}}}
"""
_FLAGS = """
flags:
  - flags: more
    prefix: EXAMPLE_MORE_
    place: inside
    doc: More flags.
    values: [{name: FLAG, value: 4, doc: A flag.}]
structs:
  - struct: example_info
    external: linux/example.h
    doc: A struct of the header.
    fields: [{name: flags, type: u32, values: more, doc: flags}]
"""
_STRUCT = """
place: {after: define EXAMPLE_INFO_FIRST}
structs:
  - struct: example_new
    doc: A struct.
    fields:
      - {name: a, type: u32, doc: a}
"""
_INCLUDES = """
structs:
  - struct: foreign
    external: linux/foreign.h
    doc: A struct of another header.
    fields: [{name: a, type: u32, doc: a}]
  - struct: example_new
    doc: A struct.
    fields: [{name: foreign, type: foreign, doc: foreign}]
"""
_AFTER, _BEFORE = (_NEW.format(f"{{{word}: struct example_info}}") for word in ("after", "before"))
_SPLICED = {
    "missing": _NEW.format("{after: struct example_inof}"),
    "missing-define": _NEW.format("{before: define EXAMPLE_QUITE_ANOTHER}"),
    "missing-condition": _AFTER,
    "missing-generated": _NEW.format("{after: define EXAMPLE_ANOTHER}"),
    "missing-home": "place: inside\n" + _NEW.replace(", place: {}", "").format(),
    "missing-record": _FLAGS,
    "missing-member": _FLAGS.replace("{name: flags", "{name: options"),
    "twice": _AFTER,
    "twice-define": _NEW.format("{after: define EXAMPLE_FIRST}"),
    "line-before": _BEFORE,
    "line-behind": _AFTER,
    "line-member": _FLAGS,
    "braces": _STRUCT,
    "changed": _NEW.format("{before: struct example_info}"),
    "no-guard-include": _INCLUDES,
}
"""The specs of those headers that need another one."""


def splices() -> tuple[Golden, ...]:
    """What is said of a header into which no piece can go."""
    names = sorted({path.stem for path in SPLICE.glob("*.h")} | {"missing-file"})
    return tuple(Golden(SPLICE / f"{name}.txt", lambda name=name: _splicing(name)) for name in names)


def _splicing(name: str) -> tuple[Diagnostic, ...]:
    interface = interface_of(_SPLICED.get(name, _NEW.format("end")))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(SPLICE)
        try:
            text = read_text(f"{name}.h", "name a header that is there")
            spliced(interface, Source(f"{name}.h", text), text)
        except SpecError as error:
            return error.diagnostics
    return ()


# --- verify ---------------------------------------------------------------------------------------


def verified() -> tuple[Golden, ...]:
    """What is said of a text that does not say what its spec says."""
    return tuple(
        Golden(VERIFY / f"{name}.txt", lambda lie=lie: lies.found(lie)) for name, lie in lies.every().items()
    )
