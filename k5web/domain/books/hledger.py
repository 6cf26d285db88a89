"""The journal as plain-text accounting: what hledger reads (hledger.org/1.25/hledger.html#journal-format).

What K5 owes is below zero there, what it is owed above: the sign of every posting is turned. Each posting of the ledger
has both sides, so each is an entry of its own, with the balance that the ledger has after it as an assertion.
"""

import re
from collections.abc import Iterator
from datetime import date

from k5web.domain.books.journal import JournalLine, Opening, shown_name
from k5web.domain.books.ledger import HOUSE, Purpose
from k5web.domain.money import CURRENCIES, Money

OPENING = "equity:opening balances"
_PLACES = {  # of house accounts; those of what providers owe stand under their own codes
    "sale.call": "income:sale:call",
    "sale.fee": "income:sale:fee",
    "sale.order": "income:sale:order",
    "gift": "expenses:gift",
    "expired": "income:expired",
    "refund": "assets:refund",
    "loss": "expenses:loss",
    "fx": "equity:fx",
    "opening": "equity:opening",
    "transfer": "equity:transfer",
}
_KEPT = ("assets:", "liabilities:", "equity:")  # begin a period with what they had; income and expenses begin anew
_TYPES = {"assets": "A", "liabilities": "L", "equity": "E", "income": "R", "expenses": "X"}
_STRANGE = re.compile(r"[^\w .:#@/+*=-]|(?<= ) +")  # what parts a description, a comment or a tag, or hides in one


def head(first: date, last: date) -> Iterator[str]:
    """Yield what stands above everything: the currencies and the kinds of accounts."""
    yield f"; K5's ledger from {first} to {last}, both days included; days of Moscow"
    yield "decimal-mark ."
    for currency in sorted(CURRENCIES):
        yield f"commodity 1000.00 {currency}"
    for account, kind in _TYPES.items():
        yield f"account {account}  ; type:{kind}"
    yield f"account {OPENING}"


def purse_name(owner_id: int, purpose: Purpose) -> str:
    """Return what a purse is called: `liabilities:subscribers:8841:main`, `liabilities:suspense`."""
    if owner_id == HOUSE:
        return "liabilities:suspense" if purpose == "suspense" else f"assets:{purpose}"
    return f"liabilities:subscribers:{owner_id}:{purpose}"


def house_name(counter: str) -> str:
    """Return what a house account is called: `assets:cash:bank`, `income:sale:call`."""
    return _PLACES.get(counter) or f"assets:{counter.replace('.', ':')}"


def opening(first: date, account: str, balance: Money) -> Iterator[str]:
    """Yield the declaration of an account and, where it keeps something from before, the entry it begins with.

    Units: the balance as hledger has it, below zero where it is owed.
    """
    yield f"account {account}"
    if balance.minor and account.startswith(_KEPT):
        yield ""
        yield f"{first} opening balance"
        yield _posting(account, balance, balance)
        yield _posting(OPENING, -balance)
        yield ""


def purse_opening(first: date, found: Opening) -> Iterator[str]:
    """Yield the same for a purse."""
    return opening(first, purse_name(found.owner_id, found.purpose), -found.balance)


def entry(line: JournalLine) -> Iterator[str]:
    """Yield a posting as an entry: its code is the number of the payment, its description the event's name."""
    posting = line.posting
    reverses = f"  ; reverses:{_plain(shown_name(line.reverses))}" if line.reverses else ""
    yield ""
    yield f"{posting.day} ({posting.number}) {_plain(shown_name(posting.name))}{reverses}"
    yield _posting(purse_name(posting.owner_id, line.purpose), -posting.amount, -posting.balance)
    yield _posting(house_name(posting.counter), posting.amount)


def _posting(account: str, amount: Money, balance: Money | None = None) -> str:
    asserted = f" = {balance} {balance.currency}" if balance else ""
    return f"    {account}  {amount} {amount.currency}{asserted}"


def _plain(text: str) -> str:
    return _STRANGE.sub("_", text).strip()
