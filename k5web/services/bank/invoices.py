"""Invoices to organisations: made out once per form, numbered without gaps, paid by the import of statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.bank.invoice import Buyer, Contract, Invoice, InvoiceState, check_amount
from k5web.domain.bank.receipt import Printed, paid_by
from k5web.domain.money import Money
from k5web.errors import NotFound, TooMany
from k5web.services.bank.receipts import are_for
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage import allocator
from k5web.storage.accounts import subscribers
from k5web.storage.bank import bank_payments, invoice_rows, receipt_rows
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.books import ledger
from k5web.storage.session import transactional

MOST_OPEN = 20  # a subscriber's at once: numbers without gaps are not to be wasted
SHOWN = 100


@dataclass(frozen=True, slots=True)
class BankPapers:
    """A subscriber's invoices, printed receipts and what came through the bank, newest first."""

    invoices: Sequence[Invoice]
    receipts: Sequence[tuple[Printed, KeptPayment | None]]  # each with the payment that came by it
    payments: Sequence[tuple[KeptPayment, Printed | None]]  # each with the receipt it came by


@transactional
def make(ports: Ports, payer: Subscriber, amount: Money, buyer: Buyer, form_key: str) -> Invoice:
    """Make out an invoice; the same form gets the same one again. Raises: NotFound, SumOutsideLimits, TooMany."""
    if ports.payee is None or not are_for(ports, payer):
        raise NotFound(what="such way to pay")
    check_amount(amount)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, payer.id)  # a form that is sent twice at once waits here
        made = invoice_rows.by_form_key(db, payer.id, form_key)
        if made is not None:
            return made
        open_ones = [one for one in invoice_rows.newest(db, payer.id, SHOWN) if one.state is InvoiceState.OPEN]
        if len(open_ones) >= MOST_OPEN:
            raise TooMany(limit=MOST_OPEN)
        since = subscribers.registered_at(db, payer.id).astimezone(OPERATOR_ZONE).date()
        invoice = Invoice(
            owner_id=payer.id,
            number=allocator.allocate(db, "invoice"),
            day=ports.today(),
            amount=amount,
            contract=Contract.of(payer.id, since),
            buyer=buyer,
            vat=ports.payee.vat,
        )
        invoice_rows.add(db, invoice, form_key, ports.clock())
    return invoice


@transactional
def find(ports: Ports, owner_id: int, number: int) -> Invoice:
    """Return an invoice of this owner's. Raises: NotFound."""
    with ports.sessions.read() as db:
        found = NotFound.unless(invoice_rows.of_owner(db, owner_id, number), f"invoice {number}")
    return found


@transactional
def papers(ports: Ports, owner_id: int) -> BankPapers:
    """Return what a subscriber has to do with the bank."""
    with ports.sessions.read() as db:
        made, printed = invoice_rows.newest(db, owner_id, SHOWN), receipt_rows.newest(db, owner_id, SHOWN)
        payments = bank_payments.of_owner(db, owner_id, SHOWN)
    free = [payment for payment in payments if payment.invoice is None]
    came_by = paid_by(printed, [(payment.received_on, payment.amount) for payment in free])
    receipt_of = {free[place].name: printed[at] for place, at in came_by.items()}
    payment_of = {at: free[place] for place, at in came_by.items()}
    return BankPapers(
        made,
        [(one, payment_of.get(at)) for at, one in enumerate(printed)],
        [(payment, receipt_of.get(payment.name)) for payment in payments],
    )


@transactional
def cancel(ports: Ports, owner_id: int, number: int) -> Invoice:
    """Take an open invoice back; its number stays taken. One that is paid stays paid. Raises: NotFound."""
    with ports.sessions.begin() as db:
        invoice_rows.end(db, owner_id, number, InvoiceState.CANCELLED, ports.clock())
    return find(ports, owner_id, number)
