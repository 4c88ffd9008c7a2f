"""``uapigen check``: everything that is wrong with the specs."""

from __future__ import annotations

import argparse

from uapigen.against import collisions
from uapigen.commands.say import say
from uapigen.commands.specs import judge, load_specs
from uapigen.diagnostics import SpecError
from uapigen.files import read_source
from uapigen.rules import check


def run(_: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print what the rules find, and what headers have already; errors end the run in a SpecError."""
    interfaces = load_specs(options.specs)
    headers = [read_source(path) for path in options.against]
    taken = [found for each in interfaces for header in headers for found in collisions(each, header)]
    if taken:
        raise SpecError([*(found for each in interfaces for found in check(each, thorough=True)), *taken])
    warnings = judge(interfaces, thorough=True)
    say(warnings)
    return int(bool(warnings) and options.strict)
