"""Loading and judging the specs that a command was given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from uapigen.diagnostics import Diagnostic, Note, Severity, SpecError, in_order
from uapigen.files import read_source
from uapigen.model import Interface
from uapigen.pipeline import examine
from uapigen.rules import check


def load_specs(paths: Sequence[str]) -> tuple[Interface, ...]:
    """The interfaces of the specs, ``spec/*.yaml`` where none is given.

    Raises:
        SpecError: with the errors of all files.
    """
    interfaces, _, problems = _read(paths)
    if problems:
        raise SpecError(problems)
    return interfaces


def judge_specs(
    paths: Sequence[str], *, thorough: bool = False
) -> tuple[tuple[Interface, ...], tuple[Diagnostic, ...]]:
    """The interfaces that can be read, and all that is wrong: with the other files, and by the rules.

    ``thorough``: also by the rules that take their time.

    Raises:
        SpecError: there is no spec at all.
    """
    interfaces, parts, problems = _read(paths)
    found = [each for interface in interfaces for each in check(interface, thorough=thorough)]
    found += [each for part in parts for each in check(part, thorough=thorough, whole=False)]
    return interfaces, in_order([*problems, *found])


def has_errors(findings: Iterable[Diagnostic]) -> bool:
    """Whether one of them is more than a warning."""
    return any(found.severity is Severity.ERROR for found in findings)


def _read(
    paths: Sequence[str],
) -> tuple[tuple[Interface, ...], tuple[Interface, ...], list[Diagnostic]]:
    """The interfaces, what is sound of others, and the errors."""
    interfaces: list[Interface] = []
    parts: list[Interface] = []
    problems: list[Diagnostic] = []
    for path in dict.fromkeys(paths or _default()):
        try:
            interface, found = examine(read_source(path))
        except SpecError as error:
            problems += error.diagnostics
            continue
        if interface:
            (parts if found else interfaces).append(interface)
        problems += found
    problems += _same_name(interfaces)
    return tuple(interfaces), tuple(parts), problems


def _default() -> list[str]:
    paths = sorted(str(path) for path in Path("spec").glob("*.yaml"))
    if not paths:
        message = "no spec was given and there is no spec/*.yaml here"
        raise SpecError([Diagnostic("no-spec", message, None, help="`uapigen init NAME` writes one")])
    return paths


def _same_name(interfaces: Sequence[Interface]) -> Iterator[Diagnostic]:
    """Two interfaces of one name would write the same files."""
    seen: dict[str, Interface] = {}
    for interface in interfaces:
        first = seen.setdefault(interface.name, interface)
        if first is not interface:
            yield Diagnostic(
                "duplicate-interface",
                f"the interface '{interface.name}' is described twice",
                interface.where("interface"),
                help="give one of them another name; it names the output files",
                notes=(Note("the first one is here", first.where("interface")),),
            )
