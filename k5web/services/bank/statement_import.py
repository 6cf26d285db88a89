"""A bank's statement becomes money: each payment credited once, to its subscriber or to suspense.

The file is read twice: first believed or refused whole, then booked, a few payments a transaction. Whoever dies in the
middle leaves nothing doubled: the same file again finds the names taken.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from k5web.domain.bank.invoice import InvoiceState
from k5web.domain.bank.payment import Unmatched, identity, words_of
from k5web.domain.bank.purpose import Purpose, read_purpose
from k5web.domain.bank.statement import BankDocument, Direction, Notes, OtherDocument, PartEnd, Record
from k5web.domain.bank.suspense import Traits
from k5web.domain.bank.totals import Audit
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.money import Money
from k5web.domain.workday import LATE_AFTER_DAYS, working_days
from k5web.errors import LargePayment, WrongSetting, WrongStatement
from k5web.services.bank import closing_rules
from k5web.services.bank.closing_rules import Matched
from k5web.services.bank.known_payments import Group, KnownPayments
from k5web.services.bank.statement_files import Progress, read_statement
from k5web.services.books.crediting import Credit, credit_in
from k5web.services.payments.payers import find_bank_payer
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage.accounts.subscribers import PayableAccount
from k5web.storage.bank import bank_payments, doubt_rows, invoice_rows
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.bank.doubt_rows import Doubt
from k5web.storage.books import ledger
from k5web.storage.session import transactional

CASH = "cash.bank"  # the house account of the money on our account at the bank
ACTOR = "job:bank"
BATCH = 100  # payments a transaction
LISTED = 1000  # of each kind; the others are counted

PAYERS_DAY_AHEAD = 1  # days
OWN_FILE = "`k5 ledger export` wrote this for 1C: the ledger has it already; import the file of the bank"
ASK = "compare it with the bank, and say --yes (K5_BANK_ASKS_ABOVE)"


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment of the file, and what became of it."""

    document: BankDocument
    owner_id: int | None  # None: nobody's yet
    why: Unmatched | None
    number: int  # of the posting, or of the doubt; 0 where there is none
    days: int  # working days since it came
    doubt: Doubt | None = None


@dataclass
class Tally:
    """Count, total and first examples of one kind of payment."""

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

    credited: Tally = field(default_factory=Tally)
    suspended: Tally = field(default_factory=Tally)
    known: int = 0
    doubtful: Tally = field(default_factory=Tally)  # as a known one but for one part; not credited
    late: Tally = field(default_factory=Tally)
    closed: Matched = field(default_factory=Matched)  # by rules, of all that waits
    outgoing: int = 0
    foreign: int = 0  # neither from nor to an account of ours
    between: int = 0  # accounts of ours
    pending: int = 0  # on its way: the bank has not received it yet
    notes: Notes = field(default_factory=Counter)  # what was read leniently
    doubts: list[str] = field(default_factory=list)  # about the file: what nothing proves

    def add(self, taken: Taken) -> None:
        """Count a payment that was booked."""
        (self.suspended if taken.why else self.credited).add(taken)
        if taken.days > LATE_AFTER_DAYS and not taken.why:
            self.late.add(taken)

    @property
    def needs_a_person(self) -> bool:
        """Return whether a payment, or the whole file, is in doubt."""
        return bool(self.doubts or self.doubtful.count)


def import_statement(
    ports: Ports,
    path: Path,
    accounts: Sequence[str],
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
    *,
    is_sure: bool = False,
    received: Money | None = None,
) -> BankImport:
    """Credit what came to our accounts by this file; without any it is the payee's, to whom receipts are made out.

    `is_sure`: of sums above the one that is asked about. `received`: what the bank says, elsewhere, that came.
    Raises: WrongFile, WrongStatement naming the line: then nothing was credited.
    """
    accounts = accounts or _payees_account(ports)
    own, done = frozenset(accounts), BankImport()
    most = None if is_sure else ports.bank_asks_above
    read_first: Progress = lambda read, total: progress(read, 2 * total)  # noqa: E731
    audit = _believe(ports, read_statement(path, own, accounts[0], done.notes, read_first), own, done, most)
    _compare(audit, received, done)
    if not dry_run:
        _open_suspense(ports)
    read_on: Progress = lambda read, total: progress(total + read, 2 * total)  # noqa: E731
    known = KnownPayments(ports, audit.known_by, lambda db, document: _payer(ports, db, document), dry_run)
    records = read_statement(path, own, accounts[0], Counter(), read_on)
    for batch in _batches((one for one in records if isinstance(one, BankDocument)), audit):
        (_try if dry_run else _book)(ports, batch, known).into(done)
    done.closed = _foresee(ports, done) if dry_run else closing_rules.apply(ports)
    return done


