"""Buttons «Звонок с сайта» in the database. Session in, domain values out."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from k5web.domain.calls.widget import Widget
from k5web.domain.money import Price
from k5web.storage.sql import count_changed, first_of
from k5web.storage.tables import WidgetRow
from k5web.storage.values import columns_of, value_of


def save(db: Session, widget: Widget) -> None:
    """Write a new button, or an old one anew."""
    row = columns_of(
        widget,
        "dearest",
        sites=" ".join(widget.sites),
        dearest_micro=widget.dearest.micro,
        currency=widget.dearest.currency,
    )
    db.merge(WidgetRow(**row))
    db.flush()


def find(db: Session, code: str) -> Widget | None:
    """Return the button of this code, also one that is off."""
    return first_of(db.scalars(select(WidgetRow).where(WidgetRow.code == code)), _widget)


def lock(db: Session, code: str) -> Widget | None:
    """Return the same, kept from changing until the transaction ends."""
    return first_of(db.scalars(select(WidgetRow).where(WidgetRow.code == code).with_for_update()), _widget)


def of_owner(db: Session, owner_id: int) -> list[Widget]:
    """Return the owner's buttons, oldest first."""
    found = select(WidgetRow).where(WidgetRow.owner_id == owner_id).order_by(WidgetRow.created_at, WidgetRow.code)
    return [_widget(row) for row in db.scalars(found)]


def remove(db: Session, owner_id: int, code: str) -> bool:
    """Delete one button of this owner; False where there is none."""
    return count_changed(db, delete(WidgetRow).where(WidgetRow.owner_id == owner_id, WidgetRow.code == code)) == 1


def _widget(row: WidgetRow) -> Widget:
    return value_of(Widget, row, sites=tuple(row.sites.split()), dearest=Price(row.dearest_micro, row.currency))
