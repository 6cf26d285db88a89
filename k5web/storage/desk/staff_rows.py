"""The staff and their log-ins: rows in, domain values out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.desk.staff import Role, Staff, StaffSession
from k5web.storage.sql import count_changed, first_of, insert_or_nothing
from k5web.storage.tables import StaffRow, StaffSessionRow
from k5web.storage.values import columns_of, value_of


def add(db: Session, staff: Staff, password_hash: str, code_secret: bytes) -> bool:
    """Write a new member of the staff; False where the login is taken."""
    row = columns_of(
        staff, roles=_words(staff.roles), password_hash=password_hash, code_secret=code_secret, code_step=0
    )
    return db.execute(insert_or_nothing(StaffRow).values(**row).returning(StaffRow.login)).first() is not None


def find(db: Session, login: str) -> Staff | None:
    """Return who has this login."""
    return first_of(db.scalars(select(StaffRow).where(StaffRow.login == login)), _staff)


def lock(db: Session, login: str) -> Staff | None:
    """Return who has this login, kept from changing until the transaction ends."""
    return first_of(db.scalars(select(StaffRow).where(StaffRow.login == login).with_for_update()), _staff)


def everybody(db: Session) -> list[Staff]:
    """Return all, by login."""
    return [_staff(row) for row in db.scalars(select(StaffRow).order_by(StaffRow.login))]


def lock_everybody(db: Session) -> list[Staff]:
    """Return all, kept from changing until the transaction ends."""
    return [_staff(row) for row in db.scalars(select(StaffRow).order_by(StaffRow.login).with_for_update())]


def proofs(db: Session, login: str) -> tuple[str, bytes] | None:
    """Return the hash of the password and the enciphered secret of the codes; None of nobody and who has ended."""
    found = db.execute(
        select(StaffRow.password_hash, StaffRow.code_secret).where(StaffRow.login == login, StaffRow.ended_at.is_(None))
    ).first()
    return None if found is None else (found.password_hash, found.code_secret)


def use_step(db: Session, login: str, step: int) -> bool:
    """Note that the code of this half-minute was used; False where it, or a later one, was used before."""
    newer = update(StaffRow).where(StaffRow.login == login, StaffRow.code_step < step)
    return count_changed(db, newer.values(code_step=step)) == 1


def change(db: Session, login: str, values: Mapping[str, Any]) -> None:
    """Change name, hash, secret or end."""
    db.execute(update(StaffRow).where(StaffRow.login == login).values(**values))


def set_roles(db: Session, login: str, roles: frozenset[Role]) -> None:
    """Let somebody be there for something else."""
    change(db, login, {"roles": _words(roles)})


def begin_session(db: Session, session: StaffSession) -> None:
    """Remember a log-in."""
    db.execute(insert(StaffSessionRow).values(**columns_of(session)))


def session(db: Session, selector: str) -> tuple[StaffSession, Staff] | None:
    """Return the log-in of a cookie's first half, and whose it is."""
    found = db.execute(
        select(StaffSessionRow, StaffRow)
        .join(StaffRow, StaffRow.login == StaffSessionRow.login)
        .where(StaffSessionRow.selector == selector)
    ).first()
    return None if found is None else (value_of(StaffSession, found[0]), _staff(found[1]))


def touch_session(db: Session, selector: str, now: datetime) -> None:
    """Note the use."""
    db.execute(update(StaffSessionRow).where(StaffSessionRow.selector == selector).values(last_used_at=now))


def end_sessions(db: Session, login: str, now: datetime, selector: str | None = None) -> None:
    """End one log-in of somebody, or all."""
    which = [StaffSessionRow.login == login, StaffSessionRow.ended_at.is_(None)]
    if selector is not None:
        which.append(StaffSessionRow.selector == selector)
    db.execute(update(StaffSessionRow).where(*which).values(ended_at=now))


def last_used(db: Session) -> dict[str, datetime]:
    """Return when each of the staff was last here, by login."""
    rows = db.execute(
        select(StaffSessionRow.login, func.max(StaffSessionRow.last_used_at).label("seen_at")).group_by(
            StaffSessionRow.login
        )
    )
    return {row.login: row.seen_at for row in rows}


def forget_sessions(db: Session, before: datetime) -> int:
    """Delete log-ins that began before this moment and can let nobody in; return how many."""
    is_old = or_(StaffSessionRow.created_at < before, StaffSessionRow.ended_at < before)
    return count_changed(db, delete(StaffSessionRow).where(is_old))


def _words(roles: frozenset[Role]) -> str:
    return " ".join(role for role in Role if role in roles)


def _staff(row: StaffRow) -> Staff:
    return value_of(Staff, row, roles=frozenset(map(Role, row.roles.split())))
