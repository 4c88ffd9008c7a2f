"""Steps and failures in English: every verb and every condition of the language has its sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sample import ROOT, interface_of
from uapigen.sentences import failure, sentence, step

SPEC = """
flags:
  - flags: caps
    prefix: CAP_
    values: [{name: DATA, value: 1}, {name: MORE, value: 2}]
enums:
  - enum: action
    prefix: ACTION_
    values: [{name: GET, value: 1}, {name: SET, value: 2}, {name: END, value: 3}]
regions:
  type: {name: TYPE, value: 4, doc: The regions.}
  prefix: REGION_
  subtypes:
    - {name: CTL, value: 1, present: always, layout: ctl, doc: Control.}
    - {name: DATA, value: 2, present: caps.DATA, holds: whole, doc: Data.}
structs:
  - struct: ctl
    doc: Control.
    fields:
      - {name: caps, type: u32, access: rw, values: caps, doc: caps}
      - {name: action, type: u32, access: wo, values: action, doc: action}
      - {name: size, type: u64, access: rw, doc: size}
      - {name: state, type: u32, access: wo, states: machine, doc: state}
states:
  - states: machine
    set-by: user
    initial: IDLE
    prefix: STATE_
    values: [{name: IDLE, value: 0}, {name: BUSY, value: 1}, {name: DONE, value: 2}]
    transitions: [{from: IDLE, to: BUSY, label: start}]
operations:
  - operation: one
    number: 1
    steps: [STEP]
    fails: [FAILURE]
"""


def pairs(text: str) -> list[tuple[str, str]]:
    """Lines of a spec, each with the sentence that stands beneath it."""
    lines = [line.strip() for line in text.strip().split("\n")]
    return list(zip(lines[::2], lines[1::2], strict=True))


STEPS = pairs("""
{by: user, do: read, field: size}
    User space reads size.
{by: user, do: read, region: DATA}
    User space reads region DATA.
{by: user, do: read, region: DATA, length: size}
    User space reads size bytes from region DATA.
{by: user, do: read, region: DATA, length: chunk}
    User space reads the chunk from region DATA.
{by: user, do: write, field: action, value: GET}
    User space writes GET to action.
{by: user, do: write, field: size, argument: size}
    User space writes the given size to size.
{by: user, do: write, region: DATA, length: chunk}
    User space writes the chunk to region DATA.
{by: user, do: write, region: DATA}
    User space writes the data to region DATA.
{by: driver, do: answer, field: size, data: data-size}
    The driver answers the read of size with the data size.
{by: driver, do: take, field: size, data: new-size}
    The driver keeps what was written to size as the new size.
{by: driver, do: enter, field: state}
    The driver enters the state that was written to state.
{by: driver, do: freeze, data: round}
    The driver freezes the round.
{by: driver, do: fill, region: DATA, data: round, in: [IDLE]}
    In IDLE, the driver fills region DATA with the round.
{by: driver, do: load, region: DATA, data: all, in: [IDLE, BUSY]}
    In IDLE or BUSY, the driver loads the all from region DATA.
{by: driver, do: freeze, data: round, doc: It stays so.}
    The driver freezes the round. It stays so.
""")

FAILURES = pairs("""
{field: caps, not-in: caps, errno: EINVAL}
    EINVAL if what is written to caps has a bit besides DATA and MORE.
{field: action, not-in: action, errno: EIO}
    EIO if what is written to action is none of GET, SET and END.
{field: state, not-in: machine, errno: EINVAL}
    EINVAL if what is written to state is no state.
{field: size, not-multiple-of: 8, errno: EINVAL}
    EINVAL if size is not a multiple of 8.
{field: size, not-multiple-of: page, errno: EINVAL}
    EINVAL if size is not a multiple of the page size.
{field: size, above: DATA.length, errno: ENOSPC}
    ENOSPC if size is above the length of region DATA.
{field: size, above: DATA.bits, errno: E2BIG}
    E2BIG if size is above the number of bits in region DATA.
{field: size, at-or-above: 0x10, errno: EINVAL}
    EINVAL if size is at or above 16.
{field: size, equals: 0, errno: EINVAL}
    EINVAL if size is 0.
{field: size, unset: true, errno: EINVAL}
    EINVAL if size was not written before.
{field: size, overflows: size, errno: EINVAL}
    EINVAL if the end of size pages from size on does not fit in 64 bits.
{outside: [IDLE], errno: EBUSY}
    EBUSY if the state is not IDLE.
{outside: [IDLE, BUSY], errno: EBUSY}
    EBUSY if the state is neither IDLE nor BUSY.
{outside: [IDLE, BUSY, DONE], errno: EBUSY}
    EBUSY if the state is none of IDLE, BUSY and DONE.
{without: caps.DATA, errno: ENOTTY}
    ENOTTY if the device lacks CAP_DATA.
{not-frozen: round, errno: EINVAL}
    EINVAL if no round was frozen before.
{errno: EIO, doc: The device is broken.}
    EIO: The device is broken.
""")

ANY_STEP = "{by: user, do: read, field: size}"
ANY_FAILURE = "{field: size, equals: 0, errno: EINVAL}"


@pytest.mark.parametrize(("written", "said"), STEPS)
def test_a_step_is_said(written: str, said: str) -> None:
    (operation,) = interface_of(SPEC.replace("STEP", written).replace("FAILURE", ANY_FAILURE)).operations
    assert step(operation.steps[0]).text == said


@pytest.mark.parametrize(("written", "said"), FAILURES)
def test_a_failure_is_said(written: str, said: str) -> None:
    (operation,) = interface_of(SPEC.replace("STEP", ANY_STEP).replace("FAILURE", written)).operations
    assert failure(operation.failures[0]).text == said


def test_a_sentence_begins_with_a_capital_but_for_a_name() -> None:
    assert sentence("number of bytes.", "More.").text == "Number of bytes. More."
    assert sentence("start_addr is the first.").text == "start_addr is the first."


def test_no_verb_and_no_condition_of_the_language_is_left_out() -> None:
    schema: dict[str, Any] = json.loads((ROOT / "generator/uapigen/schema.json").read_text(encoding="utf-8"))
    verbs = schema["$defs"]["step"]["properties"]["do"]["enum"]
    assert [verb for verb in verbs if not any(f"do: {verb}," in written for written, _ in STEPS)] == []
    keys = set(schema["$defs"]["failure"]["properties"]) - {"field", "errno", "doc"}
    assert [key for key in keys if not any(f"{key}: " in written for written, _ in FAILURES)] == []
