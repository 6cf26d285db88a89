"""`k5 call`: what staff see of a call's way, cost and margin, and of incidents."""

from dataclasses import replace

from click.testing import CliRunner

from k5web.cli import main
from k5web.domain.calls.endings import Heard
from k5web.domain.money import rub
from tests.services.house import House


def test_a_call_is_shown_with_its_way_its_cost_and_what_is_left(house: House, line: CliRunner) -> None:
    call = house.talk(house.order(), "50")
    shown = line.invoke(main, ["call", "show", call.id])
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


def test_a_leg_that_was_not_answered_is_shown_with_what_the_line_said(house: House, line: CliRunner) -> None:
    """And a trunk with what it said last."""
    call = house.order()
    house.work()
    house.switch.refuse(call.id, "a", 21, sip=403)
    house.work()
    house.work()
    house.switch.refuse(call.id, "a", 18, sip=408, heard=Heard.RINGING)
    house.work()
    shown = line.invoke(main, ["call", "show", call.id]).output
    assert "outcome:      a_no_answer" in shown
    assert "by spare of msk, not answered, 0.000 s, SIP 403, cause 21 before anything was heard, carrier" in shown
    assert "by cheap of msk, not answered, 0.000 s, SIP 408, cause 18 after ringing, carrier" in shown
    listed = line.invoke(main, ["trunk", "list"]).output
    assert "on trial: 1 failures in a row, the last: leg a: SIP 403, cause 21, nothing heard" in listed


def test_a_call_that_waited_for_the_1_shows_the_seconds_that_were_free(house: House, line: CliRunner) -> None:
    house.ports = replace(house.ports, press_1=True)
    call = house.order()
    house.work()
    house.switch.ask_a(call.id)
    house.clock.forward(seconds=7)
    house.switch.press_1(call.id)
    house.clock.forward(seconds=2)
    house.switch.answer_b(call.id)
    house.clock.forward(seconds=20)
    house.switch.hang_up(call.id)
    house.work()
    shown = line.invoke(main, ["call", "show", call.id]).output
    assert "press 1:      asked of A" in shown
    assert "29.000 s, cause 16, free until the 1, 7.000 s, carrier" in shown


def test_the_margin_is_the_charge_less_what_both_carriers_take(house: House, line: CliRunner) -> None:
    house.switch.trunks = (house.switch.trunks[0],)
    call = house.talk(house.order(), "50")
    assert "margin:       1.10 RUB" in line.invoke(main, ["call", "show", call.id]).output


def test_a_call_that_is_not_there_is_a_no(house: House, line: CliRunner) -> None:
    for call_id in ("7-1", "no call"):
        refused = line.invoke(main, ["call", "show", call_id])
        assert (refused.exit_code, refused.stderr[:13]) == (1, "k5: there is ")


def test_calls_are_listed_live_and_by_subscriber(house: House, line: CliRunner) -> None:
    over = house.talk(house.order(), "5")
    live = house.order()
    house.work()
    listed = line.invoke(main, ["call", "list", "--live"]).output
    assert live.id in listed
    assert "calling_a" in listed
    assert over.id not in listed.replace(live.id, "")
    both = line.invoke(main, ["call", "list", "--subscriber", "+79161234567"]).output
    assert [row.split()[0] for row in both.splitlines()] == [live.id, over.id]
    assert line.invoke(main, ["call", "list"]).exit_code == 2


def test_an_incident_is_listed_until_somebody_resolves_it(house: House, line: CliRunner) -> None:
    house.switch.damage()
    call = house.order()
    house.work()
    house.switch.answer_a(call.id)
    house.work()
    house.clock.forward(seconds=10)
    house.switch.die()
    house.clock.forward(seconds=10)
    house.sweep()
    listed = line.invoke(main, ["call", "list", "--incidents"]).output
    assert f"call_lost  {call.id}" in listed
    assert "damaged_record  msk 0" in listed
    assert "incident:     call_lost" in line.invoke(main, ["call", "show", call.id]).output
    assert line.invoke(main, ["call", "resolve", "call_lost", call.id]).exit_code == 0
    left = line.invoke(main, ["call", "list", "--incidents"]).output
    assert "call_lost" not in left
    assert "damaged_record" in left
    assert line.invoke(main, ["call", "resolve", "call_lost", call.id]).exit_code == 1
    assert line.invoke(main, ["call", "tick", "damaged_record", "msk 0"]).exit_code == 0
    assert line.invoke(main, ["call", "list", "--incidents"]).output == ""


def test_past_calls_are_found_by_day_number_and_outcome(house: House, line: CliRunner) -> None:
    call = house.talk(house.order(), "60.0")
    day = str(house.ports.today())
    found = line.invoke(main, ["call", "list", "--past", "--from", day, "--number", "+7495"])
    assert [row.split()[0] for row in found.stdout.splitlines()] == [call.id], found.output
    for words in (["--number", "7812"], ["--outcome", "busy"], ["--subscriber", "100001", "--trunk", "nobody"]):
        assert line.invoke(main, ["call", "list", "--past", "--from", day, *words]).stdout == ""
    for words in (["--past", "--live"], ["--live", "--number", "7495"], []):
        assert line.invoke(main, ["call", "list", *words]).exit_code == 2


def test_a_call_is_ended_by_staff_and_asked_about_before(house: House, line: CliRunner) -> None:
    order = house.order()
    words = ["call", "end", order.id, "--reason", "просьба абонента"]
    assert line.invoke(main, words).exit_code == 2
    assert house.call(order).state.is_live
    ended = line.invoke(main, [*words, "--yes"])
    assert ended.stdout == f"{order.id} is asked to end; it was reserved\n", ended.output
    assert not house.call(order).state.is_live
    assert house.held() == rub("0.00")
    assert "is over" in line.invoke(main, [*words, "--yes"]).stdout
