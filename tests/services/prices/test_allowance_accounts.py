"""Allowances as accounts: granted once for a period, expired with it, never below nothing."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.errors import Conflict
from k5web.services.prices import allowance_accounts
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage.books import ledger
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect, fresh, sound


def test_a_period_is_granted_once_and_takes_back_what_was_left(k5: House) -> None:
    k5.top_up("600.00")
    connect(k5, "plan", "go-100")
    plan = k5.ports.plans.of(fresh(k5))
    [minutes] = plan.allowances
    with k5.ports.sessions.begin() as db:
        give(k5, db, date(2027, 1, 1))
        purse = ledger.purses(db, k5.caller.id)[allowance_accounts.purpose_of(minutes)]
        assert (purse.balance.minor, purse.balance.currency) == (6000, "SEC")
        expired = ledger.find_event(db, k5.caller.id, EventName("expire", "1:gift-minutes:2027-01-01"))
        assert expired is not None
        assert [posting.amount.minor for posting in expired.postings] == [-6000]
    with pytest.raises(Conflict), k5.ports.sessions.begin() as db:
        give(k5, db, date(2027, 1, 1))
    sound(k5)


def give(k5: House, db: Session, period: date) -> None:
    """Grant what a period of the plan brings."""
    batch = FeeBatch.of(k5.ports, db, k5.caller.id)
    [minutes] = k5.ports.plans.of(fresh(k5)).allowances
    allowance_accounts.grant(batch, batch.live(k5.caller.id)[0], minutes, period, minutes.amount)
    batch.write()


def test_money_for_calls_is_in_the_currency_and_an_option_has_its_own(k5: House) -> None:
    prosto, economny = k5.ports.plans.current("prosto"), k5.ports.plans.current("economny")
    assert [allowance_accounts.unit_of(each) for each in prosto.allowances] == ["RUB"]
    assert {allowance_accounts.unit_of(each) for each in economny.allowances} == {"SEC", "KB", "SMS"}


def test_what_was_never_given_is_not_there(k5: House) -> None:
    with k5.ports.sessions.read() as db:
        assert allowance_accounts.left(db, k5.caller.id, k5.ports.plans.current("go")) == {}
