"""The driver's header as a library that Python calls: what C answers, argument by argument."""

from __future__ import annotations

import ctypes
import errno
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tools
from ctext import STRICT
from uapigen import machine as machines
from uapigen.caccess import access_maps
from uapigen.ctable import Table, tables
from uapigen.model import Arc, Interface, Machine, Unknown, Verdict
from uapigen.render import find_target, render, snake

Answer = tuple[str, "int | None"]
"""What becomes of a request, and the state after one step where it is accepted."""

_ACCESSES = {"RO": "ro", "WO": "wo", "RW": "rw", "PAD": "zero", "ANY": "any"}
UNTOUCHED = 0x25A5A5A5


class Driver:
    """The functions of one interface, compiled."""

    def __init__(self, interface: Interface, folder: Path) -> None:
        self.interface = interface
        self.tables = {table.machine.name: table for table in tables(interface)}
        self.maps = {found.region.name: found for found in access_maps(interface)}
        self._library = ctypes.CDLL(str(_built(interface, "".join(self._source()), folder)))

    def _source(self) -> Iterator[str]:
        yield f'#include "{snake(self.interface.name)}_driver.h"\n'
        for number, table in enumerate(self.tables.values()):
            features = "features, " if table.flags else ""
            unused = "" if table.flags else "(void)features; "
            yield f"""
int next_{number}(__u64 features, __u64 state, __u64 requested, __u64 *next)
{{
	{table.type} after = *next;
	int ret = {table.prefix}_next_state({features}state, requested, &after);
	{unused}*next = after;
	return ret;
}}
int check_{number}(__u64 features, __u64 state, __u64 requested)
{{ {unused}return {table.prefix}_check_request({features}state, requested); }}
int has_{number}(__u64 features, __u64 state)
{{ {unused}return {table.prefix}_has_state({features}state); }}
"""
            if any(arc.stream for arc in table.machine.arcs):
                yield f"""
int stream_{number}(__u64 features, __u64 state, __u64 next)
{{ {unused}return {table.prefix}_step_stream({features}state, next); }}
"""
        for number, found in enumerate(self.maps.values()):
            shown = "".join(f"shown[{at}], " for at in range(len(found.shown)))
            unused = "" if shown else "(void)shown; "
            name = snake(self.interface.name)
            yield f"""
int access_{number}(const __u64 *shown, __u64 offset, __u64 size, int is_write)
{{ {unused}return {found.prefix}_access({shown}offset, size, is_write); }}
int entry_{number}(unsigned int at, __u64 *values)
{{
	const struct {name}_member *member = {found.prefix}_members + at;

	if (at >= sizeof({found.prefix}_members) / sizeof(*member))
		return 0;
	values[0] = member->offset;
	values[1] = member->size;
	values[2] = member->access;
	return 1;
}}
"""

    def answer(self, machine: str, features: int, state: int, requested: int) -> Answer:
        """What C answers; what its two functions and the variable contradict each other in is an error."""
        number = [*self.tables].index(machine)
        table = self.tables[machine]
        after = ctypes.c_uint64(UNTOUCHED)
        arguments = [ctypes.c_uint64(each) for each in (features, state, requested)]
        ret = self._library[f"next_{number}"](*arguments, ctypes.byref(after))
        assert self._library[f"check_{number}"](*arguments) == ret
        if ret == 0:
            return "accepted", _signed(table, after.value)
        assert after.value == UNTOUCHED
        if ret == -getattr(errno, table.machine.errno):
            return "refused", None
        assert table.open
        assert ret == -getattr(errno, table.open)
        return "unspecified", None

    def stream(self, machine: str, features: int, state: int, following: int) -> int:
        """What C says of what a step does to the data stream."""
        number = [*self.tables].index(machine)
        arguments = [ctypes.c_uint64(each) for each in (features, state, following)]
        found: int = self._library[f"stream_{number}"](*arguments)
        return found

    def has(self, machine: str, features: int, state: int) -> int:
        """What C says of a state."""
        number = [*self.tables].index(machine)
        found: int = self._library[f"has_{number}"](ctypes.c_uint64(features), ctypes.c_uint64(state))
        return found

    def access(self, region: str, shown: tuple[int, ...], offset: int, size: int, *, write: bool) -> int:
        """0, or the errno of an access."""
        number = [*self.maps].index(region)
        flags = (ctypes.c_uint64 * max(len(shown), 1))(*shown)
        ret: int = self._library[f"access_{number}"](
            flags, ctypes.c_uint64(offset), ctypes.c_uint64(size), int(write)
        )
        return -ret

    def access_map(self, region: str) -> list[tuple[int, int, str]]:
        """Offset, size and access of each member."""
        number = [*self.maps].index(region)
        (made,) = render(self.interface, [find_target("driver")])
        declared = re.findall(r"^\t\w+_ACCESS_([A-Z]+),$", made.text, re.MULTILINE)
        values = (ctypes.c_uint64 * 3)()
        found = []
        while self._library[f"entry_{number}"](len(found), values):
            found.append((values[0], values[1], _ACCESSES[declared[values[2]]]))
        return found


