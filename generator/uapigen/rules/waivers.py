"""Rules on what elements allow themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from uapigen.diagnostics import Severity
from uapigen.rules.rule import Finding, Waiver, waiver_rule
from uapigen.wording import quote

_STRUCT = """
structs:
  - struct: example
    doc: A struct.
    allow: {{{}: the old driver has it so}}
    fields:
      - {{name: flags, type: u32, doc: flags}}
{}      - {{name: size, type: u64, doc: bytes}}
"""
_PAD = "      - {pad: 4}\n"

_THESE = ("unknown-waiver", "unused-waiver")


@waiver_rule(
    "unknown-waiver",
    why="""A waiver with a slip in its id waives nothing, and its reader believes that it does.""",
    bad=_STRUCT.format("implict-padding", _PAD),
    good=_STRUCT.format("implicit-padding", ""),
)
def unknown_waiver(waivers: Iterable[Waiver]) -> Iterator[Finding]:
    """An `allow:` names a rule."""
    for waiver in waivers:
        if waiver.rule is not None:
            continue
        message, help_ = f"there is no rule {quote(waiver.id)}", "`uapigen rules` lists the rules"
        from uapigen.explanations import EXPLANATIONS

        if waiver.id in EXPLANATIONS:
            message = f"'{waiver.id}' cannot be waived: it is no rule on interfaces"
            help_ = "correct what it says; nothing is made of a spec that has such an error"
        elif waiver.meant:
            help_ = f"did you mean `{waiver.meant}`?"
        yield Finding(message, waiver.where(), help_, (waiver.element,))


@waiver_rule(
    "unused-waiver",
    severity=Severity.WARNING,
    why="""Equal layout and the rest are claimed only where nothing was waived; a waiver that is left over
    takes back a claim that holds, and hides the next mistake.""",
    bad=_STRUCT.format("implicit-padding", _PAD),
    good=_STRUCT.format("implicit-padding", ""),
)
def unused_waiver(waivers: Iterable[Waiver]) -> Iterator[Finding]:
    """Each entry of an `allow:` is needed: without it, its rule would report something there."""
    for waiver in waivers:
        if waiver.rule is None or waiver.used or waiver.id in _THESE:
            continue
        if not waiver.binding:
            message = f"the rule '{waiver.id}' does not bind an interface that exists"
            help_ = "remove the waiver: with `existing: true` it is not needed"
        elif waiver.asked:
            message = f"nothing here breaks the rule '{waiver.id}'"
            help_ = "remove the waiver, or put it at the element that breaks it"
        else:
            continue
        yield Finding(message, waiver.where(), help_, (waiver.element,))
