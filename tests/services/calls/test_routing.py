"""Several switches under whole calls: limits, rests, other ways, one charge."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.calls.routing import Route
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import rub
from k5web.errors import SwitchRefused
from k5web.services.calls.ordering import show_call
from k5web.services.calls.placing import place_due
from k5web.storage.calls import routes
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, somebody

ONE, TWO, THREE = Trunk("one", 100), Trunk("two", 100, priority=2), Trunk("three", 100, priority=3)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two(sessions: Sessions, clock: Clock) -> House:
    """A house with two switches, one trunk for both."""
    msk, spb = (FakeSwitch(clock, name=name, trunks=(ONE,)) for name in ("msk", "spb"))
    return House(sessions, clock, msk, spb)


def given(k5: House) -> dict[str, int]:
    """How many orders each switch was asked for."""
    return {switch.name: len(switch.orders) for switch in k5.switches}


def test_orders_are_spread_over_the_switches_by_load(two: House) -> None:
    for n in range(4):
        two.order(caller=somebody(two, n))
    two.work()
    assert given(two) == {"msk": 2, "spb": 2}


def test_each_call_is_settled_from_the_records_of_its_own_switch(two: House) -> None:
    two.top_up("100.00")
    first, second = two.order(), two.order(caller=somebody(two, 1))
    two.work()
    assert (two.call(first).switch, two.call(second).switch) == ("msk", "spb")
    two.switch = two.switches[1]
    assert two.talk_on(second, "60").outcome is Outcome.DONE_B
    two.switch = two.switches[0]
    assert two.talk_on(first, "60").outcome is Outcome.DONE_B
    two.assert_sound()


def test_a_switch_that_refuses_rests_and_the_order_goes_to_the_other(two: House) -> None:
    two.top_up("100.00")
    msk, spb = two.switches
    msk.refuses = "no connection"
    call = two.order()
    two.work()
    assert (given(two), two.call(call).switch, two.call(call).trunks_a) == ({"msk": 1, "spb": 1}, "spb", ("one", "one"))
    assert spb.orders[0].attempt == 2  # an id of its own, also there
    two.order(caller=somebody(two, 1))
    two.work()
    assert given(two) == {"msk": 1, "spb": 2}
    two.switch = spb
    assert two.talk_on(call, "60").outcome is Outcome.DONE_B
    two.assert_sound()


def test_a_switch_that_rested_is_asked_again_and_is_well_when_it_answers(two: House) -> None:
    msk, _ = two.switches
    msk.refuses = "no connection"
    two.order(caller=somebody(two, 1))
    two.work()
    msk.refuses = ""
    two.clock.forward(seconds=6)
    two.order(caller=somebody(two, 2))
    two.work()
    assert given(two) == {"msk": 2, "spb": 1}
    with two.ports.sessions.read() as db:
        assert routes.troubles(db) == []


def test_where_every_switch_refuses_the_money_is_free_at_once(two: House) -> None:
    two.top_up("100.00")
    for switch in two.switches:
        switch.refuses = "full"
    call = two.order()
    two.work()
    assert two.call(call).outcome is Outcome.NOT_PLACED
    assert given(two) == {"msk": 1, "spb": 1}
    two.assert_sound()


def test_a_dead_switch_ends_its_calls_by_rule_and_new_ones_go_elsewhere(two: House) -> None:
    two.top_up("100.00")
    msk, spb = two.switches
    lost = two.order()
    two.work()
    msk.answer_a(lost.id)
    msk.answer_b(lost.id)
    two.work()
    msk.unreachable = True
    two.clock.forward(seconds=6)
    two.sweep()
    assert two.call(lost).state is CallState.TALKING  # its own limits hold: it may talk on
    for n in range(3):
        two.order(caller=somebody(two, n))
    two.work()
    assert given(two) == {"msk": 1, "spb": 3}
    two.clock.forward(hours=2)
    two.sweep()
    assert two.call(lost).outcome is Outcome.LOST
    assert "call_lost" in two.incidents()
    assert len(spb.orders) == 3
    assert two.held() == rub("0.00")


def test_a_doubtful_answer_is_never_asked_elsewhere(two: House) -> None:
    two.top_up("100.00")
    msk, _ = two.switches
    msk.silent = "rings"
    call = two.order()
    two.work()
    two.clock.forward(seconds=10)
    two.sweep()
    assert (given(two), two.call(call).switch) == ({"msk": 1, "spb": 0}, "msk")


def test_beyond_the_limit_orders_wait_with_their_place_and_go_on_as_lines_come_free(
    sessions: Sessions, clock: Clock
) -> None:
    k5 = House(sessions, clock, FakeSwitch(clock, calls_at_once=2))
    orders: list[CallOrder] = []
    for n in range(4):
        orders.append(k5.order(caller=somebody(k5, n)))
        clock.forward(seconds=1)
    for _ in range(3):
        k5.work()
    assert given(k5) == {"fake": 2}
    places = [show_call(k5.ports, order.owner_id, order.id).queue_place for order in orders]
    assert places == [None, None, 0, 1]
    k5.switch.busy(orders[0].id, "a")
    k5.work()
    k5.work()
    states = [k5.call(order).state for order in orders[1:]]
    assert states == [
        CallState.CALLING_A,
        CallState.CALLING_A,
        CallState.RESERVED,
    ]
    clock.forward(minutes=6)
    k5.work()
    assert k5.call(orders[3]).outcome is Outcome.NOT_PLACED


def test_many_workers_never_exceed_the_limit_together(sessions: Sessions, clock: Clock) -> None:
    k5 = House(sessions, clock, FakeSwitch(clock, calls_at_once=3))
    for n in range(8):
        k5.order(caller=somebody(k5, n))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: place_due(k5.ports), range(12)))
    assert given(k5) == {"fake": 3}


def test_a_trunk_is_never_given_more_legs_than_it_takes(sessions: Sessions, clock: Clock) -> None:
    narrow, wide = Trunk("narrow", 2), Trunk("wide", 100, priority=2)
    k5 = House(sessions, clock, FakeSwitch(clock, trunks=(narrow, wide)))
    for n in range(3):
        k5.order(caller=somebody(k5, n))
    k5.work()
    assert [(order.trunks_a, order.trunks_b) for order in k5.switch.orders] == [
        (("narrow",), ("narrow", "wide")),
        (("wide",), ("wide",)),
        (("wide",), ("wide",)),
    ]


def test_a_switch_that_refuses_late_leaves_no_time_to_ask_another(two: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(call: CallOrder) -> None:
        two.clock.forward(seconds=31)
        raise SwitchRefused(reason="no connection")

    two.top_up("100.00")
    call = two.order()
    msk, spb = two.switches
    monkeypatch.setattr(msk, "originate", refuse)
    two.work()
    assert spb.orders == []
    assert two.call(call).outcome is Outcome.NOT_PLACED
    two.assert_sound()


def test_subscribers_legs_begin_as_far_apart_as_the_carrier_wants_whoever_places_them(
    sessions: Sessions, clock: Clock
) -> None:
    k5 = House(sessions, clock, FakeSwitch(clock, name="msk", trunks=(Trunk("paced", 100, calls_per_second=4),)))
    for n in range(4):
        k5.order(caller=somebody(k5, n))
    placed = []
    for _ in range(8):
        placed.append(sum(place_due(k5.ports) for _ in range(2)))  # two workers look
        clock.forward(seconds=0.25)
    assert placed == [1, 0, 1, 0, 1, 0, 1, 0]


def test_a_refusal_by_a_switch_leaves_the_turn_to_the_next_switch(sessions: Sessions, clock: Clock) -> None:
    """Nothing rang: the other switch may begin the leg at the same carrier at once."""
    paced = Trunk("paced", 100, calls_per_second=4)
    msk, spb = (FakeSwitch(clock, name=name, trunks=(paced,)) for name in ("msk", "spb"))
    k5 = House(sessions, clock, msk, spb)
    k5.top_up("100.00")
    msk.refuses = "no connection"
    call = k5.order()
    place_due(k5.ports)
    assert (given(k5), k5.call(call).switch) == ({"msk": 1, "spb": 1}, "spb")


def test_a_second_try_waits_for_the_pace_of_its_trunk(sessions: Sessions, clock: Clock) -> None:
    paced = Trunk("paced", 100, priority=2, calls_per_second=2)
    k5 = House(sessions, clock, FakeSwitch(clock, trunks=(Trunk("first", 100, prefixes=("7",)), paced)))
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    with k5.ports.sessions.begin() as db:  # another call begins there in this moment
        routes.take_turn(db, Route("fake", "paced", ("paced",), paced.pace), clock())
    k5.switch.refuse(call.id, "a", 34)
    for _ in range(2):
        k5.work()
        assert k5.call(call).state is CallState.RESERVED
    clock.forward(seconds=1)
    k5.work()
    assert k5.call(call).trunks_a == ("first", "paced")


def test_a_refused_order_waits_for_the_pace_of_the_other_switchs_trunk(sessions: Sessions, clock: Clock) -> None:
    paced = Trunk("paced", 100, calls_per_second=2)
    msk = FakeSwitch(clock, name="msk", trunks=(ONE,))
    spb = FakeSwitch(clock, name="spb", trunks=(paced,))
    k5 = House(sessions, clock, msk, spb)
    k5.top_up("100.00")
    msk.refuses = "no connection"
    call = k5.order()
    with k5.ports.sessions.begin() as db:  # another call begins there in this moment
        routes.take_turn(db, Route("spb", "paced", ("paced",), paced.pace), clock())
    place_due(k5.ports)
    assert (k5.call(call).state, given(k5)) == (CallState.RESERVED, {"msk": 1, "spb": 0})
    clock.forward(seconds=1)
    place_due(k5.ports)
    assert (k5.call(call).trunks_a, given(k5)) == (("one", "paced"), {"msk": 1, "spb": 1})
    k5.switch = spb
    assert k5.talk_on(call, "60").outcome is Outcome.DONE_B
    k5.assert_sound()
