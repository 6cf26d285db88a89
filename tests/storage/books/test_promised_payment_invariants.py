"""Each planted fault of a promised payment is named; open ones and ended ones are sound. Promise: I16."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.money import rub
from k5web.services.books import promised_payments
from k5web.services.books.verify import verify
from tests.services.house import House
from tests.tamper import tampering

FAULTS = {
    "a floor lowered by hand": "UPDATE account SET floor_minor = floor_minor - 1",
    "a floor that was not given back": "UPDATE account SET floor_minor = -30000",
    "an open one taken out": "DELETE FROM promised_payment WHERE n = 2",
    "a larger promise": "UPDATE promised_payment SET amount_minor = 20001 WHERE n = 2",
    "one from another floor": "UPDATE promised_payment SET floor_before = 5 WHERE n = 1",
    "one whose end nobody saw": "UPDATE promised_payment SET due_at = '2026-12-01 08:49:59.000000Z' WHERE n = 2",
}


@pytest.fixture
def lent(k5: House) -> House:
    """A house with a promise that ended and one that is open."""
    k5.ports = replace(k5.ports, promise=PromiseTerms(rub("300.00"), days=3, account_days=0))
    promised_payments.take(k5.ports, k5.caller.id, rub("300.00"), "form-1")
    promised_payments.end_early(k5.ports, k5.caller.id)
    promised_payments.take(k5.ports, k5.caller.id, rub("200.00"), "form-2")
    return k5


def test_promises_are_sound(lent: House) -> None:
    assert verify(lent.ports) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_i16_names_a_floor_that_promises_do_not_explain(lent: House, database_url: str, fault: str) -> None:
    with tampering(database_url) as connection:
        connection.execute(text(FAULTS[fault]))
    found = verify(lent.ports)
    assert {breach.invariant for breach in found} == {"I16"}
    assert all(breach.where and breach.found for breach in found)
