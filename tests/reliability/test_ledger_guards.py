"""Statements that the application's own connection must not get through, by mistake or by injection. Promise: R14.

Each is tried alone; each fails, and the whole database is as it was.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from k5web.domain.books.ledger import HOUSE, Event, EventName, Move
from k5web.domain.money import rub
from k5web.services.bank import closing
from k5web.services.books import sealing
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.bank import bank_payments
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.books import ledger, seal_rows
from k5web.storage.session import Sessions, open_sessions
from k5web.storage.tables import Base
from tests.proofs import figure

OWNER = 100001
HISTORY = {  # a column of each append-only table that somebody might want to change
    "name_claim": "owner_id",
    "ledger_transaction": "actor",
    "posting": "amount_minor",
    "deck": "row_count",
    "rate": "price_micro",
    "switch_event": "n",
    "cdr": "n",
    "incident": "kind",
    "notice": "verdict",
    "register_line": "amount_minor",
    "bank_closing": "reason",
    "closed_day": "began_at",
    "day_close": "balance_minor",
    "house_day": "debit_minor",
    "seal": "digest",
    "archive_file": "digest",
    "verification": "breaches",
}


def link(seq: int = 4, day: str = "2026-12-02", unit: str = "RUB", amount: int = 100, balance: int = 9100) -> str:
    """A posting written by hand after the three that are there; as the defaults say it, it would be right."""
    return (
        "INSERT INTO posting (owner_id, account_id, day, seq, unit, amount_minor, balance_minor, counter, origin, key) "
        f"VALUES ({OWNER}, 1, '{day}', {seq}, '{unit}', {amount}, {balance}, 'gift', 'order', 'f')"
    )


def held(state: str = "open", amount: int = 100, call_id: str = "c9") -> str:
    """A hold written by hand."""
    closed_at = "NULL" if state == "open" else "'2026-12-01 09:00:00.000000Z'"
    return (
        "INSERT INTO hold (owner_id, account_id, call_id, amount_minor, state, opened_at, expires_at, closed_at) "
        f"VALUES ({OWNER}, 1, '{call_id}', {amount}, '{state}', '2026-12-01 09:00:00.000000Z', "
        f"'2026-12-01 10:00:00.000000Z', {closed_at})"
    )


END = "closed_at = '2026-12-01 09:00:00.000000Z'"

ON_BOTH = [
    *(f"UPDATE {table} SET {column} = {column}" for table, column in HISTORY.items()),
    *(f"DELETE FROM {table}" for table in (*HISTORY, "account", "hold")),
    "UPDATE account SET balance_minor = balance_minor + 1",
    "UPDATE account SET held_minor = held_minor - 1",
    "UPDATE account SET last_seq = 7",
    "UPDATE account SET last_day = '2027-01-01'",
    "UPDATE account SET unit = 'KGS'",
    "UPDATE account SET floor_minor = -100000",
    "INSERT INTO account (owner_id, id, purpose, unit, balance_minor) VALUES (2, 2, 'main', 'RUB', 100)",
    "INSERT INTO account (owner_id, id, purpose, unit, held_minor) VALUES (2, 2, 'main', 'RUB', 100)",
    "INSERT INTO account (owner_id, id, purpose, unit, last_seq) VALUES (2, 2, 'main', 'RUB', 100)",
    f"INSERT INTO account (owner_id, id, purpose, unit) VALUES ({OWNER}, 2, 'main', 'RUB')",
    "INSERT INTO account (owner_id, id, purpose, unit) VALUES (2, 2, 'main', 'USD')",
    link(seq=5),
    link(seq=3),
    link(unit="SEC"),
    link(balance=9101),
    link(amount=0, balance=9000),
    link(amount=10**15 + 1, balance=10**15 + 9001),
    link(day="2026-11-30"),
    link(day="2026-12-01"),  # sealed
    link().replace("'gift'", "'pocket'"),
    link().replace("'f')", "'no such event')"),
    link().replace(f"({OWNER}, 1", f"({OWNER}, 7"),
    held(state="settled"),
    held(amount=0),
    held(amount=-5),
    held(call_id="open"),
    f"UPDATE hold SET state = 'open', closed_at = NULL WHERE call_id = 'over' AND owner_id = {OWNER}",
    "UPDATE hold SET state = 'settled' WHERE call_id = 'over'",
    "UPDATE hold SET amount_minor = amount_minor - 1 WHERE call_id = 'open'",
    "UPDATE hold SET expires_at = opened_at WHERE call_id = 'open'",
    f"UPDATE hold SET state = 'lost', {END} WHERE call_id = 'open'",
    "UPDATE hold SET state = 'settled' WHERE call_id = 'open'",
    f"UPDATE hold SET state = 'settled', amount_minor = 1, {END} WHERE call_id = 'open'",
]
ON_POSTGRES = [
    *(f"TRUNCATE {table} CASCADE" for table in (*HISTORY, "account", "hold")),
    *(f"DELETE FROM {table}" for table in ("subscriber", "call", "allocator")),
    "DROP TRIGGER posting_moves_balance ON posting",
    "ALTER TABLE posting DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION k5_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE pretended (LIKE posting) ; CREATE TRIGGER t AFTER INSERT ON pretended FOR EACH ROW "
    "EXECUTE FUNCTION k5_move_balance()",
    "UPDATE alembic_version SET version_num = '0'",
    "CREATE ROLE somebody",
]
ON_SQLITE = [
    link(day="9999-99-99"),
    link().replace("INSERT", "INSERT OR REPLACE").replace(" 4,", " 3,"),
    held(call_id="open").replace("INSERT", "INSERT OR REPLACE"),
    "UPDATE OR REPLACE hold SET call_id = 'open' WHERE call_id = 'over'",
    "INSERT OR REPLACE INTO name_claim SELECT key, origin, 7, fingerprint FROM name_claim",
    "INSERT OR REPLACE INTO account (owner_id, id, purpose, unit) SELECT owner_id, id, purpose, unit FROM account",
    "INSERT INTO posting SELECT owner_id, account_id, day, 4, unit, 0.5, 9000.5, counter, origin, key FROM posting "
    "WHERE seq = 3",
]


@pytest.fixture(autouse=True)
def no_clock_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's clock stands where it likes."""
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: None)


