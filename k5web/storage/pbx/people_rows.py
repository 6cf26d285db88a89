"""People of a PBX and the accounts they speak by: rows in, domain values out. The caller holds the owner's account,
and touches the owner's PBX with every change."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.pbx.people import PbxUser, SipAccount
from k5web.storage.sql import count_changed, first_of, insert_or_change, next_of
from k5web.storage.tables import DeviceRow, PbxUserRow, SipAccountRow
from k5web.storage.values import columns_of, value_of


def users(db: Session, owner_id: int) -> list[PbxUser]:
    """Return the people of a PBX, in the order in which they came."""
    theirs = (PbxUserRow.owner_id == owner_id, PbxUserRow.removed_at.is_(None))
    return [value_of(PbxUser, row) for row in db.scalars(select(PbxUserRow).where(*theirs).order_by(PbxUserRow.n))]


def add_user(db: Session, user: PbxUser) -> PbxUser:
    """Write a new person under the owner's next number and return the person with that; no number comes twice."""
    added = replace(user, n=next_of(db, PbxUserRow, user.owner_id))
    db.execute(insert(PbxUserRow).values(**columns_of(added)))
    return added


def change_user(db: Session, user: PbxUser) -> None:
    """Give a person another extension or title."""
    changes = {"extension": user.extension, "title": user.title}
    db.execute(update(PbxUserRow).where(*_of_user(user.owner_id, user.n)).values(**changes))


def remove_user(db: Session, owner_id: int, n: int, now: datetime) -> bool:
    """Note that a person is gone; False where there is no such one."""
    return count_changed(db, update(PbxUserRow).where(*_of_user(owner_id, n)).values(removed_at=now)) == 1


def accounts(db: Session, owner_id: int) -> list[SipAccount]:
    """Return all accounts of phones and browsers, the oldest first."""
    found = select(SipAccountRow).where(SipAccountRow.owner_id == owner_id, SipAccountRow.removed_at.is_(None))
    return [_account(row) for row in db.scalars(found.order_by(SipAccountRow.added_at, SipAccountRow.login))]


def find_account(db: Session, owner_id: int, login: str) -> SipAccount | None:
    """Return an account that was not removed."""
    found = select(SipAccountRow).where(*_of_account(owner_id, [login]))
    return first_of(db.scalars(found), _account)


def put_account(db: Session, account: SipAccount) -> None:
    """Write an account; one of this login, also a removed one, becomes this one."""
    row = columns_of(account, networks=",".join(account.networks), removed_at=None)
    changes = {name: value for name, value in row.items() if name not in ("owner_id", "login", "kind")}
    db.execute(insert_or_change(SipAccountRow, row, ["owner_id", "login"], changes))


def remove_accounts(db: Session, owner_id: int, logins: Collection[str], now: datetime) -> int:
    """Note that accounts are gone; return how many."""
    return count_changed(db, update(SipAccountRow).where(*_of_account(owner_id, logins)).values(removed_at=now))


def overdue_browsers(db: Session, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Return owners and logins of browsers' accounts whose time is up, or whose device is logged out."""
    remembered = and_(DeviceRow.selector == SipAccountRow.device, DeviceRow.ended_at.is_(None))
    browsers = (SipAccountRow.kind == "browser", SipAccountRow.removed_at.is_(None))
    is_over = or_(SipAccountRow.until <= now, ~exists().where(remembered))
    found = select(SipAccountRow.owner_id, SipAccountRow.login).where(*browsers, is_over)
    return [(row.owner_id, row.login) for row in db.execute(found.order_by(SipAccountRow.owner_id).limit(limit))]


def forget_browsers(db: Session, before: datetime) -> int:
    """Delete the accounts of browsers that ended before that moment; return how many."""
    is_old = (SipAccountRow.kind == "browser", SipAccountRow.removed_at < before)
    return count_changed(db, delete(SipAccountRow).where(*is_old))


def _of_user(owner_id: int, n: int) -> tuple[Any, ...]:
    return PbxUserRow.owner_id == owner_id, PbxUserRow.n == n, PbxUserRow.removed_at.is_(None)


def _of_account(owner_id: int, logins: Collection[str]) -> tuple[Any, ...]:
    is_one = SipAccountRow.login.in_(logins)
    return SipAccountRow.owner_id == owner_id, is_one, SipAccountRow.removed_at.is_(None)


def _account(row: SipAccountRow) -> SipAccount:
    return value_of(SipAccount, row, networks=tuple(row.networks.split(",")) if row.networks else ())
