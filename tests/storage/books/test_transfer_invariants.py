"""Each planted fault of a transfer is named; transfers, taken back or not, are sound. Promise: I15."""

import pytest
from sqlalchemy import text

from k5web.services.books import corrections
from k5web.services.books.verify import verify
from tests.services.books.two import Two
from tests.services.house import House
from tests.tamper import tampering

SIDE = "origin = 'transfer.in' AND key LIKE '%form-1'"
FAULTS = {
    "a receiver who never got it": f"DELETE FROM posting WHERE {SIDE}; DELETE FROM ledger_transaction WHERE {SIDE}",
    "a sender who never gave it": "DELETE FROM posting WHERE origin = 'transfer' AND key = 'form-1'",
    "more received than sent": f"UPDATE posting SET amount_minor = amount_minor + 1 WHERE {SIDE}",
    "received in another currency": f"UPDATE posting SET unit = 'KGS' WHERE {SIDE}",
    "sent to oneself": (
        "UPDATE posting SET owner_id = (SELECT min(p.owner_id) FROM posting p WHERE p.origin = 'transfer') "
        f"WHERE {SIDE}"
    ),
    "taken back on one side": (
        "DELETE FROM posting WHERE origin = 'reversal' AND key LIKE 'transfer.in%'; "
        "DELETE FROM ledger_transaction WHERE origin = 'reversal' AND key LIKE 'transfer.in%'"
    ),
    "money left between both sides": ("UPDATE posting SET counter = 'transfer' WHERE origin = 'test:bank'"),
}


@pytest.fixture
def two(k5: House) -> Two:
    """Two who sent each other money, of which some was taken back."""
    found = Two(k5)
    found.send("300.00")
    corrections.reverse(k5.ports, k5.caller.id, found.send("100.00", "form-2").name, "staff:1")
    return found


def test_transfers_are_sound(two: Two) -> None:
    assert two.balances() == ["700.00", "300.00"]


@pytest.mark.parametrize("fault", FAULTS)
def test_i15_names_what_is_no_whole_transfer(two: Two, database_url: str, fault: str) -> None:
    with tampering(database_url) as connection:
        for statement in FAULTS[fault].split("; "):
            connection.execute(text(statement))
    found = [breach for breach in verify(two.k5.ports) if breach.invariant == "I15"]
    assert found
    assert all(breach.where and breach.found for breach in found)
