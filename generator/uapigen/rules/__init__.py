"""What a good interface is: one function for each rule.

The room of judgement.  A rule looks at the model and yields findings; it changes nothing, reads nothing
else and knows no other rule.  To add one, write a function under ``@rule(...)`` in any module of this
package: its id, what it asks for, why, a bad and a good example.  Nothing has to list it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from uapigen.diagnostics import Diagnostic, in_order
from uapigen.elements import elements
from uapigen.model import Interface
from uapigen.rules.rule import Finding, Rule, Waiver, waived, waivers_of
from uapigen.wording import closest


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of their ids."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    found = (value for module in modules for value in vars(module).values() if isinstance(value, Rule))
    return tuple(sorted(found, key=lambda rule: rule.id))


def check(interface: Interface, *, thorough: bool = False, whole: bool = True) -> tuple[Diagnostic, ...]:
    """What all rules find, in reading order.  What an element allows is left out.

    Without ``thorough``, rules that take their time are not asked.  Where the interface is not the ``whole``
    one, nobody knows what its waivers are good for.
    """
    binding = [rule for rule in all_rules() if rule.binds_existing or not interface.existing]
    asked = [rule for rule in binding if thorough or not rule.thorough]
    found = [(rule, finding) for rule in asked for finding in rule.check(interface)]
    waivers = tuple(_waivers(interface, binding, asked, found)) if whole else ()
    found += [(rule, finding) for rule in asked for finding in rule.check_waivers(waivers)]
    return in_order(
        Diagnostic(rule.id, finding.message, finding.span, rule.severity, finding.help, finding.notes)
        for rule, finding in found
        if not waived(rule.id, interface, finding)
    )


def _waivers(
    interface: Interface, binding: list[Rule], asked: list[Rule], found: list[tuple[Rule, Finding]]
) -> Iterator[Waiver]:
    """Every waiver of the interface, and what became of it."""
    used = {
        (element.origin, rule.id)
        for rule, finding in found
        for element in waivers_of(rule.id, interface, finding)
    }
    rules = {rule.id: rule for rule in all_rules()}
    for element, _ in elements(interface):
        for id_ in element.allow:
            rule = rules.get(id_)
            if rule is None:
                yield Waiver(element, id_, None, meant=closest(id_, rules))
            else:
                is_used = (element.origin, id_) in used
                yield Waiver(element, id_, rule, binding=rule in binding, asked=rule in asked, used=is_used)
