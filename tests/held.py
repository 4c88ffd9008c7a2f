"""What must hold of any text whatever: it is refused in words, or all that is made of it is sound.

The room of that one sentence, in memory, without a C compiler.  It is used by the property tests and by
the fuzzer.
"""

from __future__ import annotations

from unicodedata import bidirectional, category

import rstread
from uapigen.commands.specs import has_errors
from uapigen.diagnostics import Diagnostic, SpecError
from uapigen.model import Interface
from uapigen.pipeline import load_source
from uapigen.render import Artifact, find_target, render, target_names
from uapigen.report import format_text
from uapigen.rules import check
from uapigen.source import Source
from uapigen.verify import verify


class Accepted:
    """An interface that was let through, and what was made of it."""

    def __init__(self, interface: Interface, artifacts: tuple[Artifact, ...]) -> None:
        self.interface = interface
        self.texts = {artifact.file: artifact.text for artifact in artifacts}

    def named(self, ending: str) -> str:
        """The only text whose file has this ending."""
        (text,) = (text for file, text in self.texts.items() if file.endswith(ending))
        return text


def outcome(spec: str, *, thorough: bool = False) -> Accepted | str:
    """What is made of the text as a spec, or what is printed of it.

    Fails where something is made that does not verify, that Python does not compile or that docutils
    warns of, and with every exception but that of a located error.
    """
    try:
        interface = load_source(Source("mutant.yaml", spec))
    except SpecError as error:
        return printed(error.diagnostics)
    found = check(interface, thorough=thorough)
    text = printed(found, least=0)
    if has_errors(found):
        return text
    artifacts = render(interface, [find_target(name) for name in target_names()])
    findings = verify(interface, artifacts, None).findings
    if findings:
        # What only the text can tell, such as a spelling that is no number: the finding is in the spec.
        assert all(each.span and each.span.source is interface.origin.span.source for each in findings), (
            format_text(findings)
        )
        return printed(findings)
    accepted = Accepted(interface, artifacts)
    for file, made in accepted.texts.items():
        if file.endswith(".py"):
            compile(made, file, "exec")
    rstread.parsed(accepted.named(".rst"))
    return accepted


def printed(diagnostics: object, least: int = 1) -> str:
    """What a user reads; each finding has an id, a place and words of printable ASCII or of the spec."""
    found = list(diagnostics)  # type: ignore[call-overload]
    assert len(found) >= least
    for each in found:
        assert isinstance(each, Diagnostic)
        assert each.id
        assert each.message
        assert each.span is not None
        assert 0 <= each.span.start <= each.span.end <= len(each.span.source.text) + 1, each
    text = format_text(found)
    assert "Traceback" not in text
    assert not [character for character in text if _is_hidden(character)], text
    return text


def _is_hidden(character: str) -> bool:
    """It does not show on a terminal, moves the cursor or turns the line around."""
    if character.isascii():
        return not (character.isprintable() or character in "\n\t")
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return category(character) in {"Cc", "Cs", "Zl", "Zp"} or bidirectional(character) in turning
