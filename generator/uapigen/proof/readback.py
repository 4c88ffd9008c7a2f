"""The header's text as a witness: read back by pycparser, laid out by :mod:`uapigen.creader`.

The room of one question: does the text say what the spec says, on every ABI?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TypeAlias

from uapigen.abi import ABIS
from uapigen.creader import Header, HeaderError, Layout, Member, read_header
from uapigen.cspelling import attributes, member_lines
from uapigen.declared import owners
from uapigen.diagnostics import Diagnostic, Note
from uapigen.model import Interface, Struct
from uapigen.proof import claims
from uapigen.proof.claims import Answers, Claim
from uapigen.source import Source

WITNESS = "the header text"

_Found: TypeAlias = tuple[object, ...]
"""Whether a text has a union there, and its layout on each ABI."""


def check(interface: Interface, sources: Iterable[Source]) -> Iterator[Diagnostic]:
    """Every disagreement between the spec and the texts of headers, which have much in common."""
    before: Header | None = None
    agreed: dict[str, _Found] = {}
    for source in sources:
        try:
            before = header = read_header(source.text, prelude(interface), before)
            yield from list(_disagreements(interface, source, header, agreed))
        except HeaderError as error:
            message = f"the text cannot be read back: {error.message}"
            yield Diagnostic("verify-header", message, source.line(error.line))


def _disagreements(
    interface: Interface, source: Source, header: Header, agreed: dict[str, _Found]
) -> Iterator[Diagnostic]:
    """Those of one text.  Raises HeaderError, at any time, where it cannot be laid out or evaluated.

    ``agreed`` has, by struct, what an earlier text had in agreement with the spec: it is not asked again.
    """
    layouts = {name: {tag: header.layout(tag, abi) for tag in header.structs} for name, abi in ABIS.items()}

    def note(about: str) -> Note | None:
        """Where the text has a struct (``struct x``) or a number."""
        line = header.lines.get(about.rpartition(" ")[2])
        return Note("the text has it here", source.line(line)) if line else None

    structs = tuple(owners(interface))
    for struct in structs:
        found = (struct.name in header.unions, *(layouts[name].get(struct.name) for name in ABIS))
        if agreed.get(struct.name) != found:
            asked_and_got = _of_layout(interface, struct, header, layouts)
            problems = tuple(claims.disagreements(WITNESS, *asked_and_got, note))
            if not problems:
                agreed[struct.name] = found
            yield from problems
    asked = {name: tuple(claims.number_claims(interface, abi)) for name, abi in ABIS.items()}
    answers = [Answers(name, header.constants(abi)) for name, abi in ABIS.items()]
    yield from claims.disagreements(WITNESS, asked, answers, note)
    numbers = {claim.about for claim in asked["x86-64"]}
    yield from _unclaimed(structs, numbers, header, source, layouts["x86-64"])


def prelude(interface: Interface) -> str:
    """C for what the header takes from other headers, as the spec describes it."""
    constants = [*interface.constants]
    if interface.ioctls:
        constants += (each for each in (interface.ioctls.type, interface.ioctls.base) if each)
    used = {constant.name: constant.value for constant in constants if constant.external}
    lines = [f"#define {name} {value}" for name, value in used.items()]
    for struct in interface.structs:
        if struct.external:
            lines.append(f"{struct.keyword} {struct.name} {{")
            lines += (line for _, line in member_lines(struct.members, frozenset()))
            lines.append(f"}}{attributes(struct)};")
    return "".join(f"{line}\n" for line in lines)


def _of_layout(
    interface: Interface, struct: Struct, header: Header, layouts: Mapping[str, Mapping[str, Layout]]
) -> tuple[dict[str, tuple[Claim, ...]], list[Answers]]:
    """The claims on the layout of a struct, by ABI, and the answers of the text.

    Most structs are laid out alike everywhere, and then there is one set of each for all ABIs.
    """
    known: dict[object, tuple[tuple[Claim, ...], dict[str, int]]] = {}
    asked, answers = {}, []
    for name, abi in ABIS.items():
        found = layouts[name].get(struct.name)
        both = (interface.layouts[name][struct.name], found)
        if both not in known:
            values = dict(_values(_record(header, struct.name), found)) if found else {}
            known[both] = (tuple(claims.layout_claims(interface, struct, abi)), values)
        asked[name], values = known[both]
        answers.append(Answers(name, values))
    return asked, answers


def _values(record: str, layout: Layout) -> Iterator[tuple[str, int]]:
    yield claims.size_of(record), layout.size
    yield claims.align_of(record), layout.align
    for member in layout.members:
        yield from _member(record, member)


def _member(record: str, member: Member) -> Iterator[tuple[str, int]]:
    if member.bit_offset is not None and member.bits is not None:
        yield claims.first_bit(record, member.path), member.bit_offset
        yield claims.bit_count(record, member.path), member.bits
    else:
        yield claims.offset_of(record, member.path), member.offset
        yield claims.member_size(record, member.path), member.size


def _record(header: Header, tag: str) -> str:
    return f"union {tag}" if tag in header.unions else f"struct {tag}"


def _unclaimed(
    structs: tuple[Struct, ...],
    numbers: Set[str],
    header: Header,
    source: Source,
    layouts: Mapping[str, Layout],
) -> Iterator[Diagnostic]:
    """What the text declares and the spec does not; a macro that is replaced by nothing is a guard."""
    known = {*numbers, *(struct.name for struct in structs)}
    macros = [name for name, macro in header.macros.items() if macro.body]
    for name in (*header.structs, *header.enumerators, *macros):
        if name not in known:
            yield _extra(f"'{name}'", source, header.lines[name])
    for struct in structs:
        named = {path for path, member, _ in struct.inside if member.name}
        for member in layouts[struct.name].members if struct.name in layouts else ():
            if member.path not in named:
                what = f"'{member.path}' of {_record(header, struct.name)}"
                yield _extra(what, source, header.lines[struct.name])


def _extra(what: str, source: Source, line: int) -> Diagnostic:
    return Diagnostic("verify-name", f"{what} is in the text and not in the spec", source.line(line))
