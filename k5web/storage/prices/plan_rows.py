"""Plans in the database: versions appended whole, each as the texts of its files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from k5web.errors import PlanDayTaken
from k5web.storage.tables import PlanVersionRow


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A published version of a plan, without its texts."""

    id: int
    code: str
    effective_from: datetime
    digest: bytes  # SHA-256 of both texts
    published_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class PlanTexts:
    """The plan's file, and the file of its direction groups: "" where it has none."""

    plan: str
    groups: str


def add(
    db: Session, code: str, effective_from: datetime, texts: PlanTexts, digest: bytes, actor: str, now: datetime
) -> PlanVersion:
    """Publish a version and return it. Raises: PlanDayTaken."""
    row = PlanVersionRow(
        code=code,
        effective_from=effective_from,
        plan_text=texts.plan,
        groups_text=texts.groups,
        digest=digest,
        published_at=now,
        actor=actor,
    )
    db.add(row)
    try:
        db.flush()
    except IntegrityError as error:
        raise PlanDayTaken(plan=code) from error
    return PlanVersion(row.id, code, effective_from, digest, now, actor)


def versions(db: Session) -> list[PlanVersion]:
    """Return all versions of all plans, by code and moment."""
    row = PlanVersionRow
    found = db.execute(
        select(row.id, row.code, row.effective_from, row.digest, row.published_at, row.actor).order_by(
            row.code, row.effective_from
        )
    )
    return [PlanVersion(id_, code, since, bytes(digest), at, actor) for id_, code, since, digest, at, actor in found]


def texts(db: Session, ids: Collection[int]) -> Mapping[int, PlanTexts]:
    """Return the texts of these versions."""
    row = PlanVersionRow
    found = db.execute(select(row.id, row.plan_text, row.groups_text).where(row.id.in_(ids)))
    return {id_: PlanTexts(plan, groups) for id_, plan, groups in found}
