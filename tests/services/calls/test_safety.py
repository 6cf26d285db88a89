"""Safety of orders: what fraud lives on is closed or small, for each refusal a reason and a count. S19, S20."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.risk import SafetyLimits
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    DailyLimit,
    DirectionClosed,
    EmergencyNumber,
    FirstDayLimit,
    K5Error,
    NoRate,
    OwnTrunkNumber,
    PhoneNotVerified,
    TooManyCalls,
    TooManyUnanswered,
)
from k5web.services import health
from k5web.services.accounts import accounts
from k5web.services.calls import ordering, safety
from k5web.storage.calls import caller_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import change_plan
from tests.services.house import OWN, PRICES, THEIRS, House, publish, with_phone

IRIDIUM, ALBANIA, AUSTRALIA_SHORT = "+881612345678", "+355692123456", "+6112879"
RISKY = {
    "8816": ("Выделенная сеть Иридиум", "250.00"),
    "7809": ("Россия с разделённой оплатой", "1.00"),
    "61": ("Австралия городской", "1.00"),
    "355": ("Албания мобильный", "14.60"),
    "49": ("Германия городской", "0.70"),
    "7800": ("Россия код бесплатного вызова", "0.00"),
}


@pytest.fixture
def k5(sessions: Sessions) -> House:
    """A house whose price list names risky directions too; its first day is over."""
    k5 = House(sessions, Clock())
    k5.clock.forward(seconds=2)
    publish(k5.ports, PRICES | RISKY, version=100)
    k5.clock.forward(seconds=2)
    k5.top_up("5000.00")
    k5.clock.forward(days=2)
    return k5


def limit(k5: House, **minor: int) -> None:
    """Set limits of the house's subscriber."""
    safety.set_limits(k5.ports, k5.caller.id, dict(minor))


def counted(k5: House) -> dict[str, int]:
    """How often orders were refused."""
    return safety.show(k5.ports, k5.caller.id).refusals


def not_answered(k5: House, to: str = THEIRS) -> None:
    """Call a number that rings in vain."""
    call = k5.order(to)
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.no_answer(call.id, "b")
    k5.work()
    assert k5.call(call).state.is_over


# Directions


@pytest.mark.parametrize(
    ("number", "direction"), [(IRIDIUM, "satellite"), ("+78091234567", "premium"), (AUSTRALIA_SHORT, "short")]
)
def test_risky_directions_are_closed_until_they_are_opened(k5: House, number: str, direction: str) -> None:
    with pytest.raises(DirectionClosed) as refused:
        k5.order(number, seen="500.00")
    assert refused.value.facts["direction"] == direction
    with pytest.raises(DirectionClosed):
        ordering.offer(k5.ports, k5.caller, Msisdn.parse(number))
    safety.open_direction(k5.ports, k5.caller.id, direction)
    k5.talk(k5.order(number, seen="500.00"), "5")
    safety.close_direction(k5.ports, k5.caller.id, direction)
    with pytest.raises(DirectionClosed):
        k5.order(number, seen="500.00")
    assert (counted(k5), len(k5.switch.orders)) == ({"direction_closed": 2}, 1)


def test_a_prefix_is_opened_for_one_account_alone(k5: House) -> None:
    other = accounts.add_subscriber(k5.ports, Msisdn("79261234567"), "correct horse", "Борис")
    safety.open_direction(k5.ports, k5.caller.id, "8816")
    safety.open_direction(k5.ports, k5.caller.id, "8816")  # once more: nothing changes
    assert ordering.offer(k5.ports, k5.caller, Msisdn.parse(IRIDIUM)).minutes == 1
    with pytest.raises(DirectionClosed):
        ordering.offer(k5.ports, other, Msisdn.parse(IRIDIUM))


def test_emergency_numbers_and_our_own_lines_are_never_called(k5: House) -> None:
    """S20: nothing opens them, no loop through the trunk."""
    k5.ports = replace(k5.ports, own_numbers=("74950000", "7343"))
    for direction in ("49", "7495", "7343"):
        safety.open_direction(k5.ports, k5.caller.id, direction)
    with pytest.raises(EmergencyNumber):
        k5.order("+4930112")
    for number in ("+74950000007", "+73431234567"):
        with pytest.raises(OwnTrunkNumber):
            k5.order(number)
    k5.talk(k5.order(THEIRS), "5")
    assert counted(k5) == {"emergency_number": 1, "own_trunk_number": 2}


def test_a_phone_that_is_a_line_of_ours_rings_nobody(k5: House) -> None:
    """S20: the A leg would come back to the switch."""
    ports = replace(k5.ports, own_numbers=(OWN.removeprefix("+"),))
    with pytest.raises(OwnTrunkNumber):
        ordering.offer(ports, k5.caller, Msisdn.parse(THEIRS))


def test_a_number_without_a_price_is_still_named_so(k5: House) -> None:
    with pytest.raises(NoRate):
        k5.order("+870773123456")
    assert counted(k5) == {}


# The own phone


