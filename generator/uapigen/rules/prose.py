"""Rules on what is said in prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from uapigen.diagnostics import Severity
from uapigen.model import Element, Interface, Prose, walk
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.wording import closest, quote

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_USERS = r"\b(qemu|libvirt|cloud[- ]hypervisor|crosvm|firecracker|dpdk|spdk|bhyve|virtualbox|vmware)\b"


def _elements(interface: Interface) -> Iterator[Element]:
    """Every element that the header speaks of, the interface itself first."""
    yield interface
    yield from interface.constants
    for enumeration in interface.enumerations:
        yield from (enumeration, *enumeration.values)
    for struct in interface.structs:
        yield from (struct, *(member for _, member in walk(struct.members)))
    if interface.region_type:
        yield from (interface.region_type, *interface.region_type.regions)
    for machine in interface.machines:
        yield from (machine, *machine.parts, *machine.arcs)
        if machine.mask:
            yield machine.mask
    yield from interface.ioctls.commands if interface.ioctls else ()
    yield from interface.operations
    yield from interface.protocol.triggers if interface.protocol else ()
    yield from interface.topics


def _prose(element: Element) -> Iterator[tuple[str, Prose]]:
    """The texts of an element with the keys that they stand under."""
    for field, value in vars(element).items():
        if isinstance(value, Prose) and value:
            yield field.replace("_", "-"), value


def _all_prose(interface: Interface) -> Iterator[tuple[Element, str, Prose, Span]]:
    for element in _elements(interface):
        for key, prose in _prose(element):
            yield element, key, prose, element.where(key)


@rule(
    "names-a-user",
    severity=Severity.WARNING,
    why="""An interface serves whoever uses it; the header of the kernel outlives the programs of the day
    (review, R4: "I'd rather not explicitly mention QEMU in this header").""",
    bad="""
constants:
  - {name: EXAMPLE_CHUNK, value: 4096, doc: Bytes that QEMU reads at a time.}
""",
    good="""
constants:
  - {name: EXAMPLE_CHUNK, value: 4096, doc: Bytes that user space reads at a time.}
""",
)
def names_a_user(interface: Interface) -> Iterator[Finding]:
    """No text names a program that uses the interface."""
    for element, _, prose, span in _all_prose(interface):
        found = re.search(_USERS, prose.text, re.IGNORECASE)
        if found:
            yield Finding(
                f"the text names a user of the interface: {found.group()}",
                span,
                "write `user space`, or what any user does",
                (element,),
            )


@rule(
    "non-ascii-text",
    why="""Headers, mails and the documents of the kernel are ASCII; another character arrives broken at
    somebody's terminal.""",
    bad="""
constants:
  - {name: EXAMPLE_CHUNK, value: 4096, doc: Bytes \u2013 at a time.}
""",
    good="""
constants:
  - {name: EXAMPLE_CHUNK, value: 4096, doc: Bytes - at a time.}
""",
)
def non_ascii_text(interface: Interface) -> Iterator[Finding]:
    """Text that is printed is ASCII."""
    for prose, span, elements in _places(interface):
        yield from _foreign(prose, span, elements)


def _foreign(prose: Prose, span: Span, elements: tuple[Element, ...]) -> Iterator[Finding]:
    if not prose.text.isascii():
        foreign = next(character for character in prose.text if not character.isascii())
        yield Finding(
            f"the text has a character that is not ASCII: U+{ord(foreign):04X}",
            span,
            "write it in ASCII: -, ..., ' and \" for typographic ones",
            elements,
        )


@rule(
    "long-word",
    why="""A line of a header ends at 80 columns where it can, and at 100 in any case
    (`Documentation/process/coding-style.rst`); a word cannot be divided.""",
    bad=f"""
constants:
  - {{name: EXAMPLE_CHUNK, value: 4096, doc: Bytes at a time. {"See_" * 20}also.}}
""",
    good="""
constants:
  - {name: EXAMPLE_CHUNK, value: 4096, doc: Bytes at a time. See also.}
""",
)
def long_word(interface: Interface) -> Iterator[Finding]:
    """No word of a text is longer than a line."""
    for prose, span, elements in _places(interface):
        if found := _LONG_WORD.search(prose.text):
            message = f"the text has a word of {len(found[0])} characters: {quote(found[0])}"
            yield Finding(message, span, "divide it by blanks: a line has room for 80 characters", elements)


_LONG_WORD = re.compile(r"\S{81,}")


@rule(
    "spelling",
    severity=Severity.WARNING,
    why="""A misspelt word in a header stays there for good (review, R8: devie, devcie, versio, longging,
    usespace).""",
    bad="""
constants:
  - {name: EXAMPLE_CHUNK, value: 4096, doc: Bytes that a devcie reads at a time.}
""",
    good="""
constants:
  - {name: EXAMPLE_CHUNK, value: 4096, doc: Bytes that a device reads at a time.}
""",
    thorough=True,
)
def spelling(interface: Interface) -> Iterator[Finding]:
    """Every word is in the dictionary, among the `words:` of the spec, or a part of one of its names."""
    checker = _dictionary()
    own = {word.lower() for word in (*_FIELD.split(), *interface.words, *_named_parts(interface))}
    places = [*_places(interface)]
    unknown = checker.unknown({word for prose, _, _ in places for word in _WORD.findall(prose.text)})
    for prose, span, elements in places:
        for word in dict.fromkeys(_WORD.findall(prose.text)):
            if word.lower() in unknown and word.lower() not in own:
                meant = checker.correction(word) or closest(word, own)
                add = f"add it to `words:` if it is one: `words: [{word}]`"
                yield Finding(
                    f"'{word}' is not in the dictionary",
                    _place(span, word),
                    f"did you mean `{meant}`? If not, {add}" if meant else add,
                    elements,
                )


def _places(interface: Interface) -> Iterator[tuple[Prose, Span, tuple[Element, ...]]]:
    """Every text with its place and what may waive a finding there."""
    for element, _, prose, span in _all_prose(interface):
        yield prose, span, (element,)
    for element in _elements(interface):
        # Why a rule is waived is printed, too.
        yield from ((reason, element.where("allow"), (element,)) for reason in element.allow.values())
    for decision in interface.decisions:
        yield decision.topic, decision.origin.where("topic"), ()
        yield decision.decision, decision.origin.where("decision"), ()


@cache
def _dictionary() -> SpellChecker:
    """Read once: that takes longer than judging a spec."""
    from spellchecker import SpellChecker

    return SpellChecker(distance=1)


_WORD = re.compile(r"(?<![\w./-])[A-Z]?[a-z]+(?![\w/(]|\.\w)")
"""A word as prose has it; what has dots, digits, underscores or more capitals is a name."""

_FIELD = """
bitmap config configs errno init ioctl ioctls kernel mmap mmapped mutex pread pwrite readv struct structs
subtype subtypes syscall uapi userspace vendor writev
"""
"""Words of the field that a dictionary of English lacks."""


def _named_parts(interface: Interface) -> Iterator[str]:
    """The parts of the names that the spec declares: prose speaks of ``pos`` and of ``addr``."""
    for element in _elements(interface):
        yield from re.split(r"[^A-Za-z]+", element.name)


def _place(span: Span, word: str) -> Span:
    """Where the word stands within a text."""
    at = re.compile(rf"\b{word}\b").search(span.source.text, span.start, span.end)
    return Span(span.source, *at.span()) if at else span
