"""The client of the bindings: each method takes the steps of its operation, and data gets across whole."""

from __future__ import annotations

import contextlib
import errno
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

import pyoutput
from sample import ROOT, SPECS, interface_of
from uapigen import load

EVERY = sorted((*SPECS.glob("*.yaml"), *(ROOT / "tests" / "specs").glob("*.yaml")))
FIRST = SPECS / "vfio-device-state.yaml"
DECK = ROOT / "tests" / "specs" / "tape-deck.yaml"
with_operations = pytest.mark.parametrize(
    "path", [path for path in EVERY if load(path).operations], ids=lambda path: path.stem
)

Access = tuple[str, str, object]


class Recording:
    """A transport that takes everything, answers with fixed bytes and writes down each access."""

    page_size = 4096

    def __init__(self, module: Any, answers: Mapping[str, int]) -> None:
        self.module = module
        self.answers = answers
        self.accesses: list[Access] = []

    def regions(self) -> dict[Any, int]:
        return {region: 100 + region for region in self.module.REGIONS}

    def read(self, region: Any, offset: int, length: int) -> bytes:
        member = self._member(region, offset)
        if member is None:
            self.accesses.append(("read", region.name, length))
            return bytes([7]) * length
        assert length == member.size
        self.accesses.append(("read", member.path, None))
        data: bytes = member.encode(self.answers.get(member.path, 0))
        return data

    def write(self, region: Any, offset: int, data: bytes) -> None:
        member = self._member(region, offset)
        if member is None:
            self.accesses.append(("write", region.name, data))
        else:
            self.accesses.append(("write", member.path, member.decode(data)))

    def _member(self, region: Any, offset: int) -> Any:
        found = self.module.REGIONS[region].access_map()
        return next((member for member in found if member.size and member.offset == offset), None)


def method_of(client: Any, operation: Any) -> Any:
    return getattr(client, re.sub("[ -]", "_", operation.name))


def value_of(member: Any) -> int:
    """A number that the member takes, and that no other one has by chance."""
    if member.values:
        return int(list(member.values)[-1])
    return int((member.offset + 3) % 100)


# --- operations -----------------------------------------------------------------------------------


@with_operations
def test_method_of_an_operation_takes_the_steps_of_user_space_and_no_other(path: Path) -> None:
    module = pyoutput.bindings(load(path))
    members = {member.path: member for region in module.REGIONS.values() for member in region.access_map()}
    answers = {path: value_of(member) for path, member in members.items()}
    for operation in module.OPERATIONS:
        device = Recording(module, answers)
        call = method_of(module.Client(device), operation)
        steps = [step for step in operation.steps if step.by == "user"]
        given: dict[str, object] = {}
        meant: list[Access] = []
        results: list[object] = []
        for step in steps:
            lengths = [each.length for each in steps if each.region is not None]
            if step.field and step.verb == "read":
                meant.append(("read", step.field, None))
                results += [answers[step.field]] if step.field not in lengths else []
            elif step.field:
                value = answers[step.field] if step.value is None else step.value
                given |= {step.argument: value} if step.argument else {}
                meant.append(("write", step.field, value))
            elif step.verb == "write":
                given["data"] = b"data"
                meant.append(("write", step.region.name, b"data"))
            else:
                length = answers.get(step.length, device.regions()[step.region])
                if step.length == "chunk":
                    given["chunk"] = length = 9
                meant.append(("read", step.region.name, length))
                results.append(bytes([7]) * length)
        found = call(**given)
        assert device.accesses == meant, operation.name
        assert found == (None if not results else results[0] if len(results) == 1 else tuple(results))


@with_operations
def test_docstring_says_what_it_needs_and_how_it_fails(path: Path) -> None:
    interface = load(path)
    module = pyoutput.bindings(interface)
    for operation in interface.operations:
        text = inspect.getdoc(method_of(module.Client, operation)) or ""
        said = " ".join(text.split())
        assert " ".join(operation.doc.text.split()) in said
        assert not operation.needs or operation.needs.value.c_name in said
        fixed = {step.field.path for step in operation.steps if step.value and step.field}
        meant = [
            failure.errno
            for failure in operation.failures
            if not (failure.test == "not-in" and failure.field and failure.field.path in fixed)
        ]
        assert re.findall(r"^- (E[A-Z0-9]+) if ", text, re.MULTILINE) == meant


