"""How messages speak of what a spec says: quotations, lists of choices, suggestions.

The room of phrases that every stage needs.  What a message is about does not belong here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

LONGEST = 48

TYPOGRAPHIC = ("\u2018", "\u2019", "\u201c", "\u201d")
"""Quotation marks of text processors, which are none to YAML."""


def quote(text: str) -> str:
    """The text in single quotes, cut where it is too long for a message."""
    return f"'{text}'" if len(text) <= LONGEST else f"'{text[: LONGEST - 3]}...'"


def in_quotes(text: str) -> str:
    """The text as a quoted scalar of YAML; dots for one that is too long for a message."""
    if text[:1] in TYPOGRAPHIC and text[-1:] in TYPOGRAPHIC:
        text = text[1:-1]
    if len(text) > 2 * LONGEST:
        return '"..."'
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_typed(name: str) -> str:
    """A name as a spec takes it: in quotes, where readers of YAML do not agree on it."""
    from uapigen.scalars import NULLS, ambiguity

    plain = name not in NULLS and name not in ("true", "false") and not ambiguity(name)
    return name if plain else in_quotes(name)


def listing(words: Iterable[str], link: str) -> str:
    """The words with commas, and ``link`` ("or", "and") before the last one."""
    *head, last = words
    return f"{', '.join(head)} {link} {last}" if head else last


def no_such(what: str, name: str, known: Iterable[str], otherwise: str = "") -> str:
    """What is said of a name that names nothing: the one that was probably meant, or else those there are.

    ``otherwise`` is said instead of a long list.
    """
    names = tuple(known)
    meant = closest(name, names)
    help_ = f"did you mean `{meant}`?" if meant else otherwise or there_is(names)
    return f"there is no {what} {quote(name)}; {help_}"


def there_is(names: Collection[str]) -> str:
    """Names to choose from, as a sentence."""
    return f"there {'are' if len(names) > 1 else 'is'} {', '.join(names) or 'none'}"


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` is probably a slip for, or None; a word of any length takes little time."""
    if len(word) > 2 * LONGEST:
        return None
    from difflib import get_close_matches

    names = {name.lower().replace("_", "-"): name for name in candidates}
    found = get_close_matches(word.lower().replace("_", "-"), names, n=1, cutoff=0.65)
    return names[found[0]] if found else None
