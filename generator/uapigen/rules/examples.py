"""A small interface, the ground on which rules on regions, actions and operations show their examples."""

from __future__ import annotations

ENUM = """
enums:
  - enum: action
    prefix: EXAMPLE_ACTION_
    doc: What to do.
    values:
      - {name: GET, value: 1, doc: Get data.}
      - {name: SET, value: 2, doc: Set data.}
"""
CTL = (
    """
structs:
  - struct: example_ctl
    doc: The control region.
    fields:
      - {name: version, type: u32, access: ro, doc: version}
      - {name: caps, type: u32, access: ro, values: cap, doc: capabilities}
      - {name: action, type: u32, access: wo, values: action, doc: what to do}
"""
    + ENUM.lstrip()
    + """\
flags:
  - flags: cap
    prefix: EXAMPLE_CAP_
    doc: What there is.
    values:
      - {name: DATA, value: 1, doc: Data.}
regions:
  type: {name: EXAMPLE_TYPE, value: 1, doc: The regions.}
  prefix: EXAMPLE_REGION_
  subtypes:
    - {name: CTL, value: 1, present: always, layout: example_ctl, doc: Control.}
"""
)
DATA = CTL + "    - {name: DATA, value: 2, present: cap.DATA, holds: whole, doc: Data.}\n"
ACTIONS = (
    DATA
    + """
actions:
  owner: {before: user, during: driver, after: user}
  triggers:
    - {trigger: get, field: action, value: GET, fills: DATA, category: data}
    - {trigger: set, field: action, value: SET, loads: DATA, category: data}
"""
)
VERSION = """
operations:
  - operation: get version
    number: 1
    steps:
      - {by: user, do: read, field: version}
"""
FILL = "      - {by: driver, do: fill, region: DATA, data: data}\n"
READ = "      - {by: user, do: read, region: DATA}\n"
GET = f"""
operations:
  - operation: get data
    number: 1
    needs: cap.DATA
    steps:
      - {{by: user, do: write, field: action, value: GET}}
{FILL}{READ}"""
SET = """\
  - operation: set data
    number: 2
    needs: cap.DATA
    steps:
      - {by: user, do: write, region: DATA}
      - {by: user, do: write, field: action, value: SET}
      - {by: driver, do: load, region: DATA, data: data}
"""
STATES = """
states:
  - states: example_state
    doc: The state.
    set-by: user
    prefix: EXAMPLE_STATE_
    initial: IDLE
    values:
      - {name: IDLE, value: 0, doc: Nothing happens.}
      - {name: BUSY, value: 1, doc: Data moves.}
    transitions:
      - {from: IDLE, to: BUSY, label: start}
      - {from: BUSY, to: IDLE, label: stop}
"""
STATE = "      - {name: state, type: u32, access: wo, states: example_state, doc: state}\n"
"""A member for the state: it goes before the `enums:`."""
