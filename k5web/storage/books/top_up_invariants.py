"""What must always be true of top-ups that were begun here: each was credited by an order of its own."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Breach
from k5web.domain.payments.top_up import PAID_STATES
from k5web.storage.books.invariant import Rule
from k5web.storage.tables import TopUpRow, TransactionRow
from k5web.storage.tables.base import quoted

CLOCKS_DIFFER_BY = timedelta(hours=1)  # a provider's and ours

_NUMBER = """'K5-' || CAST(u.owner_id AS text) || '-' || CAST(u.n AS text)
    || CASE WHEN u.mark = '' THEN '' ELSE '-' || u.mark END
    || CASE WHEN u.attempt = 1 THEN '' ELSE '-' || CAST(u.attempt AS text) END"""

RULES = [
    Rule(
        "I11",
        "top-up {owner_id}-{n}",
        "is {state}, and its payment {origin} {booked_key} of {booked_minor} is not in the ledger",
        f"""
        SELECT u.owner_id, u.n, u.state, u.origin, u.booked_key, u.booked_minor FROM topup u
        WHERE (u.booked_key IS NOT NULL OR u.state IN ({quoted(PAID_STATES)})) AND NOT EXISTS (
            SELECT 1 FROM posting p WHERE p.owner_id = u.owner_id AND p.origin = u.origin
            AND p.key = u.booked_key AND p.amount_minor = u.booked_minor)
        """,  # noqa: S608
    ),
    Rule(
        "I11",
        "top-up {owner_id}-{n}",
        "is order {number} {provider_id} at {origin}, and was credited by {booked_key}",
        f"""
        SELECT u.owner_id, u.n, u.origin, u.booked_key, u.provider_id, {_NUMBER} AS number FROM topup u
        WHERE u.booked_attempt = u.attempt AND u.provider_id <> '' AND u.booked_key NOT IN (u.provider_id, {_NUMBER})
        """,  # noqa: S608
    ),
    Rule(
        "I11",
        "top-up {owner_id}-{n}",
        "was credited by {origin} {booked_key}, the order of top-up {other_owner}-{other}",
        """
        SELECT u.owner_id, u.n, u.origin, u.booked_key, o.owner_id AS other_owner, o.n AS other FROM topup u
        JOIN topup o ON o.origin = u.origin AND o.provider_id = u.booked_key
            AND (o.owner_id <> u.owner_id OR o.n <> u.n)
        """,
    ),
]


def paid_before_begun(db: Session) -> Iterator[Breach]:
    """I11: a payment that took place before the top-up began is another order's, under the same number."""
    paid = and_(
        TransactionRow.owner_id == TopUpRow.owner_id,
        TransactionRow.origin == TopUpRow.origin,
        TransactionRow.key == TopUpRow.booked_key,
    )
    found = (
        select(TopUpRow.owner_id, TopUpRow.n, TopUpRow.created_at, TransactionRow.occurred_at, TransactionRow.key)
        .join(TransactionRow, paid)
        .where(TopUpRow.provider_id != "", TransactionRow.occurred_at < TopUpRow.created_at)
    )
    for row in db.execute(found).all():
        if row.occurred_at < row.created_at - CLOCKS_DIFFER_BY:
            said = f"was begun at {row.created_at} and credited by {row.key}, which was paid at {row.occurred_at}"
            yield Breach("I11", f"top-up {row.owner_id}-{row.n}", said)
