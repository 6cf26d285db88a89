"""Remembered browsers: knowing one by its cookie, listing them, ending them."""

import hashlib
import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.accounts.device import (
    CONFIRMED_FOR,
    OWN_LIFE,
    SELECTOR_BYTES,
    VALIDATOR_BYTES,
    DeviceRecord,
    TokenVerdict,
    is_selector,
    split_token,
)
from k5web.domain.accounts.subscriber import Device, Subscriber
from k5web.errors import DeviceReused, NotFound, Unavailable
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import device_rows, subscribers
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

TOLD_FOR = timedelta(days=30)  # how long the list says that a device was ended because its token was copied

NOTE_PATIENCE_S = 0.05  # for notes that can wait


@dataclass(frozen=True, slots=True)
class Visit:
    """A recognised browser. `token` is a new cookie value to send, `expires_at` its end."""

    subscriber: Subscriber
    device: Device
    expires_at: datetime
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Devices:
    """An owner's browsers: those remembered, and those ended lately because a copied token was used."""

    live: list[Device]
    copied: list[tuple[Device, datetime]]


def recognise(ports: Ports, token: str, *, may_change: bool = False) -> Visit | None:
    """Return whose browser sends this cookie, or None. Raises: DeviceReused (this device was ended now), Unavailable.

    A glance is enough to let somebody look; before a change, and before saying no, it is judged again under a lock.
    """
    parts = split_token(token)
    if parts is None:
        return None
    selector, presented = parts[0], _hash(parts[1])
    if not may_change:
        visit, verdict = _look(ports, selector, presented)
        if visit is not None and verdict is TokenVerdict.GOOD:
            return visit
        if visit is not None and verdict not in {TokenVerdict.DEAD, TokenVerdict.REUSED}:
            try:
                return _settle(ports, selector, presented, NOTE_PATIENCE_S)
            except Unavailable:  # the notes can wait, the reader cannot
                logger.warning("device not noted", extra={"owner_id": visit.subscriber.id})
                return visit
    return _settle(ports, selector, presented)


@transactional
def find_live(ports: Ports, token: str | None) -> Device | None:
    """Return the device that sends this cookie, where it is good; nothing is noted."""
    parts = split_token(token)
    if parts is None:
        return None
    with ports.sessions.read() as db:
        found = device_rows.find(db, parts[0])
    record = found[0] if found else None
    if record is None or record.judge(_hash(parts[1]), ports.clock()) in {TokenVerdict.DEAD, TokenVerdict.REUSED}:
        return None
    return record.device


@transactional
def _look(ports: Ports, selector: str, presented: bytes) -> tuple[Visit | None, TokenVerdict]:
    with ports.sessions.read() as db:
        found = device_rows.find(db, selector)
    if found is None:
        return None, TokenVerdict.DEAD
    record, owner = found
    return Visit(owner, record.device, record.expires_at), record.judge(presented, ports.clock())


def _settle(ports: Ports, selector: str, presented: bytes, patience_s: float | None = None) -> Visit | None:
    """Judge again under a lock and write down what the verdict asks for."""
    visit, is_reused = _judge_and_note(ports, selector, presented, patience_s)
    if is_reused:
        raise DeviceReused
    return visit


@transactional
def _judge_and_note(
    ports: Ports, selector: str, presented: bytes, patience_s: float | None
) -> tuple[Visit | None, bool]:
    now = ports.clock()
    with ports.sessions.begin(patience_s) as db:
        record = device_rows.lock(db, selector)
        if record is None:
            return None, False
        token = None
        match record.judge(presented, now):
            case TokenVerdict.DEAD:
                return None, False
            case TokenVerdict.REUSED:
                device_rows.end(db, record.device.owner_id, selector, "reuse", now)
                logger.warning("an old device token was used: device ended", extra={"owner_id": record.device.owner_id})
                return None, True
            case TokenVerdict.ROTATE | TokenVerdict.RESEND:
                validator = secrets.token_urlsafe(VALIDATOR_BYTES)
                device_rows.rotate(db, record, _hash(validator), presented, now)
                token = f"{selector}.{validator}"
            case TokenVerdict.SEEN:
                device_rows.mark_seen(db, selector, now)
            case TokenVerdict.TOUCH:
                device_rows.touch(db, selector, now)
            case TokenVerdict.GOOD:
                pass
        # The device as it was before this use: «Звонить сразу» asks when it was used last
        used_now = replace(record, device=replace(record.device, last_used_at=now))
        return Visit(subscribers.get(db, record.device.owner_id), record.device, used_now.expires_at, token), False


def remember(db: Session, subscriber: Subscriber, now: datetime, *, browser: str, place: str, is_own: bool) -> Visit:
    """Remember a browser whose password was right just now; return its first cookie."""
    validator = secrets.token_urlsafe(VALIDATOR_BYTES)
    device = Device(
        selector=secrets.token_urlsafe(SELECTOR_BYTES),
        owner_id=subscriber.id,
        browser=browser,
        place=place,
        is_own=is_own,
        at_once=False,
        created_at=now,
        last_used_at=now,
        confirmed_at=now,
    )
    device_rows.add(db, device, _hash(validator))
    record = DeviceRecord(device, b"", None, now, False, None)
    return Visit(subscriber, device, record.expires_at, f"{device.selector}.{validator}")


@transactional
def list_devices(ports: Ports, owner_id: int) -> Devices:
    """Return the owner's browsers for their list."""
    now = ports.clock()
    with ports.sessions.read() as db:
        live = [record.device for record in device_rows.live(db, owner_id) if now < record.expires_at]
        return Devices(live, device_rows.ended(db, owner_id, "reuse", now - TOLD_FOR))


@transactional
def end_device(ports: Ports, owner_id: int, selector: str, why: str = "revoked") -> None:
    """Log one of the owner's browsers out. Raises: NotFound."""
    if not is_selector(selector):
        raise NotFound(what="device")
    with ports.sessions.begin() as db:
        if not device_rows.end(db, owner_id, selector, why, ports.clock()):
            raise NotFound(what="device")


@transactional
def end_all_devices(ports: Ports, owner_id: int, keep: str | None = None) -> int:
    """Log all the owner's browsers out, but `keep`; return how many."""
    with ports.sessions.begin() as db:
        return device_rows.end_all(db, owner_id, "revoked", ports.clock(), keep)


@transactional
def switch_at_once(ports: Ports, device: Device, is_on: bool) -> None:
    """Switch «Звонить сразу» on this device."""
    with ports.sessions.begin() as db:
        device_rows.set_at_once(db, device.selector, is_on)


def is_confirmed(ports: Ports, device: Device) -> bool:
    """Return whether the password was typed here lately enough for the settings that need it."""
    return ports.clock() - device.confirmed_at < CONFIRMED_FOR


@transactional
def forget_old(ports: Ports) -> int:
    """Delete devices unused for longer than any token lives, counts and bookings past; return how many rows."""
    with ports.sessions.begin() as db:
        throttles.forget(db, ports.clock())
        return device_rows.forget(db, ports.clock() - OWN_LIFE, ports.today())


def _hash(validator: str) -> bytes:
    return hashlib.sha256(validator.encode()).digest()
