"""No check is there that no golden text holds: each is switched off in turn, and a text must differ.

Where this fails, write a spec with the mistake that the check is for (see ``golden.py``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

import golden
from checks import Code, Switchboard, switchable
from golden import Golden
from uapigen.report import format_text

_ANY_NODE = "the limit counts every node; that of a scalar shows it"
EXCEPT: dict[tuple[str, str], str] = {
    ("loader.py", "self._add(Sequence(tuple(nodes), whole))"): _ANY_NODE,
    ("loader.py", "self._add(Scalar(name, span, plain=False))"): _ANY_NODE,
    ("rules/docs.py", "Finding(f\"'{part.name}' has no `doc:`\", part.where('name'), _HEL"): (
        "made to be allowed: it tells that the waiver is needed"
    ),
    ("shape.py", "self.value(quoted, (rule['propertyNames'],), f'the key {quote(te"): "test_shape.py has it",
    ("syntaxerrors.py", "Diagnostic('yaml-syntax', f'this is no YAML: {problem}', _span(s"): (
        "what libyaml says that the table lacks; nothing of the kind is known"
    ),
}
"""Checks that no golden can hold: module and start of the text, and why."""


class Runs:
    """Every golden, and which checks it runs."""

    def __init__(self, board: Switchboard) -> None:
        self.board = board
        self.by_check: dict[int, list[Golden]] = {}
        for each in golden.every():
            board.reached.clear()
            assert format_text(each.found()) == each.expected()
            for number in board.reached:
                self.by_check.setdefault(number, []).append(each)

    def differs(self, number: int) -> bool:
        """Whether a golden's text is another one without the check."""
        return any(self._fails(each, number) for each in self.by_check.get(number, ()))

    def _fails(self, each: Golden, number: int) -> bool:
        with self.board.without(number):
            try:
                found = self.board.kept(each.found())
            except Exception:  # a later stage relies on the check.
                return True
            return format_text(found) != each.expected()


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    with switchable() as board:
        yield Runs(board)


@pytest.mark.parametrize("module", Code().finding)
def test_a_golden_fails_without_each_check(module: str, runs: Runs) -> None:
    numbered = [(number, check) for number, check in enumerate(runs.board.checks) if check.module == module]
    unheld = [
        check for number, check in numbered if (module, check.text) not in EXCEPT and not runs.differs(number)
    ]
    assert not unheld, "no golden text differs without\n" + "\n".join(map(str, unheld))


def test_no_exception_is_left_that_none_needs(runs: Runs) -> None:
    held = {
        (check.module, check.text): runs.differs(number)
        for number, check in enumerate(runs.board.checks)
        if (check.module, check.text) in EXCEPT
    }
    assert held.keys() == EXCEPT.keys()
    assert not [check for check, differs in held.items() if differs]


if __name__ == "__main__":
    with switchable() as found:
        sys.stdout.writelines(f"{check}\n" for check in found.checks)
