"""Rows of claims: each only goes on, whoever tries otherwise."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from k5web.domain.books.claim import Claim, ClaimForm
from k5web.domain.books.ledger import Event, EventName, Move, Posting
from k5web.domain.money import Money, rub
from k5web.storage.books import claim_rows, ledger
from tests.services.house import House

DUE = date(2026, 12, 31)


def charge(k5: House, key: str = "a") -> Posting:
    with k5.ports.sessions.begin() as db:
        move = Move(ledger.purse(db, k5.caller.id).account_id, -220, "sale.order")
        event = Event(k5.caller.id, EventName("order", key), (move,), "test", k5.clock())
        return ledger.record(db, event, k5.ports.today(), k5.clock()).postings[0]


def add(k5: House, posting: Posting, form_key: str = "form-1") -> Claim:
    form = ClaimForm(rub("1.00"), "price", "дорого", form_key, "Анна", "40817", "044525225")
    with k5.ports.sessions.begin() as db:
        return claim_rows.add(db, posting, form, k5.clock(), "subscriber:1", DUE)


def test_what_was_said_is_read_again(k5: House) -> None:
    posting = charge(k5)
    added = add(k5, posting)
    assert (added.charge, added.seq, added.charged, added.disputed) == (posting.name, 1, rub("2.20"), rub("1.00"))
    assert (added.text, added.account, added.due_on, added.opened_at) == ("дорого", "40817", DUE, k5.clock())
    with k5.ports.sessions.read() as db:
        assert claim_rows.find(db, k5.caller.id, 1) == added == claim_rows.by_form(db, k5.caller.id, "form-1")
        assert claim_rows.of_charge(db, k5.caller.id, posting.name) == [added] == claim_rows.waiting(db)
        assert claim_rows.find(db, k5.caller.id + 1, 1) is None


def test_it_is_answered_once_and_paid_once_where_that_was_promised(k5: House) -> None:
    added = add(k5, charge(k5))
    with k5.ports.sessions.begin() as db:
        assert not claim_rows.note_paid(db, added, k5.clock(), "staff:1", "17")
        for expected in (True, False):
            done = claim_rows.note_answered(db, added, k5.clock(), "staff:1", rub("1.00"), "верно", DUE)
            assert done is expected
        assert len(claim_rows.waiting(db)) == 1
        for expected in (True, False):
            assert claim_rows.note_paid(db, added, k5.clock(), "staff:2", "17") is expected
        assert claim_rows.waiting(db) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE claim SET disputed_minor = 220",
        "UPDATE claim SET due_on = '2027-12-31'",
        "UPDATE claim SET opened_by = 'somebody'",
        "UPDATE claim SET answer = 'другое'",
        "UPDATE claim SET answered_by = 'somebody'",
        "UPDATE claim SET given_minor = 50",
        "UPDATE claim SET document = '18'",
        "UPDATE claim SET paid_at = NULL, paid_by = NULL, document = NULL",
        "DELETE FROM claim",
    ],
)
def test_nothing_that_was_said_is_changed(k5: House, change: str) -> None:
    added = add(k5, charge(k5))
    with k5.ports.sessions.begin() as db:
        claim_rows.note_answered(db, added, k5.clock(), "staff:1", rub("1.00"), "верно", DUE)
        claim_rows.note_paid(db, added, k5.clock(), "staff:2", "17")
    with pytest.raises(DBAPIError), k5.ports.sessions.begin() as db:
        db.execute(text(change))


def test_two_open_claims_of_one_charge_cannot_be(k5: House) -> None:
    posting = charge(k5)
    add(k5, posting)
    with pytest.raises(DBAPIError):
        add(k5, posting, "form-2")


@pytest.mark.parametrize(
    "wrong",
    [
        {"given": Money(221), "pay_by": None},
        {"given": Money(-1), "pay_by": None},
        {"given": Money(0), "pay_by": DUE},
    ],
)
def test_an_answer_gives_back_no_more_than_was_charged(k5: House, wrong: dict[str, Any]) -> None:
    added = add(k5, charge(k5))
    with pytest.raises(DBAPIError), k5.ports.sessions.begin() as db:
        claim_rows.note_answered(db, added, k5.clock(), "staff:1", answer="верно", **wrong)
