"""Each rule finds its bad example and nothing in its good one; what is allowed is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import golden
from golden import Golden
from sample import HEAD, SPECS, interface_of
from uapigen import load, rules
from uapigen.diagnostics import Severity
from uapigen.model import Interface
from uapigen.record import changed
from uapigen.rules import all_rules, check
from uapigen.rules.rule import Finding, Rule

RULES = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)


@RULES
def test_the_bad_example_breaks_its_rule_and_no_other(rule: Rule) -> None:
    found = {finding.id for finding in check(interface_of(rule.bad), thorough=True)}
    assert found == {rule.id}


@RULES
def test_the_good_example_breaks_no_rule(rule: Rule) -> None:
    assert check(interface_of(rule.good), thorough=True) == ()


@RULES
def test_a_rule_says_what_it_asks_for_and_why(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert rule.doc.endswith(".")
    assert rule.why.endswith((".", '".', ").", '")."'))


@golden.parametrize(golden.rules())
def test_the_message_is_the_expected_one(golden: Golden) -> None:
    golden.check()


@golden.parametrize(golden.cases_of_rules())
def test_a_further_case_of_a_rule_breaks_that_rule(golden: Golden) -> None:
    assert golden.kept.stem.partition(".")[0] in {finding.id for finding in golden.found()}


_MORE_THAN_ONE = {
    "duplicate-name.operations",
    "duplicate-value.operations",
    "duplicate-value.regions",
    "mask-of-numbers.no-bit",
    "reserved-word.number-type",
    "step-incomplete.each-verb",
    "unused-waiver.elsewhere",
    "value-range.enumerator",
}
"""Cases with mistakes besides the one that they show."""


def test_one_mistake_is_said_by_one_rule() -> None:
    others = {
        path.stem
        for path in golden.RULES.glob("*.yaml")
        if {found.id for found in check(load(path), thorough=True)} != {path.name.partition(".")[0]}
    }
    assert others == _MORE_THAN_ONE


def test_no_expected_message_is_left_of_a_rule_that_is_gone() -> None:
    assert {path.stem for path in golden.RULES.glob("*.txt")} == {each.kept.stem for each in golden.rules()}
    ids = {each.kept.stem.partition(".")[0] for each in golden.cases_of_rules()}
    assert ids <= {rule.id for rule in all_rules()}


@RULES
def test_a_finding_has_a_place_and_a_way_out(rule: Rule) -> None:
    for finding in check(interface_of(rule.bad), thorough=True):
        assert finding.span is not None
        assert finding.help
        assert finding.severity is rule.severity


@RULES
def test_the_interface_may_allow_what_a_rule_forbids(rule: Rule) -> None:
    allowed = HEAD + f"allow: {{{rule.id}: for a reason of its own}}\n"
    assert check(interface_of(rule.bad, allowed), thorough=True) == ()


@RULES
def test_an_existing_interface_is_not_asked_for_what_it_cannot_change(rule: Rule) -> None:
    existing = HEAD + "existing: true\n"
    found = {finding.id for finding in check(interface_of(rule.bad, existing), thorough=True)}
    # An example may waive what an existing interface is not asked for.
    assert found - {"unused-waiver"} == ({rule.id} if rule.binds_existing else set()) - {"unused-waiver"}


def test_a_member_may_allow_what_a_rule_forbids_there() -> None:
    sections = """
structs:
  - struct: example_s
    doc: A struct.
    fields:
      - {name: a, type: u32, doc: a}
      - {name: b, type: u64, doc: b, allow: {implicit-padding: the old compiler put it there}}
      - {name: c, type: u8, doc: c}
"""
    (finding,) = check(interface_of(sections))
    assert finding.message.startswith("struct 'example_s' needs 7 bytes of padding at its end")


def test_the_shipped_specs_break_no_rule() -> None:
    for path in SPECS.glob("*.yaml"):
        assert check(load(path), thorough=True) == ()


def test_padding_is_asked_for_before_a_member_at_the_end_and_in_what_is_nested() -> None:
    sections = """
structs:
  - struct: example_s
    doc: A struct.
    fields:
      - {name: a, type: u8, doc: a}
      - {name: b, type: u32, doc: b}
      - name: inner
        doc: inner
        fields:
          - {name: c, type: u64, doc: c}
          - {name: d, type: u16, doc: d}
      - doc: without a name
        fields:
          - {name: e, type: u64, doc: e}
      - {name: f, type: u16, doc: f}
"""
    messages = [finding.message for finding in check(interface_of(sections))]
    assert messages == [
        "'b' needs 3 bytes of padding before it (offset 1, alignment 4)",
        "'inner' needs 6 bytes of padding at its end (offset 18)",
        "struct 'example_s' needs 6 bytes of padding at its end (offset 34)",
    ]


def test_a_hole_on_some_abis_names_them() -> None:
    sections = """
