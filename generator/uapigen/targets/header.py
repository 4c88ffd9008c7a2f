"""The header that compiles alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from uapigen import cdoc
from uapigen.cdecl import declarations, includes
from uapigen.escape import C
from uapigen.model import Interface
from uapigen.render import Target, snake


def _context(interface: Interface) -> Mapping[str, Any]:
    return {
        "doc": cdoc.plain(interface),
        "guard": guard(interface),
        "includes": includes(interface, alone=True),
        "declarations": declarations(interface, alone=True),
    }


def guard(interface: Interface) -> str:
    """The macro that keeps the header from being read twice; installing a header strips ``_UAPI``."""
    file = PurePosixPath(interface.header).with_name(f"{snake(interface.name)}.h")
    return "_UAPI_" + "_".join(file.parts).replace("-", "_").replace(".", "_").upper()


TARGET = Target(
    name="header",
    help="a uAPI header that compiles alone",
    file="{name}.h",
    language=C,
    template="header/header.h.j2",
    context=_context,
)