def test_parameters_and_results_have_the_types_of_the_members() -> None:
    module = pyoutput.bindings(load(FIRST))
    client = module.Client(Recording(module, {"caps": 3 | 64}))
    caps = client.get_caps()
    assert isinstance(caps, module.DataCap)
    assert caps == 3 | 64  # What user space does not know, it ignores.
    signatures = {
        name: str(inspect.signature(method))
        for name, method in vars(module.Client).items()
        if not name.startswith("_")
    }
    assert (
        signatures
        | {
            "get_version": "(self) -> 'int'",
            "get_caps": "(self) -> 'DataCap'",
            "set_device_state": "(self, state: 'DeviceState | int') -> 'None'",
            "get_device_config_buffer": "(self) -> 'bytes'",
            "set_device_config_buffer": "(self, data: 'bytes') -> 'None'",
            "get_device_memory_buffer": "(self, pos: 'int', chunk: 'int') -> 'bytes'",
            "set_device_memory_buffer": "(self, data: 'bytes', pos: 'int') -> 'None'",
            "get_dirty_bitmap": "(self, start_addr: 'int', page_nr: 'int') -> 'bytes'",
        }
        == signatures
    )


def test_what_is_refused_comes_through_with_the_errno_of_the_spec() -> None:
    deck = pyoutput.device(load(DECK))
    device = deck.ReferenceDevice()
    device.open()
    client = deck.spec.Client(device)
    for error, refused in (
        (errno.EBUSY, lambda: client.enter_a_state(2)),
        (errno.EFBIG, lambda: client.size_of_a_label(1 << 40)),
        (errno.ENODATA, lambda: client.store_a_label(b"")),
        (errno.EAGAIN, lambda: client.fetch_a_reel(0, 1)),
        (errno.EFAULT, lambda: client.fetch_wear(1, 1)),
        (errno.EIO, lambda: client.write("version", 1)),
    ):
        with pytest.raises(OSError, match=f"Errno {error}") as caught:
            refused()
        assert caught.value.errno == error
    with pytest.raises(OverflowError):
        client.write("state", 256)
    with pytest.raises(KeyError, match="nothing"):
        client.read("nothing")


AWKWARD = """
flags:
  - {flags: f, prefix: F_, values: [{name: A, value: 1}]}
enums:
  - {enum: kind, prefix: K_, values: [{name: ONE, value: 1}]}
  - {enum: open_kind, unknown: preserved, prefix: L_, values: [{name: ONE, value: 1}]}
structs:
  - struct: ctl
    doc: Control.
    fields:
      - {name: from, type: u32, access: rw, doc: a keyword}
      - {name: kind, type: u32, access: rw, values: kind, doc: a kind}
      - {name: wide, type: u32, access: rw, values: open_kind, doc: numbers that nobody lists}
      - {name: f, type: u32, access: rw, values: f, doc: flags}
      - {name: self, type: be32, access: rw, doc: big endian}
      - {name: bits, type: u32, bits: 3, access: rw, doc: a bit field}
      - {name: rest, type: u32, bits: 29, access: rw, doc: another one}
      - {name: data, type: u64, access: rw, doc: a number}
      - {name: s, type: s32, access: rw, states: state, doc: state}
regions:
  type: {name: T, value: 1, doc: Regions.}
  prefix: R_
  subtypes:
    - {name: CTL, value: 1, present: always, layout: ctl, doc: Control.}
    - {name: DATA, value: 2, present: always, holds: whole, doc: Data.}
states:
  - states: state
    set-by: user
    initial: ONE
    prefix: S_
    unknown: preserved
    bits: [{name: BIT, value: 1, doc: A bit.}, {name: TWO, value: 2, doc: Another.}]
    combinations: [{name: ONE, of: [BIT], doc: one}, {name: BOTH, of: [BIT, TWO], doc: both}]
    transitions: [{from: ONE, to: BOTH, label: go}]
operations:
"""