def furnish(ports: Ports) -> None:
    """Three postings, a hold that is open and one that is over, a row in every append-only table; the day is sealed."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        account_id = ledger.open_account(db, OWNER, "main", "RUB")
    for key in ("p1", "p2"):
        credit(ports, OWNER, EventName("test:bank", key), rub("50.00"), "cash.test", "test", now)
    fee = Event(OWNER, EventName("order", "f"), (Move(account_id, -1000, "sale.fee"),), "test", now)
    with ports.sessions.begin() as db:
        ledger.record(db, fee, ports.today(), now)
        for call_id in ("open", "over"):
            ledger.hold(db, OWNER, account_id, call_id, rub("5.00"), now, now + timedelta(hours=1))
        ledger.release(db, OWNER, account_id, "over", now)
        ledger.open_house(db, "suspense", "RUB")
        suspense = ledger.purse(db, HOUSE, "suspense").account_id
        name = EventName("bank:1", "k")
        ledger.record(db, Event(HOUSE, name, (Move(suspense, 100, "cash.bank"),), "test", now), ports.today(), now)
        kept = KeptPayment(HOUSE, name, "1", ports.today(), ports.today(), rub("1.00"), b"w", why="nobody")
        bank_payments.add(db, kept, now)
        closing.close_in(ports, db, kept, "own money", "cash.own", "test")
        leg = {"owner_id": OWNER, "switch": "s", "leg_uuid": "u", "n": 1, "source": "", "dial_status": ""}
        deck = {"id": 1, "name": "k5", "effective_from": now, "imported_at": now, "row_count": 1, "source": ""}
        rate = {"deck_id": 1, "prefix": "7", "valid_from": now, "destination": "x", "price_micro": 1, "currency": "RUB"}
        steps = {"increment_s": 60, "minimum_s": 60, "free_below_s": 3, "connect_fee_micro": 0}
        notice = {"key": "", "origin": "test:net", "id": 1, "at": now, "kind": "check"}
        line = {"file_sha256": "f", "line_no": 1, "origin": "test:net", "key": "p1", "at": now}
        rows = {
            "deck": deck | {"digest": b"d"},
            "rate": rate | steps,
            "switch_event": leg | {"kind": "ANSWER", "at": now, "is_a": True, "stage": ""},
            "cdr": leg | {"leg": "a", "number": "7", "started_at": now, "ended_at": now, "cause": 16},
            "incident": {"owner_id": OWNER, "kind": "k", "reference": "r", "at": now, "facts": {}},
            "notice": notice | {"verdict": "ok", "why": "", "receipt": "", "request": ""},
            "register_line": line | {"amount_minor": 1, "currency": "RUB", "verdict": "confirmed"},
        }
        for table, row in rows.items():
            db.execute(Base.metadata.tables[table].insert().values(row))
        made = {"month": ports.today(), "name": "n", "digest": b"d", "size_bytes": 1, "postings": 1, "seal": b"s"}
        db.execute(Base.metadata.tables["archive_file"].insert().values(made | {"made_at": now, "actor": "a"}))
        verified = {"at": now, "actor": "a", "breaches": 0, "first": ""}
        db.execute(Base.metadata.tables["verification"].insert().values(verified))
    sealing.close_due(replace(ports, clock=lambda: now + timedelta(days=1)))


def contents(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    names = inspect(connection).get_table_names()
    return {name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr) for name in names}


def refusal(sessions: Sessions, statement: str) -> str:
    """How the application's connection answers; a statement that is merely wrong would prove no guard."""
    try:
        with sessions.write.begin() as application:
            for part in statement.split(" ; "):
                application.execute(text(part))
    except IntegrityError:
        return "breaks a rule"
    except DBAPIError as error:
        known = {"42501": "forbidden", "40001": "breaks a rule"}  # the second: the day is closed, the next one is open
        return known.get(getattr(error.orig, "sqlstate", ""), f"error: {error}")
    return "went through"


