"""The C compiler as a witness: does the header compile as promised, and does it mean what the spec says?

The room of what is compiled and of what the answers mean; processes are :mod:`uapigen.cc`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from uapigen import cc
from uapigen.abi import ABIS
from uapigen.declared import owners
from uapigen.diagnostics import Diagnostic
from uapigen.model import Element, Interface
from uapigen.proof.claims import Answers, BitField, Claim, bit_count, claims, disagreements, first_bit
from uapigen.record import Record
from uapigen.source import Source, Span

_STRICT = ("-Wall", "-Wextra", "-Werror", "-fsyntax-only")
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<[^>\n]+>", re.MULTILINE)
_ELSEWHERE = re.compile(r"^#ifdef (?:__KERNEL__|\w+_INSTALLED)$.*?^#else$", re.MULTILINE | re.DOTALL)
_OWN_INCLUDE = re.compile(r'^#include "([^"\n]+)"', re.MULTILINE)
_ERROR = re.compile(r"(?P<file>[^:\s]+):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<message>.*)")


class Checked(NamedTuple):
    """What was found, and sentences on what could not be asked."""

    findings: tuple[Diagnostic, ...]
    left_out: tuple[str, ...]


class _Task(Record):
    """One compilation of ``text``, a file's name, and who is asked by it.

    ``claims`` are what it has to tell about, none where the text only has to compile; ``bit_fields``
    are the members that they are about, where they are about bit fields.
    """

    text: str
    witness: str
    target: cc.Target
    job: cc.Job
    claims: tuple[Claim, ...] = ()
    bit_fields: tuple[BitField, ...] = ()


def check(
    interface: Interface, header: Source, driver: Source | None, programs: Sequence[Source], compiler: str
) -> Checked:
    """Ask a compiler.

    ``header`` has to compile in every language that it promises, ``driver`` as the kernel's C.  ``programs``
    include both and have to compile too: those for which both are there.  Sizes, offsets and numbers have to
    be those of the spec.
    """
    targets = cc.targets(compiler)
    if not targets:
        machine = cc.machine(compiler)
        return Checked((), (f"the layout by '{compiler}': its machine, {machine}, is no ABI that is known",))
    texts = tuple(text for text in (header, driver) if text)
    able = [each for each in programs if _own_includes(each) <= {text.path for text in texts}]
    tasks = [task for target in targets for task in _tasks(interface, texts, able, compiler, target)]
    left_out = []
    cxx = cc.find_cxx(compiler)
    if cxx:
        tasks.append(_strict(interface, header, cxx, targets[0], "c++98"))
    else:
        left_out.append(f"the header as C++: there is no C++ compiler beside '{compiler}'")
    results = dict(zip(tasks, cc.run([task.job for task in tasks]), strict=True))
    helpless = _helpless([task for task, made in results.items() if isinstance(made, cc.CompileError)])
    for task in helpless:
        del results[task]
    findings = (*_not_compiled(results, (*texts, *able)), *_wrong(results))
    return Checked(findings, (*left_out, *dict.fromkeys(helpless.values())))


# --- what is compiled -----------------------------------------------------------------------------


def _own_includes(program: Source) -> set[str]:
    """The texts that a program includes from beside it."""
    return {*_OWN_INCLUDE.findall(program.text)}


def _tasks(
    interface: Interface,
    texts: Sequence[Source],
    programs: Sequence[Source],
    compiler: str,
    target: cc.Target,
) -> Iterator[_Task]:
    """Those for an ABI.  ``texts``: the header and, where there is one, the driver's."""
    witness = f"{compiler}{target.option}"
    header, *drivers = texts
    include = f'#include "{header.path}"\n'
    for standard in ("c90", "c99"):
        yield _strict(interface, header, compiler, target, standard)
    files = {text.path: text.text for text in texts}
    for driver in drivers:
        flags = (*target.flags, "-std=gnu11", *_STRICT)
        job = cc.Job(compiler, flags, f'#include "{driver.path}"\n' * 2, files, "twice.c")
        yield _Task(driver.path, f"{witness} -std=gnu11", target, job)
    for program in programs:
        job = cc.Job(compiler, (*target.flags, *_STRICT), program.text, files, program.path)
        yield _Task(program.path, witness, target, job)
    files = {header.path: header.text}
    # What another header declares can be asked where that header is included.
    structs = [each for each in interface.structs if not each.external or f"<{each.external}>" in header.text]
    asked = tuple(claims(interface, structs, ABIS[target.abi]))
    values = tuple(claim for claim in asked if not claim.bit_field)
    flags = (*target.flags, "-w")
    source = cc.probe_source(include, [claim.expression for claim in values])
    yield _Task(header.path, witness, target, cc.Job(compiler, flags, source, files), values)
    bit_fields = tuple(dict.fromkeys(claim.bit_field for claim in asked if claim.bit_field))
    if bit_fields:
        # C has no offsetof for a bit field: an object in which only that is set shows it.
        source = cc.image_source(include, [(record, f"{{ .{path} = ~0 }}") for record, path in bit_fields])
        of_bits = tuple(claim for claim in asked if claim.bit_field)
        job = cc.Job(compiler, flags, source, files)
        yield _Task(header.path, witness, target, job, of_bits, bit_fields)


