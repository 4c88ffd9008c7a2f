"""A network card in a VFIO group, which can be made to change its data."""

import os
from collections.abc import Iterable
from enum import IntFlag

from vfio_pytest import migration_v2
from vfio_transport import FeatureDevice

BAR0, SCRATCH = 0, 0x40


def scribble(card: FeatureDevice, _machine: str) -> None:
    """Write to a register that belongs to the state of the card."""
    os.pwrite(card.fd, os.urandom(1), card.found[BAR0].offset + SCRATCH)


def card(lacks: Iterable[IntFlag]) -> FeatureDevice:
    return migration_v2(lacks, scribble)
