"""Faults of a device, made by hand: what a driver may do wrong, as a small change of the reference device.

A fault is one of every interface in whose device its text is, or of those that it names.  ``make mutants``
says which of them the generated tests do not notice.
"""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """A change of the device, and words that the message of a failing test must have.

    ``of`` names the interfaces that it is for, where the change says a state or a number of theirs.
    """

    old: str
    new: str
    message: str = ""
    of: tuple[str, ...] = ()

    def applies(self, interface: str, device: str) -> bool:
        """Whether it is a fault of this interface's device, given as text."""
        return interface in self.of if self.of else self.old in device


def without(text: str, old: str, new: str) -> str:
    """The text with ``old``, which must be there once, replaced."""
    assert text.count(old) == 1, f"{text.count(old)} times: {old}"
    return text.replace(old, new)


FIRST, V1, V2 = "vfio-device-state", "vfio-migration-v1", "vfio-migration-v2"
MADE_UP = "tape-deck"

FAULTS = {
    "starts in another state": Fault(
        "self._enter(machine, (machine.initial or 0,))",
        "self._enter(machine, (1,))",
        "after open",
        of=(FIRST,),
    ),
    "starts with a modifier": Fault(
        "self._enter(machine, (machine.initial or 0,))",
        "self._enter(machine, (2,))",
        "DATA_DIRTYBITMAP shows what changed",
        of=(FIRST,),
    ),
    "accepts an unknown bit": Fault(
        "path = machine.path(current, requested, features)",
        "path = machine.path(current, requested & ~64, features)",
        "request 0x40: the device took it; it must fail with EINVAL",
        of=(FIRST,),
    ),
    "changes the state on failure": Fault(
        "            raise _refused(machine.error, why)",
        "            self._states[machine.name] = 1\n            raise _refused(machine.error, why)",
        "which was refused",
        of=(FIRST,),
    ),
    "fails with another errno": Fault(
        "raise _refused(machine.error, why)", "raise _refused(errno.EPERM, why)", "EPERM, not EINVAL"
    ),
    "refuses one transition": Fault(
        "        if path is None:",
        "        if path is None or (current, requested) == (3, 1):",
        "STOPPED+LOGGING -> STOPPED (spec/vfio-device-state.yaml:",
        of=(FIRST,),
    ),
    "refuses the state that it is in": Fault(
        "        if path is None:", "        if path is None or current == requested:"
    ),
    "does not change the state": Fault(
        "            self._states[machine.name] = state",
        "            self._states.setdefault(machine.name, state)",
    ),
    "remembers the transition before": Fault(
        "        current = self._states[machine.name]",
        "        current = self._states[machine.name]\n"
        "        if (current, requested) == (1, 3) and getattr(self, '_last', 0) == 2:\n"
        "            raise _refused(machine.error, 'not after this')\n"
        "        self._last = current",
        "of the walk",
        of=(FIRST,),
    ),
    "forgets to change the state on reset": Fault(
        "self._enter(machine, () if machine.reset is None else (machine.reset,))",
        "self._enter(machine, ())",
        "after a reset in STOPPED",
    ),
    "forgets to change the state on the last close": Fault(
        "self._enter(machine, () if machine.close is None else (machine.close,))",
        "self._enter(machine, ())",
        "after the last close in",
    ),
    "ends on any close": Fault(
        "        if not self._opens:\n            for", "        if True:\n            for"
    ),
    "takes non-zero reserved bytes": Fault(
        'if member.access == "zero" and value:', 'if member.access == "zero" and value > 255:', "write bit 0"
    ),
    "shows something in reserved bytes": Fault(
        "            return bytes(member.size)",
        "            return (member.access == 'zero').to_bytes(member.size, 'little')",
        "reserved reads as 01",
    ),
    "takes writes to read-only members": Fault(
        'if member.access == "ro" or', 'if member.path == "none" or', "to version: the device took it"
    ),
    "shows write-only members": Fault(
        'if member.access in ("wo", "zero", "any")', 'if member.access in ("zero", "any")'
    ),
    "reads write-only members alone": Fault(
        'if all(member.access == "wo" for member in members):', "if not members:", "read device_state"
    ),
    "reads less than was asked for": Fault(
        'return b"".join(self._read_member(member) for member in members)',
        'return b"".join(self._read_member(member) for member in members)[:64]',
        "64 of ",
        of=(FIRST,),
    ),
    "reads parts of members": Fault(
        "if not members or sum(member.size for member in members) != length:",
        "if not members:",
    ),
    "takes writes that cover several members": Fault(
        "if len(members) > 1 and paths not in region.together:", "if not members:"
    ),
    "does not take the two members that go together": Fault(
        "if len(members) > 1 and paths not in region.together:", "if len(members) > 1:"
    ),
    "takes unknown actions": Fault(
        "    return value in known", "    return value in known or value == 8", "write 8", of=(FIRST,)
    ),
    "maps the control region": Fault("if not spec.REGIONS[region].mappable:", "if False:"),
    "maps a copy": Fault("return memoryview(memory)", "return memoryview(bytearray(memory))"),
    "has a region that is not announced": Fault(
        "            if region.needs not in self._lacks:\n",
        "            if region.needs not in self._lacks or region.holds == 'bitmap':\n",
    ),
    "announces what it lacks": Fault(
        "return _union(set(flags) - self._lacks)", "return _union(set(flags))", "on a device without"
    ),
    "takes writes to members that are not there": Fault(
        'if member.access == "ro" or member.needs in self._lacks:',
        'if member.access == "ro":',
        "to device_memory.reserved on a device without DEVICE_MEMORY",
    ),
    "shows members that are not there": Fault(
        '"any") or member.needs in self._lacks:',
        '"any"):\n            return bytes(member.size)\n        if False:',
    ),
    "makes a region of any length": Fault("bytearray(length)", "bytearray(length + 8)"),
    "loads in any state": Fault("not self._is_in(failure.states)", "False", "set device config buffer"),
    "loads without a size": Fault("return failure.field not in values", "return False"),
    "takes a size above the region": Fault("return value > limit", "return value > limit + 1"),
    "shows the size that was written": Fault(
        "                return store.size()\n        flags",
        "                return self._latched.get(member.path, store.size())\n        flags",
    ),
    "tells a size before there is a snapshot": Fault(
        "return 0 if self._snapshot is None else len(self._snapshot)",
        "return len(self._contents if self._snapshot is None else self._snapshot)",
        "before there is a snapshot",
    ),
    "keeps the snapshot on reset": Fault(
        "    def forget(self) -> None:\n        self._snapshot = None",
        "    def forget(self) -> None:\n        pass",
    ),
    "gives the config as it is now": Fault("self._snapshot = self._contents", "self._snapshot = None"),
    "loads nothing": Fault("self._contents = memory[: self._value(values, self._buffer.size)]", "pass"),
    "does not end a round": Fault(
        "            self._complete(self._round)", "            pass", "after the last one"
    ),
    "freezes in the middle of a round": Fault("if self._round and self._round.begun:", "if False:"),
    "takes a position in the middle of a chunk": Fault("return value % limit != 0", "return False"),
    "takes a position behind the end": Fault("return value >= limit", "return value > limit + 8192"),
    "loses what changed during a round": Fault("self._pending = done.changed", "self._pending = set()"),
    "always gives everything": Fault(
        "pages = self._since_whole if self._pending is None else self._pending", "pass"
    ),
    "does not clear the bitmap": Fault("        self._changed -= found", "        pass"),
    "clears more than was asked for": Fault(
        "        self._changed -= found", "        self._changed.clear()"
    ),
    "marks what changes at any time": Fault("        if self._recording:\n", "        if True:\n"),
    "keeps what was marked when it should not": Fault(
        "        if not on:\n            self._changed.clear()", "        if not on:\n            pass"
    ),
    "takes a range that is not aligned": Fault("return value % limit != 0", "return value % 8 != 0"),
    "takes no pages": Fault("return value == limit", "return False"),
    "takes a range that overflows": Fault("return limit + value * self.page_size >= 1 << 64", "return False"),
    # --- states ---
    "is in another state after a refusal": Fault(
        "            raise _refused(machine.error, why)",
        "            self._states[machine.name] = next(\n"
        "                each.value for each in machine.states if each.value != current\n"
        "            )\n"
        "            raise _refused(machine.error, why)",
    ),
    "is reset to the last state of the list": Fault("(machine.reset,)", "(machine.states[-1].value,)"),
    "has the last state of the list after the last close": Fault(
        "(machine.close,)", "(machine.states[-1].value,)"
    ),
    "goes to PRE_COPY_P2P instead of PRE_COPY": Fault(
        "            self._states[machine.name] = state",
        "            self._states[machine.name] = 7 if state == 6 else state",
        of=(V2,),
    ),
    "takes a request for the error state": Fault(
        "path = machine.path(current, requested, features)",
        "path = machine.path(current, requested, features) or ((0,) if requested == 0 else None)",
        of=(V2,),
    ),
    "leaves the error state when it is asked to": Fault(
        "path = machine.path(current, requested, features)",
        "path = (requested,) if current == 0 else machine.path(current, requested, features)",
        of=(V2,),
    ),
    "takes a request for a state that is none": Fault(
        "path = machine.path(current, requested, features)",
        "path = (requested,) if requested == 8 else machine.path(current, requested, features)",
        of=(V2,),
    ),
    "has P2P whatever the features": Fault("features &= ~flag", "features &= ~flag | 2", of=(V2,)),
    "has PRE_COPY whatever the features": Fault("features &= ~flag", "features &= ~flag | 4", of=(V2,)),
    "has no PRE_COPY where P2P is not": Fault(
        "features &= ~flag", "features &= ~flag & ~(flag << 1)", of=(V2,)
    ),
    "goes from STOP_COPY to PRE_COPY": Fault(
        "path = machine.path(current, requested, features)",
        "path = (6,) if (current, requested) == (3, 6) else machine.path(current, requested, features)",
        of=(V2,),
    ),
    "does not go from RUNNING to STOP": Fault(
        "        if path is None:", "        if path is None or (current, requested) == (2, 1):", of=(V2,)
    ),
    "forgets what changed when it goes to another state": Fault(
        "            for region, store in self._stores.items():\n                store.record(",
        "            for region, store in self._stores.items():\n"
        "                store.record(False)\n                store.record(",
        of=(FIRST,),
    ),
    "enters every state but the last one": Fault(
        "        for state in path:\n            self._states",
        "        for state in (*path[:-2], *path[-1:])[:-1] or path:\n            self._states",
        of=(V2,),
    ),
    "refuses a way of more than two steps": Fault(
        "        if path is None:",
        "        if path is None or len(path) > 2:",
        "though it is allowed",
        of=(V2,),
    ),
    "looks at the features of the state that it is in alone": Fault(
        "path = machine.path(current, requested, features)",
        "path = machine.path(current, requested, features)\n"
        "        if requested == 6 and not features & 4:\n            path = (requested,)",
        "see state PRE_COPY",
        of=(V2,),
    ),
    "wants P2P for PRE_COPY": Fault(
        "path = machine.path(current, requested, features)",
        "path = machine.path(current, requested, features)\n"
        "        if requested == 6 and not features & 2:\n            path = None",
        "though it is allowed",
        of=(V2,),
    ),
    "ignores the upper half of what is asked for": Fault(
        "path = machine.path(current, requested, features)",
        "path = machine.path(current, requested & 0xFFFF, features)",
        "0x1000",
        of=(FIRST, V2),
    ),
    "takes running and resuming at once": Fault(
        "path = machine.path(current, requested, features)",
        "path = (5,) if requested == 5 else machine.path(current, requested, features)",
        of=(V1,),
    ),
    "takes the bits of the error state": Fault(
        "path = machine.path(current, requested, features)",
        "path = (6,) if requested == 6 else machine.path(current, requested, features)",
        of=(V1,),
    ),
    "is stopped after a reset": Fault("(machine.reset,)", "(0,)", of=(V1,)),
    # --- members ---
    "keeps what was written where it refuses": Fault(
        "            written[member.path] = self._checked(region, member, member.decode(piece))",
        "            self._latched[member.path] = member.decode(piece)\n"
        "            written[member.path] = self._checked(region, member, member.decode(piece))",
    ),
    "takes only the first of two members": Fault(
        '            for reaction in _REACTIONS.get(("write", path), ())',
        '            for reaction in _REACTIONS.get(("write", path), ())\n            if len(written) == 1',
    ),
    # --- data ---
    "an action that is refused ends what was begun": Fault(
        "                raise _refused(failure.error, why)",
        "                for store in self._stores.values():\n"
        "                    store.forget()\n"
        "                raise _refused(failure.error, why)",
    ),
    "an action that is refused moves data": Fault(
        "                raise _refused(failure.error, why)",
        "                self._act(reaction, {**dict.fromkeys(values, 0), **values})\n"
        "                raise _refused(failure.error, why)",
    ),
    "a chunk begins one byte late": Fault(
        "self._round.data[position : position + length]", "self._round.data[position + 1 : position + length]"
    ),
    "a chunk ends one byte early": Fault(
        "self._round.data[position : position + length]", "self._round.data[position : position + length - 1]"
    ),
    "always gives the first chunk": Fault(
        "        position = self._value(values, self._buffer.position)\n        chunk",
        "        position = self._value(values, self._buffer.position)\n"
        "        if position + length >= len(self._round.data):\n"
        "            self._complete(self._round)\n"
        "            return b''\n"
        "        chunk",
    ),
    "a round is over after its first chunk": Fault(
        "if position + length >= len(self._round.data):", "if True:"
    ),
    "a round that is not finished loses what changed before it": Fault(
        "        self._round = _Round(self._encode(pages), dirty)",
        "        self._round = _Round(self._encode(pages), dirty)\n        if pages is not None:\n"
        "            pages.clear()",
    ),
    "the first round with dirty data begins with what changes from then on": Fault(
        "pages = self._since_whole if self._pending is None else self._pending",
        "pages = set() if self._pending is None else self._pending",
    ),
    "takes the last chunk of the data for all of it": Fault(
        "        if position == 0:\n            self._incoming = {}", "        self._incoming = {}"
    ),
    "loads what is behind the size": Fault(
        "self._incoming[position] = memory[: size - position]", "self._incoming[position] = memory"
    ),
    "writes into the region when pages change": Fault(
        "            self._store(region).touch(page)",
        "            self._store(region).touch(page)\n            self._memories[region][0] ^= 1",
    ),
    "writes into the region behind the data": Fault(
        "            memory[: len(data)] = data", "            memory[:] = data.ljust(len(memory), b'x')"
    ),
    "empties the region after it was loaded": Fault(
        "            store.load(values, bytes(memory))",
        "            store.load(values, bytes(memory))\n            memory[:] = bytes(len(memory))",
    ),
    "marks the page behind the one that changed": Fault(
        "            self._changed.add(page)", "            self._changed.add(page + 1)"
    ),
    "marks the bits of a byte from the other end": Fault(
        "bits = sum(1 << page - first for page in found)",
        "bits = sum(1 << (page - first ^ 7) for page in found)",
    ),
    "a read of the bitmap ends the recording": Fault(
        "        self._changed -= found", "        self._changed -= found\n        self._recording = False"
    ),
    # --- what was refused changes nothing, nor does what has no effect ---
    "a size that is refused ends the one before": Fault(
        "                raise _refused(failure.error, why)",
        "                self._latched.pop(failure.field, None)\n"
        "                raise _refused(failure.error, why)",
        "is too large: afterwards load DATA_CONFIG at 0, as device_config.size was",
    ),
    "a value that is not listed ends what was begun": Fault(
        '            raise _refused(region.error, f"{member.path} does not take {value}")',
        "            self._latched.clear()\n"
        '            raise _refused(region.error, f"{member.path} does not take {value}")',
        "as device_memory.size was written before: EINVAL",
        of=(FIRST, MADE_UP),
    ),
    "a request for the same state ends what was begun": Fault(
        "        if path is None:\n            why =",
        "        if not path:\n            self._forget()\n        if path is None:\n            why =",
        "a request for the state that it is in, in RUNNING: afterwards",
        of=(FIRST,),
    ),
    "any close ends what was begun": Fault(
        "        self._opens -= 1\n        if not self._opens:\n            for machine",
        "        self._opens -= 1\n        self._forget()\n"
        "        if not self._opens:\n            for machine",
        "two more opens and their closes, in RUNNING: afterwards",
        of=(FIRST,),
    ),
    "a range that is refused clears what it marks": Fault(
        "                raise _refused(failure.error, why)",
        "                if failure.test == 'overflows':\n"
        "                    for store in self._stores.values():\n"
        "                        store.record(False)\n"
        "                raise _refused(failure.error, why)",
        "DATA_DIRTYBITMAP marks set(), not {",
    ),
    "looks at the lowest byte of an action": Fault(
        "    return value in known",
        "    return value & 255 in known",
        "write 257 to device_config.action",
        of=(FIRST, MADE_UP),
    ),
    "takes flags that are not listed": Fault(
        "        return not value & ~_union(known)", "        return True", of=(MADE_UP,)
    ),
    "looks at the lowest 32 bits of an offset": Fault(
        "        end = offset + length",
        "        offset %= 1 << 32\n        end = offset + length",
        of=(FIRST, MADE_UP),
    ),
    "writes into other regions as well": Fault(
        "            memory[offset : offset + len(data)] = data",
        "            for each in self._memories.values():\n"
        "                if len(each) == len(memory):\n"
        "                    each[offset : offset + len(data)] = data",
        "after others were written",
        of=(FIRST, MADE_UP),
    ),
    # --- what ends, and what goes on ---
    "a reset keeps what was written while a round goes on": Fault(
        "        self._latched = {}\n        for memory",
        "        if not any(store.is_frozen() for store in self._stores.values()):\n"
        "            self._latched = {}\n        for memory",
        "a reset behind 0 steps of get version in STOPPED: afterwards load DATA_CONFIG without a size",
        of=(FIRST, MADE_UP),
    ),
    "another state loses what changed while a round goes on": Fault(
        "            if self._round and self._round.dirty:",
        "            if self._round:\n                self._round.changed.clear()\n"
        "            if self._round and self._round.dirty:",
        "what changed was not given",
        of=(FIRST, MADE_UP),
    ),
    "a read of several members begins no round": Fault(
        '        return b"".join(self._read_member(member) for member in members)',
        "        if len(members) > 1:\n"
        '            found = {each: self._read_member(each) for each in members if "size" not in each.path}\n'
        '            return b"".join(found.get(each, bytes(each.size)) for each in members)\n'
        '        return b"".join(self._read_member(member) for member in members)',
        "read version to device_memory.size: device_memory.size is 0, not 20480",
        of=(FIRST, MADE_UP),
    ),
    "fills another region than the one that is mapped": Fault(
        "            memory[: len(data)] = data",
        "            self._memories[step.region] = bytearray(data.ljust(len(memory), b'0'))",
        "what was filled does not show mapped",
    ),
    "a bitmap begins with page 1": Fault(
        "if first <= page < first + count}", "if page and first <= page < first + count}"
    ),
    "a bitmap loses the last page of the range": Fault(
        "if first <= page < first + count}", "if first <= page < first + count - 1}"
    ),
    "a bitmap has 32 bits": Fault("bits = sum(1 << page - first", "bits = sum(1 << (page - first) % 32"),
    "a bitmap is counted from the start of memory": Fault(
        "bits = sum(1 << page - first for", "bits = sum(1 << page for"
    ),
    "takes an address for a signed number": Fault(
        "return limit + value * self.page_size >= 1 << 64", "return limit + value * self.page_size >= 1 << 63"
    ),
    "a refused request for a bitmap clears it": Fault(
        "                raise _refused(failure.error, why)",
        "                for store in self._stores.values():\n"
        "                    getattr(store, '_changed', set()).clear()\n"
        "                raise _refused(failure.error, why)",
    ),
    "keeps a round after a reset": Fault(
        "    def forget(self) -> None:\n        self._round = None\n",
        "    def forget(self) -> None:\n        pass\n",
    ),
    "tells the size of the last page": Fault(
        "return len(self._round.data) if", "return len(self._round.data) % 4096 if"
    ),
    "takes what changes during a round into it": Fault(
        "        chunk = self._round.data[",
        "        if not self._round.dirty:\n            self._round.data = self._encode(None)\n"
        "        chunk = self._round.data[",
    ),
    "loads a chunk that is not the last one at once": Fault(
        "        if position + len(memory) >= size:", "        if True:"
    ),
    # --- data streams ---
    "does not end a stream": Fault(
        "                self._take(machine)\n                self._end_stream(machine)",
        "                self._take(machine)\n                self._streams.pop(machine.name, None)",
        "the data stream of STOP_COPY still gives",
        of=(V2,),
    ),
    "leaves data in a stream that ended": Fault("        os.ftruncate(self._file, 0)\n", "", "still gives"),
    "takes data where the stream ended": Fault(
        "        fcntl.fcntl(self._file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)\n", "", "still takes data"
    ),
    "leaks a descriptor where a stream ends": Fault(
        "        os.close(self._file)\n", "", "file descriptors left open: 1"
    ),
    "leaks a descriptor with each stream": Fault(
        "return opened.descriptor() if opened else None",
        "return opened and (opened.descriptor(), opened.descriptor())[0]",
        "file descriptors left open: 1",
    ),
    "gives a descriptor again where a stream goes on": Fault(
        "            else:\n                self._give(",
        "            else:\n                opened = self._streams.get(machine.name)\n"
        "                self._give(",
        "though this opens no data stream",
    ),
    "begins anew where a stream goes on": Fault(
        'arc.stream == "opens":', 'arc.stream in ("opens", "continues"):', "though this opens no data stream"
    ),
    "gives no descriptor": Fault(
        "return opened.descriptor() if opened else None", "return None", "no file descriptor, though"
    ),
    "gives a stream in both directions": Fault(
        '{self._file}", mode)', '{self._file}", os.O_RDWR)', "but it can be"
    ),
    "gives a stream in the other direction": Fault(
        'os.O_RDONLY if self.user == "reads" else os.O_WRONLY',
        'os.O_WRONLY if self.user == "reads" else os.O_RDONLY',
        "read the data stream of STOP_COPY: EBADF, though it is allowed",
    ),
    "takes the last transition of a way alone": Fault(
        "self._features(machine)) or ():", "self._features(machine))[-1:] or ():"
    ),
    "begins anew where it stays": Fault(
        "        current = self._states[machine.name]\n        for arc in",
        "        current = self._states[machine.name]\n"
        "        if current == requested and machine.name in self._streams:\n"
        "            self._end_stream(machine)\n"
        "            self._streams[machine.name] = opened = _Stream('reads')\n"
        "        for arc in",
        "though this opens no data stream",
    ),
    "gives what it gave before": Fault(
        "        data = self._contents[machine]\n        if not data:",
        "        data = bytes(self._contents[machine])\n        if self._streams.get(machine) is None:\n"
        "            return\n        if not data:",
        "the data of the device changed, but what it gives did not",
    ),
    "loads the first 64 KiB": Fault("os.fstat(self._file).st_size, 0)", "65536, 0)", "though it is allowed"),
    "keeps what was there behind the data that is loaded": Fault(
        "= _decoded(stream.written())\n",
        "= _decoded(stream.written()) + self._contents[machine.name][-1:]\n",
        "differ from byte",
    ),
    "ends the data before the device is stopped": Fault("if state.whole:", "if True:", "the device took it"),
    "leaves out the end": Fault("if state.whole:", "if False:"),
    "keeps a stream after a reset": Fault(
        "        self._check_open()\n        for machine in spec.MACHINES.values():\n"
        "            self._end_stream(machine)\n",
        "        self._check_open()\n        for machine in spec.MACHINES.values():\n",
        "reset in ",
    ),
    "keeps a stream after the last close": Fault(
        "                self._end_stream(machine)\n                self._enter",
        "                self._enter",
        of=("streams",),
    ),
    "ends a stream on any close": Fault(
        "        self._opens -= 1\n        if not self._opens:\n            for machine",
        "        self._opens -= 1\n        for machine in spec.MACHINES.values():\n"
        "            self._end_stream(machine)\n        if not self._opens:\n            for machine",
        "after another open was closed",
        of=(V2,),
    ),
    "ends a stream where it refuses a request": Fault(
        "        if path is None:\n",
        "        if path is None:\n            self._end_stream(machine)\n",
        "was refused: user space",
        of=(V2,),
    ),
    "loads nothing of what was written": Fault(
        "self._contents[machine.name] = _decoded(stream.written())",
        "_decoded(stream.written())",
        "differ from byte",
    ),
    "loses a change that comes after the data was read": Fault(
        "        self._give(spec.MACHINES[machine], self._states[machine], changed, middle)\n",
        "",
        "differ from byte",
    ),
    "gives only what fits into a pipe": Fault(
        "os.write(self._file, data)", "os.write(self._file, data[:65536])"
    ),
    "loads data without its end": Fault(
        '            raise ValueError("the end is missing")'[4:],
        "        pass",
        "the device took it; see RESUMING -> STOP",
    ),
    "loads data of any kind": Fault(
        '                raise _refused(machine.error, f"{machine.name}: {problem}") from None',
        "                pass",
        "that were saved: the device took it; see",
    ),
    "is in its first state after data that it cannot take": Fault(
        '                raise _refused(machine.error, f"{machine.name}: {problem}") from None',
        "                self._states[machine.name] = machine.initial or 0\n"
        '                raise _refused(machine.error, f"{machine.name}: {problem}") from None',
        "not in RESUMING or ERROR",
    ),
    "ends the stream of data that it cannot take": Fault(
        '                raise _refused(machine.error, f"{machine.name}: {problem}") from None',
        "                self._end_stream(machine)\n"
        '                raise _refused(machine.error, f"{machine.name}: {problem}") from None',
        "afterwards in RESUMING: user space writes the data stream, but got",
    ),
    # --- what only several steps show ---
    "forgets what was frozen where the state changes": Fault(
        "    def record(self, on: bool) -> None:\n        if not on:\n            self._pending = None\n",
        "    def record(self, on: bool) -> None:\n"
        "        if on and self._round and self._round.dirty:\n"
        "            self._since_whole = self._pending = set()\n"
        "        if not on:\n            self._pending = None\n",
        of=(FIRST,),
    ),
    "forgets what it recorded where it is opened for the third time": Fault(
        '        """Open the device once more."""\n        self._opens += 1\n',
        '        """Open the device once more."""\n        self._opens += 1\n'
        "        if self._opens == 3:\n"
        "            for store in self._stores.values():\n"
        "                store.forget()\n",
        of=(FIRST,),
    ),
    "takes the data that was loaded first for good": Fault(
        "            try:\n                self._contents[machine.name] = _decoded(stream.written())",
        "            self._loads = getattr(self, '_loads', 0) + 1\n            try:\n"
        "                self._contents[machine.name] = _decoded(stream.written())"
        " if self._loads < 2 else self._contents[machine.name]",
    ),
}
