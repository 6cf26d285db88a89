"""Who came on whose recommendation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import ReferralRow
from k5web.storage.values import columns_of, value_of


@dataclass(frozen=True, slots=True)
class Referral:
    """One subscriber who came, and the sponsor."""

    owner_id: int
    sponsor_id: int
    way: str  # sms, invitation
    at: datetime


def add(db: Session, referral: Referral) -> None:
    """Keep on whose recommendation somebody came; the first one stays."""
    db.execute(insert_or_nothing(ReferralRow, "owner_id").values(**columns_of(referral)))


def sponsor_of(db: Session, owner_id: int) -> Referral | None:
    """Return on whose recommendation this subscriber came."""
    row = db.get(ReferralRow, owner_id)
    return None if row is None else _referral(row)


def of_sponsor(db: Session, sponsor_id: int) -> list[Referral]:
    """Return who came on this subscriber's recommendation, the newest first."""
    found = select(ReferralRow).where(ReferralRow.sponsor_id == sponsor_id)
    return [_referral(row) for row in db.scalars(found.order_by(ReferralRow.at.desc(), ReferralRow.owner_id))]


def _referral(row: ReferralRow) -> Referral:
    return value_of(Referral, row)
