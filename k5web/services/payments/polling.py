"""Asks providers about top-ups whose end no notice brought: a closed tab, a lost call-back, a refund without answer."""

import logging
from datetime import datetime, timedelta

from k5web.domain.incident import IncidentKind
from k5web.domain.payments.connector import Looks
from k5web.domain.payments.top_up import TopUp
from k5web.errors import K5Error, ProviderUnknown, Unavailable
from k5web.services.payments import refunds, topups
from k5web.services.payments.booking import alarm
from k5web.services.ports import Ports
from k5web.storage.payments import top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LONGEST_LOOK = timedelta(minutes=2)  # longer than all questions of one look: who died in it keeps nobody else off it
REST = timedelta(seconds=5)
WATCHED_FOR = timedelta(days=1)  # so long a provider is asked; then a person


def poll(ports: Ports, origin: str | None = None) -> int:
    """Look at every top-up that is due, with `origin` at those of one provider; return how many were.

    One that gives trouble stops no other.
    """
    with ports.sessions.read() as db:
        keys = top_up_rows.due(db, ports.clock(), origin)
    for owner_id, n in keys:
        kept = _take(ports, owner_id, n)
        if kept is not None:
            _look(ports, kept)
    return len(keys)


@transactional
def _take(ports: Ports, owner_id: int, n: int) -> KeptTopUp | None:
    """Plan the next look before this one, committed: whoever dies in between loses one look and no top-up."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        kept = top_up_rows.take(db, owner_id, n, now)
        if kept is None:
            return None
        if not _is_watched(kept, now):
            if kept.refund_key is not None:
                alarm(ports, db, IncidentKind.REFUND_UNHEARD, kept, refund_key=kept.refund_key)
            elif not kept.state.is_paid:
                alarm(ports, db, IncidentKind.TOPUP_UNHEARD, kept, state=kept.state)
            top_up_rows.change(db, kept, now, look_at=None, quiet_until=now + LONGEST_LOOK)
            return kept  # asked for the last time, or because its payer wishes it
        next_at = _next_look(ports, kept, kept.looks + 1, now)
        top_up_rows.plan_look(db, kept, next_at, now + LONGEST_LOOK)
        return kept


@transactional
def _rest(ports: Ports, kept: KeptTopUp) -> None:
    """Let the provider rest a moment, however often its payer presses «Проверить сейчас»."""
    with ports.sessions.begin() as db:
        top_up_rows.keep_quiet(db, kept, ports.clock() + REST)


def _look(ports: Ports, kept: KeptTopUp) -> None:
    reference = kept.reference
    try:
        topups.look(ports, reference)
        if kept.refund_key is not None and isinstance(ports.connectors.of(kept.origin), Looks):
            refunds.settle_unheard(ports, reference)
    except (ProviderUnknown, Unavailable) as error:
        logger.info("top-up is looked at later", extra={"reference": reference, "reason": str(error)})
    except K5Error:
        logger.exception("a top-up cannot be booked", extra={"reference": reference})
    finally:
        _rest(ports, kept)


def _is_watched(kept: KeptTopUp, now: datetime) -> bool:
    since = kept.changed_at if kept.refund_key is not None else kept.created_at
    return now < since + WATCHED_FOR


def _next_look(ports: Ports, top_up: TopUp, looks: int, now: datetime) -> datetime:
    connector = ports.connectors.of(top_up.origin)
    pauses = connector.pauses_s() if isinstance(connector, Looks) else (3600,)
    return now + timedelta(seconds=pauses[min(looks, len(pauses) - 1)])
