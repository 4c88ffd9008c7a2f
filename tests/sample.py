"""Specs for tests: written as text, loaded as a user's file is."""

from __future__ import annotations

from pathlib import Path

from uapigen.model import Interface
from uapigen.pipeline import load_source
from uapigen.source import Source

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "spec"
OUT = ROOT / "out"

HEAD = """\
uapigen: 1
interface: example
title: Example
header: linux/example.h
licenses: {header: GPL-2.0 WITH Linux-syscall-note}
doc: An example.
"""
ONE_STRUCT = f"""\
{HEAD}\
structs:
  - struct: example
    doc: A struct.
    fields:
      - {{name: a, type: u32, doc: a}}
"""
ONE_HOLE = ONE_STRUCT + "      - {name: b, type: u64, doc: b}\n"
"""The same with a hole between its two members."""


def interface_of(sections: str, head: str = HEAD) -> Interface:
    """The interface of a spec with these sections behind a head, in which they replace what they say anew."""
    keys = tuple(f"{line.partition(':')[0]}:" for line in sections.splitlines() if line[:1].isalpha())
    kept = "".join(line for line in head.splitlines(keepends=True) if not line.startswith(keys))
    return load_source(Source("example.yaml", kept + sections.lstrip("\n")))


def fields_of(*fields: str) -> Interface:
    """The interface with one struct ``s`` that has these fields, one YAML flow mapping each."""
    lines = "\n".join(f"      - {field}" for field in fields)
    return interface_of(f"structs:\n  - struct: s\n    doc: A struct.\n    fields:\n{lines}\n")
