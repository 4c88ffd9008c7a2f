"""Rules on actions: what starts them, and who may touch a buffer when."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen import tree
from uapigen.diagnostics import Note
from uapigen.model import Field, Interface, Trigger
from uapigen.presence import announced_by, flag_name
from uapigen.rules.examples import ACTIONS, DATA
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span


def _triggers(interface: Interface) -> tuple[Trigger, ...]:
    return interface.protocol.triggers if interface.protocol else ()


def _place(interface: Interface, *keys: str) -> Span:
    """Where the value of a key beneath `actions:` stands."""
    node: tree.Node | None = interface.origin.get("actions")
    for key in keys:
        assert isinstance(node, tree.Mapping)
        node = node.get(key)
    assert node is not None
    return node.span


@rule(
    "trigger-access",
    why="""An action starts with a write of user space; a member that refuses writes starts nothing.""",
    bad=ACTIONS.replace("access: wo", "access: ro"),
    good=ACTIONS,
)
def trigger_access(interface: Interface) -> Iterator[Finding]:
    """The member whose write starts an action can be written."""
    said: set[str] = set()
    for trigger in _triggers(interface):
        member = trigger.field.member
        if not isinstance(member, Field) or trigger.field.path in said:
            continue
        if member.access and not member.access.writable:
            said.add(trigger.field.path)
            yield Finding(
                f"user space cannot write '{trigger.field.path}': its access is {member.access.value}",
                trigger.where("field"),
                "name another member, or change the access of this one",
                (trigger,),
                (Note("the member is declared here", member.where("access")),),
            )


@rule(
    "duplicate-trigger",
    why="""One write starts one action: with two, nobody knows which of them a driver does.""",
    bad=ACTIONS.replace("value: SET, loads", "value: GET, loads"),
    good=ACTIONS,
)
def duplicate_trigger(interface: Interface) -> Iterator[Finding]:
    """A value of a member starts one action; where any write starts one, no value starts another."""
    seen: dict[str, dict[str, Trigger]] = {}
    for trigger in _triggers(interface):
        others = seen.setdefault(trigger.field.path, {})
        value = trigger.value.name if trigger.value else ""
        first = others.get(value) or others.get("") or (None if value else next(iter(others.values()), None))
        others.setdefault(value, trigger)
        # Two of one name are said to be that.
        if first and first.name != trigger.name:
            what = f"'{value}' of '{trigger.field.path}'" if value else f"any write of '{trigger.field.path}'"
            yield Finding(
                f"{what} starts '{trigger.name}', and '{first.name}', too",
                trigger.where("value" if value else "field"),
                "give each action a `value:` of its own",
                (trigger,),
                (Note("the other one is here", first.where()),),
            )


@rule(
    "buffer-owner",
    why="""User space and driver must not touch a buffer at the same time, and each needs its turn (review,
    R12: how does the kernel know that the read has finished, or that the write has started?).""",
    bad=ACTIONS.replace("after: user", "after: driver"),
    good=ACTIONS,
)
def buffer_owner(interface: Interface) -> Iterator[Finding]:
    """The driver owns a buffer during an action and gives it back; before, user space owns what is loaded."""
    protocol = interface.protocol
    if protocol is None:
        return
    loads = any(trigger.effect == "loads" for trigger in protocol.triggers)
    wrong = []
    if protocol.before == "driver" and loads:
        wrong.append(("before", "user", "user space cannot write what an action is to load"))
    if protocol.during == "user":
        wrong.append(("during", "driver", "the driver would touch a buffer that is user space's"))
    if protocol.after == "driver":
        wrong.append(("after", "user", "user space never gets the buffer back"))
    for key, right, why in wrong:
        given = getattr(protocol, key)
        message = f"with `{key}: {given}`, {why}"
        yield Finding(message, _place(interface, "owner", key), f"write `{key}: {right}`")


@rule(
    "buffer-end",
    why="""User space may read a filled buffer until something ends that; the next action on it always does
    (review, R12 and D7: nothing says what ends what).""",
    bad=ACTIONS.replace("  triggers:", "  until: [reset]\n  triggers:"),
    good=ACTIONS.replace("  triggers:", "  until: [next-action, reset]\n  triggers:"),
)
def buffer_end(interface: Interface) -> Iterator[Finding]:
    """`until:` is about buffers that actions fill, names each event once, and `next-action` among them."""
    protocol = interface.protocol
    if protocol is None or not protocol.until:
        return
    place = _place(interface, "until")
    if not any(trigger.effect == "fills" for trigger in protocol.triggers):
        yield Finding("`until:` ends the life of what actions fill, and no action fills", place, "remove it")
        return
    if "next-action" not in protocol.until:
        message = "`until:` lacks `next-action`, which fills the buffer anew"
        yield Finding(message, place, f"write `until: [{', '.join(('next-action', *protocol.until))}]`")
    for event in dict.fromkeys(each for each in protocol.until if protocol.until.count(each) > 1):
        yield Finding(f"'{event}' stands twice in `until:`", place, "remove one")


@rule(
    "buffer-category",
    why="""Actions of one category share the life of a buffer; where two categories fill one region, the one
    destroys what the other promises to keep.""",
    bad=ACTIONS.replace("loads: DATA, category: data", "loads: DATA, category: other"),
    good=ACTIONS,
)
def buffer_category(interface: Interface) -> Iterator[Finding]:
    """All actions on a region are of one category."""
    first: dict[str, Trigger] = {}
    for trigger in _triggers(interface):
        other = first.setdefault(trigger.region.name, trigger)
        if other.category != trigger.category:
            yield Finding(
                f"actions on region '{trigger.region.name}' are of two categories: '{other.category}' and "
                f"'{trigger.category}'",
                trigger.where("category"),
                f"write `category: {other.category}`",
                (trigger,),
                (Note("the other one is here", other.where("category")),),
            )


_OTHER = """      - name: data
        present: cap.{}
        doc: control of the data
        fields:
          - {{name: go, type: u32, access: wo, doc: a write fills the region}}
enums:
"""


def _with_flag(flag: str) -> str:
    data = "      - {name: DATA, value: 1, doc: Data.}\n"
    text = DATA.replace("enums:\n", _OTHER.format(flag))
    text = text.replace(data, f"{data}      - {{name: OTHER, value: 2, doc: Other data.}}\n")
    return f"""{text}    - {{name: OTHER, value: 3, present: cap.OTHER, holds: whole, doc: Other.}}
actions:
  owner: {{before: user, during: driver, after: user}}
  triggers:
    - {{trigger: get, field: data.go, fills: DATA, category: data}}
    - {{trigger: get other, field: action, fills: OTHER, category: other}}
"""


@rule(
    "trigger-capability",
    why="""A device has a region exactly when it shows the capability (review, I4); the member that starts an
    action on it has to be there for the same devices.""",
    bad=_with_flag("OTHER"),
    good=_with_flag("DATA"),
)
def trigger_capability(interface: Interface) -> Iterator[Finding]:
    """A member that a flag announces starts actions on a region that the same flag announces."""
    for trigger in _triggers(interface):
        flag, region = announced_by(trigger.field), flag_name(trigger.region.present)
        if flag and flag != region:
            has = f"with '{region}'" if region else "always"
            yield Finding(
                f"'{trigger.field.path}' is there with '{flag}', and region '{trigger.region.name}' {has}",
                trigger.where(trigger.effect),
                f"write `present: {flag}` at the region, or name another member",
                (trigger, trigger.region),
                (Note("the region is here", trigger.region.where("present")),),
            )
