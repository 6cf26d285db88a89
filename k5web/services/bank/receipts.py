"""Receipts for paying at a bank: to whose account, with what of theirs already filled in."""

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.bank import receipt
from k5web.domain.bank.receipt import Printed, Receipt
from k5web.domain.money import Money
from k5web.errors import NotFound
from k5web.services.ports import Ports
from k5web.storage.bank import receipt_rows
from k5web.storage.session import transactional

MOST_A_DAY = 20  # are listed; more than these can still be printed


def are_for(ports: Ports, payer: Subscriber | None) -> bool:
    """Return whether this subscriber, or anybody at all, may pay by a receipt: it is in roubles."""
    return ports.payee is not None and (payer is None or payer.currency == receipt.CURRENCY)


def make(ports: Ports, payer: Subscriber, amount: Money | None) -> Receipt:
    """Return the receipt to the subscriber's own account; without a sum it is left to the pen.

    Raises: NotFound, SumOutsideLimits, NotPrintable.
    """
    if ports.payee is None or not are_for(ports, payer):
        raise NotFound(what="such way to pay")
    return receipt.make(ports.payee, str(payer.id), amount, payer.name)


@transactional
def note_printed(ports: Ports, made: Receipt) -> None:
    """Keep for the subscriber's list that this receipt was printed today; printed again it is the same."""
    owner_id, today = int(made.account), ports.today()
    with ports.sessions.begin() as db:
        if sum(printed.day == today for printed in receipt_rows.newest(db, owner_id, MOST_A_DAY)) < MOST_A_DAY:
            receipt_rows.add(db, owner_id, Printed(today, made.amount), ports.clock())
