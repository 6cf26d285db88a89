"""`k5 db distribute` on a stand-in for Citus: refused by name, done step by step, gone on with, proved. Promise W8."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.errors import DatabaseTrouble
from k5web.storage import distributing, distribution_proof, placement, schema
from k5web.storage.books import ledger
from k5web.storage.citus import Node
from k5web.storage.distributing import Plan
from k5web.storage.session import open_sessions
from k5web.storage.tables import Base
from tests.storage.citus_stand_in import in_mood, stand_in
from tests.tamper import tampering

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST = Node("10.0.0.1", 5432)
WORKERS = (Node("10.0.0.2", 5432), Node("10.0.0.3", 5432))


@pytest.fixture
def wide_url(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that answers as if it had Citus, with two subscribers' money in it."""
    stand_in(postgres_url, monkeypatch)
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.begin() as db:
        for owner_id in (100001, 100002):
            account = ledger.open_account(db, owner_id, "main", "RUB")
            move = (Move(account, 500, "cash.bank"),)
            ledger.record(db, Event(owner_id, EventName("bank", str(owner_id)), move, "test", NOW), NOW.date(), NOW)
    sessions.dispose()
    return postgres_url


def planned(url: str, first: Node | None = FIRST, workers: tuple[Node, ...] = WORKERS) -> Plan:
    return distributing.plan(url, first, workers, NOW)


def refused(url: str, first: Node | None = FIRST, workers: tuple[Node, ...] = WORKERS) -> list[str]:
    return [str(each) for each in planned(url, first, workers).refusals]


def carried_out(url: str) -> list[str]:
    told: list[str] = []
    distributing.carry_out(url, planned(url).left, lambda step, done: told.append(str(step)))
    return told


def ask(url: str, statement: str) -> list[object]:
    with schema.connected(url) as connection:
        return [row[0] for row in connection.execute(text(statement))]


def test_sqlite_is_refused(sqlite_url: str) -> None:
    [only] = refused(sqlite_url)
    assert only.startswith("SQLite is one file on one machine: move to PostgreSQL")


@pytest.mark.postgres
def test_a_database_without_citus_is_refused(postgres_url: str) -> None:
    [only] = refused(postgres_url)
    assert only.startswith("this database has no extension citus: install Citus 13 on PostgreSQL 15")


@pytest.mark.postgres
def test_everything_in_the_way_is_named_at_once_with_its_cure(wide_url: str) -> None:
    in_mood(wide_url, app_logs_in=False, prepared=1)
    with tampering(wide_url) as connection:
        connection.execute(text("UPDATE account SET held_minor = 7 WHERE owner_id = 100001"))
        connection.execute(text("CREATE UNIQUE INDEX uq_call_loose ON call (form_key)"))
        connection.execute(text("INSERT INTO stand_in.placed VALUES ('hold', 'distributed', 'account_id', 'none')"))
    found = refused(wide_url, None, ())
    assert [each.partition(":")[0] for each in found] == [
        "k5_app may not log in, and as k5_app the machines speak with one another",
        "nobody knows by which address the workers reach this machine",
        "there is no worker",
        "call",
        "hold is placed otherwise than K5 wants, which is",
        "a prepared transaction stands open here",
        "the schema differs",
        "the ledger is broken",
    ]
    assert "unique key uq_call_loose (form_key) does not begin with owner_id" in found[3]
    assert "undistribute_table('hold'" in found[4]
    assert found[7].startswith("the ledger is broken: I4  owner 100001 account")
    assert ask(wide_url, "SELECT count(*) FROM stand_in.pg_dist_node") == [0]


@pytest.mark.postgres
def test_what_others_keep_here_is_theirs_unless_it_leads_to_us(wide_url: str) -> None:
    with tampering(wide_url) as connection:
        connection.execute(text("CREATE TABLE theirs (id int PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE theirs_too (id int PRIMARY KEY REFERENCES theirs)"))
    assert not [each for each in refused(wide_url) if each.startswith("theirs")]
    with tampering(wide_url) as connection:
        connection.execute(text("ALTER TABLE theirs ADD COLUMN owner bigint, ADD COLUMN account bigint"))
        connection.execute(text("ALTER TABLE theirs ADD FOREIGN KEY (owner, account) REFERENCES account"))
    [only] = [each for each in refused(wide_url) if each.startswith("theirs")]
    assert "leads from a table of coordinator to account, of owner" in only


