"""``make kernel-test``: what it says of what a guest says.  Nothing is booted here."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("guest")))

import verdict

WHOLE = """\
# guest: up
# guest: begin one
TAP version 13
1..3
ok 1 - a
not ok 2 - b
  ---
  ok 9 - no point
  ...
ok 3 - c # SKIP no such device
# guest: exit 1 pytest
# guest: end 2.5 one
# guest: finished
"""


def test_a_report_is_read() -> None:
    (outcome,) = verdict.read(WHOLE.splitlines(), []).outcomes
    assert [(point.name, point.ok, point.skipped) for point in outcome.points] == [
        ("a", True, None),
        ("b", False, None),
        ("c", True, "no such device"),
    ]
    assert outcome.points[1].diagnosis == ("ok 9 - no point",)
    assert outcome.seconds == 2.5
    assert not outcome.fine
