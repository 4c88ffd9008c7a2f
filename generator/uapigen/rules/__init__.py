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
from uapigen.model import Interface
from uapigen.rules.rule import Rule, waived


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of their ids."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    found = (value for module in modules for value in vars(module).values() if isinstance(value, Rule))
    return tuple(sorted(found, key=lambda rule: rule.id))


def check(interface: Interface, *, thorough: bool = False) -> tuple[Diagnostic, ...]:
    """What all rules find, in reading order.  What an element allows is left out.

    Without ``thorough``, rules that take their time are not asked.
    """
    return in_order(_findings(interface, thorough=thorough))


def _findings(interface: Interface, *, thorough: bool) -> Iterator[Diagnostic]:
    for rule in all_rules():
        if (interface.existing and not rule.binds_existing) or (rule.thorough and not thorough):
            continue
        for finding in rule.check(interface):
            if not waived(rule.id, interface, finding):
                yield Diagnostic(
                    rule.id, finding.message, finding.span, rule.severity, finding.help, finding.notes
                )
