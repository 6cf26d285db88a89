"""From the switch's records to the ledger: every ending, once, whatever is repeated, late, damaged or lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal, NoReturn

import pytest
from sqlalchemy.exc import DBAPIError

from k5web.domain.books.ledger import HoldState
from k5web.domain.calls.call import CallOrder, CallState, EventKind, Outcome, split_call_id
from k5web.domain.money import rub
from k5web.services.accounts import accounts
from k5web.services.calls import late_records, ordering, settling, staff_view
from k5web.services.calls.settling import Importer, advance
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.calls import call_rows
from k5web.storage.session import Sessions
from k5web.web.calls import progress
from tests.conftest import Clock
from tests.fakes.doors import change_plan, open_doors
from tests.fakes.switch import FakeSwitch
from tests.services.house import House
from tests.telephony.orders import order


def ringing(k5: House) -> CallOrder:
    """A call whose leg A rings."""
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    return k5.call(call)


def talking(k5: House) -> CallOrder:
    """A call in talk."""
    call = ringing(k5)
    k5.switch.answer_a(call.id)
    k5.work()
    k5.switch.answer_b(call.id)
    k5.work()
    return k5.call(call)


def test_states_follow_the_records(k5: House) -> None:
    call = ringing(k5)
    assert call.state is CallState.CALLING_A
    k5.switch.answer_a(call.id)
    k5.work()
    assert k5.call(call).state is CallState.CALLING_B
    k5.switch.answer_b(call.id)
    k5.work()
    assert k5.call(call).state is CallState.TALKING
    k5.switch.hang_up(call.id)
    k5.work()
    assert k5.call(call).state is CallState.SETTLED


def test_unanswered_b_leg_returns_the_whole_hold(k5: House) -> None:
    """On the K5 plan nobody pays for a call that reached nobody, however long leg A listened to the ringing."""
    call = ringing(k5)
    k5.switch.answer_a(call.id)
    k5.clock.forward(seconds=45)
    k5.switch.no_answer(call.id, "b")
    k5.work()
    ended = k5.call(call)
    assert (ended.outcome, ended.cost) == (Outcome.B_NO_ANSWER, rub("0.00"))
    assert (k5.balance(), k5.hold_state(call)) == (rub("100.00"), HoldState.RELEASED)
    k5.assert_sound()


@pytest.mark.parametrize(
    ("leg", "cause", "outcome"),
    [("a", 17, Outcome.A_BUSY), ("a", 1, Outcome.A_WRONG_NUMBER), ("b", 34, Outcome.B_ROUTE_FAILED)],
)
def test_refused_legs_cost_nothing(k5: House, leg: str, cause: int, outcome: Outcome) -> None:
    call = ringing(k5)
    if leg == "b":
        k5.switch.answer_a(call.id)
    k5.switch.refuse(call.id, "a" if leg == "a" else "b", cause)
    k5.work()
    assert k5.call(call).outcome is outcome
    assert k5.balance() == rub("100.00")
    k5.assert_sound()


def test_records_repeated_and_out_of_order_charge_once(k5: House) -> None:
    call = k5.talk(ringing(k5), "61")
    k5.switch.write_again()
    k5.work()
    Importer(k5.ports, k5.switch).run_once()
    advance(k5.ports, call.id)
    assert k5.charges() == ["-4.40"]
    assert k5.incidents() == []
    k5.assert_sound()


def test_a_damaged_record_is_set_aside_and_listed(k5: House) -> None:
    call = ringing(k5)
    k5.switch.damage()
    k5.talk(call, "60")
    assert k5.charges() == ["-2.20"]
    assert k5.incidents() == ["damaged_record"]


def test_never_more_than_was_held_is_charged(k5: House) -> None:
    """The switch overran its limit: the hold is taken, the rest is listed for a person."""
    k5.top_up("2.20")
    call = k5.talk(k5.order(), "61.5")
    assert (call.cost, k5.balance()) == (rub("2.20"), rub("0.00"))
    assert k5.incidents() == ["cost_above_hold"]
    k5.assert_sound()


def test_records_after_the_hold_expired_still_charge(k5: House) -> None:
    """A fact is booked; that the hold was gone is listed."""
    call = talking(k5)
    k5.clock.forward(seconds=58)
    k5.switch.hang_up(call.id)
    k5.clock.forward(hours=3)
    from_hold = k5.hold_state(call)
    k5.sweep_holds_only()
    assert (from_hold, k5.hold_state(call)) == (HoldState.OPEN, HoldState.EXPIRED)
    k5.work()
    assert k5.charges() == ["-2.20"]
    assert k5.incidents() == ["hold_expired", "settled_without_hold"]
    k5.assert_sound()


def test_records_of_calls_never_placed_here_are_listed_and_not_kept(k5: House) -> None:
    """The database was made anew, or restored, and gives the same names again."""
    k5.top_up("100.00")
    earlier = order(f"{k5.caller.id}-1", "79160001200", "74950001200")
    k5.switch.originate(earlier)
    k5.switch.answer_a(earlier.id)
    k5.switch.answer_b(earlier.id)
    k5.switch.hang_up(earlier.id)
    k5.switch.orders.clear()
    call = k5.order()
    while k5.importers[0].run_once():
        pass
    k5.work()
    assert call.id == earlier.id
    assert k5.call(call).state is CallState.CALLING_A
    assert k5.incidents() == ["unknown_call"]


def test_until_when_all_was_read_is_known_only_at_the_end_of_the_records(k5: House) -> None:
    """A full batch without a call in it says nothing of what stands behind it."""
    k5.switch.batch = 1
    k5.switch.damage()
    k5.switch.damage()
    importer = k5.importers[0]
    assert (importer.run_once(), importer.read_until) == (0, None)
    assert (importer.run_once(), importer.read_until) == (0, k5.clock())
    read_until = importer.read_until
    k5.switch.damage()
    k5.switch.damage()
    k5.clock.forward(seconds=1)
    importer.run_once()
    assert importer.read_until == read_until
    importer.run_once()
    importer.run_once()
    assert importer.read_until == k5.clock()


def test_a_call_whose_end_nobody_can_read_is_lost_and_listed(k5: House) -> None:
    """The last record is there, the hang-up of A is not: charged is what the records prove."""
    call = talking(k5)
    k5.clock.forward(seconds=50)
    k5.switch.hang_up(call.id)
    k5.switch.lose(call.id, "a", EventKind.HANGUP)
    k5.work()
    assert (k5.call(call).outcome, k5.charges()) == (Outcome.LOST, ["-2.20"])
    assert k5.incidents() == ["call_lost"]
    k5.assert_sound()


def test_a_talk_without_the_record_of_its_answer_is_lost_and_costs_nothing(k5: House) -> None:
    call = ringing(k5)
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.clock.forward(seconds=50)
    k5.switch.hang_up(call.id)
    k5.switch.lose(call.id, "b", EventKind.ANSWER)
    k5.work()
    assert (k5.call(call).outcome, k5.charges()) == (Outcome.LOST, [])
    with k5.ports.sessions.read() as db:
        [listed] = incidents.of_call(db, call.owner_id, call.id)
    assert (listed.kind, listed.facts) == ("call_lost", {"answer_missing": "b"})
    k5.assert_sound()


def test_a_switch_that_answers_and_never_dials_is_listed_and_costs_nothing(k5: House) -> None:
    call = ringing(k5)
    k5.switch.hang_up_unjoined(call.id)
    k5.work()
    assert (k5.call(call).outcome, k5.charges()) == (Outcome.FAULT, [])
    assert k5.incidents() == ["switch_fault"]
    k5.assert_sound()


def test_a_record_after_the_end_is_listed_and_never_billed(k5: House) -> None:
    call = ringing(k5)
    k5.clock.forward(seconds=30)
    k5.switch.die()
    k5.clock.forward(minutes=10)
    k5.sweep()
    assert k5.call(call).outcome is Outcome.LOST
    k5.switch.write_late(call.id)
    k5.work()
    assert "late_record" in k5.incidents()
    assert k5.charges() == []
    k5.assert_sound()


def closed_without_an_answer(k5: House) -> CallOrder:
    """A call whose B did not answer, as its records say so far."""
    call = ringing(k5)
    k5.switch.answer_a(call.id)
    k5.clock.forward(seconds=20)
    k5.switch.hang_up(call.id, "a")
    k5.work()
    assert (k5.call(call).outcome, k5.incidents()) == (Outcome.A_GAVE_UP, [])
    return call


def test_an_answer_that_is_told_after_the_call_was_closed_is_listed(k5: House) -> None:
    """Its leg and its end are known: only the answer is new, and it would have cost something."""
    call = closed_without_an_answer(k5)
    k5.switch.write_late(call.id)
    k5.work()
    assert (k5.charges(), k5.incidents()) == ([], ["late_record"])
    k5.assert_sound()


def test_a_late_record_is_listed_though_the_worker_dies_after_reading_it(
    k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody looks at a closed call again: what was read must be listed with it."""

    def die(ports: Ports, call_id: str) -> None:
        raise SystemExit

    call = closed_without_an_answer(k5)
    k5.switch.write_late(call.id)
    monkeypatch.setattr(settling, "advance", die)
    with pytest.raises(SystemExit):
        k5.work()
    assert k5.incidents() == ["late_record"]


