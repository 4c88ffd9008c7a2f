"""``uapigen schema``: the JSON Schema of the language, as it is."""

from __future__ import annotations

import argparse

from uapigen.pipeline import SCHEMA


def run(_: argparse.ArgumentParser, __: argparse.Namespace) -> int:
    """Print the schema."""
    print(SCHEMA.read_text(encoding="utf-8"), end="")
    return 0
