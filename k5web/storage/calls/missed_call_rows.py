"""Access numbers in the database: the contacts behind them and the missed calls. Session in, domain values out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from k5web.domain.calls.missed_calls import CalledBack, Contact, MissedCall
from k5web.domain.money import MICRO_PER_MINOR, Price
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Agreed, Quote
from k5web.storage.prices.kept_rates import rate_facts, rate_of
from k5web.storage.sql import count_changed, insert_or_nothing
from k5web.storage.tables import ContactRow, MissedCallRow

# Built once: this is asked after every look at the records
_MISSED = MissedCallRow.__table__
_NEW = select(_MISSED).where(_MISSED.c.outcome.is_(None)).order_by(_MISSED.c.at).limit(bindparam("most"))


def contacts(db: Session, owner_id: int) -> list[Contact]:
    """Return whom the access numbers ring for this owner."""
    rows = db.scalars(select(ContactRow).where(ContactRow.owner_id == owner_id).order_by(ContactRow.access))
    return [Contact(row.access, Msisdn(row.number), row.name, _agreed(row)) for row in rows]


def assign(db: Session, owner_id: int, contact: Contact) -> None:
    """Let an access number ring this contact, and no other one any more."""
    release(db, owner_id, contact.access)
    db.add(
        ContactRow(
            owner_id=owner_id,
            access=contact.access,
            number=contact.number.digits,
            name=contact.name,
            **_agreed_values(contact.agreed),
        )
    )
    db.flush()


def _agreed(row: ContactRow) -> Agreed:
    if row.agreed is None:
        return Price(row.agreed_micro, row.currency)
    return Quote("", row.number, rate_of(row.agreed["a"]), rate_of(row.agreed["b"]))


def _agreed_values(agreed: Agreed) -> dict[str, Any]:
    if isinstance(agreed, Price):
        return {"agreed_micro": agreed.micro, "currency": agreed.currency, "agreed": None}
    first, kept = agreed.first_minute, {"a": rate_facts(agreed.a), "b": rate_facts(agreed.b)}
    return {"agreed_micro": first.minor * MICRO_PER_MINOR, "currency": first.currency, "agreed": kept}


def release(db: Session, owner_id: int, access: str) -> bool:
    """Let an access number ring nobody for this owner; False where it rang nobody."""
    return (
        count_changed(db, delete(ContactRow).where(ContactRow.owner_id == owner_id, ContactRow.access == access)) == 1
    )


def add(db: Session, switch: str, missed: Sequence[MissedCall]) -> None:
    """Keep missed calls to be called back; one that is known already changes nothing."""
    for call in missed:
        row = {"switch": switch, "record": call.record, "caller": call.caller, "access": call.access, "at": call.at}
        db.execute(insert_or_nothing(MissedCallRow).values(**row))


def new(db: Session, limit: int = 50) -> list[tuple[str, MissedCall]]:
    """Return missed calls nobody has looked at, with their switch, oldest first."""
    rows = db.execute(_NEW, {"most": limit})
    return [(row.switch, MissedCall(row.record, row.caller, row.access, row.at)) for row in rows]


def close(db: Session, switch: str, record: str, outcome: str, owner_id: int | None, call_id: str | None) -> None:
    """Write what became of a missed call; one that is closed stays as it is."""
    db.execute(
        update(MissedCallRow)
        .where(MissedCallRow.switch == switch, MissedCallRow.record == record, MissedCallRow.outcome.is_(None))
        .values(outcome=outcome, owner_id=owner_id, call_id=call_id)
    )


def latest(db: Session, owner_id: int, limit: int) -> list[CalledBack]:
    """Return what became of this owner's missed calls, newest first."""
    rows = db.scalars(
        select(MissedCallRow)
        .where(MissedCallRow.owner_id == owner_id)
        .order_by(MissedCallRow.at.desc(), MissedCallRow.record)
        .limit(limit)
    )
    return [CalledBack(row.access, row.at, row.outcome or "", row.call_id) for row in rows]


def forget(db: Session, before: datetime) -> None:
    """Delete missed calls of long ago: read once more, they would be too old to be called back."""
    db.execute(delete(MissedCallRow).where(MissedCallRow.at < before))
