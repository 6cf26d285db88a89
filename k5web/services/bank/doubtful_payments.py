"""Payments of statements that may be known already: a person says whether each is another payment or the known one."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from k5web.domain.bank.statement import BankDocument
from k5web.domain.books.ledger import HOUSE, Posting
from k5web.domain.money import Money
from k5web.errors import DecidedAlready, NotFound
from k5web.services.bank import statement_import
from k5web.services.bank.statement_import import Taken
from k5web.services.ports import Ports
from k5web.storage.bank import doubt_rows
from k5web.storage.bank.doubt_rows import Doubt
from k5web.storage.books import ledger
from k5web.storage.session import transactional

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A payment in doubt, and since how many working days it is here."""

    doubt: Doubt
    days: int


@transactional
def doubtful(ports: Ports) -> list[Doubtful]:
    """Return the payments that nobody has decided about, the oldest first."""
    with ports.sessions.read() as db:
        found = doubt_rows.waiting(db, PAGE)
    return [Doubtful(one, statement_import.days_since(ports, one.received_on)) for one in found]


@transactional
def find(ports: Ports, number: int) -> Doubt:
    """Return a payment in doubt, decided or not. Raises: NotFound."""
    with ports.sessions.read() as db:
        return _find(db, number)


@transactional
def credited(ports: Ports, number: int) -> Posting:
    """Return what crediting a payment in doubt posted. Raises: NotFound."""
    with ports.sessions.read() as db:
        name = _find(db, number).name
        owner_id = NotFound.unless(ledger.claimant(db, name), f"event {name}")
        return NotFound.unless(ledger.find_event(db, owner_id, name), f"event {name}").postings[0]


@transactional
def credit(ports: Ports, number: int, actor: str) -> Taken | None:
    """Credit a payment in doubt: it is another than the known one. None: a person did the same before.

    Raises: NotFound, DecidedAlready (the other way).
    """
    with ports.sessions.begin() as db:
        return credit_in(ports, db, number, actor)


def credit_in(ports: Ports, db: Session, number: int, actor: str) -> Taken | None:
    """Do so in the caller's transaction."""
    suspense = ledger.lock_purse(db, HOUSE, "suspense").account_id
    doubt = _find(db, number)
    if not doubt_rows.decide(db, number, "credited", actor, ports.clock()):
        _refuse_other(doubt, "credited")
        return None
    document = _document(doubt)
    return statement_import.credit_document(ports, db, suspense, document, doubt.name, doubt.payer_hash)


@transactional
def join(ports: Ports, number: int, actor: str) -> Money:
    """Note that a payment in doubt is the known one: nothing is credited, now or by any file; return its sum.

    Raises: NotFound, DecidedAlready (the other way).
    """
    with ports.sessions.begin() as db:
        return join_in(ports, db, number, actor)


def join_in(ports: Ports, db: Session, number: int, actor: str) -> Money:
    """Do so in the caller's transaction."""
    ledger.lock_purse(db, HOUSE, "suspense")
    doubt = _find(db, number)
    if not doubt_rows.decide(db, number, "joined", actor, ports.clock()):
        _refuse_other(doubt, "joined")
    return doubt.amount


def _find(db: Session, number: int) -> Doubt:
    """Raises: NotFound."""
    return NotFound.unless(doubt_rows.find(db, number), f"payment {number} in doubt")


def _refuse_other(doubt: Doubt, wanted: doubt_rows.State) -> None:
    """Raises: DecidedAlready where another decision stands."""
    if doubt.state != wanted:
        raise DecidedAlready(number=doubt.number, state=doubt.state)


def _document(doubt: Doubt) -> BankDocument:
    return BankDocument(
        line=0,
        part=0,
        number=doubt.document_no,
        day=doubt.day,
        amount=doubt.amount,
        payer_account="",
        payer_bic=doubt.payer_bic,
        payer_inn=doubt.payer_inn,
        payer=doubt.payer,
        payee_account=doubt.name.origin.partition(":")[2],
        purpose=doubt.purpose,
        received_on=doubt.received_on,
        purpose_apart=doubt.purpose_apart,
    )
