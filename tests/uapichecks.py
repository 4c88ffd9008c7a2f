"""What a uAPI header is asked before the kernel takes it: one table of checks, for a command and for tests.

A check gives a file to a tool and says what the tool has against it.  Headers that exist break rules: where
there is a text ``before`` the one that is checked, a ``lenient`` check leaves out what it says of both.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import NamedTuple

from ctext import STRICT, compile_errors, run_script
from tools import require, require_compiler
from uapigen import cc
from uapigen.abi import ABIS
from uapigen.creader import Header, HeaderError, read_header

HEADER, KEPT, PATCH = "header", "kept", "patch"
FRAGMENT, DRIVER, TEST = "fragment", "driver", "test"
"""Kinds of files.  One that is KEPT is a header that was there before, whose ABI must stay as it was."""

_PLAIN = "-fno-diagnostics-show-caret"
ALIGNMENTS = ("x86-64", "i386")
"""ABIs that align a ``__u64`` differently."""


class File(NamedTuple):
    """What is checked, and how it is called.

    ``place`` is its path in the kernel, ``beside`` are texts that it can include by name, ``flags`` are what
    a compiler needs to take it.
    """

    name: str
    place: str
    text: str
    before: str | None = None
    beside: Mapping[str, str] = {}
    flags: tuple[str, ...] = ()


class Check(NamedTuple):
    """A check: the kinds of files that it is for, and the function that says what is against one."""

    name: str
    kinds: tuple[str, ...]
    ask: Callable[[File], list[str]]
    lenient: bool = False

    def findings(self, file: File) -> list[str]:
        """What is against the file, a text each.  Raises what :func:`tools.missing` returns."""
        try:
            found = self.ask(file)
            if found and self.lenient and file.before is not None:
                known = Counter(map(_without_lines, self.ask(file._replace(text=file.before))))
                return [each for each in found if not _taken(known, _without_lines(each))]
        except (RefusedError, HeaderError) as error:
            return [str(error)]
        return found


class RefusedError(Exception):
    """A tool does not do its work on a file, and there is nothing to look at."""


def of(kind: str) -> tuple[Check, ...]:
    """The checks for a kind of file."""
    return tuple(check for check in CHECKS if kind in check.kinds)


def _without_lines(said: str) -> str:
    """The same without the numbers of lines."""
    return re.sub(r"^#\d+: |:\d+(?=:)", "", said, flags=re.MULTILINE)


def _taken(known: Counter[str], said: str) -> bool:
    """Whether this is one of those that are known, of which it is struck out."""
    known[said] -= 1
    return known[said] >= 0


# --- the kernel's own scripts ---------------------------------------------------------------------


@contextmanager
def _placed(file: File) -> Iterator[Path]:
    """A folder with the file at its place."""
    with TemporaryDirectory() as folder:
        path = Path(folder, file.place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
        yield Path(folder)


def _checkpatch(file: File, *options: str) -> list[str]:
    """What checkpatch says, but for this: it takes a member that ends in an attribute for a statement."""
    with _placed(file) as folder:
        done = run_script("checkpatch.pl", "--no-tree", "--strict", *options, file.place, folder=folder)
    if not re.search(r"^total: \d+ errors, ", done.stdout, re.MULTILINE):
        raise RefusedError(done.stdout + done.stderr)
    found = re.findall(r"^(?:ERROR|WARNING|CHECK): .*(?:\n.+)*", done.stdout, re.MULTILINE)
    mistaken = re.compile(r".*Missing a blank line after declarations\n.*\n.*\n\+\t+__s64 \S+ __attribute__")
    return [each for each in found if not mistaken.match(each)]


def _checkpatch_file(file: File) -> list[str]:
    return _checkpatch(file, "-f")


def _checkpatch_patch(file: File) -> list[str]:
    """A patch without the words of its author."""
    return _checkpatch(file, "--no-signoff", "--ignore", "COMMIT_MESSAGE")


def _kernel_doc(file: File) -> list[str]:
    with _placed(file) as folder:
        done = run_script("kernel-doc", "-none", "-Werror", file.place, folder=folder)
    found = [line for line in done.stderr.splitlines() if not line.endswith("warnings as Errors")]
    return found or _silence(done)


def exported(file: File) -> tuple[str, list[str]]:
    """The header as the kernel exports it, and what is said against that."""
    unifdef = require("unifdef", "/usr/lib/linux-kbuild-6.1/scripts/unifdef")
    with _placed(file) as folder:
        (folder / "scripts").mkdir()
        (folder / "scripts/unifdef").symlink_to(unifdef)
        done = run_script("headers_install.sh", file.place, "exported.h", folder=folder)
        made = folder / "exported.h"
        text = made.read_text(encoding="utf-8") if made.is_file() else ""
    return text, [each for each in [done.stderr.strip()] if each] or _silence(done)


def _headers_install(file: File) -> list[str]:
    _, found = exported(file)
    if file.before is None and not re.search(r"^#ifndef _UAPI", file.text, re.MULTILINE):
        found.append("no guard that begins with _UAPI: the kernel strips that from what it exports")
    return found


def _hdrtest(file: File) -> list[str]:
    """What the kernel does with what it has exported (its usr/include/Makefile): each alone, and twice."""
    gcc = require("gcc")
    folders = ("-I/usr/include", f"-I/usr/include/{_done(gcc, '-print-multiarch').stdout.strip()}")
    strict = ("-Wall", "-Werror", "-fsyntax-only", _PLAIN, *file.flags)
    twice = ("/dev/null", "-include", file.place, "-include", file.place)
    found = []
    with _placed(file) as folder:
        for command, *options in ((gcc, "-std=c90", "-xc"), (require("g++"), "-std=c++98", "-xc++")):
            done = _done(command, "-nostdinc", *folders, *strict, *options, *twice, folder=folder)
            found += _errors(done.stderr) or _silence(done)
        done = run_script("headers_check.pl", "/usr/include", "x86", file.place, folder=folder)
    return found + (done.stderr.splitlines() or _silence(done))


def _done(*command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    plain = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=plain)


def _silence(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Nothing.  Raises :class:`RefusedError` where a tool fails without a word."""
    if done.returncode:
        raise RefusedError(f"exit status {done.returncode}, and nothing was said")
    return []


