"""A trunk that staff switch off gets nothing new; what goes on goes on."""

import pytest

from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import rub
from k5web.errors import NoRoute, NotFound, WrongReason
from k5web.services import health
from k5web.services.calls import staff_view
from k5web.services.calls.trunks_off import switch_off, switch_on
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, somebody

ONE, TWO = Trunk("one", 100), Trunk("two", 100, priority=2)


@pytest.fixture
def k5(sessions: Sessions) -> House:
    """A house with one switch and two trunks, the first of which is chosen."""
    clock = Clock()
    return House(sessions, clock, FakeSwitch(clock, trunks=(ONE, TWO)))


def test_neither_leg_goes_there_until_it_is_on_again(k5: House) -> None:
    k5.top_up("100.00")
    assert switch_off(k5.ports, "one", "эхо", "staff:a.ivanova")
    first = k5.order()
    k5.work()
    assert [(order.trunks_a, order.trunks_b) for order in k5.switch.orders] == [(("two",), ("two",))]
    assert k5.talk_on(first, "60").outcome is Outcome.DONE_B
    k5.assert_sound()
    assert switch_on(k5.ports, "one", "починили", "staff:a.ivanova")
    k5.order()
    k5.work()
    assert k5.switch.orders[-1].trunks_a == ("one",)


def test_a_call_under_way_goes_on_and_a_leg_that_fails_is_not_tried_there_again(k5: House) -> None:
    k5.top_up("100.00")
    talks, fails = k5.order(), k5.order(caller=somebody(k5, 1))
    k5.work()
    switch_off(k5.ports, "two", "дорого", "staff:a.ivanova")
    assert k5.talk_on(talks, "60").cost == rub("2.20")
    k5.switch.refuse(fails.id, "a", 34)
    k5.work()
    assert k5.call(fails).outcome is Outcome.A_ROUTE_FAILED  # the only other way is off
    k5.assert_sound()


def test_where_all_are_off_no_money_is_held_and_nothing_waits(k5: House) -> None:
    k5.top_up("100.00")
    for code in ("one", "two"):
        switch_off(k5.ports, code, "авария", "staff:a.ivanova")
    with pytest.raises(NoRoute):
        k5.order()
    assert k5.held() == rub("0.00")
    switch_on(k5.ports, "two", "починили", "staff:a.ivanova")
    assert k5.order().state is CallState.RESERVED


def test_the_board_says_who_and_why_and_the_first_reason_stays(k5: House) -> None:
    assert switch_off(k5.ports, "one", " эхо ", "staff:a.ivanova")
    assert not switch_off(k5.ports, "one", "другое", "staff:b.petrov")
    one, two = staff_view.lines(k5.ports).trunks
    assert one.off is not None
    assert (one.off.actor, one.off.reason, one.off.at) == ("staff:a.ivanova", "эхо", k5.clock())
    assert (one.is_on, two.is_on) == (False, True)
    assert switch_on(k5.ports, "one", "тихо", "staff:b.petrov")
    assert not switch_on(k5.ports, "one", "тихо", "staff:b.petrov")


def test_only_those_that_are_on_count_where_all_carriers_fail(k5: House) -> None:
    k5.top_up("900.00")
    for n in range(1, 4):
        call = k5.order(caller=somebody(k5, n))
        k5.work()
        k5.switch.refuse(call.id, "a", 34)
        k5.work()
    assert health.figures(k5.ports).trunks_failing == 1
    switch_off(k5.ports, "one", "эхо", "staff:a.ivanova")
    assert health.figures(k5.ports).trunks_failing == 0


def test_a_trunk_that_is_not_there_or_no_reason_changes_nothing(k5: House) -> None:
    with pytest.raises(NotFound):
        switch_off(k5.ports, "three", "эхо", "staff:a.ivanova")
    with pytest.raises(WrongReason):
        switch_off(k5.ports, "one", " ", "staff:a.ivanova")
    assert all(line.is_on for line in staff_view.lines(k5.ports).trunks)
