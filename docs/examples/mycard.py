"""A network card in a VFIO group, which can be made to change its data."""

import errno
import os
from collections.abc import Iterable
from enum import IntFlag

from vfio_migration_v2 import VFIO_DEVICE_STATE_PRE_COPY as PRE_COPY
from vfio_migration_v2 import VFIO_DEVICE_STATE_RUNNING as RUNNING
from vfio_pytest import migration_v2
from vfio_transport import FeatureDevice

BAR0, SCRATCH = 0, 0x40


def scribble(card: FeatureDevice, machine: str) -> None:
    """Change a register that belongs to the state of the card, if the card runs."""
    if card.current_state(machine) not in (RUNNING, PRE_COPY):
        raise OSError(errno.EOPNOTSUPP, "a card that is stopped does not change")
    place = card.found[BAR0].offset + SCRATCH
    [found] = os.pread(card.fd, 1, place)
    os.pwrite(card.fd, bytes([(found + 1) % 256]), place)


def card(lacks: Iterable[IntFlag]) -> FeatureDevice:
    return migration_v2(lacks, scribble)
