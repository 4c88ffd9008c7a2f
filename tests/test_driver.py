"""The header for drivers: the kernel's checks take it, and C, Python and the model answer alike."""

from __future__ import annotations

import errno
import itertools
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import pyoutput
import uapichecks
from cdriver import Driver, Oracle
from ctext import FIRST, STRICT, run_script, text_of
from sample import SPECS, interface_of
from test_machine import KERNEL_STATES, KERNEL_TABLE, NEEDS
from tools import require, require_file
from uapichecks import DRIVER, Check, File
from uapigen import cc, load, machine
from uapigen.model import Interface
from uapigen.record import changed
from uapigen.render import find_target, render

V1, V2 = SPECS / "vfio-migration-v1.yaml", SPECS / "vfio-migration-v2.yaml"

# Several machines with what the real ones lack: numbers far apart, modifiers, features, an own errno.
MANY = """
flags:
  - flags: features
    prefix: F_
    values: [{name: P2P, value: 1}, {name: LOG, value: 0x80000000}, {name: FAR, value: 0x8000000000}]
structs:
  - struct: ctl
    fields:
      - {name: wide, type: u64, states: wide, access: rw}
      - {name: kept, type: u64, states: kept, access: rw}
      - {name: sparse, type: u32, states: sparse, access: rw}
      - {name: below, type: s32, states: below, access: rw}
states:
  - states: sparse
    set-by: user
    prefix: S_
    initial: LOW
    features: features
    errno: EOPNOTSUPP
    otherwise: unspecified
    same-state: refused
    values: [{name: LOW, value: 3}, {name: HIGH, value: 0xffffffff, needs: [FAR]}, {name: GONE, value: 70000}]
    transitions: [{from: LOW, to: HIGH, label: up}, {from: HIGH, to: LOW, label: down}]
  - states: wide
    set-by: user
    prefix: W_
    initial: RUNNING
    features: features
    unknown: preserved
    base: [{name: RUNNING, value: 0}, {name: QUIET, value: 0x100000000, needs: [P2P]}]
    modifiers: [{name: LOGGING, value: 0x80000000, needs: [LOG]}]
    transitions:
      - {from: RUNNING, to: QUIET, label: calm, stream: closes}
      - {from: QUIET, to: QUIET+LOGGING, label: log, stream: opens}
      - {from: QUIET+LOGGING, to: RUNNING+LOGGING, label: wake, stream: continues}
    paths: {unsupported: stepped-over}
  - states: kept
    set-by: user
    prefix: K_
    initial: IDLE
    features: features
    unknown: preserved
    base: [{name: IDLE, value: 0, needs: [P2P]}, {name: BUSY, value: 1}]
    modifiers: [{name: LOGGING, value: 0x80000000}]
    transitions: [{from: BUSY, to: BUSY+LOGGING, label: log}, {from: BUSY, to: IDLE, label: rest}]
  - states: below
    set-by: user
    prefix: N_
    initial: ZERO
    same-state: unspecified
    values: [{name: ZERO, value: 0}, {name: BELOW, value: -7}]
    transitions: [{from: ZERO, to: BELOW, label: down, stream: opens}]
"""


def texts(interface: Interface) -> dict[str, str]:
    """The two headers, by their files."""
    made = render(interface, [find_target("header"), find_target("driver")])
    return {artifact.file: artifact.text for artifact in made}


def driver_of(interface: Interface) -> tuple[str, str]:
    (made,) = render(interface, [find_target("driver")])
    return made.file, made.text


def said(command: str, flags: tuple[str, ...], source: str, files: dict[str, str]) -> str:
    """What a compiler says of C that it refuses."""
    (made,) = cc.run([cc.Job(command, flags, source, files)])
    return made.message if isinstance(made, cc.CompileError) else ""


# --- the kernel's own checks ----------------------------------------------------------------------

INTERFACES = {path.stem: load(path) for path in (FIRST, V1, V2)} | {"many": interface_of(MANY)}
every_interface = pytest.mark.parametrize("interface", INTERFACES.values(), ids=INTERFACES)


