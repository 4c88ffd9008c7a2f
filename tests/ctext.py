"""Generated C for tests: rendered from a spec, compiled and run, read as tokens."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sample import ROOT, SPECS
from tools import require, require_compiler
from uapigen import cc
from uapigen.model import Interface
from uapigen.render import find_target, render, snake

STRICT = ("-Wall", "-Wextra", "-Werror")
KERNEL = ROOT / ".cache/kernel"
"""What ``make deps`` takes out of the sources of the kernel."""

KERNEL_SCRIPTS = (str(KERNEL / "scripts"), str(KERNEL / "usr/include"), "/usr/lib/linux-kbuild-6.1/scripts")
"""Where the kernel's own checks are: those of its sources, and those that Debian installs."""

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


def compile_errors(
    source: str, files: Mapping[str, str], abi: str, *flags: str, name: str = "source.c"
) -> str:
    """What the compiler of an ABI says of a file of C or C++ that it refuses; nothing where it takes it."""
    compiler, own = require_compiler(abi)
    if name.endswith(".cc"):
        compiler = cc.find_cxx(compiler) or require(compiler.replace("gcc", "g++"))
    (made,) = cc.run([cc.Job(compiler, (*own, *flags), source, files, name)])
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
