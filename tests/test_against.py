"""What a header has already is said with both places and the way out: the whole text."""

from __future__ import annotations

import re
from pathlib import Path

import golden
import uapigen.against
from golden import Golden


@golden.parametrize(golden.against())
def test_the_message_is_the_expected_one(golden: Golden) -> None:
    golden.check()


def test_every_id_has_a_case() -> None:
    code = Path(uapigen.against.__file__).read_text(encoding="utf-8")
    ids = set(re.findall(r'\bDiagnostic\(\s*"([a-z-]+)"', code))
    printed = "".join(each.expected() for each in (*golden.against(), *golden.splices()))
    assert len(ids) == 4
    assert ids <= set(re.findall(r"\[([a-z-]+)\]$", printed, re.MULTILINE))
