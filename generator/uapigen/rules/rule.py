"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from uapigen.diagnostics import Note, Severity
from uapigen.model import Element, Interface
from uapigen.record import Record
from uapigen.source import Span
from uapigen.tree import Mapping


class Finding(Record):
    """One place that breaks a rule.

    ``elements`` are the elements that it lies in; an ``allow:`` of any of them waives it.
    """

    message: str
    span: Span
    help: str | None = None
    elements: tuple[Element, ...] = ()
    notes: tuple[Note, ...] = ()


def waivers_of(rule_id: str, interface: Interface, finding: Finding) -> tuple[Element, ...]:
    """What allows a finding: the interface, or elements that the finding lies in."""
    return tuple(element for element in (interface, *finding.elements) if rule_id in element.allow)


def waived(rule_id: str, interface: Interface, finding: Finding) -> bool:
    """Whether the interface, or an element that the finding lies in, allows it."""
    return bool(waivers_of(rule_id, interface, finding))


class Waiver(Record):
    """One entry of an `allow:`, once all rules were asked: ``element`` allows what ``id`` forbids.

    ``rule`` is None where no rule has the id; ``meant`` is then an id that is like it.  ``binding``: the
    rule holds for this interface.  ``asked``: it was asked in this run.  ``used``: it found something here.
    """

    element: Element
    id: str
    rule: Rule | None
    meant: str | None = None
    binding: bool = True
    asked: bool = True
    used: bool = False

    def where(self) -> Span:
        """The place of the id."""
        section = self.element.origin.get("allow")
        assert isinstance(section, Mapping)
        return section.entries[self.id][0].span


def _nothing(_: object) -> Iterator[Finding]:
    return iter(())


class Rule(Record):
    """A rule with everything that is said about it.

    ``doc`` says what it asks for, ``why`` what goes wrong otherwise, with the source.  ``bad`` and
    ``good`` are sections of a spec (its head is left out) that break and keep it.  ``binds_existing``:
    it holds for an interface that cannot change any more, too.  ``thorough``: it takes its time, and is
    asked by ``uapigen check`` only.  ``check`` looks at the interface; ``check_waivers``, when all rules have
    done so, at every waiver.
    """

    id: str
    severity: Severity
    doc: str
    why: str
    bad: str
    good: str
    binds_existing: bool
    thorough: bool
    check: Callable[[Interface], Iterator[Finding]]
    check_waivers: Callable[[Iterable[Waiver]], Iterator[Finding]]


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
        said = (_one_line(check.__doc__), _one_line(why), bad, good)
        return Rule(id, severity, *said, binds_existing, thorough, check, _nothing)

    return make


def waiver_rule(
    id: str,  # noqa: A002 - as above
    *,
    why: str,
    bad: str,
    good: str,
    severity: Severity = Severity.ERROR,
) -> Callable[[Callable[[Iterable[Waiver]], Iterator[Finding]]], Rule]:
    """Make a rule on waivers of a function, whose docstring says what it asks for."""

    def make(check: Callable[[Iterable[Waiver]], Iterator[Finding]]) -> Rule:
        said = (_one_line(check.__doc__), _one_line(why), bad, good)
        return Rule(
            id, severity, *said, binds_existing=True, thorough=False, check=_nothing, check_waivers=check
        )

    return make


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
