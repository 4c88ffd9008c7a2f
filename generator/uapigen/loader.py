"""From a text to the tree of its mappings, lists and scalars.

The room of YAML, and the only one: libyaml's events come in, a :mod:`uapigen.tree` goes out.  The
language is the part of YAML that every reader of YAML understands in the same way; what lies outside
of it is refused here, at its place.  No key of the spec language is known here.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from uapigen import characters
from uapigen.diagnostics import Diagnostic, Note, SpecError
from uapigen.findings import EnoughFoundError, Findings
from uapigen.scalars import NULLS, ambiguity
from uapigen.source import Source, Span
from uapigen.syntaxerrors import NO_DIRECTIVE, NO_TAG, syntax_error
from uapigen.tree import Entries, Mapping, Mark, Node, Scalar, Sequence, mark
from uapigen.wording import LONGEST, in_quotes, quote

if TYPE_CHECKING:
    from yaml.events import (
        AliasEvent,
        CollectionEndEvent,
        CollectionStartEvent,
        DocumentStartEvent,
        MappingStartEvent,
        ScalarEvent,
        SequenceStartEvent,
    )

DEPTH = 64
"""Collections inside each other, the outermost one included."""

NODES = 2_000_000
"""Keys, values and collections; a text of 16 MiB could hold so many that memory ends."""

_EATING_COMMENT = re.compile(r" +(?=#[^ #\n])")


class Read(NamedTuple):
    """The root of a text, the errors of single values, and the marks of these values: nobody can use them."""

    root: Mapping
    problems: tuple[Diagnostic, ...]
    unusable: frozenset[Mark]


def read_tree(source: Source) -> Read:
    """What a text holds.

    Raises :class:`SpecError` where its structure is in doubt: with the one error of syntax, or with
    everything else that was found.
    """
    with _without_collector():
        return _Reader(source).read()


@contextmanager
def _without_collector() -> Iterator[None]:
    """A tree is many objects and no cycle; looking for cycles takes longer than building it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Open:
    """A collection whose end has not been read; the nodes of a mapping are keys and values in turn."""

    __slots__ = ("flow", "mapping", "nodes", "start")

    def __init__(self, start: int, *, mapping: bool, flow: bool) -> None:
        self.start = start
        self.mapping = mapping
        self.flow = flow
        self.nodes: list[Node] = []


