"""Chains asked range by range: none lies outside the ranges, a break is found wherever it lies. Promises: I1–I4."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Event, EventName, Move, Unit
from k5web.domain.money import rub
from k5web.services.books.verify import verify
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.books.chain_invariants import BELOW_ALL, LAST, owner_ranges
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.tamper import tampering

OWNERS = (0, 7, 8, 20)
ACCOUNTS: tuple[tuple[str, Unit], ...] = (("main", "RUB"), ("sms", "SMS"), ("minutes", "SEC"))
LINKS = 3
FAULTS = {  # each at every owner: the first and the last link of a range, an account of several, an event
    "the first link": ("UPDATE posting SET balance_minor = balance_minor + 1 WHERE owner_id = {0} AND seq = 1", "I2"),
    "the last link": ("DELETE FROM posting WHERE owner_id = {0} AND seq = 3", "I1"),
    "the last account": (
        "UPDATE posting SET amount_minor = amount_minor + 1 WHERE owner_id = {0} AND seq = 2 AND account_id = "
        "(SELECT max(id) FROM account WHERE owner_id = {0})",
        "I2",
    ),
    "all accounts": ("DELETE FROM account WHERE owner_id = {0}", "I3"),
    "an event": ("DELETE FROM ledger_transaction WHERE owner_id = {0} AND key = '0'", "I3"),
    "the postings of an event": ("DELETE FROM posting WHERE owner_id = {0} AND key = '2'", "I3"),
    "a length no chain has": ("UPDATE account SET last_seq = 9223372036854775807 WHERE owner_id = {0}", "I1"),
    "a hold": ("UPDATE hold SET amount_minor = amount_minor + 1 WHERE owner_id = {0}", "I4"),
}


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """Four owners with three accounts of three links each, and a hold on one of them."""
    ports = open_doors(sessions, clock)
    with sessions.begin() as db:
        for owner_id in OWNERS:
            accounts = [ledger.open_account(db, owner_id, purpose, unit) for purpose, unit in ACCOUNTS]
            for n in range(LINKS):
                moves = tuple(Move(account_id, 100, "gift") for account_id in accounts)
                event = Event(owner_id, EventName("opening", str(n)), moves, "job:test", clock())
                ledger.record(db, event, ports.today(), clock())
            until = clock() + timedelta(hours=1)
            ledger.hold(db, owner_id, accounts[0], f"{owner_id}-1", rub("0.50"), clock(), until)
    return ports


@pytest.mark.parametrize("at_once", [1, LINKS * len(ACCOUNTS), 25, 1000])
def test_the_ranges_lie_side_by_side_and_leave_no_owner_out(ports: Ports, at_once: int) -> None:
    with ports.sessions.read() as db:
        ranges = owner_ranges(db, BELOW_ALL, at_once)
        assert owner_ranges(db, 7, at_once)[0][0] == 8
        assert owner_ranges(db, 20, at_once) == [(21, LAST)]
        assert owner_ranges(db, LAST, at_once) == []
    assert (ranges[0][0], ranges[-1][1]) == (BELOW_ALL + 1, LAST)
    assert all(one[1] + 1 == other[0] for one, other in pairwise(ranges))
    assert len(ranges) == {1: 4, 9: 4, 25: 2, 1000: 1}[at_once]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_break_is_found_whichever_ranges_it_lies_in(ports: Ports, database_url: str, fault: str) -> None:
    statement, invariant = FAULTS[fault]
    assert verify(ports, at_once=1) == []
    with tampering(database_url) as connection:
        for owner_id in OWNERS:
            connection.execute(text(statement.format(owner_id)))
    whole = verify(ports)
    told = {breach.where.split()[1] for breach in whole if breach.invariant == invariant}
    assert told == {str(owner_id) for owner_id in OWNERS}
    for at_once in (1, 25):
        assert sorted(map(str, verify(ports, at_once=at_once))) == sorted(map(str, whole))


def test_postings_of_an_owner_without_an_account_are_asked_too(ports: Ports, database_url: str) -> None:
    with tampering(database_url) as connection:
        for table in ("posting", "ledger_transaction", "hold"):
            connection.execute(text(f"UPDATE {table} SET owner_id = owner_id - 30 WHERE owner_id = 7"))
            connection.execute(text(f"UPDATE {table} SET owner_id = owner_id + 30 WHERE owner_id = 20"))
    told = {breach.where.split()[1] for breach in verify(ports, at_once=1) if breach.invariant == "I3"}
    assert told == {"-23", "50"}
