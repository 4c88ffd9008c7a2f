"""Every point of the review has a test, and the test fails when what carries the point is taken away.

The points are those that the first interface was decided by, one after the other: what the interface says
(I), what the reviewer remarked (R), what the posted text left open or got wrong (D).  A test is a function
of a :class:`World`; what carries the point is named beside it, as a change of the spec, a target or a rule
that is taken away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from rstread import parsed, section, tables
from sample import SPECS
from tools import require_file
from uapigen import rules
from uapigen.abi import ABIS
from uapigen.creader import read_header
from uapigen.diagnostics import Severity, SpecError
from uapigen.machine import arc_between, verdict
from uapigen.model import Field, Interface, Operation, Region, Trigger, Verdict
from uapigen.pipeline import load_source
from uapigen.render import find_target, render, target_names
from uapigen.rules.rule import Rule
from uapigen.source import Source

TEXT = (SPECS / "vfio-device-state.yaml").read_text(encoding="utf-8")
CTL = "vfio_device_state_ctl"


@dataclass(frozen=True)
class World:
    """The spec, what the rules say of it, and the outputs by target."""

    interface: Interface
    rules: tuple[Rule, ...]
    outputs: Mapping[str, str]

    def output(self, target: str) -> str:
        """An output with its line breaks folded, as a reader takes it in."""
        text = self.outputs[target]
        return " ".join(re.sub(r"^ ?\*+ ?", "", line) for line in text.splitlines()).replace("  ", " ")

    def region(self, name: str) -> Region:
        type_ = self.interface.region_type
        assert type_
        return next(region for region in type_.regions if region.name == name)

    def field(self, path: str) -> Field:
        struct = self.interface.struct(CTL)
        assert struct
        member = next(member for at, member, _ in struct.inside if at == path)
        assert isinstance(member, Field)
        return member

    def operation(self, number: int) -> Operation:
        return next(each for each in self.interface.operations if each.number == number)

    def steps(self, number: int) -> list[tuple[str, ...]]:
        """The steps of an operation: who, verb, on what, and the value where there is one."""
        return [
            (
                step.by,
                step.verb,
                step.field.path if step.field else step.region.name if step.region else str(step.data),
                *((step.value.name,) if step.value else ()),
            )
            for step in self.operation(number).steps
        ]

    def fails(self, number: int) -> list[tuple[str, str, str]]:
        return [
            (failure.test, failure.field.path if failure.field else "", failure.errno)
            for failure in self.operation(number).failures
        ]

    def trigger(self, name: str) -> Trigger:
        assert self.interface.protocol
        return next(each for each in self.interface.protocol.triggers if each.name == name)

    def topic(self, name: str) -> str:
        return next(" ".join(each.doc.paragraphs) for each in self.interface.topics if each.name == name)

    def refuses(self, rule_id: str, old: str, new: str) -> bool:
        """Whether this rule reports the spec with this change."""
        interface = load_source(Source("changed.yaml", changed(old, new)))
        chosen = next(rule for rule in self.rules if rule.id == rule_id)
        return any(True for _ in chosen.check(interface))


Check: TypeAlias = Callable[[World], None]


@dataclass(frozen=True)
class Change:
    """A change of the spec's text; or a target or a rule that is not there."""

    old: str = ""
    new: str = ""
    target: str = ""
    rule: str = ""


POINTS: dict[str, tuple[Check, tuple[Change, ...]]] = {}


def point(name: str, *changes: Change) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        POINTS[name] = (check, changes)
        return check

    return register


def spec(old: str, new: str = "") -> Change:
    return Change(old, new)


def without(*, target: str = "", rule: str = "") -> Change:
    return Change(target=target, rule=rule)


def changed(old: str, new: str) -> str:
    assert old in TEXT, f"the spec does not say: {old}"
    return TEXT.replace(old, new)


def world(change: Change | None = None) -> World:
    """The world as it is, or with one thing taken away.  Raises SpecError where the tool refuses it."""
    change = change or Change()
    text = changed(change.old, change.new) if change.old else TEXT
    interface = load_source(Source("spec/vfio-device-state.yaml", text))
    findings = rules.check(interface)
    if any(found.severity is Severity.ERROR for found in findings):
        raise SpecError(findings)
    targets = [find_target(name) for name in target_names() if name != change.target]
    return World(
        interface,
        tuple(rule for rule in rules.all_rules() if rule.id != change.rule),
        {artifact.target: artifact.text for artifact in render(interface, targets)},
    )


