"""Acts in the database: frozen, and read back as they were written."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from k5web.services.books import acts
from k5web.storage.books import act_invariants, act_rows
from k5web.storage.session import open_sessions
from tests.services.books.months import Months
from tests.services.house import House

DECEMBER = date(2026, 12, 1)


@pytest.fixture
def months(k5: House) -> Months:
    """A month with an act of two lines."""
    found = Months(k5)
    for _ in range(3):
        found.charge(10_00)
    found.charge(5_00)
    found.at("2027-01-01 12:00:00")
    acts.run(found.ports)
    return found


def test_an_act_is_read_back_with_its_lines_in_their_order(months: Months) -> None:
    with months.ports.sessions.read() as db:
        act = act_rows.find(db, months.owner_id, DECEMBER, 1)
        assert act == act_rows.latest(db, months.owner_id, DECEMBER) == act_rows.of_month(db, DECEMBER)[0]
    assert act is not None
    assert [(line.quantity, str(line.price)) for line in act.lines] == [(3, "10.00"), (1, "5.00")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE act SET total_minor = 1",
        "DELETE FROM act",
        "UPDATE act_line SET title = ''",
        "DELETE FROM act_line",
        "INSERT INTO act_line SELECT owner_id, month, version, 9, kind, title, 2, 100, 300, 1, 0 FROM act_line",
    ],
)
def test_the_database_lets_no_act_be_edited_nor_a_line_that_does_not_multiply(months: Months, statement: str) -> None:
    with pytest.raises(DBAPIError), months.ports.sessions.begin() as db:
        db.execute(text(statement))


def test_the_first_look_opens_the_book_and_a_page_is_turned_once(months: Months) -> None:
    with months.ports.sessions.begin() as db:
        searched_at = months.ports.clock()  # by the worker
        opened = act_rows.Book(DECEMBER, date(2027, 1, 1), searched_at)
        assert act_rows.open_book(db, date(2030, 1, 1)) == opened
        act_rows.turn_page(db, DECEMBER)
        assert act_rows.book(db) == opened


@pytest.mark.postgres
def test_to_look_through_everybodys_postings_may_take_longer_than_a_page(postgres_url: str) -> None:
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.read() as db:
        act_rows.charged(db, DECEMBER, 0, 25)
        assert db.scalar(text("SHOW statement_timeout")) == "10min"
    with sessions.read() as db:
        act_invariants.uncounted(db)
        assert db.scalar(text("SHOW statement_timeout")) == "10min"
    sessions.dispose()
