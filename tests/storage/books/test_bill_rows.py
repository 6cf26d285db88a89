"""What was counted of a day is kept in place of what was counted before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from k5web.domain.books.bill_check import BillDay
from k5web.domain.money import Money, rub
from k5web.storage.books import bill_rows
from k5web.storage.session import Sessions

DAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 2, tzinfo=UTC)
ROUBLES = BillDay(DAY, "RUB", 2, rub("2.20"), rub("2.20"), rub("2.20"), rub("0.00"), 0, NOW)
SOM = BillDay(DAY, "KGS", 1, Money(100, "KGS"), Money(100, "KGS"), Money(90, "KGS"), Money(5, "KGS"), 1, NOW)


def test_the_last_count_of_a_day_is_what_is_kept(sessions: Sessions) -> None:
    later = replace(ROUBLES, calls=3, ledger=rub("3.30"), counted_at=NOW + timedelta(hours=1))
    with sessions.begin() as db:
        bill_rows.save(db, [ROUBLES, SOM])
        bill_rows.save(db, [later, replace(ROUBLES, day=DAY + timedelta(days=1))])
        bill_rows.save(db, [])
    with sessions.read() as db:
        assert bill_rows.counted(db, DAY, DAY) == [SOM, later]
        assert [one.day for one in bill_rows.counted(db, DAY, DAY + timedelta(days=9))] == [
            DAY + timedelta(days=1), DAY, DAY,
        ]  # fmt: skip