@pytest.mark.parametrize("abi", ["x86-64", "i386"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@every_interface
def test_it_compiles_without_a_warning(interface: Interface, compiler: str, abi: str) -> None:
    command = require(compiler)
    (flags,) = (target.flags for target in cc.targets(command) if target.abi == abi)
    file, _ = driver_of(interface)
    unused = ("-Wunused-function", "-Wunused-const-variable", "-Wshadow", "-Wmissing-prototypes")
    for standard in ("gnu11", "gnu99", "gnu17"):
        every = (*flags, f"-std={standard}", *STRICT, *unused, "-fsyntax-only")
        assert said(command, every, f'#include "{file}"\n' * 2, texts(interface)) == ""


@every_interface
def test_two_files_of_a_driver_can_include_it(interface: Interface, tmp_path: Path) -> None:
    file, _ = driver_of(interface)
    (tmp_path / "one.c").write_text(f'#include "{file}"\n')
    (tmp_path / "two.c").write_text(f'#include "{file}"\nint main(void) {{ return 0; }}\n')
    for name, text in texts(interface).items():
        (tmp_path / name).write_text(text)
    command = [require("gcc"), "-std=gnu11", *STRICT, "one.c", "two.c", "-o", "both"]
    subprocess.run(command, cwd=tmp_path, check=True)


def write_kernel(interface: Interface, folder: Path, header: str) -> tuple[str, ...]:
    """Write a driver that includes its header, and the headers of a kernel with this uAPI; the flags."""
    file, text = driver_of(interface)
    stubs = {
        "linux/types.h": "".join(
            f"typedef {'' if kind == 's' else 'un'}signed {c} __{kind}{bits};\n"
            for bits, c in ((8, "char"), (16, "short"), (32, "int"), (64, "long long"))
            for kind in "su"
        )
        + "#define __aligned_u64 __u64 __attribute__((aligned(8)))\n",
        "linux/ioctl.h": "#define _IO(type, number) ((type) << 8 | (number))\n",
        "linux/errno.h": "#include <asm-generic/errno.h>\n",
        "asm-generic/errno.h": "#define EINVAL 22\n#define EOPNOTSUPP 95\n#define ENODATA 61\n",
        "linux/build_bug.h": "#define static_assert(holds) _Static_assert(holds, #holds)\n",
        "linux/stddef.h": "#define offsetof(type, member) __builtin_offsetof(type, member)\n",
        interface.header: header,
    }
    for name, stub in {**stubs, file: text}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(stub)
    (folder / "driver.c").write_text(f'#include "{file}"\n')
    return ("-D__KERNEL__", "-nostdinc", f"-I{folder}", "-std=gnu11", *STRICT, "-fsyntax-only")


@every_interface
def test_a_kernel_finds_all_that_it_includes(interface: Interface, tmp_path: Path) -> None:
    """Only the kernel's headers are there, and none of the C library."""
    flags = write_kernel(interface, tmp_path, text_of(interface, "header"))
    for command in ("gcc", "clang"):
        subprocess.run([require(command), *flags, "driver.c"], cwd=tmp_path, check=True)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("__u32 reserved;\n\t\t__aligned_u64 size;\n\t} ", "__u32 size;\n\t} ", "device_config.size"),
        ("size;\n\t\t__aligned_u64 pos;", "pos;\n\t\t__aligned_u64 size;", "device_memory.pos"),
        ("} system_memory;", "} system_memory;\n\t__aligned_u64 more;", "sizeof"),
    ],
)
def test_a_kernel_with_another_layout_is_not_built(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    header = text_of(load(FIRST), "header")
    assert header.count(was) == 1
    flags = write_kernel(load(FIRST), tmp_path, header.replace(was, becomes))
    for command in ("gcc", "clang"):
        words = [require(command), *flags, "driver.c"]
        run = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        errors = [line for line in run.stderr.splitlines() if "error: static" in line]
        assert any(said in line for line in errors), run.stderr


INSTALLED = "/usr/include/linux/vfio.h"
BESIDE = """#include <linux/vfio.h>
#define VFIO_MIGRATION_V1_INSTALLED
#include "vfio_migration_v1_driver.h"
#include <linux/vfio.h>

_Static_assert(sizeof(struct vfio_device_migration_info) == 32, "of the installed header");
_Static_assert(VFIO_TYPE == ';' && VFIO_BASE == 100, "of the installed header alone");

int main(void)
{
	__u32 next = 0;
	int ret = vfio_migration_v1_next_state(VFIO_DEVICE_STATE_V1_RUNNING, VFIO_DEVICE_STATE_V1_STOP, &next);

	return ret || next != VFIO_DEVICE_STATE_V1_STOP;
}
"""


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_a_program_has_the_declarations_from_the_installed_header(compiler: str, tmp_path: Path) -> None:
    """As a program does that knows more of VFIO than its migration; the header's sibling is not there."""
    require_file(INSTALLED)
    file, text = driver_of(load(V1))
    (tmp_path / file).write_text(text)
    for name, define in (("either", ""), ("before", "#define VFIO_MIGRATION_V1_INSTALLED\n")):
        source = BESIDE if not define else define + "".join(BESIDE.splitlines(keepends=True)[2:])
        (tmp_path / f"{name}.c").write_text(source)
        command = [require(compiler), "-std=gnu11", *STRICT, f"{name}.c", "-o", name]
        subprocess.run(command, cwd=tmp_path, check=True)
        subprocess.run([tmp_path / name], check=True)
    # Without the macro there are two of each declaration.
    source = BESIDE.replace("#define VFIO_MIGRATION_V1_INSTALLED\n", "")
    assert "redefin" in said(require(compiler), ("-fsyntax-only",), source, texts(load(V1)))


@pytest.mark.parametrize("check", uapichecks.of(DRIVER), ids=lambda check: check.name)
@every_interface
def test_there_is_nothing_to_say_against_it(interface: Interface, check: Check) -> None:
    file, text = driver_of(interface)
    assert check.findings(File(file, f"include/linux/{file}", text, beside=texts(interface))) == []


@every_interface
def test_kernel_doc_finds_every_function(interface: Interface, tmp_path: Path) -> None:
    file, text = driver_of(interface)
    (tmp_path / file).write_text(text)
    found = run_script("kernel-doc", "-rst", file, folder=tmp_path).stdout
    functions = set(re.findall(r"^(?:static inline \w+ )?(\w+)\(__", text, re.MULTILINE))
    for name in (each for each in functions if not each.endswith(("_index", "_table"))):
        assert f"{name} (" in found


@every_interface
def test_its_lines_are_those_of_the_kernel(interface: Interface) -> None:
    _, text = driver_of(interface)
    assert text.startswith("/* SPDX-License-Identifier: GPL-2.0 */\n")
    assert text.isascii()
    for line in text.split("\n"):
        assert len(line.expandtabs()) <= 80
        assert line == line.rstrip()
    assert "\n\n\n" not in text


def test_the_uapi_header_does_not_know_of_it() -> None:
    _, text = driver_of(load(FIRST))
    own = {*re.findall(r"\bvfio_device_state_\w+|\bVFIO_DEVICE_STATE_ACCESS\w*", text)} - {
        "vfio_device_state_ctl"
    }
    assert len(own) > 10
    for header in ("header", "fragment"):
        assert not own & {*re.findall(r"\w+", text_of(load(FIRST), header))}


def test_the_longest_names_fit_into_lines() -> None:
    name = "x" * 64
    head = f"uapigen: 1\ninterface: {name}\ntitle: T\nheader: linux/example.h\n"
    head += "licenses: {header: (GPL-2.0 WITH Linux-syscall-note) OR MIT}\ndoc: D.\n"
    interface = interface_of(
        """
structs:
  - {struct: ctl, fields: [{name: state, type: u32, states: state, access: wo}]}
regions:
  type: {name: T, value: 1, doc: T.}
  prefix: R_
  subtypes: [{name: CTL, value: 1, present: always, layout: ctl, doc: C.}]
states:
  - states: state
    set-by: user
    initial: ONE
    prefix: S_
    values: [{name: ONE, value: 1}, {name: TWO, value: 2}]
    transitions: [{from: ONE, to: TWO, label: go, stream: opens}]
""",
        head,
    )
    _, text = driver_of(interface)
    assert text.startswith("/* SPDX-License-Identifier: GPL-2.0 OR MIT */\n")
    assert max(len(line.expandtabs()) for line in text.split("\n")) <= 100


def test_an_interface_without_states_and_layouts_has_none() -> None:
    interface = interface_of("constants: [{name: A, value: 1, doc: A.}]")
    assert render(interface, [find_target("driver")]) == ()
    (test,) = render(interface, [find_target("ctest")])
    assert "_driver.h" not in test.text


# --- requests -------------------------------------------------------------------------------------


def check_machines(interface: Interface, folder: Path) -> None:
    """Ask C, Python and the model about every number that there is reason to ask about."""
    driver, module = Driver(interface, folder), pyoutput.bindings(interface)
    assert interface.machines
    for model in interface.machines:
        oracle, table = Oracle(model), module.MACHINES[model.name]
        width = int(driver.tables[model.name].type[3:])
        numbers = oracle.numbers(width)
        for features in oracle.all_features():
            for number in numbers:
                assert driver.has(model.name, features, number) == oracle.has(features, number)
            for current, requested in itertools.product(numbers, numbers):
                meant = oracle.answer(features, current, requested)
                asked = (model.name, features, current, requested)
                assert driver.answer(*asked) == meant, asked
                python = (
                    table.verdict(current, requested, features),
                    table.next_state(current, requested, features),
                )
                assert python == meant, asked
                check_walk(oracle, table, features, current, requested)
            check_steps(oracle, driver, table, features, numbers)
        for current, requested in itertools.product((-1, -2, *numbers), (-1, -8, 1 << 70, *numbers)):
            for features_ in (None, -1):
                meant = oracle.answer(features_, current, requested)
                assert table.verdict(current, requested, features_) == meant[0]
                assert table.next_state(current, requested, features_) == meant[1]


def check_walk(oracle: Oracle, table: Any, features: int, current: int, requested: int) -> None:
    """Steps one after the other arrive, in no more of them than there are states."""
    path = table.path(current, requested, features)
    if oracle.answer(features, current, requested)[0] != "accepted":
        assert path is None
        return
    states = {state.value: state for state in oracle.machine.states}
    ends = (states[current & oracle.mask], states[requested & oracle.mask])
    walked = machine.path(oracle.machine, oracle.having(features), *ends)
    assert path == tuple(state.value for state in walked)
    at, steps = current, 0
    while at != requested:
        at = table.next_state(at, requested, features)
        steps += 1
        assert steps <= len(states)


STREAM = {"opens": 1, "closes": 2, "continues": 4}


def check_steps(oracle: Oracle, driver: Driver, table: Any, features: int, numbers: list[int]) -> None:
    """What stands for a step, and what it does to the data stream, is the same everywhere."""
    steps = oracle.steps(features)
    streams = any(arc.stream for arc in oracle.machine.arcs)
    for current, after in itertools.product(numbers, numbers):
        meant = steps.get((current & oracle.mask, after & oracle.mask))
        asked = (oracle.machine.name, features, current, after)
        if streams:
            flags = [sum({STREAM[arc.stream] for arc in arcs if arc.stream}) for arcs in meant or ()]
            assert driver.stream(*asked) in (flags or [-errno.EINVAL]), asked
        found = table.arcs_between(current, after, features)
        if meant is None:
            assert found is None, asked
        else:
            said = [(arc.source, arc.target, arc.label, arc.stream) for arc in found]
            assert said in [
                [(arc.source.value, arc.target.value, arc.label.text, arc.stream or "") for arc in arcs]
                for arcs in meant
            ], asked


@every_interface
def test_a_step_has_one_meaning(interface: Interface) -> None:
    for model in interface.machines:
        oracle = Oracle(model)
        for features in oracle.all_features():
            assert all(len(meant) == 1 for meant in oracle.steps(features).values())


def test_what_steps_stand_for_and_do_to_the_stream(tmp_path: Path) -> None:
    """From what drivers do: see the table of arcs and effects of the mainline interface."""
    driver, table = Driver(load(V2), tmp_path), pyoutput.bindings(load(V2)).MACHINES["vfio_device_mig_state"]
    stop, running, stop_copy, resuming, p2p, pre_copy, pre_copy_p2p = range(1, 8)
    for features, before, after, stream, labels in (
        (1, running, stop, 0, ["stop reaching others", "stop"]),
        (1, stop, running, 0, ["start without reaching others", "reach others again"]),
        (1, stop, stop_copy, 1, ["save the stopped device"]),
        (1, resuming, stop, 2, ["end the loading"]),
        (5, pre_copy, stop_copy, 4, ["stop reaching others", "stop and save the rest"]),
        (5, pre_copy, running, 2, ["give up saving"]),
        (7, p2p, pre_copy_p2p, 1, ["save without reaching others"]),
        (7, pre_copy, pre_copy_p2p, 0, ["stop reaching others"]),
        (3, running, stop, -errno.EINVAL, None),
        (7, stop_copy, pre_copy, -errno.EINVAL, None),
        (3, running, pre_copy, -errno.EINVAL, None),
        (7, running, 0, -errno.EINVAL, None),
        (7, running, running, 0, []),
        (0, running, running, -errno.EINVAL, None),
        (7, running, 8, -errno.EINVAL, None),
    ):
        assert driver.stream(table.name, features, before, after) == stream
        arcs = table.arcs_between(before, after, features)
        assert (arcs if arcs is None else [arc.label for arc in arcs]) == labels
    assert table.arcs_between(running, stop) is None
    assert len(table.arcs_between(running, p2p)) == 1


def test_a_step_of_several_transitions_is_explained() -> None:
    _, text = driver_of(load(V2))
    ways = " * With STOP_COPY, PRE_COPY:\n *   STOP -> RUNNING: start without reaching others, then"
    assert ways in text
    _, text = driver_of(load(V1))
    assert "in one step where it lacks" not in text
    assert "_stream" not in text
    _, text = driver_of(interface_of(MANY))
    assert " * With LOG:\n *   RUNNING -> RUNNING+LOGGING: calm, then log, then wake\n" in text


@every_interface
def test_c_and_python_answer_as_the_model(interface: Interface, tmp_path: Path) -> None:
    check_machines(interface, tmp_path)


def test_a_state_has_the_width_of_the_member_that_holds_it(tmp_path: Path) -> None:
    driver = Driver(INTERFACES["many"], tmp_path)
    types = {name: table.type for name, table in driver.tables.items()}
    assert types == {"sparse": "__u32", "wide": "__u64", "kept": "__u64", "below": "__s32"}


def test_a_device_that_cannot_be_is_answered_too() -> None:
    """The initial state needs a feature that this one lacks, and others do not."""
    table = pyoutput.bindings(INTERFACES["many"]).MACHINES["kept"]
    assert table.next_state(1, 1 | 1 << 31, 0) == 1 | 1 << 31
    assert table.next_state(1, 0, 0) is None
    assert table.next_state(1, 0, 1) == 0


def test_the_table_is_that_of_the_kernel(tmp_path: Path) -> None:
    driver = Driver(load(V2), tmp_path)
    (name,) = driver.tables
    for bits in range(8):
        having = {"STOP_COPY", *(flag for flag, bit in (("P2P", 2), ("PRE_COPY", 4)) if bits & bit)}
        for current, new in itertools.product(range(9), range(9)):
            meant = _kernels(having, current, new) if bits & 1 else None
            assert (
                driver.answer(name, bits, current, new)
                == (("refused", None), ("accepted", meant))[meant is not None]
            )


def _kernels(having: set[str], current: int, new: int) -> int | None:
    """The kernel's table and its loop, which goes on while the device does not have the state."""
    supported = [name for name in KERNEL_STATES if NEEDS.get(name, set()) <= having]
    if not max(current, new) < len(KERNEL_STATES) or not {KERNEL_STATES[current], KERNEL_STATES[new]} <= {
        *supported
    }:
        return None
    step = KERNEL_STATES[current]
    for _ in KERNEL_STATES:
        step = KERNEL_TABLE[step].split()[new]
        if step == "-":
            return None
        if step in supported:
            return KERNEL_STATES.index(step)
    raise AssertionError("the kernel's loop has no end")


def test_what_is_left_open_is_no_success_and_no_refusal(tmp_path: Path) -> None:
    driver = Driver(load(V1), tmp_path)
    (name,) = driver.tables
    # QEMU resumes from 0 and goes back from 3 to 1: nobody has specified that.
    assert driver.answer(name, 0, 0, 4) == ("unspecified", None)
    assert driver.answer(name, 0, 3, 1) == ("unspecified", None)
    assert driver.answer(name, 0, 1, 6) == ("refused", None)
    # The bits above are kept as they are written.
    assert driver.answer(name, 0, 0x101, 0xABC2) == ("accepted", 0xABC2)


# --- random machines ------------------------------------------------------------------------------

FLAGS = ("A", "B", "C")


@st.composite
def random_machine(draw: st.DrawFn, number: int) -> str:
    """A machine as a spec has it: its rules may be broken, and its table has to be what the model says."""
    encoding = draw(st.sampled_from(["values", "modifiers", "bits"]))
    needs = st.lists(st.sampled_from(FLAGS), max_size=2, unique=True)

    def part(name: str, value: int) -> str:
        needed = ", ".join(draw(needs))
        return f"{{name: {name}, value: {value}, needs: [{needed}]}}".replace(", needs: []", "")

    if encoding == "values":
        values = draw(
            st.lists(
                st.one_of(st.integers(0, 12), st.sampled_from([255, 70000, 1 << 31, (1 << 32) - 1])),
                min_size=2,
                max_size=7,
                unique=True,
            )
        )
        names = [f"S{at}" for at in range(len(values))]
        parts = [part(name, value) for name, value in zip(names, values, strict=True)]
        text = f"    values: [{', '.join(parts)}]\n"
        error = draw(st.booleans())
        if error:
            text = text[: text.rindex("}")] + ", kind: error}]\n"
    elif encoding == "modifiers":
        text = f"    base: [{part('X', 0)}, {part('Z', 1)}]\n    modifiers: [{part('M', 4)}"
        names = ["X", "Z", "X+M", "Z+M"]
        if draw(st.booleans()):
            text += f", {part('L', 1 << 31)}"
            names += ["X+L", "Z+M+L"]
        text += "]\n"
    else:
        names = ["NONE", "ONE", "TWO", "BOTH"]
        text = f"    bits: [{part('ONE', 2)}, {part('TWO', 64)}, {part('THREE', 1 << 20)}]\n"
        text += "    combinations: [{name: NONE, of: []}, {name: ONE, of: [ONE]}, {name: TWO, of: [TWO]}, "
        text += "{name: BOTH, of: [TWO, THREE]}]\n    invalid: [{of: [ONE, TWO], doc: No state.}]\n"
    if encoding != "values" and draw(st.booleans()):
        text += "    unknown: preserved\n"
    pairs = [(one, other) for one in names for other in names if one != other]
    arcs = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=10, unique=True))
    does = draw(st.lists(st.sampled_from(["", *STREAM]), min_size=len(arcs), max_size=len(arcs)))
    streams = [f", stream: {each}" if each else "" for each in does]
    text += "    transitions: ["
    text += ", ".join(
        f"{{from: {a}, to: {b}, label: go{stream}}}" for (a, b), stream in zip(arcs, streams, strict=True)
    )
    text += "]\n"
    if draw(st.booleans()):
        blocked = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=2, unique=True))
        over = draw(st.sampled_from(["stepped-over", "impassable"]))
        fewest = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        text += f"    paths:\n      unsupported: {over}\n      fewest-of: [{', '.join(fewest)}]\n"
        one, step = draw(st.sampled_from(arcs))
        other = draw(st.sampled_from([name for name in names if name != one]))
        text += f"      first-steps: [{{from: {one}, to: {other}, step: {step}}}]\n"
        text += "      blocked: [" + ", ".join(f"{{from: {a}, to: {b}}}" for a, b in blocked) + "]\n"
    for key, choices in (
        ("otherwise", ["refused", "unspecified"]),
        ("same-state", ["accepted", "refused", "unspecified"]),
        ("errno", ["EINVAL", "EBUSY", "EOPNOTSUPP"]),
    ):
        text += f"    {key}: {draw(st.sampled_from(choices))}\n"
    return (
        f"  - states: m{number}\n    set-by: user\n    prefix: M{number}_\n    features: features\n"
        f"    initial: {names[0]}\n{text}"
    )


