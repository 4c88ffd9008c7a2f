"""``uapigen schema``: the JSON Schemas of what goes in and of what comes out, as they are."""

from __future__ import annotations

import argparse

from uapigen import pipeline


def run(_: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print the schema of specs, or that of findings."""
    path = pipeline.SCHEMA
    if options.diagnostics:
        from uapigen import reportjson

        path = reportjson.SCHEMA
    print(path.read_text(encoding="utf-8"), end="")
    return 0
