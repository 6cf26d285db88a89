"""A month summed by the database, on both of them."""

from datetime import date

import pytest
from sqlalchemy import event, text

from k5web.domain.books.ledger import EventName
from k5web.domain.books.month import Column, Moved, Section, Standing, what_of
from k5web.domain.books.service import ServiceKind, charge_name, corrected_name, kind_of, reversal_of
from k5web.storage.books import month_rows
from k5web.storage.session import Sessions, open_sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.busy_month import ANNA, FIRST, LAST, NOVEMBER, Books, busy


@pytest.fixture
def november(sessions: Sessions, clock: Clock) -> Sessions:
    """Books in which everything happened."""
    busy(open_doors(sessions, clock))
    return sessions


def test_both_ends_and_all_lines_are_one_statement(november: Sessions) -> None:
    """Else a posting that comes between two would be missing in one of them."""
    asked: list[str] = []
    with november.read() as db:
        engine = db.connection().engine
        event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
        standing, _ = month_rows.sums(db, NOVEMBER)
    assert [statement[:6] for statement in asked if not statement.startswith("SET LOCAL")] == ["SELECT"]
    assert sorted(standing, key=str) == sorted(
        [
            Standing(Column.MAIN, "RUB", 395_60, 1617_20),
            Standing(Column.GIFTS, "RUB", 0, 24_00),
            Standing(Column.SUSPENSE, "RUB", 70_00, 33_00),
            Standing(Column.MAIN, "KGS", 50_00, 131_20),
        ],
        key=str,
    )


def test_kinds_that_only_the_key_tells_are_summed_apart(november: Sessions) -> None:
    with november.read() as db:
        _, moved = month_rows.sums(db, NOVEMBER)
    fees = [(one.name.key, one.minor) for one in moved if one.counter == "sale.fee"]
    orders = [(str(one.name), one.minor) for one in moved if one.counter == "sale.order"]
    assert sorted(fees) == [("5:2026-11", -150_00), ("6:2026-11-10", -5_00)]
    assert sorted(orders) == [
        ("order form-3", -60_00),
        ("order number 74951110001 form-4", -90_00),
        ("promise 1", -3_00),
        ("reversal order number 74951110001 form-4", 90_00),
    ]


def test_reversals_are_summed_by_the_partner_whose_payment_they_take_back(sessions: Sessions, clock: Clock) -> None:
    """Both partners of one provider have one house account."""
    books = Books(open_doors(sessions, clock))
    books.open(ANNA)
    for n, partner in enumerate(("qiwi:optima", "qiwi:second", "qiwi:second"), 1):
        paid = books.post(ANNA, (partner, str(n)), FIRST, ("main", n * 100, "cash.qiwi"))
        books.undo(ANNA, paid, LAST)
    books.settle()
    with sessions.read() as db:
        _, moved = month_rows.sums(db, NOVEMBER)
        daily = month_rows.cash(db, (LAST, LAST))
    taken = [(one.name.key.split()[0], one.minor) for one in moved if one.name.origin == "reversal"]
    assert sorted(taken) == [("qiwi:optima", -100), ("qiwi:second", -500)]
    assert sorted((one.moved.name.key.split()[0], one.count) for one in daily) == [
        ("qiwi:optima", 1),
        ("qiwi:second", 2),
    ]


def test_what_was_taken_back_and_booked_again_is_summed_by_its_own_partner(sessions: Sessions, clock: Clock) -> None:
    books = Books(open_doors(sessions, clock))
    books.open(ANNA)
    for partner, minor in (("qiwi:optima", 100), ("qiwi:second", 700)):
        paid = books.post(ANNA, (partner, "1"), FIRST, ("main", minor, "cash.qiwi"))
        books.undo(ANNA, paid, LAST)
        books.undo(ANNA, reversal_of(paid), LAST)
    books.settle()
    with sessions.read() as db:
        _, moved = month_rows.sums(db, NOVEMBER)
        daily = month_rows.cash(db, (LAST, LAST))
    ways = sorted(charge_name(one.name).origin for one in moved if one.name.origin == "reversal")
    assert ways == ["qiwi:optima", "qiwi:second"]
    assert sorted(charge_name(one.moved.name).origin for one in daily) == ["qiwi:optima", "qiwi:second"]


def test_right_charges_of_claims_are_summed_by_what_they_are_for(sessions: Sessions, clock: Clock) -> None:
    books = Books(open_doors(sessions, clock))
    books.open(ANNA)
    for wrong, minor in ((EventName("order", "form-1"), 100), (EventName("promise", "1"), 200)):
        right = corrected_name(wrong)
        books.post(ANNA, (right.origin, right.key), FIRST, ("main", -minor, "sale.order"))
    books.settle()
    with sessions.read() as db:
        _, moved = month_rows.sums(db, NOVEMBER)
    kinds = {kind_of(one.counter, one.name): one.minor for one in moved}
    assert kinds == {ServiceKind.ORDER: -100, ServiceKind.PROMISE: -200}


def test_refunds_are_summed_by_what_was_paid_out(sessions: Sessions, clock: Clock) -> None:
    books = Books(open_doors(sessions, clock))
    books.open(ANNA)
    for n, key in enumerate(("claim 100001-1", "77", "advance 100001-1"), 1):
        books.post(ANNA, ("refund", key), FIRST, ("main", -n * 100, "refund"))
    books.undo(ANNA, EventName("refund", "claim 100001-1"), LAST)
    books.settle()
    with sessions.read() as db:
        _, moved = month_rows.sums(db, NOVEMBER)
    told = sorted((what_of(Section.REFUNDED, one.counter, one.name), one.minor) for one in moved)
    assert told == [("advances after contracts", -300), ("claims", -100), ("claims", 100), ("payments", -200)]


def test_cash_is_summed_day_by_day(november: Sessions) -> None:
    with november.read() as db:
        found = month_rows.cash(db, (date(2026, 11, 3), date(2026, 11, 4)))
    way = Moved(Column.MAIN, "RUB", "cash.qiwi", EventName("qiwi:optima", "701"), 50_00)
    assert [(one.day, one.moved, one.count) for one in found if one.moved.name.origin == "qiwi:optima"] == [
        (date(2026, 11, 3), way, 2)
    ]
    assert {one.day for one in found} == {date(2026, 11, 3), date(2026, 11, 4)}


@pytest.mark.postgres
def test_a_report_may_take_longer_than_a_page(postgres_url: str) -> None:
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.read() as db:
        month_rows.sums(db, NOVEMBER)
        assert db.scalar(text("SHOW statement_timeout")) == "10min"
    with sessions.read() as db:
        assert db.scalar(text("SHOW statement_timeout")) == "10s"
    sessions.dispose()
