"""Prompts that organisations uploaded, as rows: while one waits its sound is the upload, later what the switch plays.

Its sound is read by itself only. The caller holds the owner's account, and touches the PBX where the switch must know.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.orm import Session

from k5web.domain.pbx.greeting import Greeting, GreetingState
from k5web.storage.sql import count_changed, first_of, insert_or_change
from k5web.storage.tables import GreetingRow
from k5web.storage.values import columns_of, value_of

_FACTS: Final = tuple(column for column in GreetingRow.__table__.c if column.name != "sound")
_IS_KEPT: Final = GreetingRow.removed_at.is_(None)
_WAITS: Final = GreetingRow.state == GreetingState.WAITING


def of_owner(db: Session, owner_id: int) -> list[Greeting]:
    """Return an organisation's prompts, the newest first."""
    found = select(*_FACTS).where(GreetingRow.owner_id == owner_id, _IS_KEPT)
    return [_greeting(row) for row in db.execute(found.order_by(GreetingRow.at.desc(), GreetingRow.digest))]


def find(db: Session, owner_id: int, digest: str) -> Greeting | None:
    """Return one that was not removed."""
    return first_of(db.execute(select(*_FACTS).where(*_of(owner_id, digest), _IS_KEPT)), _greeting)


def sound(db: Session, owner_id: int, digest: str) -> bytes | None:
    """Return the upload of one that waits, what the switch plays of one that is ready."""
    return db.scalar(select(GreetingRow.sound).where(*_of(owner_id, digest), _IS_KEPT))


def put(db: Session, greeting: Greeting, upload: bytes) -> None:
    """Write a prompt with its upload; one of this name that was refused or removed becomes this one."""
    row = columns_of(greeting, sound=upload)
    changes = {name: value for name, value in row.items() if name not in ("owner_id", "digest")}
    db.execute(insert_or_change(GreetingRow, row, ["owner_id", "digest"], changes))


def waiting(db: Session, limit: int) -> list[Greeting]:
    """Return those that wait for the worker, the oldest first."""
    found = select(*_FACTS).where(_WAITS, _IS_KEPT).order_by(GreetingRow.at).limit(limit)
    return [_greeting(row) for row in db.execute(found)]


def finish(db: Session, greeting: Greeting, sound: bytes, milliseconds: int) -> bool:
    """Note that one that waits is ready, with what the switch plays; False where it waits no more."""
    ready = {"state": GreetingState.READY, "sound": sound, "milliseconds": milliseconds}
    return _end(db, greeting, ready)


def refuse(db: Session, greeting: Greeting, why: str) -> bool:
    """Note that one that waits cannot be a prompt; its upload is deleted. False where it waits no more."""
    return _end(db, greeting, {"state": GreetingState.REFUSED, "sound": None, "why": why})


def describe(db: Session, owner_id: int, digest: str, title: str, words: str) -> None:
    """Give a prompt another name, and other words of what it says."""
    db.execute(update(GreetingRow).where(*_of(owner_id, digest)).values(title=title, words=words))


def remove(db: Session, owner_id: int, digest: str, now: datetime) -> None:
    """Note that a prompt is removed; its sound is deleted here, the switch keeps it until the row is forgotten."""
    db.execute(update(GreetingRow).where(*_of(owner_id, digest)).values(removed_at=now, sound=None))


def forget(db: Session, owner_id: int, digest: str) -> None:
    """Delete a prompt that no call can be saying: the switch has it no more when it hears of that."""
    db.execute(delete(GreetingRow).where(*_of(owner_id, digest)))


def forget_removed(db: Session, before: datetime) -> set[int]:
    """Delete prompts that were removed before that moment; return whose they were."""
    old = delete(GreetingRow).where(GreetingRow.removed_at < before).returning(GreetingRow.owner_id)
    return {*db.scalars(old)}


def _end(db: Session, greeting: Greeting, changes: dict[str, Any]) -> bool:
    same = (*_of(greeting.owner_id, greeting.digest), _WAITS, _IS_KEPT)
    return count_changed(db, update(GreetingRow).where(*same).values(**changes)) == 1


def _of(owner_id: int, digest: str) -> tuple[ColumnElement[bool], ...]:
    return GreetingRow.owner_id == owner_id, GreetingRow.digest == digest


def _greeting(row: Row[Any]) -> Greeting:
    return value_of(Greeting, row, state=GreetingState(row.state))
