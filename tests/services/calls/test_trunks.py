"""Several trunks under whole calls: other ways for a leg, rests, costs, at most one answered leg, one charge.

Long because one house with three trunks stands under all of it.
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from k5web.domain.calls.call import CallState, EventKind, Outcome
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Price, rub
from k5web.services.calls.routing import margin
from k5web.services.calls.staff_view import open_incidents
from k5web.storage.calls import call_rows, routes
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, publish, somebody

ONE, TWO, THREE = Trunk("one", 100), Trunk("two", 100, priority=2), Trunk("three", 100, priority=3)


@pytest.fixture
def trunks(sessions: Sessions, clock: Clock) -> House:
    """A house with one switch and three trunks."""
    return House(sessions, clock, FakeSwitch(clock, trunks=(ONE, TWO, THREE)))


def test_leg_a_whose_route_failed_goes_by_the_next_trunk_before_anybody_is_told(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.clock.forward(seconds=3)
    trunks.switch.refuse(call.id, "a", 34)
    trunks.work()
    assert trunks.call(call).state is CallState.RESERVED
    trunks.work()
    assert [order.trunks_a for order in trunks.switch.orders] == [("one",), ("one", "two")]
    assert [order.ring_a_s for order in trunks.switch.orders] == [40, 37]  # both tries share the time of one
    ended = trunks.talk_on(call, "60")
    assert (ended.outcome, trunks.charges()) == (Outcome.DONE_B, ["-2.20"])
    with trunks.ports.sessions.read() as db:
        legs = call_rows.cdrs(db, call.owner_id, 1)
    assert [(leg.leg, leg.trunk, leg.answered_at is not None) for leg in legs] == [
        ("a", "one", False),
        ("a", "two", True),
        ("b", "one", True),
    ]
    trunks.assert_sound()


def test_who_has_answered_is_not_rung_again_though_the_record_of_it_is_missing(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.answer_a(call.id)
    trunks.switch.refuse(call.id, "b", 34)
    trunks.switch.lose(call.id, "a", EventKind.ANSWER)
    for _ in range(3):
        trunks.work()
    assert len(trunks.switch.orders) == 1
    assert (trunks.call(call).outcome, trunks.incidents()) == (Outcome.LOST, ["call_lost"])
    trunks.assert_sound()


def test_after_three_tries_of_leg_a_the_route_has_failed(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    for _ in range(4):
        trunks.work()
        if (call.id, len(trunks.switch.orders)) in trunks.switch.living():
            trunks.switch.refuse(call.id, "a", 34)
            trunks.work()
    assert len(trunks.switch.orders) == 3
    assert (trunks.call(call).outcome, trunks.call(call).cost) == (Outcome.A_ROUTE_FAILED, rub("0.00"))
    trunks.assert_sound()


@pytest.mark.parametrize("cause", [1, 17, 19, 21, 28])
def test_what_a_phone_said_is_never_asked_again_by_another_trunk(trunks: House, cause: int) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.refuse(call.id, "a", cause)
    for _ in range(3):
        trunks.work()
    assert len(trunks.switch.orders) == 1
    assert trunks.call(call).state is CallState.SETTLED


def test_a_route_that_failed_when_the_ringing_is_nearly_over_is_not_tried_elsewhere(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.clock.forward(seconds=31)
    trunks.switch.refuse(call.id, "a", 34)
    for _ in range(3):
        trunks.work()
    assert len(trunks.switch.orders) == 1
    assert trunks.call(call).outcome is Outcome.A_ROUTE_FAILED
    trunks.assert_sound()


def test_another_try_that_no_worker_took_in_time_is_given_up(trunks: House) -> None:
    """All workers were down: with its time to ring over, the switch would refuse the try and be taken for ill."""
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.refuse(call.id, "a", 34)
    trunks.work()
    assert trunks.call(call).state is CallState.RESERVED
    trunks.clock.forward(seconds=31)
    trunks.work()
    assert len(trunks.switch.orders) == 1
    assert trunks.call(call).outcome is Outcome.A_ROUTE_FAILED
    trunks.assert_sound()


def test_a_failed_try_whose_switch_died_later_still_goes_by_the_next_trunk(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.clock.forward(seconds=6)
    trunks.switch.refuse(call.id, "a", 34)
    trunks.switch.die()
    trunks.clock.forward(seconds=1)
    with trunks.ports.sessions.begin() as db:  # kept, but the importer was killed before it followed them
        call_rows.add_events(db, trunks.switch.name, trunks.switch.read_records("").events)
    trunks.sweep()
    assert trunks.call(call).state is CallState.RESERVED
    trunks.work()
    assert [order.trunks_a for order in trunks.switch.orders] == [("one",), ("one", "two")]
    assert trunks.incidents() == []


def test_another_try_that_the_switch_refuses_leaves_the_first_as_it_was(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.refuse(call.id, "a", 34)
    trunks.switch.refuses = "full"
    for _ in range(3):
        trunks.work()
    assert trunks.call(call).outcome is Outcome.A_ROUTE_FAILED
    trunks.assert_sound()


def test_another_try_that_nobody_heard_of_never_rang(trunks: House) -> None:
    """Killed between taking the second try and asking for it."""
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.refuse(call.id, "a", 34)
    trunks.switch.silent = "rings_not"
    for _ in range(3):
        trunks.work()
    assert trunks.call(call).state is CallState.PLACING
    trunks.clock.forward(seconds=99)
    trunks.sweep()
    assert trunks.call(call).state is CallState.PLACING
    trunks.clock.forward(seconds=2)
    trunks.sweep()
    assert trunks.call(call).outcome is Outcome.A_ROUTE_FAILED
    trunks.assert_sound()


def test_repeated_records_of_the_first_try_do_not_end_the_second(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.refuse(call.id, "a", 34)
    for _ in range(3):
        trunks.switch.write_again()
        trunks.work()
        trunks.clock.forward(seconds=1)
    assert trunks.call(call).state is CallState.CALLING_A
    assert trunks.talk_on(call, "60").outcome is Outcome.DONE_B
    assert trunks.charges() == ["-2.20"]


def test_leg_b_that_went_by_its_second_trunk_frees_the_line_of_the_first(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.answer_a(call.id)
    trunks.switch.fail_over(call.id)
    trunks.work()
    assert trunks.call(call).trunks_b == ("two", "three")
    with trunks.ports.sessions.read() as db:
        assert dict(routes.traffic(db, trunks.clock()).legs) == {"one": 1, "two": 1}
    trunks.switch.answer_b(call.id)
    trunks.clock.forward(seconds=60)
    trunks.switch.hang_up(call.id)
    trunks.work()
    assert (trunks.call(call).outcome, trunks.charges()) == (Outcome.DONE_B, ["-2.20"])
    trunks.assert_sound()


def test_a_trunk_that_fails_three_times_rests_and_an_answer_makes_it_well(trunks: House) -> None:
    for n in range(3):
        call = trunks.order(caller=somebody(trunks, n))
        trunks.work()
        trunks.switch.refuse(call.id, "a", 38)
        trunks.work()
        trunks.work()
        trunks.switch.no_answer(call.id, "a")
        trunks.work()
    trunks.top_up("100.00")
    spared = trunks.order()
    trunks.work()
    assert trunks.call(spared).trunks_a == ("two",)
    trunks.switch.busy(spared.id, "a")
    trunks.clock.forward(seconds=31)
    trunks.work()
    again = trunks.order()
    trunks.work()
    assert trunks.call(again).trunks_a == ("one",)
    trunks.talk_on(again, "5")
    with trunks.ports.sessions.read() as db:
        assert routes.troubles(db) == []


def test_the_cheapest_carrier_is_taken_and_its_cost_kept_with_each_leg(sessions: Sessions, clock: Clock) -> None:
    dear, cheap = Trunk("dear", 100, deck="carrier-d"), Trunk("cheap", 100, deck="carrier-c")
    k5 = House(sessions, clock, FakeSwitch(clock, trunks=(dear, cheap)))
    publish(k5.ports, {"7": ("Россия", "0.80")}, name="carrier-d")
    publish(k5.ports, {"79": ("Мобильные", "0.90"), "7495": ("Москва", "0.20")}, name="carrier-c")
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "60")
    assert (call.trunks_a, call.trunks_b) == (("dear",), ("cheap", "dear"))
    with k5.ports.sessions.read() as db:
        legs = call_rows.cdrs(db, call.owner_id, 1)
    # The carrier of leg A bills from A's own answer: 5 s of ringing and 60 s of talk are two minutes
    assert [leg.carrier_cost for leg in legs] == [rub("1.60"), rub("0.20")]
    assert call.cost == rub("2.20")
    assert margin(call.cost, legs) == rub("0.40")
    assert Price.parse("2.20") == call.quote.per_minute


def test_without_a_carriers_price_list_cost_and_margin_are_unknown(trunks: House) -> None:
    trunks.top_up("100.00")
    call = trunks.talk(trunks.order(), "60")
    with trunks.ports.sessions.read() as db:
        legs = call_rows.cdrs(db, call.owner_id, 1)
    assert [leg.carrier_cost for leg in legs] == [None, None]
    assert call.cost is not None
    assert margin(call.cost, legs) is None


def troubled(k5: House) -> dict[str, tuple[int, int]]:
    """Failures and doubts of the trunks that are not well."""
    with k5.ports.sessions.read() as db:
        return {trouble.name: (trouble.failures, trouble.doubts) for trouble in routes.troubles(db)}


@pytest.fixture
def mobiles(sessions: Sessions, clock: Clock) -> House:
    """A house whose first trunk is for mobile numbers alone, so for leg A."""
    return House(sessions, clock, FakeSwitch(clock, trunks=(replace(ONE, prefixes=("79",)), TWO)))


def test_a_carrier_that_forbids_every_call_is_passed_by_and_rests(mobiles: House) -> None:
    """It was taken for the person: no call went anywhere, the second carrier stood idle, the first one looked well."""
    for n in range(4):
        call = mobiles.order(caller=somebody(mobiles, n))
        mobiles.work()
        if n < 3:
            mobiles.switch.refuse(call.id, "a", 21, sip=403)
            mobiles.work()
            mobiles.work()
        assert mobiles.talk_on(call, "5").outcome is Outcome.DONE_B
    assert mobiles.call(call).trunks_a == ("two",)
    assert troubled(mobiles) == {"one": (3, 0)}


@pytest.mark.parametrize("cause", [1, 17, 18, 19, 21, 22, 127])
@pytest.mark.parametrize(("sip", "heard"), [(404, Heard.NOTHING), (480, Heard.NOTHING), (403, Heard.RINGING)])
def test_by_the_code_leg_a_is_not_tried_again_whatever_the_cause(
    trunks: House, cause: int, sip: int, heard: Heard
) -> None:
    trunks.top_up("100.00")
    call = trunks.order()
    trunks.work()
    trunks.switch.refuse(call.id, "a", cause, sip=sip, heard=heard)
    for _ in range(3):
        trunks.work()
    assert len(trunks.switch.orders) == 1
    assert trunks.call(call).state is CallState.SETTLED


def test_an_answer_on_a_trunk_outweighs_the_failure_of_one_number_on_it(trunks: House) -> None:
    trunks.top_up("100.00")
    for _ in range(5):
        call = trunks.order()
        trunks.work()
        trunks.switch.answer_a(call.id)
        trunks.switch.refuse(call.id, "b", 34, "CONGESTION", sip=503)
        trunks.work()
        assert trunks.call(call).outcome is Outcome.B_ROUTE_FAILED
    assert troubled(trunks) == {}


def test_one_number_that_no_trunk_reaches_brings_none_down(trunks: House) -> None:
    trunks.top_up("100.00")
    for _ in range(4):
        call = trunks.order()
        trunks.work()
        for _ in range(3):
            trunks.switch.refuse(call.id, "a", 34, sip=503)
            trunks.work()
            trunks.work()
        assert trunks.call(call).outcome is Outcome.A_ROUTE_FAILED
    assert troubled(trunks) == dict.fromkeys(("one", "two", "three"), (1, 0))


def test_one_number_that_another_trunk_reached_counts_each_time(mobiles: House) -> None:
    mobiles.top_up("100.00")
    for n in range(3):
        call = mobiles.order()
        mobiles.work()
        mobiles.switch.refuse(call.id, "a", 21, sip=403)
        mobiles.work()
        mobiles.work()
        mobiles.talk_on(call, "5")
        assert troubled(mobiles) == {"one": (n + 1, 0)}


def test_refusals_of_many_numbers_before_anything_was_heard_put_a_trunk_in_doubt(trunks: House) -> None:
    for n in range(6):
        call = trunks.order(caller=somebody(trunks, n))
        trunks.work()
        assert trunks.call(call).trunks_a == ("one",)
        trunks.switch.refuse(call.id, "a", 1, sip=404)
        trunks.work()
        assert trunks.call(call).outcome is Outcome.A_WRONG_NUMBER
    assert troubled(trunks) == {"one": (0, 6)}
    call = trunks.order(caller=somebody(trunks, 6))
    trunks.work()
    assert trunks.call(call).trunks_a == ("two",)


def test_a_ringing_phone_that_nobody_answers_makes_its_trunk_well(trunks: House) -> None:
    for n in range(3):
        call = trunks.order(caller=somebody(trunks, n))
        trunks.work()
        trunks.switch.refuse(call.id, "a", 18, sip=408, heard=Heard.RINGING if n == 2 else Heard.NOTHING)
        trunks.work()
        assert trunks.call(call).outcome is (Outcome.A_NO_ANSWER if n == 2 else Outcome.A_OFFLINE)
        assert troubled(trunks) == ({} if n == 2 else {"one": (0, n + 1)})


def test_a_number_that_b_is_reached_at_by_the_second_trunk_counts_against_the_first(
    sessions: Sessions, clock: Clock
) -> None:
    k5 = House(sessions, clock, FakeSwitch(clock, trunks=(replace(ONE, prefixes=("7495",)), TWO)))
    k5.top_up("100.00")
    for n in range(2):
        call = k5.order()
        k5.work()
        k5.switch.answer_a(call.id)
        k5.switch.fail_over(call.id, 21, sip=403)
        k5.switch.answer_b(call.id)
        k5.switch.hang_up(call.id)
        k5.work()
        assert troubled(k5) == {"one": (n + 1, 0)}


def test_a_call_is_never_sold_below_the_least_margin_of_its_plan(trunks: House) -> None:
    """A carrier that leaves too little is left out; where none is left, the order ends free, and a person is told."""
    dear, fair = replace(ONE, deck="dear"), replace(TWO, deck="fair")
    trunks.switch.trunks = (dear, fair)
    publish(trunks.ports, {"7": ("Россия", "1.20")}, name="dear")
    publish(trunks.ports, {"7": ("Россия", "1.00")}, name="fair")
    trunks.clock.forward(seconds=5)
    trunks.ports = replace(trunks.ports, least_margins={"k5": Fraction(5, 100)})
    trunks.top_up("50.00")
    call = trunks.order()
    trunks.work()
    placed = trunks.call(call)
    assert (placed.trunks_a[-1], placed.trunks_b) == ("two", ("two",))  # 2.20 less 5 % is 2.09: 1.20 + 1.00 is too much
    trunks.ports = replace(trunks.ports, least_margins={"k5": Fraction(10, 100)})
    trunks.talk_on(trunks.call(call), "60")
    refused = trunks.order()
    trunks.work()
    closed = trunks.call(refused)
    assert closed.state.is_over
    assert closed.cost == rub("0.00")
    assert trunks.incidents() == ["below_margin"]
    assert str(trunks.held()) == "0.00"
    trunks.assert_sound()


def test_a_talk_whose_record_of_leg_a_is_damaged_is_settled_and_no_phone_rings_again(
    sessions: Sessions, clock: Clock
) -> None:
    k5 = House(sessions, clock, FakeSwitch(clock, trunks=(ONE, TWO, THREE)))
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    switch = k5.switch
    switch._alive[call.id] = "ringing_b"  # the answer of A is the record that nobody can read
    switch._write(call.id, "b", EventKind.CHAN_START, None)
    switch.answer_b(call.id)
    k5.work()
    assert k5.call(call).state is CallState.TALKING
    clock.forward(seconds=12)
    switch._end(call.id, a=(34, "a"), b=(16, ""), dial_status="ANSWER", at=None)
    k5.work()
    assert (k5.call(call).state, len(switch.orders)) == (CallState.SETTLED, 1)
    assert [(one.kind, one.facts) for one in open_incidents(k5.ports)] == [("call_lost", {"answer_missing": "a"})]
