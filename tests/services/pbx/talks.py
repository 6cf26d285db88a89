"""Recorded talks and messages in a house of tests: the row as the import writes it, the file as the switch does."""

from dataclasses import replace

from sqlalchemy import insert

from k5web.domain.pbx.recording import Recording, SoundKind
from k5web.storage.pbx import recording_rows
from k5web.storage.tables import ConversationRow
from tests.fakes.recorded import RecordedFiles
from tests.services.house import House

A_LAW = bytes(range(256)) * 125  # four seconds


def with_files(k5: House) -> RecordedFiles:
    """Let the files of the house's switch be on this machine; return them."""
    files = RecordedFiles(k5.clock)
    k5.ports = replace(k5.ports, switch_tables={files.name: files})
    return files


def record(
    k5: House,
    files: RecordedFiles,
    n: int = 1,
    kind: SoundKind = SoundKind.TALK,
    owner_id: int | None = None,
    linked_id: str = "",
    sound: bytes | None = A_LAW,
    is_measured: bool = True,
) -> Recording:
    """Return a new recording; `sound`: None where the file is not there."""
    owner, uuid = owner_id or k5.caller.id, f"k5-1796117400.{n}"
    name = f"rec-{owner}-{uuid}.alaw" if kind is SoundKind.TALK else f"vm-{owner}-{uuid}.wav"
    size = len(sound) if sound is not None and is_measured else None
    at, box = k5.clock(), "" if kind is SoundKind.TALK else str(owner)
    new = Recording(
        owner, files.name, name, kind, box, linked_id or uuid, uuid, at, k5.ports.day_of(at), size, None, None, None
    )
    if sound is not None:
        files.put(name, sound)
    with k5.ports.sessions.begin() as db:
        recording_rows.add(db, new)
    return new


def converse(k5: House, recording: Recording, caller: str = "79161234567", direction: str = "in") -> None:
    """Write the conversation that was recorded."""
    row = {"owner_id": recording.owner_id, "switch": recording.switch, "linked_id": recording.linked_id}
    row |= {"direction": direction, "number": "74951110002", "caller": caller, "called": "74951110002"}
    with k5.ports.sessions.begin() as db:
        db.execute(insert(ConversationRow).values(**row, began_at=recording.at))