def operation(number: int, name: str, *steps: str) -> str:
    lines = "".join(f"      - {{by: user, do: {step}}}\n" for step in steps)
    return f"  - operation: {name}\n    number: {number}\n    steps:\n{lines}"


ODD = (
    operation(1, "read", "read, field: from")
    + operation(2, "class", "write, field: from, argument: lambda", "read, field: self")
    + operation(3, "int", "read, field: kind", "read, field: wide", "read, field: f")
    + operation(4, "bytes", "write, region: DATA", "write, field: data, argument: data")
    + operation(5, "set state", "write, field: s, argument: self", "read, field: s")
    + operation(6, "get-data", "read, region: DATA, length: data", "read, field: data")
    + operation(7, "get data", "write, field: data, argument: data", "read, region: DATA, length: data")
    + operation(8, "bit field", "read, field: bits")
    + operation(9, "only there", "read, field: from, in: [ONE]")
    + operation(10, "same word", "write, field: kind, argument: it", "write, field: data, argument: it")
    + operation(11, "all of it", "read, region: DATA", "read, region: DATA, length: chunk")
    + operation(12, "a " * 57 + "b", "write, field: from, argument: " + "c" * 60)
)


def test_names_and_steps_that_are_awkward() -> None:
    module = pyoutput.bindings(interface_of(AWKWARD + ODD))
    answers = {"from_": 6, "self": 4, "kind": 1, "wide": 9, "f": 5, "data": 3, "s": 0x83}
    device = Recording(module, answers)
    client = module.Client(device)
    assert client.read_() == 6
    assert client.class_(2) == 4
    assert client.int_() == (1, 9, 5)
    client.bytes_(b"xyz", 8)
    assert client.set_state(2) == 0x83
    assert client.get_data(2) == (b"\7\7", 3)
    assert client.get_data_(4) == b"\7" * 4
    client.same_word(1)
    assert client.all_of_it(5) == (b"\7" * 102, b"\7" * 5)
    getattr(client, "a_" * 57 + "b")(1)
    assert not {"bit_field", "only_there"} & {*dir(client)}  # Nobody knows how much, or when.
    del device.accesses[:]
    client.set_state_(3)
    assert device.accesses == [("read", "s", None), ("write", "s", 0x83)]
    device.answers = {**answers, "kind": 2}
    with pytest.raises(ValueError, match="2 is not a valid Kind"):
        client.int_()


NAMES = ("get", "set state", "class", "tuple", "read", "device", "a-b", "a b", "min", "len", "str", "range")
MEMBERS = ("from", "kind", "wide", "f", "self", "data", "s")
WORDS = ("it", "data", "self", "lambda", "size-of-it", "int", "length", "kind")


def random_operations(chance: Random) -> str:
    """Operations of any steps, with names that Python has a use for."""
    made = []
    for number, name in enumerate(chance.sample(NAMES, 6), 1):
        steps = []
        for _ in range(chance.randint(1, 4)):
            member, word = chance.choice(MEMBERS), chance.choice(WORDS)
            length = chance.choice(("", ", length: chunk", f", length: {member}"))
            steps.append(
                chance.choice(
                    (
                        f"read, field: {member}",
                        f"write, field: {member}, argument: {word}",
                        f"read, region: DATA{length}",
                        f"write, region: DATA{length}",
                    )
                )
            )
        made.append(operation(number, name, *steps))
    return "".join(made)


@pytest.mark.parametrize("seed", range(25))
def test_steps_are_taken_in_their_order_whatever_they_are(seed: int) -> None:
    interface = interface_of(AWKWARD + random_operations(Random(seed)))
    module = pyoutput.bindings(interface)
    device = Recording(module, {"kind": 1, "s": 1})
    names = [*vars(module.Client)]
    own = names[names.index("write") + 1 :]
    for each, name in zip(module.OPERATIONS, own, strict=False):
        method = getattr(module.Client, name)
        del device.accesses[:]
        parameters = [*inspect.signature(method).parameters.values()][1:]
        method(module.Client(device), *(b"x" if p.annotation == "bytes" else 1 for p in parameters))
        done = [access[:2] for access in device.accesses]
        assert done == [(step.verb, step.field or step.region.name) for step in each.steps], each.name


