"""The bindings: ctypes and the enums agree with the C compiler, and any Python can import them."""

from __future__ import annotations

import ast
import ctypes
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pyoutput
import tools
from sample import ROOT, SPECS, interface_of
from uapigen import cc, load, machine
from uapigen.model import Interface, Verdict
from uapigen.pynames import names_of
from uapigen.render import find_target, render

FIRST = SPECS / "vfio-device-state.yaml"
EVERY = sorted((*SPECS.glob("*.yaml"), *(ROOT / "tests" / "specs").glob("*.yaml")))
MACHINES = tuple(path for path in sorted(SPECS.glob("*.yaml")) if path.stem != "vfio-core")
every_spec = pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)


def probe(interface: Interface, expressions: list[str]) -> list[int]:
    """The values of C expressions behind the generated header, by the native compiler."""
    [header] = render(interface, [find_target("header")])
    found = cc.probe(tools.require("gcc"), (), header.text, expressions)
    assert not isinstance(found, cc.CompileError), found.message
    return found


# --- structs --------------------------------------------------------------------------------------


def members(class_: Any, prefix: str = "", offset: int = 0) -> Iterator[tuple[str, int, int]]:
    """Path, offset and size of every member with a C name, from what ctypes itself keeps."""
    anonymous = getattr(class_, "_anonymous_", ())
    for name, type_, *_ in class_._fields_:
        place = offset + getattr(class_, name).offset
        inner = isinstance(type_, type) and issubclass(type_, (ctypes.Structure, ctypes.Union))
        if name in anonymous:
            yield from members(type_, prefix, place)
        elif not name.startswith("_filler"):
            yield f"{prefix}{name}", place, ctypes.sizeof(type_)
            if inner:
                yield from members(type_, f"{prefix}{name}.", place)


@every_spec
def test_offsets_and_sizes_are_those_of_gcc(path: Path) -> None:
    interface = load(path)
    module = pyoutput.bindings(interface)
    expressions: list[str] = []
    found: list[int] = []
    for struct in interface.structs:
        class_, tag = getattr(module, struct.name), f"{struct.keyword} {struct.name}"
        expressions.append(f"sizeof({tag})")
        found.append(ctypes.sizeof(class_))
        for member, offset, size in members(class_):
            expressions += [f"offsetof({tag}, {member})"]
            found += [offset]
            if size:  # C has no size of a flexible array.
                expressions += [f"sizeof((({tag} *)0)->{member})"]
                found += [size]
    assert dict(zip(expressions, found, strict=True)) == dict(
        zip(expressions, probe(interface, expressions), strict=True)
    )


@every_spec
def test_check_layout_agrees_and_notices_a_struct_that_moved(path: Path) -> None:
    module = pyoutput.bindings(load(path))
    module.check_layout()
    struct, layout = next((s, each) for s, each in module.LAYOUTS.items() if each.members)
    member = layout.members[-1]
    moved = member._replace(bit=member.bit + 1) if member.bits else member._replace(offset=member.offset + 1)
    module.LAYOUTS[struct] = layout._replace(members=(moved,))
    with pytest.raises(AssertionError, match=f"{struct.__name__}.{member.path}"):
        module.check_layout()


