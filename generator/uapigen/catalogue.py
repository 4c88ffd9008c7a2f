"""Every kind of finding with what there is to say about it: the rules', and all others.

The room of explanations, for people who read findings and for formats that carry them.  It is imported
when there is something to explain, which a clean run has not.
"""

from __future__ import annotations

import re
from functools import cache

from uapigen.diagnostics import Severity
from uapigen.explanations import EXPLANATIONS
from uapigen.record import Record


class Entry(Record):
    """One kind of finding.

    ``doc`` says what must hold, ``why`` what goes wrong otherwise, with the source.  ``bad`` and ``good``
    are sections of a spec, "" where there is no example.  ``is_rule``: a rule finds it, so that ``allow:``
    waives it; ``binds_existing``: also in an interface that cannot change any more.
    """

    id: str
    severity: Severity
    doc: str
    why: str
    bad: str
    good: str
    is_rule: bool
    binds_existing: bool


@cache
def catalogue() -> dict[str, Entry]:
    """All entries by id: the rules' first, then the others', each in the order of the ids."""
    from uapigen.rules import all_rules

    entries = [
        Entry(rule.id, rule.severity, rule.doc, rule.why, rule.bad, rule.good, True, rule.binds_existing)
        for rule in all_rules()
    ]
    known = {entry.id for entry in entries}
    entries += [
        Entry(id_, Severity.ERROR, *texts, False, True)
        for id_, texts in sorted(EXPLANATIONS.items())
        if id_ not in known
    ]
    return {entry.id: entry for entry in entries}


def brief(entry: Entry) -> str:
    """The first sentence on what must hold."""
    return re.split(r"(?<=\.) (?=[A-Z`])", entry.doc, maxsplit=1)[0]


def waiver(entry: Entry) -> str:
    """How the finding is waived, or that it is not."""
    if not entry.is_rule:
        return "No `allow:` waives it: it is no rule on interfaces, but what a run cannot do without."
    text = (
        "An element that breaks it for a reason of its own says so, and the rule is silent there and below: "
        f'`allow: {{{entry.id}: "the reason"}}`. The reason is printed in the design document.'
    )
    if entry.binds_existing:
        return text
    return f"{text} It does not bind an interface that cannot change any more (`existing: true`)."


def why(id_: str) -> str:
    """What goes wrong otherwise, "" for an id that is not in the catalogue."""
    entry = catalogue().get(id_)
    return entry.why if entry else ""
