"""Receipts for paying at a bank: whose they are, and how many of a day are listed. Promises: B13."""

from dataclasses import replace

import pytest

from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.bank import receipts
from k5web.storage.bank import receipt_rows
from tests.fakes.payee import ROMASHKA
from tests.services.house import House


def test_a_receipt_is_to_the_subscribers_own_account_at_the_payees_bank(k5: House) -> None:
    made = receipts.make(k5.ports, k5.caller, rub("500.00"))
    assert (made.account, made.amount, made.payee) == (str(k5.caller.id), rub("500.00"), ROMASHKA)
    assert receipts.make(k5.ports, k5.caller, None).amount is None


def test_where_nobody_is_paid_and_for_an_account_in_som_there_is_none(k5: House) -> None:
    som = add_subscriber(k5.ports, Msisdn("996555010203"), "correct horse", "Айгуль", "KGS")
    assert [receipts.are_for(k5.ports, payer) for payer in (None, k5.caller, som)] == [True, True, False]
    with pytest.raises(NotFound):
        receipts.make(k5.ports, som, rub("500.00"))
    nobody = replace(k5.ports, payee=None)
    assert not receipts.are_for(nobody, k5.caller)
    with pytest.raises(NotFound):
        receipts.make(nobody, k5.caller, rub("500.00"))


def test_twenty_of_a_day_are_listed_and_the_next_day_begins_anew(k5: House) -> None:
    for day in range(2):
        k5.clock.forward(days=day)
        for roubles in range(1, receipts.MOST_A_DAY + 3):
            receipts.note_printed(k5.ports, receipts.make(k5.ports, k5.caller, Money(roubles * 100)))
    with k5.ports.sessions.read() as db:
        assert len(receipt_rows.newest(db, k5.caller.id, 100)) == 2 * receipts.MOST_A_DAY
