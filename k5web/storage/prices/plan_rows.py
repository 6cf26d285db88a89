"""Plans in the database: versions appended whole, each as the texts of its files."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from k5web.domain.prices.plan_version import PlanText, PlanVersion
from k5web.errors import PlanDayTaken
from k5web.storage.sql import one_at_a_time
from k5web.storage.tables import PlanVersionRow


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
    )
    db.add(row)
    try:
        db.flush()
    except IntegrityError as error:
        raise PlanDayTaken(plan=code) from error
    return PlanVersion(row.id, code, effective_from, text.digest, now, actor)


def due(db: Session, code: str, moment: datetime) -> PlanVersion | None:
    """Return the version of a plan that is in force at a moment, None where none has begun."""
    return next(
        (found for found in reversed(versions(db)) if found.code == code and found.effective_from <= moment), None
    )


def next_after(db: Session, code: str, moment: datetime) -> PlanVersion | None:
    """Return the version of a plan that takes the place of what is in force at a moment, None where none is known."""
    return next((found for found in versions(db) if found.code == code and found.effective_from > moment), None)


def versions(db: Session) -> list[PlanVersion]:
    """Return all versions of all plans, by code and moment."""
    row = PlanVersionRow
    found = db.execute(
        select(row.id, row.code, row.effective_from, row.digest, row.published_at, row.actor).order_by(
            row.code, row.effective_from
        )
    )
    return [PlanVersion(id_, code, since, bytes(digest), at, actor) for id_, code, since, digest, at, actor in found]


def texts(db: Session, ids: Collection[int]) -> Mapping[int, PlanText]:
    """Return these versions as they are written."""
    row = PlanVersionRow
    found = db.execute(select(row.id, row.code, row.plan_text, row.groups_text).where(row.id.in_(ids)))
    return {id_: PlanText(f"{code}.toml", plan, groups) for id_, code, plan, groups in found}
