"""What a user reads who made a mistake: the whole text, for every kind of mistake.

Each ``errors/NAME.yaml`` has what is printed for it in ``errors/NAME.txt``; see ``golden.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

import golden
import uapigen
from golden import ERRORS, Golden
from uapigen.catalogue import catalogue

PACKAGE = Path(uapigen.__file__).parent


@golden.parametrize(golden.errors())
def test_the_message_is_the_expected_one(golden: Golden) -> None:
    golden.check()


def test_every_id_that_loading_can_print_has_a_case() -> None:
    # Headers are not loaded: test_against.py and test_splice.py have their cases.
    headers = {"against.py", "anchors.py", "splicing.py"}
    loading = (path for path in PACKAGE.glob("*.py") if path.name not in headers)
    modules = (*loading, *PACKAGE.glob("resolve/*.py"))
    code = "".join(path.read_text(encoding="utf-8") for path in modules)
    by_name = re.findall(r'"((?:yaml|file|schema|language|too)-[a-z-]+)"', code)
    by_call = re.findall(r'\bDiagnostic\(\s*"([a-z-]+)"', code)
    printed = "".join(path.read_text(encoding="utf-8") for path in ERRORS.glob("*.txt"))
    shown = re.findall(r"\berror: .* \[([a-z-]+)\]$", printed, re.MULTILINE)
    assert {*by_name, *by_call} - {*shown} == set()
    assert len({*by_name}) > 30


def test_every_id_that_loading_can_print_is_explained() -> None:
    printed = "".join(path.read_text(encoding="utf-8") for path in ERRORS.glob("*.txt"))
    shown = re.findall(r"\berror: .* \[([a-z-]+)\]$", printed, re.MULTILINE)
    assert {*shown} <= {*catalogue()}, "uapigen/explanations.py says what each means"


def test_every_message_is_one_line_with_a_place_and_a_way_out() -> None:
    for path in ERRORS.glob("*.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(
                r"(\S+:\d+:\d+: )?(error|warning): .+ \[[a-z-]+\]|\S+:\d+:\d+: note: .+"
                r"| *\d+ \|.*| +\| *\t*\^|      = help: .+",
                line,
            ), f"{path.name}: {line}"
