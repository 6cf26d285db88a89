"""The stop-list: an entry counts at once, is lifted, is never forgotten. S19, S20."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.calls.stops import StopKind
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, CallsStopped, K5Error, NotFound, NumberStopped, StopOver, WrongReason
from k5web.services.calls import ordering, safety, stops
from tests.services.house import OWN, THEIRS, House, subscriber

WHO = "staff:a.ivanova"


@pytest.fixture(autouse=True)
def _rich(k5: House) -> None:
    k5.top_up("100.00")


@pytest.mark.parametrize("what", [THEIRS, "7495", "+7 495 1"])
def test_nobody_calls_a_number_or_prefix_of_the_list_until_it_is_lifted(k5: House, what: str) -> None:
    entry = stops.stop(k5.ports, StopKind.TO, what, "range of a thief", WHO)
    with pytest.raises(NumberStopped):
        k5.order()
    with pytest.raises(NumberStopped):
        ordering.offer(k5.ports, k5.caller, Msisdn.parse(THEIRS))
    assert k5.held() == rub("0.00")
    assert safety.show(k5.ports, k5.caller.id).refusals == {"number_stopped": 1}
    k5.order("+78432123456")
    lifted = stops.lift(k5.ports, entry.n, WHO, "a mistake")
    assert lifted.what == entry.what
    k5.clock.forward(minutes=6)
    k5.work()
    assert k5.order().state is CallState.RESERVED


def test_one_s_own_phone_in_the_list_is_not_rung_either(k5: House) -> None:
    stops.stop(k5.ports, StopKind.TO, "7916", "range of a thief", WHO)
    with pytest.raises(NumberStopped):
        k5.order()


def test_calls_of_a_phone_are_not_taken_and_those_to_it_are(k5: House) -> None:
    other = subscriber(k5, 1)
    stops.stop(k5.ports, StopKind.FROM, OWN, "stolen phone", WHO)
    with pytest.raises(CallsStopped):
        k5.order()
    assert k5.order(OWN, caller=other).state is CallState.RESERVED


def test_a_stopped_subscriber_s_calls_end_their_names_and_money_still_comes_in(k5: House) -> None:
    other = subscriber(k5, 1)
    talking = k5.order()
    k5.work()
    k5.switch.answer_a(talking.id)
    k5.switch.answer_b(talking.id)
    k5.work()
    k5.clock.forward(seconds=61)
    stops.stop(k5.ports, StopKind.SUBSCRIBER, str(k5.caller.id), "stolen account", WHO)
    k5.work()
    ended = k5.call(talking)
    assert (ended.state, ended.outcome, ended.cost) == (CallState.SETTLED, Outcome.CANCELLED, rub("4.40"))
    with pytest.raises(CallsStopped):
        k5.order()
    k5.top_up("50.00")
    assert k5.balance() == rub("145.60")
    assert k5.order(caller=other).state is CallState.RESERVED
    assert k5.charges() == ["-4.40"]


def test_an_order_that_waits_is_given_up_with_its_money(k5: House) -> None:
    waiting = k5.order()
    stops.stop(k5.ports, StopKind.SUBSCRIBER, str(k5.caller.id), "stolen account", WHO)
    assert k5.call(waiting).state is CallState.NOT_PLACED
    k5.assert_sound()


def test_an_entry_with_an_end_is_over_by_itself_and_may_be_made_anew(k5: House) -> None:
    until = k5.clock() + timedelta(minutes=6)
    first = stops.stop(k5.ports, StopKind.TO, THEIRS, "for a while", WHO, until)
    with pytest.raises(AlreadyThere):
        stops.stop(k5.ports, StopKind.TO, THEIRS, "again", WHO)
    k5.clock.forward(minutes=6)
    k5.order()
    second = stops.stop(k5.ports, StopKind.TO, THEIRS, "again", WHO)
    with pytest.raises(NumberStopped):
        k5.order()
    assert [entry.n for entry in stops.listed(k5.ports)] == [second.n]
    assert [entry.n for entry in stops.listed(k5.ports, is_all=True)] == [second.n, first.n]
    assert [entry.n for entry in stops.listed(k5.ports, second.n, is_all=True)] == [first.n]


def test_who_set_an_entry_and_who_lifted_it_stays(k5: House) -> None:
    entry = stops.stop(k5.ports, StopKind.TO, "881", "satellites", WHO)
    stops.lift(k5.ports, entry.n, "staff:b.petrov", "asked for")
    [kept] = stops.listed(k5.ports, is_all=True)
    assert (kept.actor, kept.reason, kept.at) == (WHO, "satellites", k5.clock())
    assert (kept.lifted_by, kept.lift_reason, kept.lifted_at) == ("staff:b.petrov", "asked for", k5.clock())
    with pytest.raises(NotFound):
        stops.lift(k5.ports, entry.n, WHO, "twice")


def test_a_stop_wants_a_reason_a_later_end_and_somebody_who_is_there(k5: House) -> None:
    with pytest.raises(WrongReason):
        stops.stop(k5.ports, StopKind.TO, "881", " ", WHO)
    with pytest.raises(StopOver):
        stops.stop(k5.ports, StopKind.TO, "881", "why", WHO, k5.clock())
    with pytest.raises(NotFound):
        stops.stop(k5.ports, StopKind.SUBSCRIBER, "999999", "why", WHO)
    with pytest.raises(NotFound):
        stops.lift(k5.ports, 1, WHO, "why")
    assert stops.listed(k5.ports, is_all=True) == []


def test_of_a_stop_and_orders_at_the_same_moment_no_call_is_left_behind(k5: House) -> None:
    def order(n: int) -> str:
        try:
            return k5.order(key=f"form-of-{n}").id
        except K5Error as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as pool:
        orders = [pool.submit(order, n) for n in range(3)]
        stopped = pool.submit(stops.stop, k5.ports, StopKind.SUBSCRIBER, str(k5.caller.id), "stolen", WHO)
        stopped.result()
        assert {found.result() for found in orders} <= {"1", f"{k5.caller.id}-1", "too_many_calls", "calls_stopped"}
    k5.work()
    assert k5.switch.living() == set()
    assert k5.held() == rub("0.00")
