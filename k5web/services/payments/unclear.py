"""Top-ups whose end nobody knows: a person with proof credits them, or closes them. In the caller's transaction.

Money that comes later for a top-up that was closed is credited like any that comes late.
"""

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import NotFound, WrongDeed
from k5web.services.payments import booking
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.payments import top_up_rows


def credit_by_proof(ports: Ports, db: Session, top_up: TopUp, provider_id: str) -> tuple[Posting, ...]:
    """Credit the sum of a top-up that its provider's papers show as paid, under the provider's own number of it: its
    notice, come late, finds it there.

    Raises: WrongDeed (it is paid already; that number is another order's or credited), NotFound.
    """
    kept = top_up_rows.lock(db, top_up)
    connector = NotFound.unless(ports.connectors.of(kept.origin), f"partner '{kept.origin}'")
    if kept.state.is_paid or kept.booked_key is not None:
        raise WrongDeed(why="done_before")
    known_id = kept.provider_id or provider_id
    if provider_id and provider_id != known_id:
        raise WrongDeed(why="other_number")
    other = top_up_rows.find_by_provider_id(db, kept.origin, known_id) if known_id else None
    name = EventName(kept.origin, known_id or kept.number)
    if (other is not None and other.reference != kept.reference) or ledger.claimant(db, name) is not None:
        raise WrongDeed(why="other_number")
    seen = Seen(TopUpState.PAID, kept.amount, provider_id=known_id)
    booking.credit(ports, db, connector, kept, name, kept.attempt, seen)
    found = NotFound.unless(ledger.find_event(db, kept.owner_id, name), f"event {name}")
    return found.postings


def close(ports: Ports, db: Session, top_up: TopUp) -> None:
    """Ask no more about a top-up: no money came. Raises: WrongDeed (it is over, or a refund of it is under way)."""
    kept = top_up_rows.lock(db, top_up)
    if not kept.state.may_become(TopUpState.DECLINED) or kept.refund_key is not None:
        raise WrongDeed(why="not_open")
    top_up_rows.change(db, kept, ports.clock(), state=TopUpState.DECLINED, look_at=None)