# --- the interface --------------------------------------------------------------------------------


@point(
    "I1",
    spec(
        "value: 4\n      present: data_cap.SYSTEM_MEMORY", "value: 5\n      present: data_cap.SYSTEM_MEMORY"
    ),
    spec("      present: always\n      mappable: true", "      present: always"),
    spec("      length-multiple-of: page\n"),
)
def one_type_four_subtypes(w: World) -> None:
    prefix = "VFIO_REGION_SUBTYPE_DEVICE_STATE_"
    regions = {
        name: (region.c_name, region.value, region.present is None, region.mappable)
        for name in ("CTL", "DATA_CONFIG", "DATA_MEMORY", "DATA_DIRTYBITMAP")
        if (region := w.region(name))
    }
    assert regions == {
        "CTL": (prefix + "CTL", 1, True, False),
        "DATA_CONFIG": (prefix + "DATA_CONFIG", 2, True, True),
        "DATA_MEMORY": (prefix + "DATA_MEMORY", 3, False, True),
        "DATA_DIRTYBITMAP": (prefix + "DATA_DIRTYBITMAP", 4, False, True),
    }
    assert {w.region(name).length_multiple for name in regions} == {None, "page"}
    for c_name, value, _, _ in regions.values():
        assert re.search(rf"#define {c_name}\s+{value}\b", w.outputs["header"])


@point(
    "I2",
    spec("    size: 72\n"),
    spec("        offset: 56\n"),
    spec(
        "      - name: pos\n            type: u64\n            access: wo",
        "      - name: pos\n            type: u64\n            access: rw",
    ),
    spec(
        "        type: u32\n        access: ro\n        values: data_cap",
        "        type: u32\n        values: data_cap",
    ),
)
def the_control_region(w: World) -> None:
    members = {
        "version": ("u32", "ro", 0),
        "device_state": ("u32", "wo", 4),
        "caps": ("u32", "ro", 8),
        "device_config.action": ("u32", "wo", 16),
        "device_config.size": ("u64", "rw", 24),
        "device_memory.action": ("u32", "wo", 32),
        "device_memory.size": ("u64", "rw", 40),
        "device_memory.pos": ("u64", "wo", 48),
        "system_memory.start_addr": ("u64", "wo", 56),
        "system_memory.page_nr": ("u64", "wo", 64),
    }
    for layouts in w.interface.layouts.values():
        layout = layouts[CTL]
        assert layout.size == 72
        for path, (type_, access, offset) in members.items():
            field = w.field(path)
            assert (field.type.name, field.access and field.access.value) == (type_, access)
            assert layout.find(path).offset == offset
    struct = w.interface.struct(CTL)
    assert struct
    assert struct.asserted_size == 72
    asserted = [m.asserted_offset for _, m, _ in struct.inside if m.asserted_offset is not None]
    assert asserted == [16, 32, 56]


@point(
    "I3",
    spec(
        "    value: 1\n    doc: Version of the device state",
        "    value: 2\n    doc: Version of the device state",
    ),
)
def the_version(w: World) -> None:
    assert re.search(r"#define VFIO_DEVICE_STATE_INTERFACE_VERSION\s+1\b", w.outputs["header"])
    assert "VFIO_DEVICE_STATE_INTERFACE_VERSION" in w.outputs["bindings"]


@point(
    "I4",
    spec("      present: data_cap.DEVICE_MEMORY\n      mappable", "      present: always\n      mappable"),
    spec("        present: data_cap.SYSTEM_MEMORY\n        doc: control", "        doc: control"),
    spec("    unknown: ignored\n"),
    without(rule="capability-without-region"),
)
def capabilities_announce_regions(w: World) -> None:
    caps = next(each for each in w.interface.enumerations if each.name == "data_cap")
    assert {value.c_name: value.value for value in caps.values} == {
        "VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY": 1,
        "VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY": 2,
    }
    assert caps.unknown.value == "ignored"
    announced = {"DATA_MEMORY": "DEVICE_MEMORY", "DATA_DIRTYBITMAP": "SYSTEM_MEMORY"}
    for region, flag in announced.items():
        ref = w.region(region).present
        assert ref
        assert ref.value.name == flag
    struct = w.interface.struct(CTL)
    assert struct
    groups = {path: getattr(member, "present", None) for path, member, _ in struct.inside}
    assert groups["device_memory"].value.name == "DEVICE_MEMORY"
    assert groups["system_memory"].value.name == "SYSTEM_MEMORY"
    more = "        value: 2\n        doc: |\n          The device dirties"
    extra = more.replace("doc: |", "doc: x\n      - name: MORE\n        value: 4\n        doc: |")
    assert w.refuses("capability-without-region", more, extra)