def _strict(interface: Interface, header: Source, compiler: str, target: cc.Target, standard: str) -> _Task:
    """The header, included twice, in one language with all the warnings that it promises to be free of."""
    promised = not interface.existing and not _may_be_padded(interface)
    padded = ("-Wpadded",) if promised else ()
    flags = (*target.flags, f"-std={standard}", *_STRICT, *padded)
    source = f'#include "{header.path}"\n' * 2
    name = "twice.cc" if standard == "c++98" else "twice.c"
    job = cc.Job(compiler, flags, source, {header.path: header.text}, name)
    return _Task(header.path, f"{compiler}{target.option} -std={standard}", target, job)


def _may_be_padded(interface: Interface) -> bool:
    """Whether the spec allows the compiler to pad something."""
    elements: list[Element] = [interface]
    for struct in owners(interface):
        elements += (struct, *(member for _, member, _ in struct.inside))
    return any("implicit-padding" in element.allow for element in elements)


def _helpless(failed: Sequence[_Task]) -> dict[_Task, str]:
    """The tasks for which not even the other headers compile, and what is left out with each."""
    jobs = []
    for task in failed:
        texts = (*task.job.files.values(), task.job.source)
        outside = (_ELSEWHERE.sub("", text) for text in texts)
        lines = dict.fromkeys(line for text in outside for line in _INCLUDE.findall(text))
        source = "".join(f"{line}\n" for line in lines)
        flags = (*task.target.flags, "-fsyntax-only")
        jobs.append(task.job._replace(flags=flags, source=source, files={}))
    return {
        task: f"{task.text} for {task.target.abi} by '{task.job.compiler}{task.target.option}': {_why(made)}"
        for task, made in zip(failed, cc.run(jobs), strict=True)
        if isinstance(made, cc.CompileError)
    }


def _why(made: cc.CompileError) -> str:
    error = _ERROR.search(made.message)
    return error["message"] if error else made.message.partition("\n")[0]


# --- what the answers mean ------------------------------------------------------------------------


def _not_compiled(
    results: Mapping[_Task, bytes | cc.CompileError], texts: Sequence[Source]
) -> Iterator[Diagnostic]:
    """One finding for each error, however many compilations have it."""
    sources = {text.path: text for text in texts}
    found: dict[tuple[Span | None, str], list[str]] = {}
    for task, made in results.items():
        if isinstance(made, cc.CompileError):
            for key in _errors(made.message, sources):
                found.setdefault(key, []).append(task.witness)
    for (span, message), witnesses in found.items():
        yield Diagnostic("verify-compile", f"{message} ({', '.join(dict.fromkeys(witnesses))})", span)


def _errors(said: str, sources: dict[str, Source]) -> Iterator[tuple[Span | None, str]]:
    errors = list(_ERROR.finditer(said))
    if not errors:
        yield None, said.partition("\n")[0]
    for error in errors:
        source = sources.get(error["file"])
        if source:
            yield source.line(int(error["line"])), error["message"]
        else:
            yield None, f"{error['file']}:{error['line']}: {error['message']}"


def _wrong(results: Mapping[_Task, bytes | cc.CompileError]) -> Iterator[Diagnostic]:
    """Where a value is not that of the spec."""
    for task, made in results.items():
        if task.claims and not isinstance(made, cc.CompileError):
            values = _bits(task, made) if task.bit_fields else _values(task, made)
            if isinstance(values, cc.CompileError):
                yield Diagnostic("verify-compile", f"{values.message} ({task.witness})", None)
            else:
                answers = Answers(task.target.abi, values)
                yield from disagreements(task.witness, {task.target.abi: task.claims}, [answers])


def _values(task: _Task, made: bytes) -> dict[str, int] | cc.CompileError:
    values = cc.probe_values(made, len(task.claims))
    if isinstance(values, cc.CompileError):
        return values
    return dict(zip((claim.expression for claim in task.claims), values, strict=True))


def _bits(task: _Task, made: bytes) -> dict[str, int] | cc.CompileError:
    images = cc.images(made, len(task.bit_fields))
    if isinstance(images, cc.CompileError):
        return images
    values = {}
    for (record, path), image in zip(task.bit_fields, images, strict=True):
        ones = set_bits(image, big_endian=ABIS[task.target.abi].big_endian)
        values[first_bit(record, path)] = min(ones, default=-1)
        values[bit_count(record, path)] = len(ones)
    return values


def set_bits(image: bytes, *, big_endian: bool) -> list[int]:
    """The numbers of the bits that are set, counted as the ABI takes them for bit fields."""
    return [
        8 * at + place
        for at, byte in enumerate(image)
        for place in range(8)
        if byte >> (7 - place if big_endian else place) & 1
    ]
