"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from uapigen.diagnostics import Note, Severity
from uapigen.model import Element, Interface
from uapigen.record import Record
from uapigen.source import Span


class Finding(Record):
    """One place that breaks a rule.

    ``elements`` are the elements that it lies in; an ``allow:`` of any of them waives it.
    """

    message: str
    span: Span
    help: str | None = None
    elements: tuple[Element, ...] = ()
    notes: tuple[Note, ...] = ()


def waived(rule_id: str, interface: Interface, finding: Finding) -> bool:
    """Whether the interface, or an element that the finding lies in, allows it."""
    return any(rule_id in element.allow for element in (interface, *finding.elements))


class Rule(Record):
    """A rule with everything that is said about it.

    ``doc`` says what it asks for, ``why`` what goes wrong otherwise, with the source.  ``bad`` and
    ``good`` are sections of a spec (its head is left out) that break and keep it.  ``binds_existing``:
    it holds for an interface that cannot change any more, too.  ``thorough``: it takes its time, and is
    asked by ``uapigen check`` only.
    """

    id: str
    severity: Severity
    doc: str
    why: str
    bad: str
    good: str
    binds_existing: bool
    check: Callable[[Interface], Iterator[Finding]]
    thorough: bool = False


def rule(
    id: str,  # noqa: A002 - it is the word that users know
    *,
    why: str,
    bad: str,
    good: str,
    severity: Severity = Severity.ERROR,
    binds_existing: bool = True,
    thorough: bool = False,
) -> Callable[[Callable[[Interface], Iterator[Finding]]], Rule]:
    """Make a rule of a function, whose docstring says what it asks for."""

    def make(check: Callable[[Interface], Iterator[Finding]]) -> Rule:
        doc = " ".join((check.__doc__ or "").split())
        return Rule(id, severity, doc, " ".join(why.split()), bad, good, binds_existing, check, thorough)

    return make
