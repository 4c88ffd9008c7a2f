"""Rules on licences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from uapigen.diagnostics import Severity
from uapigen.model import Interface
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.tree import Mapping
from uapigen.wording import closest


@rule(
    "syscall-note",
    why="""Without the note a program that includes the header would be under its licence, too; the
    kernel's headers_install.sh refuses such a header (license-rules.rst, "Linux kernel licensing
    rules").""",
    bad="""
licenses: {header: GPL-2.0}
""",
    good="""
licenses: {header: GPL-2.0 WITH Linux-syscall-note}
""",
)
def syscall_note(interface: Interface) -> Iterator[Finding]:
    """Each GPL or LGPL of the header's licence has `WITH Linux-syscall-note`."""
    expression = interface.licenses.header
    missing = _WITHOUT_NOTE.search(expression)
    if missing:
        yield Finding(
            f"the header's licence {missing.group(1)} has no syscall note",
            _where(interface, "header"),
            f"write `{_with_note(expression)}`",
            (interface,),
        )


_WITHOUT_NOTE = re.compile(
    r"(?<![\w.+-])(L?GPL-[\w.+-]+)(?! +WITH +Linux-syscall-note(?![\w.+-]))(?![\w.+-])"
    r"(?i: +(?:with|and) +(?:the +)?(?:linux[- ])?syscall[- ]note(?:[- ]exception)?(?![\w.+-]))?"
)
"""A licence that lacks the note, or has it in other words."""


def _with_note(expression: str) -> str:
    return _WITHOUT_NOTE.sub(r"\1 WITH Linux-syscall-note", expression)


def _where(interface: Interface, key: str) -> Span:
    section = interface.origin.get("licenses")
    return section.where(key) if isinstance(section, Mapping) else interface.where("licenses")


@rule(
    "unknown-license",
    severity=Severity.WARNING,
    why="""Tools read licences by their SPDX identifiers and take no others (license-rules.rst, "License
    identifier syntax").""",
    bad="""
licenses: {header: GPL-2.0 WITH Linux-syscall-note, bindings: BSD-3}
""",
    good="""
licenses: {header: GPL-2.0 WITH Linux-syscall-note, bindings: BSD-3-Clause}
""",
    thorough=True,
)
def unknown_license(interface: Interface) -> Iterator[Finding]:
    """Licences are SPDX expressions."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    for key in ("header", "bindings", "document"):
        expression = getattr(interface.licenses, key)
        if not expression:  # it is missing, which was said
            continue
        if key == "header":  # how the note is written was said
            expression = _with_note(expression)
        try:
            canonicalize_license_expression(expression)
        except InvalidLicenseExpression:
            unknown = next((word for word in _words(expression) if not _is_known(word)), None)
            meant = closest(unknown, _COMMON.split()) if unknown else None
            yield Finding(
                f"'{unknown or expression}' is no SPDX {'identifier' if unknown else 'expression'}",
                _where(interface, key),
                f"did you mean `{meant}`?"
                if meant
                else "spdx.org/licenses lists the identifiers; AND, OR, WITH and brackets join them",
                (interface,),
            )


def _words(expression: str) -> list[str]:
    return [word for word in re.split(r"[\s()]+", expression) if word and word not in {"AND", "OR", "WITH"}]


def _is_known(word: str) -> bool:
    """Whether a word is the identifier of a licence or of an exception."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    for expression in (word, f"MIT WITH {word}"):
        try:
            canonicalize_license_expression(expression)
        except InvalidLicenseExpression:
            continue
        return True
    return False


_COMMON = """
Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 GFDL-1.2 GPL-1.0
GPL-2.0 GPL-2.0+ GPL-2.0-only GPL-2.0-or-later ISC LGPL-2.0 LGPL-2.1 LGPL-2.1+ LGPL-2.1-only LGPL-2.1-or-later
Linux-OpenIB Linux-syscall-note MIT MPL-1.1 PSF-2.0 X11 Zlib
"""
"""Those that the kernel's folder LICENSES has, and some more, to guess what was meant."""
