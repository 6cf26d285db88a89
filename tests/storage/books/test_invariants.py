"""Each planted fault is named by its invariant, and a sound ledger by none. Promises: I1–I6, I9, I11, I13."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.services.books.corrections import refund, reverse
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import invariants, ledger
from k5web.storage.payments import notice_rows
from k5web.storage.session import Sessions, open_sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.net import Net
from tests.tamper import tampering


def test_a_success_without_its_event_is_a_breach(net: Net) -> None:
    """I11, I13."""
    with net.ports.sessions.begin() as db:
        kept = notice_rows.KeptNotice(EventName("fake:bank", "1"), net.clock(), "paid", "ok", "", "", net.caller.id)
        notice_rows.add(db, replace(kept, amount=rub("250.00")))
        notice_rows.add(db, replace(kept, kind="cancelled", verdict="repeat"))
    breaches = breaches_of(net)
    assert [breach for breach in breaches if breach.startswith("I11")] == [
        "I11 notice fake:bank 1: was answered as paid to 100001, and there is no such event",
        "I11 notice fake:bank 1: was answered as taken back from 100001, and there is no reversal",
    ]


def test_an_answer_with_another_sum_than_the_ledgers_is_a_breach(net: Net) -> None:
    net.pays("1")
    with net.ports.sessions.begin() as db:
        name = EventName("fake:bank", "1")
        kept = notice_rows.KeptNotice(name, net.clock(), "paid", "repeat", "", "", net.caller.id, rub("251.00"))
        notice_rows.add(db, kept)
    assert breaches_of(net) == ["I13 notice fake:bank 1: says 25100 RUB, the ledger 25000 RUB"]


def breaches_of(net: Net) -> list[str]:
    """Every breach of the ledger in one line."""
    return [f"{found.invariant} {found.where}: {found.found}" for found in verify(net.ports)]


OWNER = 100001


# What somebody with the keys of the database does, and the invariants that see it
FAULTS = {
    "a balance changed by hand": ("UPDATE account SET balance_minor = balance_minor + 1", {"I1", "I9"}),
    "a chain said to be longer": ("UPDATE account SET last_seq = last_seq + 1", {"I1"}),
    "an account's last day moved": ("UPDATE account SET last_day = '2026-12-02'", {"I1"}),
    "a posting's amount changed": ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE seq = 2", {"I1", "I2"}),
    "a posting's balance changed": ("UPDATE posting SET balance_minor = balance_minor + 1 WHERE seq = 2", {"I2"}),
    "a posting moved to an earlier day": ("UPDATE posting SET day = '2026-11-01' WHERE seq = 2", {"I2"}),
    "the last posting taken out": ("DELETE FROM posting WHERE seq = 6", {"I1", "I3", "I6", "I9"}),
    "a posting in the middle taken out": ("DELETE FROM posting WHERE seq = 2", {"I1", "I2", "I3"}),
    "an event taken out": ("DELETE FROM ledger_transaction WHERE key = 'p2'", {"I3"}),
    "an account taken out": ("DELETE FROM account", {"I3", "I9"}),
    "a name without an event": (
        "INSERT INTO name_claim (key, origin, owner_id, fingerprint) VALUES ('x', 'qiwi:t', 1, 'f')",
        {"I3"},
    ),
    "a reservation changed by hand": ("UPDATE account SET held_minor = held_minor + 1", {"I4"}),
    "a hold ended behind the account's back": (
        "UPDATE hold SET state = 'released', closed_at = opened_at",
        {"I4"},
    ),
    "a hold nobody ends": ("UPDATE hold SET expires_at = '2026-12-01 08:49:59.000000Z'", {"I5"}),
    "a reversal that is no mirror": (
        "UPDATE posting SET counter = 'loss' WHERE origin = 'reversal'",
        {"I6"},
    ),
    "a refund above its payment": ("UPDATE posting SET amount_minor = -5001 WHERE origin = 'refund'", {"I6"}),
    "a name taken from its claim": ("DELETE FROM name_claim WHERE key = 'p1'", {"I13"}),
    "a claim with other facts": ("UPDATE name_claim SET fingerprint = 'f' WHERE key = 'p1'", {"I13"}),
    "one name for two owners": (
        "INSERT INTO ledger_transaction (owner_id, origin, key, fingerprint, actor, occurred_at, recorded_at) "
        "SELECT 2, origin, key, fingerprint, actor, occurred_at, recorded_at FROM ledger_transaction WHERE key = 'p1'",
        {"I13"},
    ),
    "one side of the journal lost": (
        "CREATE VIEW journal AS SELECT unit, amount_minor FROM posting",
        {"I9"},
    ),
}


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A ledger with three payments, a reversal, a refund, a fee and an open hold."""
    ports = open_doors(sessions, clock)
    with sessions.begin() as db:
        account_id = ledger.open_account(db, OWNER, "main", "RUB")
    names = [EventName("qiwi:t", f"p{n}") for n in (1, 2, 3)]
    for name in names:
        credit(ports, OWNER, name, rub("50.00"), "cash.qiwi", "connector:qiwi", clock())
    refund(ports, OWNER, names[0], rub("20.00"), "a1", "staff:1")
    fee = Event(OWNER, EventName("order", "1:2026-12"), (Move(account_id, -1000, "sale.fee"),), "job:fees", clock())
    with sessions.begin() as db:
        ledger.charge(db, fee, ports.today(), clock())
        ledger.hold(db, OWNER, account_id, "100001-1", rub("5.00"), clock(), clock() + timedelta(hours=1))
    reverse(ports, OWNER, names[2], "staff:1")
    return ports


