"""A bank's statement becomes money: each payment credited once, to its subscriber or to suspense.

The file is read twice: first believed or refused whole, then booked, a few payments a transaction. Whoever dies in the
middle leaves nothing doubled: the same file again finds the names taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from pathlib import Path

from sqlalchemy.orm import Session

from k5web.domain.bankpayment import Unmatched, identity, payment_key, words_of
from k5web.domain.bankstatement import BankDocument, Totals
from k5web.domain.invoice import InvoiceState
from k5web.domain.ledger import HOUSE, EventName
from k5web.domain.money import Money
from k5web.domain.purpose import Purpose, read_purpose
from k5web.domain.suspense import Traits
from k5web.domain.workday import LATE_AFTER_DAYS, working_days
from k5web.errors import WrongSetting
from k5web.services import bankrules
from k5web.services.bankfiles import Progress, read_statement
from k5web.services.bankrules import Matched
from k5web.services.crediting import credit_in
from k5web.services.payers import find_bank_payer
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage import bank, invoices, ledger
from k5web.storage.bank import KeptPayment
from k5web.storage.session import transactional
from k5web.storage.subscribers import Payer

CASH = "cash.bank"  # the house account of the money on our account at the bank
ACTOR = "job:bank"
BATCH = 100  # payments a transaction
LISTED = 1000  # of each kind; the others are counted

Group = tuple[bytes, list[BankDocument]]  # payments that are equal but for their purposes, in the order of the file


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment of the file, and what became of it."""

    document: BankDocument
    owner_id: int | None  # None: nobody's yet
    why: Unmatched | None
    number: int  # of the posting; 0 where there is none
    days: int  # working days since it came


@dataclass
class Few:
    """How many there were of a kind, what they come to, and the first of them."""

    count: int = 0
    amount: Money = field(default_factory=lambda: Money(0))
    first: list[Taken] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        """Take one more."""
        self.count += 1
        self.amount += taken.document.amount
        if len(self.first) < LISTED:
            self.first.append(taken)


@dataclass
class BankImport:
    """What a file brought. `late`: of the credited, those after more than three working days (B4)."""

    credited: Few = field(default_factory=Few)
    suspended: Few = field(default_factory=Few)
    known: int = 0
    doubtful: Few = field(default_factory=Few)  # known by number, day, payer and sum, but with another purpose
    late: Few = field(default_factory=Few)
    closed: Matched = field(default_factory=Matched)  # by rules, of all that waits
    outgoing: int = 0
    foreign: int = 0  # neither from nor to an account of ours
    pending: int = 0  # on its way: the bank has not received it yet

    def add(self, taken: Taken) -> None:
        """Count a payment that was booked."""
        (self.suspended if taken.why else self.credited).add(taken)
        if taken.days > LATE_AFTER_DAYS and not taken.why:
            self.late.add(taken)


def import_statement(
    ports: Ports,
    path: Path,
    accounts: Sequence[str],
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
) -> BankImport:
    """Credit what came to our accounts by this file; without any it is the payee's, to whom receipts are made out.

    Raises: WrongFile, WrongStatement naming the line: then nothing was credited.
    """
    accounts = accounts or _payees_account(ports)
    done = BankImport()
    own = frozenset(accounts)
    repeated = _believe(path, accounts[0], own, done, lambda read, total: progress(read, 2 * total))
    if not dry_run:
        _open_suspense(ports)
    read_on: Progress = lambda read, total: progress(total + read, 2 * total)  # noqa: E731
    documents = _incoming(read_statement(path, accounts[0], read_on), own)
    for batch in _batches(documents, repeated):
        (_try if dry_run else _book)(ports, batch).into(done)
    done.closed = _foresee(ports, done) if dry_run else bankrules.apply(ports)
    return done


def _foresee(ports: Ports, done: BankImport) -> Matched:
    """Return what the rules would close of what is listed as going to suspense."""
    rules, found = bankrules.rules(ports), Matched()
    for taken in done.suspended.first:
        match = bankrules.match_of(rules, taken.why, _traits(taken.document), taken.document.number, 0)
        if match is not None:
            found.add(match)
    return found


def _payees_account(ports: Ports) -> Sequence[str]:
    if ports.payee is None:
        raise WrongSetting(name="K5_PAYEE", reason="must say whose account statements are of, or --account must")
    return (ports.payee.account,)


