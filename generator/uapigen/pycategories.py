"""The client's methods that move the data of a category: whole, a chunk at a time, or as a bitmap.

The room of loops over operations.  A method is there where the operations of the category say all that
moving its data takes; it calls those, and does nothing that they do not do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from uapigen.buffers import Buffer, buffers
from uapigen.model import Prose, Region
from uapigen.pyclient import BODY, Action, Client, Method, Parameter, method, setter
from uapigen.pynames import path, unique, word
from uapigen.pysource import Block, Node, call, quoted, source
from uapigen.sentences import needed, sentence

_DEEPER = BODY + 4


class Category(NamedTuple):
    """The data of a category, with the method that gets it and the one that sets it, where there are.

    ``fill`` and ``load`` are the operations.
    """

    name: str
    buffer: Buffer
    fill: Action | None = None
    load: Action | None = None
    get: Method | None = None
    set: Method | None = None

    @property
    def region(self) -> Region:
        """The region that the data moves through."""
        return self.buffer.region


def categories(client: Client, actions: tuple[Action, ...]) -> tuple[Category, ...]:
    """The categories of the actions, in the order of the regions, with their methods."""
    triggers = client.interface.protocol.triggers if client.interface.protocol else ()
    found = []
    for buffer in buffers(client.interface):
        named = [trigger.category for trigger in triggers if trigger.region is buffer.region]
        if named:
            fill, load = (_moving(actions, verb, buffer.region) for verb in ("fill", "load"))
            found.append(_Moves(client, actions, word(named[0]), buffer).category(fill, load))
    return tuple(found)


def _moving(actions: tuple[Action, ...], verb: str, region: Region) -> Action | None:
    for action in actions:
        if any(step.verb == verb and step.region is region for step in action.operation.steps):
            return action
    return None


class _Moves(NamedTuple):
    """How the data of one category moves."""

    client: Client
    actions: tuple[Action, ...]
    name: str
    buffer: Buffer

    def category(self, fill: Action | None, load: Action | None) -> Category:
        """The category with its methods."""
        makers = {"whole": self._whole, "chunks": self._chunks, "bitmap": self._bitmap}
        get = makers[self.buffer.region.holds or ""](fill) if fill else None
        return Category(self.name, self.buffer, fill, load, get, self._set(load) if load else None)

    # --- out of the device ---

    def _whole(self, fill: Action) -> Method | None:
        size = f"self.read({quoted(path(self.buffer.size))})" if self.buffer.size else None
        lines = self._filled(fill, {}, "return ", size, BODY)
        said = f"All of {self.name}."
        return self._method(f"get_{self.name}", (), "bytes", said, lines, fill) if lines else None

    def _chunks(self, fill: Action) -> Method | None:
        given = {("member", self.buffer.position): "position"}
        lines = self._filled(fill, given, "yield ", "min(length, size - position)", _DEEPER)
        if not (lines and self.buffer.size and self.buffer.position):
            return None
        begin = [
            source(self._size(), "size = ", BODY),
            self._length(),
            f"{' ' * BODY}for position in range(0, size, length):",
        ]
        said = f"A round of {self.name}, chunk by chunk."
        early = " Left early, the round is not over, and what it had comes again."
        name, given_type = f"iter_{self.name}", "Iterator[bytes]"
        return self._method(name, (), given_type, said + early, [*begin, *lines], fill)

    def _bitmap(self, fill: Action) -> Method | None:
        start, pages = self.buffer.start, self.buffer.pages
        given = {("member", start): "start", ("member", pages): "pages"}
        lines = self._filled(fill, given, "bitmap = ", "(pages + 63) // 64 * 8", BODY)
        if not (lines and start and pages):
            return None
        pad = " " * BODY
        end = [
            f"{pad}size = self.device.page_size",
            f"{pad}marked = (page for page in range(pages) if bitmap[page // 8] >> page % 8 & 1)",
            f"{pad}return tuple(start + page * size for page in marked)",
        ]
        said = (
            "The addresses of the pages that are marked as changed in a range, ascending.\n\n"
            "The range begins at the address ``start``; it has no more pages than the region has bits."
        )
        parameters = [Parameter(name, "int", "member", name) for name in ("start", "pages")]
        return self._method(self.name, parameters, "tuple[int, ...]", said, [*lines, *end], fill)

    def _filled(
        self, fill: Action, given: Mapping[tuple[str, str], str], before: str, length: str | None, indent: int
    ) -> list[str]:
        """The lines that make the driver fill the region and get what is in it; none where they are not told.

        ``length`` is how many bytes that are, None where nobody knows: then the operation has to read them.
        """
        told = {**given, ("length", self.buffer.region.name): length or ""}
        made = _call(fill, told)
        if made is None:
            return []
        reads = [step for step in fill.operation.steps if step.by == "user" and step.verb == "read"]
        enough = length is None or self.buffer.region.holds == "bitmap" or bool(reads and reads[-1].length)
        if enough and fill.results == (self.buffer.region.name,):
            return [source(made, before, indent)]
        if length is None:
            return []
        read = call("self.device.read", self.client.names.region(self.buffer.region), "0", length)
        return [source(made, indent=indent), source(read, before, indent)]

    # --- into the device ---

    def _set(self, load: Action) -> Method | None:
        """Chunk after chunk where the region holds chunks; the size first, where there is one."""
        region, holds = self.buffer.region, self.buffer.region.holds
        chunks = holds == "chunks"
        data = "data[position : position + length]" if chunks else "data"
        given = {("data", region.name): data, ("member", self.buffer.size): "len(data)"}
        if chunks:
            given["member", self.buffer.position] = "position"
        made = _call(load, given)
        if made is None or (chunks and not (self.buffer.size and self.buffer.position)):
            return None
        body = list(self._sized(load))
        if chunks:
            body += [self._length(), f"{' ' * BODY}for position in range(0, len(data), length):"]
        body.append(source(made, indent=_DEEPER if chunks else BODY))
        parameters = [Parameter("data", "bytes", "data", region.name)]
        said = f"Load {self.name}: what another device gave{' in a round' if chunks else ''}."
        return self._method(f"set_{self.name}", parameters, "None", said, body, load)

    def _sized(self, load: Action) -> Iterator[str]:
        """The line that tells the size of what is loaded, where the operation does not take it."""
        if self.buffer.size and all(each.about != self.buffer.size for each in load.parameters):
            plain = call("self.write", quoted(path(self.buffer.size)), "len(data)")
            yield source(setter(self.actions, self.buffer.size, "len(data)") or plain, indent=BODY)

    # --- pieces ---

    def _size(self) -> Block:
        """The expression that reads the size: the operation that does just that, where there is one."""
        for action in self.actions:
            steps = [step for step in action.operation.steps if step.by == "user"]
            if len(steps) == 1 and steps[0].verb == "read" and action.results == (self.buffer.size,):
                return call(f"self.{action.method.name}")
        return call("self.read", quoted(path(self.buffer.size)))

    def _length(self) -> str:
        region = self.client.names.region(self.buffer.region)
        return f"{' ' * BODY}length = self.device.regions()[{region}]"

    def _method(
        self,
        name: str,
        parameters: tuple[Parameter, ...] | list[Parameter],
        result: str,
        said: str,
        body: list[str],
        action: Action,
    ) -> Method:
        raised = sentence(needed(action.operation).text, f"Raises OSError as {action.method.name}() does.")
        doc = Prose(f"{said}\n\n{raised.text}")
        return method(unique(name, self.client.taken), parameters, result, doc, body)


def _call(action: Action, given: Mapping[tuple[str, str], str]) -> Node | None:
    """The call of an operation, None where it takes what nobody gives."""
    arguments = [given.get((each.kind, each.about)) for each in action.parameters]
    if not all(arguments):
        return None
    return call(f"self.{action.method.name}", *(argument or "" for argument in arguments))