def test_a_sound_ledger_has_no_breach(ports: Ports) -> None:
    assert verify(ports) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(ports: Ports, database_url: str, fault: str) -> None:
    statement, expected = FAULTS[fault]
    with tampering(database_url) as connection:
        if statement.startswith("CREATE VIEW"):
            connection.execute(text("DROP VIEW journal"))
            if connection.dialect.name == "postgresql":
                statement += "; GRANT SELECT ON journal TO k5_app"
        if connection.dialect.name == "sqlite":
            statement = statement.replace("'f'", "x'66'")
        for part in statement.split("; "):
            connection.execute(text(part))
    found = verify(ports)
    assert {breach.invariant for breach in found} >= expected
    assert all(breach.where and breach.found for breach in found)


def test_a_hold_past_its_end_is_a_breach_only_when_the_sweep_missed_it(ports: Ports, clock: Clock) -> None:
    clock.forward(hours=1, minutes=10)
    assert verify(ports) == []
    clock.forward(seconds=1)
    assert [breach.invariant for breach in verify(ports)] == ["I5"]


@pytest.mark.postgres
def test_a_long_ledger_may_be_verified_longer_than_a_page_waits(postgres_url: str, clock: Clock) -> None:
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.read() as db:
        parts = invariants.parts(db, clock())
        assert db.scalar(text("SHOW statement_timeout")) == "10min"
    for part in parts:
        with sessions.read() as db:
            assert invariants.ask(db, part) == []
            assert db.scalar(text("SHOW statement_timeout")) == "10min"
    sessions.dispose()


def test_on_many_machines_names_are_gathered_before_they_meet_their_owners(sessions: Sessions, clock: Clock) -> None:
    """Citus refuses the join of what lies by a key with what lies by its owner; the query finds the same."""
    by_name = [rule for rule in invariants._RULES if rule.wide != rule.query]
    assert {"I3", "I11", "I13"} <= {rule.invariant for rule in by_name}
    claimed = next(rule for rule in by_name if rule.invariant == "I3")
    assert "FROM (SELECT * FROM name_claim OFFSET 0) c" in claimed.wide
    with sessions.begin() as db:
        row = {"key": "1", "origin": "bank", "owner": OWNER, "print": b"x" * 32}
        db.execute(text("INSERT INTO name_claim VALUES (:key, :origin, :owner, :print)"), row)
    with sessions.read() as db:
        if sessions.write.dialect.name == "postgresql":  # SQLite wants a limit before its offset, and is on one machine
            assert len(db.execute(text(claimed.wide)).all()) == 1
        assert [found.invariant for found in invariants.broken_chains(db, clock())] == ["I3"]
