"""Rules on regions and on the capabilities that announce them."""

from __future__ import annotations

from collections.abc import Iterator

from uapigen.model import Interface
from uapigen.rules.examples import DATA
from uapigen.rules.rule import Finding, rule


@rule(
    "capability-without-region",
    why="""A capability that announces no region, beside others that do, is a promise that a user waits for
    (review, I4: a region exists exactly when its capability is shown).""",
    bad=DATA.replace("{name: DATA, value: 1}", "{name: DATA, value: 1}\n      - {name: MORE, value: 2}"),
    good=DATA,
)
def capability_without_region(interface: Interface) -> Iterator[Finding]:
    """Where one flag of a set announces a region, each of the set does."""
    if interface.region_type is None:
        return
    announced = [region.present for region in interface.region_type.regions if region.present]
    for enumeration in {ref.enumeration.name: ref.enumeration for ref in announced}.values():
        used = {ref.value.name for ref in announced if ref.enumeration.name == enumeration.name}
        for value in enumeration.values:
            if value.name not in used:
                yield Finding(
                    f"the capability '{value.name}' announces no region",
                    value.where(),
                    f"add the region with `present: {enumeration.name}.{value.name}`, or take the flag out",
                    (enumeration, value),
                )
