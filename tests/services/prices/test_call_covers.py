"""Calls on a plan: gift minutes first, then money; options by their states; what a period leaves goes with it."""

from datetime import UTC, datetime

import pytest

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import PlanUnpaid
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.prices import allowance_accounts, billing
from k5web.storage.books import ledger
from tests.services.house import House, publish, with_phone
from tests.services.prices.test_subscriptions import connect, fresh, left

GIFT = "Минуты в подарок"
MOSCOW = "+74951234567"


def on_go(k5: House, money: str = "602.00") -> None:
    """A subscriber on GO 100, with two roubles and a hundred minutes."""
    publish(k5.ports, {"74": ("Россия фикс.", "1.69"), "79": ("Россия моб.", "1.69")}, 2, name="clovertel")
    k5.top_up(money)
    connect(k5, "plan", "go-100")


def use_up(k5: House, minutes: int) -> None:
    for _ in range(minutes // 60):
        call = k5.order(MOSCOW, caller=fresh(k5))
        k5.talk(call, "3595")
        k5.clock.forward(minutes=1)
    if minutes % 60:
        k5.talk(k5.order(MOSCOW, caller=fresh(k5)), str(minutes % 60 * 60 - 5))


def test_the_page_says_how_many_minutes_are_a_gift(k5: House) -> None:
    on_go(k5)
    use_up(k5, 88)
    offer = ordering.offer(k5.ports, fresh(k5), Msisdn.parse(MOSCOW))
    assert (offer.gift_minutes, offer.minutes, str(offer.quote.per_minute)) == (12, 13, "1.69")


def test_gift_minutes_are_spent_first_and_the_rest_is_money(k5: House) -> None:
    on_go(k5)
    use_up(k5, 99)
    call = k5.order(MOSCOW, caller=fresh(k5))
    assert (call.minutes, call.hold) == (2, rub("1.69"))
    k5.talk(call, "61")
    assert left(k5) == {GIFT: 0}
    assert k5.balance() == rub("0.31")
    k5.assert_sound()


def test_a_talk_of_one_minute_leaves_the_held_rest(k5: House) -> None:
    on_go(k5)
    k5.talk(k5.order(MOSCOW, caller=fresh(k5)), "59.9")
    assert left(k5) == {GIFT: 99 * 60}
    assert k5.balance() == rub("2.00")
    k5.assert_sound()


def test_what_a_call_does_not_use_of_the_old_month_goes(k5: House) -> None:
    """Midnight in mid-call: the month of its start pays, and what it leaves is not added to the new one."""
    on_go(k5, "1300.00")
    k5.clock.now = datetime(2026, 12, 31, 20, 58, tzinfo=UTC)
    call = k5.order(MOSCOW, caller=fresh(k5))
    k5.clock.forward(minutes=3)
    billing.run(k5.ports)
    assert left(k5) == {GIFT: 100 * 60}
    k5.clock.forward(minutes=-3)
    k5.talk(call, "240")
    assert left(k5) == {GIFT: 100 * 60}
    k5.assert_sound()


def test_a_call_that_nobody_answers_uses_nothing(k5: House) -> None:
    on_go(k5)
    call = k5.order(MOSCOW, caller=fresh(k5))
    ordering.end_call(k5.ports, k5.caller.id, call.id)
    assert left(k5) == {GIFT: 100 * 60}
    k5.assert_sound()


def test_two_calls_never_share_the_last_free_minute(k5: House) -> None:
    """From two phones of one account, both under way: the first holds the minute, the second pays for its own."""
    on_go(k5, "702.00")
    use_up(k5, 99)
    first = k5.order(MOSCOW, caller=fresh(k5))
    with k5.ports.sessions.read() as db:
        plan = k5.ports.plans.of(fresh(k5))
        assert allowance_accounts.left(db, k5.caller.id, plan) == {"gift-minutes": 0}
    second = k5.order(MOSCOW, caller=with_phone(k5.ports, fresh(k5), Msisdn("79161234568")))
    assert ([cover.units for cover in first.covers], second.covers) == ([60], ())
    for call in (second, first):
        k5.talk(call, "59")
    assert left(k5) == {GIFT: 0}
    assert k5.balance() == rub("102.00") - rub("1.69")
    k5.assert_sound()


def test_while_the_fee_is_unpaid_nobody_calls(k5: House) -> None:
    """B9."""
    on_go(k5)
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(k5.ports)
    with pytest.raises(PlanUnpaid):
        k5.order(MOSCOW, caller=fresh(k5))
    k5.top_up("600.00")
    billing.run(k5.ports)
    assert k5.order(MOSCOW, caller=fresh(k5)).covers
    assert list(verify(k5.ports)) == []


@pytest.mark.parametrize(("plan", "minutes"), [("go", 50), ("k5", 0)])
def test_what_a_call_holds_of_a_plan_that_was_left_meanwhile_goes_with_it(k5: House, plan: str, minutes: int) -> None:
    """Else whoever changes the plan in mid-call has the unused minutes of both."""
    on_go(k5, "1200.00")
    use_up(k5, 30)
    call = k5.order(MOSCOW, caller=fresh(k5))
    k5.clock.forward(seconds=1)
    connect(k5, "plan", plan)
    k5.talk(call, "60")
    with k5.ports.sessions.read() as db:
        assert ledger.purse(db, k5.caller.id, "allowance:gift-minutes").balance.minor == minutes * 60
    k5.assert_sound()


def test_money_for_calls_of_a_plan_beside_pays_before_the_account(k5: House) -> None:
    """«Просто» gives 200 roubles for calls a month and runs beside «Профи»."""
    publish(k5.ports, {"74": ("Россия фикс.", "1.69"), "79": ("Россия моб.", "1.69")}, 2, name="clovertel")
    k5.top_up("3000.00")
    connect(k5, "plan", "profi")
    connect(k5, "plan", "prosto")
    assert left(k5) == {"На разговоры": 200_00}
    k5.talk(k5.order(MOSCOW, caller=fresh(k5)), "60")
    assert k5.balance() == rub("10.00")
    assert left(k5) == {"На разговоры": 198_31}
    k5.assert_sound()
