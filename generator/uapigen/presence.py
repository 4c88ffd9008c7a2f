"""Which flag announces a member or a region: what a device that lacks the flag does not have."""

from __future__ import annotations

from uapigen.model import FlagRef, Group, MemberRef


def announced_by(ref: MemberRef) -> str | None:
    """The flag, as ``FLAGS.NAME``, that announces a member or what it is in; None where there is none."""
    if "." not in ref.path and not isinstance(ref.member, Group):
        return None
    found = None
    for path, member, _ in ref.struct.inside:
        if isinstance(member, Group) and member.present and f"{ref.path}.".startswith(f"{path}."):
            found = member.present
    return flag_name(found)


def flag_name(flag: FlagRef | None) -> str | None:
    """The flag as a spec writes it."""
    return f"{flag.enumeration.name}.{flag.value.name}" if flag else None
