"""Recordings as rows: noted once however often they are told, and kept when their file is gone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from k5web.domain.pbx.recording import Recording, SoundKind
from k5web.storage.pbx import recording_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TALK = Recording(
    1, "k5", "rec-1-k5-1.1.alaw", SoundKind.TALK, "", "k5-1.1", "k5-1.1", NOW, NOW.date(), None, None, None, None
)


def test_a_recording_told_twice_is_noted_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        recording_rows.add(db, TALK)
        recording_rows.measure(db, TALK, 8000)
        recording_rows.add(db, TALK)
        assert recording_rows.find(db, 1, "k5", TALK.file) == replace(TALK, size_bytes=8000)


def test_what_is_unmeasured_or_due_is_found_by_switch(sessions: Sessions) -> None:
    far = replace(TALK, switch="far")
    young = replace(TALK, file="rec-1-k5-1.2.alaw", day=date(2026, 12, 2))
    with sessions.begin() as db:
        for each in (TALK, far, young):
            recording_rows.add(db, each)
        assert {each.file for each in recording_rows.unmeasured(db, "k5", 10)} == {TALK.file, young.file}
        assert recording_rows.due(db, "k5", date(2026, 12, 2), 10) == [TALK]
        assert recording_rows.end(db, TALK, NOW, "expired")
        assert not recording_rows.end(db, TALK, NOW + timedelta(hours=1), "subscriber")
        assert recording_rows.due(db, "k5", date(2026, 12, 2), 10) == []
        assert recording_rows.unmeasured(db, "k5", 10) == [young]


def test_recordings_are_found_by_conversation_and_by_file(sessions: Sessions) -> None:
    other = replace(TALK, owner_id=2, file="rec-2-k5-1.1.alaw")
    with sessions.begin() as db:
        for each in (TALK, other):
            recording_rows.add(db, each)
        assert recording_rows.of_conversations(db, 1, ["k5-1.1", "k5-9.9"]) == [TALK]
        found = recording_rows.of_files(db, "k5", {1, 2}, [TALK.file, other.file, "rec-1-k5-7.7.alaw"])
        assert found == {TALK.file: TALK, other.file: other}
        assert recording_rows.of_files(db, "k5", {2}, [TALK.file]) == {}