def assert_refused(sessions: Sessions, url: str, statements: list[str]) -> None:
    """Each statement fails on the application's connection and changes nothing."""
    owner = create_engine(url)
    with owner.connect() as connection:
        before = contents(connection)
    for statement in statements:
        assert refusal(sessions, statement) in {"forbidden", "breaks a rule"}, statement
    with owner.connect() as connection:
        assert contents(connection) == before
    owner.dispose()


def test_forbidden_statements_fail_and_change_nothing(ports: Ports, database_url: str) -> None:
    furnish(ports)
    own = ON_POSTGRES if database_url.startswith("postgresql") else ON_SQLITE
    assert len(ON_BOTH + own) >= 40
    assert_refused(ports.sessions, database_url, ON_BOTH + own)
    assert verify(ports) == []
    figure(f"{len(ON_BOTH + own)} forbidden statements: as many refusals, no row changed")


def test_the_hand_written_rows_are_refused_for_their_fault_alone(ports: Ports) -> None:
    """Else the guards above would pass for the wrong reason: the right link and the right hold go through."""
    furnish(ports)
    with ports.sessions.write.begin() as connection:
        connection.execute(text(link()))
        connection.execute(text(held()))
    assert verify(ports) == []


@pytest.mark.postgres
def test_the_guards_do_not_lean_on_the_role_alone(postgres_url: str) -> None:
    """The owner of the tables, a mistaken administrator, cannot rewrite history either."""
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.begin() as db:
        ledger.open_account(db, OWNER, "main", "RUB")
    owner = create_engine(postgres_url)
    for statement in [
        *(f"UPDATE {table} SET {column} = {column}" for table, column in HISTORY.items()),
        *(f"DELETE FROM {table}" for table in (*HISTORY, "account", "hold")),
        *(f"TRUNCATE {table} CASCADE" for table in (*HISTORY, "account", "hold")),
    ]:
        with pytest.raises(DBAPIError, match="forbidden"), owner.begin() as connection:
            connection.execute(text(statement))
    owner.dispose()
    sessions.dispose()
