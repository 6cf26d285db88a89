"""Fraud alarms: each sign is seen once, calls are stopped and let be by one press, money that comes in goes on. S19."""

from datetime import UTC, datetime

import pytest

from k5web.domain.calls.call import CallState
from k5web.domain.calls.fraud import Alarm, AlarmKind, AlarmTerms, Decision
from k5web.domain.calls.stops import StopKind
from k5web.domain.money import rub
from k5web.errors import AlarmDecided, CallsStopped, NotFound
from k5web.services.calls import alarms, ordering, stops
from k5web.services.ports import Ports
from k5web.storage.calls import limit_rows
from tests.services.house import House, subscriber

WHO = "staff:a.ivanova"


def give_terms(k5: House, **terms: int) -> Ports:
    """Let only these signs be seen, from so much on."""
    off = {"velocity": 0, "night": 0, "weekend": 0, "short": 0, "risk_minor": 0, "first_day": 0}
    object.__setattr__(k5.ports, "alarm_terms", AlarmTerms(**{**off, **terms}))
    return k5.ports


def given_up(k5: House, times: int) -> None:
    """Order calls and take each back at once."""
    for _ in range(times):
        ordering.end_call(k5.ports, k5.caller.id, k5.order().id)
        k5.clock.forward(seconds=1)


def kinds(k5: House) -> list[AlarmKind]:
    """What waits for a person."""
    return [alarm.kind for alarm in alarms.open_alarms(k5.ports)]


@pytest.fixture(autouse=True)
def _rich(k5: House) -> None:
    k5.top_up("250.00")


def test_many_calls_within_minutes_raise_one_alarm_with_its_numbers(k5: House) -> None:
    give_terms(k5, velocity=3)
    given_up(k5, 2)
    assert alarms.look(k5.ports) == 0
    given_up(k5, 1)
    assert alarms.look(k5.ports) == 1
    given_up(k5, 5)
    assert alarms.look(k5.ports) == 0
    [alarm] = alarms.open_alarms(k5.ports)
    assert (alarm.kind, alarm.owner_id, alarm.facts) == ("velocity", k5.caller.id, {"seen": 3, "least": 3})
    assert alarms.waiting(k5.ports) == 1


def test_calls_long_ago_and_other_people_s_are_not_counted(k5: House) -> None:
    give_terms(k5, velocity=3)
    given_up(k5, 2)
    other = subscriber(k5, 1)
    k5.order(caller=other)
    k5.clock.forward(minutes=10)
    given_up(k5, 1)
    assert alarms.look(k5.ports) == 0


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (datetime(2026, 12, 2, 0, 30, tzinfo=UTC), "night"),  # 03:30 in Moscow
        (datetime(2026, 12, 5, 9, 0, tzinfo=UTC), "weekend"),
        (datetime(2026, 12, 2, 3, 30, tzinfo=UTC), None),  # half past six
    ],
)
def test_bursts_at_night_and_at_the_weekend_are_seen_by_the_operator_s_clock(
    k5: House, at: datetime, kind: str | None
) -> None:
    give_terms(k5, night=2, weekend=2)
    k5.clock.now = at
    given_up(k5, 2)
    alarms.look(k5.ports)
    assert kinds(k5) == ([kind] if kind else [])


def test_many_short_talks_are_seen_and_long_ones_are_not(k5: House) -> None:
    give_terms(k5, short=2)
    for seconds in ("10", "9.999999", "60"):
        k5.talk(k5.order(), seconds)
    alarms.look(k5.ports)
    assert kinds(k5) == []
    k5.talk(k5.order(), "4")
    alarms.look(k5.ports)
    [alarm] = alarms.open_alarms(k5.ports)
    assert (alarm.kind, alarm.facts["seen"]) == ("short", 2)


def test_money_on_risky_directions_is_summed_over_a_day(k5: House) -> None:
    give_terms(k5, risk_minor=20_00)
    k5.reprice("3592", "12.00")
    k5.clock.forward(hours=25)
    first = k5.talk(k5.order("+35921234567"), "30")
    assert first.cost == rub("13.75")
    assert alarms.look(k5.ports) == 0
    k5.clock.forward(hours=23)
    k5.talk(k5.order("+35921234567"), "30")
    alarms.look(k5.ports)
    [alarm] = alarms.open_alarms(k5.ports)
    assert (alarm.kind, alarm.facts) == ("risk", {"seen": 27_50, "least": 20_00, "unit": "RUB", "calls": 2})