def test_mypy_is_content_with_what_is_awkward(tmp_path: Path) -> None:
    for file, text in pyoutput.texts(interface_of(AWKWARD + ODD)).items():
        (tmp_path / file).write_text(text)
    for seed in range(12):
        interface = interface_of(AWKWARD + random_operations(Random(seed)))
        (tmp_path / f"random{seed}.py").write_text(pyoutput.texts(interface, "bindings")["example.py"])
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}/.cache", "."],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_client_is_left_out_where_there_is_nothing_to_do(path: Path) -> None:
    interface = load(path)
    module = pyoutput.bindings(interface)
    assert hasattr(module, "Client") == bool(interface.operations or interface.machines)
    assert hasattr(module, "_MEMBERS") == bool(interface.operations or interface.region_type)


# --- categories -----------------------------------------------------------------------------------

MOVING = {
    FIRST: ("device_config", "device_memory", "dirty_bitmap"),
    DECK: ("label", "reel", "wear"),
}
"""The categories of data that a region holds whole, in chunks and as a bitmap."""
CHUNKS = {FIRST: "DATA_MEMORY", DECK: "REEL"}
with_data = pytest.mark.parametrize("path", MOVING, ids=lambda path: path.stem)
PAGE = 4096


class Pair:
    """Two reference devices of an interface, each opened and with a client."""

    def __init__(self, path: Path, *lengths: dict[str, int]) -> None:
        self.module = pyoutput.device(load(path))
        subtypes = self.module.spec.RegionSubtype
        self.devices = [
            self.module.ReferenceDevice(lengths={subtypes[name]: size for name, size in each.items()})
            for each in lengths or ({}, {})
        ]
        for device in self.devices:
            device.open()
        self.source, self.target = (self.module.spec.Client(device) for device in self.devices)
        self.whole, self.chunks, self.bitmap = MOVING[path]
        buffers = {each.holds: each.region for each in self.module.spec.BUFFERS.values()}
        self.regions = [buffers[holds] for holds in ("whole", "chunks", "bitmap")]

    def change(self, region: int, *pages: int) -> None:
        self.devices[0].stimulate(self.regions[region], pages)

    def round(self, client: Any) -> bytes:
        return b"".join(getattr(client, f"iter_{self.chunks}")())


def stop(pair: Pair) -> None:
    """The target goes where the first interface loads data; the deck does so from the start."""
    if pair.chunks == "device_memory":
        pair.target.set_state(pair.module.spec.DeviceState.STOPPED)


def record(pair: Pair) -> None:
    spec = pair.module.spec
    state = spec.DeviceState.LOGGING if pair.chunks == "device_memory" else spec.DeckState.PLAYING
    pair.source.set_state(state)


@with_data
def test_whole_data_moves_at_once(path: Path) -> None:
    pair = Pair(path)
    stop(pair)
    pair.change(0, 0)
    get, put = (getattr(pair.source, f"get_{pair.whole}"), getattr(pair.target, f"set_{pair.whole}"))
    data = get()
    assert data != getattr(pair.target, f"get_{pair.whole}")()
    put(data)
    assert getattr(pair.target, f"get_{pair.whole}")() == data


@with_data
@pytest.mark.parametrize("pages", [1, 2, 7])
def test_chunks_are_those_of_each_sides_own_region(path: Path, pages: int) -> None:
    pair = Pair(path, {CHUNKS[path]: pages * PAGE}, {CHUNKS[path]: 3 * PAGE})
    stop(pair)
    pair.change(1, 0, 3)
    size = pair.source.read({"device_memory": "device_memory.size", "reel": "reel.size"}[pair.chunks])
    pieces = [*getattr(pair.source, f"iter_{pair.chunks}")()]
    assert [len(piece) for piece in pieces[:-1]] == [pages * PAGE] * (len(pieces) - 1)
    assert sum(map(len, pieces)) == size
    getattr(pair.target, f"set_{pair.chunks}")(b"".join(pieces))
    assert pair.round(pair.target) == b"".join(pieces)


