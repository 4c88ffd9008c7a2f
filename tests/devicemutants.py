"""``make mutants``: breaks the reference devices in one place at a time; the generated tests must notice.

    python tests/devicemutants.py [--named] [INTERFACE...]

Mutants are the changes of ``changes.py`` and the faults of ``faults.py``.  One with which all generated tests
of its interface pass is a survivor.  Those that behave as the device does are named, with the reason, in
``equivalents.txt``; they take most of the time, since every test runs on them, so that they are tried with
``--named`` only.  Exit status 1 where another one survives, where a name is that of no mutant, or, with
``--named``, where the tests notice what is named.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import changes
import pyoutput
from changes import Mutant
from faults import FAULTS
from forks import Device, survivors
from sample import ROOT, SPECS
from uapigen import load
from uapigen.render import snake

EQUIVALENTS = Path(__file__).with_name("equivalents.txt")
MADE_UP = tuple(ROOT / "tests" / "specs" / f"{name}.yaml" for name in ("tape-deck", "streams"))
"""Interfaces whose states, regions, operations and errors are others than those of the real ones."""


def _acts(spec: Path) -> bool:
    """Whether there is anything to break: an interface of structs alone has a device that does nothing."""
    interface = load(spec)
    return bool(interface.machines or interface.region_type)


EVERY = tuple(filter(_acts, (*sorted(SPECS.glob("*.yaml")), *MADE_UP)))
ANY = "*"
"""In a list of equivalents: any change of the line, any line of the function."""

HELP = f"""\
A survivor is a mistake of a driver that the generated tests do not see. Write a test in templates/tests that
does, take out of templates/device what makes no difference, or name it in tests/{EQUIVALENTS.name}, with the
reason why it is no mistake."""


class Equivalent(NamedTuple):
    """Survivors that behave as the device does, or differ where the interface says nothing."""

    interfaces: tuple[str, ...]
    function: str
    old: str
    new: str
    reason: str

    def names(self, interface: str, mutant: Mutant) -> bool:
        """Whether this is one of them."""
        if interface not in self.interfaces or self.function != mutant.function:
            return False
        return self.old in (mutant.old, ANY) and self.new in (mutant.new, ANY)

    def __str__(self) -> str:
        return f"{' '.join(self.interfaces)}: {self.function}\n- {self.old}\n+ {self.new}"


def read_equivalents(text: str) -> tuple[Equivalent, ...]:
    """The equivalents of a list: blocks of ``INTERFACE...: FUNCTION``, ``- OLD``, ``+ NEW``, ``= REASON``.

    A block may have more than one change, which share the reason; a line of ``#`` is a remark.

    Raises:
        ValueError: a block is none.
    """
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple(each for block in "\n".join(lines).split("\n\n") if block.strip() for each in _block(block))


def _block(block: str) -> Iterator[Equivalent]:
    head, *rest = block.strip().splitlines()
    interfaces, colon, function = head.partition(":")
    reason = " ".join(line[2:] for line in rest if line.startswith("= "))
    old = ""
    found = []
    for line in rest:
        if line.startswith("- "):
            old = line[2:]
        elif line.startswith("+"):
            found.append(Equivalent(tuple(interfaces.split()), function.strip(), old, line[2:], reason))
        elif not line.startswith("= "):
            raise ValueError(f"no line of a list of equivalents: {line}")
    if not colon or not found or not reason:
        raise ValueError(f"no block of a list of equivalents: {block}")
    yield from found


def mutants_of(interface: str, device: str) -> list[Mutant]:
    """Every mutant of an interface's device, given as text.

    Raises:
        ValueError: the text of a fault is not there, or there more than once.
    """
    faults = []
    for name, fault in FAULTS.items():
        if fault.applies(interface, device):
            if device.count(fault.old) != 1:
                raise ValueError(
                    f"fault '{name}': {device.count(fault.old)} times in {interface}: {fault.old}"
                )
            start = device.index(fault.old)
            edit = (start, start + len(fault.old), fault.new)
            faults.append(changes.replaced(device, f"fault: {name}", edit))
    return [*changes.mutants(device), *faults]


class Outcome(NamedTuple):
    """What became of an interface's mutants; ``stale`` are the equivalents that name no survivor."""

    interface: str
    total: int
    survived: tuple[Mutant, ...]
    equivalent: int
    stale: tuple[Equivalent, ...]

    @property
    def fine(self) -> bool:
        return not self.survived and not self.stale

    def __str__(self) -> str:
        killed = self.total - self.equivalent - len(self.survived)
        lines = [
            f"{self.interface}: {killed}/{self.total - self.equivalent} killed, {self.equivalent} equivalent"
        ]
        place = f"out/{self.interface}/{snake(self.interface)}_device.py"
        lines += [f"\n{place}:{mutant.line}: survived\n{mutant}" for mutant in self.survived]
        if self.survived:
            lines.append(f"\n{HELP}")
        lines += [
            f"\ntests/{EQUIVALENTS.name}: no mutant with which the tests pass has this name\n{each}"
            for each in self.stale
        ]
        return "\n".join(lines) + "\n"


