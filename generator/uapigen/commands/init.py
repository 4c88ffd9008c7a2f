"""``uapigen init``: a commented spec to start from, and beside it the schema that its first line names."""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from pathlib import Path

from uapigen.files import OutputError, write_changed
from uapigen.pipeline import SCHEMA
from uapigen.render import TEMPLATES, snake


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Write ``spec/NAME.yaml`` and the schema.  A spec that is there already is left alone."""
    module = snake(options.name)
    if keyword.iskeyword(module) or module in sys.stdlib_module_names:
        parser.error(f"'{options.name}' is a name that Python has already: write another, such as my-device")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", options.name) or len(options.name) > _LONGEST:
        parser.error(f"'{options.name}' is no name: write lower-case words with dashes, such as my-device")
    path = Path("spec") / f"{options.name}.yaml"
    if path.exists() or path.is_symlink():
        raise OutputError(f"{path} exists already, and was left as it is")
    text = (TEMPLATES / "init" / "spec.yaml").read_text(encoding="utf-8")
    for placeholder, value in _words(options.name).items():
        text = text.replace(placeholder, value)
    schema = SCHEMA.read_text(encoding="utf-8")
    for written in write_changed(path.parent, {path.name: text, "uapigen.schema.json": schema}):
        print(f"wrote {written}")
    print("`uapigen gen` makes the header, the bindings, the document and the tests of it")
    return 0


_LONGEST = 40


def _words(name: str) -> dict[str, str]:
    """What stands in the template for the name in its four spellings."""
    return {
        "my-device": name,
        "my_device": snake(name),
        "MY_DEVICE": snake(name).upper(),
        "My device": name.replace("-", " ").capitalize(),
    }
