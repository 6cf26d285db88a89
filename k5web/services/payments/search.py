"""A payment found by whatever the payer or the provider can name: a code, a number, a key, a top-up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.money import Money
from k5web.domain.payments.top_up import OrderNumber, TopUp
from k5web.errors import NotFound
from k5web.services.books import corrections
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.payments import notice_rows, top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class FoundPayment:
    """A payment on an account, a top-up that waits for one, or both. `left`: what of it did not go back."""

    owner_id: int
    origin: str
    top_up: TopUp | None
    posting: Posting | None = None
    recorded_at: datetime | None = None
    left: Money | None = None


@transactional
def find_payments(ports: Ports, text: str) -> list[FoundPayment]:
    """Return payments that a short code, our number, a provider's key or number, or a top-up's reference names.

    Digits may mean several of these, so all that fits is returned. Raises: NotFound.
    """
    found: dict[tuple[int, str, str], FoundPayment] = {}
    with ports.sessions.read() as db:
        for one in _all(db, text.strip()):
            key = str(one.posting.name) if one.posting else one.top_up.reference if one.top_up else ""
            found.setdefault((one.owner_id, one.origin, key), one)
    if not found:
        raise NotFound(what=f"payment '{text}'")
    return list(found.values())


def _all(db: Session, text: str) -> Iterator[FoundPayment]:
    if (kept := _top_up(db, text)) is not None:
        yield _of_top_up(db, kept)
    for kept in top_up_rows.by_code(db, text):
        yield _of_top_up(db, kept)
    if text.isascii() and text.isdigit() and len(text) < 20 and (posting := ledger.find_by_number(db, int(text))):
        yield from _of_name(db, posting.owner_id, posting.name)
    for name in notice_rows.names_by_receipt(db, text):
        owner_id = ledger.claimant(db, name)
        if owner_id is not None:
            yield from _of_name(db, owner_id, name)
        elif (kept := _top_up(db, name.key)) is not None:  # its payment has another attempt's name
            yield _of_top_up(db, kept)
    for name, owner_id in ledger.claims(db, text):
        yield from _of_name(db, owner_id, name)


def _top_up(db: Session, text: str) -> KeptTopUp | None:
    """Return the top-up of a reference, or of the number that its provider knows."""
    try:
        named = OrderNumber.read(text.upper())
        kept = top_up_rows.find(db, named.reference)
    except NotFound:
        return None
    return kept if named.mark in {"", kept.mark} else None


def _of_top_up(db: Session, kept: KeptTopUp) -> FoundPayment:
    if kept.booked_key is not None:
        for found in _of_name(db, kept.owner_id, EventName(kept.origin, kept.booked_key)):
            return found
    return FoundPayment(kept.owner_id, kept.origin, kept)


def _of_name(db: Session, owner_id: int, name: EventName) -> Iterator[FoundPayment]:
    event = ledger.find_event(db, owner_id, name)
    if event is None:  # barred: cancelled before it came
        return
    kept = top_up_rows.by_booked_key(db, owner_id, name.origin, name.key)
    at, left = ledger.recorded_at(db, owner_id, name), corrections.left_of(db, owner_id, name)
    yield FoundPayment(owner_id, name.origin, kept, event.postings[0], at, left)
