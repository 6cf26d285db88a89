"""What a person must look at is listed once under its name, until somebody has."""

from datetime import UTC, datetime, timedelta

from k5web.domain.incident import IncidentKind
from k5web.storage import incidents
from k5web.storage.incidents import Incident
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LOST = IncidentKind.CALL_LOST


def test_a_thing_is_listed_once_with_its_first_facts_and_the_oldest_stands_first(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert incidents.report(db, 1, LOST, "1-2", NOW, {"leg": "a"})
        assert not incidents.report(db, 1, LOST, "1-2", NOW + timedelta(hours=1), {"leg": "b"})
        assert incidents.report(db, 2, LOST, "1-2", NOW - timedelta(hours=1))
        assert incidents.report(db, 1, IncidentKind.LATE_RECORD, "1-2", NOW + timedelta(hours=2))
    with sessions.read() as db:
        assert incidents.unresolved(db, 2) == [
            Incident(2, "call_lost", "1-2", NOW - timedelta(hours=1), {}),
            Incident(1, "call_lost", "1-2", NOW, {"leg": "a"}),
        ]
        assert incidents.counts(db) == {"call_lost": 2, "late_record": 1}


def test_what_was_looked_at_is_counted_no_more_and_still_told_of_its_call(sessions: Sessions) -> None:
    with sessions.begin() as db:
        incidents.report(db, 1, LOST, "1-2", NOW)
        incidents.report(db, 1, LOST, "1-3", NOW)
        assert incidents.resolve(db, "call_lost", "1-2", NOW, "staff:1") == 1
        assert incidents.resolve(db, "call_lost", "1-2", NOW, "staff:1") == 0
        assert incidents.resolve(db, "call_lost", "nothing", NOW, "staff:1") == 0
    with sessions.read() as db:
        assert incidents.counts(db) == {"call_lost": 1}
        assert [found.reference for found in incidents.unresolved(db, 10)] == ["1-3"]
        assert [found.kind for found in incidents.of_call(db, 1, "1-2")] == ["call_lost"]