def test_bit_fields_hold_what_c_puts_there(tmp_path: Path) -> None:
    """A program in C sets each bit field of each struct in turn and prints the bytes."""
    interface = load(ROOT / "tests" / "specs" / "kinds.yaml")
    module = pyoutput.bindings(interface)
    [header] = render(interface, [find_target("header")])
    lines, expected = [], []
    for struct in interface.structs:
        class_ = getattr(module, struct.name)
        for member in module.LAYOUTS[class_].members:
            if not member.bits:
                continue
            value = -3 if member.signed else 5 & (1 << member.bits) - 1
            lines.append(f"SET({struct.keyword} {struct.name}, {member.path}, {value});")
            made: Any = class_()
            *outer, name = member.path.split(".")
            inner = made
            for part in outer:
                inner = getattr(inner, part)
            setattr(inner, name, value)
            assert getattr(inner, name) == value
            expected.append(bytes(made).hex())
    program = f"""{header.text}
#include <stdio.h>
#include <string.h>
#define SET(type, member, value) do {{ type s; unsigned i; unsigned char bytes[sizeof(s)]; \\
    memset(&s, 0, sizeof(s)); s.member = value; memcpy(bytes, &s, sizeof(s)); \\
    for (i = 0; i < sizeof(s); i++) printf("%02x", bytes[i]); printf("\\n"); }} while (0)
int main(void) {{ {" ".join(lines)} return 0; }}
"""
    (tmp_path / "bits.c").write_text(program)
    gcc = tools.require("gcc")
    subprocess.run([gcc, "-w", "-o", tmp_path / "bits", tmp_path / "bits.c"], check=True)
    done = subprocess.run([tmp_path / "bits"], check=True, capture_output=True, text=True)
    assert lines
    assert dict(zip(lines, expected, strict=True)) == dict(zip(lines, done.stdout.split(), strict=True))


def keyword_of(class_: type) -> str:
    return "union" if issubclass(class_, ctypes.Union) else "struct"


def as_c(class_: Any, name: str) -> str:
    """A class as C that leaves the layout to natural alignment, as ctypes does on any machine."""
    lines = []
    for member, type_, *_ in class_._fields_:
        element, count = type_, ""
        while issubclass(element, ctypes.Array):
            element, count = element._type_, f"[{element._length_}]{count}"
        if not issubclass(element, (ctypes.Structure, ctypes.Union)):
            spelled = {1: "char", 2: "short", 4: "int", 8: "long long"}[ctypes.sizeof(element)]
        elif "." in element.__qualname__:
            spelled = as_c(element, "")
        else:
            spelled = f"{keyword_of(element)} mine_{element.__name__}"
        anonymous = member in getattr(class_, "_anonymous_", ())
        lines.append(f"{spelled} {'' if anonymous else member}{count};")
    packed = "__attribute__((packed)) " if hasattr(class_, "_pack_") else ""
    return f"{keyword_of(class_)} {packed}{name} {{ {' '.join(lines)} }}"


