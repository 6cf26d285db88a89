"""Payments of statements as rows, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime

from k5web.domain.books.ledger import HOUSE, Event, EventName, Move
from k5web.domain.money import rub
from k5web.storage.bank import bank_payments
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.books import ledger
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 27)
NAME = EventName("bank:40702810938000017997", "4017-1")
PAID = KeptPayment(
    owner_id=1,
    name=NAME,
    document_no="4017",
    day=DAY,
    received_on=date(2026, 11, 28),
    amount=rub("500.00"),
    words=b"digest",
    invoice=7,
    payer="ООО «Ромашка»",
    payer_inn="7708789018",
    purpose="За связь",
    payer_hash=b"hash",
    payer_bic="044525225",
)


def test_a_payment_comes_back_as_it_was_kept_for_its_owner_alone(sessions: Sessions) -> None:
    with sessions.begin() as db:
        bank_payments.add(db, PAID, NOW)
    with sessions.read() as db:
        assert bank_payments.find(db, 1, NAME) == PAID
        assert bank_payments.find(db, 2, NAME) is None
        assert bank_payments.words(db, 1, NAME) == b"digest"
        assert bank_payments.of_owner(db, 1, 10) == [PAID]


def test_what_came_for_an_invoice_is_summed_over_its_owners_payments(sessions: Sessions) -> None:
    parts = [PAID, replace(PAID, name=EventName(NAME.origin, "4018-1"), amount=rub("0.01"))]
    others = [
        replace(PAID, name=EventName(NAME.origin, "4019-1"), invoice=8),
        replace(PAID, name=EventName(NAME.origin, "4020-1"), owner_id=2),
    ]
    with sessions.begin() as db:
        for payment in parts + others:
            bank_payments.add(db, payment, NOW)
    with sessions.read() as db:
        assert bank_payments.paid_for(db, 1, 7) == rub("500.01")
        assert bank_payments.paid_for(db, 1, 9) == rub("0.00")


def test_a_waiting_payment_is_given_away_once(sessions: Sessions) -> None:
    waits = replace(PAID, owner_id=HOUSE, invoice=None, why="nobody")
    with sessions.begin() as db:
        account_id = ledger.open_account(db, HOUSE, "suspense", "RUB")
        event = Event(HOUSE, NAME, (Move(account_id, waits.amount.minor, "cash.bank"),), "job:bank", NOW)
        ledger.record(db, event, DAY, NOW)
        bank_payments.add(db, waits, NOW)
    with sessions.begin() as db:
        [found] = bank_payments.waiting(db)
        assert found == replace(waits, number=found.number)
        assert bank_payments.known(db, NAME.origin, [NAME.key, "4018-1"]) == {NAME.key: HOUSE}
        assert [bank_payments.assign(db, NAME, owner_id, NOW) for owner_id in (1, 2)] == [True, False]
        assert list(bank_payments.waiting(db)) == []
        given = bank_payments.find(db, HOUSE, NAME)
        assert given is not None
        assert given.assigned_to == 1
