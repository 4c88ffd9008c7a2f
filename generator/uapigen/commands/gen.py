"""``uapigen gen``: from specs to files, all of them or none."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from uapigen.commands.say import say
from uapigen.commands.specs import has_errors, judge_specs
from uapigen.diagnostics import SpecError
from uapigen.files import OutputError, compare, files_below, write_anew, write_changed
from uapigen.model import Interface
from uapigen.render import Artifact, Target, find_target, render, target_names
from uapigen.verify import verify
from uapigen.wording import no_such


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Load, check, render and verify every spec; only then write."""
    if options.diff and not options.check:
        parser.error("--diff goes with --check")
    if options.depfile is not None and options.check:
        parser.error("--depfile goes with what is written, and --check writes nothing")
    if options.depfile == "":
        parser.error("--depfile needs the name of a file")
    if not options.output:
        parser.error("-o needs the name of a folder; `-o .` is the current one")
    targets = _targets(parser, options.target)
    compiler = _compiler(parser, options.cc)
    interfaces, warnings = judge_specs(options.specs)
    if has_errors(warnings):
        raise SpecError(warnings)
    outputs = {interface.name: render(interface, targets) for interface in interfaces}
    left_out = _prove(interfaces, outputs, compiler)
    say(warnings)
    if compiler is None and options.cc != "none":
        left_out = ("no C compiler was found, so that none was asked for the layout", *left_out)
    for sentence in dict.fromkeys(left_out):
        print(f"uapigen: left out: {sentence}", file=sys.stderr)
    root = Path(options.output)
    if options.check:
        return _compare(root, outputs, diff=options.diff)
    depfile = _depfile(root, interfaces, outputs) if options.depfile else ""
    _write(root, outputs)
    if depfile:
        # Its time says when this was: what is as it was keeps its own.
        write_anew(options.depfile, depfile, mark="/uapigen/depfile.py:")  # which every one has
    return 0


def _targets(parser: argparse.ArgumentParser, names: Sequence[str] | None) -> tuple[Target, ...]:
    known = target_names()
    unknown = [name for name in names or () if name not in known]
    if unknown:
        parser.error(no_such("target", unknown[0], known))
    return tuple(find_target(name) for name in dict.fromkeys(names or known))


def _compiler(parser: argparse.ArgumentParser, choice: str | None) -> str | None:
    from uapigen.cc import CompilerNotFoundError, find_compiler

    if choice == "none":
        return None
    try:
        return find_compiler(choice)
    except CompilerNotFoundError as error:
        parser.error(str(error))


def _prove(
    interfaces: Sequence[Interface], outputs: Mapping[str, tuple[Artifact, ...]], compiler: str | None
) -> tuple[str, ...]:
    """Hold every output against its spec; what could not be asked.  Raises SpecError."""
    results = [verify(interface, outputs[interface.name], compiler) for interface in interfaces]
    findings = [found for result in results for found in result.findings]
    if findings:
        raise SpecError(findings)
    return tuple(sentence for result in results for sentence in result.left_out)


def _files(artifacts: tuple[Artifact, ...]) -> dict[str, str]:
    return {artifact.file: artifact.text for artifact in artifacts}


def _write(root: Path, outputs: Mapping[str, tuple[Artifact, ...]]) -> None:
    """Write the files of all interfaces, or none."""
    files = {f"{name}/{file}": text for name in outputs for file, text in _files(outputs[name]).items()}
    written = write_changed(root, files, mark="uapigen")  # which every output has in its head
    for name in outputs:
        own = [path for path in written if path.parent == root / name]
        print("\n".join(f"wrote {path}" for path in own) or f"{root / name}: current")


def _depfile(root: Path, interfaces: Sequence[Interface], outputs: Mapping[str, tuple[Artifact, ...]]) -> str:
    """What each output comes from: its spec, and the whole of this package.

    A template makes an output as much as the spec does, so that an update of the package is a reason to make
    all outputs anew, as a header of the system is one to compile.  Nothing else is: no output depends on the
    compiler, which only proves it.  Raises OutputError.
    """
    from uapigen.depfile import UnwritableError, depfile

    own = files_below(Path(__file__).parents[1])
    rules = {}
    for interface in interfaces:
        files = tuple(str(root / interface.name / file) for file in _files(outputs[interface.name]))
        if files:
            rules[files] = [interface.where("interface").source.path, *own]
    try:
        return depfile(rules)
    except UnwritableError as error:
        raise OutputError(str(error)) from None


def _compare(root: Path, outputs: Mapping[str, tuple[Artifact, ...]], *, diff: bool) -> int:
    status = 0
    for name, artifacts in outputs.items():
        files = _files(artifacts)
        for file in compare(root / name, files):
            status = 1
            print(f"uapigen: {root / name / file} is not current", file=sys.stderr)
            if diff:
                _print_diff(root / name / file, files[file])
    return status


def _print_diff(path: Path, text: str) -> None:
    from difflib import unified_diff

    old = path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else ""
    lines = unified_diff(
        old.splitlines(keepends=True), text.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    print("".join(lines), end="")
