"""Rows of promised payments, the floor that follows them, and what cannot be done to either behind their back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from k5web.domain.books.promised_payment import EndedWhy, PromisedPayment, PromiseTerms
from k5web.domain.money import rub
from k5web.services.books import promised_payments
from k5web.storage.books import ledger, promised_payment_rows
from tests.services.house import House


@pytest.fixture
def taken(k5: House) -> PromisedPayment:
    """An open promise of a hundred."""
    k5.ports = replace(k5.ports, promise=PromiseTerms(rub("300.00"), days=3, account_days=0))
    return promised_payments.take(k5.ports, k5.caller.id, rub("100.00"), "form-1")


def test_it_ends_once_and_not_before_its_time(k5: House, taken: PromisedPayment) -> None:
    for at, why, expected in (
        (taken.due_at - timedelta(seconds=1), EndedWhy.DUE, False),
        (taken.due_at, EndedWhy.DUE, True),
        (taken.due_at, EndedWhy.DUE, False),
        (taken.due_at, EndedWhy.PAID, False),
    ):
        with k5.ports.sessions.begin() as db:
            assert promised_payment_rows.end(db, k5.caller.id, taken.n, why, at) is expected
    assert k5.purse().floor == rub("0.00")


def test_own_money_is_without_the_promise(k5: House, taken: PromisedPayment) -> None:
    k5.top_up("30.00")
    with k5.ports.sessions.read() as db:
        purse = ledger.purse(db, k5.caller.id)
        assert (purse.available, promised_payment_rows.own_of(db, purse)) == (rub("130.00"), rub("30.00"))
        assert promised_payment_rows.paid_in(db, purse) == rub("30.00")
        assert promised_payment_rows.newest(db, k5.caller.id) == taken
        assert promised_payment_rows.newest(db, 7) is None
        assert promised_payment_rows.due(db, taken.due_at) == [taken]
        assert promised_payment_rows.due(db, taken.due_at - timedelta(seconds=1)) == []


BY_HAND = (
    "INSERT INTO promised_payment (owner_id, n, account_id, form_key, amount_minor, floor_before, taken_at, due_at) "
    "SELECT owner_id, n + 1, account_id, 'form-2', 100, {floor}, taken_at, due_at FROM promised_payment"
)
FORBIDDEN = [
    "UPDATE account SET floor_minor = -20000",
    "UPDATE account SET floor_minor = 0",
    "UPDATE promised_payment SET amount_minor = 20000",
    "UPDATE promised_payment SET due_at = '2028-01-01 00:00:00.000000Z'",
    "UPDATE promised_payment SET ended_why = 'paid'",
    "UPDATE promised_payment SET floor_before = -5",
    "DELETE FROM promised_payment",
    BY_HAND.format(floor=-10000),
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_programs_own_connection_cannot_move_a_floor_otherwise(
    k5: House, taken: PromisedPayment, statement: str
) -> None:
    before = k5.purse()
    with pytest.raises(DBAPIError), k5.ports.sessions.begin() as db:
        db.execute(text(statement))
    assert k5.purse() == before


def test_an_ended_one_is_not_opened_again(k5: House, taken: PromisedPayment) -> None:
    promised_payments.end_early(k5.ports, k5.caller.id)
    with pytest.raises(DBAPIError), k5.ports.sessions.begin() as db:
        db.execute(text("UPDATE promised_payment SET ended_at = NULL, ended_why = NULL"))
    with pytest.raises(DBAPIError), k5.ports.sessions.begin() as db:  # from another floor than the account has
        db.execute(text(BY_HAND.format(floor=-1)))
    assert k5.purse().floor == rub("0.00")
