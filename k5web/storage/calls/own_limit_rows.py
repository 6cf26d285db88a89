"""Limits that subscribers set themselves."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from k5web.domain.calls.own_limit import OwnLimit
from k5web.storage.sql import insert_or_change
from k5web.storage.tables import OwnLimitRow

_OWN = OwnLimitRow.__table__.c
_FIND = select(_OWN.key, _OWN.amount, _OWN.next_amount, _OWN.next_from).where(_OWN.owner_id == bindparam("owner"))


def of_owner(db: Session, owner_id: int) -> dict[str, OwnLimit]:
    """Return a subscriber's own limits by their keys."""
    return {row.key: OwnLimit(*row) for row in db.execute(_FIND, {"owner": owner_id})}


def keep(db: Session, owner_id: int, limit: OwnLimit) -> None:
    """Write a limit in place of the one before."""
    values = {"amount": limit.amount, "next_amount": limit.next_amount, "next_from": limit.next_from}
    row = {"owner_id": owner_id, "key": limit.key, **values}
    db.execute(insert_or_change(OwnLimitRow, row, ["owner_id", "key"], values))
