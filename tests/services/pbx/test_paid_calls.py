"""From the switch's records to the ledger: each leg that costs is charged once, and every hold ends."""

from dataclasses import replace

import pytest

from k5web.domain.calls.call import CallKind, CallOrder, CallState, Outcome
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.pbx_record import PbxRecordKind
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import rub
from k5web.services.calls import ordering, stops
from k5web.storage.calls import routes
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House
from tests.services.pbx.office import CITY, FREEPHONE, MOBILE, Office


@pytest.fixture
def office(sessions: Sessions, clock: Clock) -> Office:
    found = Office(sessions, clock)
    found.top_up("100.00")
    return found


def test_a_forward_costs_what_its_own_leg_talked(office: Office) -> None:
    call = office.put_through("61")
    assert (call.state, call.outcome, call.cost) == (CallState.SETTLED, Outcome.DONE_B, rub("3.50"))
    assert office.balance() == rub("96.50")
    assert office.charges() == ["-3.50"]
    assert office.incidents() == []
    office.assert_sound()


def test_records_that_come_again_charge_nothing(office: Office) -> None:
    call = office.put_through("61")
    office.switch.write_again()
    office.work()
    assert office.call(call).cost == rub("3.50")
    assert office.charges() == ["-3.50"]
    assert office.incidents() == []
    office.assert_sound()


@pytest.mark.parametrize(
    ("cause", "outcome"), [(17, Outcome.B_BUSY), (16, Outcome.A_GAVE_UP), (19, Outcome.B_NO_ANSWER)]
)
def test_who_was_not_reached_costs_nothing(office: Office, cause: int, outcome: Outcome) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.rings(asked, "k5-b")
    office.ends(asked, "k5-b", call.id, "b", cause)
    office.work()
    assert office.held() == call.hold  # another trunk may be tried
    office.leaves(asked, "NOANSWER")
    office.work()
    assert (office.call(call).outcome, office.call(call).cost) == (outcome, rub("0.00"))
    office.assert_sound()


def test_a_carrier_that_refuses_what_the_switch_asks_for_is_passed_by(sessions: Sessions, clock: Clock) -> None:
    """A forward's leg says as much of its trunk as a callback's; the leg of who rings here says nothing."""
    office = Office(sessions, clock, switch=FakeSwitch(clock, trunks=(Trunk("trunk-a", 100), Trunk("trunk-b", 100))))
    office.top_up("100.00")
    for n in range(3):
        asked, leg = office.question(CallKind.FORWARD, f"7903111220{n}"), f"k5-b{n}"
        office.comes_in(asked)
        call = office.asked(answer := office.ask(asked))
        assert call.trunks_b == ("trunk-a", "trunk-b")
        office.hears(asked, answer)
        office.rings(asked, leg)
        office.write(PbxRecordKind.K5_END, leg, asked.linked_id, account=call.id, sip=403, heard=Heard.NOTHING)
        office.ends(asked, leg, call.id, "b", 21)
        office.leaves(asked, "CHANUNAVAIL")
        free = office.question(CallKind.INCOMING, FREEPHONE)
        office.comes_in(free)
        office.hears(free, office.ask(free))
        office.leaves(free, "NOANSWER")
        office.work()
        assert office.call(call).outcome is Outcome.B_ROUTE_FAILED
    with office.ports.sessions.read() as db:
        [trouble] = routes.troubles(db)
    assert (trouble.name, trouble.failures, trouble.doubts) == ("trunk-a", 3, 0)
    assert office.asked(office.forward()).trunks_b == ("trunk-b",)


