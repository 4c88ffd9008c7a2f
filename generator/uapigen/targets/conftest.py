"""What pytest is told of the generated tests: an option that names a device, a list of what was covered.

The room of the layer between the tests and pytest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uapigen.escape import PYTHON
from uapigen.model import Interface, Prose
from uapigen.pysource import quoted
from uapigen.render import Target, snake


def _applies(interface: Interface) -> bool:
    return bool(interface.region_type or interface.machines)


def _context(interface: Interface) -> Mapping[str, Any]:
    said = (
        f"What pytest is told of the tests of {interface.name}: `--device MODULE:FUNCTION` tests another"
        f" device than the reference device (test_{snake(interface.name)} says what the function is given,"
        " and gives), and a run says at its end what it has covered."
    )
    return {"doc": Prose(said), "title": quoted(interface.name)}


TARGET = Target(
    name="conftest",
    help="command line of the tests: --device, and what a run has covered",
    file="conftest.py",
    language=PYTHON,
    template="conftest/conftest.py.j2",
    context=_context,
    applies=_applies,
)
