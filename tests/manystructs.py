"""Specs of as many structs as one likes, such as somebody would write.

The room of one made-up interface: queues, each with a struct that has documented members, a nested struct,
padding and an array; ten of them share an enumeration and a set of flags.  No two are laid out alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_HEAD = """\
uapigen: 1
interface: many-queues
title: Interface of many queues
header: linux/vfio.h
place: end
licenses: {header: GPL-2.0 WITH Linux-syscall-note, bindings: MIT, document: GPL-2.0}
words: [uAPI, VFIO]
doc: As many structs as it takes to see how time and memory grow with them.
"""

_FLAGS = """\
  - flags: queue_{0}_cap
    prefix: VFIO_QUEUE_{0}_CAP_
    unknown: ignored
    doc: What the queues of group {0} are able to do.
    values:
      - {{name: NOTIFY, value: 1, doc: A queue of group {0} tells when it is empty.}}
      - {{name: RESIZE, value: 2, doc: The size of a queue of group {0} can change.}}
"""

_ENUM = """\
  - enum: queue_{0}_mode
    prefix: VFIO_QUEUE_{0}_MODE_
    doc: How the queues of group {0} hand out their entries.
    values:
      - {{name: ORDERED, value: 1, doc: Group {0} keeps the order in which they came.}}
      - {{name: RELAXED, value: 2, doc: Group {0} hands them out in any order.}}
      - {{name: BATCHED, value: 3, doc: Group {0} hands out many at a time.}}
"""

_STRUCT = """\
  - struct: vfio_queue_{0}
    doc: |
      Control of queue {0}. User space writes the ring and its size, then asks for
      a mode; the driver tells what became of it.
    fields:
      - name: index
        type: u32
        access: ro
        doc: number of the queue, which is {0}
      - name: mode
        type: u32
        access: rw
        values: queue_{1}_mode
        doc: how queue {0} hands out its entries
      - name: caps
        type: u32
        access: ro
        values: queue_{1}_cap
        doc: what queue {0} is able to do
      - {{pad: 4}}
      - name: ring
        doc: where the ring of queue {0} lies
        fields:
          - name: address
            type: u64
            access: rw
            doc: |
              address of the first entry of queue {0}, aligned to the size of a
              page; another one is refused
          - name: entries
            type: u32
            access: rw
            doc: number of entries of queue {0}, a power of two
          - {{pad: 4}}
      - name: counters
        type: u64
        count: {2}
        access: ro
        doc: entries of queue {0} that were taken, for each of its users
"""


def write_spec(path: Path, count: int) -> None:
    """Write a spec of ``count`` structs, without ever having the whole text in memory."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(_pieces(count))


def _pieces(count: int) -> Iterator[str]:
    groups = -(-count // 10)
    yield _HEAD
    yield "\nflags:\n"
    yield from (_FLAGS.format(group) for group in range(groups))
    yield "\nenums:\n"
    yield from (_ENUM.format(group) for group in range(groups))
    yield "\nstructs:\n"
    yield from (_STRUCT.format(number, number // 10, number + 1) for number in range(count))