class _Reader:
    """One text while it is read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._findings = Findings()
        self._open: list[_Open] = []
        self._nodes = 0
        self._root: Node | None = None
        self._eaten: Diagnostic | None = None
        self._in_doubt = False
        self._unusable: set[Mark] = set()

    def read(self) -> Read:
        """The tree.  Raises :class:`SpecError`."""
        from yaml.error import MarkedYAMLError

        try:
            self._read_events(self._readable_text())
            self._check_root()
        except EnoughFoundError:
            self._in_doubt = True
        except MarkedYAMLError as error:
            # A refused character explains the error of syntax, and so does a comment within a text.
            if not any(found.id in ("yaml-tab", "yaml-character") for found in self._findings.found):
                raise SpecError([self._eaten or syntax_error(self._source, error)]) from None
        if self._in_doubt or not isinstance(self._root, Mapping):
            raise SpecError(self._findings.found)
        return Read(self._root, tuple(self._findings.found), frozenset(self._unusable))

    def _report(
        self, id_: str, message: str, span: Span, help_: str, *notes: Note, of: Node | None = None
    ) -> Diagnostic:
        """Keep a finding; ``of`` is the value that it is about, where it is about nothing else."""
        if of is None:
            self._in_doubt = True
        else:
            self._unusable.add(mark(of))
        found = Diagnostic(id_, message, span, help=help_, notes=notes)
        self._findings.add(found)
        return found

    def _span(self, start: int, end: int) -> Span:
        return Span(self._source, start, end)

    def _written(self, span: Span) -> str:
        """The text as it was written, quotation marks included."""
        return self._text[span.start : span.end]

    def _follows(self, node: Node, pattern: str) -> bool:
        """What matches the pattern stands right behind the node."""
        return re.compile(pattern).match(self._text, node.span.end) is not None

    # --- characters -------------------------------------------------------------------------------

    def _readable_text(self) -> str:
        """The text with blanks for what must not stand in it, so that every place stays what it is."""
        text = self._text
        for match in re.finditer("\t+", text):
            line = text.rfind("\n", 0, match.start()) + 1
            indents = not text[line : match.start()].strip()
            help_ = "indent with blanks, two for each level" if indents else "write a blank"
            self._report("yaml-tab", "a tab is not allowed here", self._span(*match.span()), help_)
        for match in characters.refused(text):
            message = f"{characters.describe(match[0])} is not allowed here"
            self._report("yaml-character", message, self._span(*match.span()), characters.remedy(match[0]))
        return characters.blanked(text.replace("\t", " ")) if self._findings.found else text

    # --- events -----------------------------------------------------------------------------------

    def _read_events(self, text: str) -> None:
        from yaml import events
        from yaml._yaml import CParser

        parser: Any = CParser(text)
        handlers: dict[type[events.Event], Callable[[Any, Span], None]] = {
            events.ScalarEvent: self._scalar,
            events.MappingStartEvent: self._start_mapping,
            events.SequenceStartEvent: self._start_sequence,
            events.MappingEndEvent: self._end,
            events.SequenceEndEvent: self._end,
            events.AliasEvent: self._alias,
            events.DocumentStartEvent: self._document,
        }
        while (event := parser.get_event()) is not None:
            if handler := handlers.get(type(event)):
                handler(event, self._span(event.start_mark.index, event.end_mark.index))

    def _document(self, event: DocumentStartEvent, span: Span) -> None:
        if self._root is not None:
            message = "a second document begins here"
            self._report("yaml-second-document", message, span, "one file holds one spec: remove the line")
            raise EnoughFoundError
        if event.version is not None or event.tags:
            message, help_ = NO_DIRECTIVE
            self._report("yaml-directive", message, span, help_)

    def _start_mapping(self, event: MappingStartEvent, span: Span) -> None:
        self._start(event, span, _Open(span.start, mapping=True, flow=bool(event.flow_style)))

    def _start_sequence(self, event: SequenceStartEvent, span: Span) -> None:
        self._start(event, span, _Open(span.start, mapping=False, flow=bool(event.flow_style)))

    def _start(self, event: CollectionStartEvent, span: Span, collection: _Open) -> None:
        if len(self._open) == DEPTH:
            message = f"more than {DEPTH} mappings and lists inside each other"
            self._report("yaml-depth", message, span, "no element of a spec is as deep as this")
            raise EnoughFoundError
        self._check_properties(event, span)
        self._open.append(collection)

    def _end(self, _event: CollectionEndEvent, span: Span) -> None:
        collection = self._open.pop()
        nodes = collection.nodes
        # The end of a block is only noticed at what follows it, which may be far below.
        end = nodes[-1].span.end if nodes and not collection.flow else span.end
        whole = self._span(collection.start, end)
        if collection.mapping:
            self._add(Mapping(self._entries(collection), whole))
        else:
            self._check_items(nodes)
            self._add(Sequence(tuple(nodes), whole))

    def _alias(self, _event: AliasEvent, span: Span) -> None:
        name = self._written(span)
        help_ = f"write the value out, or `{in_quotes(name)}` for the text"
        self._report("yaml-alias", f"{quote(name)} is an alias, which is not used here", span, help_)
        self._add(Scalar(name, span, plain=False))

    def _scalar(self, event: ScalarEvent, span: Span) -> None:
        plain = not event.style
        self._eaten = None
        self._check_properties(event, span)
        # The same few words come again and again.
        node = Scalar(intern(event.value) if plain else event.value, span, plain)
        if plain and event.value:
            self._check_plain(node, None if self._is_key_next() else node)
        elif event.style == '"':
            self._check_escapes(event.value, span)
        self._add(node)

    def _is_key_next(self) -> bool:
        """What is read next is a key."""
        return bool(self._open) and self._open[-1].mapping and len(self._open[-1].nodes) % 2 == 0

    def _add(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > NODES:
            message = f"more than {NODES} keys and values"
            self._report("yaml-size", message, node.span, "no spec is as large as this")
            raise EnoughFoundError
        if self._open:
            self._open[-1].nodes.append(node)
        else:
            self._root = node

    # --- what is refused --------------------------------------------------------------------------

    def _check_properties(self, event: ScalarEvent | CollectionStartEvent, span: Span) -> None:
        """No anchor and no tag may stand before a node."""
        if event.anchor:
            message = f"'&{event.anchor}' is an anchor, which is not used here"
            help_ = "remove it and write the value out where it is used, or put the text in quotes"
            self._report("yaml-anchor", message, span, help_)
        elif event.tag:
            message, help_ = NO_TAG
            self._report("yaml-tag", message, span, help_)

    def _check_plain(self, node: Scalar, of: Scalar | None) -> None:
        """A text without quotes means one thing; ``of`` is the node where it is a value, not a key."""
        text, span, _ = node
        if comment := _EATING_COMMENT.match(self._text, span.end):
            message = "the text ends before this: '#' after a blank begins a comment"
            help_ = "put the text in quotes, or write a blank after the '#' of a comment"
            place = self._span(comment.end(), comment.end() + 1)
            self._eaten = self._report("yaml-comment", message, place, help_, of=of)
        if text in NULLS:
            message = f"{quote(text)} stands for nothing, which is no value here"
            help_ = f"leave it out, or write `{in_quotes(text)}` for the text"
            self._report("yaml-null", message, span, help_, of=of)
        elif text == "<<":
            message = "'<<' merges mappings to some readers of YAML, which is not used here"
            self._report("yaml-merge-key", message, span, "write the keys and values out")
        elif found := ambiguity(text):
            self._report("yaml-ambiguous-scalar", f"{quote(text)} {found[0]}", span, found[1], of=of)

    def _check_escapes(self, text: str, span: Span) -> None:
        """An escape must not bring in what could not be written without one."""
        character = next((match[0] for match in characters.refused(text)), "\t" if "\t" in text else None)
        if character is not None:
            message = f"an escape makes {characters.describe(character)}, which is not allowed here"
            self._report("yaml-character", message, span, characters.remedy(character))

    def _check_items(self, nodes: list[Node]) -> None:
        for node in nodes:
            if _is_empty(node):
                message = "an item of this list is empty"
                help_ = "write a value, or remove the item"
                self._report("yaml-empty-value", message, node.span, help_, of=node)

    def _check_root(self) -> None:
        root = self._root
        if root is None or _is_empty(root):
            help_ = "`uapigen init NAME` writes one to start from"
            self._report("yaml-empty", "there is no spec in this file", self._span(0, 0), help_)
        elif not isinstance(root, Mapping):
            kind = "text" if isinstance(root, Scalar) else "list"
            help_ = "begin the lines of the outermost level with `key: `, a blank behind the colon"
            self._report(
                "yaml-root", f"a spec is a mapping of keys to values, not a {kind}", root.span, help_
            )

    # --- mappings ---------------------------------------------------------------------------------

    def _entries(self, collection: _Open) -> Entries:
        entries: Entries = {}
        pairs = list(zip(collection.nodes[::2], collection.nodes[1::2], strict=True))
        for number, (key, value) in enumerate(pairs):
            if not isinstance(key, Scalar):
                message = "a key is one word, not a list or a mapping"
                self._report("yaml-key", message, key.span, "write `key: value`")
            elif not key.text:
                self._report("yaml-key", "a key is missing here", key.span, "write `key: value`")
            elif key.text in entries:
                message = f"the key {quote(key.text)} is written twice"
                note = Note("first written here", entries[key.text][0].span)
                self._report("yaml-duplicate-key", message, key.span, "remove or rename one of them", note)
            else:
                entries[key.text] = (key, value)
                if _is_empty(value) and self._is_rest(key, value, pairs, number, flow=collection.flow):
                    del entries[key.text]
        return entries

    def _is_rest(
        self, key: Scalar, value: Node, pairs: list[tuple[Node, Node]], number: int, *, flow: bool
    ) -> bool:
        """A key without a value, which is reported, is often the rest of a text that has a comma in it."""
        if flow and number and not self._follows(key, r"\s*:"):
            before = pairs[number - 1][1]
            if _is_empty(before):
                return True  # The first comma of the text was reported already.
            if isinstance(before, Scalar) and before.plain:
                self._report_comma(pairs, number)
                return True
        help_ = "write a value, or leave the key out"
        equals = re.fullmatch(r"([\w-]+) *= *(\S.*)", key.text)
        if equals and len(key.text) <= LONGEST:
            help_ = f"write a colon and a blank, not '=': `{equals[1]}: {equals[2]}`"
        elif ":" in key.text:
            help_ = f"write a blank behind the colon: `{key.text.replace(':', ': ', 1)}`"
        elif self._follows(key, r"\s*: *#"):
            help_ = "'#' after a blank begins a comment: put the text in quotes"
        # What has no colon behind it may be no key at all.
        of = value if self._follows(key, r"\s*:") else None
        self._report("yaml-empty-value", f"{quote(key.text)} has no value", key.span, help_, of=of)
        return False

    def _report_comma(self, pairs: list[tuple[Node, Node]], number: int) -> None:
        (name, before), last = pairs[number - 1], pairs[number][0]
        for key, value in pairs[number:]:
            if not _is_empty(value) or self._follows(key, r"\s*:"):
                break
            last = key
        comma = self._text.find(",", before.span.end)
        text = self._on_one_line(before.span.start, last.span.end)
        message = f"the comma ends the value {quote(self._on_one_line(before.span.start, before.span.end))}"
        help_ = f"put the whole text in quotes: `{self._written(name.span)}: {in_quotes(text)}`"
        self._report("yaml-comma", message, self._span(comma, comma + 1), help_, of=before)

    def _on_one_line(self, start: int, end: int) -> str:
        return " ".join(self._text[start:end].split())


def _is_empty(node: Node) -> bool:
    """Nothing was written, not even quotation marks."""
    return isinstance(node, Scalar) and node.plain and not node.text and node.span.start == node.span.end
