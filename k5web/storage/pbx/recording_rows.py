"""Recordings as rows, by the names of their files; and the orders to record. A row outlives its file: it says who
deleted that, and when."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.pbx.recording import Entry, Parties, Recording, RecordingOrder, SoundKind
from k5web.storage.sql import count_changed, first_of, insert_or_nothing
from k5web.storage.tables import ConversationRow, PbxRow, RecordingOrderRow, RecordingRow
from k5web.storage.values import columns_of, value_of

RECORDING = cast(Table, RecordingRow.__table__)
_IS_KEPT = RecordingRow.deleted_at.is_(None)


def add(db: Session, recording: Recording) -> None:
    """Note a recording; a second time changes nothing."""
    db.execute(insert_or_nothing(RECORDING).values(**columns_of(recording)))


def find(db: Session, owner_id: int, switch: str, file: str) -> Recording | None:
    """Return one of the owner's, deleted or not."""
    found = select(RECORDING).where(*_same(owner_id, switch, file))
    return first_of(db.execute(found), _recording)


def parties(db: Session, recording: Recording) -> Parties | None:
    """Return between whom a recorded conversation was."""
    same = and_(*(getattr(ConversationRow, each) == getattr(recording, each) for each in _ONE_CONVERSATION))
    return first_of(db.scalars(select(ConversationRow).where(same)), lambda row: value_of(Parties, row))


def page(db: Session, owner_id: int, kind: SoundKind, before: tuple[datetime, str] | None, limit: int) -> list[Entry]:
    """Return the owner's that are there, newest first, below that moment and file."""
    which = [RecordingRow.owner_id == owner_id, RecordingRow.kind == kind, _IS_KEPT]
    return _entries(db, [*which, *([_is_below(*before)] if before else [])], limit)


def of_conversations(db: Session, owner_id: int, linked_ids: Collection[str]) -> list[Recording]:
    """Return what is there of these conversations."""
    which = (RecordingRow.owner_id == owner_id, RecordingRow.linked_id.in_(linked_ids), _IS_KEPT)
    return [_recording(row) for row in db.execute(select(RECORDING).where(*which).order_by(RecordingRow.at))]


def count_unheard(db: Session, owner_id: int) -> int:
    """Return how many messages of the voice mail nobody has heard."""
    which = (RecordingRow.owner_id == owner_id, RecordingRow.kind == SoundKind.VOICEMAIL, _IS_KEPT)
    return db.scalar(select(func.count()).where(*which, RecordingRow.heard_at.is_(None))) or 0


def unmeasured(db: Session, switch: str, limit: int) -> list[Recording]:
    """Return recordings of a switch whose length is not known yet."""
    which = (RecordingRow.switch == switch, RecordingRow.size_bytes.is_(None), _IS_KEPT)
    return [_recording(row) for row in db.execute(select(RECORDING).where(*which).limit(limit))]


def measured(db: Session, switch: str, after: tuple[int, str], limit: int) -> list[Recording]:
    """Return recordings of a switch that are there and whose length is known, in order of owner and file, above that
    owner and file."""
    owner_id, file = after
    is_above = or_(RecordingRow.owner_id > owner_id, and_(RecordingRow.owner_id == owner_id, RecordingRow.file > file))
    which = (RecordingRow.switch == switch, is_above, RecordingRow.size_bytes.is_not(None), _IS_KEPT)
    found = select(RECORDING).where(*which).order_by(RecordingRow.owner_id, RecordingRow.file).limit(limit)
    return [_recording(row) for row in db.execute(found)]


def measure(db: Session, recording: Recording, size_bytes: int) -> None:
    """Note how long a recording's file is."""
    same = _same(recording.owner_id, recording.switch, recording.file)
    db.execute(update(RecordingRow).where(*same).values(size_bytes=size_bytes))


def hear(db: Session, recording: Recording, now: datetime) -> None:
    """Note that a message was heard, the first time."""
    same = _same(recording.owner_id, recording.switch, recording.file)
    db.execute(update(RecordingRow).where(*same, RecordingRow.heard_at.is_(None)).values(heard_at=now))


def due(db: Session, switch: str, before: date, limit: int) -> list[Recording]:
    """Return what is there of a switch from days before that one, oldest first."""
    which = (RecordingRow.switch == switch, RecordingRow.day < before, _IS_KEPT)
    return [
        _recording(row) for row in db.execute(select(RECORDING).where(*which).order_by(RecordingRow.day).limit(limit))
    ]


def end(db: Session, recording: Recording, at: datetime, by: str) -> bool:
    """Note that a recording's file is deleted; False where that was noted before."""
    same = _same(recording.owner_id, recording.switch, recording.file)
    return bool(count_changed(db, update(RecordingRow).where(*same, _IS_KEPT).values(deleted_at=at, deleted_by=by)))


def of_files(db: Session, switch: str, owner_ids: Collection[int], files: Collection[str]) -> dict[str, Recording]:
    """Return the recordings of a switch with these files, deleted or not, by file. `owner_ids`: whose they may be."""
    which = (RecordingRow.owner_id.in_(owner_ids), RecordingRow.switch == switch, RecordingRow.file.in_(files))
    return {row.file: _recording(row) for row in db.execute(select(RECORDING).where(*which))}


def is_recorded(db: Session, owner_id: int) -> bool:
    """Return whether an owner's talks are recorded."""
    return bool(db.scalar(select(PbxRow.is_recorded).where(PbxRow.owner_id == owner_id)))


def order(db: Session, owner_id: int, version: int, now: datetime, *, is_recorded: bool) -> None:
    """Keep an order, and have it so. `version`: which the PBX got by the same transaction."""
    db.execute(update(PbxRow).where(PbxRow.owner_id == owner_id).values(is_recorded=is_recorded))
    row = {"owner_id": owner_id, "version": version, "is_recorded": is_recorded, "at": now}
    db.execute(insert(RecordingOrderRow).values(**row))


def orders(db: Session, owner_id: int, limit: int) -> list[RecordingOrder]:
    """Return an owner's orders, newest first."""
    found = select(RecordingOrderRow).where(RecordingOrderRow.owner_id == owner_id)
    newest = found.order_by(RecordingOrderRow.version.desc()).limit(limit)
    return [value_of(RecordingOrder, row) for row in db.scalars(newest)]


def _entries(db: Session, which: Collection[ColumnElement[bool]], limit: int) -> list[Entry]:
    names = ("direction", "number", "caller", "called")
    parties = [getattr(ConversationRow, name).label(f"of_{name}") for name in names]
    same = and_(*(getattr(ConversationRow, each) == getattr(RecordingRow, each) for each in _ONE_CONVERSATION))
    found = select(RECORDING, *parties).select_from(RECORDING).outerjoin(ConversationRow, same).where(*which)
    newest = found.order_by(RecordingRow.at.desc(), RecordingRow.file.desc()).limit(limit)
    return [
        Entry(
            _recording(row),
            None if row.of_direction is None else Parties(*(getattr(row, f"of_{name}") for name in names)),
        )
        for row in db.execute(newest)
    ]


_ONE_CONVERSATION = ("owner_id", "switch", "linked_id")


def _same(owner_id: int, switch: str, file: str) -> tuple[ColumnElement[bool], ...]:
    return RecordingRow.owner_id == owner_id, RecordingRow.switch == switch, RecordingRow.file == file


def _is_below(at: datetime, file: str) -> ColumnElement[bool]:
    return or_(RecordingRow.at < at, and_(RecordingRow.at == at, RecordingRow.file < file))


def _recording(row: Row[Any]) -> Recording:
    return value_of(Recording, row, kind=SoundKind(row.kind))
