"""What subscribers told of themselves: each version is kept with its time, the newest counts."""

from typing import cast

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from k5web.domain.accounts.profile import PersonalFacts, What
from k5web.storage.sql import next_of
from k5web.storage.tables import EmailAddressRow, PersonalDataRow


def add(db: Session, owner_id: int, told: PersonalFacts) -> None:
    """Append a version. The caller holds the account's lock."""
    row = PersonalDataRow(
        owner_id=owner_id,
        n=next_of(db, PersonalDataRow, owner_id),
        what=told.what,
        facts=dict(told.facts),
        at=told.at,
        actor=told.actor,
        inn=told.facts.get("inn", ""),
    )
    db.add(row)
    db.flush()


def history(db: Session, owner_id: int) -> list[PersonalFacts]:
    """Return every version, oldest first."""
    rows = db.scalars(
        select(PersonalDataRow).where(PersonalDataRow.owner_id == owner_id).order_by(PersonalDataRow.n)
    ).all()
    return [PersonalFacts(cast(What, row.what), row.facts, row.at, row.actor) for row in rows]


def owners_of_inn(db: Session, inn: str, limit: int) -> list[int]:
    """Return who ever told that this is their tax number."""
    found = select(PersonalDataRow.owner_id).where(PersonalDataRow.inn == inn, text("inn <> ''")).distinct()
    return list(db.scalars(found.limit(limit)))


def emails(db: Session, owner_id: int) -> list[str]:
    """Return every e-mail address that a subscriber ever confirmed, and the one kept now."""
    told = {each.facts["address"] for each in history(db, owner_id) if each.what == "email"}
    kept = db.scalars(select(EmailAddressRow.address).where(EmailAddressRow.owner_id == owner_id))
    return sorted({*told, *kept} - {""})


def forget(db: Session, owner_id: int) -> None:
    """Delete every version, and the e-mail address."""
    for table in (PersonalDataRow, EmailAddressRow):
        db.execute(delete(table).where(table.owner_id == owner_id))
