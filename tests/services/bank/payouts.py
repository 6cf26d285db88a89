"""A payout of the acquirer, which no subscriber paid, and what suspense and house have of it."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from k5web.domain.money import Money, rub
from k5web.services.bank.statement_import import BankImport, import_statement
from k5web.services.bank.suspense import suspense
from tests.bank_files import OURS, Came, exchange
from tests.services.house import House

PAYOUT = Came("6001", rub("985.00"), "Перевод средств по договору № 5 по Реестру операций", payer="АО «Банк-эквайер»")


REASON = "payout of the acquirer"


def payout(number: str) -> Came:
    """Another one: its account differs too, else it would be doubtful."""
    return replace(PAYOUT, number=number, payer_account=f"30232810{number:0>12}")


def receive(k5: House, folder: Path, *payments: Came, dry_run: bool = False) -> BankImport:
    path = folder / "statement.txt"
    path.write_bytes(exchange(payments))
    return import_statement(k5.ports, path, [OURS], dry_run)


def waiting(k5: House, folder: Path, payment: Came = PAYOUT) -> int:
    """Bring a payment into suspense and return its number."""
    receive(k5, folder, payment)
    return suspense(k5.ports).first[-1].payment.number


def on(k5: House, house: str) -> Money:
    """What a house account has: the other side of all postings against it."""
    with k5.ports.sessions.read() as db:
        query = text("SELECT coalesce(sum(amount_minor), 0) FROM journal WHERE side = :house")
        return Money(int(db.scalar(query, {"house": house}) or 0))


def in_suspense(k5: House) -> Money:
    with k5.ports.sessions.read() as db:
        query = text("SELECT balance_minor FROM account WHERE owner_id = 0 AND purpose = 'suspense'")
        return Money(int(db.scalar(query) or 0))
