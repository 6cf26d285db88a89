"""The handbook's backup is what it says: on another server roles, grants and money are there again

Trial: R12.
"""

import os
import re
import sqlite3
import subprocess
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from k5web.errors import HouseRestored
from k5web.storage import restored
from k5web.storage.session import Sessions, open_sessions
from tests.cli.test_db import k5
from tests.conftest import Clock
from tests.databases import serving
from tests.postgres import HASTY, find_binaries
from tests.postgres_pool import named, on_server
from tests.processes import ROOT, foreign_environ
from tests.proofs import figure, progress
from tests.services.house import House

LINE = re.compile(r"^su postgres -c '(.+)'$", re.MULTILINE)


def commands(folder: Path, database: str) -> list[str]:
    """The handbook's commands of PostgreSQL, for another folder and database."""
    handbook = (ROOT / "docs" / "operators.md").read_text("utf-8")
    chapter = handbook.partition("## Backup")[2].partition("\n## ")[0]
    found = [line.replace("/var/backups/k5/", f"{folder}/") for line in LINE.findall(chapter)]
    return [re.sub(r" k5$", f" {database}", line) for line in found if line.split()[0] in PROGRAMS]


NOTHING = (
    "nothing is shut: the database is where it was opened; if it was brought back nevertheless:\nk5 db shut --yes\n"
)
PROGRAMS = {"pg_dumpall", "pg_dump", "psql", "createdb", "pg_restore"}


def run(command: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run it at a server, as its owner."""
    place, binaries = make_url(url), find_binaries()
    environ = foreign_environ() | {"PGHOST": "127.0.0.1", "PGPORT": str(place.port), "PGUSER": str(place.username)}
    environ |= {"PGDATABASE": "postgres", "PGPASSWORD": place.password or ""}
    path = {"PATH": f"{binaries}:{os.environ['PATH']}"}
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environ | path)


@pytest.mark.postgres
def test_a_backup_is_a_whole_house_on_another_server(postgres_url: str, tmp_path: Path) -> None:
    sessions = open_sessions(postgres_url, postgres_url)
    restored.guard(sessions)
    house = House(sessions, Clock())
    house.top_up("100.00")
    house.talk(house.order(), "61")
    sessions.dispose()
    on_server(postgres_url, "CREATE ROLE k5_run LOGIN")
    on_server(postgres_url, "GRANT k5_app TO k5_run")
    try:
        roles, dump, bring_roles, create, restore = commands(tmp_path, str(make_url(postgres_url).database))
        assert [run(command, postgres_url).returncode for command in (roles, dump)] == [0, 0]
    finally:
        on_server(postgres_url, "DROP ROLE k5_run")
    with serving(HASTY) as other:
        assert run(create, other.url).returncode == 0
        assert run(restore, other.url).returncode != 0, "without its roles it is not half a house: it is none"
        on_server(other.url, "DROP DATABASE k5_tried")
        for command in (bring_roles, create, restore):
            done = run(command, other.url)
            assert done.returncode == 0, done.stderr
        url = make_url(named(other.url, "k5_tried")).set(username="k5_run").render_as_string(hide_password=False)
        assert k5(url, "db", "check").exit_code == 0
        assert k5(url, "ledger", "verify").exit_code == 0
        there = open_sessions(url, url)
        with there.read() as db:
            assert db.scalar(text("SELECT sum(balance_minor) FROM account")) == 9560
        assert_is_shut_until_opened(url, there)
        with pytest.raises(DBAPIError, match="permission denied"), there.begin() as db:
            db.execute(text("DELETE FROM posting"))
        there.dispose()


def assert_is_shut_until_opened(url: str, sessions: Sessions) -> None:
    """A house that was brought back writes nothing by itself before somebody looked and said so."""
    restored.guard(sessions)
    assert "this database was brought back: " in k5(url, "db", "opened").output
    with pytest.raises(HouseRestored), sessions.begin():
        pass
    assert k5(url, "db", "opened", "--yes").output.startswith("opened; the next numbers: account 100")
    with sessions.begin():
        pass
    assert k5(url, "db", "opened").output == NOTHING


def balance_of_copy(file: Path) -> int:
    """Look whether a copy is a whole house, shut; return what all its accounts have together."""
    url = f"sqlite:///{file}"
    assert [k5(url, *words).exit_code for words in (("db", "check"), ("ledger", "verify"))] == [0, 0]
    copied = open_sessions(url, url)
    assert_is_shut_until_opened(url, copied)
    copied.dispose()
    with sqlite3.connect(file) as connection:
        [(balance,)] = connection.execute("SELECT sum(balance_minor) FROM account").fetchall()
    return int(balance)


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=[pytest.mark.full, pytest.mark.timeout(1200)])])
def test_a_house_on_sqlite_is_copied_while_it_writes(sqlite_url: str, tmp_path: Path, times: int) -> None:
    sessions = open_sessions(sqlite_url, sqlite_url)
    house = House(sessions, Clock())
    begun, is_enough = Event(), Event()

    def pay_on() -> None:
        while not is_enough.is_set():
            house.top_up("1.00")
            begun.set()

    files = [tmp_path / f"copy-{n}.db" for n in range(times)]
    payer = Thread(target=pay_on)
    payer.start()
    try:
        assert begun.wait(60)
        for n, file in enumerate(files):
            done = k5(sqlite_url, "db", "backup", str(file))
            assert done.exit_code == 0, done.output
            assert file.stat().st_mode & 0o777 == 0o600, "nobody else reads people's calls"
            progress(n, times, "copies")
    finally:
        is_enough.set()
        payer.join()
    sessions.dispose()
    balances = [balance_of_copy(file) for file in files]
    assert balances[0] > 0
    assert balances == sorted(balances)
    assert balances[-1] <= house.balance().minor
    figure(f"R12: {times} copies of SQLite while it is written, each whole and shut until it is opened")
    again = k5(sqlite_url, "db", "backup", str(file))
    assert (again.exit_code, "there already" in again.output) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name and path.suffix == ".half") == []