def test_only_a_verified_phone_is_rung(k5: House) -> None:
    """S20: the A leg."""
    add = accounts.add_subscriber
    k5.caller = add(k5.ports, Msisdn("79261234567"), "correct horse", "Борис", is_verified=False)
    k5.top_up("50.00")
    for order in (k5.order, lambda: ordering.offer(k5.ports, k5.caller, Msisdn.parse(THEIRS))):
        with pytest.raises(PhoneNotVerified):
            order()
    assert counted(k5) == {"phone_not_verified": 1}
    accounts.verify_phone(k5.ports, k5.caller.id)
    k5.caller = accounts.find_subscriber(k5.ports, "+79261234567")
    assert k5.order().quote.a_number == "79261234567"


def test_a_subscriber_without_a_phone_is_told_so(k5: House) -> None:
    nobody_rings = accounts.add_subscriber(k5.ports, None, "correct horse", "Вера")
    with pytest.raises(PhoneNotVerified):
        k5.order(caller=nobody_rings)


# Again and again


def test_a_number_that_does_not_answer_is_left_alone_after_five_calls_an_hour(k5: House) -> None:
    """S20."""
    began_at = k5.clock()
    for _ in range(5):
        not_answered(k5)
        k5.clock.forward(minutes=2)
    with pytest.raises(TooManyUnanswered) as refused:
        k5.order()
    assert refused.value.facts["until"] == began_at + timedelta(hours=1)
    with pytest.raises(TooManyUnanswered):
        ordering.offer(k5.ports, k5.caller, Msisdn.parse(THEIRS))
    k5.talk(k5.order("+73431234567"), "5")  # another number is free
    k5.clock.now = began_at + timedelta(hours=1)
    k5.talk(k5.order(), "5")
    assert counted(k5) == {"too_many_unanswered": 1}


def test_answered_calls_and_calls_the_other_phone_never_heard_of_are_not_counted(k5: House) -> None:
    limit(k5, unanswered_an_hour=1)
    for _ in range(3):
        k5.talk(k5.order(), "5")
        call = k5.order()
        k5.work()
        k5.switch.no_answer(call.id, "a")
        k5.work()
        ordering.end_call(k5.ports, k5.caller.id, k5.order().id)  # while it waits
    not_answered(k5)
    with pytest.raises(TooManyUnanswered):
        k5.order()


def test_a_number_may_be_closed_to_unanswered_calls_altogether(k5: House) -> None:
    limit(k5, unanswered_an_hour=0)
    with pytest.raises(TooManyUnanswered):
        k5.order()


# Money


def test_the_daily_limit_shortens_the_call_and_then_refuses_it(k5: House) -> None:
    limit(k5, daily_minor=10_00)
    offer = ordering.offer(k5.ports, k5.caller, Msisdn.parse(THEIRS))
    assert (offer.minutes, offer.left_today) == (4, rub("10.00"))
    call = k5.order()
    assert (call.minutes, call.hold) == (4, rub("8.80"))
    k5.talk(call, "190")  # all of it
    with pytest.raises(DailyLimit) as refused:
        k5.order()
    assert refused.value.facts == {
        "most": rub("10.00"), "left": rub("1.20"), "needed": rub("2.20"), "is_costly": False,
    }  # fmt: skip
    with pytest.raises(DailyLimit):
        ordering.offer(k5.ports, k5.caller, Msisdn.parse(THEIRS))
    assert (k5.held(), counted(k5)) == (rub("0.00"), {"daily_limit": 1})


def test_the_limit_begins_anew_with_the_operators_day(k5: House) -> None:
    """Moscow's midnight is 21:00 UTC."""
    limit(k5, daily_minor=2_20)
    k5.clock.now = k5.clock.now.replace(hour=20, minute=50)
    k5.talk(k5.order(), "50")
    with pytest.raises(DailyLimit):
        k5.order()
    k5.clock.now = k5.clock.now.replace(hour=21, minute=0)
    assert k5.order().minutes == 1


def test_a_call_under_way_at_midnight_counts_while_it_lasts(k5: House) -> None:
    limit(k5, daily_minor=5_00)
    k5.clock.now = k5.clock.now.replace(hour=20, minute=59, second=50)
    call = k5.order()
    k5.clock.now = k5.clock.now.replace(hour=21, minute=0, second=5)
    assert safety.show(k5.ports, k5.caller.id).ceilings.daily.used == call.hold == rub("4.40")
    k5.talk(call, "5")
    assert safety.show(k5.ports, k5.caller.id).ceilings.daily.used == rub("0.00")


def test_costly_calls_have_a_smaller_limit_of_their_own(k5: House) -> None:
    limit(k5, costly_minor=40_00)
    call = k5.talk(k5.order(ALBANIA), "90")  # two minutes of 16.35
    assert call.minutes == 2
    with pytest.raises(DailyLimit) as refused:
        k5.order(ALBANIA)
    assert refused.value.facts["is_costly"]
    k5.talk(k5.order(), "5")  # ordinary ones go on
    used = safety.show(k5.ports, k5.caller.id).ceilings
    assert (used.costly.used, used.daily.used) == (rub("32.70"), rub("34.90"))


