"""Who may promise a payment, and until which day."""

from datetime import date, timedelta

import pytest

from k5web.domain.books.promised_payment import PromiseTerms, check
from k5web.domain.money import Money, rub
from k5web.errors import PromiseRefused

TERMS = PromiseTerms(rub("300.00"), days=3, account_days=90, paid_in=rub("500.00"))
OLD = timedelta(days=90)


def why(
    amount: str | None = "300.00",
    age: timedelta = OLD,
    paid_in: str = "500.00",
    *,
    is_open: bool = False,
    own: int = 0,
    terms: PromiseTerms | None = TERMS,
) -> object:
    try:
        check(terms, rub(amount) if amount else None, age, rub(paid_in), is_open, Money(own))
    except PromiseRefused as refusal:
        return refusal.facts["why"]
    return None


def test_an_old_account_that_paid_and_owes_nothing_may() -> None:
    assert why() is None
    assert why(None) is None
    assert why("10.00") is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (why(terms=None), "off"),
        (why(is_open=True, own=-1), "open"),
        (why(own=-1, age=timedelta()), "owed"),
        (why(age=OLD - timedelta(seconds=1)), "young"),
        (why(paid_in="499.99"), "unpaid"),
        (why("300.01"), "sum"),
        (why("9.99"), "sum"),
    ],
)
def test_each_reason_against_it_is_named(found: object, expected: str) -> None:
    assert found == expected


def test_the_last_day_counts_from_today() -> None:
    assert TERMS.last_day(date(2028, 2, 27)) == date(2028, 3, 1)


def test_terms_are_in_the_currency_of_the_account() -> None:
    som = TERMS.in_currency("KGS")
    assert (som.most, som.paid_in, som.fee) == (Money(300_00, "KGS"), Money(500_00, "KGS"), Money(0, "KGS"))
    assert (som.days, som.account_days) == (3, 90)
