"""Ordering a callback: the price before the button, one call for one tap, the money held for it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from k5web.domain.books.ledger import HoldState
from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import InsufficientFunds, K5Error, NoRate, NoRoute, NotFound, OwnNumber, PriceRose, TooManyCalls
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.calls import ordering, routing
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import OWN, THEIRS, House, publish

# A4: own phone, other phone, the printed sum
LEAFLET = [
    ("+79161234567", "+74951234567", "2.20"),
    ("+79161234567", "+73431234567", "2.27"),
    ("+74951234567", "+73431234567", "0.97"),
    ("+78611234567", "+78431234567", "1.90"),
    ("+79161234567", "+77172123456", "2.01"),
    ("+79161234567", "+79269876543", "3.50"),
    ("+73431234567", "+77172123456", "0.78"),
    ("+78461234567", "+35921234567", "3.07"),
]


@pytest.mark.parametrize(("own", "other", "printed"), LEAFLET)
def test_a_settled_minute_costs_the_printed_sum(k5: House, own: str, other: str, printed: str) -> None:
    """A3, A4."""
    k5.top_up("100.00")
    if own != OWN:
        k5.caller = add_subscriber(k5.ports, Msisdn.parse(own), "correct horse", "Борис")
        k5.top_up("100.00")
    assert str(ordering.offer(k5.ports, k5.caller, Msisdn.parse(other)).quote.per_minute) == printed
    call = k5.talk(k5.order(other), "60.0")
    assert call.state is CallState.SETTLED
    assert str(call.cost) == printed
    assert k5.balance() == rub("100.00") - rub(printed)
    k5.assert_sound()


@pytest.mark.parametrize(
    ("seconds", "cost"),
    [("2.9", "0.00"), ("2.999999", "0.00"), ("3", "2.20"), ("60.0", "2.20"), ("60.1", "4.40"), ("120.0", "4.40")],
)
def test_talk_under_three_seconds_is_free_and_minutes_are_whole(k5: House, seconds: str, cost: str) -> None:
    """B8."""
    k5.top_up("100.00")
    call = k5.talk(k5.order(), seconds)
    assert str(call.cost) == cost
    assert k5.balance() == rub("100.00") - rub(cost)
    k5.assert_sound()


def test_offer_says_price_balance_and_minutes(k5: House) -> None:
    k5.top_up("10.00")
    offer = ordering.offer(k5.ports, k5.caller, Msisdn.parse(THEIRS))
    assert (str(offer.quote.per_minute), offer.minutes, str(offer.needed)) == ("2.20", 4, "2.20")
    assert offer.live_call is None


def test_order_holds_the_whole_affordable_time(k5: House) -> None:
    k5.top_up("10.00")
    call = k5.order()
    assert (call.minutes, call.hold, k5.held()) == (4, rub("8.80"), rub("8.80"))
    assert (call.talk_ms, call.leg_a_s) == (239_000, 45 + 240 + 2)


def test_the_longest_call_is_the_plans(k5: House) -> None:
    """E9: money for days buys an hour."""
    k5.top_up("10000.00")
    assert k5.order().minutes == 60


def test_the_same_form_gets_the_same_call_also_after_its_end(k5: House) -> None:
    k5.top_up("100.00")
    first = k5.order(key="tap")
    assert k5.order(key="tap").id == first.id
    k5.talk(first, "10")
    assert k5.order(key="tap").id == first.id
    assert len(k5.switch.orders) == 1


def test_a_second_call_to_the_same_phone_shows_the_live_one(k5: House) -> None:
    k5.top_up("100.00")
    first = k5.order()
    with pytest.raises(TooManyCalls) as refused:
        k5.order("+73431234567")
    assert refused.value.facts["live_call_id"] == first.id
    k5.talk(first, "5")
    assert k5.order("+73431234567").id != first.id


def test_without_money_for_a_minute_nothing_is_held(k5: House) -> None:
    k5.top_up("2.19")
    with pytest.raises(InsufficientFunds) as refused:
        k5.order()
    assert refused.value.facts == {"available": rub("2.19"), "needed": rub("2.20")}
    assert k5.held() == rub("0.00")


def test_money_for_exactly_one_minute_is_enough(k5: House) -> None:
    k5.top_up("2.20")
    call = k5.talk(k5.order(), "59.5")
    assert (str(call.cost), k5.balance()) == ("2.20", rub("0.00"))
    k5.assert_sound()


def test_a_dearer_price_than_the_page_showed_is_asked_about(k5: House) -> None:
    k5.top_up("100.00")
    k5.reprice("7495", "0.46")
    with pytest.raises(PriceRose) as refused:
        k5.order(seen="2.20")
    assert (refused.value.facts["was"], refused.value.facts["now"]) == (Price.parse("2.20"), rub("2.21"))
    assert k5.held() == rub("0.00")


def test_a_cheaper_price_than_the_page_showed_is_taken(k5: House) -> None:
    k5.top_up("100.00")
    k5.reprice("7495", "0.40")
    assert str(k5.talk(k5.order(seen="2.20"), "60").cost) == "2.15"


def test_a_call_under_way_keeps_the_price_it_was_ordered_at(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.reprice("7495", "5.00")
    assert str(k5.talk(call, "60").cost) == "2.20"


def test_own_number_and_unpriced_numbers_are_refused_by_name(k5: House) -> None:
    k5.top_up("100.00")
    with pytest.raises(OwnNumber):
        k5.order(OWN)
    with pytest.raises(NoRate):
        k5.order("+999123456789")
    assert k5.held() == rub("0.00")


def test_other_peoples_calls_are_not_there(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    stranger = add_subscriber(k5.ports, Msisdn.parse("+79031112233"), "correct horse", "Чужой")
    for owner_id in (stranger.id, 0, 999_999):
        with pytest.raises(NotFound):
            ordering.show_call(k5.ports, owner_id, call.id)
        with pytest.raises(NotFound):
            ordering.end_call(k5.ports, owner_id, call.id)
    for wrong in ("", "1", "1-", "-1", "1-0", "a-b", "1-1-1", "9" * 30):
        with pytest.raises(NotFound):
            ordering.show_call(k5.ports, k5.caller.id, wrong)


def test_ending_a_waiting_order_rings_nobody(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    ordering.end_call(k5.ports, k5.caller.id, call.id)
    k5.work()
    ended = k5.call(call)
    assert (ended.state, ended.outcome, k5.switch.orders) == (CallState.NOT_PLACED, Outcome.CANCELLED, [])
    assert k5.hold_state(call) is HoldState.RELEASED
    k5.assert_sound()


def test_ending_a_talk_charges_the_talk(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.clock.forward(seconds=61)
    k5.work()
    ordering.end_call(k5.ports, k5.caller.id, call.id)
    k5.work()
    ended = k5.call(call)
    assert (ended.outcome, str(ended.cost)) == (Outcome.CANCELLED, "4.40")
    ordering.end_call(k5.ports, k5.caller.id, call.id)  # once more: nothing changes
    assert k5.charges() == ["-4.40"]
    k5.assert_sound()


def test_an_end_the_switch_did_not_hear_is_asked_again_by_the_worker(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    k5.switch.unreachable = True
    ordering.end_call(k5.ports, k5.caller.id, call.id)
    k5.switch.unreachable = False
    k5.clock.forward(seconds=6)
    k5.sweep()
    k5.work()
    assert k5.call(call).outcome is Outcome.CANCELLED
    k5.assert_sound()


def test_a_call_that_is_free_on_both_legs_needs_no_money(k5: House) -> None:
    publish(k5.ports, {"79": ("Россия мобильный", "0.00"), "7800": ("Бесплатный", "0")}, version=9)
    k5.clock.forward(seconds=4)
    k5.ports.rates.table("k5")
    call = k5.talk(k5.order("+78001234567"), "90")
    assert (str(call.cost), call.minutes, k5.charges()) == ("0.00", 60, [])
    k5.assert_sound()


def test_ten_taps_at_once_are_one_call(k5: House) -> None:
    """One form key, ten connections: the database decides."""
    k5.top_up("100.00")
    with ThreadPoolExecutor(10) as pool:
        ids = {call.id for call in pool.map(lambda _: k5.order(key="tap"), range(10))}
    assert len(ids) == 1
    k5.work()
    assert len(k5.switch.orders) == 1


def test_parallel_orders_from_three_pages_are_one_call(k5: House) -> None:
    k5.top_up("100.00")

    def order(key: str) -> str:
        try:
            return k5.order(key=key).id
        except K5Error as error:
            return error.code

    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(order, ["one", "two", "three"]))
    assert answers.count("too_many_calls") == 2
    k5.work()
    assert len(k5.switch.orders) == 1


def test_two_orders_with_money_for_one(k5: House) -> None:
    """The second sees only what the first left."""
    k5.top_up("2.20")
    k5.order()
    with pytest.raises(TooManyCalls):
        k5.order("+73431234567")
    assert k5.held() == rub("2.20")


def test_at_once_needs_a_call_by_the_button_and_a_minutes_pause(k5: House) -> None:
    k5.top_up("100.00")
    number = Msisdn.parse(THEIRS)
    assert not ordering.may_call_at_once(k5.ports, k5.caller.id, number)
    k5.talk(k5.order(), "5")
    assert ordering.may_call_at_once(k5.ports, k5.caller.id, number)
    call = ordering.order_call(k5.ports, k5.caller, number, "ticket", Price.parse("2.20"), at_once=True)
    k5.talk(call, "5")
    assert not ordering.may_call_at_once(k5.ports, k5.caller.id, number)
    k5.clock.forward(seconds=60)
    assert ordering.may_call_at_once(k5.ports, k5.caller.id, number)
    assert not ordering.may_call_at_once(k5.ports, k5.caller.id, Msisdn.parse("+73431234567"))


def test_recent_numbers_are_each_named_once_newest_first(k5: House) -> None:
    k5.top_up("100.00")
    for number in (THEIRS, "+73431234567", THEIRS):
        k5.talk(k5.order(number), "5")
    assert [str(number) for number in ordering.recent_numbers(k5.ports, k5.caller.id)] == [THEIRS, "+73431234567"]


def test_what_no_carrier_takes_is_refused_before_money_is_held(sessions: Sessions) -> None:
    """A price alone is no way: the carrier's list lacks Bulgaria, and nobody's money waits five minutes for that."""
    clock = Clock()
    trunks = (Trunk("only", 10, deck="carrier-c"),)
    house = House(sessions, clock, FakeSwitch(clock, trunks=trunks))
    house.top_up("100.00")
    sofia, moscow = Msisdn.parse("+35921234567"), Msisdn.parse(THEIRS)
    publish(house.ports, {"79": ("Мобильные", "0.90"), "7495": ("Москва", "0.20")}, name="carrier-c")
    with pytest.raises(NoRoute, match=r"no carrier takes \+35921234567"):
        ordering.offer(house.ports, house.caller, sofia)
    with pytest.raises(NoRoute):
        ordering.order_call(house.ports, house.caller, sofia, "k1", None)
    assert house.held() == rub("0.00")
    assert ordering.order_call(house.ports, house.caller, moscow, "k2", None).state is CallState.RESERVED


def test_a_carrier_that_is_full_or_rests_is_waited_for(sessions: Sessions) -> None:
    clock = Clock()
    house = House(sessions, clock, FakeSwitch(clock, trunks=(Trunk("only", 2),), calls_at_once=1))
    house.top_up("100.00")
    routing.switch_failed(house.ports, house.switch.name, "no answer")
    assert house.order().state is CallState.RESERVED
