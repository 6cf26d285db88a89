"""A charge explained: one movement of an account with its event, all that the event moved, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from k5web.domain.books.claim import Claim
from k5web.domain.books.ledger import EventName, Posting, Purpose
from k5web.domain.books.service import first_charge
from k5web.domain.money import Money
from k5web.domain.prices.subscription import Subscription, period_of_fee
from k5web.errors import NotFound
from k5web.services.books import statements
from k5web.services.books.statements import StatementLine
from k5web.services.ports import Ports
from k5web.storage.books import claim_rows, ledger, statement_rows
from k5web.storage.prices import subscription_rows
from k5web.storage.prices.subscription_rows import Period


@dataclass(frozen=True, slots=True)
class FeeFacts:
    """The subscription whose fee was taken, the period as it stands now and what it took; None: none is noted."""

    subscription: Subscription
    period: Period | None
    taken: Money


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement with everything that explains it."""

    line: StatementLine
    actor: str  # who made the event
    moved: Sequence[tuple[Purpose, Posting]]  # all that the event moved, on accounts of whatever purpose
    reverses: Posting | None  # what it takes back, on the same account
    follow_ups: Sequence[StatementLine]  # what took it back, and the right charge in its place
    fee: FeeFacts | None
    claims: Sequence[Claim]


def explain(ports: Ports, owner_id: int, seq: int) -> Movement:
    """Return one movement of an owner's main account with everything that explains it. Raises: NotFound."""
    with ports.sessions.read() as db:
        account_id = ledger.purse(db, owner_id).account_id
        found = NotFound.unless(statement_rows.line(db, owner_id, account_id, seq), f"movement {seq}")
        name = found.posting.name
        later = statement_rows.follow_ups(db, owner_id, account_id, name)
        line, *follow_ups = statements.explained(ports, db, owner_id, [found, *later])
        back = statement_rows.by_event(db, owner_id, account_id, found.reverses) if found.reverses else None
        return Movement(
            line=line,
            actor=statement_rows.actor_of(db, owner_id, name),
            moved=_moved(db, owner_id, name),
            reverses=back.posting if back else None,
            follow_ups=follow_ups,
            fee=_fee(db, owner_id, first_charge(name), found.posting.amount.currency),
            claims=claim_rows.of_charge(db, owner_id, first_charge(name)),
        )


def _moved(db: Session, owner_id: int, name: EventName) -> list[tuple[Purpose, Posting]]:
    event = ledger.find_event(db, owner_id, name)
    purposes = {purse.account_id: purpose for purpose, purse in ledger.purses(db, owner_id).items()}
    return [(purposes.get(each.account_id, ""), each) for each in event.postings] if event else []


def _fee(db: Session, owner_id: int, name: EventName, currency: str) -> FeeFacts | None:
    named = period_of_fee(name.key) if name.origin == "fee" else None
    subscription = subscription_rows.find(db, owner_id, named[0]) if named else None
    if named is None or subscription is None:
        return None
    period = subscription_rows.period(db, owner_id, subscription.n, named[1])
    return FeeFacts(subscription, period, Money(period.fee_minor if period else 0, currency))
