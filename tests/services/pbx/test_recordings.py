"""Recordings are their owner's alone: listed, read, deleted, file first. Promises: B3, B7."""

import pytest
from sqlalchemy import select

from k5web.domain.pbx.recording import Parties, SoundKind
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, SwitchUnreachable
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.pbx import recordings
from k5web.storage.pbx import pbx_rows
from k5web.storage.tables import RecordingRow
from tests.services.house import OWN, THEIRS, House
from tests.services.pbx.talks import A_LAW, converse, record, with_files


def test_an_order_is_kept_and_the_switch_hears_of_it(k5: House) -> None:
    """Each order stays, with its moment; what is so already is none (B3)."""
    assert recordings.standing(k5.ports, k5.caller.id) == recordings.Standing(False, [], 0)
    recordings.order(k5.ports, k5.caller.id, is_recorded=False)
    recordings.order(k5.ports, k5.caller.id, is_recorded=True)
    recordings.order(k5.ports, k5.caller.id, is_recorded=True)
    began = k5.clock()
    k5.clock.forward(hours=1)
    recordings.order(k5.ports, k5.caller.id, is_recorded=False)
    standing = recordings.standing(k5.ports, k5.caller.id)
    assert not standing.is_recorded
    assert [(each.version, each.is_recorded, each.at) for each in standing.orders] == [
        (2, False, k5.clock()),
        (1, True, began),
    ]
    with k5.ports.sessions.read() as db:
        pbx = pbx_rows.find(db, k5.caller.id)
    assert pbx is not None
    assert pbx.version == 2
    assert not pbx.is_recorded


def test_recordings_are_listed_newest_first_page_by_page(k5: House) -> None:
    files = with_files(k5)
    for n in range(recordings.PAGE + 3):
        record(k5, files, n)
        k5.clock.forward(seconds=n % 2)  # some at the same moment
    first = recordings.page(k5.ports, k5.caller.id, SoundKind.TALK)
    assert first.next_before is not None
    second = recordings.page(k5.ports, k5.caller.id, SoundKind.TALK, first.next_before)
    assert second.next_before is None
    listed = [(one.recording.at, one.recording.file) for one in [*first.entries, *second.entries]]
    assert len(set(listed)) == recordings.PAGE + 3
    assert listed == sorted(listed, reverse=True)


def test_a_recording_names_the_parties_of_its_conversation(k5: House) -> None:
    files = with_files(k5)
    record(k5, files, 1)
    talk = record(k5, files, 2)
    converse(k5, talk)
    found = {
        each.recording.file: each.parties for each in recordings.page(k5.ports, k5.caller.id, SoundKind.TALK).entries
    }
    assert found.pop(talk.file) == Parties("in", "74951110002", "79161234567", "74951110002")
    assert [*found.values()] == [None]
    assert recordings.find(k5.ports, k5.caller.id, "k5", talk.file).parties is not None


def test_a_recorded_callback_names_the_numbers_of_its_call(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order(THEIRS)
    talk = record(k5, with_files(k5), linked_id=f"k5-{call.id}-a")
    found = recordings.find(k5.ports, k5.caller.id, "k5", talk.file)
    assert found.parties == Parties("callback", "", OWN[1:], THEIRS[1:])


def test_a_recording_is_read_from_where_it_lies(k5: House) -> None:
    talk = record(k5, with_files(k5))
    assert recordings.read(k5.ports, talk, 5, 7) == A_LAW[5:12]
    k5.ports.switch_tables["k5"].remove_recording(talk.file)
    with pytest.raises(NotFound):
        recordings.read(k5.ports, talk, 0, 1)


def test_a_file_on_another_machine_is_not_here(k5: House) -> None:
    files = with_files(k5)
    files.name = "far"
    talk = record(k5, files)
    with pytest.raises(SwitchUnreachable):
        recordings.read(k5.ports, talk, 0, 1)


def test_nobody_else_has_it_by_any_name(k5: House) -> None:
    """Another subscriber, another switch, a path instead of a name: it is not found, whoever asks."""
    files = with_files(k5)
    other = add_subscriber(k5.ports, Msisdn("79270000001"), "correct horse", "Ольга")
    talk, theirs = record(k5, files), record(k5, files, owner_id=other.id)
    tries = [
        (other.id, "k5", talk.file),
        (k5.caller.id, "k5", theirs.file),
        (k5.caller.id, "far", talk.file),
        (k5.caller.id, "k5", f"../{talk.file}"),
        (k5.caller.id, "k5", f"./{talk.file}"),
        (k5.caller.id, "k5", "../../etc/passwd"),
        (k5.caller.id, "k5", talk.file.replace(".alaw", ".wav")),
        (k5.caller.id, "../k5", talk.file),
        (k5.caller.id, "k5", talk.file.upper()),
        (k5.caller.id, "k5", f"{talk.file}\0"),
    ]
    for owner_id, switch, file in tries:
        with pytest.raises(NotFound):
            recordings.find(k5.ports, owner_id, switch, file)
        with pytest.raises(NotFound):
            recordings.delete(k5.ports, owner_id, switch, file)
    assert files.files.keys() == {talk.file, theirs.file}
    assert files.reads == []


def test_a_row_whose_name_is_not_the_owners_opens_nothing(k5: House) -> None:
    """Were a wrong name ever written, it still leads nowhere."""
    files = with_files(k5)
    talk = record(k5, files)
    with k5.ports.sessions.begin() as db:
        db.scalars(select(RecordingRow)).one().file = "../accounts.sqlite3"
    with pytest.raises(NotFound):
        recordings.find(k5.ports, k5.caller.id, "k5", "../accounts.sqlite3")
    assert files.files.keys() == {talk.file}


def test_a_recording_is_deleted_file_first(k5: House) -> None:
    files = with_files(k5)
    talk = record(k5, files)
    files.is_broken = True
    with pytest.raises(SwitchUnreachable):
        recordings.delete(k5.ports, k5.caller.id, "k5", talk.file)
    assert recordings.find(k5.ports, k5.caller.id, "k5", talk.file).recording == talk  # nothing was deleted
    files.is_broken = False
    recordings.delete(k5.ports, k5.caller.id, "k5", talk.file)
    assert files.files == {}
    with k5.ports.sessions.read() as db:
        row = db.scalars(select(RecordingRow)).one()
        assert (row.deleted_at, row.deleted_by) == (k5.clock(), "subscriber")
    with pytest.raises(NotFound):
        recordings.find(k5.ports, k5.caller.id, "k5", talk.file)
    assert recordings.page(k5.ports, k5.caller.id, SoundKind.TALK).entries == []


def test_a_message_is_new_until_it_was_heard(k5: House) -> None:
    files = with_files(k5)
    message = record(k5, files, kind=SoundKind.VOICEMAIL)
    talk = record(k5, files)
    assert recordings.standing(k5.ports, k5.caller.id).unheard == 1
    heard_at = k5.clock()
    recordings.hear(k5.ports, message)
    recordings.hear(k5.ports, talk)
    k5.clock.forward(hours=1)
    recordings.hear(k5.ports, message)
    assert recordings.standing(k5.ports, k5.caller.id).unheard == 0
    heard = recordings.find(k5.ports, k5.caller.id, "k5", message.file).recording
    assert heard.heard_at == heard_at
    assert recordings.find(k5.ports, k5.caller.id, "k5", talk.file).recording.heard_at is None
