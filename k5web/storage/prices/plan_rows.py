"""Plans in the database: versions appended whole, each as the texts of its files."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from k5web.domain.prices.plan_version import PlanText, PlanVersion
from k5web.errors import NotFound, PlanDayTaken
from k5web.storage.prices import withdrawal_rows
from k5web.storage.sql import one_at_a_time
from k5web.storage.tables import PlanVersionRow
from k5web.storage.values import value_of

_STANDS = withdrawal_rows.stands("plan", PlanVersionRow.id)
_ALL = select(
    PlanVersionRow.id,
    PlanVersionRow.code,
    PlanVersionRow.effective_from,
    PlanVersionRow.digest,
    PlanVersionRow.published_at,
    PlanVersionRow.actor,
).order_by(PlanVersionRow.code, PlanVersionRow.effective_from, PlanVersionRow.id)
State = tuple[int, int]  # of a plan: the number of its last version, 0 for none; how many were taken back


def lock(db: Session) -> None:
    """Let one publisher at a time compare with what is published and add to it."""
    one_at_a_time(db, "plans")


def add(db: Session, code: str, effective_from: datetime, text: PlanText, actor: str, now: datetime) -> PlanVersion:
    """Publish a version and return it. Raises: PlanDayTaken."""
    row = PlanVersionRow(
        code=code,
        effective_from=effective_from,
        plan_text=text.plan,
        groups_text=text.groups,
        digest=text.digest,
        published_at=now,
        actor=actor,
        edition=1 + _taken_back(db, code, effective_from),
    )
    db.add(row)
    try:
        db.flush()
    except IntegrityError as error:
        raise PlanDayTaken(plan=code) from error
    return PlanVersion(row.id, code, effective_from, text.digest, now, actor)


def _taken_back(db: Session, code: str, effective_from: datetime) -> int:
    """Return how many versions of this day were taken back: the day is free again."""
    row = PlanVersionRow
    found = select(func.count()).select_from(row).where(row.code == code, row.effective_from == effective_from)
    return db.scalar(found.where(~_STANDS)) or 0


def state(db: Session, code: str) -> State:
    """Return what changes whenever a version of a plan is published or taken back."""
    last = db.scalar(select(func.max(PlanVersionRow.id)).where(PlanVersionRow.code == code)) or 0
    return last, withdrawal_rows.count(db, "plan", code)


def due(db: Session, code: str, moment: datetime) -> PlanVersion | None:
    """Return the version of a plan that is in force at a moment, None where none has begun."""
    return next(
        (found for found in reversed(versions(db)) if found.code == code and found.effective_from <= moment), None
    )


def next_after(db: Session, code: str, moment: datetime) -> PlanVersion | None:
    """Return the version of a plan that takes the place of what is in force at a moment, None where none is known."""
    return next((found for found in versions(db) if found.code == code and found.effective_from > moment), None)


def versions(db: Session) -> list[PlanVersion]:
    """Return all versions of all plans that were not taken back, by code and moment."""
    return [_version(row) for row in db.execute(_ALL.where(_STANDS))]


def withdrawn(db: Session) -> list[PlanVersion]:
    """Return the versions that were taken back before they took force, by code and moment."""
    return [_version(row) for row in db.execute(_ALL.where(~_STANDS))]


def version(db: Session, version_id: int) -> PlanVersion:
    """Return one version, also one that was taken back. Raises: NotFound."""
    found = db.execute(_ALL.where(PlanVersionRow.id == version_id)).one_or_none()
    return _version(NotFound.unless(found, f"version {version_id} of a plan"))


def texts(db: Session, ids: Collection[int]) -> Mapping[int, PlanText]:
    """Return these versions as they are written."""
    row = PlanVersionRow
    found = db.execute(select(row.id, row.code, row.plan_text, row.groups_text).where(row.id.in_(ids)))
    return {id_: PlanText(f"{code}.toml", plan, groups) for id_, code, plan, groups in found}


def _version(row: Any) -> PlanVersion:
    return value_of(PlanVersion, row, digest=bytes(row.digest))
