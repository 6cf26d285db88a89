"""Payments that wait for a person's word, as rows, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.storage.bank import doubt_rows
from k5web.storage.bank.doubt_rows import Doubt
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 27)
ORIGIN = "bank:40702810938000017997"
DOUBT = Doubt(
    name=EventName(ORIGIN, "4017-2"),
    document_no="4017",
    day=DAY,
    received_on=date(2026, 11, 28),
    amount=rub("500.00"),
    words=b"digest",
    payer_hash=b"hash",
    payer_bic="",
    payer="ООО «Ромашка»",
    payer_inn="7708789018",
    purpose="За связь",
    purpose_apart="",
    differs="bic",
    known=EventName(ORIGIN, "4017-1"),
)


def test_a_doubt_comes_back_under_the_number_it_was_given(sessions: Sessions) -> None:
    other = replace(DOUBT, name=EventName(ORIGIN, "4018-1"))
    with sessions.begin() as db:
        numbers = [doubt_rows.add(db, doubt, NOW) for doubt in (DOUBT, other)]
    first, second = (replace(doubt, number=number) for doubt, number in zip((DOUBT, other), numbers, strict=True))
    with sessions.read() as db:
        assert doubt_rows.find(db, numbers[0]) == first
        assert doubt_rows.find(db, max(numbers) + 1) is None
        assert doubt_rows.waiting(db, 10) == [first, second]
        assert doubt_rows.known(db, ORIGIN, ["4017-2", "4019-1"]) == {"4017-2": first}


def test_a_doubt_is_decided_once_and_forgets_who_paid_and_what_for(sessions: Sessions) -> None:
    with sessions.begin() as db:
        number = doubt_rows.add(db, DOUBT, NOW)
        assert doubt_rows.decide(db, number, "joined", "staff:1", NOW)
        assert not doubt_rows.decide(db, number, "credited", "staff:2", NOW)
    with sessions.read() as db:
        forgotten = replace(DOUBT, number=number, state="joined", payer="", payer_inn="", purpose="")
        assert doubt_rows.find(db, number) == forgotten
        assert doubt_rows.waiting(db, 10) == []


def test_what_waits_resembles_a_payment_of_its_number_or_of_its_day_and_sum(sessions: Sessions) -> None:
    with sessions.begin() as db:
        number = doubt_rows.add(db, DOUBT, NOW)
    with sessions.begin() as db:
        [found] = doubt_rows.numbered(db, ["4017"], DAY, DAY)
        assert (found.name, found.amount, found.owner_id, found.is_in_doubt) == (DOUBT.name, rub("500.00"), None, True)
        assert doubt_rows.numbered(db, ["4017"], DAY + timedelta(days=1), DAY + timedelta(days=9)) == []
        assert doubt_rows.of_sums(db, [(DAY, 50000)]) == [found]
        assert doubt_rows.of_sums(db, [(DAY, 50001)]) == []
        assert doubt_rows.of_sums(db, [(DAY, 50000)], since=NOW + timedelta(seconds=1)) == []
        doubt_rows.decide(db, number, "credited", "staff:1", NOW)
        assert doubt_rows.of_sums(db, [(DAY, 50000)]) == [], "then its payment is found"
