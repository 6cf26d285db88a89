"""From the switch's records to the ledger: every ending, once, whatever is repeated, late, damaged or lost."""

import pytest

from k5web.domain.call import CallOrder, CallState, Outcome
from k5web.domain.ledger import HoldState
from k5web.domain.money import rub
from k5web.services.settling import Importer, advance
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
    """The base was made anew, or restored, and gives the same names again."""
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
    k5.switch.lose_hangup(call.id)
    k5.work()
    assert (k5.call(call).outcome, k5.charges()) == (Outcome.LOST, ["-2.20"])
    assert k5.incidents() == ["call_lost"]
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