@point("I5", spec("name: SET_BUFFER, value: 2", "name: SET_BUFFER, value: 3"))
def two_actions(w: World) -> None:
    header = w.outputs["header"]
    assert re.search(r"#define VFIO_DEVICE_DATA_ACTION_GET_BUFFER\s+1\b", header)
    assert re.search(r"#define VFIO_DEVICE_DATA_ACTION_SET_BUFFER\s+2\b", header)


@point(
    "I6",
    spec("    initial: RUNNING\n", "    initial: STOPPED\n"),
    spec("      - from: STOPPED\n        to: RUNNING\n        label: activate\n"),
    spec("        label: deactivate and start dirty data logging", "        label: deactivate"),
)
def four_states_and_twelve_transitions(w: World) -> None:
    (machine,) = w.interface.machines
    assert machine.initial
    assert machine.initial.name == "RUNNING"
    labels = {
        ("RUNNING", "RUNNING+LOGGING"): "start dirty data logging",
        ("RUNNING", "STOPPED"): "deactivate",
        ("RUNNING", "STOPPED+LOGGING"): "deactivate and start dirty data logging",
        ("RUNNING+LOGGING", "RUNNING"): "stop dirty data logging",
        ("RUNNING+LOGGING", "STOPPED+LOGGING"): "deactivate",
        ("RUNNING+LOGGING", "STOPPED"): "deactivate and stop dirty data logging",
        ("STOPPED", "RUNNING"): "activate",
        ("STOPPED", "STOPPED+LOGGING"): "start dirty data logging",
        ("STOPPED", "RUNNING+LOGGING"): "activate and start dirty data logging",
        ("STOPPED+LOGGING", "STOPPED"): "stop dirty data logging",
        ("STOPPED+LOGGING", "RUNNING+LOGGING"): "activate",
        ("STOPPED+LOGGING", "RUNNING"): "activate and stop dirty data logging",
    }
    found = {(arc.source.name, arc.target.name): arc.label.text for arc in machine.arcs}
    assert found == labels
    ((_, *rows),) = tables(section(parsed(w.outputs["document"]), "Transitions"))
    assert {(row[1], row[2]): row[3] for row in rows} == labels


@point(
    "I7",
    spec("otherwise it is a whole snapshot"),
    spec(
        "        data: dirty-data\n        in: [RUNNING+LOGGING, STOPPED+LOGGING]", "        data: dirty-data"
    ),
)
def what_the_data_means(w: World) -> None:
    assert "otherwise it is a whole snapshot" in w.topic("What the data means")
    assert "Device config is always whole" in w.output("document")
    frozen = {
        step.data: {s.name for s in step.states} for step in w.operation(8).steps if step.verb == "freeze"
    }
    assert frozen == {
        "whole-snapshot": {"RUNNING", "STOPPED"},
        "dirty-data": {"RUNNING+LOGGING", "STOPPED+LOGGING"},
    }


@point(
    "I8",
    spec("  - operation: get caps\n    number: 2", "  - operation: get caps\n    number: 13"),
    without(target="bindings"),
)
def twelve_operations(w: World) -> None:
    names = [
        "get version",
        "get caps",
        "set device state",
        "get device config size",
        "set device config size",
        "get device config buffer",
        "set device config buffer",
        "get device memory size",
        "set device memory size",
        "get device memory buffer",
        "set device memory buffer",
        "get dirty bitmap",
    ]
    assert [w.operation(number).name for number in range(1, 13)] == names
    for name in names:
        assert name in w.output("document").lower()
        assert name in w.outputs["bindings"]


@point(
    "I9",
    spec("        not-multiple-of: DATA_MEMORY.length", "        equals: 7"),
    spec("        at-or-above: device_memory.size", "        equals: 9"),
)
def chunks_by_position(w: World) -> None:
    for number in (10, 11):
        fails = w.fails(number)
        assert ("not-multiple-of", "device_memory.pos", "EINVAL") in fails
        assert ("at-or-above", "device_memory.pos", "EINVAL") in fails
    assert "or what is left" in w.output("document")


