"""Rules on what is said in prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from uapigen.diagnostics import Severity
from uapigen.model import Element, Failure, Interface, Prose, Step
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.tree import Mapping
from uapigen.wording import closest, quote

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_USERS = re.compile(
    r"\b(qemu|libvirt|cloud[- ]hypervisor|crosvm|firecracker|dpdk|spdk|bhyve|virtualbox|vmware)\b", re.I
)


def _elements(interface: Interface) -> Iterator[Element]:
    """Every element that the header speaks of, the interface itself first."""
    yield interface
    yield from interface.constants
    for enumeration in interface.enumerations:
        yield from (enumeration, *enumeration.values)
    for struct in interface.structs:
        yield from (struct, *(member for _, member, _ in struct.inside))
    if interface.region_type:
        yield from (interface.region_type, *interface.region_type.regions)
    for machine in interface.machines:
        yield from (machine, *machine.numbers, *machine.arcs)
    yield from interface.ioctls.commands if interface.ioctls else ()
    yield from interface.operations
    yield from interface.protocol.triggers if interface.protocol else ()
    yield from interface.topics


def _prose(element: Element) -> Iterator[tuple[str, Prose]]:
    """The texts of an element with the keys that they stand under."""
    for field, value in vars(element).items():
        if isinstance(value, Prose) and value:
            yield field.replace("_", "-"), value


class _Said(NamedTuple):
    """A text, the value of ``key`` in ``node``, with what may waive a finding there.

    The place is worked out for a finding only: that takes longer than looking at the text.
    """

    prose: Prose
    node: Mapping
    key: str
    elements: tuple[Element, ...]

    def where(self) -> Span:
        return self.node.where(self.key)


def _spoken(interface: Interface) -> Iterator[_Said]:
    """What is said of the interface."""
    for element in _elements(interface):
        for key, prose in _prose(element):
            yield _Said(prose, element.origin, key, (element,))
    for key, named in _headings(interface):
        yield _Said(Prose(named.name), named.origin, key, (named,))
    for operation in interface.operations:
        parts: tuple[Step | Failure, ...] = (*operation.steps, *operation.failures)
        yield from (_Said(part.doc, part.origin, "doc", (operation,)) for part in parts if part.doc)
    section = interface.origin.get("actions")
    if interface.protocol and isinstance(section, Mapping):
        yield _Said(interface.protocol.doc, section, "doc", ())


def _headings(interface: Interface) -> Iterator[tuple[str, Element]]:
    """Elements whose name is a text, with the key of it."""
    yield from (("operation", operation) for operation in interface.operations)
    for trigger in interface.protocol.triggers if interface.protocol else ():
        yield "trigger", trigger
    yield from (("topic", topic) for topic in interface.topics)


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
    for said in _spoken(interface):
        found = _USERS.search(said.prose.text)
        if found:
            yield Finding(
                f"the text names a user of the interface: {found.group()}",
                _place(said.where(), found.group()),
                "write `user space`, or what any user does",
                said.elements,
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
    for said in _places(interface):
        if not said.prose.text.isascii():
            yield _foreign(said.prose, said.where(), said.elements)


def _foreign(prose: Prose, span: Span, elements: tuple[Element, ...]) -> Finding:
    foreign = [character for character in dict.fromkeys(prose.text) if not character.isascii()]
    first = foreign[0]
    others = f", and {len(foreign) - 1} more" if len(foreign) > 1 else ""
    at = span.source.text.find(first, span.start, span.end)
    return Finding(
        f"the text has a character that is not ASCII: U+{ord(first):04X}{others}",
        Span(span.source, at, at + 1) if at >= 0 else span,
        f"write `{_IN_ASCII[first]}`" if first in _IN_ASCII else "write it in ASCII, or in words",
        elements,
    )


_IN_ASCII = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    "\u2026": "...",
    "\u2190": "<-",
    "\u2192": "->",
    "\u2260": "!=",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u00d7": "x",
    "\u00b5": "u",
    "\u03bc": "u",
}
"""What authors of headers write for characters that editors and web pages put into a text."""


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
    for said in _places(interface):
        if found := _LONG_WORD.search(said.prose.text):
            message = f"the text has a word of {len(found[0])} characters: {quote(found[0])}"
            yield Finding(
                message, said.where(), "divide it by blanks: a line has room for 80 characters", said.elements
            )


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
    unknown = checker.unknown({word for each in places for word in _WORD.findall(each.prose.text)}) - own
    found: dict[str, list[tuple[str, Span, tuple[Element, ...]]]] = {}
    for said in places:
        for word in dict.fromkeys(_WORD.findall(said.prose.text)) if unknown else ():
            if word.lower() in unknown:
                found.setdefault(word.lower(), []).append((word, _place(said.where(), word), said.elements))
    for each in found.values():
        yield from _misspelt(interface, each, own)


def _misspelt(
    interface: Interface, each: list[tuple[str, Span, tuple[Element, ...]]], own: set[str]
) -> Iterator[Finding]:
    """One finding for a word, wherever it stands; one more for each place that may have it."""
    first = each[0][0]
    meant = _dictionary().correction(first.lower()) or closest(first, own)
    # Who allows it allows one place.
    allowed = [place for place in each if _may_have_it(interface, place[2])]
    said = [place for place in each if not _may_have_it(interface, place[2])]
    counted = [*((0, place) for place in allowed), *((len(said) - 1, place) for place in said[:1])]
    for more, (word, span, elements) in counted:
        times = f"; {more} more {'text has' if more == 1 else 'texts have'} it" if more else ""
        add = f"add `words: [{word}]` to the spec"
        if "words" in interface.origin:
            add = f"add `{word}` to `words:`"
        right = meant[0].upper() + meant[1:] if meant and word[0].isupper() else meant
        yield Finding(
            f"'{word}' is not in the dictionary{times}",
            span,
            f"did you mean `{right}`? If it is a word, {add}"
            if right
            else f"mend it; if it is a word, {add}",
            elements,
        )


def _may_have_it(interface: Interface, elements: tuple[Element, ...]) -> bool:
    return any(spelling.id in element.allow for element in (interface, *elements))


def _places(interface: Interface) -> Iterator[_Said]:
    """Every text."""
    yield from _spoken(interface)
    for element in _elements(interface):
        # Why a rule is waived is printed, too.
        yield from (_Said(reason, element.origin, "allow", (element,)) for reason in element.allow.values())
    for decision in interface.decisions:
        yield _Said(decision.topic, decision.origin, "topic", ())
        yield _Said(decision.decision, decision.origin, "decision", ())


@cache
def _dictionary() -> SpellChecker:
    """Read once: that takes longer than judging a spec."""
    from spellchecker import SpellChecker

    return SpellChecker(distance=1)


_WORD = re.compile(r"(?<![\w./-])[A-Z]?[a-z]+(?![\w/(]|\.\w)")
"""A word as prose has it; what has dots, digits, underscores or more capitals is a name."""

_FIELD = """
async backend bitmap bitmask cdev config configs cpu cpus dma dmabuf dmabufs enum enums errno eventfd
eventfds fd fds hotplug init ioctl ioctls iommu iova irq irqs kernel matmul metadata mdev mmap mmapped mmio
ms msi mutex ns numa offline opcode opcodes pci pread pwrite readv runtime struct structs subtype subtypes
syscall syscalls sysfs timestamp timestamps uapi uint unmap unmapped unpin userspace vcpu vcpus vendor vfio
virtio workqueue writev
"""
"""Words of the field that a dictionary of English lacks."""


def _named_parts(interface: Interface) -> Iterator[str]:
    """The parts of the names that the spec declares: prose speaks of ``pos`` and of ``addr``."""
    headings = {element for _, element in _headings(interface)}
    for element in _elements(interface):
        if element not in headings:
            yield from re.split(r"[^A-Za-z]+", element.name)


def _place(span: Span, word: str) -> Span:
    """Where the word stands within a text."""
    at = re.compile(rf"\b{re.escape(word)}\b").search(span.source.text, span.start, span.end)
    return Span(span.source, *at.span()) if at else span
