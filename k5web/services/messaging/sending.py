"""Messages are put into the outbox in the transaction that causes them; `delivery` sends them after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.prices.number import Msisdn
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import NOBODY, Queued


def queue_to(
    db: Session,
    to: Msisdn | EmailAddress,
    kind: str,
    facts: Mapping[str, Any],
    message_id: str,
    now: datetime,
    *,
    owner_id: int = NOBODY,
    is_urgent: bool = False,
    expires_at: datetime | None = None,
    cost_minor: int | None = None,
    is_decoy: bool = False,
) -> bool:
    """Have a message sent to a number or an e-mail address, whoever has it; False where this id was put in before.

    `kind` chooses the words (`k5web/web/messaging/words.py`), `facts` fill them. `expires_at`: of no use later.
    `cost_minor`: what `caps.book_cost` booked for it; without it the cost is booked when it is sent.
    `is_decoy`: the same is written, and nothing is ever sent.
    """
    message = Queued(
        owner_id,
        message_id,
        kind,
        facts,
        now,
        "sms" if isinstance(to, Msisdn) else "email",
        str(to),
        is_urgent,
        expires_at=expires_at,
        cost_minor=cost_minor,
    )
    return (outbox_rows.queue_decoy if is_decoy else outbox_rows.queue)(db, message)


def queue_notice(
    db: Session, owner_id: int, kind: str, facts: Mapping[str, Any], message_id: str, now: datetime
) -> bool:
    """Have a subscriber told by the way they chose, outside their quiet hours; False where this id was put in
    before."""
    return outbox_rows.queue(db, Queued(owner_id, message_id, kind, facts, now))
