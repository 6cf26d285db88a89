"""The schema and the models say the same, on both databases; rows that are there stay."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from k5web.errors import DatabaseTrouble
from k5web.storage import schema
from k5web.storage.session import Sessions
from tests.databases import serving
from tests.postgres import HASTY
from tests.postgres_pool import named, on_server


def test_a_migrated_base_is_what_the_models_say(database_url: str) -> None:
    assert schema.is_current(database_url)
    assert schema.check(database_url) == []


def test_objections_to_plans_stay_where_those_to_price_lists_come_beside_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    with schema.connected(url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", schema.SCRIPTS)
        command.upgrade(config, "0031")
        connection.execute(
            text("INSERT INTO plan_version VALUES (1, 'own', '2026-12-13', '', '', x'00', '', 'staff:x')")
        )
        connection.execute(text("INSERT INTO plan_objection VALUES (7, 1, '2026-12-01', 'staff:x', '2026-12-13')"))
    schema.upgrade(url)
    with schema.connected(url, readonly=True) as connection:
        found = connection.execute(text("SELECT owner_id, subject, code, version_id, ends_on FROM objection")).all()
    assert [tuple(row) for row in found] == [(7, "plan", "own", 1, "2026-12-13")]


WORDS_AND_INN = """
    INSERT INTO subscriber (id, name, currency, plan, created_at, at_once_limit_micro, password_changed_at)
    VALUES (7, 'Пётр Семёнов-Тян', 'RUB', 'k5', '2026-11-01 10:00:00.000000Z', 0, '2026-11-01 10:00:00.000000Z'),
    (8, '', 'RUB', 'k5', '2026-11-01 10:00:00.000000Z', 0, '2026-11-01 10:00:00.000000Z')"""
TOLD = "INSERT INTO personal_data VALUES (7, :n, :what, :facts, '2026-11-01 10:00:00.000000Z', 'subscriber')"


def test_those_who_are_there_are_found_by_words_of_their_names_and_tax_numbers(empty_url: str) -> None:
    with schema.connected(empty_url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", schema.SCRIPTS)
        command.upgrade(config, "0052")
        connection.execute(text(WORDS_AND_INN))
        for n, what, facts in ((1, "person", "{}"), (2, "organisation", '{"inn": "7708789018", "kpp": ""}')):
            connection.execute(text(TOLD), {"n": n, "what": what, "facts": facts})
    schema.upgrade(empty_url)
    with schema.connected(empty_url, readonly=True) as connection:
        words = connection.execute(text("SELECT owner_id, word FROM name_word ORDER BY word")).all()
        told = connection.scalars(text("SELECT inn FROM personal_data ORDER BY n")).all()
    assert [tuple(row) for row in words] == [(7, "петр"), (7, "семенов"), (7, "тян")]
    assert told == ["", "7708789018"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/old.db"
        return
    with serving(HASTY) as server:
        yield server.url


REASON = "objected to version 5 of plan own: the contract has ended"


def fill_before_endings(connection: Connection) -> None:
    """Write four subscribers whose objections ended their contracts by a block.

    7: blocked still; 8: let go on by staff since; 9: blocked by staff, too; 10: never blocked.
    """
    subscriber = (
        "INSERT INTO subscriber (id, name, currency, plan, created_at, blocked_at, at_once_limit_micro, "
        "password_changed_at) "
        "VALUES (:id, 'A', 'RUB', 'k5', '2026-11-01 10:00:00.000000Z', :at, 0, '2026-11-01 10:00:00.000000Z')"
    )
    at, later = "2026-12-12 21:00:05.000000Z", "2026-12-14 09:00:00.000000Z"
    for owner_id, blocked_at in ((7, at), (8, None), (9, later), (10, None)):
        connection.execute(text(subscriber), {"id": owner_id, "at": blocked_at})
    block = (
        "INSERT INTO block (owner_id, n, is_blocked, at, actor, reason) VALUES (:owner, :n, :is_on, :at, :who, :why)"
    )
    for owner_id, n, is_on, moment, who, why in (
        (7, 1, True, at, "job:objections", REASON),
        (8, 1, True, at, "job:objections", REASON),
        (8, 2, False, later, "staff:x", "agreed"),
        (9, 1, True, at, "job:objections", REASON),
        (9, 2, True, later, "staff:x", "fraud"),
    ):
        row = {"owner": owner_id, "n": n, "is_on": is_on, "at": moment, "who": who, "why": why}
        connection.execute(text(block), row)
    said = "INSERT INTO objection VALUES (:owner, 'plan', :version, 'own', :at, 'staff:x', :day)"
    for owner_id, version, day in (
        (7, 5, "2026-12-13"),
        (7, 6, "2027-01-01"),
        (8, 5, "2026-12-13"),
        (9, 5, "2026-12-13"),
    ):
        row = {"owner": owner_id, "version": version, "at": "2026-12-01 00:00:00.000000Z", "day": day}
        connection.execute(text(said), row)
    message = (
        "INSERT INTO outbox (owner_id, id, kind, facts, created_at, done_at, address, ref) "
        "VALUES (:owner, :id, :kind, '{}', :at, :at, '+79161234567', :ref)"
    )
    for owner_id, name, kind in ((7, "phones added 79161234567 x", "phones"), (0, "code a", "code")):
        connection.execute(text(message), {"owner": owner_id, "id": name, "kind": kind, "at": at, "ref": f"{kind}-ref"})


def test_contracts_that_objections_ended_before_are_ended_and_their_cabinets_open(empty_url: str) -> None:
    with schema.connected(empty_url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", schema.SCRIPTS)
        command.upgrade(config, "0036")
        fill_before_endings(connection)
    schema.upgrade(empty_url)
    with schema.connected(empty_url, readonly=True) as connection:
        found = connection.execute(text("SELECT * FROM contract_end ORDER BY owner_id")).mappings().all()
        states = connection.execute(text("SELECT ended_at, blocked_at FROM subscriber ORDER BY id")).all()
        lifted = connection.execute(text("SELECT owner_id, n FROM block WHERE actor = 'job:contracts'")).all()
        messages = connection.execute(text("SELECT id, address FROM outbox ORDER BY owner_id")).all()
    ended = [(row["owner_id"], row["why"], str(row["last_day"]), row["reason"]) for row in found]
    assert ended == [(owner_id, "objection", "2026-12-12", REASON) for owner_id in (7, 9)]
    assert all(row["done_at"] is not None for row in found)
    assert [(row.ended_at is None, row.blocked_at is None) for row in states] == [
        (False, True), (True, True), (False, False), (True, True),
    ]  # fmt: skip
    assert [tuple(row) for row in lifted] == [(7, 2)]
    assert [tuple(row) for row in messages] == [("code a", None), ("phones phones-ref", "+79161234567")]


@pytest.mark.postgres
def test_a_table_that_somebody_holds_is_waited_for_shortly_again_and_again(
    monkeypatch: pytest.MonkeyPatch, postgres_server_url: str
) -> None:
    """Whoever needs it meanwhile waits behind the migration: it lets them pass."""
    name = f"k5_held_{uuid4().hex[:8]}"
    on_server(postgres_server_url, f"CREATE DATABASE {name}")
    url = named(postgres_server_url, name)
    with schema.connected(url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", schema.SCRIPTS)
        command.upgrade(config, "0078")
    monkeypatch.setattr(schema, "LOCK_WAIT_MS", 30)
    monkeypatch.setattr(schema, "UPGRADE_TRIES", 3)
    monkeypatch.setattr(schema, "UPGRADE_PAUSE_S", (0.0, 0.0))
    tries = []
    once = schema._upgrade

    def count(url: str) -> None:
        tries.append(url)
        if len(tries) == 5:
            holder.rollback()
        once(url)

    monkeypatch.setattr(schema, "_upgrade", count)
    engine = create_engine(url)
    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE house IN ACCESS SHARE MODE"))  # as pg_dump
        with pytest.raises(DatabaseTrouble, match=r"somebody holds the tables .+ pg_dump .+ goes on from where it is"):
            schema.upgrade(url)
        assert (len(tries), schema.is_current(url)) == (3, False)
        schema.upgrade(url)
    engine.dispose()
    assert (len(tries), schema.is_current(url)) == (5, True)
    on_server(postgres_server_url, f"DROP DATABASE {name}")


@pytest.mark.parametrize("question", ["SELECT 1 FROM nothing_here", "SELECT nothing_here FROM house", "SELECT 1"])
def test_a_table_or_column_that_is_missing_is_told_from_other_faults(sessions: Sessions, question: str) -> None:
    fault: Exception | None = None
    with sessions.read() as db:
        try:
            db.execute(text(question))
        except DBAPIError as error:
            fault = error
            db.rollback()
    assert schema.lacks_tables(fault or KeyError("nothing_here")) is ("nothing_here" in question)
