"""Pieces of a service: more are paid for the days left, fewer go on from the next fee, on both databases."""

from datetime import UTC, datetime

import pytest

from k5web.domain.money import rub
from k5web.domain.prices.subscription import SubscriptionState
from k5web.errors import AlreadyThere, InsufficientFunds, NotFound, PlanUnpaid
from k5web.services.prices import billing, steps, subscriptions
from k5web.storage.prices import subscription_rows
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect, fresh, number_of, sound, states


def pieces_of(k5: House, code: str) -> tuple[int, int | None]:
    """How many there are, and how many from the next period on where that is fewer."""
    with k5.ports.sessions.read() as db:
        [one] = [each for each in subscription_rows.live(db, k5.caller.id) if each.code == code]
    return one.pieces, one.next_pieces


def test_pieces_of_a_service_are_paid_by_the_month(k5: House) -> None:
    """B7: two more users at 110 a month."""
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 2)
    assert k5.balance() == rub("2000.00") - rub("600.00") - rub("220.00")
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(k5.ports)
    assert k5.balance() == rub("1180.00") - rub("820.00")
    assert subscriptions.overview(k5.ports, fresh(k5)).month_ahead == rub("820.00")
    sound(k5)


def test_more_pieces_are_paid_for_the_days_left_and_then_by_the_month(k5: House) -> None:
    """B7: 110 for each further user; the second one, from the 17th on, costs 15 of 31 days."""
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 1)
    k5.clock.now = datetime(2026, 12, 17, 9, tzinfo=UTC)
    step = steps.look_at(k5.ports, fresh(k5), "service", "extra_user", 2)
    assert (step.now, step.held_pieces, step.refusal) == (rub("53.23"), 1, None)
    for _ in range(2):  # a form that is sent twice orders once
        subscriptions.connect(k5.ports, fresh(k5), "service", "extra_user", "more", rub("53.23"), 2)
    assert k5.balance() == rub("1236.77")  # 2000.00 - 600.00 - 110.00 - 53.23
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(k5.ports)
    assert k5.balance() == rub("416.77")  # less 600.00 and 2 x 110.00
    sound(k5)


@pytest.mark.parametrize("pieces", [1, 2])
def test_fewer_or_as_many_pieces_are_no_order(k5: House, pieces: int) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 2)
    with pytest.raises(AlreadyThere):
        subscriptions.connect(k5.ports, fresh(k5), "service", "extra_user", "again", rub("0.00"), pieces)
    assert k5.balance() == rub("1180.00")


def test_fewer_pieces_go_on_from_the_next_fee(k5: House) -> None:
    """B3, B7: what is paid works to its end; then only what was left is paid."""
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 3)
    n = number_of(k5, "extra_user")
    for pieces in (2, 1, 1):
        subscriptions.have_fewer(k5.ports, fresh(k5), n, pieces)
    assert pieces_of(k5, "extra_user") == (3, 1)
    assert subscriptions.overview(k5.ports, fresh(k5)).month_ahead == rub("710.00")
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(k5.ports)
    assert k5.balance() == rub("2000.00") - rub("930.00") - rub("710.00")
    assert pieces_of(k5, "extra_user") == (1, None)
    sound(k5)


@pytest.mark.parametrize("way", ["keep", "as many", "more", "end"])
def test_that_fewer_go_on_is_taken_back(k5: House, way: str) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 3)
    n = number_of(k5, "extra_user")
    subscriptions.have_fewer(k5.ports, fresh(k5), n, 1)
    if way == "more":
        connect(k5, "service", "extra_user", 4, "more")
    else:
        {
            "keep": lambda: subscriptions.keep(k5.ports, fresh(k5), n),
            "as many": lambda: subscriptions.have_fewer(k5.ports, fresh(k5), n, 3),
            "end": lambda: subscriptions.disconnect(k5.ports, fresh(k5), n),
        }[way]()
    assert pieces_of(k5, "extra_user")[1] is None
    sound(k5)


def test_fewer_pieces_of_what_is_not_paid_are_paid_where_the_money_is_enough(k5: House) -> None:
    """B9: it had to be ended whole before."""
    k5.top_up("1740.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 3)
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    for _ in range(2):
        billing.run(k5.ports)
    assert (k5.balance(), states(k5)["extra_user"]) == (rub("210.00"), SubscriptionState.SUSPENDED)
    subscriptions.have_fewer(k5.ports, fresh(k5), number_of(k5, "extra_user"), 1)
    billing.run(k5.ports)
    assert (k5.balance(), states(k5)["extra_user"]) == (rub("100.00"), SubscriptionState.ACTIVE)
    sound(k5)


@pytest.mark.parametrize("pieces", [0, 3, -1])
def test_more_or_none_are_not_fewer(k5: House, pieces: int) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 2)
    with pytest.raises(NotFound):
        subscriptions.have_fewer(k5.ports, fresh(k5), number_of(k5, "extra_user"), pieces)
    with pytest.raises(NotFound):
        subscriptions.have_fewer(k5.ports, fresh(k5), 99, 1)


def test_more_pieces_of_what_is_not_paid_wait_for_the_fee(k5: House) -> None:
    k5.top_up("710.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 1)
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(k5.ports)
    assert states(k5)["extra_user"] is SubscriptionState.SUSPENDED
    assert isinstance(steps.look_at(k5.ports, fresh(k5), "service", "extra_user", 2).refusal, PlanUnpaid)


def test_more_pieces_than_there_is_money_for_take_nothing(k5: House) -> None:
    k5.top_up("719.99")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 1)
    with pytest.raises(InsufficientFunds):
        subscriptions.connect(k5.ports, fresh(k5), "service", "extra_user", "more", rub("110.00"), 2)
    assert k5.balance() == rub("9.99")


def test_of_what_ends_no_fewer_go_on(k5: House) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    connect(k5, "service", "extra_user", 2)
    n = number_of(k5, "extra_user")
    subscriptions.disconnect(k5.ports, fresh(k5), n)
    with pytest.raises(NotFound):
        subscriptions.have_fewer(k5.ports, fresh(k5), n, 1)
    assert pieces_of(k5, "extra_user") == (2, None)
