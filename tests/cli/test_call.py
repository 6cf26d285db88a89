"""`k5 call` and `k5 trunk`: what staff see of a call's way, cost and margin, of lines and incidents."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main
from k5web.domain.calls.call import Trunk
from k5web.domain.calls.endings import Heard
from k5web.storage.session import open_sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, publish

SWITCHES = """
[[trunk]]
code = "cheap"
calls_at_once = 30
deck = "carrier-c"

[[trunk]]
code = "spare"
calls_at_once = 10
priority = 2
prefixes = ["79"]

[[switch]]
name = "msk"
ari_url = "http://127.0.0.1:8089/ari"
ari_user = "k5"
ari_password = "a password"
calls_at_once = 100
trunks = ["cheap", "spare"]
"""


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> House:
    """A house with a carrier whose prices are known and a spare trunk."""
    clock = Clock(datetime(2020, 1, 6, 9, 0, tzinfo=UTC))  # long ago: its price lists are in force for the commands
    sessions = open_sessions(sqlite_url, sqlite_url)
    trunks = (Trunk("cheap", 30, deck="carrier-c"), Trunk("spare", 10, priority=2, prefixes=("79",)))
    house = House(sessions, clock, FakeSwitch(clock, name="msk", trunks=trunks, calls_at_once=100))
    publish(house.ports, {"79": ("Мобильные", "0.90"), "7495": ("Москва", "0.20")}, name="carrier-c")
    house.top_up("100.00")
    return house


@pytest.fixture
def line(sqlite_url: str, tmp_path: Path) -> CliRunner:
    """A command line in the same house."""
    (tmp_path / "switches.toml").write_text(SWITCHES)
    env = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    return CliRunner(env=env | {"K5_SWITCHES": str(tmp_path / "switches.toml")})


def run(line: CliRunner, *words: str) -> Result:
    return line.invoke(main, list(words))


def test_a_call_is_shown_with_its_way_its_cost_and_what_is_left(k5: House, line: CliRunner) -> None:
    call = k5.talk(k5.order(), "50")
    shown = run(line, "call", "show", call.id)
    assert shown.exit_code == 0, shown.output
    for words in (
        "outcome:      done_b",
        "switch:       msk",
        "trunks of A:  spare",
        "trunks of B:  cheap",
        "charge:       2.20 RUB",
        "leg a:        79161234567, by spare of msk, answered 2020-01-06 12:00:04, 55.000 s, cause 16, carrier unknown",
        "leg b:        74951234567, by cheap of msk, answered 2020-01-06 12:00:09, 50.000 s, cause 16",
        "cause 16, carrier 0.20 RUB",
        "margin:       unknown",
    ):
        assert words in shown.output


def test_a_leg_that_was_not_answered_is_shown_with_what_the_line_said(k5: House, line: CliRunner) -> None:
    """And a trunk with what it said last."""
    call = k5.order()
    k5.work()
    k5.switch.refuse(call.id, "a", 21, sip=403)
    k5.work()
    k5.work()
    k5.switch.refuse(call.id, "a", 18, sip=408, heard=Heard.RINGING)
    k5.work()
    shown = run(line, "call", "show", call.id).output
    assert "outcome:      a_no_answer" in shown
    assert "by spare of msk, not answered, 0.000 s, SIP 403, cause 21 before anything was heard, carrier" in shown
    assert "by cheap of msk, not answered, 0.000 s, SIP 408, cause 18 after ringing, carrier" in shown
    listed = run(line, "trunk", "list").output
    assert "on trial: 1 failures in a row, the last: leg a: SIP 403, cause 21, nothing heard" in listed


def test_a_call_that_waited_for_the_1_shows_the_seconds_that_were_free(k5: House, line: CliRunner) -> None:
    k5.ports = replace(k5.ports, press_1=True)
    call = k5.order()
    k5.work()
    k5.switch.ask_a(call.id)
    k5.clock.forward(seconds=7)
    k5.switch.press_1(call.id)
    k5.clock.forward(seconds=2)
    k5.switch.answer_b(call.id)
    k5.clock.forward(seconds=20)
    k5.switch.hang_up(call.id)
    k5.work()
    shown = run(line, "call", "show", call.id).output
    assert "press 1:      asked of A" in shown
    assert "29.000 s, cause 16, free until the 1, 7.000 s, carrier" in shown


def test_the_margin_is_the_charge_less_what_both_carriers_take(k5: House, line: CliRunner) -> None:
    k5.switch.trunks = (k5.switch.trunks[0],)
    call = k5.talk(k5.order(), "50")
    assert "margin:       1.10 RUB" in run(line, "call", "show", call.id).output


def test_a_call_that_is_not_there_is_a_no(k5: House, line: CliRunner) -> None:
    for call_id in ("7-1", "no call"):
        refused = run(line, "call", "show", call_id)
        assert (refused.exit_code, refused.stderr[:13]) == (1, "k5: there is ")


def test_calls_are_listed_live_and_by_subscriber(k5: House, line: CliRunner) -> None:
    over = k5.talk(k5.order(), "5")
    live = k5.order()
    k5.work()
    listed = run(line, "call", "list", "--live").output
    assert live.id in listed
    assert "calling_a" in listed
    assert over.id not in listed.replace(live.id, "")
    both = run(line, "call", "list", "--subscriber", "+79161234567").output
    assert [row.split()[0] for row in both.splitlines()] == [live.id, over.id]
    assert run(line, "call", "list").exit_code == 2


def test_an_incident_is_listed_until_somebody_ticks_it_off(k5: House, line: CliRunner) -> None:
    k5.switch.damage()
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.work()
    k5.clock.forward(seconds=10)
    k5.switch.die()
    k5.clock.forward(seconds=10)
    k5.sweep()
    listed = run(line, "call", "list", "--incidents").output
    assert f"call_lost  {call.id}" in listed
    assert "damaged_record  msk 0" in listed
    assert "incident:     call_lost" in run(line, "call", "show", call.id).output
    assert run(line, "call", "tick", "call_lost", call.id).exit_code == 0
    left = run(line, "call", "list", "--incidents").output
    assert "call_lost" not in left
    assert "damaged_record" in left
    assert run(line, "call", "tick", "call_lost", call.id).exit_code == 1
    assert run(line, "call", "tick", "damaged_record", "msk 0").exit_code == 0
    assert run(line, "call", "list", "--incidents").output == ""


def test_trunks_are_listed_with_load_health_and_price_list(k5: House, line: CliRunner) -> None:
    k5.order()
    k5.work()
    listed = run(line, "trunk", "list").output.splitlines()
    assert listed[0].split() == ["switch", "msk", "1", "of", "100", "calls", "well"]
    assert "1 of 30 legs  priority 1  deck carrier-c, version 2  on msk  well" in listed[1]
    assert "1 of 10 legs  priority 2  no deck: cost unknown  on msk  for 79  well" in listed[2]


def test_a_switch_that_rests_is_shown_so(k5: House, line: CliRunner) -> None:
    k5.switch.refuses = "status 503"
    k5.order()
    k5.work()
    assert "failures in a row, the last: the switch refused the call: status 503" in run(line, "trunk", "list").output