def _signed(table: Table, value: int) -> int:
    width = int(table.type[3:])
    value &= (1 << width) - 1
    return value - (1 << width) if table.type.startswith("__s") and value >> (width - 1) else value


def _built(interface: Interface, source: str, folder: Path) -> Path:
    import subprocess

    made = render(interface, [find_target("header"), find_target("driver")])
    for file, text in {**{each.file: each.text for each in made}, "library.c": source}.items():
        (folder / file).write_text(text)
    library = folder / "library.so"
    flags = ("-std=gnu11", *STRICT, "-Wno-sign-compare", "-shared", "-fPIC")
    subprocess.run([tools.require("gcc"), *flags, "library.c", "-o", library], cwd=folder, check=True)
    return library


# --- the model, asked with numbers ----------------------------------------------------------------


class Oracle(NamedTuple):
    """What the model says of numbers, whatever they are."""

    machine: Machine

    def answer(self, features: int | None, current: int, requested: int) -> Answer:
        """The verdict, and the number that the field has after one step."""
        states = {state.value: state for state in self.machine.states}
        one, other = states.get(current & self.mask), states.get(requested & self.mask)
        if one is None or other is None:
            return "refused", None
        having = self.having(features)
        verdict = machines.verdict(self.machine, having, one, other)
        if verdict is not Verdict.ACCEPTED:
            return verdict.value, None
        after = machines.next_state(self.machine, having, one, other)
        assert after
        return "accepted", after.value | requested & ~self.mask

    def steps(self, features: int | None) -> dict[tuple[int, int], set[tuple[Arc, ...]]]:
        """The steps by the numbers before and after, with what each stands for: one thing if it is sound."""
        found: dict[tuple[int, int], set[tuple[Arc, ...]]] = {}
        having = self.having(features)
        for one, other in itertools.product(self.machine.states, repeat=2):
            if machines.verdict(self.machine, having, one, other) is Verdict.ACCEPTED:
                at, taken = one, []
                for state in machines.walk(self.machine, having, one, other).steps:
                    taken.append(next(a for a in self.machine.arcs if (a.source, a.target) == (at, state)))
                    at = state
                    if machines.supports(having, state):
                        break
                found.setdefault((one.value, at.value), set()).add(tuple(taken))
        return found

    def has(self, features: int | None, number: int) -> bool:
        """Whether a device has this state."""
        found = [state for state in self.machine.states if state.value == number & self.mask]
        return any(machines.supports(self.having(features), state) for state in found)

    def having(self, features: int | None) -> frozenset[str] | None:
        """The names of the features that a number has."""
        if features is None:
            return None
        flags = self.machine.features.values if self.machine.features else ()
        return frozenset(flag.name for flag in flags if flag.value & features == flag.value)

    @property
    def mask(self) -> int:
        """The bits that are looked at."""
        if self.machine.unknown is not Unknown.PRESERVED:
            return -1
        mask = 0
        for part in self.machine.parts:
            mask |= part.value
        return mask

    def all_features(self) -> list[int]:
        """Every number that flags make, alone and with bits that are no flag's; no bit, and all of them."""
        flags = [flag.value for flag in self.machine.features.values] if self.machine.features else []
        sums = [0]
        for flag in flags:
            sums += [each | flag for each in sums]
        return sorted({*sums, *(each | 1 << 40 | 1 << 63 for each in sums), (1 << 64) - 1})

    def numbers(self, width: int) -> list[int]:
        """The states, what is one off or one bit off, and the ends of the type."""
        known = [state.value for state in self.machine.states]
        near = {each + step for each in known for step in (-1, 0, 1)}
        bits = {each ^ 1 << place for each in known for place in (0, 2, 7, 30, *([40] if width > 32 else []))}
        least = -(1 << width - 1) if min(known) < 0 else 0
        most = (1 << width - 1) - 1 if min(known) < 0 else (1 << width) - 1
        return sorted(each for each in {*near, *bits, 0, 12, most} if least <= each <= most)
