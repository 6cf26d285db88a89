"""Fraud alarms as rows: one of a kind waits for an account, a decision stays as it was."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from k5web.domain.calls.fraud import STANDARD_TERMS, AlarmKind, AlarmTerms, Decision, Pace
from k5web.storage.calls import alarm_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import FraudAlarmRow
from tests.services.house import House

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_one_alarm_of_a_kind_waits_for_an_account(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert alarm_rows.raise_one(db, 1, AlarmKind.NIGHT, NOW, {"seen": 6})
        assert not alarm_rows.raise_one(db, 1, AlarmKind.NIGHT, NOW, {"seen": 7})
        assert alarm_rows.raise_one(db, 1, AlarmKind.SHORT, NOW, {"seen": 8})
        assert alarm_rows.raise_one(db, 2, AlarmKind.NIGHT, NOW, {"seen": 6})
        assert alarm_rows.count_waiting(db) == len(alarm_rows.waiting(db, 10)) == 3
        alarm_rows.decide(db, 1, 1, NOW, "staff:a", "no thief", None)
        assert alarm_rows.raise_one(db, 1, AlarmKind.NIGHT, NOW, {"seen": 9})
        newest = alarm_rows.last(db, 1, AlarmKind.NIGHT)
    assert newest is not None
    assert (newest.n, newest.facts, newest.decision) == (3, {"seen": 9}, None)


def test_a_stop_answers_all_that_wait_and_is_undone_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for kind in (AlarmKind.NIGHT, AlarmKind.SHORT):
            alarm_rows.raise_one(db, 1, kind, NOW, {})
        alarm_rows.decide(db, 1, None, NOW, "staff:a", "a thief", 7)
        assert alarm_rows.count_waiting(db) == 0
        alarm_rows.undo(db, 1, 7, NOW, "staff:b")
        alarm_rows.undo(db, 1, 7, NOW, "staff:c")
        alarms = alarm_rows.decided(db, None, 10)
    assert [(alarm.decision, alarm.stop_n, alarm.undone_by) for alarm in alarms] == [
        (Decision.STOPPED, 7, "staff:b"),
        (Decision.STOPPED, 7, "staff:b"),
    ]


@pytest.mark.parametrize("what", ["rewritten", "decided twice", "deleted"])
def test_history_is_not_rewritten(sessions: Sessions, what: str) -> None:
    with sessions.begin() as db:
        alarm_rows.raise_one(db, 1, AlarmKind.NIGHT, NOW, {})
        alarm_rows.decide(db, 1, 1, NOW, "staff:a", "no thief", None)
    done = {
        "rewritten": update(FraudAlarmRow).values(raised_at=NOW.replace(hour=1)),
        "decided twice": update(FraudAlarmRow).values(decided_by="staff:z"),
        "deleted": delete(FraudAlarmRow),
    }[what]
    with pytest.raises(DBAPIError), sessions.begin() as db:
        db.execute(done)


def test_what_an_account_does_is_counted_for_those_that_do_enough(k5: House) -> None:
    k5.top_up("100.00")
    k5.talk(k5.order(), "5")
    with k5.ports.sessions.read() as db:
        assert alarm_rows.fast(db, k5.clock(), STANDARD_TERMS) == {}
        seen = alarm_rows.fast(db, k5.clock(), AlarmTerms(velocity=1))
        assert seen == {k5.caller.id: Pace(k5.caller.id, soon=1, hour=1, short=1)}
        assert alarm_rows.since(db, k5.caller.id, k5.clock(), k5.clock()) == Pace(k5.caller.id)
