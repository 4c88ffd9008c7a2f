"""Texts that do not say what their spec says: what ``verify`` is there for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from unittest import mock

from sample import interface_of
from uapigen import cc
from uapigen.diagnostics import Diagnostic
from uapigen.model import Interface
from uapigen.record import changed
from uapigen.render import Artifact, find_target, render
from uapigen.verify import verify

SPEC = """
constants:
  - {name: EXAMPLE_VERSION, value: 3, doc: The version.}
structs:
  - struct: example_info
    doc: What there is.
    fields:
      - {name: argsz, type: u32, doc: size of the whole}
      - {name: flags, type: u32, doc: flags}
      - {name: low, type: u32, bits: 5, doc: low bits}
      - {name: high, type: u32, bits: 27, doc: high bits}
"""

Lie = Callable[[Interface], tuple[Diagnostic, ...]]


def every() -> dict[str, Lie]:
    """What is verified under each name; the findings."""
    return {
        **{name: _changed("header", old, new) for name, (old, new) in _IN_THE_HEADER.items()},
        **{name: _written(file, text) for name, (file, text) in _TEXTS.items()},
        "a-fragment-with-another-number": _changed("fragment", "VERSION\t3", "VERSION\t4"),
        "what-a-compiler-refuses": _compiled(_refused),
        "what-a-compiler-says-else": _compiled(_zeros),
    }


def found(lie: Lie) -> tuple[Diagnostic, ...]:
    """What is found."""
    return lie(interface_of(SPEC))


_IN_THE_HEADER = {
    "another-number": ("EXAMPLE_VERSION\t3", "EXAMPLE_VERSION\t4"),
    "a-number-that-is-gone": ("#define EXAMPLE_VERSION\t3\n", ""),
    "another-type": ("\t__u32 flags;", "\t__u16 flags;"),
    "members-exchanged": ("\t__u32 argsz;\n\t__u32 flags;", "\t__u32 flags;\n\t__u32 argsz;"),
    "bits-exchanged": ("low : 5;\n\t__u32 high : 27;", "high : 27;\n\t__u32 low : 5;"),
    "another-width": ("low : 5;", "low : 6;"),
    "a-struct-that-is-packed": ("};\n\n#endif", "} __attribute__((packed));\n\n#endif"),
    "a-type-of-another-size-on-each-abi": ("\t__u32 flags;", "\tlong flags;"),
    "a-number-more": ("#define EXAMPLE_VERSION\t3", "#define EXAMPLE_VERSION\t3\n#define EXAMPLE_MORE 1"),
    "a-member-more": ("\t__u32 flags;", "\t__u32 flags;\n\t__u8 hidden[0];"),
    "a-struct-more": ("struct example_info {", "struct example_more { __u32 a; };\nstruct example_info {"),
    "a-comment-that-is-not-closed": ("The version. */", "The version."),
    "a-semicolon-that-is-missing": ("\t__u32 flags;", "\t__u32 flags"),
}
_TEXTS = {
    "a-letter-that-is-not-ascii": ("a.rst", "caf\u00e9\n"),
    "a-blank-at-the-end": ("a.c", "int a; \n"),
    "a-line-end-that-is-missing": ("a.c", "int a;"),
    "a-long-line": ("a.rst", f"{'A line in a mail. ' * 5}\n".replace(". \n", ".\n")),
    "no-python": ("a.py", "a = 1\nb = (\n"),
}


def _changed(target: str, old: str, new: str) -> Lie:
    def lie(interface: Interface) -> tuple[Diagnostic, ...]:
        [artifact] = render(interface, [find_target(target)])
        assert artifact.text.count(old) == 1, artifact.text
        text = artifact.text.replace(old, new)
        return verify(interface, (changed(artifact, text=text),), None).findings

    return lie


def _written(file: str, text: str) -> Lie:
    return lambda interface: verify(interface, (Artifact("any", "example", file, text),), None).findings


# --- what compilers say ---------------------------------------------------------------------------

_Answer = Callable[[cc.Job], "bytes | cc.CompileError"]


def _compiled(answer: _Answer) -> Lie:
    """With a compiler for x86-64 that answers so, and without one for C++."""

    def run(jobs: Sequence[cc.Job]) -> list[bytes | cc.CompileError]:
        return [answer(job) for job in jobs]

    def lie(interface: Interface) -> tuple[Diagnostic, ...]:
        with (
            mock.patch.object(cc, "run", run),
            mock.patch.object(cc, "targets", return_value=(cc.Target("x86-64", ("-m64",)),)),
            mock.patch.object(cc, "find_cxx", return_value=None),
        ):
            return verify(interface, render(interface, [find_target("header")]), "gcc").findings

    return lie


def _refused(job: cc.Job) -> bytes | cc.CompileError:
    """The header is refused; the other headers, which come alone, are not."""
    before, _, _ = job.files.get("example.h", "").partition("\t__u32 argsz;")
    line = before.count("\n") + 1
    said = f"example.h:{line}:2: error: unknown type name '__u32'\na.h:1:1: error: no such thing"
    return cc.CompileError(said) if job.files and "-fsyntax-only" in job.flags else b""


def _zeros(job: cc.Job) -> bytes:
    """Every number is 0, and no bit is where it was set."""
    values = job.source.count("UAPIGEN_VALUE(") - 1
    objects = job.source.count("uapigen_object_")
    images = (
        cc._image_mark(number, last=False) + b"\0" * 13 + cc._image_mark(number, last=True) + b"\0"
        for number in range(objects)
    )
    return cc._MARK + b"\0" * 9 * values + cc._END + b"".join(images)
