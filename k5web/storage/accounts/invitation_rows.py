"""Invitations: rows in, domain values out."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from k5web.domain.accounts.invitation import Invitation
from k5web.storage.sql import first_of
from k5web.storage.tables import InvitationRow
from k5web.storage.values import columns_of, value_of


def add(db: Session, invitation: Invitation) -> None:
    """Write a new invitation."""
    db.execute(insert(InvitationRow).values(**columns_of(invitation)))


def find(db: Session, code: str) -> Invitation | None:
    """Return the invitation of this code, also one that is over."""
    return first_of(db.scalars(select(InvitationRow).where(InvitationRow.code == code)), _invitation)


def lock(db: Session, code: str) -> Invitation | None:
    """Return the same, kept from changing until the transaction ends."""
    return first_of(db.scalars(select(InvitationRow).where(InvitationRow.code == code).with_for_update()), _invitation)


def of_owner(db: Session, owner_id: int) -> list[Invitation]:
    """Return a member's invitations, newest first."""
    found = select(InvitationRow).where(InvitationRow.owner_id == owner_id)
    rows = db.scalars(found.order_by(InvitationRow.created_at.desc(), InvitationRow.code))
    return [_invitation(row) for row in rows]


def count_joined(db: Session, code: str) -> None:
    """Note that one more came by it. The caller holds the row."""
    db.execute(update(InvitationRow).where(InvitationRow.code == code).values(joined=InvitationRow.joined + 1))


def revoke(db: Session, owner_id: int, code: str, now: datetime) -> None:
    """Let nobody join by it from now on; of another's nothing changes."""
    own = update(InvitationRow).where(InvitationRow.owner_id == owner_id, InvitationRow.code == code)
    db.execute(own.where(InvitationRow.revoked_at.is_(None)).values(revoked_at=now))


def _invitation(row: InvitationRow) -> Invitation:
    return value_of(Invitation, row)