@every_spec
def test_layout_on_i386_is_that_of_gcc(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bindings have to be right there as well, where ctypes aligns 64 bits to 4 bytes."""
    interface = load(path)
    alignment = ctypes.alignment
    monkeypatch.setattr(
        ctypes, "alignment", lambda type_: 4 if type_ is ctypes.c_uint64 else alignment(type_)
    )
    module = pyoutput.bindings(interface)
    [header] = render(interface, [find_target("header")])
    compiler, flags = tools.require_compiler("i386")
    declared = [header.text]
    mine, theirs = [], []
    for struct in interface.structs:
        class_ = getattr(module, struct.name)
        declared.append(as_c(class_, f"mine_{struct.name}") + ";")
        keyword = struct.keyword
        mine.append(f"sizeof({keyword} mine_{struct.name})")
        theirs.append(f"sizeof({keyword} {struct.name})")
        for member, _, _ in members(class_):
            mine.append(f"offsetof({keyword} mine_{struct.name}, {member})")
            theirs.append(f"offsetof({keyword} {struct.name}, {member})")
    found = cc.probe(compiler, flags, "\n".join(declared), mine + theirs)
    assert not isinstance(found, cc.CompileError), found.message
    half = len(mine)
    assert dict(zip(mine, found[:half], strict=True)) == dict(zip(mine, found[half:], strict=True))


def test_gaps_that_ctypes_makes_by_itself_are_not_filled() -> None:
    [text] = pyoutput.texts(
        interface_of("""
structs:
  - struct: inner
    doc: A struct.
    fields:
      - {name: a, type: u8, doc: a}
      - {name: b, type: u64-natural, doc: b}
      - {name: c, type: u8, doc: c}
  - struct: outer
    doc: A struct.
    fields:
      - {name: d, type: u8, doc: d}
      - {name: e, type: inner, doc: e}
      - {name: f, type: u8, doc: f}
      - {name: g, doc: g, fields: [{name: h, type: u16, doc: h}]}
      - {name: i, type: u8, doc: i}
"""),
        "bindings",
    ).values()
    assert "_filler" not in text


def test_members_can_be_given_read_and_set() -> None:
    module = pyoutput.bindings(load(FIRST))
    made = module.vfio_device_state_ctl(version=1)
    made.device_config.size = 0x1122334455667788
    assert made.version == 1
    assert bytes(made)[24:32] == (0x1122334455667788).to_bytes(8, sys.byteorder)


def test_swapped_numbers_lie_as_their_type_says() -> None:
    module = pyoutput.bindings(
        interface_of("""
structs:
  - struct: s
    doc: A struct.
    fields:
      - {name: big, type: be32, doc: big}
      - {name: little, type: le16, doc: little}
      - {name: more, type: be16, count: 2, doc: more}
      - {pad: 2}
""")
    )
    made = module.s(big=1, little=2)
    made.more[1] = 3
    assert bytes(made) == b"\0\0\0\1\2\0\0\0\0\3\0\0"


# --- numbers --------------------------------------------------------------------------------------


@every_spec
def test_constants_and_enums_are_those_of_the_header(path: Path) -> None:
    interface = load(path)
    module, names = pyoutput.bindings(interface), names_of(interface)
    foreign = {each.name for each in interface.constants if each.external}
    anchors = (interface.ioctls.type, interface.ioctls.base) if interface.ioctls else ()
    foreign |= {anchor.name for anchor in anchors if anchor and anchor.external}
    for enumeration in interface.enumerations:
        if enumeration.external:
            foreign |= {value.c_name for value in enumeration.values}
    macros = [name for name in names.constants if name not in foreign]
    found = dict(zip(macros, probe(interface, macros), strict=True))
    assert {name: getattr(module, names.constants[name]) for name in macros} == found
    listed = {each.name: [value.c_name for value in each.values] for each in interface.enumerations}
    listed |= {each.name: [part.c_name for part in each.parts] for each in interface.machines}
    for name, c_names in listed.items():
        values = getattr(module, names.classes[name]).__members__.values()
        assert [int(value) for value in values] == [getattr(module, c_name) for c_name in c_names]


def test_enums_have_the_names_of_the_spec() -> None:
    module = pyoutput.bindings(load(FIRST))
    assert module.DataCap.SYSTEM_MEMORY == module.VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY == 2
    assert module.DataAction(2) is module.DataAction.SET_BUFFER
    assert module.DeviceState.STOPPED | module.DeviceState.LOGGING == module.VFIO_DEVICE_STATE_CTL_MASK
    assert module.RegionSubtype.DATA_DIRTYBITMAP == 4


IOCTLS = """
structs:
  - {struct: s, doc: A struct., fields: [{name: a, type: u32, doc: a}]}
ioctls:
  type: {name: S_TYPE, value: 0x3b}
  base: {name: S_BASE, value: 100}
  commands:
    - {name: S_NONE, number: 0, direction: none, argument: s, doc: none}
    - {name: S_READ, number: 1, direction: read, argument: s, doc: read}
    - {name: S_WRITE, number: 2, direction: write, argument: s, doc: write}
    - {name: S_BOTH, number: 3, direction: both, argument: s, doc: both}
"""


def test_ioctl_numbers_are_those_of_the_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in asm-generic/ioctl.h; powerpc's has _IOC_NONE 1, _IOC_READ 2, _IOC_WRITE 4 and 13 bits of size."""
    numbers = {}
    for name in ("x86_64", "aarch64", "ppc64le"):
        monkeypatch.setattr("os.uname", lambda name=name: type("", (), {"machine": name}))
        module = pyoutput.bindings(interface_of(IOCTLS))
        numbers[name] = [getattr(module, f"S_{way}") for way in ("NONE", "READ", "WRITE", "BOTH")]
    assert numbers["x86_64"] == numbers["aarch64"] == [0x3B64, 0x80043B65, 0x40043B66, 0xC0043B67]
    assert numbers["ppc64le"] == [0x20003B64, 0x40043B65, 0x80043B66, 0xC0043B67]


# --- tables ---------------------------------------------------------------------------------------


def test_tables_of_the_first_interface_say_what_the_review_decided() -> None:
    """I1, I4, I8, I12, R12, D1, D5, by hand."""
    spec = pyoutput.bindings(load(FIRST))
    ctl, config, memory, bitmap = spec.RegionSubtype
    assert [region.needs for region in spec.REGIONS.values()] == [None, None, *spec.DataCap]
    assert [region.mappable for region in spec.REGIONS.values()] == [False, True, True, True]
    assert [region.length_multiple for region in spec.REGIONS.values()] == [1, "page", "page", "page"]
    assert spec.REGIONS[ctl].together == (("system_memory.start_addr", "system_memory.page_nr"),)
    buffers = dict(spec.BUFFERS)
    assert buffers == {
        config: (config, "whole", "device_config.size", "", "", ""),
        memory: (memory, "chunks", "device_memory.size", "device_memory.pos", "", ""),
        bitmap: (bitmap, "bitmap", "", "", "system_memory.start_addr", "system_memory.page_nr"),
    }
    assert spec.OWNERSHIP[:3] == ("user", "driver", "user")
    stopped = (spec.DeviceState.STOPPED, spec.DeviceState.STOPPED | spec.DeviceState.LOGGING)
    assert [(each.effect, each.region, each.value, each.states) for each in spec.TRIGGERS] == [
        ("fills", config, 1, ()),
        ("loads", config, 2, stopped),
        ("fills", memory, 1, ()),
        ("loads", memory, 2, stopped),
        ("fills", bitmap, None, ()),
    ]
    assert [each.number for each in spec.OPERATIONS] == [*range(1, 13)]
    for operation in spec.OPERATIONS:
        written = {step.value for step in operation.steps if step.value is not None}
        if operation.name.endswith(" buffer"):
            assert written == {2 if operation.name.startswith("set ") else 1}
        assert {failure.error for failure in operation.failures} <= {22}
    access = {member.path: member.access for member in spec.LAYOUTS[spec.vfio_device_state_ctl].members}
    assert access == {
        "version": "ro",
        "device_state": "wo",
        "caps": "ro",
        "reserved": "zero",
        "device_config.action": "wo",
        "device_config.reserved": "zero",
        "device_config.size": "rw",
        "device_memory.action": "wo",
        "device_memory.reserved": "zero",
        "device_memory.size": "rw",
        "device_memory.pos": "wo",
        "system_memory.start_addr": "wo",
        "system_memory.page_nr": "wo",
    }


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.stem)
def test_machines_answer_as_the_model_for_every_request_and_features(path: Path) -> None:
    interface = load(path)
    module, names = pyoutput.bindings(interface), names_of(interface)
    assert interface.machines
    for model in interface.machines:
        table = module.MACHINES[model.name]
        states = {state.value: state for state in model.states}
        for features in machine.feature_sets(model):
            flags = 0
            for name in features:
                assert model.features
                flags |= getattr(module, names.classes[model.features.name])[name]
            for current in range(-1, 12):
                for requested in range(-1, 12):
                    one, other = states.get(current & table.mask), states.get(requested & table.mask)
                    said = (
                        table.verdict(current, requested, flags),
                        table.next_state(current, requested, flags),
                        table.path(current, requested, flags),
                    )
                    if one is None or other is None:
                        assert said == ("refused", None, None)
                        continue
                    verdict = machine.verdict(model, features, one, other)
                    step = machine.next_state(model, features, one, other)
                    walked = machine.path(model, features, one, other)
                    kept = requested & ~table.mask
                    assert said[:2] == (verdict.value, None if step is None else step.value | kept)
                    meant = tuple(state.value for state in walked) if verdict is Verdict.ACCEPTED else None
                    assert said[2] == meant
        assert table.state(table.initial).name == (model.initial and model.initial.name)


