"""Generated C for tests: rendered from a spec, compiled and run, read as tokens."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from sample import ROOT, SPECS
from tools import require, require_compiler
from uapigen import cc
from uapigen.model import Interface
from uapigen.render import find_target, render, snake

STRICT = ("-Wall", "-Wextra", "-Werror")
KERNEL_SCRIPTS = (str(ROOT / ".cache/kernel/scripts"), "/usr/lib/linux-kbuild-6.1/scripts")
"""Where ``make deps`` puts the kernel's own checks, and where Debian does."""

FIRST = SPECS / "vfio-device-state.yaml"
HERE = Path(__file__).parent
EVERY_SPEC = (*sorted(SPECS.glob("*.yaml")), *sorted((HERE / "specs").glob("*.yaml")))


def text_of(interface: Interface, target: str) -> str:
    """What a target prints of an interface."""
    (artifact,) = render(interface, [find_target(target)])
    return artifact.text


def header_name(interface: Interface) -> str:
    """The file of the header that compiles alone."""
    return f"{snake(interface.name)}.h"


TRIGRAPHS = {"=": "#", "(": "[", "/": "\\", ")": "]", "'": "^", "<": "{", "!": "|", ">": "}", "-": "~"}


def tokens(text: str) -> list[str]:
    """The words and signs of C text, as a compiler sees them behind its first phases.

    Trigraphs, continued lines and comments go, in this order; a directive keeps its line together.
    """
    text = re.sub(r"\?\?([=(/)'<!>-])", lambda found: TRIGRAPHS[found[1]], text)
    text = re.sub(r"\\\n", "", text)
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    found: list[str] = []
    for line in text.split("\n"):
        words = re.findall(r"\w+|[^\w\s]", line)
        found.extend([" ".join(words)] if words[:1] == ["#"] else words)
    return found


def compile_errors(source: str, files: dict[str, str], abi: str, *flags: str, suffix: str = ".c") -> str:
    """What the compiler of an ABI says of C or C++ text that it refuses; nothing where it takes it."""
    compiler, own = require_compiler(abi)
    if suffix != ".c":
        compiler = cc.find_cxx(compiler) or require(compiler.replace("gcc", "g++"))
    (made,) = cc.run([cc.Job(compiler, (*own, *flags), source, files, suffix)])
    return made.message if isinstance(made, cc.CompileError) else ""


def built(tmp_path: Path, files: dict[str, str], source: str, abi: str = "x86-64", *flags: str) -> Path:
    """The program that a C file makes, ready to run."""
    compiler, own = require_compiler(abi)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    program = tmp_path / "program"
    subprocess.run(
        [*compiler.split(), *own, *STRICT, *flags, source, "-o", program], cwd=tmp_path, check=True
    )
    return program


def run_script(name: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One of the kernel's scripts, in a folder."""
    script = require(name, *(f"{place}/{name}" for place in KERNEL_SCRIPTS))
    start = [require("perl")] if Path(script).read_bytes().split(b"\n")[0].endswith(b"perl") else []
    return subprocess.run(
        [*start, script, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def checkpatch_findings(text: str, folder: Path, path: str = "include/uapi/linux/header.h") -> list[str]:
    """What checkpatch says of a header at this place in the kernel, one text each.

    It takes a member that ends in an attribute for a statement; that is left out.
    """
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_text(text, encoding="utf-8")
    done = run_script("checkpatch.pl", "--no-tree", "--strict", "-f", path, folder=folder)
    assert re.search(r"^total: \d+ errors, ", done.stdout, re.MULTILINE), done.stdout + done.stderr
    found = re.findall(r"^(?:ERROR|WARNING|CHECK): .*(?:\n.+)*", done.stdout, re.MULTILINE)
    mistaken = re.compile(r".*Missing a blank line after declarations\n.*\n.*\n\+\t+__s64 \S+ __attribute__")
    return [each for each in found if not mistaken.match(each)]