structs:
  - struct: example_s
    doc: A struct.
    allow: {natural-type: as it was}
    fields:
      - {name: a, type: u32, doc: a}
      - {name: b, type: u64-natural, doc: b}
"""
    (hole,) = check(interface_of(sections))
    assert "on x86-64, arm, arm64, riscv64, ppc64, s390x" in hole.message
    waived = sections.replace("as it was}", "as it was, implicit-padding: as it was}")
    (moved,) = check(interface_of(waived))
    assert "offset 8 on x86-64 and at 4 on i386" in moved.message


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("class", "C++ and Python"),
        ("int", "C"),
        ("lambda", "Python"),
        ("new", "C++"),
        ("for", "C and Python"),
    ],
)
def test_keywords_of_three_languages_are_no_names(name: str, languages: str) -> None:
    spec = "structs:\n  - struct: example_s\n    doc: s\n    fields:\n"
    (finding,) = check(interface_of(f"{spec}      - {{name: {name}, type: u32, doc: m}}\n"))
    assert finding.message == f"'{name}' is a keyword of {languages}"


@pytest.mark.parametrize(("type_", "bits"), [("u8", 9), ("u16", 17), ("u32", 33)])
def test_a_bit_field_fits_its_type(type_: str, bits: int) -> None:
    spec = f"""
structs:
  - struct: example_s
    doc: s
    fields:
      - {{name: m, type: {type_}, bits: {bits}, doc: m}}
"""
    assert "value-range" in {finding.id for finding in check(interface_of(spec))}


def test_errors_and_warnings_are_told_apart() -> None:
    severities = {rule.id: rule.severity for rule in all_rules()}
    assert severities["names-a-user"] is Severity.WARNING
    assert severities["implicit-padding"] is Severity.ERROR


def test_what_takes_its_time_is_asked_only_when_there_is_time() -> None:
    spec = interface_of("constants:\n  - {name: EXAMPLE_A, value: 1, doc: A devcie.}\n")
    assert check(spec) == ()
    assert [finding.id for finding in check(spec, thorough=True)] == ["spelling"]


def test_what_is_said_of_the_review_is_read_too() -> None:
    points = "decisions:\n  - {point: R1, topic: Why, decision: So.}\n"
    (found,) = check(interface_of(f"review: A devcie was posted.\n{points}"), thorough=True)
    assert (found.id, found.span and found.span.position().column) == ("spelling", len("review: A ") + 1)


def test_the_words_of_a_spec_are_no_mistakes() -> None:
    constants = "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A frobnicated devcie.}\n"
    (found,) = check(interface_of(constants, HEAD + "words: [frobnicated]\n"), thorough=True)
    assert found.message == "'devcie' is not in the dictionary"
    assert found.span
    assert found.span.position().column == constants.splitlines()[1].index("devcie") + 1


def test_a_waiver_of_what_takes_its_time_is_judged_when_there_is_time() -> None:
    spec = interface_of(
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A device., allow: {spelling: a pun}}\n"
    )
    assert check(spec) == ()
    assert [finding.id for finding in check(spec, thorough=True)] == ["unused-waiver"]


def test_a_waiver_may_be_kept_for_a_reason_where_it_stands() -> None:
    allowed = "{duplicate-value: for the old driver, unused-waiver: this version has no old driver}"
    spec = f"constants:\n  - {{name: EXAMPLE_A, value: 1, doc: One., allow: {allowed}}}\n"
    assert check(interface_of(spec)) == ()


def test_a_rule_is_asked_once_in_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(rule: Rule) -> Rule:
        def counted(interface: Interface) -> Iterator[Finding]:
            asked.append(rule.id)
            return rule.check(interface)

        return changed(rule, check=counted)

    counted = tuple(counting(rule) for rule in all_rules())
    monkeypatch.setattr(rules, "all_rules", lambda: counted)
    check(
        interface_of(
            "allow: {duplicate-value: a reason}\nconstants: [{name: EXAMPLE_A, value: 1, doc: A.}]\n"
        )
    )
    assert asked == sorted(rule.id for rule in all_rules() if not rule.thorough)


def test_a_syscall_note_in_other_words_is_one_mistake() -> None:
    """No word of the note is taken for a licence of its own."""
    for note in ("with syscall note", "with Linux-syscall-note", "and the Linux syscall note"):
        found = check(interface_of(f"licenses: {{header: GPL-2.0-only {note}}}"), thorough=True)
        assert [(each.id, each.help) for each in found] == [
            ("syscall-note", "write `GPL-2.0-only WITH Linux-syscall-note`")
        ]