def test_an_opened_direction_counts_as_costly(k5: House) -> None:
    safety.open_direction(k5.ports, k5.caller.id, "satellite")
    k5.talk(k5.order(IRIDIUM, seen="500.00"), "5")
    with pytest.raises(DailyLimit) as refused:
        k5.order(IRIDIUM, seen="500.00")
    assert refused.value.facts["most"] == Money(SafetyLimits().costly_minor)


def test_the_first_day_begins_with_the_first_money_and_has_its_own_limit(k5: House) -> None:
    k5.caller = accounts.add_subscriber(k5.ports, Msisdn("79261234567"), "correct horse", "Борис")
    k5.clock.forward(days=30)  # an old account that was never paid is as new as any
    limit(k5, first_day_minor=3_00)
    k5.top_up("500.00")
    paid_at = k5.clock()
    assert k5.talk(k5.order(), "50").minutes == 1
    with pytest.raises(FirstDayLimit) as refused:
        k5.order()
    assert refused.value.facts["until"] == paid_at + timedelta(hours=24)
    k5.clock.now = paid_at + timedelta(hours=24)
    assert k5.order().minutes == 60
    assert counted(k5) == {"first_day_limit": 1}


def test_after_the_first_day_nobody_reads_the_past_again(k5: House) -> None:
    k5.talk(k5.order(), "50")
    with k5.ports.sessions.read() as db:
        facts = caller_rows.facts(db, k5.caller.id)
        assert safety.used(db, k5.ports, facts).first_day == 2_20
        k5.clock.forward(days=3)
        assert safety.used(db, k5.ports, facts).first_day == 0


def test_calls_that_cost_nothing_need_no_limit(k5: House) -> None:
    publish(k5.ports, PRICES | RISKY | {"79": ("Россия мобильный", "0.00")}, version=101)
    k5.clock.forward(seconds=4)
    k5.ports.rates.table("k5")
    limit(k5, daily_minor=0, first_day_minor=0)
    assert k5.order("+78001234567").minutes == 60


def test_two_orders_at_once_do_not_share_the_rest_of_a_limit(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account's lock: the second sees what the first holds."""
    change_plan(monkeypatch, calls_at_once=9)
    limit(k5, daily_minor=4_00)
    phones = [f"7926123450{n}" for n in range(5)]
    # An organisation's phones, one account
    others = [with_phone(k5.ports, k5.caller, Msisdn(phone)) for phone in phones]

    def order(caller: Subscriber) -> str:
        try:
            return str(k5.order(caller=caller, key=str(caller.phone)).hold)
        except K5Error as error:
            return error.code

    with ThreadPoolExecutor(5) as pool:
        answers = sorted(pool.map(order, others))
    assert answers == ["2.20", *["daily_limit"] * 4]
    assert k5.held() == rub("2.20")


def test_a_second_call_at_once_is_counted(k5: House) -> None:
    k5.order()
    with pytest.raises(TooManyCalls):
        k5.order("+73431234567")
    assert counted(k5) == {"too_many_calls": 1}
    assert health.figures(k5.ports).refusals["too_many_calls"] == 1


ORDERS = st.lists(st.tuples(st.sampled_from([THEIRS, ALBANIA]), st.integers(0, 400), st.booleans()), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=ORDERS, daily=st.integers(0, 100_00), costly=st.integers(0, 60_00))
def test_what_is_ordered_in_a_day_never_exceeds_a_limit(
    k5: House, orders: list[tuple[str, int, bool]], daily: int, costly: int
) -> None:
    """Whatever is called, talked and refused, in any order."""
    k5.clock.forward(days=1)
    k5.top_up("100.00")  # never less than what the limits leave: the purse must not decide
    limit(k5, daily_minor=daily, costly_minor=costly)
    spent = {THEIRS: 0, ALBANIA: 0}
    for to, seconds, is_answered in orders:
        try:
            call = k5.order(to)
        except (DailyLimit, TooManyUnanswered):
            continue
        assert sum(spent.values()) + call.hold.minor <= daily
        assert to == THEIRS or spent[ALBANIA] + call.hold.minor <= costly
        k5.work()
        if is_answered:
            cost = k5.talk_on(call, str(min(seconds, call.talk_ms // 1000))).cost
        else:
            k5.switch.no_answer(call.id, "a")
            k5.work()
            cost = k5.call(call).cost
        assert cost is not None
        spent[to] += cost.minor
    used = safety.show(k5.ports, k5.caller.id).ceilings
    assert (used.daily.used.minor, used.costly.used.minor) == (sum(spent.values()), spent[ALBANIA])


# Who may change it


def test_staff_sets_limits_one_by_one_and_gives_them_back(k5: House) -> None:
    limit(k5, daily_minor=5_00)
    limit(k5, unanswered_an_hour=2)
    found = safety.show(k5.ports, k5.caller.id).limits
    assert found == SafetyLimits(daily_minor=5_00, unanswered_an_hour=2)
    safety.set_limits(k5.ports, k5.caller.id, {"daily_minor": None, "unanswered_an_hour": None})
    assert safety.show(k5.ports, k5.caller.id).limits == SafetyLimits()
