"""One-time codes: the newest for each number or e-mail address and purpose."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from k5web.domain.messaging.one_time_code import OneTimeCode, Purpose
from k5web.storage.sql import insert_or_change
from k5web.storage.tables import OneTimeCodeRow


def put(db: Session, address: str, purpose: Purpose, code: OneTimeCode) -> None:
    """Keep a code in place of the one before."""
    values = {
        "request": code.request,
        "code_hash": code.code_hash,
        "tries": code.tries,
        "expires_at": code.expires_at,
    }
    row = values | {"address": address, "purpose": purpose}
    db.execute(insert_or_change(OneTimeCodeRow, row, ("address", "purpose"), values))


def take(db: Session, address: str, purpose: Purpose) -> OneTimeCode | None:
    """Return the code, which nobody else tries until the transaction ends."""
    row = db.scalars(
        select(OneTimeCodeRow).where(*_of(address, purpose)).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else OneTimeCode(row.request, row.code_hash, row.tries, row.expires_at)


def count_try(db: Session, address: str, purpose: Purpose) -> None:
    """Count a wrong one."""
    db.execute(update(OneTimeCodeRow).where(*_of(address, purpose)).values(tries=OneTimeCodeRow.tries + 1))


def use_up(db: Session, address: str, purpose: Purpose) -> None:
    """Forget the code: it is good once."""
    db.execute(delete(OneTimeCodeRow).where(*_of(address, purpose)))


def forget(db: Session, before: datetime) -> None:
    """Delete codes that are past their time."""
    db.execute(delete(OneTimeCodeRow).where(OneTimeCodeRow.expires_at < before))


def _of(address: str, purpose: Purpose) -> tuple[Any, Any]:
    return OneTimeCodeRow.address == address, OneTimeCodeRow.purpose == purpose
