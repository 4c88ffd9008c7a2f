"""What the comments of a header say: the prose of the spec, and the facts of the model in words.

The room of sentences for readers of C.  How a comment is laid out is the templates' matter, and how its
text is escaped that of :mod:`uapigen.escape`: everything here stays :class:`~uapigen.model.element.Prose`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from uapigen.model import (
    Access,
    Constant,
    Element,
    Enumeration,
    Group,
    Interface,
    Ioctl,
    Machine,
    Member,
    Pad,
    Prose,
    Region,
    RegionType,
    State,
    StatePart,
    Struct,
)
from uapigen.wording import listing

_ACCESS = {Access.RO: "read-only", Access.WO: "write-only", Access.RW: "read/write"}


def plain(element: Element, *sentences: str) -> Prose:
    """The doc of an element, followed by sentences and by its age."""
    return _followed(element.doc, *sentences, *(f"{_capital(note)}." for note in _age(element)))


def constant(element: Constant) -> Prose:
    """The doc of a constant; of a version also what a new one means."""
    doc = plain(element)
    return Prose(f"{doc.text}\n\n{element.version_policy.text}") if element.version_policy else doc


def machine(element: Machine) -> Prose:
    """The doc of a state machine, with its initial state as C writes it."""
    doc = plain(element)
    if element.initial is None:
        return doc
    return Prose(f"{doc.text}\n\nA device starts as {state_in_c(element, element.initial)}.")


def state_part(machine_: Machine, part: StatePart, common: Container[str] = ()) -> Prose:
    """The doc of a number that states are made of, with what its state needs besides what is ``common``."""
    state = machine_.state(part.name)
    if state is None or part.kind == "mask":
        return plain(part)
    features = machine_.features
    needs = [name for name in state.needs if name not in common]
    needed = [value.c_name for name in needs if features and (value := features.value(name))]
    return plain(
        part,
        *(["It cannot be requested."] if state.kind == "error" else []),
        *([f"Needs {listing(needed, 'and')}."] if needed else []),
    )


def combinations(element: Machine) -> Iterator[tuple[str, Prose]]:
    """The combinations of bits that are states, with their bits, and those that are said to be none."""
    if element.encoding == "bits":
        for state in element.states:
            name, bits, doc = state.c_name or state.name, _bits(state), plain(state)
            if doc:
                yield name if name == bits else f"{name} ({bits})", doc
            elif name != bits:
                yield name, Prose(bits)
    for state in element.invalid:
        yield _bits(state), plain(state, "Invalid: no state.")


def _bits(state: State) -> str:
    return " | ".join(state.parts) or "no bit"


def region(element: Region) -> Prose:
    """The doc of a region, with when it exists and how it can be mapped."""
    exists = f"Exists when {element.present.value.c_name} is set." if element.present else "Mandatory."
    facts = ["can be mapped"] if element.mappable else []
    if element.length_multiple:
        unit = "the page size" if element.length_multiple == "page" else f"{element.length_multiple} bytes"
        facts.append(f"its length is a multiple of {unit}")
    return plain(element, exists, *([f"{_capital('; '.join(facts))}."] if facts else []))


def subtypes(element: RegionType) -> Prose:
    """The heading of the subtypes."""
    return Prose(f"Subtypes of {element.name}.")


def capability(struct: Struct) -> Prose:
    """The doc of the number of a capability."""
    assert struct.capability
    return Prose(f"Capability of {struct.keyword} {struct.name}, version {struct.capability.version}.")


def ioctl(element: Ioctl) -> Prose:
    """The doc of an ioctl, with its argument."""
    argument = element.argument
    return plain(element, *([f"The argument is {argument.keyword} {argument.name}."] if argument else []))


def members(
    interface: Interface, struct: Struct, inside: Mapping[str, tuple[tuple[str, Prose], ...]]
) -> Iterator[tuple[str, Prose]]:
    """What is said of every member that has a name, as kernel-doc calls it.

    ``inside`` maps the path of a member to the docs of the values that are written beneath it.
    """
    for path, member, _ in struct.inside:
        if not member.name:
            continue
        doc = _noted(member.doc, (*_member_notes(interface, member), *_age(member)))
        if doc:
            yield f"@{path}", doc
        yield from inside.get(path, ())


def _member_notes(interface: Interface, member: Member) -> Iterator[str]:
    if isinstance(member, Pad):
        yield member.meaning
    elif isinstance(member, Group):
        if member.present:
            yield f"only with {member.present.value.c_name}"
    else:
        if member.access:
            yield _ACCESS[member.access]
        if member.enumeration:
            yield _taken(member.enumeration)
        if member.machine:
            yield from (_taken(each) for each in interface.machines if each.name == member.machine)
        if member.array and member.array.counted_by:
            yield f"{member.array.counted_by} elements"
        if member.pointer_to:
            struct = interface.struct(member.pointer_to)
            yield f"address of {f'{struct.keyword} {struct.name}' if struct else member.pointer_to}"


def _taken(values: Enumeration | Machine) -> str:
    if values.form == "enum":
        return f"enum {values.name}"
    if isinstance(values, Machine):
        return f"{values.prefix}*"
    return f"{values.prefix}* flags" if values.flags else f"one of {values.prefix}*"


def state_in_c(machine_: Machine, state: State) -> str:
    """A state as C writes it: its own name, or the names of what it is made of."""
    names = {part.name: part.c_name for part in machine_.parts}
    return state.c_name or " | ".join(names[part] for part in state.parts) or "0"


def _age(element: Element) -> Iterator[str]:
    if element.since:
        yield f"since {element.since}"
    if element.deprecated:
        yield f"deprecated since {element.deprecated}"


def _followed(doc: Prose, *sentences: str) -> Prose:
    """The doc with sentences at its end."""
    text = doc.text
    if text and sentences and not text.endswith((".", "!", "?", ":")):
        text += "."
    return Prose(" ".join(part for part in (text, *sentences) if part))


def _noted(doc: Prose, notes: tuple[str, ...]) -> Prose:
    """The doc of a member with notes: in brackets behind a phrase, a sentence behind sentences."""
    if not notes:
        return doc
    joined = ", ".join(notes)
    if not doc:
        return Prose(joined)
    return (
        _followed(doc, f"{_capital(joined)}.") if doc.text.endswith(".") else Prose(f"{doc.text} ({joined})")
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
