"""The tables of the bindings: what the spec says, as literals that programs read.

The room of the translation from the model to the classes of ``templates/bindings/types.py.j2``: the
arguments here are the fields there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from uapigen import machine as machines
from uapigen import pynames
from uapigen.abi import ABIS
from uapigen.answers import meanings
from uapigen.buffers import Buffer
from uapigen.leaves import Leaf, leaves
from uapigen.model import (
    Endian,
    Failure,
    Field,
    FlagRef,
    Interface,
    Machine,
    MemberRef,
    Operand,
    Operation,
    Pad,
    Protocol,
    Region,
    ScalarType,
    State,
    Step,
    Struct,
    Trigger,
    Unknown,
    Value,
    Verdict,
)
from uapigen.pynames import Names
from uapigen.pysource import Block, Node, call, mapping, quoted, several, text
from uapigen.streams import Stream, streams

_PADDING = {"zero": "zero", "ignored": "any"}


def is_uneven(interface: Interface) -> bool:
    """Whether a struct lies differently on different ABIs."""
    places = [
        [
            (layout.size, [(at.offset, at.bit_offset, at.size) for at in layout.members])
            for layout in found.values()
        ]
        for found in interface.layouts.values()
    ]
    return any(each != places[0] for each in places)


class Tables(NamedTuple):
    """Makes the tables of one interface."""

    interface: Interface
    names: Names

    # --- structs ---

    def layouts(self) -> Block:
        """Every struct with its layout."""
        return mapping({self.names.structs[each.name]: self._layout(each) for each in self.interface.structs})

    def _layout(self, struct: Struct) -> Node:
        """One layout where all ABIs agree, else one for each way in which they align."""
        found: dict[str, tuple[int, tuple[Leaf, ...]]] = {}
        for name, abi in ABIS.items():
            key = f"({abi.align(8)}, {abi.align(4)})"
            if key not in found:
                size = self.interface.layouts[name][struct.name].size
                found[key] = (size, leaves(self.interface, struct, name))
        default = next(iter(found.values()))
        others = {key: self._layout_of(*each) for key, each in found.items() if each != default}
        made = self._layout_of(*default)
        return call("_by_alignment", made, mapping(others)) if others else made

    def _layout_of(self, size: int, members: tuple[Leaf, ...]) -> Block:
        return call("Layout", size=str(size), members=several(map(self._member, members)))

    def _member(self, leaf: Leaf) -> Block:
        member = leaf.member
        values = order = signed = unknown = None
        access = _PADDING[member.policy] if isinstance(member, Pad) else ""
        if isinstance(member, Field):
            access = leaf.access.value if leaf.access else ""
            named = member.machine or (member.enumeration and member.enumeration.name)
            values = self.names.classes[named] if named else None
            if member.enumeration and member.enumeration.unknown is not Unknown.REFUSED:
                unknown = quoted(member.enumeration.unknown.value)
            if isinstance(member.type, ScalarType):
                order = None if member.type.endian is Endian.NATIVE else quoted(member.type.endian.value)
                signed = "True" if member.type.signed else None
        return call(
            "Member",
            quoted(pynames.path(leaf.path)),
            str(leaf.offset),
            str(leaf.size),
            *([quoted(access)] if access else []),
            values=values,
            needs=self._flag(leaf.present),
            order=order,
            signed=signed,
            unknown=unknown,
            bit=str(leaf.bit) if leaf.bits else None,
            bits=str(leaf.bits) if leaf.bits else None,
        )

    # --- regions ---

    def regions(self) -> Block:
        """Every region by its subtype."""
        type_ = self.interface.region_type
        regions = type_.regions if type_ else ()
        return mapping({self.names.region(region): self._region(region) for region in regions})

    def _region(self, region: Region) -> Block:
        access = region.access
        together = [several(_path(member) for member in each) for each in access.together] if access else []
        multiple = region.length_multiple
        unsaid = "0" if region.layout else None
        return call(
            "Region",
            self.names.region(region),
            needs=self._flag(region.present),
            mappable="True" if region.mappable else None,
            layout=self.names.structs[region.layout.name] if region.layout else None,
            together=several(together) if together else None,
            error=_errno(access.errno) if access else unsaid,
            holds=quoted(region.holds) if region.holds else None,
            length_multiple=quoted(multiple) if multiple == "page" else multiple,
        )

    def buffers(self, found: Iterable[Buffer]) -> Block:
        """The regions that data moves through, with what controls them."""
        return mapping({self.names.region(each.region): self._buffer(each) for each in found})

    def _buffer(self, buffer: Buffer) -> Block:
        return call(
            "Buffer",
            self.names.region(buffer.region),
            quoted(buffer.region.holds or ""),
            size=_quoted_path(buffer.size),
            position=_quoted_path(buffer.position),
            start=_quoted_path(buffer.start),
            pages=_quoted_path(buffer.pages),
        )

    # --- states ---

    def machines(self) -> Block:
        """Every state machine by its name."""
        return mapping({quoted(each.name): self._machine(each) for each in self.interface.machines})

    def _machine(self, machine: Machine) -> Block:
        known = 0
        for part in machine.parts:
            known |= part.value
        sets = tuple(machines.all_feature_sets(machine))
        rows = {self._features(machine, features): self._rows(machine, features) for features in sets}
        unspecified = {
            self._features(machine, features): several(open_pairs)
            for features in sets
            if (open_pairs := list(_unspecified(machine, features)))
        }
        over = {
            self._features(machine, features): mapping(passed)
            for features in sets
            if (passed := dict(_passed(machine, features)))
        }
        used = {name for state in machine.states for name in state.needs}
        moving = streams(machine)
        keeps = machine.on_failure == "keeps-state"
        return call(
            "Machine",
            name=quoted(machine.name),
            field=_path(machine.field) if machine.field else None,
            states=several(self._state(machine, state, moving.get(state.name)) for state in machine.states),
            arcs=several(
                call(
                    "Arc",
                    self.names.state(machine, arc.source),
                    self.names.state(machine, arc.target),
                    text(arc.label),
                    effect=text(arc.effect) if arc.effect else None,
                    stream=quoted(arc.stream) if arc.stream else None,
                )
                for arc in machine.arcs
            ),
            initial=self._maybe_state(machine, machine.initial),
            reset=self._maybe_state(machine, machine.reset),
            close=self._maybe_state(machine, machine.close),
            error=_errno(machine.errno),
            mask=str(known) if machine.unknown is Unknown.PRESERVED else None,
            on_failure=quoted(machine.on_failure) if moving and not keeps else None,
            features=self._features(machine, frozenset(used)) if used else None,
            next_states=mapping(rows),
            unspecified=mapping(unspecified) if unspecified else None,
            over=mapping(over) if over else None,
        )

    def _state(self, machine: Machine, state: State, stream: Stream | None) -> Block:
        needs = self._features(machine, frozenset(state.needs)) if state.needs else None
        requestable = "False" if state.kind == "error" else None
        number = self.names.state(machine, state)
        return call(
            "State",
            quoted(state.name),
            number,
            needs=needs,
            requestable=requestable,
            stream=quoted(stream.user) if stream else None,
            whole="True" if stream and stream.whole and stream.user == "reads" else None,
        )

    def _maybe_state(self, machine: Machine, state: State | None) -> str | None:
        return self.names.state(machine, state) if state else None

    def _features(self, machine: Machine, features: frozenset[str]) -> str:
        """A set of features as an expression of its flags."""
        if not features or machine.features is None:
            return "0"
        flags = (value for value in machine.features.values if value.name in features)
        return " | ".join(self.names.value(machine.features, value) for value in flags)

    def _rows(self, machine: Machine, features: frozenset[str]) -> Block:
        """The state after one step, by the current and the requested state, as numbers."""
        rows: dict[str, Node] = {}
        states = sorted(machine.states, key=lambda state: state.value)
        for current in states:
            if machines.supports(features, current):
                steps = (
                    (requested, machines.next_state(machine, features, current, requested))
                    for requested in states
                )
                cells: dict[str, Node] = {str(to.value): str(step.value) for to, step in steps if step}
                rows[str(current.value)] = mapping(cells)
        return mapping(rows)

    # --- what is done ---

    def ownership(self, protocol: Protocol) -> Block:
        """Who owns a buffer, and when."""
        return call(
            "Ownership",
            before=quoted(protocol.before),
            during=quoted(protocol.during),
            after=quoted(protocol.after),
            until=several(quoted(event) for event in protocol.until),
            on_failure=quoted(protocol.on_failure),
        )

    def triggers(self, protocol: Protocol) -> Block:
        """The writes that start actions."""
        return several(self._trigger(trigger) for trigger in protocol.triggers)

    def _trigger(self, trigger: Trigger) -> Block:
        return call(
            "Trigger",
            quoted(trigger.name),
            field=_path(trigger.field),
            value=self._value(trigger.field, trigger.value),
            effect=quoted(trigger.effect),
            region=self.names.region(trigger.region),
            category=quoted(trigger.category),
            states=self._states(trigger.states),
        )

    def operations(self) -> Block:
        """The operations with their steps and failures."""
        return several(self._operation(each) for each in self.interface.operations)

    def _operation(self, operation: Operation) -> Block:
        failures = [self._failure(failure) for failure in operation.failures]
        return call(
            "Operation",
            number=str(operation.number),
            name=quoted(operation.name),
            needs=self._flag(operation.needs),
            steps=several(self._step(step) for step in operation.steps),
            failures=several(failures) if failures else None,
        )

    def _step(self, step: Step) -> Block:
        return call(
            "Step",
            quoted(step.by),
            quoted(step.verb),
            field=_path(step.field) if step.field else None,
            region=self.names.region(step.region) if step.region else None,
            value=self._value(step.field, step.value),
            argument=quoted(step.argument) if step.argument else None,
            data=quoted(step.data) if step.data else None,
            length=quoted(step.length) if step.length else None,
            states=self._states(step.states),
        )

    def _failure(self, failure: Failure) -> Block:
        return call(
            "Failure",
            quoted(failure.test),
            _errno(failure.errno),
            field=_path(failure.field) if failure.field else None,
            operand=self._operand(failure.operand) if failure.operand else None,
            states=self._states(failure.states),
            flag=self._flag(failure.flag),
        )

    def _operand(self, operand: Operand) -> Block:
        named = operand.machine or (operand.enumeration and operand.enumeration.name)
        return call(
            "Operand",
            quoted(operand.kind),
            number=None if operand.number is None else str(operand.number),
            field=_path(operand.member) if operand.member else None,
            region=self.names.region(operand.region) if operand.region else None,
            values=self.names.classes[named] if named else None,
            data=quoted(operand.data) if operand.data else None,
        )

    # --- expressions ---

    def _flag(self, flag: FlagRef | None) -> str | None:
        return self.names.flag(flag) if flag else None

    def _value(self, field: MemberRef | None, value: Value | None) -> str | None:
        member = field.member if field else None
        if value is None or not isinstance(member, Field) or member.enumeration is None:
            return None
        return self.names.value(member.enumeration, value)

    def _states(self, states: tuple[State, ...]) -> Block | None:
        if not states:
            return None
        return several(
            next(
                self.names.state(machine, state)
                for machine in self.interface.machines
                if state in machine.states
            )
            for state in states
        )


def _unspecified(machine: Machine, features: frozenset[str]) -> Iterator[Node]:
    """The pairs of numbers that the interface leaves open."""
    for current in machine.states:
        for requested in machine.states:
            if machines.verdict(machine, features, current, requested) is Verdict.UNSPECIFIED:
                yield several([str(current.value), str(requested.value)])


def _passed(machine: Machine, features: frozenset[str]) -> Iterator[tuple[str, Node]]:
    """The steps of several transitions, as pairs of numbers, with the states between."""
    values = {state.name: state.value for state in machine.states}
    for (source, target), arcs in meanings(machine, features).items():
        if len(arcs) > 1:
            yield f"({values[source]}, {values[target]})", several(str(arc.target.value) for arc in arcs[:-1])


def _path(member: MemberRef) -> str:
    return quoted(pynames.path(member.path))


def _quoted_path(path: str) -> str | None:
    return quoted(pynames.path(path)) if path else None


def _errno(symbol: str) -> str:
    return f"errno.{symbol}"
