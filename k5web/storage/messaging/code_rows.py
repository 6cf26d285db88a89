"""One-time codes: one for each request, of a number or an e-mail address and a purpose."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from k5web.domain.messaging.one_time_code import OneTimeCode, Purpose
from k5web.storage.tables import OneTimeCodeRow
from k5web.storage.values import columns_of, value_of


def put(db: Session, address: str, purpose: Purpose, code: OneTimeCode) -> None:
    """Keep a code beside those of other requests."""
    db.execute(insert(OneTimeCodeRow).values(address=address, purpose=purpose, **columns_of(code)))


def take(db: Session, address: str, purpose: Purpose, request: str) -> OneTimeCode | None:
    """Return the code of a request, which nobody else tries until the transaction ends."""
    found = select(OneTimeCodeRow).where(_of(address, purpose), OneTimeCodeRow.request == request)
    row = db.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    return None if row is None else value_of(OneTimeCode, row)


def count_try(db: Session, address: str, purpose: Purpose, request: str) -> None:
    """Count a wrong one."""
    tried = update(OneTimeCodeRow).where(_of(address, purpose), OneTimeCodeRow.request == request)
    db.execute(tried.values(tries=OneTimeCodeRow.tries + 1))


def use_up(db: Session, address: str, purpose: Purpose) -> None:
    """Forget the codes of all requests: what was asked for is proved."""
    db.execute(delete(OneTimeCodeRow).where(_of(address, purpose)))


def forget(db: Session, before: datetime) -> None:
    """Delete codes that are past their time."""
    db.execute(delete(OneTimeCodeRow).where(OneTimeCodeRow.expires_at < before))


def _of(address: str, purpose: Purpose) -> ColumnElement[bool]:
    return and_(OneTimeCodeRow.address == address, OneTimeCodeRow.purpose == purpose)
