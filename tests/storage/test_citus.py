"""What Citus says is read as it says it; where a real one is given, all of it against that. Promises: W3, W8, W9."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.errors import Conflict
from k5web.storage import citus, distributing, distribution_proof, schema
from k5web.storage.books import ledger
from k5web.storage.citus import Node
from k5web.storage.placement import Place
from k5web.storage.session import Sessions, open_sessions
from tests.storage.citus_stand_in import in_mood, stand_in

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
NODES = text("SELECT nodename, nodeport FROM pg_dist_node ORDER BY groupid")


def test_sqlite_is_on_one_machine(sqlite_sessions: Sessions) -> None:
    with sqlite_sessions.read() as db:
        assert not citus.is_wide(db)


@pytest.mark.postgres
def test_what_is_so_already_is_read(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with schema.connected(postgres_url) as connection, Session(connection) as db:
        assert not citus.is_wide(db)
    stand_in(postgres_url, monkeypatch)
    with schema.connected(postgres_url) as connection:
        assert citus.standing(connection).coordinator is None
        for statement in (
            "SELECT citus_set_coordinator_host('10.0.0.1', 5432)",
            "SELECT citus_add_node('10.0.0.2', 6432)",
            "INSERT INTO stand_in.placed VALUES ('hold', 'distributed', 'call_id'), ('deck', 'reference', NULL)",
        ):
            connection.execute(text(statement))
        found = citus.standing(connection)
        assert (found.coordinator, found.workers) == (Node("10.0.0.1", 5432), (Node("10.0.0.2", 6432),))
        assert found.tables["hold"] is None
        assert found.tables["deck"] == Place.EVERYWHERE
        assert citus.prepared(connection) == []
    in_mood(postgres_url, prepared=2)
    with schema.connected(postgres_url) as connection, Session(connection) as db:
        assert citus.prepared(connection) == ["here"]
        assert citus.is_wide(db)


def test_pieces_let_whole_rows_in_where_the_table_lets_columns_in() -> None:
    assert citus.wanted_rights("posting") == "INSERT,SELECT"
    assert citus.wanted_rights("hold") == "INSERT,SELECT,UPDATE closed_at,UPDATE state"
    assert "INSERT" in citus.wanted_rights("account").split(",")
    assert "INSERT" not in citus.rights_of("account")


@pytest.fixture(scope="module")
def real_url() -> Iterator[str]:
    """A database of this module on a real coordinator and its workers, with money in it before it goes to them."""
    given = os.environ.get("K5_TEST_CITUS_URL")
    if not given:
        pytest.skip("no Citus here: K5_TEST_CITUS_URL names a coordinator that knows its workers")
    name = f"k5_test_{uuid4().hex[:8]}"
    with schema.connected(given) as connection:
        first, *workers = [Node(host, port) for host, port in connection.execute(NODES)]
    try:
        for node in (first, *workers):
            say(at(given, node), f"CREATE DATABASE {name}")
            say(at(given, node, name), "CREATE EXTENSION citus")
        url = at(given, first, name)
        schema.upgrade(url)
        say(url, "ALTER ROLE k5_app LOGIN")
        deposit(url, range(1, 5))
        plan = distributing.plan(url, first, workers, NOW)
        assert plan.refusals == ()
        distributing.carry_out(url, plan.left, lambda step, done: None)
        yield url
    finally:
        for node in (first, *workers):
            say(at(given, node), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def at(url: str, node: Node, database: str | None = None) -> str:
    place = make_url(url).set(host=node.host, port=node.port)
    return place.set(database=database or place.database).render_as_string(hide_password=False)


def say(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def deposit(url: str, owners: range) -> None:
    sessions = open_sessions(url, url)
    for owner_id in owners:
        with sessions.begin() as db:
            account = ledger.open_account(db, owner_id, "main", "RUB")
            move = (Move(account, 500, "cash.bank"),)
            ledger.record(db, Event(owner_id, EventName("bank", str(owner_id)), move, "test", NOW), NOW.date(), NOW)
    sessions.dispose()


@pytest.mark.citus
def test_a_filled_database_is_distributed_once_and_proved(real_url: str) -> None:
    assert distributing.plan(real_url, None, (), NOW).left == []
    assert schema.check(real_url) == []
    assert distribution_proof.faults(real_url, NOW) == []


@pytest.mark.citus
def test_money_moves_on_many_machines_as_on_one(real_url: str) -> None:
    deposit(real_url, range(10, 12))
    sessions = open_sessions(real_url, real_url)
    for owner_id in (10, 11):
        with sessions.begin() as db:
            account = ledger.lock_purse(db, owner_id).account_id
            ledger.hold(db, owner_id, account, f"{owner_id}-1", rub("2.00"), NOW, LATER)
        with sessions.begin() as db:
            cost = (Move(account, -120, "sale.call"),)
            event = Event(owner_id, EventName("call", f"{owner_id}-1"), cost, "test", NOW)
            assert ledger.settle(db, event, f"{owner_id}-1", NOW.date(), NOW).is_new
        with sessions.begin() as db:
            assert not ledger.settle(db, event, f"{owner_id}-1", NOW.date(), NOW).is_new
        with sessions.read() as db:
            purse = ledger.purse(db, owner_id)
            assert (purse.balance, purse.held) == (rub("3.80"), rub("0.00"))
    stolen = Event(11, EventName("bank", "10"), (Move(account, 500, "cash.bank"),), "test", NOW)
    with pytest.raises(Conflict), sessions.begin() as db:  # a name of owner 10, whose row lies elsewhere
        ledger.record(db, stolen, NOW.date(), NOW)
    sessions.dispose()
    assert distribution_proof.faults(real_url, NOW) == []
