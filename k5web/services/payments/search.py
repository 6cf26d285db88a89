"""A payment found by whatever the payer or the provider can name: a code, a number, a key, a top-up.

Also one that was not credited is found, by its key: a provider spoke of it, or a register has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.money import Money
from k5web.domain.payments.connector import NamesKeys
from k5web.domain.payments.top_up import OrderNumber, TopUp
from k5web.errors import NotFound
from k5web.services.books import corrections
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.payments import notice_rows, registers, top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

MOST = 10  # payments of one key: several providers may have given it


@dataclass(frozen=True, slots=True)
class FoundPayment:
    """A payment on an account, a top-up that waits for one, or both; without either it was not credited.

    `owner_id` None: nobody's. `left`: what of it did not go back.
    """

    owner_id: int | None
    origin: str
    key: str  # empty: the provider has named none yet
    top_up: TopUp | None = None
    posting: Posting | None = None
    recorded_at: datetime | None = None
    left: Money | None = None


@transactional
def find_payments(ports: Ports, text: str) -> list[FoundPayment]:
    """Return payments that a short code, our number, a provider's key or number, or a top-up's reference names.

    Letters may be small or large, and what a provider puts before the digits of its keys may be left out: a payer reads
    digits aloud. They may mean several of these, so all that fits is returned. Raises: NotFound.
    """
    with ports.sessions.read() as db:
        found = [one for reading in _readings(ports, text.strip()) for one in named(db, reading)]
    if not found:
        raise NotFound(what=f"payment '{text}'")
    return list({(one.owner_id, one.origin, one.key, one.top_up): one for one in found}.values())


def _readings(ports: Ports, text: str) -> list[str]:
    """Return what a text may be a spelling of, as it stands first."""
    found = [text, text.upper()]
    if text.isascii() and text.isdigit():
        found += [one.key_prefix + text for one in ports.connectors if isinstance(one, NamesKeys)]
    return list(dict.fromkeys(found))


def named(db: Session, text: str) -> list[FoundPayment]:
    """Return the same, or nothing, in the caller's transaction."""
    found: dict[tuple[int | None, str, str], FoundPayment] = {}
    for one in (*_begun(db, text), *_numbered(db, text), *_keyed(db, text)):
        known_by = one.top_up.reference if one.top_up and not one.posting else one.key
        found.setdefault((one.owner_id, one.origin, known_by), one)
    return list(found.values())


def _begun(db: Session, text: str) -> Iterator[FoundPayment]:
    """Yield top-ups of a reference, a payer's code, or a provider's number."""
    if (kept := _top_up(db, text)) is not None:
        yield _of_top_up(db, kept)
    for kept in (*top_up_rows.by_code(db, text), *top_up_rows.all_of_provider_id(db, text, MOST)):
        yield _of_top_up(db, kept)


def _numbered(db: Session, text: str) -> Iterator[FoundPayment]:
    """Yield the payment that has our number."""
    if text.isascii() and text.isdigit() and len(text) < 20 and (posting := ledger.find_by_number(db, int(text))):
        yield from _of_name(db, posting.owner_id, posting.name)


def _keyed(db: Session, text: str) -> Iterator[FoundPayment]:
    """Yield the payments that a provider's key or second number names, credited or not."""
    names = [name for name, _ in ledger.claims(db, text, MOST)]
    names += notice_rows.names_by_receipt(db, text, MOST)
    names += notice_rows.names_by_key(db, text, MOST) + registers.names_by_key(db, text, MOST)
    for name in dict.fromkeys(names):
        owner_id = ledger.claimant(db, name)
        if owner_id is None and (kept := _top_up(db, name.key)) is not None:  # an order, under this attempt's number
            yield _of_top_up(db, kept)
        elif posted := list(_of_name(db, owner_id, name) if owner_id is not None else ()):
            yield from posted
        elif name.key:
            yield FoundPayment(None, name.origin, name.key)


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
    return FoundPayment(kept.owner_id, kept.origin, kept.provider_id, kept)


def _of_name(db: Session, owner_id: int, name: EventName) -> Iterator[FoundPayment]:
    event = ledger.find_event(db, owner_id, name)
    if event is None:  # barred: cancelled before it came
        return
    kept = top_up_rows.by_booked_key(db, owner_id, name.origin, name.key)
    at, left = ledger.recorded_at(db, owner_id, name), corrections.left_of(db, owner_id, name)
    yield FoundPayment(owner_id, name.origin, name.key, kept, event.postings[0], at, left)
