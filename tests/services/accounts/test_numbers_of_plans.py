"""Which plan gives a number, and when it gives none: beside another plan, unpaid, alone. Promises: B9, D1, D5."""

import pytest

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.money import rub
from k5web.domain.prices.subscription import SubscriptionState
from k5web.errors import NotOffered, NumberUnpaid
from k5web.services.accounts import numbers
from k5web.services.books.verify import verify
from k5web.storage.accounts import subscribers
from k5web.storage.prices import subscription_rows
from tests.services.accounts.stock import GO, PROSTO, A, fill, on
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect


def test_a_plan_beside_another_has_its_numbers(k5: House) -> None:
    """D1: «Просто» has the prices of numbers, and is had beside «Профи» only."""
    fill(k5.ports)
    k5.top_up("5490.00")
    connect(k5, "plan", "profi")
    with pytest.raises(NotOffered):
        numbers.reserve(k5.ports, k5.caller.id, A)
    connect(k5, "plan", "prosto")
    numbers.reserve(k5.ports, k5.caller.id, A)
    numbers.connect(k5.ports, k5.caller.id, A, "form", rub("2500.00"))
    assert k5.balance() == rub("0.00")
    assert verify(k5.ports) == []


def suspend(k5: House, code: str) -> None:
    """Let the fee of a plan be missing."""
    with k5.ports.sessions.begin() as db:
        [own] = [each for each in subscription_rows.live(db, k5.caller.id) if each.code == code]
        subscription_rows.save(db, [own.become(SubscriptionState.SUSPENDED)])


@pytest.mark.parametrize(("plan", "unpaid"), [(GO, GO), (PROSTO, PROSTO), (PROSTO, "profi")])
def test_no_number_while_a_plan_waits_for_its_fee(k5: House, plan: str, unpaid: str) -> None:
    """B9: neither the included number of GO nor a paid one; nor where the plan that is needed is unpaid (D5)."""
    fill(k5.ports)
    k5.top_up("9000.00")
    mine = on(k5.ports, plan, k5.caller)
    numbers.reserve(k5.ports, mine, A)
    suspend(k5, unpaid)
    before = k5.balance()
    fee = rub("2500.00" if plan == PROSTO else "0.00")
    for step in (
        lambda: numbers.offer(k5.ports, mine, "495"),
        lambda: numbers.connect(k5.ports, mine, A, "form", fee),
    ):
        with pytest.raises(NumberUnpaid):
            step()
    assert (numbers.show(k5.ports, mine, A).state, k5.balance()) == (NumberState.RESERVED, before)


def test_a_plan_that_needs_another_gives_no_number_alone(k5: House) -> None:
    """D5: «Просто» without «Профи» or «VIP», as old rows may say."""
    with k5.ports.sessions.begin() as db:
        subscribers.set_plan(db, k5.caller.id, PROSTO)
    with pytest.raises(NotOffered):
        numbers.offer(k5.ports, k5.caller.id, "495")