def _foresee(ports: Ports, done: BankImport) -> Matched:
    """Return what the rules would close of what is listed as going to suspense."""
    rules, found = closing_rules.rules(ports), Matched()
    for taken in done.suspended.first:
        match = closing_rules.match_of(rules, taken.why, _traits(taken.document), taken.document.number, 0)
        if match is not None:
            found.add(match)
    return found


def _payees_account(ports: Ports) -> Sequence[str]:
    if ports.payee is None:
        raise WrongSetting(name="K5_PAYEE", reason="must say whose account statements are of, or --account must")
    return (ports.payee.account,)


def _believe(
    ports: Ports, records: Iterable[Record], own: frozenset[str], done: BankImport, most: Money | None
) -> Audit:
    """Read the whole file, check its totals, days and sums, and count what is left out. Raises: WrongStatement."""
    audit = Audit(own, done.notes)
    today = ports.today()
    for record in records:
        audit.add(record)
        if isinstance(record, BankDocument):
            _refuse_ahead(record, today)
            if most is not None and most < record.amount:
                reason = f"{record.amount} is above {most} RUB: {ASK}"
                raise LargePayment(line=record.line, reason=reason, amount=record.amount, most=most)
        elif isinstance(record, OtherDocument):
            done.outgoing += record.direction is Direction.OUTGOING
            done.foreign += record.direction is Direction.FOREIGN
            done.between += record.direction is Direction.BETWEEN
        elif isinstance(record, PartEnd) and record.is_own:
            raise WrongStatement(line=record.line, reason=OWN_FILE)
    return audit


def _refuse_ahead(document: BankDocument, today: date) -> None:
    """Raises: WrongStatement where a day is still to come: money cannot have come then.

    A document's own day may be one ahead: it is the payer's, whose day begins up to nine hours before ours.
    """
    if document.day > today + timedelta(PAYERS_DAY_AHEAD) or (document.received_on or document.day.min) > today:
        ahead = max(document.day, document.came_on)
        raise WrongStatement(line=document.line, reason=f"{ahead:%d.%m.%Y} is still to come: today is {today:%d.%m.%Y}")


def _compare(audit: Audit, received: Money | None, done: BankImport) -> None:
    """Compare what came with the sum that a person names, which proves it as totals do. Raises: WrongStatement."""
    done.pending = audit.pending
    done.doubts = audit.doubts
    if received is None:
        return
    if received != audit.came_to:
        reason = f"{received} received as you say, {audit.came_to} by the documents of the file"
        raise WrongStatement(line=1, reason=reason)
    done.doubts = []


def _batches(documents: Iterable[BankDocument], audit: Audit) -> Iterator[list[Group]]:
    """Yield groups of equal payments; those of more than one come at the end of their part, when all are together."""
    equal: dict[bytes, Group] = {}
    batch: list[Group] = []
    part = 0
    for document in documents:
        if document.part != part or len(batch) == BATCH:
            yield batch
            batch = []
        if document.part != part:
            yield from ([group] for group in equal.values() if audit.came(group[0]))
            equal, part = {}, document.part
        known_by = identity(document)
        if (part, known_by) in audit.once:
            if known_by not in equal or (not audit.came(equal[known_by][0]) and audit.came(document)):
                equal[known_by] = [document]
        elif not audit.came(document):
            continue
        elif (part, known_by) in audit.repeated:
            equal.setdefault(known_by, []).append(document)
        else:
            batch.append([document])
    yield batch
    yield from ([group] for group in equal.values() if audit.came(group[0]))


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
def _book(ports: Ports, batch: list[Group], known: KnownPayments) -> _Booked:
    """Credit a batch in one transaction; two imports at once take turns by the lock on suspense."""
    booked = _Booked()
    with ports.sessions.begin() as db:
        suspense = ledger.lock_purse(db, HOUSE, "suspense").account_id
        found = known.sort(db, batch)
        booked.known = found.known
        for new in found.new:
            if new.ends is not None:
                doubt_rows.decide(db, new.ends.number, "credited", ACTOR, ports.clock())
            payer_hash = known.payer_hash(new.document)
            booked.taken.append(credit_document(ports, db, suspense, new.document, new.name, payer_hash))
        for document, doubt in found.doubtful:
            number = doubt.number or doubt_rows.add(db, doubt, ports.clock())
            booked.doubtful.append(_doubtful(ports, document, replace(doubt, number=number)))
    return booked


