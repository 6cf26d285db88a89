"""Each planted fault of an act is named, and an act that waits for the worker is none. Promise: I18."""

import pytest
from sqlalchemy import text

from k5web.services.books import acts
from tests.services.books.months import Months
from tests.services.house import House
from tests.tamper import tampering

FIRST = "version = 1 AND month = '2026-12-01'"
FAULTS = {
    "a sum that was changed": f"UPDATE act SET total_minor = total_minor + 1 WHERE {FIRST}",
    "a line that was changed": f"UPDATE act_line SET amount_minor = 999, price_minor = 999 WHERE {FIRST} AND n = 1",
    "both changed alike": (
        f"UPDATE act SET total_minor = total_minor + 1 WHERE {FIRST}; "
        f"UPDATE act_line SET amount_minor = amount_minor + 1, price_minor = price_minor + 1 WHERE {FIRST} AND n = 1"
    ),
    "an act that is gone": (
        "DELETE FROM act_line WHERE month = '2027-01-01'; DELETE FROM act WHERE month = '2027-01-01'"
    ),
    "a corrected act that is gone": "DELETE FROM act_line WHERE version = 2; DELETE FROM act WHERE version = 2",
    "a first version that is gone": f"DELETE FROM act_line WHERE {FIRST}; DELETE FROM act WHERE {FIRST}",
    "a number that is given twice": "UPDATE act SET number = 1, year = 2026 WHERE version = 2",
    "a number that is left out": "UPDATE act SET number = 7 WHERE version = 2",
    "a posting that was changed": "UPDATE posting SET amount_minor = amount_minor - 1 WHERE key = 'form-1'",
    "a month that was counted too far": f"UPDATE act SET upto_seq = upto_seq + 100 WHERE {FIRST}",
    "a posting of another month": "UPDATE posting SET day = '2027-01-09' WHERE key = 'form-1'",
}


@pytest.fixture
def months(k5: House) -> Months:
    """Two months with acts, the first of them corrected."""
    found = Months(k5)
    found.charge(10_00)
    wrong = found.charge(5_00)
    found.at("2027-01-01 12:00:00")
    acts.run(found.ports)
    found.charge(7_00)
    found.back(wrong)
    acts.run(found.ports)
    found.at("2027-02-01 12:00:00")
    acts.run(found.ports)
    found.at("2027-02-05 12:00:00")
    return found


def test_acts_and_ledger_agree(months: Months) -> None:
    assert months.acts() == ["2026-12 15.00", "2026-12-2 10.00", "2027-01 7.00"]
    assert months.breaches() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_i18_names_what_no_act_may_be(months: Months, database_url: str, fault: str) -> None:
    with tampering(database_url) as connection:
        for statement in FAULTS[fault].split("; "):
            connection.execute(text(statement))
    assert months.breaches()


def test_a_correction_that_nobody_makes_for_two_days_is_named(months: Months) -> None:
    late = months.charge(1_00)
    months.at("2027-03-02 12:00:00")
    acts.run(months.ports)
    months.back(late)
    months.k5.clock.forward(hours=47)
    assert months.breaches() == []
    months.k5.clock.forward(hours=2)
    assert months.breaches() == [f"owner {months.owner_id} services of 2027-02 -100 of them stand in no act"]
    acts.run(months.ports)
    assert months.breaches() == []
