"""``uapigen check``: everything that is wrong with the specs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

from uapigen.commands.say import say
from uapigen.commands.specs import has_errors, judge_specs
from uapigen.diagnostics import Diagnostic, SpecError, in_order
from uapigen.model import Interface
from uapigen.wording import no_such

FORMATS = ("text", "json", "sarif")


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Print what is wrong with the specs, by the rules, and with what headers have already."""
    if options.format not in FORMATS:
        parser.error(no_such("format", options.format, FORMATS))
    findings = _findings(options.specs, options.against)
    if options.format == "text":
        say(findings)
    else:
        from uapigen.findings import enough

        print(_document(enough(findings), options.format))
    return int(bool(findings) if options.strict else has_errors(findings))


def _findings(specs: Sequence[str], headers: Sequence[str]) -> tuple[Diagnostic, ...]:
    try:
        interfaces, findings = judge_specs(specs, thorough=True)
    except SpecError as error:
        return error.diagnostics
    return in_order([*findings, *_taken(interfaces, headers)])


def _taken(interfaces: Sequence[Interface], headers: Sequence[str]) -> Iterator[Diagnostic]:
    """What the headers have already, and which of them cannot be read."""
    if not headers:
        return
    from uapigen.against import collisions
    from uapigen.files import read_text, with_line_feeds
    from uapigen.source import Source

    for path in headers:
        try:
            text = read_text(path, "name a header that is there, such as /usr/include/linux/vfio.h")
        except SpecError as error:
            yield from error.diagnostics
            continue
        header = Source(path, with_line_feeds(text))
        for interface in interfaces:
            yield from collisions(interface, header)


def _document(findings: Sequence[Diagnostic], form: str) -> str:
    if form == "json":
        from uapigen.catalogue import why
        from uapigen.reportjson import as_json

        return json.dumps(as_json(findings, why), indent=2)
    from uapigen.sarif import as_sarif

    return json.dumps(as_sarif(findings), indent=2)
