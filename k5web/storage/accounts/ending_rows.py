"""Contracts that end: one at a time stands for a subscriber, and it ends once."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, select, update
from sqlalchemy.orm import Session

from k5web.domain.accounts.ending import Ending
from k5web.storage.sql import OneOf, next_of
from k5web.storage.tables import ContractEndRow

END = cast(Table, ContractEndRow.__table__)
_ALL = select(*(END.c[field.name] for field in fields(Ending)))
_STANDING_OF = _ALL.where(OneOf(END.c.owner_id, "owners"), END.c.withdrawn_at.is_(None))


def add(db: Session, ending: Ending) -> Ending:
    """Write an ending under the owner's next number and return it. The caller holds the account's lock."""
    n = next_of(db, ContractEndRow, ending.owner_id)
    row = {field.name: getattr(ending, field.name) for field in fields(Ending)} | {"n": n}
    db.execute(END.insert().values(**row))
    return _endings(db, END.c.owner_id == ending.owner_id, END.c.n == n)[0]


def standing(db: Session, owner_id: int) -> Ending | None:
    """Return the ending of a subscriber that was not withdrawn: it comes, or it came."""
    return next(iter(_endings(db, END.c.owner_id == owner_id, END.c.withdrawn_at.is_(None))), None)


def standing_of(db: Session, owner_ids: Collection[int]) -> list[Ending]:
    """Return the same of several owners, those who have one."""
    return [Ending(*row) for row in db.execute(_STANDING_OF, {"owners": list(owner_ids)})]


def of_owner(db: Session, owner_id: int) -> list[Ending]:
    """Return every ending of a subscriber, withdrawn ones too, the oldest first."""
    return _endings(db, END.c.owner_id == owner_id)


def open_until(db: Session, day: date | None = None) -> list[Ending]:
    """Return the endings that are to be carried out, by their last day: those that lie before a day, or all."""
    is_open = (END.c.withdrawn_at.is_(None), END.c.done_at.is_(None))
    return _endings(db, *is_open) if day is None else _endings(db, *is_open, END.c.last_day < day)


def withdraw(db: Session, ending: Ending, now: datetime) -> bool:
    """Take an ending back; False where it was done or withdrawn meanwhile."""
    return _change(db, ending, {"withdrawn_at": now}, is_done=ending.done_at is not None)


def note_done(db: Session, ending: Ending, now: datetime) -> bool:
    """Note that a contract has ended; False where it was done or withdrawn meanwhile."""
    return _change(db, ending, {"done_at": now}, is_done=False)


def _change(db: Session, ending: Ending, values: dict[str, datetime], *, is_done: bool) -> bool:
    same = (END.c.owner_id == ending.owner_id, END.c.n == ending.n, END.c.withdrawn_at.is_(None))
    state = END.c.done_at.is_not(None) if is_done else END.c.done_at.is_(None)
    changed = update(END).where(*same, state).values(**values).returning(END.c.n)
    return db.execute(changed).first() is not None


def _endings(db: Session, *which: ColumnElement[bool]) -> list[Ending]:
    rows = db.execute(_ALL.where(*which).order_by(END.c.last_day, END.c.owner_id, END.c.n))
    return [Ending(*row) for row in rows]
