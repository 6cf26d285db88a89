"""Two real databases, a primary and its streaming standby: neither loss stops the house, nothing is doubled."""

import logging
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text

from k5web.config import databases
from k5web.domain.books.period import Period
from k5web.errors import Unavailable
from k5web.services import health
from k5web.services.books import statements
from k5web.storage import session, standby
from k5web.storage.session import Sessions, open_sessions
from k5web.storage.wakeups import Wakeups, wake
from tests.conftest import Clock
from tests.postgres import PostgresServer
from tests.processes import wait_for
from tests.services.house import House

pytestmark = pytest.mark.postgres

Pair = tuple[PostgresServer, PostgresServer]
LAST_MONTH = Period.month(date(2026, 11, 1))  # of a house whose clock stands in December
BACK_WITHIN_S = 30  # promised to operators
SPELLINGS = {
    "one host": "//k5_owner@127.0.0.1:{a}/postgres?target_session_attrs=read-write",
    "pairs": "//k5_owner@/postgres?host=127.0.0.1:{b}&host=127.0.0.1:{a}&target_session_attrs=read-write",
    "lists": "//k5_owner@/postgres?host=127.0.0.1,127.0.0.1&port={b},{a}&target_session_attrs=read-write",
    "before the slash": "//k5_owner@127.0.0.1:{b},127.0.0.1:{a}/postgres?target_session_attrs=read-write",
    "any primary": "//k5_owner@127.0.0.1:{b},127.0.0.1:{a}/postgres?target_session_attrs=primary",
}


def address(spelling: str, pair: Pair) -> str:
    """How a setting spells it, as the house reads it."""
    text = "postgresql+psycopg:" + SPELLINGS[spelling].format(a=pair[0].port, b=pair[1].port)
    return databases.address({"K5_DATABASE_URL": text}, "K5_DATABASE_URL", "")


@pytest.fixture(autouse=True)
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second is waited until the standby is looked at again."""
    monkeypatch.setattr(standby, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(standby, "AWAY_S", 0.0)


@pytest.fixture(scope="module")
def doors(pair: Pair) -> Iterator[Sessions]:
    """Both databases, as a house with a standby has them."""
    opened = open_sessions(address("before the slash", pair), pair[1].url, standby_lag_s=0)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def k5(doors: Sessions) -> House:
    """A house on both, with money."""
    house = House(doors, Clock())
    house.top_up("100.00")
    return house


def is_standby(doors: Sessions) -> bool:
    """Whether reports are read at a standby now."""
    with doors.read_behind() as db:
        return bool(db.scalar(text("SELECT pg_is_in_recovery()")))


def assert_house_goes_on(k5: House) -> None:
    """A call is ordered, shown, placed, talked and paid; the page of readiness and a report of the past answer."""
    before = k5.balance()
    call = k5.order()
    assert k5.call(call).id == call.id
    assert health.is_ready(k5.ports)
    k5.talk(call, "61")
    assert [str(before - k5.balance()), k5.call(call).state] == ["4.40", "settled"]
    assert statements.statement(k5.ports, k5.caller.id, LAST_MONTH).lines == []


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_spelling_of_several_hosts_leads_every_door_to_the_primary(pair: Pair, spelling: str) -> None:
    sessions = open_sessions(address(spelling, pair), address(spelling, pair))
    with Wakeups(sessions) as ear:
        for door in (sessions.begin, sessions.read, sessions.read_behind):
            with door() as db:
                assert db.scalar(text("SELECT pg_is_in_recovery()")) is False
                assert db.scalar(text("SELECT current_user")) == session.APP_ROLE
                assert db.scalar(text("SHOW statement_timeout")) == f"{session.STATEMENT_TIMEOUT_S}s"
                is_read_only = db.scalar(text("SHOW transaction_read_only"))
                assert is_read_only == ("off" if door == sessions.begin else "on")
        with sessions.begin() as db:
            wake(db)
        assert ear._listener is not None
        assert len(list(ear._listener.notifies(timeout=BACK_WITHIN_S, stop_after=1))) == 1
    sessions.dispose()


def test_a_standby_that_lags_is_left_and_read_again(
    pair: Pair, doors: Sessions, k5: House, caplog: pytest.LogCaptureFixture
) -> None:
    wait_for(lambda: is_standby(doors), "reports read the standby")
    caplog.set_level(logging.INFO, "k5web.storage.standby")
    pair[1].ask("SELECT pg_wal_replay_pause()")
    try:
        assert_house_goes_on(k5)
        assert not is_standby(doors)
        found = health.figures(k5.ports)
        assert (found.standby_is_read, found.standby_behind_s is not None) == (False, True)
        assert [record.reason for record in caplog.records] == ["behind"]  # type: ignore[attr-defined]
    finally:
        pair[1].ask("SELECT pg_wal_replay_resume()")
    wait_for(lambda: is_standby(doors), "reports read the standby again")
    assert len([record for record in caplog.records if "again" in record.message]) >= 1


def test_a_standby_that_is_stopped_is_left_and_read_again(
    pair: Pair, doors: Sessions, k5: House, caplog: pytest.LogCaptureFixture
) -> None:
    wait_for(lambda: is_standby(doors), "reports read the standby")

    def report() -> None:
        with doors.read_behind() as db:
            assert db.scalar(text("SELECT pg_is_in_recovery()"))
            pair[1].kill()
            db.scalar(text("SELECT 1"))

    with pytest.raises(Unavailable):  # in the middle of it: it is asked for again
        report()
    assert not is_standby(doors)
    assert_house_goes_on(k5)
    assert not health.figures(k5.ports).standby_is_read
    assert [record.reason for record in caplog.records if record.name == standby.__name__] == ["away"]  # type: ignore[attr-defined]
    pair[1].start()
    wait_for(lambda: is_standby(doors), "reports read the standby again")


def test_a_report_finds_a_standby_that_died_since_the_last_look(
    pair: Pair, doors: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for(lambda: is_standby(doors), "reports read the standby")
    monkeypatch.setattr(standby, "LOOK_EVERY_S", 3600.0)
    assert is_standby(doors)
    pair[1].kill()
    assert not is_standby(doors)
    pair[1].start()
    wait_for(lambda: is_standby(doors), "reports read the standby again")


def test_a_primary_that_is_killed_costs_nothing_and_doubles_nothing(pair: Pair, doors: Sessions, k5: House) -> None:
    """The standby is promoted by hand; each press is repeated under its key until it is answered, as a page does."""
    primary, heir = pair
    primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
    primary.ask("SELECT pg_reload_conf()")
    wait_for(lambda: primary.ask("SHOW synchronous_standby_names") == "*", "the standby is waited for")
    said = [k5.talk(k5.order(key=f"before-{n}"), "61") for n in range(3)]
    balance = k5.balance()
    primary.kill()
    with pytest.raises(Unavailable):
        k5.order(key="meanwhile")
    heir.ask("SELECT pg_promote()")

    def press() -> bool:
        try:
            said.append(k5.order(key="meanwhile"))
        except Unavailable:
            return False
        return True

    wait_for(press, "a press is answered again", BACK_WITHIN_S)
    assert k5.order(key="meanwhile").id == said[-1].id
    k5.talk(said[-1], "61")
    assert [k5.order(key=f"before-{n}").id for n in range(3)] == [call.id for call in said[:3]]
    assert [k5.call(call).state for call in said] == ["settled"] * 4
    assert str(balance - k5.balance()) == "4.40"
    with Wakeups(doors) as ear:
        ear.wait()
    assert not k5.incidents()
    k5.assert_sound()
    assert not is_standby(doors)
