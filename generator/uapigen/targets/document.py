"""The design document: everything about the interface, for a reader of mail and for the kernel's docs.

The room of what the template gets: the chapters are made in :mod:`uapigen.document`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from uapigen import cdoc, rst, sentences
from uapigen.document import compatibility, drawings, errors, ioctls, records, regions, states, structs
from uapigen.escape import RST
from uapigen.model import Interface, Prose
from uapigen.render import Target


def _context(_: Interface) -> Mapping[str, Any]:
    return {
        "heading": _headings(),
        "doc": cdoc.plain,
        "drawings": drawings,
        "regions": regions,
        "structs": structs,
        "states": states,
        "ioctls": ioctls,
        "errors": errors.errors,
        "compatibility": compatibility.compatibility,
        "records": records,
        "operations": sentences,
    }


def _headings() -> Callable[..., str]:
    """What writes the headings of one document; docutils wants each of them once."""
    seen: dict[str, int] = {}

    def heading(text: Prose | str, rule: str, *, over: bool = False) -> str:
        title = text.text if isinstance(text, Prose) else text
        count = seen[title.casefold()] = seen.get(title.casefold(), 0) + 1
        return rst.heading(title if count == 1 else f"{title} ({count})", rule, over=over)

    return heading


TARGET = Target(
    name="document",
    help="the design document in reStructuredText",
    file="{name}.rst",
    language=RST,
    template="document/document.rst.j2",
    context=_context,
)
