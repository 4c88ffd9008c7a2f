"""``python -m uapigen`` is ``uapigen``."""

from uapigen.cli import script

script()
