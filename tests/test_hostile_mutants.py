"""Spoiled specs: whatever becomes of one, it is refused in words or all that is made of it is sound.

``UAPIGEN_MUTANTS`` is how many are tried of each spec; a seed is enough to make one again.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

import held
from ctext import EVERY_SPEC
from mutants import mutant

COUNT = int(os.environ.get("UAPIGEN_MUTANTS", "60"))


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("path", EVERY_SPEC, ids=lambda path: path.stem)
def test_a_mutant_is_refused_in_words_or_is_sound(path: Path, part: int) -> None:
    text = path.read_text(encoding="utf-8")
    for seed in range(part, COUNT, 4):
        dice = Random(seed)
        spoiled = mutant(text, dice, dice.choice((1, 1, 1, 2, 3)))
        try:
            held.outcome(spoiled)
        except Exception as error:
            raise AssertionError(f"{path.stem}, seed {seed}") from error
