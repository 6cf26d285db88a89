"""Providers' notices as rows, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.storage.payments import notice_rows
from k5web.storage.payments.notice_rows import NOTICE, KeptNotice
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
NAME = EventName("fake:bank", "700")
PAID = KeptNotice(NAME, NOW, "paid", "ok", "", "key=700", 1, rub("250.00"), b"typed", "PSP269")


def test_only_the_credit_itself_tells_what_its_payer_typed(sessions: Sessions) -> None:
    with sessions.begin() as db:
        notice_rows.add(db, PAID)
        notice_rows.add(db, replace(PAID, verdict="repeat", account_hash=b"typed otherwise"))
        notice_rows.add(db, replace(PAID, kind="check", account_hash=b"asked"))
        notice_rows.add(db, replace(PAID, name=EventName("fake:other", "700"), account_hash=b"of another partner"))
    with sessions.read() as db:
        assert notice_rows.credited_hashes(db, NAME) == {b"typed"}


def test_a_payment_is_named_by_its_second_number_and_an_empty_one_names_none(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for verdict in ("ok", "repeat"):
            notice_rows.add(db, replace(PAID, verdict=verdict))
        notice_rows.add(db, replace(PAID, name=EventName("fake:bank", "701"), receipt=""))
    with sessions.read() as db:
        assert notice_rows.names_by_receipt(db, "PSP269", 5) == [NAME]
        assert notice_rows.names_by_receipt(db, "", 5) == []


def test_forged_notices_are_kept_one_a_minute_for_each_origin(sessions: Sessions) -> None:
    forged = replace(PAID, kind="", verdict="forged", owner_id=None, amount=None)
    other = replace(forged, name=EventName("fake:other", ""))
    with sessions.begin() as db:
        for second in (0, 1, 59, 60):
            notice_rows.add_forged(db, replace(forged, at=NOW + timedelta(seconds=second)))
        notice_rows.add_forged(db, other)
        assert db.scalar(select(func.count()).select_from(NOTICE)) == 3
