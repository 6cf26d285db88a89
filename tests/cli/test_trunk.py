"""`k5 trunk`: load, limit, health and price list of every switch and line."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from k5web.cli import main
from k5web.errors import NoRoute
from tests.cli.test_auditing import lines
from tests.services.house import House


def test_trunks_are_listed_with_load_health_and_price_list(house: House, line: CliRunner) -> None:
    house.order()
    house.work()
    listed = line.invoke(main, ["trunk", "list"]).output.splitlines()
    assert listed[0].split() == ["switch", "msk", "1", "of", "100", "calls", "well"]
    assert "1 of 30 legs  priority 1  deck carrier-c, version 2  on msk  well" in listed[1]
    assert "1 of 10 legs  priority 2  no deck: cost unknown  on msk  for 79  well" in listed[2]


def test_a_switch_that_rests_is_shown_so(house: House, line: CliRunner) -> None:
    house.switch.refuses = "status 503"
    house.order()
    house.work()
    assert (
        "failures in a row, the last: the switch refused the call: status 503"
        in line.invoke(main, ["trunk", "list"]).output
    )


def test_trunks_are_written_for_the_switch_of_this_machine_and_their_passwords_are_not_shown(
    house: House, line: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "switches.toml"
    more = 'host = "sip.carrier.example"\nuser = "K5"\npassword = "the-carriers-own"\n'
    written = file.read_text().replace("calls_at_once = 30\n", "calls_at_once = 30\n" + more)
    (tmp_path / "run" / "lib").mkdir(parents=True)
    file.write_text(written + f'directory = "{tmp_path / "run"}"\n')
    done = line.invoke(main, ["trunk", "write"])
    assert (done.exit_code, done.output) == (0, "switch msk: 1 trunks written\n")
    assert "password = the-carriers-own" in (tmp_path / "run" / "lib" / "pjsip_k5.conf").read_text()
    file.write_text(file.read_text().replace("calls_at_once = 30", 'calls_at_once = "30"'))
    refused = line.invoke(main, ["trunk", "write"])
    assert refused.exit_code == 1
    assert f"{file}:4: calls_at_once: must be a whole number" in refused.output
    assert "the-carriers" not in refused.output


def test_where_there_is_no_file_of_switches_nothing_is_written(house: House, environ: dict[str, str]) -> None:
    refused = CliRunner(env=environ).invoke(main, ["trunk", "reload"])
    assert refused.exit_code == 1
    assert "K5_SWITCHES: names no [[switch]] with a directory on this machine" in refused.output


def test_a_trunk_that_is_switched_off_is_listed_so(house: House, line: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "switches.toml"
    file.write_text(file.read_text().replace("calls_at_once = 10\n", "calls_at_once = 10\nenabled = false\n"))
    assert line.invoke(main, ["trunk", "list"]).output.splitlines()[2].endswith("  off")


def test_a_trunk_is_switched_off_and_on_without_a_change_of_the_settings(house: House, line: CliRunner) -> None:
    off = line.invoke(main, ["trunk", "off", "cheap", "--reason", "эхо"])
    assert off.exit_code == 0
    assert re.fullmatch(r"trunk cheap: off since \S+ \S+ by \S+: эхо\n", off.output)
    assert "off since" in line.invoke(main, ["trunk", "list"]).output.splitlines()[1]
    items = json.loads(line.invoke(main, ["trunk", "list", "--json"]).stdout)["items"]
    said = {item["name"]: (item["is_on"], item["off_reason"]) for item in items if item["sort"] == "trunk"}
    assert said == {"cheap": (False, "эхо"), "spare": (True, None)}
    again = line.invoke(main, ["trunk", "off", "cheap", "--reason", "другое"])
    assert (again.exit_code, again.output.startswith("trunk cheap was off already: off since")) == (0, True)
    with pytest.raises(NoRoute):  # the spare one is for mobile phones alone, so leg B has no way
        house.order()
    on = line.invoke(main, ["trunk", "on", "cheap", "--reason", "починили"])
    assert (on.exit_code, on.output) == (0, "trunk cheap: is on, well\n")
    deeds = [each for each in lines(house.ports) if each.action.startswith("k5 trunk o")]
    assert [(each.action, each.reason) for each in deeds] == [
        ("k5 trunk off", "эхо"),
        ("k5 trunk off", "другое"),
        ("k5 trunk on", "починили"),
    ]
    assert ["cheap" in each.facts.values() for each in deeds] == [True] * 3


def test_what_the_settings_switch_off_no_command_switches_on(house: House, line: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "switches.toml"
    file.write_text(file.read_text().replace("calls_at_once = 10\n", "calls_at_once = 10\nenabled = false\n"))
    done = line.invoke(main, ["trunk", "on", "spare", "--reason", "x"])
    assert (done.exit_code, "says enabled = false" in done.output) == (1, True)


def test_an_unknown_trunk_and_a_missing_reason_are_told_apart(house: House, line: CliRunner) -> None:
    assert line.invoke(main, ["trunk", "off", "nobody", "--reason", "x"]).exit_code == 1
    assert line.invoke(main, ["trunk", "off", "cheap"]).exit_code == 2