# --- the compilers --------------------------------------------------------------------------------


def _said_by(abi: str, source: str, files: Mapping[str, str], *flags: str, name: str) -> list[str]:
    return _errors(compile_errors(source, files, abi, *flags, _PLAIN, name=name))


def _errors(said: str) -> list[str]:
    """The errors of a compiler, each with the notes behind it; all that it says where it names none."""
    lines = re.split(r"^(?=\S+: (?:fatal )?error: )", said, flags=re.MULTILINE)
    behind = re.compile(r"\n(?:In file included from |cc1(?:plus)?: |compilation terminated).*", re.DOTALL)
    return [behind.sub("", each).rstrip() for each in lines[1:] or lines if each.strip()]


def _compiles(file: File, *flags: str, name: str = "twice.c") -> list[str]:
    """Whether it does without a warning, twice in one file."""
    included = Path(file.place).name
    files, every = {**file.beside, included: file.text}, (*flags, *STRICT, *file.flags)
    twice = f'#include "{included}"\n' * 2
    return [f"{abi}: {each}" for abi in ALIGNMENTS for each in _said_by(abi, twice, files, *every, name=name)]


def _in_c(standard: str, file: File) -> list[str]:
    return _compiles(file, f"-std={standard}", "-Wc++-compat")


def _in_cxx(file: File) -> list[str]:
    return _compiles(file, "-std=c++98", name="twice.cc")


def _in_gnu11(file: File) -> list[str]:
    return _compiles(file, "-std=gnu11")


def _holds(abi: str, file: File) -> list[str]:
    """Whether a file of assertions about a header beside it compiles."""
    return _said_by(abi, file.text, file.beside, "-std=gnu11", *STRICT, *file.flags, name=file.place)


def _padding(file: File) -> list[str]:
    """Gaps that the compiler fills.  With -m32 none is before a ``__u64``: the struct is smaller then."""
    found, header = _compiles(file, "-Wpadded"), _read(file.text)
    asked = [f"sizeof({_record(header, tag)})" for tag in header.structs]
    sizes = [_values(abi, file.text, asked, file.flags) for abi in ALIGNMENTS]
    for each, one, other in zip(asked, *sizes, strict=True):
        if one != other:
            found.append(f"{each} is {one} on {ALIGNMENTS[0]} and {other} on {ALIGNMENTS[1]}")
    return found


def _values(abi: str, text: str, asked: Sequence[str], further: tuple[str, ...]) -> list[int]:
    compiler, flags = require_compiler(abi)
    values = cc.probe(compiler, (*flags, *further, _PLAIN), text, asked)
    if isinstance(values, cc.CompileError):
        raise RefusedError(values.message)
    return values


# --- the text -------------------------------------------------------------------------------------


READER = Lock()
"""Who reads headers: there is one parser of C, which is not made for several threads."""


@cache
def _read(text: str) -> Header:
    with READER:
        return read_header(text)


def _record(header: Header, tag: str) -> str:
    return f"{'union' if tag in header.unions else 'struct'} {tag}"


def _documented(file: File) -> list[str]:
    """Structs and members without kernel-doc: the script does not miss those of inner structs."""
    header, found = _read(file.text), []
    for tag in header.structs:
        declared = re.search(
            rf"(?:/\*\*((?:(?!\*/).)*)\*/\n)?^{_record(header, tag)} {{\n(.*?)^}}", file.text, re.M | re.S
        )
        if declared is None or declared[1] is None:
            found.append(f"{_record(header, tag)} has no kernel-doc")
            continue
        known = {*re.findall(r"@([\w.]+):", declared[1] + declared[2])}
        members = header.layout(tag, ABIS["x86-64"]).members
        found += [f"{tag}: no @{each.path}: in its kernel-doc" for each in members if each.path not in known]
    return found


