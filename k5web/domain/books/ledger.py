"""The ledger's values: names of events, moves, postings, holds, and what must be true of them."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from k5web.domain.money import Money

HOUSE = 0  # owner_id of the house itself

Unit = Literal["RUB", "KGS", "SEC", "SMS", "KB"]
Purpose = str  # main, suspense, bank, or "allowance:<code>": what an account is for

SEQ_PER_ACCOUNT = 10**9  # room for the postings of one account in a payment number
OUTSIDE_ORIGINS = ("bank", "chargeback")  # beside those of connectors, which have a colon


@dataclass(frozen=True, slots=True)
class EventName:
    """What an event is called, for ever: whoever repeats it gets the first answer (docs/ledger.md)."""

    origin: str  # <connector>:<partner>, call, fee, reversal …
    key: str

    def __str__(self) -> str:
        return f"{self.origin} {self.key}"

    @property
    def is_outside(self) -> bool:
        """True for names that others give: they are claimed once in the whole of K5 (docs/ledger.md)."""
        return ":" in self.origin or self.origin in OUTSIDE_ORIGINS


@dataclass(frozen=True, slots=True)
class Move:
    """One posting to be made. Units: minor units; above zero credits the account."""

    account_id: int
    amount: int
    counter: str  # the house account opposite, e.g. "sale.call"


@dataclass(frozen=True, slots=True)
class Event:
    """A named event and the moves it makes: one owner, one transaction, all or nothing."""

    owner_id: int
    name: EventName
    moves: tuple[Move, ...]
    actor: str  # connector:<code>, job:fees, staff:17, subscriber:8841
    occurred_at: datetime
    reverses: EventName | None = None

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of what the event means; a repeat must have the same one. When it occurred is not part of it:
        providers repeat a notice with a fresh clock."""
        meaning = [f"v1|{self.owner_id}|{self.reverses or ''}"]
        meaning += [f"{move.account_id}|{move.amount}|{move.counter}" for move in self.moves]
        return hashlib.sha256("\n".join(meaning).encode()).digest()


@dataclass(frozen=True, slots=True)
class Posting:
    """One immutable move: link `seq` of the account's chain, with the balance after it."""

    owner_id: int
    account_id: int
    day: date
    seq: int
    amount: Money
    balance: Money
    counter: str
    name: EventName

    @property
    def number(self) -> int:
        """The payment number people and providers see: digits, unique, stable (docs/ledger.md)."""
        return self.account_id * SEQ_PER_ACCOUNT + self.seq


@dataclass(frozen=True, slots=True)
class Posted:
    """What posting an event gave. `is_new` is False when the name was known with the same meaning."""

    is_new: bool
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Purse:
    """An account as its owner sees it: the balance, what is reserved, what may be spent."""

    owner_id: int
    account_id: int
    balance: Money
    held: Money
    floor: Money

    @property
    def available(self) -> Money:
        """What a call or a purchase may still take."""
        return self.balance - self.held - self.floor


class HoldState(StrEnum):
    """A hold ends exactly once."""

    OPEN = "open"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Hold:
    """A reservation for a call or a refund: not money, it only lowers what may be spent."""

    owner_id: int
    account_id: int
    reference: str  # the call's id, or "refund <key>"
    amount: Money
    state: HoldState
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Breach:
    """A row that breaks an invariant, for people: which rule, where, what was found."""

    invariant: str  # "I1"
    where: str
    found: str