@point("I10", spec("        above: DATA_DIRTYBITMAP.bits\n", "        equals: 5\n"))
def more_pages_than_the_region_holds(w: World) -> None:
    assert ("above", "system_memory.page_nr", "EINVAL") in w.fails(12)


@point(
    "I11",
    spec("    otherwise: refused\n", "    otherwise: unspecified\n"),
    spec("      - {field: device_config.action, not-in: data_action, errno: EINVAL}\n"),
    spec("    errno: EINVAL\n    same-state", "    errno: EPERM\n    same-state"),
    spec("A write that is refused, as the chapter on errors\n    tells, changes nothing."),
)
def what_is_refused(w: World) -> None:
    (machine,) = w.interface.machines
    assert (machine.unknown.value, machine.errno) == ("refused", "EINVAL")
    assert machine.otherwise is Verdict.REFUSED
    for number in (6, 7, 10, 11):
        assert any(test == "not-in" for test, _, _ in w.fails(number))
    pads = [m for _, m, _ in w.interface.structs[0].inside if m.name == "reserved"]
    assert len(pads) == 3
    text = w.output("document")
    for words in (
        "what is written to device_state is no state",
        "a read-only member is written",
        "a reserved member is written with bytes that are not zero",
        "A write that is refused, as the chapter on errors tells, changes nothing.",
    ):
        assert words in text


@point(
    "I12",
    spec("          - [system_memory.start_addr, system_memory.page_nr]", "          - [device_config.size]"),
    spec("half of a 64-bit member"),
)
def how_the_control_region_is_cut(w: World) -> None:
    access = w.region("CTL").access
    assert access
    assert access.errno == "EINVAL"
    (together,) = access.together
    assert [member.path for member in together] == ["system_memory.start_addr", "system_memory.page_nr"]
    assert "A write covers exactly one member" in w.output("document")
    assert "half of a 64-bit member" in w.output("document")
    assert "never with a short count" in w.output("document")


# --- the review's remarks -------------------------------------------------------------------------


@point("R0", spec("header: linux/vfio.h", "header: linux/other.h"), spec("The kernel tree comes first"))
def the_kernel_tree_first(w: World) -> None:
    assert w.interface.header == "linux/vfio.h"
    assert "The kernel tree comes first" in w.output("document")


@point("R1", spec("needs to\n  register up to four device state regions"))
def the_introduction_as_suggested(w: World) -> None:
    sentence = (
        "A VFIO device driver that plans to support device state management needs to register up to four "
        "device state regions: two mandatory and two optional."
    )
    assert sentence in w.output("document")
    assert sentence in w.output("header")


@point(
    "R2",
    spec("Device config is data such as"),
    spec("no bigger"),
    spec("distinct from system"),
    spec("All devices have it"),
)
def wording(w: World) -> None:
    text = w.output("document")
    for words in (
        "Device config is data such as",
        "no bigger than",
        "distinct from system memory",
        "All devices have",
    ):
        assert words in text


@point(
    "R3",
    spec(
        "{field: device_config.size, above: DATA_CONFIG.length, errno: EINVAL}",
        "{field: device_config.size, equals: 1, errno: EINVAL}",
    ),
    spec("        The driver sizes the region so that the config always fits"),
    spec("User space aborts when"),
)
def the_config_fits(w: World) -> None:
    assert ("above", "device_config.size", "EINVAL") in w.fails(5)
    assert w.region("DATA_CONFIG").holds == "whole"
    text = w.output("document")
    assert "The driver sizes the region so that the config always fits; the length is fixed" in text
    assert "no limit is promised" in text
    assert "User space aborts when a config size that it reads exceeds the length" in text


@point("R4", spec("ready to receive commands from", "ready for QEMU, and"), without(rule="names-a-user"))
def no_user_is_named(w: World) -> None:
    for target in ("header", "fragment"):
        assert not re.search("qemu", w.outputs[target], re.IGNORECASE)
    assert w.refuses("names-a-user", "ready to receive commands", "ready for QEMU")


@point("R5", spec("    value: 4\n    unique-among", "    value: 8\n    unique-among"))
def a_plain_number_for_the_type(w: World) -> None:
    assert re.search(r"#define VFIO_REGION_TYPE_DEVICE_STATE\s+4$", w.outputs["header"], re.MULTILINE)
    with pytest.raises(SpecError, match="number"):
        load_source(
            Source("shift.yaml", changed("value: 4\n    unique-among", "value: (1 << 2)\n    unique-among"))
        )


