"""The texts held against the spec, before anything is written.

The room of the verdict: which texts are asked which questions.  The questions are in
:mod:`uapigen.proof`.
"""

from __future__ import annotations

from typing import NamedTuple

from uapigen.diagnostics import Diagnostic, in_order
from uapigen.model import Interface
from uapigen.proof import texts
from uapigen.render import Artifact, snake
from uapigen.source import Source


class Verification(NamedTuple):
    """What does not hold, and sentences on what could not be asked for want of a tool."""

    findings: tuple[Diagnostic, ...]
    left_out: tuple[str, ...]


def verify(interface: Interface, artifacts: tuple[Artifact, ...], compiler: str | None) -> Verification:
    """Hold every text against the spec that it was made of.

    The header and its fragment are read back and laid out for every ABI; about the header, the
    ``compiler`` (a command, None for none) is asked the same, and it has to take the other C that includes
    it.  A finding points at the element of the spec, or into the text where the spec has no place for it.
    """
    sources = {artifact.file: Source(artifact.file, artifact.text) for artifact in artifacts}
    findings = [found for source in sources.values() for found in texts.check(source)]
    left_out: tuple[str, ...] = ()
    name = snake(interface.name)
    own, drivers = f"{name}.h", f"{name}_driver.h"
    headers = [text for file, text in sources.items() if file == own or file.endswith(".fragment")]
    if headers:
        from uapigen.proof import readback

        findings += readback.check(interface, headers)
    header = sources.get(own)
    if header and compiler:
        from uapigen.proof import compiled

        programs = [source for source in sources.values() if source.path.endswith(".c")]
        asked = compiled.check(interface, header, sources.get(drivers), programs, compiler)
        findings += asked.findings
        left_out = asked.left_out
    return Verification(in_order(findings), left_out)
