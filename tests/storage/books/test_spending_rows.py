"""What services cost, by days and by sorts: net of what was taken back, equal to the ledger, on both databases."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, literal, select

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.storage.books import ledger, spending_rows
from k5web.storage.session import Sessions
from k5web.storage.sql import NumberOfCall
from k5web.storage.tables import CallRow

OWNER = 100001
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST = date(2026, 12, 1)
MONTH = FIRST, date(2027, 1, 1)
EVER = date(2026, 1, 1), date(2028, 1, 1)
_owners = count(OWNER + 10)  # each example has an account of its own


@dataclass
class Book:
    """An account whose events are written down one after another."""

    sessions: Sessions
    owner_id: int
    account_id: int

    @classmethod
    def opened(cls, sessions: Sessions, owner_id: int = OWNER) -> "Book":
        with sessions.begin() as db:
            return cls(sessions, owner_id, ledger.open_account(db, owner_id, "main", "RUB"))

    def post(self, name: EventName, minor: int, counter: str, day: date, of: EventName | None = None) -> None:
        at = NOW + (day - FIRST)
        event = Event(self.owner_id, name, (Move(self.account_id, minor, counter),), "test", at, reverses=of)
        with self.sessions.begin() as db:
            ledger.record(db, event, day, at)

    def undo(self, of: EventName, minor: int, counter: str, day: date) -> EventName:
        name = EventName("reversal", str(of))
        self.post(name, minor, counter, day, of)
        return name

    def by_day(self, days: tuple[date, date] = MONTH) -> list[tuple[date, int]]:
        with self.sessions.read() as db:
            return list(spending_rows.by_day(db, self.owner_id, self.account_id, days))

    def by_posting(self, days: tuple[date, date]) -> list[tuple[date, date, int]]:
        with self.sessions.read() as db:
            return list(spending_rows.by_posting(db, self.owner_id, self.account_id, days))

    def by_sort(self, days: tuple[date, date] = MONTH) -> dict[tuple[str, str, str | None], int]:
        with self.sessions.read() as db:
            found = spending_rows.by_sort(db, self.owner_id, self.account_id, days)
        return {(each.counter, str(each.name), each.number): each.minor for each in found}


def day(n: int) -> date:
    """The n-th day from the first of December."""
    return FIRST + timedelta(days=n - 1)


def charge(n: int, order: str = "order") -> EventName:
    return EventName(order, str(n))


def add_call(sessions: Sessions, n: int, number: str) -> None:
    """Write down a settled call of the owner's."""
    row: dict[str, object] = dict.fromkeys(("minutes", "hold_minor", "ring_a_s", "ring_b_s", "talk_ms", "leg_a_s"), 0)
    row |= {"owner_id": OWNER, "n": n, "account_id": 1, "form_key": f"form-{n}", "a_number": "79161234567"}
    row |= {"b_number": number, "a_rate": {}, "b_rate": {}, "a_leg_from": "b_answer", "currency": "RUB"}
    row |= {"at_once": False, "state": "settled", "ordered_at": NOW, "changed_at": NOW}
    with sessions.begin() as db:
        db.execute(insert(CallRow).values(row))


def test_only_services_count_and_what_was_taken_back_is_off_the_day_of_its_charge(sessions: Sessions) -> None:
    book = Book.opened(sessions)
    book.post(EventName("test:bank", "1"), 10000, "cash.test", day(1))
    book.post(charge(1), -300, "sale.order", day(2))
    book.post(charge(2), -200, "sale.order", day(2))
    book.post(EventName("transfer.out", "1"), -700, "transfer", day(3))
    book.post(EventName("refund", "1"), -900, "refund", day(3))
    book.post(charge(3), -50, "sale.order", day(4))
    book.undo(charge(2), 200, "sale.order", day(35))  # in January
    book.undo(charge(3), 50, "sale.order", day(5))
    assert book.by_day() == [(day(2), 300)]
    assert book.by_day((day(32), day(60))) == []


def test_what_a_reversal_took_back_and_another_gave_again_stands_on_the_day_of_the_charge(sessions: Sessions) -> None:
    book = Book.opened(sessions)
    book.post(charge(1), -300, "sale.order", day(2))
    undone = book.undo(charge(1), 300, "sale.order", day(3))
    assert book.by_day() == []
    book.undo(undone, -300, "sale.order", day(40))
    assert book.by_day() == [(day(2), 300)]


