"""The client of the bindings: what user space calls, and the steps that it takes then.

The room of methods.  The method of an operation takes the user's steps of it, a line each; how to move the
data of a whole category follows from them in :mod:`uapigen.pycategories`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from uapigen import sentences
from uapigen.abi import ABIS
from uapigen.buffers import machines_outside, machines_with_streams
from uapigen.leaves import leaves
from uapigen.model import Enumeration, Field, Interface, Machine, Operation, Prose, Region, Step, Unknown
from uapigen.pynames import Names, identifier, path, unique, word
from uapigen.pysource import Block, Node, call, quoted, several, source

BODY = 8
"""The columns before a statement of a method."""

_DESCRIPTOR = (
    "Gives the file descriptor of the data stream that the request opened, None where it opened none."
    " The caller closes it."
)

_TAKEN = frozenset(("device", "read", "write", "bytes", "int", "tuple"))
"""What no method is called: the members of every client, and the types of their parameters."""


class Parameter(NamedTuple):
    """A parameter.  ``about`` is the path of the member that takes it, or the region that it is of.

    ``kind``: ``member``, ``data`` or ``length``.
    """

    name: str
    type: str
    kind: str
    about: str


class Method(NamedTuple):
    """A method: its first line, what its docstring says, and its statements.

    ``items`` are the lines of a list at the end of the docstring.
    """

    name: str
    signature: str
    doc: Prose
    body: tuple[str, ...]
    items: tuple[Prose, ...] = ()


class Action(NamedTuple):
    """The method of an operation, and what others need to know to call it.

    ``results`` are the paths of the members, and the names of the regions, whose values it gives.
    """

    operation: Operation
    method: Method
    parameters: tuple[Parameter, ...]
    results: tuple[str, ...]


class Client(NamedTuple):
    """What the methods of an interface are made from.

    ``members`` are those of regions, by their paths.  ``taken`` are the names that methods have.
    """

    interface: Interface
    names: Names
    members: dict[str, Field | None]
    taken: set[str]

    def actions(self) -> tuple[Action, ...]:
        """The methods of the operations that say all that user space has to do."""
        return tuple(
            _Steps(self, operation).action()
            for operation in self.interface.operations
            if self._is_told(operation)
        )

    def state_methods(self, actions: Iterable[Action]) -> dict[str, Method]:
        """The methods that ask for a state, by the machine: ``set_state`` where there is only one."""
        machines = [each for each in self.interface.machines if _is_asked(each)]
        outside = machines_outside(self.interface)
        found = {}
        for machine in machines:
            inside = machine not in outside and machine.field and machine.field.path in self.members
            if inside or machine in outside:
                name = unique("set_state" if len(machines) == 1 else f"set_{machine.name}", self.taken)
                found[machine.name] = self._state_method(machine, name, actions)
        return found

    def _is_told(self, operation: Operation) -> bool:
        """Whether the user's steps are all told, whatever state the device is in."""
        steps = [step for step in operation.steps if step.by == "user"]
        return bool(steps) and all(
            not step.states
            and step.verb in ("read", "write")
            and (step.region is not None) != (step.field is not None)
            and (step.field is None or step.field.path in self.members)
            and (step.field is None or step.verb == "read" or bool(step.value or step.argument))
            for step in steps
        )

    def taken_by(self, member: str) -> Enumeration | Machine | None:
        """The enum, flags or states that a member takes, None where it takes any number."""
        field = self.members[member]
        if field is None:
            return None
        named = (each for each in self.interface.machines if each.name == field.machine)
        return field.enumeration or next(named, None)

    def class_of(self, taken: Enumeration | Machine | None) -> str | None:
        """The class of these numbers."""
        return self.names.classes[taken.name] if taken else None

    def _state_method(self, machine: Machine, name: str, actions: Iterable[Action]) -> Method:
        state = Parameter("state", f"{self.names.classes[machine.name]} | int", "member", machine.name)
        doc, result = f"Ask for a state ({machine.name}).", "None"
        if machine in machines_with_streams(self.interface):
            doc, result = f"{doc}\n\n{_DESCRIPTOR}", "int | None"
        items = (Prose(f"{machine.errno} if the request is refused."),)
        body = self._request(machine, "return " if result != "None" else "", actions)
        return method(name, [state], result, Prose(doc), body, items)

    def _request(self, machine: Machine, before: str, actions: Iterable[Action]) -> Iterator[str]:
        """The statements that ask for a state; a read keeps the bits that are none of the machine's."""
        if machine in machines_outside(self.interface):
            yield source(call("self.device.request_state", quoted(machine.name), "state"), before, BODY)
        elif machine.field and machine.unknown is Unknown.PRESERVED:
            field, mask = quoted(path(machine.field.path)), f"MACHINES[{quoted(machine.name)}].mask"
            yield source(call("self.read", field), "rest = ", BODY)
            yield source(call("self.write", field, f"rest & ~{mask} | state"), indent=BODY)
        elif machine.field:
            plain = call("self.write", quoted(path(machine.field.path)), "state")
            yield source(setter(actions, machine.field.path, "state") or plain, indent=BODY)


