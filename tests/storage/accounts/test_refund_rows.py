"""Rows of applications: one is open at a time, and each is closed once."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from k5web.domain.accounts.ending import Requisites
from k5web.domain.money import rub
from k5web.storage.accounts import refund_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TO = Requisites("Анна", "40817810100000000001", "044525225")


def test_an_application_is_open_until_it_is_paid_or_declined_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        first = refund_rows.add(db, 1, rub("10.00"), TO, NOW, date(2026, 12, 31))
        other = refund_rows.add(db, 2, rub("5.00"), TO, NOW, date(2026, 12, 30))
        assert refund_rows.waiting(db) == [other, first]
    with pytest.raises(IntegrityError), sessions.begin() as db:
        refund_rows.add(db, 1, rub("10.00"), TO, NOW, date(2026, 12, 31))
    with sessions.begin() as db:
        assert [refund_rows.note_paid(db, first, NOW, "staff:ivan", "17") for _ in range(2)] == [True, False]
        assert not refund_rows.note_declined(db, first, NOW, "staff:ivan", "x")
        assert refund_rows.note_declined(db, other, NOW, "staff:ivan", "x")
        assert refund_rows.waiting(db) == []
        [paid] = refund_rows.of_owner(db, 1)
    assert (paid.paid_at, paid.document, paid.is_open) == (NOW, "17", False)
