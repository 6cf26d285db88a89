"""What subscribers set for themselves at /me/limits. Orders are held against it in `services/calls/safety.py`."""

import logging
import secrets
from collections.abc import Mapping, Set
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.calls.own_limit import DAY, ELSEWHERE, MOST_LIMITS, OwnLimit, country
from k5web.domain.money import Money
from k5web.errors import LimitRaised, TooMany
from k5web.services.messaging import sending
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage.accounts import phone_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.calls import limit_rows, own_limit_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

NOTICE: Final = "limit_raised"  # kind of the message where a limit will rise


@transactional
def of(ports: Ports, owner_id: int) -> dict[str, OwnLimit]:
    """Return a subscriber's own limits by their keys, those that count no more and wait for nothing left out."""
    now = ports.clock()
    with ports.sessions.read() as db:
        found = own_limit_rows.of_owner(db, owner_id)
    return {key: each for key, each in found.items() if each.is_set(now)}


@transactional
def change(ports: Ports, owner_id: int, wanted: Mapping[str, int | None]) -> None:
    """Set these limits; None takes one away. Lower ones count at once, higher ones after the wait, which is told to
    all phones. A country that shares the sum of all others gets one of its own after the wait too.

    Raises: LimitRaised (above what the operator lets the subscriber spend), TooMany.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, owner_id)  # no order is between two limits
        before = own_limit_rows.of_owner(db, owner_id)
        set_now = {key for key, each in before.items() if each.is_set(now)}
        _check(db, owner_id, purse.balance.currency, wanted, set_now)
        shared = before.get(ELSEWHERE, OwnLimit(ELSEWHERE)).at(now)
        changed = [
            limit.changed(amount, now, ports.raise_wait, shared if country(key) else None)
            for key, amount in wanted.items()
            if amount != (limit := before.get(key, OwnLimit(key))).wish
        ]
        for limit in changed:
            own_limit_rows.keep(db, owner_id, limit)
        if rising := [limit.next_from for limit in changed if limit.next_from is not None]:
            from_ = max(rising).astimezone(OPERATOR_ZONE)
            facts = {"at": f"{from_:%d.%m.%Y %H:%M}", "language": subscribers.get(db, owner_id).language}
            for number in [phone.number for phone in phone_rows.of_owner(db, owner_id) if phone.verified_at]:
                name = f"{NOTICE} {secrets.token_urlsafe(12)}"  # without a number: the name outlives the phone
                sending.queue_to(db, number, NOTICE, facts, name, now, owner_id=owner_id, is_urgent=True)
    logger.info("own limits changed", extra={"owner_id": owner_id, "limits": ",".join(each.key for each in changed)})


def _check(db: Session, owner_id: int, unit: str, wanted: Mapping[str, int | None], set_now: Set[str]) -> None:
    most = limit_rows.limits(db, owner_id).daily_minor
    if (wanted.get(DAY) or 0) > most:
        raise LimitRaised(most=Money(most, unit))
    if len(set_now | {key for key, amount in wanted.items() if amount is not None}) > MOST_LIMITS:
        raise TooMany(limit=MOST_LIMITS)