@pytest.mark.parametrize(
    ("word", "left", "says"),
    [
        ("keeps-state", {"RESUMING"}, "device is in the state in which it was."),
        (
            "on-the-way",
            {"RESUMING", "STOP", "RUNNING_P2P", "ERROR"},
            "device is in the state in which it was, in one that it passed on the way, or in ERROR.",
        ),
        ("unspecified", None, "device is after a request that failed is not specified."),
    ],
)
def test_states_that_a_failed_request_leaves(word: str, left: set[str] | None, says: str) -> None:
    text = (SPECS / "vfio-migration-v2.yaml").read_text()
    assert text.count("on-failure: on-the-way") == 1
    interface = interface_of(text.replace("on-failure: on-the-way", f"on-failure: {word}"))
    [table] = pyoutput.bindings(interface).MACHINES.values()
    value = {state.name: state.value for state in table.states}
    found = table.left_in(value["RESUMING"], value["RUNNING"])
    assert (found and {table.state(each).name for each in found}) == left
    [document] = pyoutput.texts(interface, "document").values()
    assert says in " ".join(document.split())


# --- the module as a whole ------------------------------------------------------------------------

SUMMARY = """
import json, sys
sys.path.insert(0, sys.argv[1])
module = __import__(sys.argv[2])
module.check_layout()
numbers = {name: value for name, value in vars(module).items() if name.isupper() and isinstance(value, int)}
machines = getattr(module, "MACHINES", {})
steps = {name: {f: n for f, n in each.next_states.items()} for name, each in machines.items()}
sizes = {struct.__name__: layout.size for struct, layout in module.LAYOUTS.items()}
loaded = {name.split(".")[0] for name in sys.modules} - {"__main__", sys.argv[2]}
foreign = sorted(loaded - set(sys.stdlib_module_names))
print(json.dumps([numbers, steps, sizes, foreign], sort_keys=True))
"""


