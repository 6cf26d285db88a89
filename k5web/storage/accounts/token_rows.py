"""Tokens of subscribers' own programs: rows in, domain values out."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from k5web.domain.accounts.token import ApiToken, TokenRecord
from k5web.storage.sql import count_changed
from k5web.storage.tables import ApiTokenRow
from k5web.storage.values import columns_of, value_of


def add(db: Session, token: ApiToken, validator_hash: bytes) -> None:
    """Write a new token."""
    db.execute(insert(ApiTokenRow).values(**columns_of(token, validator_hash=validator_hash)))


def find(db: Session, selector: str) -> TokenRecord | None:
    """Return the token of this public half, also an ended one."""
    row = db.scalar(select(ApiTokenRow).where(ApiTokenRow.selector == selector))
    return None if row is None else TokenRecord(_token(row), row.validator_hash, row.ended_at)


def live(db: Session, owner_id: int) -> list[ApiToken]:
    """Return the owner's tokens that were not ended, newest first."""
    rows = db.scalars(
        select(ApiTokenRow)
        .where(ApiTokenRow.owner_id == owner_id, ApiTokenRow.ended_at.is_(None))
        .order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.selector)
    )
    return [_token(row) for row in rows]


def touch(db: Session, selector: str, now: datetime) -> None:
    """Note the use."""
    db.execute(update(ApiTokenRow).where(ApiTokenRow.selector == selector).values(last_used_at=now))


def end(db: Session, owner_id: int, selector: str, now: datetime) -> bool:
    """End one token of this owner; False when there is no such live one."""
    done = db.execute(
        update(ApiTokenRow)
        .where(ApiTokenRow.owner_id == owner_id, ApiTokenRow.selector == selector, ApiTokenRow.ended_at.is_(None))
        .values(ended_at=now)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def end_all(db: Session, owner_id: int, now: datetime) -> int:
    """End all tokens of this owner; return how many."""
    live_ones = (ApiTokenRow.owner_id == owner_id, ApiTokenRow.ended_at.is_(None))
    return count_changed(db, update(ApiTokenRow).where(*live_ones).values(ended_at=now))


def _token(row: ApiTokenRow) -> ApiToken:
    return value_of(ApiToken, row)
