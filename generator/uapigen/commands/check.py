"""``uapigen check``: everything that is wrong with the specs."""

from __future__ import annotations

import argparse

from uapigen.commands.say import say
from uapigen.commands.specs import judge, load_specs


def run(_: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print what the rules find; errors end the run in a SpecError."""
    warnings = judge(load_specs(options.specs), thorough=True)
    say(warnings)
    return int(bool(warnings) and options.strict)
