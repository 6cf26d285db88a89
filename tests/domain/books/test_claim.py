"""Claims: until when, by when, and what the right charge is called (B11)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from k5web.domain.books.claim import (
    Claim,
    Outcome,
    last_claim_day,
    pay_by,
)
from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub

CALL = EventName("call", "100001-5")


def claim(given: Money | None = None, **known: object) -> Claim:
    at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    facts = {"disputed": rub("1.00"), "answered_at": None if given is None else at, "given": given} | known
    values = {"charge": CALL, "seq": 2, "charged": rub("2.20"), "reason": "price", "text": ""} | facts
    to = {"recipient": "", "account": "", "bank": ""}
    return Claim(owner_id=1, n=3, account_id=7, opened_at=at, opened_by="x", due_on=date(2026, 12, 31), **to, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("charged", "last"),
    [
        ("2026-12-01", "2027-01-20"),
        ("2026-12-31", "2027-01-20"),
        ("2027-01-31", "2027-02-20"),
        ("2028-02-29", "2028-03-20"),
        ("2026-11-30", "2026-12-20"),
    ],
)
def test_a_month_is_disputed_until_the_twentieth_of_the_next(charged: str, last: str) -> None:
    """B11."""
    assert last_claim_day(date.fromisoformat(charged)) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("answered", "due"),
    [
        ("2026-11-30", "2026-12-07"),
        ("2026-12-04", "2026-12-11"),  # a Friday
        ("2025-12-30", "2026-01-16"),  # the New Year holidays are from 31 December to 11 January
        ("2025-12-29", "2026-01-15"),
        ("2026-04-29", "2026-05-07"),  # 1 May is a Friday
        ("2026-05-08", "2026-05-18"),  # Victory Day's Saturday moves to Monday
        ("2024-04-26", "2024-05-07"),  # a Saturday that was worked, then two moved days and 1 May
    ],
)
def test_money_is_paid_in_five_days_on_which_banks_work(answered: str, due: str) -> None:
    """B11."""
    assert pay_by(date.fromisoformat(answered)) == date.fromisoformat(due)


def test_day_thirty_is_in_time_and_day_thirty_one_is_late() -> None:
    due = claim().due_on
    assert (claim().is_late(due), claim().is_late(due + timedelta(days=1))) == (False, True)


def test_the_outcome_is_what_was_given_of_what_was_disputed() -> None:
    outcomes = [claim(rub(given)).outcome for given in ("0.00", "0.99", "1.00", "2.20")]
    assert outcomes == [Outcome.REJECTED, Outcome.PARTLY, Outcome.UPHELD, Outcome.UPHELD]
    assert claim().outcome is None


def test_the_next_deadline_is_the_answer_then_the_payment_then_none() -> None:
    day = date(2027, 1, 15)
    assert claim().deadline == date(2026, 12, 31)
    assert claim(rub("1.00"), pay_by=day).deadline == day
    assert claim(rub("1.00"), pay_by=day).is_late(day + timedelta(days=1))
    assert claim(rub("1.00")).deadline is None
    assert claim(rub("1.00"), pay_by=day, paid_at=datetime(2027, 1, 14, tzinfo=UTC)).deadline is None