@point(
    "R6",
    spec("    value: 4\n    unique-among", "    value: 2\n    unique-among"),
    spec("    unique-among: VFIO_REGION_TYPE_*\n"),
    spec("It is 4 because 2 went to CCW and 3 to\n      migration."),
)
def a_free_type_number(w: World) -> None:
    taken = {1: "VFIO_REGION_TYPE_GFX", 2: "VFIO_REGION_TYPE_CCW", 3: "VFIO_REGION_TYPE_MIGRATION"}
    type_ = w.interface.region_type
    assert type_
    assert type_.value not in taken
    assert type_.value == 4
    assert type_.unique_among == "VFIO_REGION_TYPE_*"
    assert "It is 4 because 2 went to CCW and 3 to migration." in w.output("header")
    installed = read_header(require_file("/usr/include/linux/vfio.h").read_text(encoding="utf-8"))
    numbers = installed.constants(ABIS["x86-64"])
    assert type_.value not in {n for name, n in numbers.items() if name.startswith("VFIO_REGION_TYPE_")}


@point(
    "R7",
    spec("A new number means an incompatible layout"),
    spec("User space refuses a number that"),
    without(rule="version-policy"),
)
def what_a_version_means(w: World) -> None:
    text = w.output("document")
    assert "A new number means an incompatible layout" in text
    assert "User space refuses a number that it does not know" in text
    assert "calls version numbers a bad idea" in text
    policy = TEXT[TEXT.index("    version-policy: |") : TEXT.index("\nflags:")]
    assert w.refuses("version-policy", policy, "")


@point("R8", spec("The device is active", "The devcie is active"), without(rule="spelling"))
def no_typos(w: World) -> None:
    typos = r"\b(devie|devcie|versio|longging|usespace)\b"
    for text in w.outputs.values():
        assert not re.search(typos, text, re.IGNORECASE)
    assert w.refuses("spelling", "The device is active", "The devcie is active")


@point(
    "R9",
    spec("    set-by: user", "    set-by: driver"),
    spec("User space alone controls it"),
    spec("    reset: RUNNING\n"),
)
def who_controls_the_state(w: World) -> None:
    (machine,) = w.interface.machines
    assert machine.set_by == "user"
    assert machine.reset
    assert machine.reset.name == "RUNNING"
    assert "User space alone controls it" in w.output("document")


@point(
    "R10",
    spec("STOPPED", "STOP"),
    spec("      The names have CTL in them because"),
)
def stopped_not_stop(w: World) -> None:
    assert w.interface.machines[0].state("STOPPED")
    assert "VFIO_DEVICE_STATE_CTL_STOPPED" in w.outputs["header"]
    for target in ("header", "document"):
        assert "The names have CTL in them because VFIO_DEVICE_STATE_RUNNING" in w.output(target)


@point(
    "R11",
    spec("      - name: LOGGING\n        value: 2", "      - name: LOGGING\n        value: 4"),
    spec("    mask:\n      name: MASK\n      doc: All bits that a device state can have.\n"),
)
def logging_is_a_modifier(w: World) -> None:
    (machine,) = w.interface.machines
    kinds = {part.name: (part.value, part.kind) for part in machine.parts}
    assert kinds == {"RUNNING": (0, "normal"), "STOPPED": (1, "normal"), "LOGGING": (2, "modifier")}
    assert machine.mask
    assert machine.mask.value == 3
    assert next(state.name for state in machine.states if state.value == 2) == "RUNNING+LOGGING"
    assert machine.state("LOGGING") is None
    assert "VFIO_DEVICE_STATE_CTL_MASK" in w.outputs["header"]


@point(
    "R12",
    spec("during: driver", "during: user"),
    spec("A write that starts an action is synchronous"),
    spec("until: [next-action, reset, close]", "until: [close]"),
)
def who_owns_the_buffer(w: World) -> None:
    protocol = w.interface.protocol
    assert protocol
    assert (protocol.before, protocol.during, protocol.after) == ("user", "driver", "user")
    assert {"next-action", "reset"} <= {*protocol.until}
    assert protocol.on_failure == "undefined"
    assert "A write that starts an action is synchronous" in w.output("document")


