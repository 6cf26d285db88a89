"""Files that staff handed in, as rows: a queue with a lease, and parts that are read one at a time."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.desk.job import MOST_ATTEMPTS, Job, JobState, JobWish
from k5web.storage.sql import count_changed, first_of
from k5web.storage.tables import DeskJobPartRow, DeskJobRow
from k5web.storage.values import columns_of, value_of

JOB = cast(Table, DeskJobRow.__table__)


def add(db: Session, wish: JobWish, parts: Iterable[bytes], size: int, actor: str, now: datetime) -> Job:
    """Put a file and what is to be done with it into the queue."""
    begun = {"state": JobState.WAITING, "doing": "", "done": 0, "total": 0, "attempts": 0, "maker": ""}
    row = columns_of(wish, options=dict(wish.options), size=size, began_by=actor, began_at=now, **begun)
    job = _job(db.execute(insert(JOB).values(**row).returning(JOB)).one())
    for n, content in enumerate(parts):
        db.execute(insert(DeskJobPartRow).values(job_id=job.id, n=n, content=content))
    return job


def find(db: Session, job_id: int) -> Job | None:
    """Return a job."""
    return first_of(db.execute(select(JOB).where(DeskJobRow.id == job_id)), _job)


def find_by_form_key(db: Session, form_key: str) -> Job | None:
    """Return the job that a form made, if it made one."""
    return first_of(db.execute(select(JOB).where(DeskJobRow.form_key == form_key)), _job)


def page(db: Session, before: int | None, limit: int, kinds: Collection[str] | None = None) -> list[Job]:
    """Return the newest jobs, those before one of them, of some kinds where they are named."""
    found = select(JOB).order_by(DeskJobRow.id.desc()).limit(limit)
    if before is not None:
        found = found.where(DeskJobRow.id < before)
    if kinds is not None:
        found = found.where(DeskJobRow.kind.in_(sorted(kinds)))
    return [_job(row) for row in db.execute(found)]


def oldest_free(db: Session, now: datetime) -> int | None:
    """Return the oldest that nobody works on."""
    wanted = select(DeskJobRow.id).where(_is_free(now), DeskJobRow.attempts < MOST_ATTEMPTS)
    return db.scalar(wanted.order_by(DeskJobRow.began_at, DeskJobRow.id).limit(1))


def claim(db: Session, maker: str, now: datetime, until: datetime) -> Job | None:
    """Take the oldest that nobody works on, for one try; None where there is none or another was quicker."""
    found = oldest_free(db, now)
    if found is None:
        return None
    begun = {"state": JobState.RUNNING, "maker": maker, "lease_until": until, "doing": "", "done": 0, "total": 0}
    claimed = update(JOB).where(DeskJobRow.id == found, _is_free(now))
    claimed = claimed.values(**begun, attempts=DeskJobRow.attempts + 1)
    return first_of(db.execute(claimed.returning(JOB)), _job)


def note_progress(db: Session, job_id: int, maker: str, doing: str, done: int, total: int, until: datetime) -> bool:
    """Write down how far a job is; False where it is another's now."""
    far = {"doing": doing, "done": done, "total": total, "lease_until": until}
    return bool(count_changed(db, _mine(job_id, maker).values(**far)))


def finish(db: Session, job_id: int, maker: str, state: JobState, result: Mapping[str, Any], now: datetime) -> bool:
    """Write down how a job ended, or what it asks, and throw the file away when it is over.

    Return False where it is another's now.
    """
    values = {"state": state, "result": dict(result), "lease_until": None, "ended_at": now if state.is_over else None}
    if not count_changed(db, _mine(job_id, maker).values(**values)):
        return False
    if state.is_over:
        _forget(db, [job_id])
    return True


def go_on(db: Session, job_id: int, options: Mapping[str, Any]) -> bool:
    """Put a job that asked into the queue again, with what was answered; False where it does not ask."""
    again = {"state": JobState.WAITING, "options": dict(options), "attempts": 0, "result": None}
    return bool(count_changed(db, _asking(job_id).values(**again)))


def give_up(db: Session, job_id: int, now: datetime) -> bool:
    """End a job that asks; nothing of it is done. False where it does not ask."""
    if not count_changed(db, _asking(job_id).values(state=JobState.REFUSED, ended_at=now)):
        return False
    _forget(db, [job_id])
    return True


def end_left(db: Session, now: datetime, asked_before: datetime) -> list[int]:
    """End what was begun too often and left each time, and what waits too long for an answer; return which."""
    left = (DeskJobRow.state == JobState.RUNNING, DeskJobRow.lease_until < now, DeskJobRow.attempts >= MOST_ATTEMPTS)
    failed = update(JOB).where(*left).values(state=JobState.FAILED, lease_until=None, ended_at=now)
    unanswered = update(JOB).where(DeskJobRow.state == JobState.ASKING, DeskJobRow.began_at < asked_before)
    ended = list(db.scalars(failed.returning(DeskJobRow.id)))
    _forget(db, ended)
    refused = list(db.scalars(unanswered.values(state=JobState.REFUSED, ended_at=now).returning(DeskJobRow.id)))
    _forget(db, refused)
    return ended


def part(db: Session, job_id: int, n: int) -> bytes | None:
    """Return one part of a file."""
    return db.scalar(select(DeskJobPartRow.content).where(DeskJobPartRow.job_id == job_id, DeskJobPartRow.n == n))


def _forget(db: Session, job_ids: list[int]) -> None:
    if job_ids:
        db.execute(delete(DeskJobPartRow).where(DeskJobPartRow.job_id.in_(job_ids)))


def _is_free(now: datetime) -> ColumnElement[bool]:
    is_left = and_(DeskJobRow.state == JobState.RUNNING, DeskJobRow.lease_until < now)
    return or_(DeskJobRow.state == JobState.WAITING, is_left)


def _mine(job_id: int, maker: str) -> Any:
    return update(JOB).where(DeskJobRow.id == job_id, DeskJobRow.state == JobState.RUNNING, DeskJobRow.maker == maker)


def _asking(job_id: int) -> Any:
    return update(JOB).where(DeskJobRow.id == job_id, DeskJobRow.state == JobState.ASKING)


def _job(row: Any) -> Job:
    return value_of(Job, row, state=JobState(row.state))
