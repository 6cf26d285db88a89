"""What a call page shows of the subscriber's own beside the price: phones, the number's name, whether they rent one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, null, select
from sqlalchemy.orm import Session

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.accounts.subscriber import Phone
from k5web.domain.contacts.favourite import Favourite
from k5web.domain.prices.number import Msisdn
from k5web.storage.sql import word
from k5web.storage.tables import FavouriteRow, NumberRow, PhoneRow


@dataclass(frozen=True, slots=True)
class Beside:
    """What a subscriber has of their own that a page of a number shows."""

    phones: list[Phone]  # oldest first
    favourite: Favourite | None  # the entry of that number in the own list
    rents_number: bool


_PHONE, _LISTED, _NUMBER = PhoneRow.__table__.c, FavouriteRow.__table__.c, NumberRow.__table__.c
_OWNER = bindparam("owner", type_=_PHONE.owner_id.type)
_NOTHING: Any = null()


def _own(what: str, digits: Any, name: Any, since: Any, verified_at: Any = _NOTHING) -> Select[Any]:
    kind: Any = literal_column(f"'{what}'")
    return select(kind.label("what"), digits, name, since, verified_at)


# Built once: the page of each call asks it
_BESIDE = (
    _own("phone", _PHONE.digits, _PHONE.name, _PHONE.added_at, _PHONE.verified_at)
    .where(_PHONE.owner_id == _OWNER)
    .union_all(
        _own("listed", _LISTED.number, _LISTED.name, _LISTED.added_at).where(
            _LISTED.owner_id == _OWNER, _LISTED.number == bindparam("b_number", type_=_LISTED.number.type)
        ),
        _own("rented", _NUMBER.digits, _NUMBER.code, _NUMBER.since).where(
            _NUMBER.owner_id == _OWNER, _NUMBER.state == word(NumberState.RENTED)
        ),
    )
)


def beside(db: Session, owner_id: int, b_number: str) -> Beside:
    """Return what stands beside the price of a call to this number."""
    rows = db.execute(_BESIDE, {"owner": owner_id, "b_number": b_number}).all()
    phones = [Phone(Msisdn(row.digits), row.name, row.added_at, row.verified_at) for row in rows if row.what == "phone"]
    listed = (Favourite(Msisdn(row.digits), row.name, row.added_at) for row in rows if row.what == "listed")
    return Beside(
        phones=sorted(phones, key=lambda phone: (phone.added_at, phone.number.digits)),
        favourite=next(listed, None),
        rents_number=any(row.what == "rented" for row in rows),
    )
