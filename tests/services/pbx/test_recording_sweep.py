"""Files and rows of recordings kept together by the worker. Promises: B7."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from k5web.domain.pbx import recording as rules
from k5web.domain.pbx.recording import Recording, SoundKind
from k5web.errors import NotFound
from k5web.services.pbx import recording_sweep, recordings
from k5web.storage import figures, incidents
from k5web.storage.accounts import owned_rows
from k5web.storage.messaging import outbox_rows
from k5web.storage.tables import RecordingRow
from tests.fakes.recorded import RecordedFiles
from tests.services.house import House
from tests.services.pbx.talks import A_LAW, converse, record, with_files


@pytest.fixture
def files(k5: House) -> RecordedFiles:
    """The recorded files of the house's switch."""
    return with_files(k5)


def note_read(k5: House, hours_ago: float = 0) -> None:
    """Note that the records of the switch were read until then."""
    with k5.ports.sessions.begin() as db:
        figures.beat(db, f"{figures.RECORDS}k5", k5.clock() - timedelta(hours=hours_ago))


def row_of(k5: House, recording: Recording) -> RecordingRow:
    which = (RecordingRow.owner_id == recording.owner_id, RecordingRow.file == recording.file)
    with k5.ports.sessions.read() as db:
        return db.scalars(select(RecordingRow).where(*which)).one()


def listed(k5: House) -> list[tuple[int, str, str]]:
    with k5.ports.sessions.read() as db:
        return [(each.owner_id, each.kind, each.reference) for each in incidents.unresolved(db, 10)]


def notices(k5: House) -> list[tuple[str, dict[str, Any]]]:
    with k5.ports.sessions.read() as db:
        return [(each.kind, dict(each.facts)) for each in outbox_rows.due(db, k5.clock(), 10)]


def test_a_file_is_measured_when_it_no_longer_grows(k5: House, files: RecordedFiles) -> None:
    talk = record(k5, files, is_measured=False)
    recording_sweep.measure(k5.ports)
    assert row_of(k5, talk).size_bytes is None
    k5.clock.forward(seconds=30)
    files.put(talk.file, A_LAW * 2)  # it grew
    recording_sweep.measure(k5.ports)
    assert row_of(k5, talk).size_bytes is None
    k5.clock.forward(seconds=20)
    recording_sweep.measure(k5.ports)
    assert row_of(k5, talk).size_bytes == 2 * len(A_LAW)


def test_a_file_that_grew_after_all_is_measured_anew(k5: House, files: RecordedFiles) -> None:
    talk = record(k5, files)
    files.put(talk.file, A_LAW * 3)
    recording_sweep.compare(k5.ports)
    assert row_of(k5, talk).size_bytes == len(A_LAW)
    k5.clock.forward(seconds=20)
    recording_sweep.compare(k5.ports)
    assert row_of(k5, talk).size_bytes == 3 * len(A_LAW)


def test_a_message_is_told_of_once_with_its_caller_and_length(k5: House, files: RecordedFiles) -> None:
    message = record(k5, files, kind=SoundKind.VOICEMAIL, sound=b"\0" * (44 + 16000 * 5), is_measured=False)
    talk = record(k5, files, is_measured=False)
    converse(k5, message)
    k5.clock.forward(minutes=1)
    for _ in range(2):
        recording_sweep.measure(k5.ports)
        recording_sweep.compare(k5.ports)
    assert notices(k5) == [("voicemail", {"caller": "79161234567", "seconds": 5})]
    assert row_of(k5, talk).size_bytes == len(A_LAW)


def test_a_recording_is_there_for_thirty_days_and_no_longer(k5: House, files: RecordedFiles) -> None:
    """The day is the operator's: a call at 23:30 in Moscow is of that day, not of the next."""
    k5.clock.forward(hours=11.5)
    talk = record(k5, files)
    assert talk.day == date(2026, 12, 1)
    k5.clock.now += timedelta(days=30)  # the thirtieth day after it, half an hour before its end
    recording_sweep.expire(k5.ports)
    assert recordings.find(k5.ports, k5.caller.id, "k5", talk.file).recording == talk
    k5.clock.forward(minutes=31)
    recording_sweep.expire(k5.ports)
    assert files.files == {}
    row = row_of(k5, talk)
    assert (row.deleted_at, row.deleted_by) == (k5.clock(), rules.EXPIRED)
    with pytest.raises(NotFound):
        recordings.find(k5.ports, k5.caller.id, "k5", talk.file)


def test_many_past_their_days_go_in_one_round(k5: House, files: RecordedFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_sweep, "AT_ONCE", 3)
    for n in range(8):
        record(k5, files, n)
    k5.clock.forward(days=40)
    recording_sweep.expire(k5.ports)
    assert files.files == {}