def client(interface: Interface, names: Names) -> Client:
    """The client of an interface.  Its members are whole numbers of bytes: bit fields are not reached."""
    abi = next(iter(ABIS))
    members: dict[str, Field | None] = {}
    for region in interface.region_type.regions if interface.region_type else ():
        for leaf in leaves(interface, region.layout, abi) if region.layout else ():
            if leaf.size and not leaf.bits:
                members[leaf.path] = leaf.member if isinstance(leaf.member, Field) else None
    return Client(interface, names, members, set(_TAKEN))


def _is_asked(machine: Machine) -> bool:
    return machine.set_by == "user"


def setter(actions: Iterable[Action], member: str, value: str) -> Block | None:
    """The call of the operation that writes what is given to a member and does nothing else."""
    for action in actions:
        [first, *more] = [step for step in action.operation.steps if step.by == "user"]
        if (
            first.verb == "write"
            and first.field
            and first.field.path == member
            and first.argument
            and not more
        ):
            return call(f"self.{action.method.name}", value)
    return None


class _Result(NamedTuple):
    """A value that a method gives: the member or region that it is of, its type, and the local name."""

    about: str
    type: str
    name: str


class _Steps:
    """The steps of one operation, as they become statements."""

    def __init__(self, client_: Client, operation: Operation) -> None:
        self._client = client_
        self._operation = operation
        self._parameters: dict[tuple[str, str], Parameter] = {}
        self._values: dict[str, str] = {}
        self._results: list[_Result] = []
        self._taken = {"self", *client_.names.classes.values()}
        self._steps = [step for step in operation.steps if step.by == "user"]
        # Parameters first: what is read is called by another name, where both have one.
        for step in self._steps:
            self._take(step)

    def action(self) -> Action:
        """The method, with what it takes and gives."""
        statements = [
            each for index, step in enumerate(self._steps) for each in self._statements(step, index)
        ]
        types = [result.type for result in self._results]
        result = "None" if not types else types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
        [*lines, (before, node)] = statements
        body = [source(each, start, BODY) for start, each in lines]
        given = [result.name for result in self._results]
        if given and given == [before.removesuffix(" = ")]:
            body.append(source(node, "return ", BODY))
        else:
            body.append(source(node, before, BODY))
            body += [f"{' ' * BODY}return {', '.join(given)}"] if given else []
        name = unique(word(self._operation.name), self._client.taken)
        parameters = tuple(self._parameters.values())
        made = method(name, parameters, result, self._doc(), body, self._failures())
        return Action(self._operation, made, parameters, tuple(each.about for each in self._results))

    # --- statements ---

    def _statements(self, step: Step, index: int) -> Iterator[tuple[str, Node]]:
        """What a step becomes: expressions, each with what stands before it."""
        if step.region and step.verb == "write":
            yield "", self._access(step.region, "write", self._parameter("data", step.region.name))
        elif step.region:
            length = self._length(step)
            if length is None:
                length = unique("length", self._taken)
                yield f"{length} = ", f"self.device.regions()[{self._client.names.region(step.region)}]"
            name = unique(word(step.region.name.lower()), self._taken)
            self._results.append(_Result(step.region.name, "bytes", name))
            yield f"{name} = ", self._access(step.region, "read", length)
        elif step.field and step.verb == "write":
            written = self._written(step)
            self._values[step.field.path] = written
            yield "", call("self.write", quoted(path(step.field.path)), written)
        elif step.field:
            yield self._read(step.field.path, self._steps[index + 1 :])

    def _read(self, member: str, later: Iterable[Step]) -> tuple[str, Node]:
        """The read of a member: it gives a result, or the length of a region that is read later."""
        node = call("self.read", quoted(path(member)))
        name = unique(identifier(member.rpartition(".")[2].lower()), self._taken)
        taken = self._client.taken_by(member)
        type_ = self._client.class_of(taken) or "int"
        if taken and _is_listed(taken) and taken.unknown is not Unknown.REFUSED:
            type_ = "int"
        elif taken:
            node = call(type_, node)
        self._values[member] = name
        if not any(each.region and each.length == member for each in later):
            self._results.append(_Result(member, type_, name))
        return f"{name} = ", node

    def _access(self, region: Region, verb: str, last: Node) -> Block:
        return call(f"self.device.{verb}", self._client.names.region(region), "0", last)

    def _length(self, step: Step) -> str | None:
        """How many bytes of a region are read, None for all."""
        if step.length is None:
            return None
        return self._values.get(step.length) or self._parameter("length", step.length)

    def _written(self, step: Step) -> str:
        field = step.field and step.field.member
        if step.value and isinstance(field, Field) and field.enumeration:
            return self._client.names.value(field.enumeration, step.value)
        return self._parameter("argument", step.argument or "")

    # --- parameters ---

    def _take(self, step: Step) -> None:
        """Add the parameters that a step needs."""
        if step.field and step.verb == "write" and step.argument:
            type_ = self._client.class_of(self._client.taken_by(step.field.path))
            told = f"{type_} | int" if type_ else "int"
            self._add(("argument", step.argument), step.argument, told, "member", step.field.path)
            self._values.setdefault(step.field.path, "")
        elif step.field:
            self._values.setdefault(step.field.path, "")
        elif step.region and step.verb == "write":
            self._add(("data", step.region.name), "data", "bytes", "data", step.region.name)
        elif step.length and step.length not in self._values:
            name = step.length.rpartition(".")[2]
            self._add(("length", step.length), name, "int", "length", step.region.name if step.region else "")

    def _add(self, key: tuple[str, str], name: str, type_: str, kind: str, about: str) -> None:
        if key not in self._parameters:
            found = unique(word(name.lower()), self._taken)
            self._parameters[key] = Parameter(found, type_, kind, about)
        elif self._parameters[key].type != type_:
            self._parameters[key] = self._parameters[key]._replace(type="int")

    def _parameter(self, kind: str, name: str) -> str:
        return self._parameters[kind, name].name

    # --- what is said ---

    def _doc(self) -> Prose:
        results = [each for each in self._results if each.type not in ("bytes", "int")]
        taken = {each.type: self._client.taken_by(each.about) for each in results}
        listed = [name for name, each in taken.items() if each and _is_listed(each)]
        return Prose(
            "\n\n".join(
                (
                    sentences.sentence(f"{self._operation.name}.").text,
                    *(prose.text for prose in sentences.about(self._operation)),
                    *(f"Raises ValueError where the number is no {each}." for each in listed),
                )
            )
        )

    def _failures(self) -> Iterator[Prose]:
        """The failures, but for those of values that the method does not write."""
        given = {step.field.path for step in self._steps if step.field and step.argument}
        for failure in self._operation.failures:
            if failure.field is None or failure.test == "unset" or failure.field.path in given:
                yield sentences.failure(failure)


def _is_listed(taken: Enumeration | Machine) -> bool:
    """Whether the class of these numbers has no other ones: it is no class of flags."""
    return taken.encoding == "enumerated" if isinstance(taken, Machine) else not taken.flags


def method(
    name: str,
    parameters: Iterable[Parameter],
    result: str,
    doc: Prose,
    body: Iterable[str],
    items: Iterable[Prose] = (),
) -> Method:
    """A method with this body; ``items`` are the errors that it raises, each with its condition."""
    taken = several(("self", *(f"{each.name}: {each.type}" for each in parameters)))
    # One item is no tuple here.
    signature = source(taken._replace(separator=","), f"def {name}", 4, f" -> {result}:")
    failures = tuple(items)
    if failures:
        doc = Prose(f"{doc.text}\n\nRaises OSError:")
    return Method(name, signature.replace("(self,)", "(self)"), doc, tuple(body), failures)
