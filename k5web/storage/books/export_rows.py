"""Files that subscribers have made, as rows: a queue with a lease, then parts that are read one at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.books.export import (
    MOST_ATTEMPTS,
    Export,
    ExportState,
    ExportWish,
    Format,
    Paper,
)
from k5web.domain.books.period import Movements, Period
from k5web.storage.sql import count_changed, first_of
from k5web.storage.tables import ExportPartRow, ExportRow
from k5web.storage.values import columns_of, value_of

EXPORT = cast(Table, ExportRow.__table__)


def add(db: Session, export: Export, form_key: str) -> None:
    """Put in what is to be made."""
    wish = export.wish
    row = columns_of(export, "wish", form_key=form_key, attempts=0, maker="", made_until=None)
    asked = {"first_day": wish.period.first, "last_day": wish.period.last}
    asked |= {name: getattr(wish, name) for name in ("paper", "movements", "format", "other")}
    db.execute(insert(EXPORT).values(**row, **asked))


def find(db: Session, owner_id: int, token: str) -> Export | None:
    """Return one of the owner's."""
    return first_of(db.execute(select(EXPORT).where(*_same(owner_id, token))), _export)


def find_by_form_key(db: Session, owner_id: int, form_key: str) -> Export | None:
    """Return what a form asked for, if it did."""
    found = select(EXPORT).where(ExportRow.owner_id == owner_id, ExportRow.form_key == form_key)
    return first_of(db.execute(found), _export)


def of_owner(db: Session, owner_id: int, now: datetime) -> list[Export]:
    """Return the owner's that are not past their time, newest first."""
    is_kept = or_(ExportRow.expires_at.is_(None), ExportRow.expires_at > now)
    found = select(EXPORT).where(ExportRow.owner_id == owner_id, is_kept)
    return [_export(row) for row in db.execute(found.order_by(ExportRow.asked_at.desc(), ExportRow.token))]


def oldest_free(db: Session, now: datetime) -> tuple[int, str] | None:
    """Return owner and token of the oldest that nobody makes."""
    wanted = select(ExportRow.owner_id, ExportRow.token).where(_is_free(now), ExportRow.attempts < MOST_ATTEMPTS)
    return first_of(db.execute(wanted.order_by(ExportRow.asked_at).limit(1)), lambda row: (row.owner_id, row.token))


def _is_free(now: datetime) -> ColumnElement[bool]:
    is_left = and_(ExportRow.state == ExportState.MAKING, ExportRow.made_until < now)
    return or_(ExportRow.state == ExportState.WAITING, is_left)


def claim(db: Session, maker: str, now: datetime, until: datetime) -> Export | None:
    """Take the oldest that nobody makes, for one try; None where there is none or another was quicker."""
    found = oldest_free(db, now)
    if found is None:
        return None
    claimed = update(EXPORT).where(*_same(*found), _is_free(now)).values(
        state=ExportState.MAKING, attempts=ExportRow.attempts + 1, maker=maker, made_until=until, lines_done=0
    )  # fmt: skip
    return first_of(db.execute(claimed.returning(EXPORT)), _export)


def note_progress(db: Session, export: Export, maker: str, done: int, lines: int, until: datetime) -> bool:
    """Write down how far a file is; False where it is another's now, or was removed."""
    far = _making(export, maker).values(lines_done=done, lines=lines, made_until=until)
    return bool(count_changed(db, far))


def finish(
    db: Session, export: Export, maker: str, parts: Iterable[bytes], size: int, now: datetime, expires_at: datetime
) -> bool:
    """Keep the whole file; False where it is another's now, or was removed: then nothing is kept."""
    made = {"state": ExportState.READY, "size": size, "lines_done": ExportRow.lines, "made_until": None}
    if not count_changed(db, _making(export, maker).values(**made, expires_at=expires_at)):
        return False
    for n, content in enumerate(parts):
        db.execute(insert(ExportPartRow).values(owner_id=export.owner_id, token=export.token, n=n, content=content))
    return True


def give_up(db: Session, export: Export, maker: str, state: ExportState, expires_at: datetime) -> None:
    """Close what will never be made."""
    db.execute(_making(export, maker).values(state=state, made_until=None, expires_at=expires_at))


def fail_left(db: Session, now: datetime, expires_at: datetime) -> int:
    """Close what was tried too often and left each time; return how many."""
    left = (ExportRow.state == ExportState.MAKING, ExportRow.made_until < now, ExportRow.attempts >= MOST_ATTEMPTS)
    failed = update(EXPORT).where(*left).values(state=ExportState.FAILED, made_until=None, expires_at=expires_at)
    return count_changed(db, failed)


def part(db: Session, owner_id: int, token: str, n: int) -> bytes | None:
    """Return one part of a file."""
    of = (ExportPartRow.owner_id == owner_id, ExportPartRow.token == token, ExportPartRow.n == n)
    return db.scalar(select(ExportPartRow.content).where(*of))


def remove(db: Session, owner_id: int, token: str) -> None:
    """Remove a file, or the wish for one."""
    for table in (ExportPartRow, ExportRow):
        db.execute(delete(table).where(table.owner_id == owner_id, table.token == token))


def forget(db: Session, now: datetime, limit: int) -> int:
    """Remove some of those past their time; return how many."""
    past = select(ExportRow.owner_id, ExportRow.token).where(ExportRow.expires_at <= now).limit(limit)
    found = db.execute(past).all()
    for owner_id, token in found:
        remove(db, owner_id, token)
    return len(found)


def _making(export: Export, maker: str) -> Any:
    is_mine = (ExportRow.state == ExportState.MAKING, ExportRow.maker == maker)
    return update(EXPORT).where(*_same(export.owner_id, export.token), *is_mine)


def _same(owner_id: int, token: str) -> tuple[Any, Any]:
    return ExportRow.owner_id == owner_id, ExportRow.token == token


def _export(row: Any) -> Export:
    period = Period(row.first_day, row.last_day)
    wish = ExportWish(Paper(row.paper), period, Movements(row.movements), Format(row.format), row.other)
    return value_of(Export, row, wish=wish, state=ExportState(row.state))