@with_data
def test_round_that_is_left_early_comes_again(path: Path) -> None:
    pair = Pair(path)
    everything = pair.round(pair.source)
    record(pair)
    assert pair.round(pair.source) == b""
    pair.change(1, 0, 1, 2)
    rounds = getattr(pair.source, f"iter_{pair.chunks}")()
    early = next(rounds)
    rounds.close()
    pair.change(1, 4)
    again = pair.round(pair.source)
    assert again.startswith(early)
    assert pair.round(pair.source)  # What changed behind the chunk that was got.
    assert len(again) < len(everything)


@with_data
def test_bitmap_gives_addresses(path: Path) -> None:
    pair = Pair(path)
    marked = getattr(pair.source, pair.bitmap)
    record(pair)
    pair.change(2, 3, 8, 9, 64, 70)
    assert marked(4 * PAGE, 61) == (8 * PAGE, 9 * PAGE, 64 * PAGE)
    assert marked(0, 128) == (3 * PAGE, 70 * PAGE)
    assert marked(0, 128) == ()


CATEGORIES = """
enums:
  - {enum: order, prefix: O_, values: [{name: GET, value: 1}, {name: SET, value: 2}]}
structs:
  - struct: ctl
    doc: Control.
    fields:
      - {name: order, type: u32, access: wo, values: order, doc: what to do}
      - {name: size, type: u32, access: rw, doc: how much}
regions:
  type: {name: T, value: 1, doc: Regions.}
  prefix: R_
  subtypes:
    - {name: CTL, value: 1, present: always, layout: ctl, doc: Control.}
    - {name: DATA, value: 2, present: always, holds: whole, doc: Data.}
actions:
  owner: {before: user, during: driver, after: user}
  triggers:
    - {trigger: get it, field: order, value: GET, fills: DATA, category: it-all}
    - {trigger: set it, field: order, value: SET, loads: DATA, category: it-all}
operations:
"""
FILL = """
  - operation: get it all
    number: 1
    steps:
      - {by: user, do: write, field: order, value: GET}
      - {by: driver, do: fill, region: DATA, data: it}
"""
LOAD = """
  - operation: load it
    number: 2
    steps:
      - {by: user, do: write, region: DATA, length: size}
      - {by: user, do: write, field: size, argument: size}
      - {by: user, do: write, field: order, value: SET}
      - {by: driver, do: load, region: DATA, data: it}
"""
READ_ALL = FILL + "      - {by: user, do: read, region: DATA}\n"


@pytest.mark.parametrize("fill", [FILL, READ_ALL], ids=["nobody reads", "all is read"])
def test_category_of_operations_of_another_shape(fill: str) -> None:
    module = pyoutput.bindings(interface_of(CATEGORIES + fill + LOAD))
    device = Recording(module, {"size": 5})
    client = module.Client(device)
    assert client.get_it_all_() == b"\7" * 5
    assert device.accesses[-2:] == [("read", "size", None), ("read", "DATA", 5)]
    del device.accesses[:]
    client.set_it_all(b"abc")
    assert device.accesses == [("write", "DATA", b"abc"), ("write", "size", 3), ("write", "order", 2)]


def test_category_of_which_something_is_not_told_has_no_method() -> None:
    alone = LOAD.replace("length: size", "length: chunk").replace("argument: size", "argument: how")
    unknown = alone.replace("field: size, argument: how", "field: order, argument: how")
    module = pyoutput.bindings(interface_of(CATEGORIES + FILL + unknown))
    assert not {"get_it_all_", "set_it_all"} & {*vars(module.Client)}
    assert {"get_it_all", "load_it"} <= {*vars(module.Client)}


# --- migration ------------------------------------------------------------------------------------


class Memory:
    """System memory of both sides: what is in each page, by its address."""

    def __init__(self, pages: Iterable[int]) -> None:
        self.here = {page * PAGE: 0 for page in pages}
        self.there = dict.fromkeys(self.here, -1)

    def copy(self, pages: Sequence[int]) -> None:
        for address in pages:
            self.there[address] = self.here[address]


