"""E-mail addresses of subscribers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from k5web.domain.accounts.email_address import EmailAddress
from k5web.storage.sql import insert_or_change
from k5web.storage.tables import EmailAddressRow


@dataclass(frozen=True, slots=True)
class KeptEmail:
    """A subscriber's address, and whether it is proved to be theirs."""

    address: EmailAddress
    confirmed_at: datetime | None


def find(db: Session, owner_id: int) -> KeptEmail | None:
    """Return the subscriber's address."""
    row = db.get(EmailAddressRow, owner_id, populate_existing=True)
    return None if row is None else KeptEmail(EmailAddress(row.address), row.confirmed_at)


def give(db: Session, owner_id: int, address: EmailAddress, now: datetime) -> None:
    """Keep an address, unconfirmed, in place of the one before."""
    values = {"address": address.text, "given_at": now, "confirmed_at": None}
    db.execute(insert_or_change(EmailAddressRow, values | {"owner_id": owner_id}, ("owner_id",), values))


def confirm(db: Session, owner_id: int, address: EmailAddress, now: datetime) -> None:
    """Note that the address is the subscriber's own, where it is still the one given."""
    same = (EmailAddressRow.owner_id == owner_id, EmailAddressRow.address == address.text)
    db.execute(update(EmailAddressRow).where(*same).values(confirmed_at=now))


def remove(db: Session, owner_id: int) -> None:
    """Forget the subscriber's address."""
    db.execute(delete(EmailAddressRow).where(EmailAddressRow.owner_id == owner_id))
