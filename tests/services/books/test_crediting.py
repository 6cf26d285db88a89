"""The credit itself: one posting under the payment's name, against the house account of who brought the money."""

from datetime import timedelta

import pytest

from k5web.config.table import PartnerTable
from k5web.domain.books.ledger import EventName, Posted
from k5web.domain.money import rub
from k5web.errors import Conflict
from k5web.services.books.crediting import Credit, actor, credit_in, house_account
from k5web.storage.books import ledger, statement_rows
from tests.fakes.connector import PARTNER, FakeConnector
from tests.services.house import House

NAME = EventName("fake:bank", "700")


def credit(k5: House, amount: str) -> Posted:
    with k5.ports.sessions.begin() as db:
        account_id = ledger.purse(db, k5.caller.id).account_id
        at = k5.clock() - timedelta(days=1)
        of = Credit(k5.caller.id, account_id, NAME, rub(amount), "cash.fake", "connector:fake", at)
        return credit_in(k5.ports, db, of)


def test_a_payment_is_posted_once_against_the_house_account(k5: House) -> None:
    first = credit(k5, "250.00")
    again = credit(k5, "250.00")
    assert (first.is_new, again.is_new, again.postings) == (True, False, first.postings)
    assert first.postings[0].counter == "cash.fake"
    with pytest.raises(Conflict):
        credit(k5, "250.01")
    assert k5.balance() == rub("250.00")
    k5.assert_sound()


def test_a_payment_is_of_the_day_it_is_booked_and_keeps_the_moment_it_was_paid(k5: House) -> None:
    posted = credit(k5, "250.00").postings[0]
    with k5.ports.sessions.read() as db:
        line = statement_rows.line(db, k5.caller.id, posted.account_id, posted.seq)
    assert line is not None
    assert line.posting.day == k5.ports.today()
    assert (line.occurred_at, line.recorded_at) == (k5.clock() - timedelta(days=1), k5.clock())


def test_money_is_named_by_the_connector_that_brought_it() -> None:
    from_bank = FakeConnector(PartnerTable({**PARTNER}, ()).partner({"plain"}))
    assert (house_account(from_bank), actor(from_bank)) == ("cash.fake", "connector:fake")