# --- what must stay as it was ---------------------------------------------------------------------


def facts(text: str) -> list[str]:
    """Expressions for all that the ABI of a header is: sizes, offsets, values."""
    header = _read(text)
    asked = []
    for tag in header.structs:
        record = _record(header, tag)
        asked.append(f"sizeof({record})")
        for path, _, size, _, bits in header.layout(tag, ABIS["x86-64"]).members:
            asked += [f"offsetof({record}, {path})"] if bits is None else []
            asked += [f"sizeof((({record} *)0)->{path})"] if bits is None and size else []
    return [*asked, *header.enumerators, *(name for name in header.macros if _is_value(header, name))]


def _is_value(header: Header, name: str) -> bool:
    macro = header.macros[name]
    return macro.parameters is None and bool(macro.body) and not macro.body[0].text.startswith('"')


def _keeps_values(abi: str, file: File) -> list[str]:
    """Sizes, offsets and values, of which abidiff does not see those of macros, and all other macros."""
    assert file.before is not None
    before, after, asked = _read(file.before), _read(file.text), facts(file.before)
    was, now = (_values(abi, text, asked, file.flags) for text in (file.before, file.text))
    found = [
        f"{each} was {old} and is {new}" for each, old, new in zip(asked, was, now, strict=True) if old != new
    ]
    others = (name for name in before.macros if not _is_value(before, name))
    return found + [
        f"{name} is another macro" for name in others if _meaning(before, name) != _meaning(after, name)
    ]


def _meaning(header: Header, name: str) -> object:
    macro = header.macros.get(name)
    return macro and (macro.parameters, [token.text for token in macro.body])


@contextmanager
def _objects(file: File, abi: str) -> Iterator[list[str]]:
    """Two shared objects with the types of the header, as it was and as it is.

    Each has a symbol, without which they are nothing to compare.
    """
    compiler, flags = require_compiler(abi)
    every = ("-shared", "-nostdlib", "-fPIC", "-g", "-fno-eliminate-unused-debug-types", _PLAIN, *file.flags)
    with TemporaryDirectory() as folder:
        made = []
        for name, text in (("was", file.before or ""), ("is", file.text)):
            (Path(folder) / f"{name}.h").write_text(text, encoding="utf-8")
            (Path(folder) / f"{name}.c").write_text(f'#include "{name}.h"\nint symbol;\n')
            done = _done(*compiler.split(), *flags, *every, f"{name}.c", "-o", name, folder=Path(folder))
            if done.returncode:
                raise RefusedError(done.stderr)
            made.append(str(Path(folder) / name))
        yield made


def _abidiff(file: File) -> list[str]:
    """Types that are gone or others; that there are more is what the pieces are for."""
    found = []
    for abi in ALIGNMENTS:
        with _objects(file, abi) as both:
            done = _done(require("abidiff"), "--non-reachable-types", *both)
        kept = re.search(r"^Unreachable types summary: 0 removed[^,]*, 0 changed", done.stdout, re.M)
        if done.returncode and not kept:
            found.append(f"{abi}:\n{done.stdout}{done.stderr}".rstrip())
    return found


def _pahole(file: File) -> list[str]:
    """Structs that are not laid out as they were, or whose members are not called as they were."""
    found = []
    for abi in ALIGNMENTS:
        with _objects(file, abi) as both:
            was, now = (_structs(_done(require("pahole"), path)) for path in both)
        for head, text in was.items():
            if now.get(head) != text:
                found.append(f"{abi}: what was\n{text}\nis now\n{now.get(head, 'not there')}")
    return found


def _structs(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    if done.returncode or not done.stdout:
        raise RefusedError(done.stderr or "pahole finds nothing")
    return {each.split("\n")[0]: each for each in re.findall(r"^\w.*\{\n(?:.*\n)*?\}.*", done.stdout, re.M)}


CHECKS = (
    Check("checkpatch", (HEADER, FRAGMENT, DRIVER), _checkpatch_file, lenient=True),
    Check("checkpatch of the patch", (PATCH,), _checkpatch_patch),
    Check("kernel-doc", (HEADER, DRIVER), _kernel_doc, lenient=True),
    Check("every member documented", (HEADER,), _documented, lenient=True),
    Check("headers_install", (HEADER,), _headers_install),
    Check("hdrtest", (HEADER,), _hdrtest),
    *(Check(name.upper(), (HEADER,), partial(_in_c, name)) for name in ("c90", "c99", "c11")),
    Check("C++98", (HEADER,), _in_cxx),
    Check("gnu11", (DRIVER,), _in_gnu11),
    Check("padding", (HEADER,), _padding, lenient=True),
    *(Check(f"assertions on {abi}", (TEST,), partial(_holds, abi)) for abi in ABIS),
    Check("types by abidiff", (KEPT,), _abidiff),
    Check("types by pahole", (KEPT,), _pahole),
    *(Check(f"values on {abi}", (KEPT,), partial(_keeps_values, abi)) for abi in ABIS),
)
"""All checks."""
