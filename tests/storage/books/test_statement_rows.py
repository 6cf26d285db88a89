"""What the ledger tells its owner: lines, turnovers and days, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.storage.books import ledger, statement_rows
from k5web.storage.books.statement_rows import Turnover
from k5web.storage.session import Sessions, open_sessions
from tests.tamper import tampering

OWNER = 100001
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST = date(2026, 12, 1)
MONTH = FIRST, date(2027, 1, 1)


@pytest.fixture
def account(sessions: Sessions) -> int:
    """An account with 100.00 of November; in December 50.00 came, 4.40 and 1.00 went on that day, 2.20 later."""
    with sessions.begin() as db:
        account_id = ledger.open_account(db, OWNER, "main", "RUB")
    days = ((-1, 10000), (0, 5000), (0, -440), (0, -100), (2, -220))
    for n, (after, minor) in enumerate(days):
        day, at = FIRST + timedelta(days=after), NOW + timedelta(days=after)
        event = Event(OWNER, EventName("test:bank", str(n)), (Move(account_id, minor, "cash.test"),), "test", at)
        with sessions.begin() as db:
            ledger.record(db, event, day, at)
    return account_id


def test_a_month_opens_with_what_was_before_and_sums_what_came_and_went(sessions: Sessions, account: int) -> None:
    with sessions.read() as db:
        turnover = statement_rows.turnover(db, OWNER, account, MONTH)
        assert turnover == Turnover(opening=10000, total_in=5000, total_out=-760, since=FIRST - timedelta(days=1))
        assert turnover.closing == 14240
        assert statement_rows.turnover(db, OWNER + 1, account, MONTH) == Turnover(0, 0, 0)


def test_lines_are_the_newest_first_and_go_on_by_key(sessions: Sessions, account: int) -> None:
    with sessions.read() as db:
        first = statement_rows.lines(db, OWNER, account, MONTH, None, 3)
        assert [line.posting.amount.minor for line in first] == [-220, -100, -440]
        rest = statement_rows.lines(db, OWNER, account, MONTH, first[-1].posting.seq, 3)
        assert [line.posting.amount.minor for line in rest] == [5000]
        assert statement_rows.line(db, OWNER, account, first[0].posting.seq) == first[0]
        assert statement_rows.line(db, OWNER + 1, account, first[0].posting.seq) is None


def test_an_account_begins_with_its_first_posting(sessions: Sessions, account: int) -> None:
    with sessions.read() as db:
        assert statement_rows.first_day(db, OWNER, account) == FIRST - timedelta(days=1)


def test_a_reversal_names_what_it_takes_back(sessions: Sessions, account: int) -> None:
    name, original = EventName("reversal", "test:bank 2"), EventName("test:bank", "2")
    event = Event(OWNER, name, (Move(account, 440, "cash.test"),), "staff:1", NOW, reverses=original)
    with sessions.begin() as db:
        ledger.record(db, event, MONTH[0] + timedelta(days=3), NOW)
    with sessions.read() as db:
        line = statement_rows.by_event(db, OWNER, account, name)
        assert line is not None
        assert (line.reverses, line.posting.amount.minor) == (original, 440)


@pytest.mark.postgres
def test_postgresql_knows_that_an_account_has_one_owner(postgres_url: str) -> None:
    """It took each account for next to empty, and looked for a posting in the whole chain, not by its event's name."""
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.begin() as db:
        for owner_id in range(OWNER, OWNER + 40):
            account_id = ledger.open_account(db, owner_id, "main", "RUB")
            for n in range(5):
                name = EventName("call", f"{owner_id}-{n}")
                ledger.record(db, Event(owner_id, name, (Move(account_id, 100, "gift"),), "test", NOW), FIRST, NOW)
    with tampering(postgres_url) as hand:
        hand.execute(text("ANALYZE posting"))
        chain = f"SELECT * FROM posting WHERE owner_id = {OWNER} AND account_id = 1"
        [plan] = hand.execute(text(f"EXPLAIN (FORMAT JSON) {chain}")).scalar_one()
    assert plan["Plan"]["Plan Rows"] == 5
    sessions.dispose()
