"""Closed days: which are due, and what a digest is made of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.books.sealing import DayClose, SealedPosting, days_due, digest_of, seal_digest
from k5web.domain.money import rub

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MADE = SealedPosting(
    Posting(100001, 7, date(2026, 12, 1), 1, rub("100.00"), rub("100.00"), "cash.test", EventName("test:bank", "п|1")),
    b"\x01" * 32,
    "connector:test",
    NOON,
    NOON,
    None,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2026-12-02 00:29:59", date(2026, 11, 30), []),
        ("2026-12-02 00:30:00", date(2026, 11, 30), ["2026-12-01"]),
        ("2026-12-02 12:00:00", date(2026, 12, 1), []),
        ("2026-12-04 12:00:00", date(2026, 11, 30), ["2026-12-01", "2026-12-02", "2026-12-03"]),
        ("2027-01-01 00:30:00", date(2026, 12, 30), ["2026-12-31"]),
        ("2028-03-01 00:30:00", date(2028, 2, 28), ["2028-02-29"]),
        ("2026-11-20 12:00:00", date(2026, 12, 1), []),  # a clock that was turned back
        ("2026-12-02 12:00:00", None, ["2026-12-01"]),  # the first takes all before it into one day
        ("2026-12-02 00:10:00", None, ["2026-11-30"]),
    ],
)
def test_a_day_is_due_from_half_an_hour_after_its_end(now: str, last: date | None, due: list[str]) -> None:
    assert [day.isoformat() for day in days_due(at(now), last)] == due


def test_the_canonical_form_is_one_line_of_json() -> None:
    assert MADE.canonical.decode() == (
        '[100001,7,"2026-12-01",1,"RUB",10000,10000,"cash.test","test:bank","п|1","' + "01" * 32 + '",'
        '"connector:test","2026-12-01T09:00:00.000000Z","2026-12-01T09:00:00.000000Z",null,null]'
    )


OTHERS = [
    replace(MADE, posting=replace(MADE.posting, owner_id=100002)),
    replace(MADE, posting=replace(MADE.posting, account_id=8)),
    replace(MADE, posting=replace(MADE.posting, day=date(2026, 12, 2))),
    replace(MADE, posting=replace(MADE.posting, seq=2)),
    replace(MADE, posting=replace(MADE.posting, amount=rub("100.01"))),
    replace(MADE, posting=replace(MADE.posting, balance=rub("100.01"))),
    replace(MADE, posting=replace(MADE.posting, counter="gift")),
    replace(MADE, posting=replace(MADE.posting, name=EventName("test:bank", "п"))),
    replace(MADE, fingerprint=b"\x02" * 32),
    replace(MADE, actor="staff:1"),
    replace(MADE, occurred_at=NOON + timedelta(microseconds=1)),
    replace(MADE, recorded_at=NOON + timedelta(microseconds=1)),
    replace(MADE, reverses=EventName("call", "1")),
]


@pytest.mark.parametrize("other", OTHERS)
def test_whatever_of_a_posting_changes_changes_its_digest(other: SealedPosting) -> None:
    assert digest_of(b"", [other.canonical]) != digest_of(b"", [MADE.canonical])


def test_a_moment_is_written_alike_from_any_zone() -> None:
    assert replace(MADE, occurred_at=NOON.astimezone(MOSCOW)).canonical == MADE.canonical


def test_a_seal_tells_the_day_the_seal_before_and_the_order_of_the_accounts() -> None:
    day = date(2026, 12, 1)
    one, two = DayClose(1, 1, day, 1, 100, b"a"), DayClose(2, 2, day, 1, 100, b"b")
    seals = [
        seal_digest(b"", day, [one, two]),
        seal_digest(b"", day, [two, one]),
        seal_digest(b"", day, [one]),
        seal_digest(b"", day + timedelta(days=1), [one, two]),
        seal_digest(b"x", day, [one, two]),
        seal_digest(b"", day, [one, replace(two, balance=101)]),
        seal_digest(b"", day, [one, replace(two, last_seq=2)]),
        seal_digest(b"", day, [one, replace(two, digest=b"c")]),
    ]
    assert len(set(seals)) == len(seals)
