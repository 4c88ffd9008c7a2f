"""Loading and judging the specs that a command was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from uapigen.diagnostics import Diagnostic, Note, Severity, SpecError
from uapigen.model import Interface
from uapigen.pipeline import load_file
from uapigen.rules import check


def load_specs(paths: Sequence[str]) -> tuple[Interface, ...]:
    """The interfaces of the specs, ``spec/*.yaml`` where none is given.

    Raises:
        SpecError: with the errors of all files.
    """
    interfaces: list[Interface] = []
    problems: list[Diagnostic] = []
    for path in paths or _default():
        try:
            interfaces.append(load_file(path))
        except SpecError as error:
            problems += error.diagnostics
    problems += _same_name(interfaces)
    if problems:
        raise SpecError(problems)
    return tuple(interfaces)


def judge(interfaces: Sequence[Interface], *, thorough: bool = False) -> tuple[Diagnostic, ...]:
    """The warnings of the rules; ``thorough``: also of those that take their time.

    Raises:
        SpecError: with all findings, where one is an error.
    """
    findings = [found for interface in interfaces for found in check(interface, thorough=thorough)]
    if any(found.severity is Severity.ERROR for found in findings):
        raise SpecError(findings)
    return tuple(findings)


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
