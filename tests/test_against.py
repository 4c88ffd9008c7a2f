"""What a header has already is said with both places and the way out: the whole text."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import uapigen.against
from sample import interface_of
from uapigen.against import collisions
from uapigen.diagnostics import in_order
from uapigen.report import format_text
from uapigen.source import Source

AGAINST = Path(__file__).parent / "against"
SPEC = """
constants:
  - {name: EXAMPLE_TYPE_THREE, value: 2, unique-among: EXAMPLE_TYPE_*, doc: A type.}
  - {name: EXAMPLE_TYPE_FOUR, value: 3, unique-among: EXAMPLE_TYPE_*, doc: The number of the mask is free.}
  - {name: EXAMPLE_IDLE, value: 1, doc: A name of an enumerator.}
  - {name: EXAMPLE_ALONE, value: 2, doc: A number that nobody else must not have.}
structs:
  - struct: example_info
    doc: A struct.
    fields:
      - {name: a, type: u32, doc: a}
"""


def printed(header: str) -> str:
    source = Source(f"{header}.h", (AGAINST / f"{header}.h").read_text(encoding="utf-8"))
    return format_text(in_order(collisions(interface_of(SPEC), source)))


@pytest.mark.parametrize("header", ["example", "broken"])
def test_the_message_is_the_expected_one(header: str) -> None:
    """`UPDATE_GOLDEN=1` writes the texts anew; read them before they are kept."""
    golden = AGAINST / f"{header}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(printed(header), encoding="utf-8")
    assert printed(header) == golden.read_text(encoding="utf-8")


def test_every_id_has_a_case() -> None:
    code = Path(uapigen.against.__file__).read_text(encoding="utf-8")
    ids = set(re.findall(r'\bDiagnostic\(\s*"([a-z-]+)"', code))
    assert len(ids) == 3
    assert ids <= set(re.findall(r"\[([a-z-]+)\]$", printed("example") + printed("broken"), re.MULTILINE))
