"""A number that a plan gives ends with it, and goes on where the next plan gives it too. Promises: B7, D1, D5."""

from datetime import UTC, datetime

import pytest

from k5web.domain.accounts.stock_number import NumberState
from k5web.services.accounts import numbers
from k5web.services.prices import billing, idle, steps, subscriptions
from k5web.storage.accounts import number_rows
from tests.services.accounts.stock import A, C, fill
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect, fresh, sound


def rent(k5: House, *wanted: str) -> None:
    """Reserve and connect numbers for what they cost now."""
    for digits in wanted:
        numbers.reserve(k5.ports, k5.caller.id, digits)
        fee = numbers.offer(k5.ports, k5.caller.id, digits[1:4]).fee
        numbers.connect(k5.ports, k5.caller.id, digits, f"form-{digits}", fee)


def rented(k5: House) -> list[str]:
    own = numbers.of_owner(k5.ports, k5.caller.id)
    return [one.msisdn.digits for one in own if one.state is NumberState.RENTED]


@pytest.fixture
def rich(k5: House) -> House:
    """A house with numbers, whose caller has money."""
    fill(k5.ports)
    k5.top_up("20000.00")
    return k5


def test_the_included_number_goes_on_with_the_next_plan_that_includes_one(rich: House) -> None:
    connect(rich, "plan", "go")
    rent(rich, A)
    connect(rich, "plan", "go-100")
    assert rented(rich) == [A]
    sound(rich)


def test_the_included_number_ends_with_its_plan(rich: House) -> None:
    connect(rich, "plan", "go")
    rent(rich, A)
    assert steps.look_at(rich.ports, fresh(rich), "plan", "go-100").numbers == ()
    assert [one.digits for one in steps.look_at(rich.ports, fresh(rich), "plan", "k5").numbers] == [A]
    connect(rich, "plan", "k5")
    assert rented(rich) == []
    with rich.ports.sessions.read() as db:
        last = number_rows.history(db, A)[-1]
    assert (last.state, last.actor, last.owner_id) == (NumberState.QUARANTINE, "job:plans", rich.caller.id)
    sound(rich)


def test_numbers_of_prosto_go_on_from_profi_to_vip_and_end_with_telephony(rich: House) -> None:
    connect(rich, "plan", "profi")
    connect(rich, "plan", "prosto")
    rent(rich, A, C)
    connect(rich, "plan", "vip")
    assert rented(rich) == [A, C]
    connect(rich, "plan", "k5")
    assert rented(rich) == []


def test_numbers_end_on_the_day_to_which_their_plan_is_paid(rich: House) -> None:
    connect(rich, "plan", "profi")
    connect(rich, "plan", "prosto")
    rent(rich, A)
    subscriptions.disconnect(rich.ports, fresh(rich), 2)
    rich.clock.now = datetime(2026, 12, 31, 20, 59, tzinfo=UTC)  # the last minute of December in Moscow
    billing.run(rich.ports)
    assert rented(rich) == [A]
    rich.clock.forward(minutes=1)
    billing.run(rich.ports)
    assert rented(rich) == []
    sound(rich)


def test_only_so_many_go_on_as_the_next_plan_gives_the_oldest_first(rich: House) -> None:
    connect(rich, "plan", "profi")
    connect(rich, "plan", "prosto")
    rent(rich, A)
    rich.clock.forward(minutes=1)
    rent(rich, C)
    connect(rich, "plan", "go")
    assert rented(rich) == [A]


def test_a_suspended_plan_keeps_its_number(rich: House) -> None:
    """B9: what is paid stops, and comes back; nobody else gets the number meanwhile."""
    connect(rich, "plan", "go-1000")
    rent(rich, A)
    rich.clock.now = datetime(2027, 12, 1, 9, tzinfo=UTC)
    assert billing.run(rich.ports).suspended
    assert rented(rich) == [A]
    assert idle.move_idle(rich.ports) == 0
