"""What is left of allowances: granted for each period, spent, kept or lost at its end."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from k5web.domain.prices.allowances import AllowanceBook
from k5web.domain.prices.plan import Allowance, Plan
from k5web.domain.prices.usage import Every, Kind, UsageEvent, Zone


def plan(*, rolls_over: bool = False, every: Every = Every.MONTH) -> Plan:
    gift = Allowance(
        "gift",
        "Подарок",
        "SEC",
        600,
        every,
        frozenset({Kind.CALL}),
        frozenset(),
        frozenset(Zone),
        rolls_over=rolls_over,
    )
    return Plan("test", "", "b_answer", 1, allowances=(gift,))


def book(*, rolls_over: bool = False, every: Every = Every.MONTH) -> AllowanceBook:
    return AllowanceBook(plan(rolls_over=rolls_over, every=every))


def published(day: date, first: Plan, amount: int, code: str = "gift") -> AllowanceBook:
    """The book of a plan whose allowance has another amount from a day on."""
    second = replace(first, allowances=(replace(first.allowances[0], amount=amount, code=code),))
    return AllowanceBook(lambda asked: second if asked >= day else first)


def on(month: int, day: int) -> UsageEvent:
    return UsageEvent(datetime(2026, month, day, 12, tzinfo=UTC), Kind.CALL, "7495", 1)


def test_a_period_begins_with_its_grant_and_uses_take_from_it() -> None:
    gifts = book()
    assert gifts.left(on(11, 30)) == {"gift": 600}
    gifts.take({"gift": 250})
    assert gifts.left(on(11, 30)) == {"gift": 350}


@pytest.mark.parametrize(("rolls_over", "left"), [(False, 600), (True, 950)])
def test_the_rest_is_lost_or_kept_when_the_next_period_begins(rolls_over: bool, left: int) -> None:
    gifts = book(rolls_over=rolls_over)
    gifts.left(on(11, 30))
    gifts.take({"gift": 250})
    assert gifts.left(on(12, 1)) == {"gift": left}


def test_a_day_is_a_period_of_its_own() -> None:
    gifts = book(every=Every.DAY)
    gifts.left(on(11, 29))
    gifts.take({"gift": 600})
    assert gifts.left(on(11, 29)) == {"gift": 0}
    assert gifts.left(on(11, 30)) == {"gift": 600}


def test_what_is_kept_grows_in_months_without_a_use_too() -> None:
    gifts = book(rolls_over=True)
    gifts.left(on(9, 1))
    assert gifts.left(on(11, 1)) == {"gift": 1_800}


def test_a_period_gives_what_the_version_of_its_first_day_says() -> None:
    gifts = published(date(2026, 11, 15), plan(), 900)
    assert gifts.left(on(11, 14)) == {"gift": 600}
    gifts.take({"gift": 100})
    assert gifts.left(on(11, 15)) == {"gift": 500}
    assert gifts.left(on(12, 1)) == {"gift": 900}


def test_a_month_that_is_first_used_after_the_change_gives_the_same() -> None:
    assert published(date(2026, 11, 15), plan(), 900).left(on(11, 20)) == {"gift": 600}
    assert published(date(2026, 11, 15), plan(), 900, "new").left(on(11, 20)) == {"new": 0}


def test_a_day_gives_what_its_own_version_says() -> None:
    gifts = published(date(2026, 11, 15), plan(every=Every.DAY), 900)
    assert [gifts.left(on(11, day))["gift"] for day in (14, 15)] == [600, 900]


def test_what_is_kept_grows_by_the_version_of_each_period() -> None:
    gifts = published(date(2026, 10, 20), plan(rolls_over=True), 900)
    gifts.left(on(9, 1))
    assert gifts.left(on(12, 1)) == {"gift": 600 + 600 + 900 + 900}
