"""Behind a real PgBouncer in session mode every door keeps its role, its time-outs and its read-only mark."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from k5web.storage import session
from k5web.storage.session import open_sessions
from k5web.storage.wakeups import Wakeups
from tests.conftest import Clock
from tests.processes import do_without, foreign_environ, free_port, wait_for
from tests.services.house import House

pytestmark = pytest.mark.postgres

# As docs/settings.md has it; with few connections to the server, so that what one client leaves is the next one's
SETTINGS = """
[databases]
* = host=127.0.0.1 port={port}
[pgbouncer]
pool_mode = {mode}
listen_addr = 127.0.0.1
listen_port = {own_port}
auth_type = trust
auth_file = {folder}/userlist.txt
unix_socket_dir =
default_pool_size = 3
server_lifetime = 3600
"""


@pytest.fixture
def bouncer_url(postgres_url: str) -> Iterator[str]:
    """The address of this test's database through a PgBouncer of its own, in session mode."""
    with bouncing(postgres_url, "session") as url:
        yield url


@contextmanager
def bouncing(postgres_url: str, mode: str) -> Iterator[str]:
    """Run a PgBouncer for a while; the address through it."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    if not Path(program).exists():
        do_without("no PgBouncer here: apt-get install pgbouncer")
    place = make_url(postgres_url)
    folder = Path(tempfile.mkdtemp(prefix="k5-pgbouncer-", dir="/tmp"))
    own_port = free_port()
    (folder / "userlist.txt").write_text(f'"{place.username}" "{place.password or ""}"\n')
    (folder / "pgbouncer.ini").write_text(SETTINGS.format(mode=mode, port=place.port, own_port=own_port, folder=folder))
    user = pwd.getpwnam("postgres").pw_uid if os.getuid() == 0 else os.getuid()  # it does not run as root
    for path in (folder, *folder.iterdir()):
        os.chown(path, user, -1)
    command = [program, "--quiet", str(folder / "pgbouncer.ini")]
    with subprocess.Popen(command, user=user, env=foreign_environ(), stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: _listens(own_port), "PgBouncer listens")
            yield place.set(host="127.0.0.1", port=own_port).render_as_string(hide_password=False)
        finally:
            process.terminate()
    shutil.rmtree(folder)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_each_door_keeps_its_rules_behind_a_pgbouncer(bouncer_url: str) -> None:
    sessions = open_sessions(bouncer_url, bouncer_url, pool_size=1)
    for _ in range(2):  # the second time over connections that the other door had, perhaps
        for door in (sessions.begin, sessions.read):
            with door() as db:
                assert db.scalar(text("SELECT current_user")) == session.APP_ROLE
                assert db.scalar(text("SHOW timezone")) == "UTC"
                assert db.scalar(text("SHOW lock_timeout")) == f"{session.LOCK_TIMEOUT_S}s"
                assert db.scalar(text("SHOW statement_timeout")) == f"{session.STATEMENT_TIMEOUT_S}s"
                assert db.scalar(text("SHOW idle_in_transaction_session_timeout")) == f"{session.IDLE_TIMEOUT_S}s"
                is_read_only = db.scalar(text("SHOW transaction_read_only"))
                assert is_read_only == ("off" if door == sessions.begin else "on")
        sessions.dispose()
        plain = bouncer_url.replace("+psycopg", "")
        with psycopg.connect(plain) as stranger:  # gets what our sessions had, without our rules
            row = stranger.execute("SELECT current_user, current_setting('default_transaction_read_only')").fetchone()
        assert row == (make_url(bouncer_url).username, "off")
    with sessions.begin() as db, pytest.raises(DBAPIError, match="permission denied"):
        db.execute(text("DELETE FROM posting"))
    sessions.dispose()


def test_a_call_is_ordered_heard_of_and_paid_through_a_pgbouncer(bouncer_url: str) -> None:
    sessions = open_sessions(bouncer_url, bouncer_url, pool_size=1)
    k5 = House(sessions, Clock())
    k5.top_up("100.00")
    with Wakeups(sessions) as ear:
        call = k5.order()
        assert ear._listener is not None
        assert len(list(ear._listener.notifies(timeout=30, stop_after=1))) == 1
        assert k5.talk(call, "61").state == "settled"
    assert str(k5.balance()) == "95.60"
    k5.assert_sound()
    sessions.dispose()


def test_in_transaction_mode_what_one_door_sets_is_everybodys(postgres_url: str) -> None:
    """Why docs/settings.md forbids it."""
    with bouncing(postgres_url, "transaction") as url:
        sessions = open_sessions(url, url, pool_size=1)
        with sessions.begin() as db:
            assert db.scalar(text("SHOW transaction_read_only")) == "off"
        with sessions.read() as db:
            db.execute(text("SELECT 1"))
        with sessions.begin() as db:
            assert db.scalar(text("SHOW transaction_read_only")) == "on"
        sessions.dispose()
