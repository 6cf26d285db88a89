"""A payment that was credited is found with what became of it, by its owner and its whole name."""

from dataclasses import replace

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.services.books import corrections
from k5web.services.payments.topups import credit
from k5web.storage.books import payment_rows
from k5web.storage.books.payment_rows import BookedPayment
from tests.services.house import House

NAME = EventName("qiwi:optima", "700100200300")


def found(k5: House, name: EventName = NAME, owner_id: int | None = None) -> BookedPayment | None:
    with k5.ports.sessions.read() as db:
        return payment_rows.find(db, owner_id or k5.caller.id, name)


def test_a_payment_is_found_with_its_posting_and_when_it_came_and_known_as_taken_back(k5: House) -> None:
    assert found(k5) is None
    posted = credit(k5.ports, k5.caller.id, NAME, rub("50.00"), "cash.qiwi", "connector:qiwi", k5.clock())
    came_at = k5.clock()
    k5.clock.forward(hours=1)
    booked = BookedPayment(posted.postings[0], came_at, is_undone=False)
    assert found(k5) == booked
    for other in (replace(NAME, origin="qiwi:other"), replace(NAME, key="1")):
        assert found(k5, other) is None
    assert found(k5, owner_id=k5.caller.id + 1) is None
    corrections.reverse(k5.ports, k5.caller.id, NAME, "staff:1")
    assert found(k5) == replace(booked, is_undone=True)