def pythons() -> list[str]:
    """The Pythons on the path that the bindings are meant for, and the one that runs this."""
    found = (shutil.which(f"python3.{minor}") for minor in range(10, 20))
    return [sys.executable, *(python for python in found if python and _runs(python))]


def _runs(python: str) -> bool:
    """What chooses a version may be on the path where no version is chosen."""
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


@every_spec
def test_standard_library_alone_and_the_same_under_each_python(path: Path, tmp_path: Path) -> None:
    folder = pyoutput.write(load(path), tmp_path)
    found = [
        subprocess.run(
            [python, "-S", "-I", "-W", "error", "-c", SUMMARY, folder, path.stem.replace("-", "_")],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for python in pythons()
    ]
    assert json.loads(found[0])[3] == []
    assert found == found[:1] * len(found)


def test_mypy_is_content(tmp_path: Path) -> None:
    """In one run: the module of each spec, the first one's device and tests with it."""
    for path in EVERY:
        pyoutput.write(load(path), tmp_path)
    (tmp_path / "user.py").write_text(USER)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}/.cache", "."],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    [found, _] = done.stdout.splitlines()
    assert found.startswith("user.py:5: error: Incompatible types in assignment")


USER = """\
import vfio_device_state as spec

ctl = spec.vfio_device_state_ctl()
number: int = ctl.device_config.size
text: str = ctl.device_config.size
"""


@pytest.mark.parametrize(
    ("path", "target"),
    [
        pytest.param(path, target, id=f"{path.stem}-{target}")
        for path in EVERY
        for target in pyoutput.TARGETS
        if pyoutput.texts(load(path), target)
    ],
)
def test_text_is_ascii_formatted_and_without_a_trace_of_this_machine(path: Path, target: str) -> None:
    [text] = pyoutput.texts(load(path), target).values()
    assert text.isascii()
    assert str(ROOT) not in text
    assert "Undefined" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    ruff = tools.require("ruff", str(Path(sys.executable).parent / "ruff"))
    done = subprocess.run(
        [ruff, "format", "--isolated", "--line-length=100", "--diff", "-"],
        check=False,
        input=text,
        capture_output=True,
        text=True,
    )
    assert done.stdout == ""


def test_rendered_twice_is_the_same() -> None:
    assert pyoutput.texts(load(FIRST)) == pyoutput.texts(load(FIRST))


