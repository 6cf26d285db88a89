"""Events of several owners booked together: the same chain, the same refusals as one by one, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.errors import AccountClosed, Conflict, InsufficientFunds
from k5web.storage.books import ledger
from k5web.storage.books.ledger_batch import LedgerBatch
from k5web.storage.session import Sessions
from k5web.storage.tables import AccountRow

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
TODAY = date(2026, 12, 1)
OWNERS = (1, 2, 3)


def batch_of(db: Session, today: date = TODAY) -> LedgerBatch:
    return LedgerBatch(db, OWNERS, today, NOW)


def event(batch: LedgerBatch, owner_id: int, key: str, amount: int) -> Event:
    purse = batch.purse(owner_id)
    assert purse
    return Event(owner_id, EventName("order", key), (Move(purse.account_id, amount, "sale.order"),), "job:test", NOW)


@pytest.fixture
def opened(sessions: Sessions) -> Sessions:
    """Three owners with 10.00 each."""
    with sessions.begin() as db:
        for owner_id in OWNERS:
            ledger.open_account(db, owner_id, "main", "RUB")
        batch = batch_of(db)
        for owner_id in OWNERS:
            batch.record(event(batch, owner_id, "gift", 10_00))
        batch.write()
    return sessions


def test_several_links_of_one_account_follow_each_other(opened: Sessions) -> None:
    with opened.begin() as db:
        batch = batch_of(db)
        for owner_id in OWNERS:
            for n in (1, 2):
                batch.charge(event(batch, owner_id, f"{n}", -2_00))
        batch.write()
    with opened.read() as db:
        assert {owner_id: ledger.purse(db, owner_id).balance for owner_id in OWNERS} == dict.fromkeys(
            OWNERS, rub("6.00")
        )
        found = ledger.find_event(db, 2, EventName("order", "2"))
        assert found
        assert [(one.seq, one.balance) for one in found.postings] == [(3, rub("6.00"))]


def test_what_is_not_there_is_refused_with_what_the_batch_took_before(opened: Sessions) -> None:
    with opened.begin() as db:
        batch = batch_of(db)
        batch.charge(event(batch, 1, "first", -6_00))
        with pytest.raises(InsufficientFunds):
            batch.charge(event(batch, 1, "second", -4_01))
        batch.write()
    with opened.read() as db:
        assert ledger.purse(db, 1).balance == rub("4.00")


def test_a_known_name_refuses_the_whole_batch(opened: Sessions) -> None:
    def take_and_give_again() -> None:
        with opened.begin() as db:
            batch = batch_of(db)
            batch.charge(event(batch, 2, "new", -1_00))
            batch.record(event(batch, 3, "gift", 10_00))
            batch.write()

    with pytest.raises(Conflict):
        take_and_give_again()
    with opened.read() as db:
        assert [ledger.purse(db, owner_id).balance for owner_id in OWNERS] == [rub("10.00")] * 3


def test_a_day_that_went_back_stays_with_the_accounts_last(opened: Sessions) -> None:
    with opened.begin() as db:
        batch = batch_of(db, date(2026, 11, 30))
        batch.charge(event(batch, 1, "late", -1_00))
        batch.write()
    with opened.read() as db:
        found = ledger.find_event(db, 1, EventName("order", "late"))
        assert found
        assert [one.day for one in found.postings] == [TODAY]


def test_a_closed_account_takes_no_part(opened: Sessions) -> None:
    with opened.begin() as db:
        db.execute(update(AccountRow).where(AccountRow.owner_id == 1).values(closed_at=NOW))
        batch = batch_of(db)
        with pytest.raises(AccountClosed):
            batch.charge(event(batch, 1, "x", -1_00))


def test_who_has_no_account_is_left_out(opened: Sessions) -> None:
    with opened.begin() as db:
        batch = LedgerBatch(db, [1, 77], TODAY, NOW)
        assert batch.owners == [1]
        assert batch.purse(77) is None
