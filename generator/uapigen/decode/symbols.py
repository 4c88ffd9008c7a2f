"""What a number in a member means, by the names that the spec has for it.

The room between a number and its names.  Where the number came from, and how it is
printed, is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from uapigen.model import Enumeration, Machine, Unknown, Value


class Meaning(NamedTuple):
    """What there is to say about a number.

    ``names`` is what it stands for, "" where it has no name.  ``remark`` is what is unusual and
    ``problem`` what is wrong.  ``bits``: it is a set of bits, better read in hexadecimal.  ``prefix`` is
    what C has before the names.
    """

    names: str = ""
    remark: str = ""
    problem: str = ""
    bits: bool = False
    prefix: str = ""


def enumerated(enumeration: Enumeration, number: int, width: int) -> Meaning:
    """The value, or the flags, that a number of ``width`` bits is."""
    meant = _flags(enumeration, number, width) if enumeration.flags else _value(enumeration, number, width)
    return meant._replace(prefix=enumeration.prefix if meant.names else "")


def state(machine: Machine, number: int, width: int) -> Meaning:
    """The state that a number of ``width`` bits holds."""
    number = _pattern(number, width)
    known = 0
    for part in machine.parts:
        known |= _pattern(part.value, width)
    rest = 0 if machine.encoding == "enumerated" else number & ~known
    found = next((each for each in machine.states if _pattern(each.value, width) == number - rest), None)
    meant = Meaning(bits=machine.encoding == "bits")
    if found:
        of = f" ({' | '.join(found.parts)})" if found.parts and found.name != "+".join(found.parts) else ""
        meant = meant._replace(names=f"{found.name}{of}", prefix=machine.prefix)
    parts = _parts(machine, number)
    problems = [] if found else [f"{parts} is no state" if parts else f"no state of {machine.name}"]
    if rest and machine.unknown is Unknown.PRESERVED:
        meant = meant._replace(remark=f"{rest:#x} is preserved")
    elif rest:
        problems.append(f"{rest:#x} has no name")
    return meant._replace(problem=", ".join(problems))


def _parts(machine: Machine, number: int) -> str:
    """The names of the bits that make a number that is no state."""
    if machine.encoding == "enumerated":
        return ""
    return "+".join(part.name for part in machine.parts if part.value and part.value & number == part.value)


def _value(enumeration: Enumeration, number: int, width: int) -> Meaning:
    pattern = _pattern(number, width)
    names = [_name(each) for each in enumeration.values if _pattern(each.value, width) == pattern]
    if names:
        return Meaning(" or ".join(names))
    return _unknown(Meaning(), enumeration, f"no name in {enumeration.name}")


def _flags(enumeration: Enumeration, number: int, width: int) -> Meaning:
    number = _pattern(number, width)
    if number == 0:
        names = [_name(each) for each in enumeration.values if each.value == 0]
        return Meaning(" or ".join(names), bits=True)
    words, rest = [], number
    for flag, shown in _set(enumeration, number):
        words.append(_name(flag) if shown == flag.value else f"{shown:#x} of {_name(flag)}")
        rest &= ~shown
    meant = Meaning(" | ".join(words), bits=True)
    if not rest:
        return meant
    return _unknown(
        meant, enumeration, f"{rest:#x} has no name" if words else f"no name in {enumeration.name}"
    )


def _set(enumeration: Enumeration, number: int) -> Iterator[tuple[Value, int]]:
    """The flags that are set, and of masks, such as that of a number among the flags, the bits in them.

    A bit with a name of its own is told by that, never by a mask.
    """
    single = [each for each in enumeration.values if each.value > 0 and each.value & (each.value - 1) == 0]
    own = 0
    for flag in single:
        if flag.value & number and not flag.value & own:
            yield flag, flag.value
        own |= flag.value
    told = own
    for mask in enumeration.values:
        rest = number & mask.value & ~told
        if rest:
            yield mask, mask.value if number & mask.value == mask.value else rest
            told |= mask.value


def _unknown(meant: Meaning, enumeration: Enumeration, said: str) -> Meaning:
    """What is said of a number without a name: what becomes of it."""
    if enumeration.unknown is Unknown.REFUSED:
        return meant._replace(problem=said)
    return meant._replace(remark=f"{said}, {enumeration.unknown.value}")


def _name(value: Value) -> str:
    """The name as the spec has it; as C does, where it is a number without that."""
    return value.name if not value.name.isdigit() else value.c_name


def _pattern(number: int, width: int) -> int:
    """A number without a sign that has the same bits."""
    return number & ((1 << width) - 1)