@pytest.mark.postgres
@pytest.mark.parametrize("version", ["12.1-1", "14.0-1"])
def test_another_pair_of_versions_is_refused(wide_url: str, version: str) -> None:
    in_mood(wide_url, version=version)
    [only] = refused(wide_url)
    assert only.startswith(f"this is Citus {version} on PostgreSQL ")
    assert f"Citus 13 on PostgreSQL {distributing.POSTGRESQL} alone" in only


@pytest.mark.postgres
def test_the_coordinator_is_no_worker(wide_url: str) -> None:
    [only] = refused(wide_url, FIRST, (FIRST,))
    assert only.startswith("10.0.0.1:5432 is the coordinator itself")


@pytest.mark.postgres
def test_an_older_schema_is_refused(postgres_url: str) -> None:
    with tampering(postgres_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0081'"))
    assert refused(postgres_url) == ["the schema is not at the newest version: k5 db upgrade"]


@pytest.mark.postgres
def test_who_was_cut_off_goes_on_and_the_second_run_changes_nothing(wide_url: str) -> None:
    every = [str(step) for step in planned(wide_url).steps]
    assert every[:2] == [
        "SELECT citus_set_coordinator_host('10.0.0.1', 5432)",
        "SELECT citus_add_node('10.0.0.2', 5432)",
    ]
    assert "SELECT create_distributed_table('account', 'owner_id', colocate_with => 'none')" in every
    in_mood(wide_url, dies_at="posting")
    with pytest.raises(DatabaseTrouble) as cut_off:
        carried_out(wide_url)
    assert "starting or stopping" in str(cut_off.value)  # so says a server that ends a session
    in_mood(wide_url, dies_at="")
    assert "posting has no pieces" in distribution_proof.faults(wide_url, NOW)
    left = [str(step) for step in planned(wide_url).left]
    assert left[0] == "SELECT create_distributed_table('posting', 'owner_id', colocate_with => 'account')"
    assert carried_out(wide_url) == left == every[-len(left) :]
    assert planned(wide_url, None, ()).left == []  # the machines are known by now
    assert carried_out(wide_url) == []
    assert distribution_proof.faults(wide_url, NOW) == []
    placed = set(ask(wide_url, "SELECT name::text FROM stand_in.placed"))
    assert placed == {table.name for table in placement.in_order(Base.metadata)}
    assert ask(wide_url, "SELECT sum(balance_minor) FROM account") == [1000]  # the credit of the proof was taken back
    in_proof(wide_url)


def in_proof(url: str) -> None:
    """A right too many, a guard too few and a right that is gone are each seen where they are."""
    [posting, account] = [
        ask(url, f"SELECT shard::text FROM stand_in.piece WHERE name = '{name}'::regclass ORDER BY number")[0]
        for name in ("posting", "account")
    ]
    number = str(posting).rpartition("_")[2]
    with tampering(url) as connection:
        connection.execute(text(f"GRANT UPDATE ON {posting} TO k5_app"))
        connection.execute(text(f"DROP TRIGGER posting_is_frozen_{number} ON {posting}"))
        connection.execute(text(f"REVOKE INSERT ON {account} FROM k5_app"))
    found = distribution_proof.faults(url, NOW)
    assert len(found) == 3
    assert any(
        "its guards are posting_moves_balance, not posting_is_frozen posting_moves_balance" in each for each in found
    )
    assert any("its rights of k5_app are INSERT,SELECT,UPDATE, not INSERT,SELECT" in each for each in found)
    again = [str(step) for step in planned(url, None, ()).left]
    assert len(again) == 2
    assert "'GRANT INSERT ON %1$s TO k5_app'" in again[1]


@pytest.mark.postgres
def test_money_that_does_not_move_is_no_proof(wide_url: str) -> None:
    with tampering(wide_url) as connection:
        connection.execute(text("REVOKE INSERT ON posting FROM k5_app"))
        connection.execute(text("DROP TRIGGER posting_is_frozen ON posting"))
    found = [each for each in distribution_proof.faults(wide_url, NOW) if "has no pieces" not in each]
    assert found == [
        "a credit as k5_app fails: permission denied for table posting",
        "no guard kept the owner from changing a posting (it was done)",
    ]
