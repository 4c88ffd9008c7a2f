"""The model as JSON: everything once, references by name."""

from __future__ import annotations

import json

import uapigen
from sample import SPECS


def test_it_is_json_and_holds_what_the_spec_says() -> None:
    plain = json.loads(json.dumps(uapigen.as_json(uapigen.load(SPECS / "vfio-device-state.yaml"))))
    assert plain["name"] == "vfio-device-state"
    (struct,) = plain["structs"]
    assert struct["asserted_size"] == 72
    state = next(member for member in struct["members"] if member["name"] == "device_state")
    assert (state["type"], state["access"], state["machine"]) == ("u32", "wo", "device_state")
    assert plain["layouts"]["m68k"]["vfio_device_state_ctl"]["size"] == 72
    assert [operation["number"] for operation in plain["operations"]] == list(range(1, 13))
    step = plain["operations"][5]["steps"][0]
    assert (step["field"], step["value"]) == ("vfio_device_state_ctl.device_config.action", "GET_BUFFER")


def test_what_is_declared_is_printed_once() -> None:
    plain = uapigen.as_json(uapigen.load(SPECS / "vfio-device-state.yaml"))
    text = json.dumps(plain)
    assert text.count('"class": "Struct"') == 1
    assert text.count('"class": "Region"') == 4
    assert text.count('"class": "State"') == 4


def test_lines_lead_back_to_the_spec() -> None:
    lines = (SPECS / "vfio-device-state.yaml").read_text().splitlines()
    plain = uapigen.as_json(uapigen.load(SPECS / "vfio-device-state.yaml"))
    for region in plain["region_type"]["regions"]:
        assert f"name: {region['name']}" in lines[region["line"] - 1]
