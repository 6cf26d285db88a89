"""The stop-list as rows: the first entry that is meant, one of each thing, nothing rewritten."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from k5web.domain.calls.stops import StopKind, meant_by
from k5web.domain.calls.trunk import TrunkOff
from k5web.storage.calls import routes, stop_rows
from k5web.storage.calls.stop_rows import Closed
from k5web.storage.session import Sessions
from k5web.storage.tables import CallStopRow

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MEANT = meant_by(100001, "79161234567", "74951234567")


def test_an_account_s_entry_goes_before_its_phone_s_and_that_before_the_number_s(sessions: Sessions) -> None:
    with sessions.begin() as db:
        entries = [
            stop_rows.add(db, kind, what, "why", "staff:a", NOW, None)
            for kind, what in [(StopKind.TO, "7495"), (StopKind.FROM, "79"), (StopKind.SUBSCRIBER, "100001")]
        ]
    for entry in reversed(entries):
        assert entry is not None
        with sessions.begin() as db:
            assert stop_rows.closed(db, MEANT, NOW).stop == entry
            stop_rows.lift(db, entry.n, NOW, "staff:b", "enough")
    with sessions.read() as db:
        assert stop_rows.closed(db, MEANT, NOW).stop is None


def test_an_entry_of_another_kind_or_of_a_longer_prefix_is_not_meant(sessions: Sessions) -> None:
    with sessions.begin() as db:
        stop_rows.add(db, StopKind.FROM, "7495", "why", "staff:a", NOW, None)
        stop_rows.add(db, StopKind.TO, "749512345678", "why", "staff:a", NOW, None)
        stop_rows.add(db, StopKind.SUBSCRIBER, "1000011", "why", "staff:a", NOW, None)
        stop_rows.add(db, StopKind.TO, "7495", "why", "staff:a", NOW, NOW + timedelta(seconds=1))
        assert stop_rows.closed(db, MEANT, NOW).stop is not None
        assert stop_rows.closed(db, MEANT, NOW + timedelta(seconds=1)).stop is None


def test_trunks_that_are_off_are_told_beside_it(sessions: Sessions) -> None:
    with sessions.begin() as db:
        routes.switch_off(db, TrunkOff("north", NOW, "staff:a", "it hums"))
        assert stop_rows.closed(db, MEANT, NOW) == Closed(None, frozenset({"north"}))
        entry = stop_rows.add(db, StopKind.TO, "7495", "why", "staff:a", NOW, NOW + timedelta(days=1))
        assert stop_rows.closed(db, MEANT, NOW) == Closed(entry, frozenset({"north"}))


def test_of_one_thing_one_entry_is_listed(sessions: Sessions) -> None:
    with sessions.begin() as db:
        first = stop_rows.add(db, StopKind.TO, "881", "why", "staff:a", NOW, None)
        assert stop_rows.add(db, StopKind.TO, "881", "again", "staff:a", NOW, None) is None
        assert first is not None
        assert stop_rows.listed(db, StopKind.TO, "881") == first == stop_rows.lock(db, first.n)


@pytest.mark.parametrize("what", ["rewritten", "lifted twice", "deleted"])
def test_history_is_not_rewritten(sessions: Sessions, what: str) -> None:
    with sessions.begin() as db:
        entry = stop_rows.add(db, StopKind.TO, "881", "why", "staff:a", NOW, None)
        assert entry is not None
        stop_rows.lift(db, entry.n, NOW, "staff:a", "enough")
    done = {
        "rewritten": update(CallStopRow).values(reason="other"),
        "lifted twice": update(CallStopRow).values(lifted_by="staff:z"),
        "deleted": delete(CallStopRow),
    }[what]
    with pytest.raises(DBAPIError), sessions.begin() as db:
        db.execute(done)
