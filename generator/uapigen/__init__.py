"""uapigen: specification as code for Linux device interfaces.

``load(path)`` gives the resolved :class:`~uapigen.model.interface.Interface` of a spec,
``as_json(interface)`` the same as dictionaries and lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from uapigen.model import Interface

__version__ = "0.1.0"
__all__ = ["__version__", "as_json", "load"]


def load(path: str | PathLike[str]) -> Interface:
    """Read, validate and resolve a spec, and compute the layout of its structs on every ABI.

    The rules are not applied: :func:`uapigen.rules.check` does that.

    Raises:
        uapigen.diagnostics.SpecError: the file cannot be read, or is no spec; with every finding.
    """
    from uapigen.pipeline import load_file

    return load_file(path)


def as_json(interface: Interface) -> dict[str, Any]:
    """The interface as dictionaries, lists, strings and numbers, as :func:`json.dumps` takes it."""
    from uapigen import modeljson

    return modeljson.as_json(interface)
