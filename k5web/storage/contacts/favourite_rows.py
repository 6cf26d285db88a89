"""The own lists of subscribers, as rows."""

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session

from k5web.domain.contacts.favourite import Favourite
from k5web.domain.prices.number import Msisdn
from k5web.storage.tables import FavouriteRow


def of_owner(db: Session, owner_id: int) -> list[Favourite]:
    """Return all entries of a subscriber's list, by number."""
    found = select(FavouriteRow).where(FavouriteRow.owner_id == owner_id).order_by(FavouriteRow.number)
    return [_favourite(row) for row in db.scalars(found)]


def find(db: Session, owner_id: int, number: Msisdn) -> Favourite | None:
    """Return the entry of a number, None where it stands not in the list."""
    row = db.get(FavouriteRow, (owner_id, number.digits), populate_existing=True)
    return None if row is None else _favourite(row)


def is_listed(db: Session, owner_id: int, digits: str) -> bool:
    """Return whether a number stands in the subscriber's list."""
    return bool(db.scalar(select(exists().where(*_of(owner_id, digits)))))


def add(db: Session, owner_id: int, favourite: Favourite) -> None:
    """Write one more entry; the caller has seen that its number is not there."""
    number = favourite.number.digits
    db.add(FavouriteRow(owner_id=owner_id, number=number, name=favourite.name, added_at=favourite.added_at))
    db.flush()


def rename(db: Session, owner_id: int, number: Msisdn, name: str) -> bool:
    """Give an entry another name; return whether there was one."""
    renamed = update(FavouriteRow).where(*_of(owner_id, number.digits)).values(name=name)
    return db.scalar(renamed.returning(FavouriteRow.number)) is not None


def remove(db: Session, owner_id: int, number: Msisdn) -> None:
    """Take an entry out of the list; one that is gone stays gone."""
    db.execute(delete(FavouriteRow).where(*_of(owner_id, number.digits)))


def _of(owner_id: int, digits: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return FavouriteRow.owner_id == owner_id, FavouriteRow.number == digits


def _favourite(row: FavouriteRow) -> Favourite:
    return Favourite(Msisdn(row.number), row.name, row.added_at)