@st.composite
def random_interface(draw: st.DrawFn) -> Interface:
    """Six machines: one compilation for all."""
    found = "".join(draw(random_machine(number)) for number in range(6))
    flags = draw(st.permutations([1, 2, 1 << 31, 1 << 33, 1 << 63]))
    values = ", ".join(
        f"{{name: {name}, value: {hex(bit)}}}" for name, bit in zip(FLAGS, flags, strict=False)
    )
    return interface_of(f"flags: [{{flags: features, prefix: F_, values: [{values}]}}]\nstates:\n{found}")


# Each example is compiled: what would be shrunk for minutes is told as it was found.
@settings(
    deadline=None,
    max_examples=5,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(random_interface())
def test_any_machine_is_answered_alike_by_c_python_and_the_model(interface: Interface) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_machines(interface, Path(folder))


def test_a_refusal_is_told_from_what_is_open_whatever_its_error() -> None:
    for error, other in (("EINVAL", "EOPNOTSUPP"), ("EOPNOTSUPP", "ENODATA")):
        text = MANY.replace("errno: EOPNOTSUPP", f"errno: {error}")
        _, driver = driver_of(interface_of(text))
        assert f"-{error} where it is refused,\n * -{other} where the interface leaves open" in driver


# --- accesses -------------------------------------------------------------------------------------


def check_accesses(interface: Interface, folder: Path) -> None:
    """Every offset and size, read and written, on a device with each set of flags."""
    driver, module = Driver(interface, folder), pyoutput.device(interface)
    spec = module.spec
    for subtype, region in spec.REGIONS.items():
        if region.layout is None:
            continue
        (name,) = (name for name, found in driver.maps.items() if found.region.value == subtype)
        shown = driver.maps[name].shown
        assert driver.access_map(name) == [
            (member.offset, member.size, member.access or "rw")
            for member in region.access_map()
            if member.size
        ]
        flags = [flag for each in shown for flag in getattr(spec, _class(each.name))]
        for count in range(len(flags) + 1):
            for lacks in itertools.combinations(flags, count):
                device = module.ReferenceDevice(lacks=lacks)
                device.open()
                having = tuple(
                    sum(
                        flag
                        for flag in flags
                        if type(flag).__name__ == _class(each.name) and flag not in lacks
                    )
                    for each in shown
                )
                end = spec.LAYOUTS[region.layout].size + 5
                for offset, size in itertools.product(range(end), range(end)):
                    for write in (False, True):
                        found = driver.access(name, having, offset, size, write=write)
                        meant = _of_device(device, subtype, offset, size, write=write)
                        # Of a region of which nothing is said the device makes up its errors.
                        meant = meant if region.error else meant and errno.EOPNOTSUPP
                        assert found == meant, (lacks, offset, size, write)


def _class(name: str) -> str:
    return name.title().replace("_", "")


def _of_device(device: Any, region: Any, offset: int, size: int, *, write: bool) -> int:
    """0, or the errno of the device; that a value is refused is no matter of the access."""
    try:
        if write:
            device.write(region, offset, bytes(size))
        else:
            device.read(region, offset, size)
    except OSError as error:
        return 0 if "does not take" in str(error) or "no way from" in str(error) else error.errno or -1
    return 0


@pytest.mark.parametrize("path", [FIRST, V1], ids=lambda path: path.stem)
def test_an_access_is_judged_as_the_reference_device_does(path: Path, tmp_path: Path) -> None:
    check_accesses(changed(load(path), operations=(), protocol=None), tmp_path)


LAYOUTS = """
flags:
  - {flags: one, prefix: ONE_, values: [{name: A, value: 1}]}
  - {flags: two, prefix: TWO_, values: [{name: B, value: 1}, {name: C, value: 2}]}
structs:
  - struct: inner
    fields: [{name: a, type: u16}, {pad: 2, policy: ignored}, {name: b, type: u32}]
  - struct: ctl
    fields:
      - {name: flags, type: u32, bits: 9, access: rw}
      - {name: inside, type: inner, access: wo}
      - {name: bytes, type: u8, count: 3, access: rw}
      - {name: last, type: u8, access: wo}
      - {name: group, present: one.A, fields: [{name: x, type: u32, access: wo}, {name: z, type: u32}]}
      - {name: fixed, type: u64, access: ro}
      - {name: other, present: two.C, fields: [{name: x, type: u16, access: rw}, {pad: 6}]}
  - struct: moving
    fields:
      - {name: head, type: u32, access: wo}
      - {name: number, type: u64-natural, access: wo}
      - {name: behind, type: u32, access: rw}
      - {name: tail, type: u32, count: flexible}
regions:
  type: {name: TYPE, value: 1, doc: T.}
  prefix: R_
  subtypes:
    - name: CTL
      value: 1
      present: always
      layout: ctl
      doc: C.
      access: {errno: EPERM, write-together: [[bytes, last], [group.x, group.z]]}
    - name: MOVING
      value: 2
      present: two.B
      doc: M.
      layout: moving
      access: {errno: EBUSY, write-together: [[number, behind]]}
    - {name: DATA, value: 3, present: always, holds: whole, doc: D.}
"""


def test_members_of_every_kind_are_judged_as_the_reference_device_does(tmp_path: Path) -> None:
    check_accesses(interface_of(LAYOUTS), tmp_path)


def test_an_access_that_no_member_has_is_not_declared() -> None:
    kinds = {
        "state": ["RO", "WO", "RW", "PAD"],
        "v1": ["RO", "RW", "ANY"],
        "all": ["RO", "WO", "RW", "PAD", "ANY"],
    }
    for found, interface in (("state", load(FIRST)), ("v1", load(V1)), ("all", interface_of(LAYOUTS))):
        _, text = driver_of(interface)
        assert re.findall(r"^\t\w+_ACCESS_([A-Z]+),$", text, re.MULTILINE) == kinds[found]
        assert re.findall(r"^ \* @\w+_ACCESS_([A-Z]+): ", text, re.MULTILINE) == kinds[found]
        assert {*re.findall(r"^\t{ .*_ACCESS_([A-Z]+)", text, re.MULTILINE)} == {*kinds[found]}


def test_the_c_test_speaks_of_what_there_is_to_be_asked() -> None:
    for interface, answers in (
        (load(V2), "requests for states."),
        (load(V1), "requests for states and accesses to regions."),
        (interface_of(LAYOUTS), "accesses to regions."),
    ):
        (made,) = render(interface, [find_target("ctest")])
        comment = " ".join(made.text.partition("*/")[0].replace("\n *", " ").split())
        assert f"_driver.h must hold: the answers to {answers} To build" in comment


@st.composite
def random_layouts(draw: st.DrawFn) -> Interface:
    """Four regions with members of every size and access: what C leaves between them is no member."""
    text = LAYOUTS[: LAYOUTS.index("structs:")] + "structs:\n"
    regions = ""
    for number in range(4):
        paths: list[str] = []
        text += f"  - struct: s{number}\n    fields:\n"
        for place in range(draw(st.integers(1, 7))):
            access = draw(st.sampled_from(["", ", access: ro", ", access: wo", ", access: rw"]))
            type_ = draw(st.sampled_from(["u8", "u16", "u32", "u64", "u64-natural", "be32"]))
            member = f"{{name: m{place}, type: {type_}{access}}}"
            kind = draw(st.sampled_from(["plain", "plain", "plain", "array", "pad", "group", "union"]))
            if kind == "array":
                member = member.replace("}", ", count: 3}")
            elif kind == "pad":
                policy = draw(st.sampled_from(["zero", "ignored"]))
                member = f"{{pad: {draw(st.integers(1, 9))}, name: m{place}, policy: {policy}}}"
            elif kind == "group":
                present = draw(st.sampled_from(["", "present: one.A, ", "present: two.B, "]))
                member = f"{{name: g, {present}fields: [{member}, {{name: k, type: u16, access: rw}}]}}"
                member = member.replace("{name: g,", f"{{name: g{place},")
            elif kind == "union":
                member = f"{{name: g{place}, union: [{member}, {{name: k, type: u16, access: wo}}]}}"
            # Members of a union do not lie side by side, and are not written together.
            if kind != "union":
                paths += [f"g{place}.m{place}", f"g{place}.k"] if kind == "group" else [f"m{place}"]
            text += f"      - {member}\n"
        first = draw(st.integers(0, max(len(paths) - 2, 0)))
        together = paths[first : first + draw(st.integers(2, 3))]
        regions += f"    - name: R{number}\n      value: {number}\n      present: always\n      doc: R.\n"
        regions += f"      layout: s{number}\n"
        if together and draw(st.booleans()):
            regions += f"      access: {{errno: EPERM, write-together: [[{', '.join(together)}]]}}\n"
    head = "regions:\n  type: {name: TYPE, value: 1, doc: T.}\n  prefix: R_\n  subtypes:\n"
    return interface_of(text + head + regions)


@settings(
    deadline=None,
    max_examples=5,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(random_layouts())
def test_any_layout_is_judged_as_the_reference_device_does(interface: Interface) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_accesses(interface, Path(folder))


def test_what_lies_elsewhere_on_other_abis_is_worked_out_by_the_compiler() -> None:
    _, text = driver_of(interface_of(LAYOUTS))
    assert "{ offsetof(struct moving, number), 8," in text
    assert "!(offset == offsetof(struct moving, number) && size == 12)" in text
    user_space = "#else\n#include <stddef.h>\n"
    assert "#include <linux/stddef.h>" in text
    assert user_space in text
    assert user_space not in driver_of(load(FIRST))[1]


def test_an_access_beyond_all_numbers_ends(tmp_path: Path) -> None:
    driver = Driver(load(FIRST), tmp_path)
    ends = [0, 1, 71, 72, 73, (1 << 32) - 1, 1 << 32, (1 << 64) - 8, (1 << 64) - 1]
    for offset, size, write in itertools.product(ends, ends, (False, True)):
        allowed = (offset, size, write) == (0, 72, False)
        assert driver.access("CTL", (3,), offset, size, write=write) == (0 if allowed else 22)
