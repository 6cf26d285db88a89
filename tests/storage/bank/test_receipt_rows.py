"""Printed receipts as rows, on both databases."""

from datetime import UTC, date, datetime, timedelta

from k5web.domain.bank.receipt import Printed
from k5web.domain.money import rub
from k5web.storage.bank import receipt_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 12, 1)


def test_the_same_receipt_is_kept_once_a_day_and_the_newest_stands_first(sessions: Sessions) -> None:
    dear, empty = Printed(DAY, rub("500.00")), Printed(DAY, None)
    tomorrow = Printed(DAY + timedelta(days=1), rub("500.00"))
    with sessions.begin() as db:
        for minute, printed in enumerate((dear, empty, dear, tomorrow)):
            receipt_rows.add(db, 1, printed, NOW + timedelta(minutes=minute))
        receipt_rows.add(db, 2, dear, NOW)
    with sessions.read() as db:
        assert receipt_rows.newest(db, 1, 10) == [tomorrow, empty, dear]
        assert receipt_rows.newest(db, 1, 1) == [tomorrow]
