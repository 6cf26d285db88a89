"""Each planted fault of a claim is named; claims of every outcome are sound. Promise: B11, I6."""

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.services.books import claims
from k5web.services.books.verify import verify
from k5web.storage.books import ledger
from tests.services.books.test_claims import IVAN, dispute, take, uphold
from tests.services.house import House
from tests.tamper import tampering

FAULTS = {
    "more than went back": "UPDATE claim SET given_minor = 200 WHERE n = 1",
    "an answer that nobody booked": "UPDATE claim SET given_minor = 220 WHERE n = 4",
    "a right charge whose claim is gone": "DELETE FROM claim WHERE n = 1",
    "a payment that is not kept for": (
        "UPDATE hold SET state = 'released', closed_at = opened_at WHERE call_id LIKE 'claim%'"
    ),
    "a payment that nobody booked": "UPDATE claim SET paid_at = answered_at, paid_by = 'x', document = '1' WHERE n = 2",
    "a refund that nobody owed": "UPDATE claim SET paid_at = NULL, paid_by = NULL, document = NULL WHERE n = 3",
}


@pytest.fixture
def answered(k5: House) -> House:
    """Claims in every state: in part, to be paid, paid, rejected, open."""
    k5.top_up("100.00")
    k5.talk(k5.order(), "55")
    for n, seq in enumerate([2, *(take(k5, 220, str(key)) for key in range(4))], 1):
        dispute(k5, seq, f"form-{n}")
    uphold(k5, 1, 100)
    uphold(k5, 2, to_bank=True)
    uphold(k5, 3, 100, to_bank=True)
    claims.pay(k5.ports, k5.caller.id, 3, "17", IVAN)
    claims.reject(k5.ports, k5.caller.id, 4, "верно", IVAN)
    return k5


def test_claims_of_every_state_are_sound(answered: House) -> None:
    assert verify(answered.ports) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_i6_names_a_claim_that_the_ledger_does_not_bear_out(answered: House, database_url: str, fault: str) -> None:
    with tampering(database_url) as connection:
        connection.execute(text(FAULTS[fault]))
    found = verify(answered.ports)
    assert "I6" in {breach.invariant for breach in found}
    assert all(breach.where and breach.found for breach in found)


@pytest.mark.parametrize("name", [EventName("call", "100001-1#2"), EventName("claim", "order 0")])
def test_a_right_charge_without_a_claim_is_named(k5: House, name: EventName) -> None:
    with k5.ports.sessions.begin() as db:
        move = Move(ledger.purse(db, k5.caller.id).account_id, -1, "sale.call")
        ledger.record(db, Event(k5.caller.id, name, (move,), IVAN, k5.clock()), k5.ports.today(), k5.clock())
    assert [breach.invariant for breach in verify(k5.ports)] == ["I6"]