@point(
    "R13",
    spec("      - {pad: 4}\n      - name: device_config", "      - name: device_config"),
    spec("    size: 72\n", "    size: 72\n    packed: true\n"),
    without(rule="packed-struct"),
)
def padding_not_packing(w: World) -> None:
    assert "packed" not in w.outputs["header"]
    assert w.outputs["header"].count("reserved") >= 3
    assert not any(layouts[CTL].gaps for layouts in w.interface.layouts.values())
    assert w.refuses("packed-struct", "    size: 72\n", "    packed: true\n")


@point("R14", without(target="header"))
def indentation_by_tabs(w: World) -> None:
    lines = w.outputs["header"].splitlines()
    inside = lines[lines.index(f"struct {CTL} {{") + 1 : lines.index("};")]
    assert inside
    assert all(re.fullmatch(r"\t{1,2}\S.*", line) for line in inside if line)


@point("R15", without(target="document"))
def a_document_of_its_own(w: World) -> None:
    text = w.outputs["document"]
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= 80
    for name in listed():
        assert re.search(rf"\b{name}\b", text), name


# --- defects and holes ----------------------------------------------------------------------------


@point(
    "D1",
    spec(
        "{by: user, do: write, field: device_config.action, value: SET_BUFFER}",
        "{by: user, do: write, field: device_config.action, value: GET_BUFFER}",
    ),
    without(rule="action-mismatch"),
)
def set_means_set(w: World) -> None:
    assert ("user", "write", "device_config.action", "SET_BUFFER") in w.steps(7)
    assert ("user", "write", "device_memory.action", "SET_BUFFER") in w.steps(11)
    right = "{by: user, do: write, field: device_config.action, value: SET_BUFFER}"
    assert w.refuses("action-mismatch", right, right.replace("SET_BUFFER", "GET_BUFFER"))


@point(
    "D2",
    spec(
        "        data: empty-bitmap\n        in: [RUNNING, STOPPED]",
        "        data: empty-bitmap\n        in: [STOPPED]",
    ),
    spec("otherwise it is empty"),
)
def the_bitmap_only_while_logging(w: World) -> None:
    filled = {
        step.data: {s.name for s in step.states} for step in w.operation(12).steps if step.verb == "fill"
    }
    assert filled == {
        "dirty-bitmap": {"RUNNING+LOGGING", "STOPPED+LOGGING"},
        "empty-bitmap": {"RUNNING", "STOPPED"},
    }
    shown = (
        "The dirty bitmap shows pages only while LOGGING is set; otherwise it is empty: all bits are zero."
    )
    assert shown in w.output("document")


@point("D3", without(rule="abi-dependent-layout"), without(rule="implicit-padding"))
def the_same_on_every_abi(w: World) -> None:
    places = {
        (each[CTL].size, *((placed.path, placed.offset, placed.size) for placed in each[CTL].members))
        for each in w.interface.layouts.values()
    }
    assert len(places) == 1
    assert len(w.interface.layouts) == 8
    assert w.refuses("implicit-padding", "          - {pad: 4}\n", "")
    natural = "name: size\n            type: u64\n"
    text = changed("          - {pad: 4}\n", "").replace(natural, natural.replace("u64", "u64-natural"))
    waivers = "    allow: {implicit-padding: as posted, natural-type: as posted}\n"
    text = text.replace("allow:", "").replace("    size: 72\n", waivers)
    posted = load_source(Source("posted.yaml", text))
    chosen = next(rule for rule in w.rules if rule.id == "abi-dependent-layout")
    assert list(chosen.check(posted))


@point(
    "D4",
    spec("    same-state: accepted\n", "    same-state: refused\n"),
    spec("    on-failure: keeps-state\n", "    on-failure: unspecified\n"),
)
def the_same_state_and_failures(w: World) -> None:
    (machine,) = w.interface.machines
    assert machine.on_failure == "keeps-state"
    for state in machine.states:
        assert verdict(machine, None, state, state) is Verdict.ACCEPTED
        assert arc_between(machine, state, state) is None


