"""Remembered browsers and counts of wrong passwords: rows in, domain values out."""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, Table, Update, bindparam, delete, insert, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from k5web.domain.accounts.device import DeviceRecord
from k5web.domain.accounts.subscriber import Device, Subscriber
from k5web.storage.accounts import subscribers
from k5web.storage.sql import first_of
from k5web.storage.tables import DeviceRow, LoginCountRow
from k5web.storage.values import columns_of, value_of

_DEVICE = cast(Table, DeviceRow.__table__)

# Built once, and both in one: every page of a remembered browser begins with it
_FIND = (
    select(*(column for column in _DEVICE.c if column.name not in {"ended_at", "ended_why"}))
    .add_columns(_DEVICE.c.ended_at.label("device_ended_at"), *subscribers.SEEN)
    .join(subscribers.SUBSCRIBER, subscribers.SUBSCRIBER.c.id == _DEVICE.c.owner_id)
    .where(_DEVICE.c.selector == bindparam("of_selector", type_=_DEVICE.c.selector.type))
)


def add(db: Session, device: Device, validator_hash: bytes) -> None:
    """Remember a browser; its first token has not been seen coming back yet."""
    row = columns_of(device, validator_hash=validator_hash, rotated_at=device.created_at, is_seen=False)
    db.execute(insert(DeviceRow).values(**row))


def find(db: Session, selector: str) -> tuple[DeviceRecord, Subscriber] | None:
    """Return the device of a cookie's first half, and whose it is."""
    return first_of(db.execute(_FIND, {"of_selector": selector}), _with_owner)


def lock(db: Session, selector: str) -> DeviceRecord | None:
    """Return the device, kept from changing until the transaction ends."""
    locked = select(DeviceRow).where(DeviceRow.selector == selector).with_for_update()
    return first_of(db.scalars(locked), lambda row: _record(row, row.ended_at))


def rotate(db: Session, record: DeviceRecord, new_hash: bytes, old_hash: bytes, now: datetime) -> None:
    """Give the device a new token; the presented one becomes the previous. The row must be locked."""
    rotated = _update(record.device.selector).values(
        validator_hash=new_hash, previous_hash=old_hash, rotated_at=now, is_seen=False, last_used_at=now
    )
    db.execute(rotated)


def mark_seen(db: Session, selector: str, now: datetime) -> None:
    """Note that the newest token came back."""
    db.execute(_update(selector).values(is_seen=True, last_used_at=now))


def touch(db: Session, selector: str, now: datetime) -> None:
    """Note the use."""
    db.execute(_update(selector).values(last_used_at=now))


def confirm(db: Session, selector: str, now: datetime) -> None:
    """Note that the password was typed here."""
    db.execute(_update(selector).values(confirmed_at=now, last_used_at=now))


def set_at_once(db: Session, selector: str, is_on: bool) -> None:
    """Switch calling without the button on this device."""
    db.execute(_update(selector).values(at_once=is_on))


def end(db: Session, owner_id: int, selector: str, why: str, now: datetime) -> bool:
    """End one device of this owner; False when there is no such live one."""
    return _end(db, why, now, DeviceRow.owner_id == owner_id, DeviceRow.selector == selector) == 1


def end_all(db: Session, owner_id: int, why: str, now: datetime, keep: str | None = None) -> int:
    """End all devices of this owner but `keep`; return how many."""
    return _end(db, why, now, DeviceRow.owner_id == owner_id, DeviceRow.selector != (keep or ""))


def live(db: Session, owner_id: int) -> list[DeviceRecord]:
    """Return the owner's devices that were not ended, last used first."""
    rows = db.scalars(
        select(DeviceRow)
        .where(DeviceRow.owner_id == owner_id, DeviceRow.ended_at.is_(None))
        .order_by(DeviceRow.last_used_at.desc(), DeviceRow.selector)
    )
    return [_record(row, row.ended_at) for row in rows]


def ended(db: Session, owner_id: int, why: str, since: datetime) -> list[tuple[Device, datetime]]:
    """Return the owner's devices ended for this reason since then, with the moment."""
    rows = db.scalars(
        select(DeviceRow)
        .where(DeviceRow.owner_id == owner_id, DeviceRow.ended_why == why, DeviceRow.ended_at >= since)
        .order_by(DeviceRow.ended_at.desc())
    )
    return [(_device(row), row.ended_at) for row in rows if row.ended_at is not None]


def forget(db: Session, unused_since: datetime, counts_before: date) -> int:
    """Delete devices that ended or slept since long ago and counts of days past; return how many rows."""
    devices = db.execute(delete(DeviceRow).where(DeviceRow.last_used_at < unused_since))
    counts = db.execute(delete(LoginCountRow).where(LoginCountRow.day < counts_before))
    return _count(devices) + _count(counts)


def _update(selector: str) -> Update:
    return update(DeviceRow).where(DeviceRow.selector == selector)


def _end(db: Session, why: str, now: datetime, *which: Any) -> int:
    return _count(
        db.execute(update(DeviceRow).where(*which, DeviceRow.ended_at.is_(None)).values(ended_at=now, ended_why=why))
    )


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _with_owner(row: Row[Any]) -> tuple[DeviceRecord, Subscriber]:
    return _record(row, row.device_ended_at), subscribers.subscriber_of(row)


def _device(row: DeviceRow | Row[Any]) -> Device:
    return value_of(Device, row)


def _record(row: DeviceRow | Row[Any], ended_at: datetime | None) -> DeviceRecord:
    return value_of(DeviceRecord, row, device=_device(row), ended_at=ended_at)