def test_postings_of_services_tell_the_day_of_the_charge_that_they_are_about(sessions: Sessions) -> None:
    book = Book.opened(sessions)
    book.post(EventName("test:bank", "1"), 10000, "cash.test", day(1))
    book.post(charge(1), -300, "sale.order", day(2))
    book.post(charge(2), -200, "sale.order", day(2))
    undone = book.undo(charge(1), 300, "sale.order", day(35))
    book.undo(undone, -300, "sale.order", day(36))
    assert sorted(book.by_posting(MONTH)) == [(day(2), day(2), -500)]
    assert sorted(book.by_posting((day(32), day(63)))) == [(day(35), day(2), 300), (day(36), day(2), -300)]


def test_a_day_and_an_account_of_somebody_else_are_not_told(sessions: Sessions) -> None:
    book, other = Book.opened(sessions), Book.opened(sessions, OWNER + 1)
    other.post(charge(1), -300, "sale.order", day(2))
    book.post(charge(1), -100, "sale.order", day(32))
    book.post(charge(2), -20, "sale.order", day(0))
    assert book.by_day() == []
    assert book.by_sort() == {}


def test_calls_to_numbers_that_begin_alike_are_one_sort_and_other_charges_stand_alone(sessions: Sessions) -> None:
    book = Book.opened(sessions)
    for n, number in enumerate(["74951234567", "74951239999", "77172000000"], 1):
        add_call(sessions, n, number)
        book.post(EventName("call", f"{OWNER}-{n}"), -100 * n, "sale.call", day(2))
    book.undo(EventName("call", f"{OWNER}-1"), 100, "sale.call", day(3))
    book.post(EventName("call", f"{OWNER}-1#2"), -30, "sale.call", day(3))  # charged anew, rightly
    book.post(EventName("fee", "17:2026-12"), -5000, "sale.fee", day(1))
    book.post(EventName("order", "number 79161234567 x"), -700, "sale.order", day(1))
    assert book.by_sort() == {
        ("sale.call", f"call {OWNER}-1", "74951234567"): 230,
        ("sale.call", f"call {OWNER}-3", "77172000000"): 300,
        ("sale.fee", "fee 17:2026-12", None): 5000,
        ("sale.order", "order number 79161234567 x", None): 700,
    }


@pytest.mark.parametrize(
    ("key", "number"), [("8841-17", 17), ("8841-17#2", 17), ("8841", None), ("17:2026-12", 12), ("number", None)]
)
def test_a_key_tells_its_call_in_the_database(sessions: Sessions, key: str, number: int | None) -> None:
    with sessions.read() as db:
        assert db.scalar(select(NumberOfCall(literal(key)))) == number


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 75), st.integers(1, 500), st.sampled_from(["sale.order", "gift"])),
        max_size=12,
    ),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3)), max_size=8),
)
def test_days_and_sorts_add_up_to_the_ledger(
    sessions: Sessions, charges: list[tuple[int, int, str]], undone: list[tuple[int, int]]
) -> None:
    """Whatever was charged and taken back in which month: no kopeck counts twice, none is lost (B5)."""
    book = Book.opened(sessions, next(_owners))
    charges = sorted(charges)
    for n, (on, minor, counter) in enumerate(charges):
        book.post(charge(n), -minor, counter, day(on))
    last = max((on for on, _minor, _counter in charges), default=1)
    for at in sorted({at for at, _after in undone if at < len(charges)}):
        on, minor, counter = charges[at]
        book.undo(charge(at), minor, counter, day(last + 1))
        charges[at] = (on, 0, counter)
    expected = sum(minor for _on, minor, counter in charges if counter == "sale.order")
    assert sum(minor for _day, minor in book.by_day(EVER)) == sum(book.by_sort(EVER).values()) == expected
    assert -sum(minor for _day, _of, minor in book.by_posting(EVER)) == expected
    months = [(day(1), day(32)), (day(32), day(63)), (day(63), day(400))]
    assert sum(minor for month in months for _day, minor in book.by_day(month)) == expected
    assert all(minor > 0 for _day, minor in book.by_day(EVER))
