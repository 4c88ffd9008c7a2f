"""Numbers with names: constants, enums, flags, region types, ioctls."""

from __future__ import annotations

from uapigen import tree
from uapigen.model import (
    Anchor,
    Constant,
    Enumeration,
    Ioctl,
    Ioctls,
    MemberRef,
    Place,
    Prose,
    Region,
    RegionAccess,
    RegionType,
    Struct,
    Unknown,
    Value,
)
from uapigen.resolve.reading import (
    Scope,
    common,
    flag,
    mapping,
    mappings,
    number,
    place,
    prose,
    text,
    word,
)
from uapigen.scalartypes import C_TYPES, SCALARS

AT_END = Place(Anchor.END)


def constants(root: tree.Mapping) -> tuple[Constant, ...]:
    """The constants of a spec."""
    return tuple(_constant(node) for node in mappings(root, "constants"))


def _constant(node: tree.Mapping) -> Constant:
    return Constant(
        **common(node),
        name=word(node, "name"),
        value=number(node, "value"),
        spelling=text(node, "spelling"),
        unique_among=text(node, "unique-among"),
        version_policy=prose(node, "version-policy") or None,
        external=text(node, "external"),
        place=place(node),
    )


def enumerations(root: tree.Mapping) -> tuple[Enumeration, ...]:
    """The flags and the enums of a spec."""
    return tuple(
        _enumeration(node, key)
        for section, key in (("flags", "flags"), ("enums", "enum"))
        for node in mappings(root, section)
    )


def _enumeration(node: tree.Mapping, key: str) -> Enumeration:
    prefix = word(node, "prefix")
    return Enumeration(
        **common(node),
        name=word(node, key),
        flags=key == "flags",
        prefix=prefix,
        values=tuple(_value(item, prefix) for item in mappings(node, "values")),
        form=text(node, "form") or "defines",
        unknown=Unknown(text(node, "unknown") or "refused"),
        external=text(node, "external"),
        place=place(node),
    )


def _value(node: tree.Mapping, prefix: str) -> Value:
    name = word(node, "name")
    return Value(
        **common(node),
        name=name,
        c_name=prefix + name,
        value=number(node, "value"),
        spelling=text(node, "spelling"),
    )


def region_type(scope: Scope, root: tree.Mapping) -> RegionType | None:
    """The region type of a spec with its regions, None where it has none."""
    section = mapping(root, "regions")
    if section is None:
        return None
    node = mapping(section, "type")
    assert node is not None
    prefix = word(section, "prefix")
    return RegionType(
        **common(node),
        name=word(node, "name"),
        value=number(node, "value"),
        prefix=prefix,
        regions=tuple(
            _region(scope, item, prefix, existing=flag(root, "existing"))
            for item in mappings(section, "subtypes")
        ),
        unique_among=text(node, "unique-among"),
        place=place(node),
    )


def _region(scope: Scope, node: tree.Mapping, prefix: str, *, existing: bool) -> Region:
    layout = text(node, "layout")
    struct = scope.structs.get(layout or "")
    if layout is not None and struct is None:
        scope.undefined(node.where("layout"), "struct", layout, scope.structs)
    return Region(
        **common(node),
        name=word(node, "name"),
        c_name=prefix + word(node, "name"),
        value=number(node, "value"),
        present=scope.flag(node, "present"),
        mappable=flag(node, "mappable"),
        layout=struct,
        access=_access(scope, node, struct, existing=existing) if struct else None,
        holds=text(node, "holds"),
        length_multiple=text(node, "length-multiple-of"),
    )


def _access(scope: Scope, node: tree.Mapping, struct: Struct, *, existing: bool) -> RegionAccess | None:
    section = mapping(node, "access")
    if section is None:
        # What a new interface does not say is settled; of one that exists nothing is made up.
        return None if existing else RegionAccess(together=(), errno="EINVAL")
    lists = section.get("write-together")
    sets = lists.items if isinstance(lists, tree.Sequence) else ()
    inside = Scope(scope.problems)
    inside.member_homes = (struct,)
    return RegionAccess(
        together=tuple(_members(inside, item) for item in sets if isinstance(item, tree.Sequence)),
        errno=word(section, "errno"),
    )


def _members(scope: Scope, node: tree.Sequence) -> tuple[MemberRef, ...]:
    paths = (item for item in node.items if isinstance(item, tree.Scalar))
    found = (scope.member_at(item.text, item.span) for item in paths)
    return tuple(member for member in found if member)


def ioctls(scope: Scope, root: tree.Mapping) -> Ioctls | None:
    """The ioctl numbers of a spec, None where it has none."""
    section = mapping(root, "ioctls")
    if section is None:
        return None
    type_, base = mapping(section, "type"), mapping(section, "base")
    assert type_ is not None
    return Ioctls(
        type=_anchor(type_),
        base=_anchor(base) if base else None,
        commands=tuple(_ioctl(scope, node) for node in mappings(section, "commands")),
        unique_among=text(section, "unique-among"),
    )


def _anchor(node: tree.Mapping) -> Constant:
    return Constant(
        origin=node,
        doc=Prose(""),
        name=word(node, "name"),
        value=number(node, "value"),
        external=text(node, "external"),
    )


def _ioctl(scope: Scope, node: tree.Mapping) -> Ioctl:
    argument = text(node, "argument")
    if argument is not None and argument not in scope.structs:
        is_number = argument in SCALARS or argument in C_TYPES
        help_ = "an argument is a struct: declare one with a member of this type" if is_number else None
        scope.undefined(node.where("argument"), "struct", argument, scope.structs, help_)
    return Ioctl(
        **common(node),
        name=word(node, "name"),
        number=number(node, "number"),
        direction=word(node, "direction"),
        argument=scope.structs.get(argument or ""),
        place=place(node),
    )
