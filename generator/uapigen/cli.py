"""The command line: what can be asked for, and which module answers.

Imports nothing but the parser of arguments, so that ``--help`` is there at once.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence

from uapigen import __version__

_ABIS = "x86-64, i386, arm, arm64, riscv64, ppc64, s390x, m68k"


def script() -> None:
    """The command as a process: nothing is collected while it runs, nothing is taken apart when it ends.

    A run is short, and the operating system frees all of its memory at once.  Python would free it object
    by object, which takes a fifth of the run.
    """
    gc.disable()
    status = main()
    for stream in (sys.stdout, sys.stderr):
        if stream:
            stream.flush()
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 fine, 1 something is wrong with the input, 2 wrong usage."""
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    for stream in (sys.stdout, sys.stderr):
        # Text of a spec may be anything, and the terminal may know ASCII only.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(options)
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has enough, as in `uapigen schema | head`.  Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        # Specs and outputs have their own messages; what is left is where this prints, such as a full disk.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        print(f"uapigen: error: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _run(options: argparse.Namespace) -> int:
    from importlib import import_module

    from uapigen.commands.say import say
    from uapigen.diagnostics import SpecError
    from uapigen.files import OutputError

    command = import_module(f"uapigen.commands.{options.command}")
    try:
        status: int = command.run(options.parser, options)
    except SpecError as error:
        say(error.diagnostics)
        return 1
    except OutputError as error:
        print(f"uapigen: error: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="uapigen",
        description="One YAML spec of a Linux device interface in; header, bindings, design document and "
        "tests out, and the proof that they agree.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"uapigen {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    gen = _add(commands, "gen", "write what the specs say into the output folder")
    _add_specs(gen)
    gen.add_argument("-o", "--output", metavar="OUT", default="out", help="the output folder (default: out)")
    gen.add_argument(
        "--target", metavar="NAME", action="append", help="only this output; may be given more than once"
    )
    gen.add_argument(
        "--cc", metavar="PATH|none", help="the C compiler that is asked (default: $CC, cc, gcc or clang)"
    )
    gen.add_argument(
        "--check", action="store_true", help="write nothing; exit status 1 where a file is not current"
    )
    gen.add_argument("--diff", action="store_true", help="with --check: print what would change")
    gen.add_argument(
        "--depfile", metavar="FILE", help="also write what the outputs come from, for make and ninja"
    )

    check = _add(commands, "check", "say everything that is wrong with the specs")
    _add_specs(check)
    check.add_argument(
        "--against", metavar="HEADER", action="append", default=[], help="also: what this header has already"
    )
    check.add_argument(
        "--format", metavar="text|json|sarif", default="text", help="text for people, or a document on stdout"
    )
    check.add_argument("--strict", action="store_true", help="exit status 1 for warnings, too")

    layout = _add(commands, "layout", "print the offsets and sizes of the structs")
    layout.add_argument("spec", metavar="SPEC", help="a spec")
    layout.add_argument("--struct", metavar="NAME", help="only this struct")
    layout.add_argument("--abi", metavar="NAME", action="append", help=f"only this ABI: {_ABIS}")
    layout.add_argument("--json", action="store_true", help="for programs")

    states = _add(commands, "states", "print what becomes of every request for a state")
    states.add_argument("spec", metavar="SPEC", help="a spec")
    states.add_argument("--machine", metavar="NAME", help="only this state machine")
    states.add_argument(
        "--features",
        metavar="NAME,...|all|none",
        default="all",
        help="those that the device has, as the spec calls them (default: all)",
    )
    states.add_argument(
        "--from", metavar="STATE", dest="source", help="with --to: only this request, step by step"
    )
    states.add_argument("--to", metavar="STATE", dest="target", help="with --from: the requested state")
    states.add_argument("--json", action="store_true", help="for programs")

    explain = _add(commands, "explain", "draw and explain a part of an interface, or all of it at a glance")
    explain.add_argument("spec", metavar="SPEC", help="a spec")
    explain.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="a region, struct, state machine, state or rule; an operation or its number",
    )

    decode = _add(commands, "decode", "print what the bytes of a struct say, member by member")
    decode.add_argument("spec", metavar="SPEC", help="a spec")
    decode.add_argument("struct", metavar="STRUCT", help="the struct that the bytes begin with")
    decode.add_argument("file", metavar="FILE|-", help="the bytes; - is standard input")
    decode.add_argument("--endian", metavar="little|big", help="their order (default: that of the ABI)")
    decode.add_argument("--abi", metavar="NAME", default="x86-64", help=f"one of {_ABIS} (default: x86-64)")

    splice = _add(commands, "splice", "put the declarations into a header, at the places that the spec names")
    splice.add_argument("spec", metavar="SPEC", help="a spec")
    splice.add_argument("--into", metavar="HEADER", required=True, help="the header, such as a tree's vfio.h")
    result = splice.add_mutually_exclusive_group()
    result.add_argument("-o", "--output", metavar="FILE", help="write the result here, not into the header")
    result.add_argument(
        "--patch", action="store_true", help="write nothing; print the change for `git apply`"
    )
    result.add_argument("--remove", action="store_true", help="take out what was put in, and nothing else")

    init = _add(commands, "init", "write a commented spec to start from: spec/NAME.yaml")
    init.add_argument("name", metavar="NAME", help="the interface's name, such as my-device")

    schema = _add(commands, "schema", "print the JSON Schema of specs, for editors")
    schema.add_argument(
        "--diagnostics", action="store_true", help="that of `uapigen check --format json` instead"
    )

    rules = _add(commands, "rules", "say what is asked of a spec, and why")
    rules.add_argument("id", metavar="ID", nargs="?", help="explain this one, such as implicit-padding")
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help_: str
) -> argparse.ArgumentParser:
    description = f"{help_[0].upper()}{help_[1:]}."
    parser = commands.add_parser(name, help=help_, description=description, allow_abbrev=False)
    parser.set_defaults(parser=parser)  # Whose usage is printed where the command finds it wrong.
    return parser


def _add_specs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("specs", metavar="SPEC", nargs="*", help="the specs (default: spec/*.yaml)")