def test_who_is_killed_after_the_file_went_is_made_up_for(k5: House, files: RecordedFiles) -> None:
    talk = record(k5, files)
    k5.clock.forward(days=31)
    files.files.clear()
    recording_sweep.expire(k5.ports)
    assert row_of(k5, talk).deleted_by == rules.EXPIRED


def test_a_switch_in_trouble_keeps_no_other_waiting(k5: House, files: RecordedFiles) -> None:
    broken = RecordedFiles(k5.clock, "broken")
    broken.is_broken = True
    k5.ports = replace(k5.ports, switch_tables={"broken": broken, "k5": files})
    talk = record(k5, files)
    k5.clock.forward(days=31)
    recording_sweep.expire(k5.ports)
    recording_sweep.compare(k5.ports)
    assert row_of(k5, talk).deleted_at is not None


def test_the_files_of_who_was_erased_go_at_once(k5: House, files: RecordedFiles) -> None:
    """An erasure leaves no sound: what is kept is that there was a recording, and when it went."""
    talk = record(k5, files)
    with k5.ports.sessions.begin() as db:
        owned_rows.erase(db, k5.caller.id, [], k5.clock())
    recording_sweep.expire(k5.ports)
    assert files.files == {}
    row = row_of(k5, talk)
    assert (row.deleted_by, row.linked_id, row.box) == (rules.EXPIRED, "", "")


def test_a_file_that_nothing_names_is_reported_after_a_day_and_deleted(k5: House, files: RecordedFiles) -> None:
    stray, foreign = f"rec-{k5.caller.id}-k5-1.99.alaw", "notes-of-the-operator.txt"
    files.put(stray, A_LAW)
    files.put(foreign, b"")
    record(k5, files)
    k5.clock.forward(hours=23)
    note_read(k5)
    recording_sweep.compare(k5.ports)
    assert stray in files.files
    k5.clock.forward(hours=1)
    note_read(k5)
    recording_sweep.compare(k5.ports)
    assert stray not in files.files
    assert foreign in files.files  # no recording: none of ours to delete
    assert listed(k5) == [(k5.caller.id, "stray_recording", f"k5 {stray}")]


def test_a_file_left_over_of_a_deleted_row_goes_without_a_word(k5: House, files: RecordedFiles) -> None:
    talk = record(k5, files)
    recordings.delete(k5.ports, k5.caller.id, "k5", talk.file)
    files.put(talk.file, A_LAW)
    k5.clock.forward(days=1)
    recording_sweep.compare(k5.ports)
    assert (files.files, listed(k5)) == ({}, [])


def test_a_row_whose_file_is_gone_says_so(k5: House, files: RecordedFiles) -> None:
    gone, kept = record(k5, files, 1, sound=A_LAW), record(k5, files, 2)
    del files.files[gone.file]
    recording_sweep.compare(k5.ports)
    assert row_of(k5, gone).deleted_by == rules.MISSING
    assert row_of(k5, kept).deleted_at is None


def test_a_talk_that_was_never_joined_has_no_file(k5: House, files: RecordedFiles) -> None:
    """The switch says that it records before anybody is joined: where nobody was, no file comes."""
    talk = record(k5, files, sound=None)
    k5.clock.forward(hours=2)
    recording_sweep.measure(k5.ports)
    assert row_of(k5, talk).deleted_at is None
    k5.clock.forward(hours=1)
    recording_sweep.measure(k5.ports)
    assert row_of(k5, talk).deleted_by == rules.MISSING


def test_an_empty_folder_is_rather_a_disk_that_is_not_there(k5: House, files: RecordedFiles) -> None:
    talk = record(k5, files)
    files.files.clear()
    recording_sweep.compare(k5.ports)
    assert row_of(k5, talk).deleted_at is None


def test_a_disk_that_is_nearly_full_is_listed_once_a_day(k5: House, files: RecordedFiles) -> None:
    for files.used, days in ((0.79, 0), (0.8, 0), (0.99, 0), (0.81, 1)):
        k5.clock.forward(days=days)
        recording_sweep.expire(k5.ports)
    assert listed(k5) == [(0, "recordings_disk", "k5 2026-12-01"), (0, "recordings_disk", "k5 2026-12-02")]


def test_what_records_that_are_still_to_be_read_may_name_is_no_stray(k5: House, files: RecordedFiles) -> None:
    """A backup does not have the rows of its last days before their records are read once more."""
    later = f"rec-{k5.caller.id}-k5-1.99.alaw"
    files.put(later, A_LAW)
    k5.clock.forward(days=20)
    recording_sweep.compare(k5.ports)
    assert later in files.files, "nobody has read anything yet"
    note_read(k5, hours_ago=24 * 20 - 23)
    recording_sweep.compare(k5.ports)
    assert (later in files.files, listed(k5)) == (True, [])
    note_read(k5, hours_ago=24 * 20 - 24)
    recording_sweep.compare(k5.ports)
    assert later not in files.files
