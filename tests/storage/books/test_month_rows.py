"""A month summed by the database, on both of them."""

from datetime import date

import pytest
from sqlalchemy import event

from k5web.domain.books.ledger import EventName
from k5web.domain.books.month import Column, Moved, Standing
from k5web.storage.books import month_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.busy_month import NOVEMBER, busy


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
    assert len(asked) == 1
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


def test_reversals_are_summed_by_the_partner_whose_payment_they_take_back(november: Sessions) -> None:
    with november.read() as db:
        _, moved = month_rows.sums(db, NOVEMBER)
    [taken] = [one for one in moved if one.counter == "cash.qiwi" and one.minor < 0 and one.column is Column.MAIN]
    assert (taken.name.key.split()[0], taken.minor) == ("qiwi:optima", -320_00)


def test_cash_is_summed_day_by_day(november: Sessions) -> None:
    with november.read() as db:
        found = month_rows.cash(db, (date(2026, 11, 3), date(2026, 11, 4)))
    way = Moved(Column.MAIN, "RUB", "cash.qiwi", EventName("qiwi:optima", "701"), 50_00)
    assert [(one.day, one.moved, one.count) for one in found if one.moved.name.origin == "qiwi:optima"] == [
        (date(2026, 11, 3), way, 2)
    ]
    assert {one.day for one in found} == {date(2026, 11, 3), date(2026, 11, 4)}