def outcome(spec: Path, equivalents: Sequence[Equivalent], *, named: bool = False) -> Outcome:
    """Run the generated tests of a spec against each mutant of its device, those ``named`` as well."""
    interface = load(spec)
    name = snake(interface.name)
    with tempfile.TemporaryDirectory() as folder:
        device = Device(pyoutput.write(interface, Path(folder)), f"{name}_device", f"test_{name}.py")
        mutants = mutants_of(interface.name, (device.folder / f"{device.module}.py").read_text())
        known = [] if named else [each for each in mutants if has_name(each, interface.name, equivalents)]
        tried = [each for each in mutants if each not in known]

        def said(count: int, alive: Sequence[int]) -> None:
            if sys.stderr.isatty():
                found = judged(interface.name, count, [tried[each] for each in alive], equivalents)
                sys.stderr.write(f"\r{bar(found, len(tried))}\x1b[K")

        alive = [tried[number] for number in survivors(device, [each.text for each in tried], said)]
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    return judged(interface.name, len(mutants), [*known, *alive], equivalents)


def has_name(mutant: Mutant, interface: str, equivalents: Sequence[Equivalent]) -> bool:
    """Whether it is one of the equivalents."""
    return any(each.names(interface, mutant) for each in equivalents)


def bar(found: Outcome, total: int, width: int = 30) -> str:
    """How far it is with an interface that has this number of mutants."""
    done = width * found.total // total
    said = f"{found.total} of {total}, {len(found.survived)} survived"
    return f"{found.interface} [{'#' * done}{'.' * (width - done)}] {said}"


def judged(interface: str, total: int, alive: Sequence[Mutant], equivalents: Sequence[Equivalent]) -> Outcome:
    """The outcome of an interface with this number of mutants, of which these survived."""
    named = {each: [mutant for mutant in alive if each.names(interface, mutant)] for each in equivalents}
    stale = tuple(each for each, found in named.items() if interface in each.interfaces and not found)
    unnamed = tuple(mutant for mutant in alive if not any(mutant in found for found in named.values()))
    return Outcome(interface, total, unnamed, len(alive) - len(unnamed), stale)


def main(arguments: Sequence[str]) -> int:
    """Every interface of ``out/``, and those that are made up; or those of these names."""
    names = [each for each in arguments if each != "--named"]
    unknown = {*names} - {spec.stem for spec in EVERY}
    if unknown:
        sys.stderr.write(f"no spec: {', '.join(sorted(unknown))}\n")
        return 2
    equivalents = read_equivalents(EQUIVALENTS.read_text())
    unused = [
        name
        for name, fault in FAULTS.items()
        if not any(
            fault.applies(spec.stem, "\n".join(pyoutput.texts(load(spec), "device").values()))
            for spec in EVERY
        )
    ]
    fine = not unused
    for name in unused:
        sys.stdout.write(f"tests/faults.py: the text of '{name}' is in no device\n")
    for spec in EVERY:
        if spec.stem in names or not names:
            start = time.monotonic()
            found = outcome(spec, equivalents, named="--named" in arguments)
            sys.stdout.write(f"{found}{found.interface}: {time.monotonic() - start:.0f} s\n\n")
            sys.stdout.flush()
            fine &= found.fine
    return 0 if fine else 1


if __name__ == "__main__":
    os.environ.pop("UAPIGEN_DEVICE", None)
    sys.exit(main(sys.argv[1:]))
