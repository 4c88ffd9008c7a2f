"""The document follows the spec: what is taken away there is gone here, whatever is said is said as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings

from documents import POINTS, SPEC, TRANSITIONS, check_form, written
from rstread import folded, lists, paragraphs, parsed, section, sections, tables
from sample import HEAD, interface_of
from test_rst_escape import TEXTS
from uapigen.pipeline import load_source
from uapigen.source import Source


def document_without(*path: str | int) -> str:
    """The document of the first spec, folded, after one of its entries was taken away."""
    spec = json.loads(json.dumps(SPEC))
    holder = spec
    for key in path[:-1]:
        holder = holder[key]
    if path:
        del holder[path[-1]]
    return " ".join(written(load_source(Source("spec/changed.yaml", flow(spec)))).split())


def flow(value: object) -> str:
    """A value in the flow style of YAML; numbers and booleans stay plain, so that they keep their type."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    text = str(value)
    return text if text.isdigit() or text in {"true", "false"} else json.dumps(text)


ARCS = ("states", 0, "transitions")
TAKEN: list[tuple[tuple[str | int, ...], str]] = [
    *((("decisions", n), f"{point} {SPEC['decisions'][n]['topic'][:10]}") for n, point in enumerate(POINTS)),
    *((("protocol", n), f"{topic['topic']} ---") for n, topic in enumerate(SPEC["protocol"])),
    *((("operations", n), f": {each['operation']} ---") for n, each in enumerate(SPEC["operations"])),
    (("operations", 5, "steps", 1), "The driver freezes the config snapshot."),
    (("operations", 11, "fails", 2), "EINVAL if system_memory.page_nr is 0."),
    (
        ("operations", 7, "needs"),
        f"8: get device memory size {'-' * 35} It needs VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY.",
    ),
    (("states", 0, "reset"), "A reset, and the last close of the device, lead from every state to RUNNING."),
    (("states", 0, "base", 1, "was"), "VFIO_DEVICE_STATE_STOP "),
    (("actions", "triggers", 4), "a value to"),
    (("actions", "until", 1), "category, a reset or the last close of the device"),
    (("regions", "subtypes", 1, "mappable"), "always yes"),
    (("structs", 0, "fields", 0, "access"), "u32 ro version of"),
    (("constants", 0, "version-policy"), "VFIO_DEVICE_STATE_INTERFACE_VERSION is 1."),
    (("constants",), "Constants -"),
    (("actions",), "Buffers and actions"),
    (("operations",), "Operations ="),
    (("protocol",), "Rules of the protocol"),
    (("review",), "a hole of the posted text that nobody had closed."),
]


@pytest.mark.parametrize(
    ("path", "said"), TAKEN, ids=lambda case: "-".join(map(str, case)) if isinstance(case, tuple) else ""
)
def test_what_the_spec_does_not_say_is_not_in_the_document(path: tuple[str | int, ...], said: str) -> None:
    said = " ".join(said.split())
    assert said in WHOLE
    assert said not in document_without(*path)


WHOLE = document_without()


def test_without_points_there_is_no_chapter_of_them() -> None:
    spec = json.loads(json.dumps(SPEC))
    del spec["review"], spec["decisions"]
    assert "Points of the review" not in written(load_source(Source("spec/changed.yaml", flow(spec))))


def test_where_nothing_departs_no_column_says_so() -> None:
    spec = json.loads(json.dumps(SPEC))
    for decision in spec["decisions"]:
        decision.pop("departs", None)
    found = section(
        parsed(written(load_source(Source("spec/changed.yaml", flow(spec))))), "Points of the review"
    )
    assert tables(found)[0][0] == ["Point", "What was said", "What was decided"]
    assert "departs" not in folded(found)


@pytest.mark.parametrize("number", range(len(TRANSITIONS)))
def test_a_transition_that_is_taken_away_has_no_row(number: int) -> None:
    spec = json.loads(json.dumps(SPEC))
    del spec["states"][0]["transitions"][number]
    document = parsed(written(load_source(Source("spec/changed.yaml", flow(spec)))))
    ((_, *rows),) = tables(section(document, "Transitions"))
    assert [f"{row[1]} -- {row[3]} --> {row[2]}" for row in rows] == [
        arrow for at, arrow in enumerate(TRANSITIONS) if at != number
    ]
    assert [row[0] for row in rows] == [str(at) for at in range(1, len(TRANSITIONS))]
    assert "A request that is no transition is refused with EINVAL." in folded(document)


def test_where_every_request_is_a_transition_nothing_is_said_of_others() -> None:
    assert "There is a transition from each state to every other one." in WHOLE
    assert "that is no transition" not in WHOLE


