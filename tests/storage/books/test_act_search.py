"""The hourly search for acts to correct: it finds what verify would, and reads no more than is new. Promise: B10."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from k5web.services.books import acts
from k5web.storage.books import act_search
from tests.services.books.months import Months
from tests.services.house import House

DECEMBER = date(2026, 12, 1)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
SEARCHES: dict[str, tuple[TextClause, dict[str, Any]]] = {
    "taken_back": (act_search.TAKEN_BACK, {"since": BEGINNING}),
    "charged": (act_search.CHARGED, {"first": DECEMBER, "after": date(2027, 1, 1)}),
}


@pytest.fixture
def months(k5: House) -> Months:
    """A month with an act, and a charge of the next month."""
    found = Months(k5)
    found.charge(10_00)
    found.at("2027-01-05 12:00:00")
    acts.run(found.ports)
    found.charge(5_00)
    return found


def _taken_back(months: Months, since: datetime = BEGINNING) -> list[tuple[int, date]]:
    with months.ports.sessions.read() as db:
        return act_search.taken_back(db, since)


def test_what_is_taken_back_counts_in_the_month_of_its_charge_until_an_act_counts_it(months: Months) -> None:
    assert _taken_back(months) == []
    reversed_at = months.ports.clock()
    back = months.back(months.charge(1_00))
    assert _taken_back(months) == [(months.owner_id, date(2027, 1, 1))]
    months.at("2027-02-01 12:00:00")
    acts.run(months.ports)
    assert _taken_back(months) == []
    months.back(back)
    assert _taken_back(months) == [(months.owner_id, date(2027, 1, 1))]
    assert _taken_back(months, reversed_at) == [(months.owner_id, date(2027, 1, 1))]
    assert _taken_back(months, datetime(2027, 2, 2, tzinfo=UTC)) == []


def test_a_payment_that_is_taken_back_is_no_service(months: Months) -> None:
    months.back(months.charge(1_00, "gift"))
    assert _taken_back(months) == []


def test_who_has_no_act_of_a_month_with_charges_is_found(months: Months) -> None:
    with months.ports.sessions.read() as db:
        assert act_search.charged(db, DECEMBER) == []
        assert act_search.charged(db, date(2027, 1, 1)) == [months.owner_id]


@pytest.mark.parametrize("search", SEARCHES)
def test_no_search_reads_the_whole_ledger(months: Months, search: str) -> None:
    statement, values = SEARCHES[search]
    with months.ports.sessions.begin() as db:
        plan = _plan(db, statement, values)
    assert not [step for step in plan if step.startswith(("SCAN p", "SCAN t", "SCAN ledger", "SCAN posting"))], plan
    assert not [step for step in plan if "Seq Scan on posting" in step or "Seq Scan on ledger" in step], plan
    if search == "taken_back":
        # PostgreSQL may find a handful of reversals by another index that has them alone
        assert [step for step in plan if "ix_ledger_transaction_taken_back" in step or "on_reversal" in step], plan


def _plan(db: Session, statement: TextClause, values: dict[str, Any]) -> list[str]:
    """Return the steps of a statement, also where so few rows would be read faster as a whole."""
    explain = "EXPLAIN QUERY PLAN "
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN "
    explained = text(explain + statement.text).bindparams(*statement._bindparams.values())
    return [str(row[-1]).strip() for row in db.execute(explained, values)]
