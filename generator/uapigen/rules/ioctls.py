"""Rules on ioctls: their numbers, their arguments, and how these grow."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.abi import ABIS
from uapigen.declared import owners
from uapigen.diagnostics import Note, Severity
from uapigen.model import Access, Field, Interface, Ioctl, Member, Struct
from uapigen.rules.rule import Finding, rule
from uapigen.scalartypes import SCALARS

_IOCTL = """
structs:
  - struct: example
    doc: An argument.
    fields:
      - {{name: flags, type: u32, doc: flags}}
ioctls:
  type: {{name: EXAMPLE_TYPE, value: 0x3b}}
  commands:
    - {{name: EXAMPLE_GET, number: 1, direction: read, {}doc: Get it.}}
"""


@rule(
    "ioctl-argument",
    why="""The size of the argument is a part of the number that `_IOR`, `_IOW` and `_IOWR` make
    (ioctl.rst); without one the macro does not compile.""",
    bad=_IOCTL.format(""),
    good=_IOCTL.format("argument: example, "),
)
def ioctl_argument(interface: Interface) -> Iterator[Finding]:
    """An ioctl that says which way its argument goes has an argument, of a size that the number holds."""
    for command in interface.ioctls.commands if interface.ioctls else ():
        if command.direction == "none":
            continue
        if command.argument is None:
            yield Finding(
                f"'{command.name}' has a direction and no argument",
                command.where("direction"),
                "add `argument:` with a struct, or write `direction: none`",
                (command,),
            )
            continue
        for abi, layouts in interface.layouts.items():
            limit = (1 << ABIS[abi].ioc_size_bits) - 1
            size = layouts[command.argument.name].size
            if size > limit:
                yield Finding(
                    f"the argument of '{command.name}' has {size} bytes, and a number on {abi} holds {limit}",
                    command.where("argument"),
                    "write `direction: none`, and let the struct say its size (`argsz`)",
                    (command,),
                )
                break


@rule(
    "ioctl-number",
    why="""The macros shift the type and the number into 8 bits each; what does not fit changes the bits
    beside them (ioctl.rst, "Command number definitions": "An 8-bit number").""",
    bad=_IOCTL.format("argument: example, ").replace("number: 1", "number: 200")
    + "  base: {name: EXAMPLE_BASE, value: 100}\n",
    good=_IOCTL.format("argument: example, ") + "  base: {name: EXAMPLE_BASE, value: 100}\n",
)
def ioctl_number(interface: Interface) -> Iterator[Finding]:
    """The type of an ioctl, and its number with the base added, are at most 255."""
    if interface.ioctls is None:
        return
    base = interface.ioctls.base
    for what, anchor in (("type", interface.ioctls.type), ("base", base)):
        if anchor and not 0 <= anchor.value <= _BYTE:
            yield Finding(
                f"the {what} of the ioctls is {anchor.value}, and 8 bits hold 0 to {_BYTE}",
                anchor.where("value"),
                f"write a number from 0 to {_BYTE}{_LIST if what == 'type' else ''}",
                (anchor,),
            )
            return
    least = base.value if base else 0
    for command in interface.ioctls.commands:
        if least + command.number > _BYTE:
            yield Finding(
                f"'{command.name}' has number {least + command.number} with the base added, and 8 bits hold "
                f"0 to {_BYTE}",
                command.where("number"),
                f"write a number from 0 to {_BYTE - least}: it counts from the base",
                (command,),
            )


_BYTE = 255
_LIST = "; the kernel's ioctl-number.rst lists the types that are taken"


_GROWING = """
structs:
  - struct: example
    doc: An argument.
    fields:{}
      - {{name: flags, type: u32, doc: flags}}
ioctls:
  type: {{name: EXAMPLE_TYPE, value: 0x3b}}
  commands:
    - {{name: EXAMPLE_GET, number: 1, direction: none, argument: example, doc: Get it.}}