def _believe(path: Path, account: str, own: frozenset[str], done: BankImport, progress: Progress) -> set[bytes]:
    """Read the whole file and check its totals; return what its equal payments are known by. Raises: WrongStatement."""
    totals = Totals(own)
    seen: set[bytes] = set()
    repeated: set[bytes] = set()
    for record in read_statement(path, account, progress):
        totals.add(record)
        if not isinstance(record, BankDocument):
            continue
        if not _is_incoming(record, own):
            _count_skipped(record, own, done)
            continue
        known_by = identity(record.payee_account, record)
        (repeated if known_by in seen else seen).add(known_by)
    totals.check()
    return repeated


def _is_incoming(document: BankDocument, own: frozenset[str]) -> bool:
    """Return whether it brought money from outside; what moves between our own accounts is nobody's payment."""
    return document.payee_account in own and document.payer_account not in own and document.received_on is not None


def _count_skipped(document: BankDocument, own: frozenset[str], done: BankImport) -> None:
    if document.payer_account in own or (document.spent_on is not None and document.received_on is None):
        done.outgoing += 1
    elif document.payee_account in own:
        done.pending += 1
    else:
        done.foreign += 1


def _incoming(records: Iterable[object], own: frozenset[str]) -> Iterator[BankDocument]:
    for record in records:
        if isinstance(record, BankDocument) and _is_incoming(record, own):
            yield record


def _batches(documents: Iterable[BankDocument], repeated: set[bytes]) -> Iterator[list[Group]]:
    """Yield groups of equal payments; those of more than one come last, when all of each are together."""
    equal: dict[bytes, list[BankDocument]] = {}
    batch: list[Group] = []
    for document in documents:
        known_by = identity(document.payee_account, document)
        if known_by in repeated:
            equal.setdefault(known_by, []).append(document)
            continue
        batch.append((known_by, [document]))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
    yield from ([group] for group in equal.items())


# --- booking


@dataclass
class _Booked:
    """What became of a batch; it counts only when the batch is committed."""

    taken: list[Taken] = field(default_factory=list)
    known: int = 0
    doubtful: list[Taken] = field(default_factory=list)

    def into(self, done: BankImport) -> None:
        for taken in self.taken:
            done.add(taken)
        for taken in self.doubtful:
            done.doubtful.add(taken)
        done.known += self.known


@transactional
def _open_suspense(ports: Ports) -> None:
    with ports.sessions.begin() as db:
        ledger.open_house(db, "suspense", "RUB")


@transactional
def _book(ports: Ports, batch: list[Group]) -> _Booked:
    """Credit a batch in one transaction; two imports at once take turns by the lock on suspense."""
    booked = _Booked()
    with ports.sessions.begin() as db:
        suspense = ledger.lock_purse(db, HOUSE, "suspense").account_id
        for document, name in _new_ones(ports, db, batch, booked):
            booked.taken.append(_credit(ports, db, suspense, document, name))
    return booked


@transactional
def _try(ports: Ports, batch: list[Group]) -> _Booked:
    """Say what booking would do, and do nothing."""
    booked = _Booked()
    with ports.sessions.read() as db:
        for document, _name in _new_ones(ports, db, batch, booked):
            payer = find_bank_payer(ports, db, read_purpose(document.purpose), document.payer_inn, document.amount)
            booked.taken.append(_taken(ports, document, payer, 0))
    return booked


def _new_ones(ports: Ports, db: Session, batch: list[Group], booked: _Booked) -> list[tuple[BankDocument, EventName]]:
    """Return the payments that no import booked yet, with the names they get."""
    keys: dict[str, list[str]] = {}  # by origin
    for known_by, documents in batch:
        origin = _origin(documents[0])
        keys.setdefault(origin, []).extend(payment_key(documents[0], known_by, n + 1) for n in range(len(documents)))
    taken = {(origin, key): owner for origin in keys for key, owner in bank.known(db, origin, keys[origin]).items()}
    found: list[tuple[BankDocument, EventName]] = []
    for known_by, documents in batch:
        names = [
            EventName(_origin(documents[0]), payment_key(documents[0], known_by, n + 1)) for n in range(len(documents))
        ]
        known = [(name, taken[name.origin, name.key]) for name in names if (name.origin, name.key) in taken]
        if not known:
            found.extend(zip(documents, names, strict=True))
            continue
        left = _left(db, documents, known, known_by)
        new = left[: len(documents) - len(known)]
        booked.known += len(documents) - len(new)
        booked.doubtful.extend(_doubt(ports, document) for document in left[len(new) :])
        found.extend(zip(new, names[len(known) :], strict=True))
    return found