def test_a_call_is_not_closed_while_its_records_are_taken(k5: House) -> None:
    """Else neither who takes them nor who closes it would list what came too late."""
    call = ringing(k5)
    with k5.ports.sessions.begin() as db:
        assert call_rows.placed(db, [call.id]) == {call.id: CallState.CALLING_A}
        with pytest.raises(DBAPIError), k5.ports.sessions.begin(patience_s=0.05) as other:
            call_rows.lock(other, *split_call_id(call.id))


def test_a_fault_in_one_closed_call_stops_no_other_calls_records(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NoReturn:
        raise ValueError("a bug")

    closed = closed_without_an_answer(k5)
    other = ringing(k5)
    monkeypatch.setattr(late_records, "report", fail)
    k5.switch.write_late(closed.id)
    k5.switch.answer_a(other.id)
    k5.work()
    assert k5.call(other).a_answered_at == k5.clock()
    assert "call_fault" in k5.incidents()


def test_a_late_press_of_1_is_listed(k5: House) -> None:
    """From it on leg A is paid for on some plans."""
    call = asked(k5)
    k5.clock.forward(seconds=14)
    k5.switch.press_nothing(call.id, "dialplan")
    k5.work()
    assert k5.incidents() == []
    k5.clock.forward(seconds=-7)
    k5.switch.write_late(call.id, "a", EventKind.K5_CONFIRMED)
    k5.clock.forward(seconds=7)
    k5.work()
    assert k5.incidents() == ["late_record"]


def asked(k5: House) -> CallOrder:
    """A call whose A has picked up and is asked to press 1."""
    k5.top_up("100.00")
    accounts.choose_press_1(k5.ports, k5.caller.id, is_on=True)
    call = k5.order(caller=accounts.find_subscriber(k5.ports, str(k5.caller.id)))
    k5.work()
    assert k5.switch.orders[-1].press_1
    k5.clock.forward(seconds=4)
    k5.switch.ask_a(call.id)
    k5.work()
    return k5.call(call)


def test_b_is_not_called_before_the_1_and_the_page_says_what_to_do(k5: House) -> None:
    call = asked(k5)
    assert (call.state, call.a_answered_at) == (CallState.CALLING_A, k5.clock())
    k5.clock.forward(seconds=7)
    k5.switch.press_1(call.id)
    k5.work()
    assert (k5.call(call).state, k5.call(call).a_free_until) == (CallState.CALLING_B, k5.clock())


@pytest.mark.parametrize("source", ["dialplan", "a", ""])
@pytest.mark.parametrize("a_leg_from", ["a_answer", "b_answer"])
def test_where_a_presses_nothing_nobody_pays_on_any_plan(
    k5: House, monkeypatch: pytest.MonkeyPatch, source: str, a_leg_from: Literal["a_answer", "b_answer"]
) -> None:
    change_plan(monkeypatch, a_leg_from=a_leg_from)
    call = asked(k5)
    k5.clock.forward(seconds=14)
    k5.switch.press_nothing(call.id, source)
    k5.work()
    ended = k5.call(call)
    assert (ended.outcome, ended.cost) == (Outcome.A_NOT_CONFIRMED, rub("0.00"))
    assert (k5.balance(), k5.hold_state(call)) == (rub("100.00"), HoldState.RELEASED)
    k5.assert_sound()


def test_the_seconds_before_the_1_are_free_where_leg_a_counts_from_its_answer(
    k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """70 s from the answer, 58 of them after the 1: one minute of leg A, one of leg B."""
    change_plan(monkeypatch, a_leg_from="a_answer")
    call = asked(k5)
    k5.clock.forward(seconds=12)
    k5.switch.press_1(call.id)
    k5.clock.forward(seconds=8)
    k5.switch.answer_b(call.id)
    k5.work()
    assert progress.cost_so_far(k5.call(call), k5.clock() + timedelta(seconds=50)) == rub("2.20")
    k5.clock.forward(seconds=50)
    k5.switch.hang_up(call.id)
    k5.work()
    assert (k5.call(call).outcome, k5.charges()) == (Outcome.DONE_B, ["-2.20"])
    a = staff_view.sheet(k5.ports, call.id).legs[0]
    assert (a.duration_us, a.paid_us) == (70_000_000, 58_000_000)
    k5.assert_sound()


def test_a_call_ended_by_its_subscriber_while_it_waits_for_the_1_was_cancelled(k5: House) -> None:
    call = asked(k5)
    ordering.end_call(k5.ports, call.owner_id, call.id)
    k5.work()
    assert k5.call(call).outcome is Outcome.CANCELLED
    k5.assert_sound()


def test_a_call_that_waits_for_the_1_is_not_ended_by_the_watchdog_before_its_time(k5: House) -> None:
    """Its limits begin with the 1."""
    call = asked(k5)
    limits_s = call.ring_a_s + call.leg_a_s
    k5.clock.forward(seconds=limits_s + 60 + 30)
    k5.sweep()
    assert k5.switch.cancelled == []
    k5.clock.forward(seconds=11)
    k5.sweep()
    assert k5.switch.cancelled == [call.id]


def test_the_operator_may_ask_everybody_to_press_1(k5: House) -> None:
    k5.top_up("100.00")
    k5.ports = replace(k5.ports, press_1=True)
    k5.order()
    k5.work()
    assert k5.switch.orders[-1].press_1


def test_nobody_is_asked_by_default(k5: House) -> None:
    k5.top_up("100.00")
    k5.order()
    k5.work()
    assert not k5.switch.orders[-1].press_1


def test_a_switch_that_got_another_name_is_read_on(sessions: Sessions) -> None:
    """Moving from the settings of one switch to K5_SWITCHES reads no record again, there and back."""
    clock = Clock()
    switch = FakeSwitch(clock, name="asterisk")
    house = House(sessions, clock, switch)
    house.top_up("10.00")
    house.talk(house.order(), "60.0")
    for name in ("msk", "asterisk"):
        switch.name = name
        assert Importer(open_doors(sessions, clock, switch), switch).run_once() == 0
    other = FakeSwitch(clock, name="spb")  # whose records are another file's: it is read from its start
    assert Importer(open_doors(sessions, clock, switch, other), other).run_once() == 0
    with sessions.read() as db:
        assert [name for name, _ in call_rows.positions(db)] == ["asterisk", "spb"]
