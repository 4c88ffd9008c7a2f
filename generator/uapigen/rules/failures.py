"""Rules on what fails, and with which error."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from uapigen import tree
from uapigen.model import Element, Interface
from uapigen.rules.examples import CTL
from uapigen.rules.rule import Finding, rule
from uapigen.source import Span
from uapigen.wording import closest


@rule(
    "unknown-errno",
    why="""Programs compare with the symbols of errno.h; one that is not there does not compile
    (botching-up-ioctls.rst: choose errors with care, each says something else to its reader).""",
    bad=CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
    fails:
      - {without: cap.DATA, errno: EINVL}
""",
    good=CTL
    + """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
    fails:
      - {without: cap.DATA, errno: EINVAL}
""",
)
def unknown_errno(interface: Interface) -> Iterator[Finding]:
    """An error is a symbol of errno.h that user space can see."""
    said: list[tuple[str, Span, tuple[Element, ...]]] = [
        (machine.errno, machine.where("errno"), (machine,)) for machine in interface.machines
    ]
    for operation in interface.operations:
        said += [(each.errno, each.origin.where("errno"), (operation,)) for each in operation.failures]
    for region in interface.region_type.regions if interface.region_type else ():
        section = region.origin.get("access")
        if region.access and isinstance(section, tree.Mapping):
            said.append((region.access.errno, section.where("errno"), (region,)))
    known = set(errno.errorcode.values()) | {"EWOULDBLOCK", "ENOTSUP"}
    for symbol, span, elements in said:
        if symbol not in known:
            meant = closest(symbol, sorted(known))
            help_ = f"did you mean `{meant}`?" if meant else "write a symbol of errno.h, such as EINVAL"
            yield Finding(f"there is no error '{symbol}' in errno.h", span, help_, elements)