def test_an_8_800_call_is_paid_from_its_own_answer_to_its_own_end(office: Office) -> None:
    asked = office.question(CallKind.INCOMING, FREEPHONE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.clock.forward(seconds=20)
    office.answers(asked, asked.leg_uuid, str(office.caller.id))
    office.work()
    assert office.call(call).state is CallState.TALKING
    office.clock.forward(seconds=59)
    office.leaves(asked, "ANSWER")
    office.work()
    assert office.call(call).cost == rub("3.50")
    office.assert_sound()


def test_an_8_800_call_answered_late_talks_as_long_as_it_may(office: Office) -> None:
    """The fuse of the talk counts from the answer, at the end of the ringing at the latest."""
    asked = office.question(CallKind.INCOMING, FREEPHONE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.clock.forward(seconds=call.leg_a_s - 1)
    office.answers(asked, asked.leg_uuid, str(office.caller.id))
    office.work()
    office.clock.forward(milliseconds=call.talk_ms)
    office.sweep()
    assert office.switch.hung_up == []
    assert office.held() == call.hold
    office.leaves(asked, "ANSWER")
    office.work()
    assert office.call(call).cost == call.hold
    assert office.incidents() == []
    office.assert_sound()


def test_an_8_800_call_that_rings_for_long_is_waited_for(office: Office) -> None:
    asked = office.question(CallKind.INCOMING, FREEPHONE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.work()
    office.clock.forward(seconds=call.leg_a_s + call.ring_b_s + 121)
    office.sweep()
    assert office.switch.hung_up == []
    assert office.call(call).state is CallState.CALLING_B


def test_an_8_800_call_that_nobody_took_costs_nothing(office: Office) -> None:
    asked = office.question(CallKind.INCOMING, FREEPHONE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.leaves(asked, "NOANSWER")
    office.work()
    assert office.call(call).outcome is Outcome.A_NO_ANSWER
    assert office.call(call).cost == rub("0.00")
    office.assert_sound()


def test_a_leg_goes_on_after_its_conversation_and_is_paid_to_its_end(office: Office) -> None:
    """Attended transfer: the user's own leg ends, the other party's goes on under another conversation's name."""
    asked = office.question(CallKind.OUTGOING, MOBILE)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.rings(asked, "k5-b")
    office.answers(asked, "k5-b", call.id)
    office.clock.forward(seconds=30)
    office.leaves(asked, "ANSWER")
    office.work()
    assert office.call(call).state is CallState.TALKING
    office.clock.forward(seconds=31)
    office.write(PbxRecordKind.HANGUP, "k5-b", "k5-other.1", account=call.id, cause=16, source="b")
    office.work()
    assert office.call(call).cost == rub("3.50")
    assert office.incidents() == []
    office.assert_sound()


def test_of_several_trunks_one_leg_is_answered_and_charged_once(office: Office) -> None:
    asked = office.question(CallKind.OUTGOING, MOBILE)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.ends(asked, "k5-b1", call.id, "b", 34)
    office.work()
    office.answers(asked, "k5-b2", call.id)
    office.clock.forward(seconds=60)
    office.ends(asked, "k5-b2", call.id)
    office.leaves(asked, "ANSWER")
    office.work()
    assert office.charges() == ["-1.75"]
    office.assert_sound()


def test_the_second_question_of_a_leg_gives_back_what_the_first_held(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    first = office.asked(office.ask(asked))
    office.work()
    second = office.ask(replace(asked, n=2, called=CITY))
    assert second.startswith("yes|")
    assert office.call(first).cost == rub("0.00")
    assert office.held() == office.asked(second).hold


def test_who_rings_off_while_k5_is_asked_leaves_no_hold(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(office.ask(asked))
    office.leaves(asked)
    office.work()
    assert office.call(call).outcome is Outcome.CANCELLED
    office.assert_sound()


def test_a_hold_that_comes_after_its_asker_is_gone_is_given_back_by_the_watch(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    office.leaves(asked)
    office.work()
    assert office.ask(asked).startswith("yes|")
    office.clock.forward(seconds=6)
    office.sweep()
    office.assert_sound()


def test_an_8_800_hold_that_comes_after_its_caller_is_gone_is_given_back_by_the_watch(office: Office) -> None:
    asked = office.question(CallKind.INCOMING, FREEPHONE)
    office.comes_in(asked)
    office.leaves(asked)
    office.work()
    call = office.asked(office.ask(asked))
    office.clock.forward(seconds=6)
    office.sweep()
    assert (office.call(call).state, office.call(call).cost) == (CallState.SETTLED, rub("0.00"))
    office.assert_sound()


def test_an_answer_too_late_for_the_switch_holds_nothing(office: Office) -> None:
    """K5 held, and was silent too long."""
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(office.ask(asked))
    office.hears(asked, "")
    office.work()
    assert office.call(call).state is CallState.SETTLED
    office.assert_sound()
    later = replace(asked, n=2)
    office.hears(later, "")
    office.work()
    assert office.ask(later) == "no|silent"  # its record is here already: nobody waits
    office.assert_sound()


def test_a_lost_record_of_the_hold_changes_nothing(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(office.ask(asked))
    office.answers(asked, "k5-b", call.id)
    office.clock.forward(seconds=61)
    office.ends(asked, "k5-b", call.id)
    office.leaves(asked, "ANSWER")
    office.work()
    assert office.charges() == ["-3.50"]
    office.assert_sound()


def test_never_more_than_was_held_is_taken(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    office.top_up("1.75")
    call = office.put_through("61")
    assert call.cost == rub("1.75")
    assert office.incidents() == ["cost_above_hold"]
    office.assert_sound()


def test_a_switch_that_died_is_charged_to_its_last_sign(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.answers(asked, "k5-b", call.id)
    office.work()
    office.clock.forward(seconds=30)
    office.switch.die()
    office.clock.forward(seconds=30)
    office.sweep()
    assert (office.call(call).outcome, office.call(call).cost) == (Outcome.LOST, rub("0.00"))
    assert office.incidents() == ["call_lost"]
    office.assert_sound()


def test_a_call_without_a_leg_and_a_record_ends_after_its_own_limits(office: Office) -> None:
    call = office.asked(office.forward())
    office.clock.forward(seconds=call.leg_a_s + call.ring_b_s)
    office.sweep()
    assert office.call(call).state is CallState.CALLING_B
    office.clock.forward(seconds=121)
    office.sweep()
    assert office.call(call).state is CallState.SETTLED
    office.assert_sound()


def test_a_leg_that_overruns_is_cut_off(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.rings(asked, "k5-b")
    office.answers(asked, "k5-b", call.id)
    office.work()
    office.clock.forward(seconds=call.leg_a_s + call.ring_b_s + 121)
    office.sweep()
    assert office.switch.hung_up == ["k5-b"]


def transferred(office: Office) -> CallOrder:
    """A call that a PBX user made and gave on: the other party's leg outlives the one that asked."""
    asked = office.question(CallKind.OUTGOING, MOBILE)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.rings(asked, "k5-b")
    office.answers(asked, "k5-b", call.id)
    office.clock.forward(seconds=30)
    office.leaves(asked, "ANSWER")
    office.work()
    return call


def test_a_transferred_call_is_ended_by_its_own_leg(office: Office) -> None:
    call = transferred(office)
    stops.end_calls(office.ports, call.owner_id)
    assert office.switch.hung_up == ["k5-b"]
    office.write(PbxRecordKind.HANGUP, "k5-b", "k5-other.1", account=call.id, cause=16)
    office.work()
    assert office.call(call).cost == rub("1.75")
    office.assert_sound()


def test_a_wish_to_end_that_was_lost_is_repeated_while_they_talk(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(answer := office.ask(asked))
    office.hears(asked, answer)
    office.rings(asked, "k5-b")
    office.answers(asked, "k5-b", call.id)
    office.work()
    office.switch.unreachable = True
    ordering.end_call(office.ports, call.owner_id, call.id)
    office.clock.forward(seconds=6)
    office.sweep()
    assert office.switch.hung_up == []
    office.switch.unreachable = False
    office.sweep()
    assert office.switch.hung_up == ["k5-b"]


def test_a_wish_to_end_that_was_lost_is_repeated_while_it_rings(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(office.ask(asked))
    office.switch.unreachable = True
    ordering.end_call(office.ports, call.owner_id, call.id)
    office.switch.unreachable = False
    office.clock.forward(seconds=6)
    office.sweep()
    assert office.switch.hung_up == [asked.leg_uuid]


def test_a_talk_goes_on_while_its_switch_cannot_be_asked(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    call = office.asked(office.ask(asked))
    office.switch.unreachable = True
    office.clock.forward(seconds=60)
    office.sweep()
    assert office.call(call).state is CallState.CALLING_B
    office.clock.forward(seconds=call.leg_a_s + call.ring_b_s + 121)
    office.sweep()
    office.assert_sound()


def test_a_leg_of_no_call_of_ours_is_reported(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.answers(asked, "k5-b", f"{office.caller.id}-99")
    office.work()
    assert office.incidents() == ["unknown_call"]


def test_what_was_talked_after_the_call_was_closed_is_for_a_person(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    office.comes_in(asked)
    call = office.asked(office.ask(asked))
    office.leaves(asked)
    office.work()
    office.answers(asked, "k5-b", call.id)
    office.work()
    assert office.incidents() == ["late_record"]


def test_calls_of_a_switch_never_wait_in_the_queue_nor_are_recovered(office: Office) -> None:
    call = office.asked(office.forward())
    office.work()
    office.clock.forward(minutes=10)
    House.sweep(office)  # what the worker does about callbacks
    assert office.call(call).state is CallState.CALLING_B
    assert office.switch.orders == []