def test_without_effects_there_is_no_column_of_them() -> None:
    spec = json.loads(json.dumps(SPEC))
    for arc in spec["states"][0]["transitions"]:
        arc.pop("effect", None)
    document = parsed(written(load_source(Source("spec/changed.yaml", flow(spec)))))
    assert tables(section(document, "Transitions"))[0][0] == ["No.", "From", "To", "Label"]


def test_a_spec_with_a_head_alone_has_no_empty_chapter() -> None:
    text = written(interface_of("", HEAD))
    check_form(text)
    assert list(sections(parsed(text))) == []
    assert "An example." in text


def test_waived_rules_are_told_with_their_reason() -> None:
    interface = interface_of(
        "structs:\n  - struct: s\n    doc: A struct.\n    allow: {implicit-padding: it is so}\n"
        "    fields:\n      - {name: a, type: u8, doc: a}\n      - {name: b, type: u64, doc: b}\n"
    )
    document = parsed(written(interface))
    assert tables(section(document, "Waived rules"))[0][1] == ["struct s", "implicit-padding", "it is so"]
    assert "the same on every ABI" not in written(interface)


def test_names_that_look_like_markup_or_are_long_are_written_out() -> None:
    long = "A" + "_LONG" * 23
    interface = interface_of(
        f"constants:\n  - {{name: {long}, value: 1, doc: x}}\n  - {{name: ENDS_, value: 2, doc: two}}\n"
        f"structs:\n  - struct: {long.lower()}\n    doc: A struct.\n    fields:\n"
        f"      - {{name: {long.lower()}, type: u32, doc: z}}\n      - {{name: ends_, type: u32, doc: z}}\n"
        f"protocol:\n  - {{topic: {'many words ' * 10}here, doc: d}}\n  - {{topic: Numbers, doc: e}}\n"
        "  - {topic: Structs, doc: f}\n"
    )
    check_form(written(interface))
    document = parsed(written(interface))
    cells = [cell.replace(" ", "") for table in tables(document) for row in table for cell in row]
    assert {long, "ENDS_", long.lower(), "ends_"} <= set(cells)
    assert "many words " * 10 + "here" in folded(document)
    assert [title for title, _ in sections(document)].count("Numbers") == 1


@given(TEXTS)
@example("pos is |kept|.")
@settings(max_examples=30, deadline=None)
def test_hostile_prose_is_said_as_it_was_written(text: str) -> None:
    said = " ".join(text.split())
    if not said:
        return
    quoted, label = json.dumps(said), said[:60].strip()
    interface = interface_of(
        f"constants:\n  - {{name: A, value: 1, doc: {quoted}, version-policy: {quoted}}}\n"
        f"structs:\n  - struct: s\n    doc: {quoted}\n"
        f"    fields:\n      - {{name: m, type: u32, doc: {quoted}}}\n"
        f"states:\n  - states: m\n    doc: {quoted}\n    set-by: user\n    initial: A\n    prefix: M_\n"
        f"    values: [{{name: A, value: 0, doc: {quoted}}}, {{name: B, value: 1}}]\n"
        f"    transitions: [{{from: A, to: B, label: {json.dumps(label)}, effect: {quoted}}}]\n"
        f"operations:\n  - operation: o\n    number: 1\n    doc: {quoted}\n"
        f"    steps: [{{by: user, do: read, field: m, doc: {quoted}}}]\n"
        f"    fails: [{{errno: EIO, doc: {quoted}}}, {{field: m, equals: 0, errno: EIO, doc: {quoted}}}]\n"
        f"protocol:\n  - {{topic: T, doc: {quoted}}}\n"
        f"review: {quoted}\ndecisions:\n  - {{point: P1, topic: {quoted}, decision: {quoted}}}\n",
        HEAD.replace("doc: An example.", f"doc: {quoted}"),
    )
    check_form(written(interface))
    document = parsed(written(interface))
    assert paragraphs(document)[0] == said or paragraphs(section(document, "T"))[0] == said
    assert tables(section(document, "Transitions"))[0][1] == ["1", "A", "B", label, said]
    assert lists(section(document, "Errors"))[1] == [
        f"operation 1 (o): {said}",
        f"m is 0: operation 1 (o). {said}",
    ]
    points = section(document, "Points of the review")
    assert tables(points)[0][1][1:] == [said, said]
    assert paragraphs(points) == [said]
    assert paragraphs(section(document, "T"))[0] == said
    assert paragraphs(section(document, "Compatibility"))[0] == f"A is 1. {said}"
