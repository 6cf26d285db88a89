"""Corrections and debts that are written off. Promises: S22, docs/ledger.md."""

import pytest

from k5web.domain.books.ledger import Posted
from k5web.domain.money import Money, rub
from k5web.errors import Conflict, CurrencyMismatch, InsufficientFunds, K5Error, WrongDeed
from k5web.services.books import adjustments
from tests.services.house import House

STAFF = "staff:anna"


def adjust(k5: House, amount: Money, form: str = "form-0001", counter: str = "gift") -> Posted:
    with k5.ports.sessions.begin() as db:
        return adjustments.adjust(k5.ports, db, k5.caller.id, amount, counter, form, STAFF)


def write_off(k5: House, amount: Money, form: str = "form-0001") -> Posted:
    with k5.ports.sessions.begin() as db:
        return adjustments.write_off(k5.ports, db, k5.caller.id, amount, form, STAFF)


def test_the_same_form_is_booked_once_and_with_another_sum_refused(k5: House) -> None:
    assert [adjust(k5, rub("5.00")).is_new for _ in range(2)] == [True, False]
    with pytest.raises(Conflict):
        adjust(k5, rub("6.00"))
    k5.assert_sound()
    assert k5.balance() == rub("5.00")


def test_a_correction_takes_only_what_is_there(k5: House) -> None:
    k5.top_up("10.00")
    with pytest.raises(InsufficientFunds):
        adjust(k5, Money(-1001), counter="loss")
    adjust(k5, Money(-1000), counter="loss")
    assert k5.balance() == rub("0.00")


@pytest.mark.parametrize(
    ("amount", "counter", "refusal"),
    [
        (Money(0), "gift", WrongDeed),
        (Money(1), "sale.call", WrongDeed),
        (Money(1), "nowhere", WrongDeed),
        (Money(1, "KGS"), "gift", CurrencyMismatch),
    ],
)
def test_what_is_no_correction_is_refused(k5: House, amount: Money, counter: str, refusal: type[K5Error]) -> None:
    with pytest.raises(refusal):
        adjust(k5, amount, counter=counter)


def test_without_a_debt_nothing_is_written_off(k5: House) -> None:
    for minor in (-1, 0, 1):
        with pytest.raises(WrongDeed):
            write_off(k5, Money(minor))