class Busy:
    """A source that works for some rounds, as it is told how a migration goes on."""

    def __init__(self, pair: Pair, memory: Memory, times: int) -> None:
        self.pair = pair
        self.memory = memory
        self.left = times
        self.told: list[Any] = []

    def __call__(self, progress: Any) -> None:
        self.told.append(progress)
        if progress.phase == "pre-copy" and self.left:
            self.left -= 1
            self.work(self.left)

    def work(self, number: int) -> None:
        pages = [number % 5, 100 + number % 40]
        self.pair.change(0, 0)
        self.pair.change(1, pages[0])
        self.pair.change(2, *pages)
        for page in pages:
            self.memory.here[page * PAGE] += 1


def everything(client: Any, pair: Pair) -> tuple[bytes, bytes]:
    """All of the data, of a device that was reset so that it gives all."""
    client.device.reset()
    return getattr(client, f"get_{pair.whole}")(), pair.round(client)


RANGES = [(0, 10), (100 * PAGE, 40)]


@with_data
@pytest.mark.parametrize("times", [0, 1, 2, 9, 40])
def test_migration_moves_all_that_changes_meanwhile(path: Path, times: int) -> None:
    pair, memory = Pair(path), Memory([*range(10), *range(100, 140)])
    busy = Busy(pair, memory, times)
    for number in range(3):
        busy.work(number)
    pair.module.spec.migrate(pair.source, pair.target, memory=RANGES, copy_pages=memory.copy, progress=busy)
    states = [next(iter(device._states.values())) for device in pair.devices]
    spec = pair.module.spec
    stopped = spec.DeviceState.STOPPED if path is FIRST else spec.DeckState.IDLE
    assert states == [stopped, next(iter(spec.MACHINES.values())).initial]
    assert memory.here == memory.there
    assert everything(pair.source, pair) == everything(pair.target, pair)
    totals = [progress.total for progress in busy.told]
    assert totals == sorted(totals)
    assert totals[-1] == sum(progress.moved for progress in busy.told)
    assert busy.told[-1].category == pair.whole
    phases = [progress.phase for progress in busy.told]
    assert phases == sorted(phases)
    assert ("pre-copy" in phases) == (path is FIRST)


