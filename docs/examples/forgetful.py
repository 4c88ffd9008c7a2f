"""A driver with a mistake: nothing happens on a reset."""

from vfio_device_state_device import ReferenceDevice


class Forgetful(ReferenceDevice):
    def reset(self) -> None:
        """Forget to do it."""


def make(lacks):
    return Forgetful(lacks=lacks)
