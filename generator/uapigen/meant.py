"""What a wrong key, choice or text of a spec was probably meant to be.

The room of guesses for the shape of a spec: other tools' and C's words for the same thing, slips, and
texts that are almost of the right form.  The schema says the words, in keywords of its own:

==============  ====================================================================================
``x-synonyms``  of a mapping, an enum or a text: a word that is not known there, in lower case, and the
                key, the choice or the text that it stands for; those of the root hold for every mapping
``x-meant``     of a text: a pattern; its group, in any case and with dashes or underscores for
                blanks, is what was meant where that is of the right form
==============  ====================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from uapigen.scalarshape import choices_of, own_failure
from uapigen.schemarules import Rule, regex
from uapigen.wording import closest


def meant_key(key: str, rules: Iterable[Rule], free: Collection[str]) -> str | None:
    """The one of ``free`` that ``key`` stands for by the synonyms of ``rules``."""
    meant = (rule.get("x-synonyms", {}).get(key.lower()) for rule in rules)
    return next((known for known in meant if known in free), None)


def meant_choice(text: str, rule: Rule) -> str | None:
    """The choice that the rule lists and that the text stands for, or is a slip for."""
    if synonym := rule.get("x-synonyms", {}).get(text.lower()):
        return str(synonym)
    choices = [choice for choice in choices_of(rule) if isinstance(choice, str)]
    # One letter is near to too many words.
    return closest(text, choices) if len(text) > 1 else None


def meant_text(text: str, rule: Rule) -> str | None:
    """The text of the right form that the text is near to."""
    found = regex(rule["x-meant"]).search(text) if "x-meant" in rule else None
    if found is None:
        return None
    core = found[1]
    forms = (core, core.upper(), core.lower(), re.sub("[ _]+", "-", core.lower()), re.sub("[ -]+", "_", core))
    return next((form for form in forms if form and own_failure(form, rule) is None), None)