@point(
    "D5",
    spec(
        "      field: system_memory.page_nr\n      fills",
        "      field: system_memory.start_addr\n      fills",
    ),
    spec("      - {field: system_memory.start_addr, not-multiple-of: page, errno: EINVAL}\n"),
    spec("Bit n % 8 of byte n / 8"),
    without(rule="action-mismatch"),
)
def what_fills_the_bitmap(w: World) -> None:
    trigger = w.trigger("get dirty bitmap")
    assert (trigger.field.path, trigger.value, trigger.effect) == ("system_memory.page_nr", None, "fills")
    assert [(test, field) for test, field, _ in w.fails(12)] == [
        ("without", ""),
        ("not-multiple-of", "system_memory.start_addr"),
        ("equals", "system_memory.page_nr"),
        ("above", "system_memory.page_nr"),
        ("overflows", "system_memory.page_nr"),
    ]
    assert "Bit n % 8 of byte n / 8 is page n of the range" in w.output("document")
    fills = "      field: system_memory.page_nr\n      fills"
    assert w.refuses(
        "action-mismatch", fills, fills.replace("page_nr", "start_addr").replace("fills", "loads")
    )


@point(
    "D6",
    spec("Reading device_memory.size freezes a round."),
    spec("A read of several members\n      that covers it does so as well."),
    spec("and, where it holds changes, when LOGGING is cleared"),
    spec("      - {not-frozen: round, errno: EINVAL}\n"),
)
def rounds(w: World) -> None:
    text = w.topic("Rounds of device memory")
    for sentence in (
        "Reading device_memory.size freezes a round.",
        "A read of several members that covers it does so as well.",
        "each further read freezes anew and loses nothing",
        "A round ends without its last chunk by a reset, by the last close of the device and,",
        "where it holds changes, when LOGGING is cleared.",
        "merges into the next one",
        "The first round under LOGGING holds every change since the last completed whole snapshot began",
    ):
        assert sentence in text
    assert any(test == "not-frozen" for test, _, _ in w.fails(10))


@point("D7", spec("    close: RUNNING\n"), spec("        effect: Pending dirty data is kept.\n"))
def what_ends_what(w: World) -> None:
    (machine,) = w.interface.machines
    assert machine.close
    assert machine.close.name == "RUNNING"
    for arc in machine.arcs:
        before, after = "LOGGING" in arc.source.parts, "LOGGING" in arc.target.parts
        effect = {(True, False): "discarded", (True, True): "kept"}.get((before, after), "")
        assert effect in arc.effect.text
        assert bool(effect) == bool(arc.effect)
    assert "no round, sizes of 0 and empty bitmaps" in w.topic("What ends what")


@point("D8", spec("the two are separate"), spec("data: incoming-config-size", "data: config-size"))
def two_sizes(w: World) -> None:
    assert "the two are separate" in w.topic("Two sizes in one member")
    answered = next(step.data for step in w.operation(4).steps if step.verb == "answer")
    taken = next(step.data for step in w.operation(5).steps if step.verb == "take")
    assert answered != taken
    assert [step[2] for step in w.steps(6)].index("device_config.size") > 0


@point(
    "D9",
    spec("      - {outside: [STOPPED, STOPPED+LOGGING], errno: EINVAL}\n"),
    spec("      - {field: device_config.size, unset: true, errno: EINVAL}\n"),
    spec("each side cuts it by the length of its own region"),
)
def the_load_side(w: World) -> None:
    for number, size in ((7, "device_config.size"), (11, "device_memory.size")):
        assert ("unset", size, "EINVAL") in w.fails(number)
        assert any(test == "outside" for test, _, _ in w.fails(number))
    assert "each side cuts it by the length of its own region" in w.topic("Loading a device")
    assert "which comes last" in w.topic("Loading a device")


# --- the tests ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def here() -> World:
    return world()


def listed() -> list[str]:
    """The points, as they were numbered in the review."""
    return [f"I{n}" for n in range(1, 13)] + [f"R{n}" for n in range(16)] + [f"D{n}" for n in range(1, 10)]


@pytest.mark.parametrize("name", listed())
def test_the_point_is_carried(name: str, here: World) -> None:
    check, _ = POINTS[name]
    check(here)


@pytest.mark.parametrize(
    ("name", "change"),
    [pytest.param(n, change, id=f"{n}-{i}") for n in listed() for i, change in enumerate(POINTS[n][1])],
)
def test_the_point_is_missed_without_what_carries_it(name: str, change: Change) -> None:
    check, _ = POINTS[name]
    with pytest.raises((AssertionError, AttributeError, SpecError, KeyError, StopIteration)):
        check(world(change))


def test_every_point_is_in_the_spec_with_its_decision(here: World) -> None:
    assert [decision.id for decision in here.interface.decisions] == listed()
    assert all(POINTS[name][1] for name in listed())
