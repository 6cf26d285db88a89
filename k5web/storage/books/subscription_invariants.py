"""I8: every subscription and period has exactly one fee, or is marked suspended for it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Breach
from k5web.domain.prices.subscription import Subscription, next_period
from k5web.domain.prices.usage import Every
from k5web.storage.books.invariant import Rule
from k5web.storage.prices import subscription_rows
from k5web.storage.prices.subscription_rows import Period

OVERDUE = timedelta(days=2)  # the worker bills every minute: what is older is not being billed

RULES: list[Rule] = [
    Rule(
        "I8",
        "owner {owner_id} subscription {n} from {began_on}",
        "paid {fee_minor}, but the event fee {fee_key} moved {moved}",
        """
        SELECT * FROM (
            SELECT s.owner_id, s.n, s.began_on, s.fee_minor, s.fee_key, coalesce((
                SELECT -sum(p.amount_minor) FROM posting p
                WHERE p.owner_id = s.owner_id AND p.origin = 'fee' AND p.key = s.fee_key), 0) AS moved
            FROM subscription_period s
        ) x WHERE fee_minor <> moved
        """,
    ),
    Rule(
        "I8",
        "owner {owner_id} event fee {key}",
        "belongs to no period of a subscription",
        """
        SELECT t.owner_id, t.key FROM ledger_transaction t WHERE t.origin = 'fee' AND NOT EXISTS (
            SELECT 1 FROM subscription_period s WHERE s.owner_id = t.owner_id AND s.fee_key = t.key)
        """,
    ),
]


def find_gaps(db: Session, now: datetime) -> Iterator[Breach]:
    """Yield subscriptions whose periods do not follow each other up to the next one due, or that nobody bills."""
    for subscription, periods in subscription_rows.all_with_periods(db):
        where = f"owner {subscription.owner_id} subscription {subscription.n}"
        for found in _gaps(subscription, periods):
            yield Breach("I8", where, found)
        due = subscription.next_due
        if subscription.is_live and due is not None and due < (now - OVERDUE).date():
            yield Breach("I8", where, f"was due on {due} and is not billed")


def _gaps(subscription: Subscription, periods: list[Period]) -> Iterator[str]:
    if subscription.next_due is None:
        return
    expected: date | None = subscription.began_on
    for period in periods:
        if period.began_on != expected:
            yield f"has a period from {period.began_on} where {expected} should follow"
        every = Every.DAY if period.fee_key.count("-") == 2 else Every.MONTH
        expected = next_period(every, period.began_on)
    if expected != subscription.next_due:
        yield f"is next due on {subscription.next_due}; its periods reach to {expected}"