def test_what_an_interface_has_no_use_for_is_not_there() -> None:
    module = pyoutput.bindings(interface_of("constants:\n  - {name: EXAMPLE_SIZE, value: 4, doc: Bytes.}\n"))
    assert module.EXAMPLE_SIZE == 4
    assert not {"LAYOUTS", "REGIONS", "MACHINES", "OPERATIONS", "Machine", "Transport", "ctypes"} & {
        *vars(module)
    }


# --- text -----------------------------------------------------------------------------------------

HOSTILE = (
    'ends with """',
    '"""',
    'a " b',
    "ends with \\",
    "\\N{bullet} \\x41 \\u0041",
    "{{ 7 * 6 }} {% raw %} {# gone #}",
    "%s {0} $x",
    "# no comment",
    'it\'s "both"',
    "'''",
)


def documented(tree: ast.Module) -> set[str]:
    """Every text that stands alone as a statement: docstrings of modules, classes and members."""
    return {
        " ".join(node.value.value.split())
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_spec_stays_text(text: str) -> None:
    said = json.dumps(text)
    interface = interface_of(f"""
constants:
  - {{name: A, value: 1, doc: {said}}}
enums:
  - enum: action
    prefix: ACTION_
    doc: {said}
    values: [{{name: GET, value: 1, doc: {said}}}]
structs:
  - struct: ctl
    doc: {said}
    fields:
      - {{name: state, type: u32, access: wo, states: state, doc: {said}}}
      - {{name: action, type: u32, access: wo, values: action, doc: {said}}}
regions:
  type: {{name: T, value: 1, doc: {said}}}
  prefix: R_
  subtypes: [{{name: CTL, value: 1, present: always, layout: ctl, doc: {said}}}]
states:
  - states: state
    set-by: user
    initial: ONE
    prefix: S_
    doc: {said}
    values: [{{name: ONE, value: 1, doc: {said}}}, {{name: TWO, value: 2, doc: {said}}}]
    transitions: [{{from: ONE, to: TWO, label: {said}, effect: {said}}}]
operations:
  - operation: act
    number: 1
    doc: {said}
    steps: [{{by: user, do: write, field: action, value: GET, doc: {said}}}]
""")
    outputs = pyoutput.texts(interface)
    found = {name: documented(ast.parse(output)) for name, output in outputs.items()}
    for phrase in (text, f"{text} (write-only, takes State_)"):
        assert phrase in found["example.py"]
    module = pyoutput.bindings(interface)
    arc = module.MACHINES["state"].arcs[0]
    assert (arc.label, arc.effect) == (text, text)
    for name, output in outputs.items():
        compile(output, name, "exec")


def test_names_that_python_keeps_for_itself() -> None:
    module = pyoutput.bindings(
        interface_of("""
enums:
  - enum: machine
    prefix: M_
    values:
      - {name: name, value: 1}
      - {name: 2M, value: 2}
      - {name: None, value: 3}
      - {name: mro, value: 4}
      - {name: __x, value: 5}
      - {name: real, value: 6}
      - {name: _private_, value: 7}
structs:
  - struct: s
    doc: A struct.
    fields:
      - {name: from, type: u32, values: machine, doc: a keyword of Python}
      - {name: x, doc: lower case, fields: [{name: X, type: u32, doc: upper case}]}
      - {name: X, type: u32, doc: upper case}
states:
  - states: state
    set-by: user
    initial: ONE
    prefix: S_
    values: [{name: ONE, value: 1, doc: one}, {name: TWO, value: 2, doc: two}]
    transitions: [{from: ONE, to: TWO, label: go}]
""")
    )
    assert [member.value for member in module.Machine_] == [1, 2, 3, 4, 5, 6, 7]
    assert module.Machine_.None_ == module.Machine_._2M + 1
    made = module.s(from_=3)
    made.x.X, made.X = 1, 2
    assert bytes(made) == b"".join(number.to_bytes(4, sys.byteorder) for number in (3, 1, 2))
    module.check_layout()
    assert module.State_.TWO == 2
    assert module.MACHINES["state"].path(1, 2) == (2,)
