"""From a tree of the right shape to the model: every name is bound to what it names.

The room of binding.  What cannot be bound is reported, all of a run; what depends on it is left out
without a word, so that no error is caused by another one.  Whether the result is good is not judged
here.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import PurePath

from uapigen import tree
from uapigen.diagnostics import SpecError
from uapigen.findings import EnoughFoundError
from uapigen.model import Interface, Licenses, Region, Struct
from uapigen.resolve import operations, protocol, states, structs, values
from uapigen.resolve.reading import Scope, common, flag, mappings, place, prose, text, word, words


def resolve(root: tree.Mapping) -> Interface:
    """The interface that a tree describes, without layouts.

    Raises:
        SpecError: names that name nothing, structs that contain themselves.
    """
    scope, interface = Scope(), None
    with suppress(EnoughFoundError):
        interface = _interface(scope, root)
    if interface is None or scope.problems.found:
        raise SpecError(scope.problems.found)
    return interface


def _interface(scope: Scope, root: tree.Mapping) -> Interface:
    constants, enumerations = values.constants(root), values.enumerations(root)
    scope.constants = {found.name: found for found in constants}
    scope.enumerations = {found.name: found for found in enumerations}
    declared = structs.structs(scope, root)
    scope.structs = {found.name: found for found in declared}
    region_type = values.region_type(scope, root)
    regions: tuple[Region, ...] = region_type.regions if region_type else ()
    scope.regions = {region.name: region for region in regions}
    scope.member_homes = _member_homes(regions, declared)
    machines = states.machines(scope, root)
    scope.machines = {machine.name: machine for machine in machines}
    licenses = root.get("licenses")
    assert isinstance(licenses, tree.Mapping)
    return Interface(
        **common(root),
        name=word(root, "interface"),
        title=prose(root, "title"),
        header=word(root, "header"),
        file=_file_name(root),
        existing=flag(root, "existing"),
        licenses=Licenses(
            header=word(licenses, "header"),
            bindings=text(licenses, "bindings") or "MIT",
            document=text(licenses, "document") or "GPL-2.0",
        ),
        place=place(root) or values.AT_END,
        words=words(root, "words"),
        constants=constants,
        enumerations=enumerations,
        structs=declared,
        region_type=region_type,
        machines=machines,
        ioctls=values.ioctls(scope, root),
        protocol=protocol.protocol(scope, root),
        operations=tuple(operations.operation(scope, node) for node in mappings(root, "operations")),
        topics=protocol.topics(scope, root),
        decisions=protocol.decisions(root),
    )


def _file_name(root: tree.Mapping) -> str:
    """The spec's file name as outputs print it; a name that could end a comment is not printed."""
    name = PurePath(root.span.source.path).name
    return name if re.fullmatch(r"[A-Za-z0-9._+-]+", name) else f"{word(root, 'interface')}.yaml"


def _member_homes(regions: tuple[Region, ...], declared: tuple[Struct, ...]) -> tuple[Struct, ...]:
    """Where a path such as ``device_config.size`` is looked up: layouts of regions first."""
    layouts = [region.layout for region in regions if region.layout]
    return tuple({struct.name: struct for struct in (*layouts, *declared)}.values())