def test_an_order_that_the_first_day_s_cap_refused_is_told(k5: House) -> None:
    give_terms(k5, first_day=1)
    with k5.ports.sessions.begin() as db:
        limit_rows.count_refusal(db, k5.caller.id, "first_day_limit", k5.clock())
    alarms.look(k5.ports)
    assert kinds(k5) == ["first_day"]


def raised(k5: House) -> Alarm:
    """An alarm of three calls within minutes."""
    give_terms(k5, velocity=3)
    given_up(k5, 3)
    alarms.look(k5.ports)
    [alarm] = alarms.open_alarms(k5.ports)
    return alarm


def test_one_press_stops_the_calls_and_one_press_lets_them_be(k5: House) -> None:
    alarm = raised(k5)
    live = k5.order()
    alarms.stop_calls(k5.ports, alarm.owner_id, alarm.n, WHO, "a thief")
    assert k5.call(live).state is CallState.NOT_PLACED
    with pytest.raises(CallsStopped):
        k5.order()
    k5.top_up("10.00")
    assert k5.balance() == rub("260.00")
    [decided] = alarms.decided(k5.ports)
    assert (decided.decision, decided.decided_by, decided.reason) == (Decision.STOPPED, WHO, "a thief")
    assert [entry.n for entry in stops.listed(k5.ports)] == [decided.stop_n]
    alarms.undo(k5.ports, alarm.owner_id, alarm.n, "staff:b.petrov", "it was the owner")
    assert k5.order().state is CallState.RESERVED
    [undone] = alarms.decided(k5.ports)
    assert (undone.undone_by, undone.undone_at) == ("staff:b.petrov", k5.clock())
    with pytest.raises(NotFound):
        alarms.undo(k5.ports, alarm.owner_id, alarm.n, WHO, "twice")


def test_what_raised_an_alarm_raises_no_second_one_after_it_was_settled(k5: House) -> None:
    alarm = raised(k5)
    alarms.leave(k5.ports, alarm.owner_id, alarm.n, WHO, "the owner called us")
    k5.clock.forward(seconds=1)
    assert alarms.look(k5.ports) == 0
    given_up(k5, 2)
    assert alarms.look(k5.ports) == 0
    given_up(k5, 1)
    assert alarms.look(k5.ports) == 1


def test_an_alarm_is_answered_once(k5: House) -> None:
    alarm = raised(k5)
    alarms.leave(k5.ports, alarm.owner_id, alarm.n, WHO, "no thief")
    with pytest.raises(AlarmDecided):
        alarms.stop_calls(k5.ports, alarm.owner_id, alarm.n, WHO, "a thief")
    with pytest.raises(AlarmDecided):
        alarms.leave(k5.ports, alarm.owner_id, alarm.n, WHO, "no thief")
    with pytest.raises(NotFound):
        alarms.leave(k5.ports, alarm.owner_id, alarm.n + 1, WHO, "no such alarm")
    assert k5.order().state is CallState.RESERVED


def test_a_stop_that_stands_already_answers_an_alarm_and_answers_all_that_wait(k5: House) -> None:
    give_terms(k5, velocity=3, short=1)
    k5.talk(k5.order(), "5")
    given_up(k5, 2)
    alarms.look(k5.ports)
    assert sorted(kinds(k5)) == ["short", "velocity"]
    entry = stops.stop(k5.ports, StopKind.SUBSCRIBER, str(k5.caller.id), "by hand", WHO)
    first = alarms.open_alarms(k5.ports)[0]
    alarms.stop_calls(k5.ports, first.owner_id, first.n, WHO, "a thief")
    assert kinds(k5) == []
    assert {alarm.stop_n for alarm in alarms.decided(k5.ports)} == {entry.n}
    stops.lift(k5.ports, entry.n, WHO, "by hand again")
    assert {alarm.undone_at for alarm in alarms.decided(k5.ports)} == {k5.clock()}


def test_decided_alarms_are_paged_by_key(k5: House) -> None:
    give_terms(k5, velocity=1)
    for n in range(1, 4):
        given_up(k5, 1)
        alarms.look(k5.ports)
        alarms.leave(k5.ports, k5.caller.id, n, WHO, "no thief")
        k5.clock.forward(seconds=1)
    newest = alarms.decided(k5.ports)
    assert [alarm.n for alarm in newest] == [3, 2, 1]
    after = (newest[0].raised_at, newest[0].owner_id, newest[0].n)
    assert [alarm.n for alarm in alarms.decided(k5.ports, after)] == [2, 1]
