"""An order wakes the worker when it is committed, and no sooner."""

import psycopg
import pytest

from k5web.errors import Unavailable
from k5web.storage.session import open_sessions
from k5web.storage.wakeups import CHANNEL, Wakeups, wake

NOWHERE = "postgresql+psycopg://k5@127.0.0.1:1/k5"
HEARD_WITHIN_S = 30  # ends a test that hangs


@pytest.mark.postgres
def test_a_wake_up_is_heard_after_the_commit(postgres_url: str) -> None:
    sessions = open_sessions(postgres_url, postgres_url)
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        with sessions.begin() as db:
            wake(db)
            assert list(ear.notifies(timeout=0)) == []
        assert [heard.channel for heard in ear.notifies(timeout=HEARD_WITHIN_S, stop_after=1)] == [CHANNEL]
        with sessions.begin() as db:
            wake(db)
            db.rollback()
        with sessions.begin() as db:
            wake(db)
        assert len(list(ear.notifies(timeout=HEARD_WITHIN_S, stop_after=1))) == 1
        assert list(ear.notifies(timeout=0)) == [], "what was rolled back woke nobody"
    sessions.dispose()


def test_on_sqlite_a_wait_is_only_a_pause_and_waking_does_nothing(sqlite_url: str) -> None:
    sessions = open_sessions(sqlite_url, sqlite_url)
    with Wakeups(sessions) as ear, sessions.begin() as db:
        wake(db)
        ear.wait()
    sessions.dispose()


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_our_trouble() -> None:
    sessions = open_sessions(NOWHERE, NOWHERE)
    with pytest.raises(Unavailable):
        Wakeups(sessions)
    sessions.dispose()