def test_pages_come_in_ranges_that_the_bitmap_can_hold() -> None:
    pair = Pair(FIRST, {"DATA_DIRTYBITMAP": PAGE}, {})
    start, copied = 1 << 40, list[Sequence[int]]()
    number = 2 * 8 * PAGE + 100
    spec = pair.module.spec

    def work(progress: Any) -> None:
        if progress.category == "dirty_bitmap" and progress.round == 1:
            pair.change(2, *((start // PAGE) + page for page in (0, 8 * PAGE, number - 1)))

    spec.migrate(pair.source, pair.target, memory=[(start, number)], copy_pages=copied.append, progress=work)
    assert copied[0] == range(start, start + number * PAGE, PAGE)
    assert [page for pages in copied[1:] for page in pages] == [
        start + page * PAGE for page in (0, 8 * PAGE, number - 1)
    ]


@pytest.mark.parametrize(("rounds", "enough", "meant"), [(1, 0, 1), (4, 0, 4), (9, 40000, 2), (0, 0, 0)])
def test_number_of_rounds_while_the_source_runs(rounds: int, enough: int, meant: int) -> None:
    pair, memory = Pair(FIRST), Memory(range(140))
    busy = Busy(pair, memory, 99)
    pair.module.spec.migrate(
        pair.source,
        pair.target,
        memory=[(0, 140)],
        copy_pages=memory.copy,
        rounds=rounds,
        enough=enough,
        progress=busy,
    )
    assert len({each.round for each in busy.told if each.phase == "pre-copy"}) == meant
    assert memory.here == memory.there
    assert everything(pair.source, pair) == everything(pair.target, pair)


def test_device_without_what_is_optional_is_migrated() -> None:
    pair = Pair(FIRST)
    spec, told = pair.module.spec, list[Any]()
    devices = [pair.module.ReferenceDevice(lacks=[*spec.DataCap]) for _ in range(2)]
    for device in devices:
        device.open()
    devices[0].stimulate(spec.RegionSubtype.DATA_CONFIG, [0])
    clients = [spec.Client(device) for device in devices]
    spec.migrate(*clients, progress=told.append)
    assert {each.category for each in told} == {"device_config"}
    assert clients[0].get_device_config() == clients[1].get_device_config()


def test_memory_without_a_way_to_copy_it_is_refused_before_anything_happens() -> None:
    pair = Pair(FIRST)
    with pytest.raises(ValueError, match="nothing that copies it"):
        pair.module.spec.migrate(pair.source, pair.target, memory=[(0, 1)])
    assert [*pair.devices[1]._states.values()] == [pair.module.spec.DeviceState.RUNNING]


class CutError(OSError):
    """What the caller has to get, and no other error."""


class Failing:
    """A device that refuses the access with this number."""

    def __init__(self, device: Any, number: int) -> None:
        self.device = device
        self.left = number
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.device, name)
        return found if name == "page_size" else lambda *given: self._done(found, given)

    def _done(self, found: Any, given: tuple[object, ...]) -> Any:
        self.left -= 1
        if self.left == 0:
            self.failed = True
            raise CutError
        return found(*given)


@pytest.mark.parametrize("side", [0, 1])
def test_source_goes_on_after_a_failure_wherever_it_was(side: int) -> None:
    for number in count(1):
        pair, memory = Pair(FIRST), Memory(range(140))
        busy, spec = Busy(pair, memory, 3), pair.module.spec
        broken = Failing(pair.devices[side], number)
        clients = [pair.source, pair.target]
        clients[side] = spec.Client(broken)
        with contextlib.suppress(CutError):
            spec.migrate(*clients, memory=[(0, 140)], copy_pages=memory.copy, progress=busy)
        if not broken.failed:
            break
        assert [*pair.devices[0]._states.values()] == [spec.DeviceState.RUNNING], number
        assert {*pair.devices[1]._states.values()} <= {spec.DeviceState.RUNNING, spec.DeviceState.STOPPED}
        assert number == 1 or side == 0 or [*pair.devices[1]._states.values()] == [spec.DeviceState.STOPPED]
    assert number > 30


# --- migration by data streams --------------------------------------------------------------------

V2 = SPECS / "vfio-migration-v2.yaml"
STREAMS = ROOT / "tests" / "specs" / "streams.yaml"


class Streams:
    """Two devices with data streams."""

    def __init__(self, path: Path, lacks: Iterable[str] = ()) -> None:
        self.module = pyoutput.device(load(path))
        self.spec = self.module.spec
        [self.machine, *_] = [
            each
            for each in self.spec.MACHINES.values()
            if any(state.stream == "writes" for state in each.states)
        ]
        flags = [self.spec.MigrationFlags[name] for name in lacks]
        self.devices = [self.module.ReferenceDevice(lacks=flags) for _ in range(2)]
        for device in self.devices:
            device.open()
        self.source, self.target = (self.spec.Client(device) for device in self.devices)
        self.told: list[Any] = []
        self.left = 0

    def migrate(self, **options: Any) -> None:
        self.spec.migrate(self.source, self.target, progress=self.progress, **options)

    def progress(self, progress: Any) -> None:
        self.told.append(progress)
        if progress.phase == "pre-copy" and self.left:
            self.left -= 1
            self.devices[0].change_data(self.machine.name)

    def states(self) -> list[str]:
        found = [self.machine.state(device.current_state(self.machine.name)) for device in self.devices]
        return [state.name for state in found]

    def data(self) -> list[bytes]:
        return [device._contents[self.machine.name] for device in self.devices]


def open_descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


SETS = [(), ("P2P",), ("PRE_COPY",), ("P2P", "PRE_COPY")]
streaming = pytest.mark.parametrize(
    ("path", "lacks"),
    [*((V2, lacks) for lacks in SETS), (STREAMS, ())],
    ids=[*("v2 without " + (" or ".join(lacks) or "nothing") for lacks in SETS), "streams"],
)


@streaming
@pytest.mark.parametrize("times", [0, 1, 5])
def test_migration_by_streams_moves_all_that_changes_meanwhile(
    path: Path, lacks: tuple[str, ...], times: int
) -> None:
    both = Streams(path, lacks)
    both.left = times
    both.devices[0].change_data(both.machine.name)
    before = open_descriptors()
    options = {"features": 7 & ~sum(both.spec.MigrationFlags[name] for name in lacks)} if path is V2 else {}
    both.migrate(**options)
    for device in both.devices:
        assert len({*device._streams}) == 0
    assert open_descriptors() == before
    source, target = both.data()
    assert source == target
    assert both.states() == (["STOP", "RUNNING"] if path is V2 else ["READY", "READY"])
    phases = [progress.phase for progress in both.told]
    assert ("pre-copy" in phases) == ("PRE_COPY" not in lacks)
    assert both.left == (times if "PRE_COPY" in lacks else 0)
    assert both.told[-1].total == sum(progress.moved for progress in both.told)


def test_features_are_believed_to_be_all() -> None:
    both = Streams(V2, ["PRE_COPY"])
    with pytest.raises(OSError, match=f"Errno {errno.EINVAL}"):
        both.migrate()
    assert both.states()[0] == "RUNNING"


@pytest.mark.parametrize("error", [errno.ENOMSG, errno.EAGAIN])
@pytest.mark.parametrize(
    ("options", "meant"), [({"rounds": 3, "enough": 0}, 3), ({"rounds": 0}, 0), ({"enough": 1 << 20}, 1)]
)
def test_number_of_rounds_of_a_stream(options: dict[str, int], meant: int, error: int) -> None:
    both = Streams(V2)
    rounds = [0]

    def read(descriptor: int, length: int) -> bytes:
        """Nothing is there for the moment after each block; then the device goes on."""
        block = os.read(descriptor, length)
        if not block and both.states()[0] == "PRE_COPY":
            rounds[0] += 1
            both.devices[0].change_data(both.machine.name)
            raise OSError(error, "nothing for the moment")
        return block

    vars(both.spec)["os"] = SimpleNamespace(read=read, write=os.write, close=os.close)
    both.migrate(**options)
    assert rounds == [meant]
    source, target = both.data()
    assert source == target


def test_running_source_keeps_nobody_waiting() -> None:
    stream = Streams(V2).spec._Stream(None)
    source, wanted = os.pipe()
    moved, target = os.pipe()
    stream.read_from(source)
    stream.write_to(target)
    os.write(wanted, b"some")
    assert stream.move("pre-copy") == 4
    os.write(wanted, b"rest")
    os.close(wanted)
    assert stream.move("stopped") == 4
    stream.close()
    assert os.read(moved, 99) == b"somerest"
    os.close(moved)


def test_source_that_always_has_more_is_stopped_all_the_same() -> None:
    both = Streams(V2)
    both.left = 1 << 30
    most = len(both.data()[0]) + 100
    both.migrate(most=most)
    early = [progress.total for progress in both.told if progress.phase == "pre-copy"]
    assert early[-2] < most <= early[-1]
    source, target = both.data()
    assert source == target


@streaming
@pytest.mark.parametrize("side", [0, 1])
def test_failure_of_a_migration_by_streams(path: Path, lacks: tuple[str, ...], side: int) -> None:
    before = open_descriptors()
    for number in count(1):
        both = Streams(path, lacks)
        initial = both.states()[0]
        broken = Failing(both.devices[side], number)
        clients = [both.source, both.target]
        clients[side] = both.spec.Client(broken)
        options = (
            {"features": 7 & ~sum(both.spec.MigrationFlags[name] for name in lacks)} if path is V2 else {}
        )
        with contextlib.suppress(CutError):
            both.spec.migrate(*clients, **options)
        if not broken.failed:
            break
        assert both.states()[0] == initial
        for device in both.devices:
            device.reset()
        assert open_descriptors() == before
    assert number > 2


def test_migrate_is_there_where_an_interface_tells_all_of_it() -> None:
    having = {path.stem for path in EVERY if hasattr(pyoutput.bindings(load(path)), "migrate")}
    assert having == {
        "vfio-device-state",
        "vfio-migration-v2",
        "tape-deck",
        "streams",
        "streams-and-regions",
    }
