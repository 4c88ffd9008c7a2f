"""A few drawings as they look, each read by eye: short ways, few crossings, no room wasted.

What a drawing says is read back in other tests; that does not see a box that is too high or a way around.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

from documents import FIRST, loaded
from uapigen.diagram import ownership, plain, sequence
from uapigen.diagram.channels import Link
from uapigen.diagram.grid import Node, grid
from uapigen.diagram.model import Drawing

RING = """\
          +-----------+                +------+
          | d         |<-------------3-| c    |
          +-----------+                +------+
                |                         ^
                4                         2
                v                         |
          +-----------+                +------+
          | e         |     +-------1->| b    |
          |           |-5---|---+      |      |
          +-----------+     |   |      +------+
             ^    |         |   |         |
             11   12        |   |         13
             |    v         |   |         v
          +-----------+     |   |      +------+
    +--9->| a         |-1---+   |      | f    |
    +---9-|           |         +---5->|      |
          +-----------+                +------+
                ^                         |
                8                         6
                |                         v
          +-----------+                +------+
    +-10->| h         |<-------------7-| g    |
    +--10-|           |                |      |
          +-----------+                +------+
"""
STAR = """\
    +---------+              +---+
    | f       |    +------1->| b |
    +---------+    |         +---+
       ^   |       |
       5   6       |
       |   v       |
    +---------+    |         +---+
    |         |-1--+         |   |
    | a       |-3----------->| d |
    |         |-2------+     |   |
    +---------+        |     +---+
         |             |
         4             |
         v             |
    +---------+        |     +---+
    | e       |        +--2->| c |
    +---------+              +---+
"""
NEAR = """\
    +---------+              +---------+
    |         |<-----------1-|         |
    | b       |-2----------->| a       |
    |         |    +-------7-|         |
    |         |    |   +--8->|         |
    +---------+    |   |     +---------+
       |   ^       |   |        |   ^
       5   6       |   |        3   4
       v   |       |   |        v   |
    +---------+    |   |     +---------+
    | c       |<-7-+   |     | d       |
    |         |-8------+     |         |
    +---------+              +---------+
"""
BUFFER = """\
    user space                                  CTL  DATA_CONFIG      driver
         |                                       |        |              |
         |----- 1 write device_config.action --->|        |              |
         |                                       |        |         +----------+
         |                                       |        |         | 2 freeze |
         |                                       |        |         +----------+
         |                                       |        |<-- 3 fill ---|
         |<----- 4 read device_config.size ------|        |              |
         |<-- 5 read device_config.size bytes ---|--------|              |
         |                                       |        |              |
"""
OWNERS = """\
    user space  ===================|                   |===================
    driver                         |===================|
                                 entry              return
"""


@pytest.mark.parametrize(
    ("arcs", "looks"),
    [
        ("a>b b>c c>d d>e e>f f>g g>h h>a a>a h>h a>e e>a b>f", RING),
        ("a>b a>c a>d a>e a>f f>a", STAR),
        ("a>b b>a a>d d>a b>c c>b a>c c>a", NEAR),
    ],
)
def test_a_machine(arcs: str, looks: str) -> None:
    links = [Link(str(number), *arc.split(">")) for number, arc in enumerate(arcs.split(), 1)]
    names = sorted({name for link in links for name in (link.source, link.target)})
    assert shown(grid([Node(name, (name,)) for name in names], links, 80)) == dedent(looks)


def test_an_operation() -> None:
    interface = loaded(FIRST)
    assert shown(sequence(interface, interface.operations[5], 76)) == dedent(BUFFER)


def test_who_owns_a_buffer() -> None:
    protocol = loaded(FIRST).protocol
    assert protocol
    assert shown(ownership(protocol, 76)) == dedent(OWNERS)


def shown(drawing: Drawing | None) -> str:
    assert drawing
    assert drawing.width == max(map(len, plain.lines(drawing)))
    return "".join(f"{line}\n" for line in plain.lines(drawing))