"""


@rule(
    "ioctl-size",
    severity=Severity.WARNING,
    why="""With `_IO` the number says nothing of the size: without `argsz` the kernel cannot tell an old
    program from a new one, and the struct can never grow (linux/vfio.h, head: argsz and flags are embedded
    into the structs; ioctl.rst, "Command number definitions").""",
    bad=_GROWING.format(""),
    good=_GROWING.format("\n      - {name: argsz, type: u32, doc: bytes of the struct}"),
    binds_existing=False,
)
def ioctl_size(interface: Interface) -> Iterator[Finding]:
    """The argument of an ioctl has its size in the number (a direction) or in its first member, `argsz`."""
    for command, argument in _arguments(interface):
        if command.direction == "none" and argument.members[0].name != "argsz":
            yield Finding(
                f"nothing says how large the argument of '{command.name}' is",
                command.where("argument"),
                f"begin {argument.keyword} '{argument.name}' with `argsz` and `flags`, both u32, or write a "
                "`direction:` other than none",
                (command,),
            )


def _arguments(interface: Interface) -> Iterator[tuple[Ioctl, Struct]]:
    """The ioctls that have an argument, with it."""
    for command in interface.ioctls.commands if interface.ioctls else ():
        if command.argument:
            yield command, command.argument


@rule(
    "argsz-without-flags",
    why="""argsz says that there is more in a struct, flags say what it is: without them nobody can tell
    which of the new members are valid (linux/vfio.h, head: "flag bits will be defined to indicate
    additional fields").""",
    bad="""
structs:
  - struct: example
    doc: An argument that tells its size alone.
    fields:
      - {name: argsz, type: u32, doc: bytes of the struct}
      - {name: index, type: u32, doc: index}
""",
    good="""
structs:
  - struct: example
    doc: An argument that can grow.
    fields:
      - {name: argsz, type: u32, doc: bytes of the struct}
      - {name: flags, type: u32, doc: what is valid}
      - {name: index, type: u32, doc: index}
      - {pad: 4}
""",
    binds_existing=False,
)
def argsz_without_flags(interface: Interface) -> Iterator[Finding]:
    """A struct with `argsz` begins with it, and `flags` follow; both are u32."""
    for struct in owners(interface):
        names = [member.name for member in struct.members]
        if "argsz" not in names:
            continue
        argsz = struct.members[names.index("argsz")]
        if names[:2] == ["argsz", "flags"]:
            wrong = next((each for each in struct.members[:2] if not _is_u32(each)), None)
            if wrong:
                is_array = isinstance(wrong, Field) and wrong.type == SCALARS["u32"]
                yield Finding(
                    f"'{wrong.name}' of struct '{struct.name}' is no {'single ' if is_array else ''}u32",
                    wrong.where("count" if is_array else "type"),
                    "remove `count:`" if is_array else "write `type: u32`",
                    (struct, wrong),
                )
        elif names[0] == "argsz" and "flags" in names:
            flags = struct.members[names.index("flags")]
            yield Finding(
                f"'flags' is not the second member of struct '{struct.name}', which begins with 'argsz'",
                flags.where("name"),
                "move it to the line below `argsz`",
                (struct, flags),
                (Note("'argsz' is here", argsz.where("name")),),
            )
        elif names[0] == "argsz":
            yield Finding(
                f"struct '{struct.name}' has 'argsz' and no 'flags' behind it",
                argsz.where("name"),
                "insert `- {name: flags, type: u32, doc: ...}` below it, with `values:` as soon as there are "
                "flags",
                (struct, argsz),
            )
        else:
            yield Finding(
                f"'argsz' is not the first member of struct '{struct.name}'",
                argsz.where("name"),
                "move it to the start of the struct, and "
                + ("`flags` behind it" if "flags" in names else "add `flags`, a u32, behind it"),
                (struct, argsz),
            )


def _is_u32(member: Member) -> bool:
    return isinstance(member, Field) and member.type == SCALARS["u32"] and member.array is None


_SIZED = """
structs:
  - struct: example
    doc: An argument.
    fields:
      - {{name: flags, type: u32, access: wo, doc: flags}}
      - {{name: count, type: u32, access: ro, doc: number of entries}}{}
ioctls:
  type: {{name: EXAMPLE_TYPE, value: 0x3b}}
  commands:
    - {{name: EXAMPLE_GET, number: 1, direction: {}, argument: example, doc: Get it.}}
"""


@rule(
    "ioctl-direction",
    why="""The direction is a part of the number, and programs such as strace and valgrind go by it: what it
    does not announce counts as not initialized, or as not changed (ioctl.rst, "Command number
    definitions").""",
    bad=_SIZED.format("", "read"),
    good=_SIZED.format("", "both"),
    binds_existing=False,
)
def ioctl_direction(interface: Interface) -> Iterator[Finding]:
    """An argument goes in the directions that the access of its members needs, seen from user space."""
    for command, argument in _arguments(interface):
        if command.direction not in _CONTRADICTS:
            continue
        contradicting, way = _CONTRADICTS[command.direction]
        for path, member, _ in argument.inside:
            if isinstance(member, Field) and member.access in contradicting:
                yield Finding(
                    f"'{command.name}' has the direction {command.direction}, and user space {way} '{path}'",
                    command.where("direction"),
                    "write `direction: both`, or change the access of the member",
                    (command,),
                    (Note("its access is declared here", member.where("access")),),
                )
                break


_CONTRADICTS = {
    "read": ((Access.WO, Access.RW), "writes"),
    "write": ((Access.RO, Access.RW), "reads"),
}
"""By direction: the accesses that it leaves no way for, and what user space does with such a member."""


@rule(
    "ioctl-flexible-array",
    severity=Severity.WARNING,
    why="""The size in the number is that of the struct without its flexible array, so that neither the
    kernel nor a tool learns from the number how much is passed (ioctl.rst, "Command number
    definitions": the number encodes the size of the data type).""",
    bad=_SIZED.format("\n      - {name: data, type: u32, count: flexible, doc: entries}", "both"),
    good=_SIZED.format("\n      - {name: data, type: u64, pointer-to: u32, doc: entries}", "both"),
    binds_existing=False,
)
def ioctl_flexible_array(interface: Interface) -> Iterator[Finding]:
    """An argument that ends in a flexible array says its size itself (`argsz`, `direction: none`)."""
    for command, argument in _arguments(interface):
        last = argument.members[-1]
        flexible = isinstance(last, Field) and last.array is not None and last.array.flexible
        if command.direction != "none" and flexible:
            yield Finding(
                f"the number of '{command.name}' has the size of struct '{argument.name}' without "
                f"'{last.name}', a flexible array",
                command.where("direction"),
                "write `direction: none` and begin the struct with `argsz` and `flags`, or hold the address "
                "of the array in a u64 with `pointer-to:`",
                (command,),
                (Note("the array is declared here", last.where("name")),),
            )
