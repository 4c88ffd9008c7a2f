"""``uapigen schema``: the JSON Schemas of what goes in and of what comes out, as they are."""

from __future__ import annotations

import argparse

from uapigen.pipeline import SCHEMA


def run(_: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print the schema of specs, or that of findings."""
    path = SCHEMA
    if options.diagnostics:
        from uapigen.reportjson import SCHEMA as path  # noqa: N811 - one of two
    print(path.read_text(encoding="utf-8"), end="")
    return 0