@transactional
def _try(ports: Ports, batch: list[Group], known: KnownPayments) -> _Booked:
    """Say what booking would do, and do nothing."""
    booked = _Booked()
    with ports.sessions.read() as db:
        found = known.sort(db, batch)
        booked.known = found.known
        booked.taken = [_taken(ports, new.document, _payer(ports, db, new.document), 0) for new in found.new]
        booked.doubtful = [_doubtful(ports, document, doubt) for document, doubt in found.doubtful]
    return booked


def _payer(ports: Ports, db: Session, document: BankDocument) -> PayableAccount | Unmatched:
    """Return whom a payment is for. A number that pieces of the purpose may have cut must name nobody else unglued."""
    inn, amount = document.payer_inn, document.amount
    found = find_bank_payer(ports, db, read_purpose(document.purpose), inn, amount)
    if not document.purpose_apart or not isinstance(found, PayableAccount):
        return found
    apart = read_purpose(document.purpose_apart)
    for subscriber_id in apart.subscriber_ids or (None,):
        ids = () if subscriber_id is None else (subscriber_id,)
        other = find_bank_payer(ports, db, replace(apart, subscriber_ids=ids, is_unclear=False), inn, amount)
        if isinstance(other, PayableAccount) and other != found:
            return Unmatched.SEVERAL
    return found


def credit_document(
    ports: Ports, db: Session, suspense: int, document: BankDocument, name: EventName, payer_hash: bytes
) -> Taken:
    """Credit one payment, in the caller's transaction, to whom it is for, or to suspense."""
    purpose = read_purpose(document.purpose)
    payer = _payer(ports, db, document)
    is_found = isinstance(payer, PayableAccount)
    owner_id, account_id = (
        (payer.owner_id, payer.account_id) if isinstance(payer, PayableAccount) else (HOUSE, suspense)
    )
    at = moment_of(min(document.came_on, ports.today()))
    posted = credit_in(ports, db, Credit(owner_id, account_id, name, document.amount, CASH, ACTOR, at))
    kept = KeptPayment(
        owner_id=owner_id,
        name=name,
        document_no=document.number,
        day=document.day,
        received_on=document.came_on,
        amount=document.amount,
        words=words_of(document.purpose),
        invoice=named_invoice(db, owner_id, purpose) if is_found else None,
        why="" if isinstance(payer, PayableAccount) else payer.value,
        payer="" if is_found else document.payer,
        payer_inn="" if is_found else document.payer_inn,
        purpose="" if is_found else document.purpose,
        payer_hash=payer_hash,
        payer_bic=document.payer_bic,
    )
    keep(ports, db, kept)
    return _taken(ports, document, payer, posted.postings[0].number)


def keep(ports: Ports, db: Session, payment: KeptPayment) -> None:
    """Write a payment down, and mark the invoice it names as paid when all of its sum came."""
    bank_payments.add(db, payment, ports.clock())
    if payment.invoice is None:
        return
    invoice = invoice_rows.of_owner(db, payment.owner_id, payment.invoice)
    if invoice is not None and invoice.amount <= bank_payments.paid_for(db, payment.owner_id, payment.invoice):
        invoice_rows.end(db, payment.owner_id, payment.invoice, InvoiceState.PAID, ports.clock())


def named_invoice(db: Session, owner_id: int, purpose: Purpose) -> int | None:
    """Return the number of the owner's invoice that the purpose names."""
    if purpose.invoice is None or invoice_rows.of_owner(db, owner_id, purpose.invoice) is None:
        return None
    return purpose.invoice


def days_since(ports: Ports, received_on: date) -> int:
    """Return how many working days ago money came."""
    return working_days(received_on, ports.today())


def _taken(ports: Ports, document: BankDocument, payer: PayableAccount | Unmatched, number: int) -> Taken:
    days = days_since(ports, document.came_on)
    if isinstance(payer, PayableAccount):
        return Taken(document, payer.owner_id, None, number, days)
    return Taken(document, None, payer, number, days)


def _traits(document: BankDocument) -> Traits:
    came_on = document.came_on
    return Traits(document.payer, document.payer_inn, document.purpose, document.amount, document.day, came_on)


def _doubtful(ports: Ports, document: BankDocument, doubt: Doubt) -> Taken:
    return Taken(document, None, None, doubt.number, days_since(ports, document.came_on), doubt)


def moment_of(day: date) -> datetime:
    """Return the moment a day's payments are said to have occurred at: statements know no hours."""
    return datetime.combine(day, time(12), OPERATOR_ZONE)
