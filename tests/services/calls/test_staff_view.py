"""What staff see of calls and lines."""

from datetime import timedelta

import pytest

from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.calls.search import CallSearch
from k5web.domain.incident import IncidentKind
from k5web.domain.money import rub
from k5web.errors import NotFound, WrongReason
from k5web.services.calls import staff_view
from k5web.storage import incidents
from tests.services.house import House


def test_a_settled_call_has_its_legs_its_charge_and_what_was_listed_about_it(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    waiting = staff_view.sheet(k5.ports, call.id)
    assert (waiting.call.state, waiting.legs, waiting.charge, waiting.margin) == (CallState.RESERVED, [], None, None)
    k5.talk(call, "61")
    with k5.ports.sessions.begin() as db:
        incidents.report(db, k5.caller.id, IncidentKind.LATE_RECORD, call.id, k5.clock())
    sheet = staff_view.sheet(k5.ports, call.id)
    assert [leg.leg for leg in sheet.legs] == ["a", "b"]
    assert sheet.records[0].kind == "CHAN_START"
    assert len(sheet.records) == 8
    assert sheet.charge is not None
    assert sheet.charge.charged == sheet.call.cost == rub("4.40")
    assert [found.kind for found in sheet.incidents] == ["late_record"]
    assert sheet.margin is None, "the carrier's price list is not known"
    with pytest.raises(NotFound):
        staff_view.sheet(k5.ports, f"{k5.caller.id}-2")


def test_calls_are_listed_while_they_live_and_for_ever_by_their_subscriber(k5: House) -> None:
    k5.top_up("100.00")
    first = k5.talk(k5.order(), "5")
    second = k5.order("+78432123456")
    assert [call.id for call in staff_view.live_calls(k5.ports)] == [second.id]
    assert [call.id for call in staff_view.calls_of(k5.ports, k5.caller.id)] == [second.id, first.id]
    assert staff_view.calls_of(k5.ports, k5.caller.id + 1) == []


def test_a_call_under_way_tells_when_its_granted_talk_is_over(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.work()
    [ringing] = staff_view.watch(k5.ports)
    assert (ringing.call.state, ringing.ends_by, ringing.is_stuck) == (CallState.CALLING_B, None, False)
    k5.switch.answer_b(call.id)
    k5.work()
    [talking] = staff_view.watch(k5.ports)
    assert talking.ends_by == k5.clock() + timedelta(milliseconds=call.talk_ms)


@pytest.mark.parametrize("phase", ["reserved", "calling_a", "calling_b", "talking"])
def test_staff_end_a_call_in_any_state_and_it_is_settled_once(k5: House, phase: str) -> None:
    k5.top_up("100.00")
    call = k5.order()
    if phase != "reserved":
        k5.work()
    if phase in {"calling_b", "talking"}:
        k5.switch.answer_a(call.id)
    if phase == "talking":
        k5.switch.answer_b(call.id)
    if phase != "reserved":
        k5.work()
    assert k5.call(call).state == phase
    k5.clock.forward(seconds=61)
    for _ in range(2):
        staff_view.end(k5.ports, call.id, "staff:a.ivanova", "a thief")
        k5.work()
    ended = k5.call(call)
    assert (ended.state.is_over, ended.outcome) == (True, Outcome.CANCELLED)
    assert k5.charges() == (["-4.40"] if phase == "talking" else [])
    k5.assert_sound()


def test_a_call_is_ended_with_a_reason_and_where_it_is_there(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    with pytest.raises(WrongReason):
        staff_view.end(k5.ports, call.id, "staff:a.ivanova", " ")
    with pytest.raises(NotFound):
        staff_view.end(k5.ports, f"{k5.caller.id}-7", "staff:a.ivanova", "a thief")
    assert k5.call(call).state is CallState.RESERVED


def test_a_switch_that_is_silent_ends_the_call_when_it_answers_again(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    k5.switch.unreachable = True
    staff_view.end(k5.ports, call.id, "staff:a.ivanova", "a thief")
    assert k5.call(call).state is CallState.CALLING_A
    k5.switch.unreachable = False
    k5.clock.forward(seconds=6)
    k5.sweep()
    k5.work()
    assert k5.call(call).outcome is Outcome.CANCELLED


def test_past_calls_are_paged_and_say_what_is_unsure(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_view, "PAGE", 1)
    k5.top_up("100.00")
    older, newer = (k5.talk(k5.order(), "5") for _ in range(2))
    with k5.ports.sessions.begin() as db:
        incidents.report(db, k5.caller.id, IncidentKind.CALL_LOST, older.id, k5.clock())
    search = CallSearch(k5.ports.today(), k5.ports.today())
    [first] = staff_view.past(k5.ports, search)
    [second] = staff_view.past(k5.ports, search, newer.id)
    assert (first.call.id, first.doubts) == (newer.id, ())
    assert (second.call.id, second.doubts) == (older.id, ["call_lost"])
    assert staff_view.past(k5.ports, search, older.id) == []


def test_an_incident_waits_until_somebody_resolves_it(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        incidents.report(db, 0, IncidentKind.DAMAGED_RECORD, "fake 1:0", k5.clock())
    assert [found.reference for found in staff_view.open_incidents(k5.ports)] == ["fake 1:0"]
    staff_view.resolve_incident(k5.ports, "damaged_record", "fake 1:0", "staff:1")
    assert staff_view.open_incidents(k5.ports) == []
    with pytest.raises(NotFound):
        staff_view.resolve_incident(k5.ports, "damaged_record", "fake 1:0", "staff:1")


def test_lines_tell_their_load_and_the_price_list_of_their_carrier(k5: House) -> None:
    k5.top_up("100.00")
    k5.order()
    k5.work()
    lines = staff_view.lines(k5.ports)
    [switch], [trunk] = lines.switches, lines.trunks
    assert (switch.name, switch.load, switch.limit, switch.rests) == ("fake", 1, 1000, False)
    assert (trunk.name, trunk.load, trunk.switches, trunk.deck_version) == ("trunk", 2, ["fake"], None)