def _left(
    db: Session, documents: list[BankDocument], known: list[tuple[EventName, int]], known_by: bytes
) -> list[BankDocument]:
    """Return the payments whose purposes are not those of the ones that are booked."""
    booked = [bank.words(db, owner_id, name) for name, owner_id in known]
    left = []
    for document in documents:
        words = words_of(document.purpose)
        if words in booked:
            booked.remove(words)
        else:
            left.append(document)
    if left and len(known) == len(documents):  # this file may mention a later one of the equal payments only
        booked += _words_beyond(db, documents[0], known_by, len(known) + 1)
        left = [document for document in left if words_of(document.purpose) not in booked]
    return left


def _words_beyond(db: Session, document: BankDocument, known_by: bytes, first: int) -> list[bytes | None]:
    found: list[bytes | None] = []
    for n in count(first):
        name = EventName(_origin(document), payment_key(document, known_by, n))
        owner_id = ledger.claimant(db, name)
        if owner_id is None:
            break
        found.append(bank.words(db, owner_id, name))
    return found


def _credit(ports: Ports, db: Session, suspense: int, document: BankDocument, name: EventName) -> Taken:
    purpose = read_purpose(document.purpose)
    payer = find_bank_payer(ports, db, purpose, document.payer_inn, document.amount)
    is_found = isinstance(payer, Payer)
    owner_id, account_id = (payer.owner_id, payer.account_id) if isinstance(payer, Payer) else (HOUSE, suspense)
    at = moment_of(document.received_on or document.day)
    posted = credit_in(ports, db, owner_id, account_id, name, document.amount, CASH, ACTOR, at)
    kept = KeptPayment(
        owner_id=owner_id,
        name=name,
        document_no=document.number,
        day=document.day,
        received_on=document.received_on or document.day,
        amount=document.amount,
        words=words_of(document.purpose),
        invoice=named_invoice(db, owner_id, purpose) if is_found else None,
        why="" if isinstance(payer, Payer) else payer.value,
        payer="" if is_found else document.payer,
        payer_inn="" if is_found else document.payer_inn,
        purpose="" if is_found else document.purpose,
    )
    keep(ports, db, kept)
    return _taken(ports, document, payer, posted.postings[0].number)


def keep(ports: Ports, db: Session, payment: KeptPayment) -> None:
    """Write a payment down, and mark the invoice it names as paid when all of its sum came."""
    bank.add(db, payment, ports.clock())
    if payment.invoice is None:
        return
    invoice = invoices.of_owner(db, payment.owner_id, payment.invoice)
    if invoice is not None and invoice.amount <= bank.paid_for(db, payment.owner_id, payment.invoice):
        invoices.end(db, payment.owner_id, payment.invoice, InvoiceState.PAID, ports.clock())


def named_invoice(db: Session, owner_id: int, purpose: Purpose) -> int | None:
    """Return the number of the owner's invoice that the purpose names."""
    if purpose.invoice is None or invoices.of_owner(db, owner_id, purpose.invoice) is None:
        return None
    return purpose.invoice


def days_since(ports: Ports, received_on: date) -> int:
    """Return how many working days ago money came."""
    return working_days(received_on, ports.today())


def _taken(ports: Ports, document: BankDocument, payer: Payer | Unmatched, number: int) -> Taken:
    days = days_since(ports, document.received_on or document.day)
    if isinstance(payer, Payer):
        return Taken(document, payer.owner_id, None, number, days)
    return Taken(document, None, payer, number, days)


def _traits(document: BankDocument) -> Traits:
    received_on = document.received_on or document.day
    return Traits(document.payer, document.payer_inn, document.purpose, document.amount, document.day, received_on)


def _doubt(ports: Ports, document: BankDocument) -> Taken:
    return Taken(document, None, None, 0, days_since(ports, document.received_on or document.day))


def _origin(document: BankDocument) -> str:
    return f"bank:{document.payee_account}"


def moment_of(day: date) -> datetime:
    """Return the moment a day's payments are said to have occurred at: statements know no hours."""
    return datetime.combine(day, time(12), OPERATOR_ZONE)
