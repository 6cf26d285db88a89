"""Events of several owners in one transaction: their accounts are locked and read once, and all is written together.

A fee costs its share of three statements instead of several of its own. What is booked here is driven by a state that
lies under the same locks, so no name may be known already: one that is refuses the whole batch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, Move, Posting, Purpose, Purse, Unit
from k5web.domain.money import Money
from k5web.errors import AccountClosed, Conflict, InsufficientFunds
from k5web.storage import outbox
from k5web.storage.books import ledger
from k5web.storage.books import ledger_sql as sql
from k5web.storage.sql import insert_all


@dataclass(slots=True)
class _Account:
    """An account under lock, as it will be when the batch is written."""

    purse: Purse
    last_seq: int
    last_day: date
    is_closed: bool


class LedgerBatch:
    """Accounts of some owners under lock, and what is booked on them."""

    def __init__(self, db: Session, owner_ids: Iterable[int], today: date, now: datetime, waits: bool = True) -> None:
        """Lock the accounts. Owners without a main account are left out; so are busy ones, unless it `waits`."""
        self._db, self._now = db, now
        self._accounts: dict[int, _Account] = {}
        self._ids: dict[tuple[int, Purpose], int] = {}
        self._events: list[Event] = []
        self._postings: list[Posting] = []
        lock_mains = sql.LOCK_MAINS if waits else sql.LOCK_FREE_MAINS
        self._note(db.execute(lock_mains, {"owners": list(owner_ids)}).all())
        self.owners = sorted(owner_id for owner_id, _ in self._ids)
        if self.owners:
            self._note(db.execute(sql.LOCK_OTHERS, {"owners": self.owners}).all())
        self._today = max(today, db.scalar(sql.FIRST_OPEN_DAY) or today)

    def purse(self, owner_id: int, purpose: Purpose = "main") -> Purse | None:
        """Return an account as it will be, None where there is none of this purpose."""
        account_id = self._ids.get((owner_id, purpose))
        return None if account_id is None else self._accounts[account_id].purse

    def is_closed(self, owner_id: int, purpose: Purpose = "main") -> bool:
        """Return whether nothing can be booked any more on an account that is there."""
        return self._accounts[self._ids[owner_id, purpose]].is_closed

    def open(self, owner_id: int, purpose: Purpose, unit: Unit) -> Purse:
        """Open an empty account."""
        account_id = ledger.open_account(self._db, owner_id, purpose, unit)
        nothing = Money(0, unit)
        purse = Purse(owner_id, account_id, nothing, nothing, nothing)
        self._ids[owner_id, purpose] = account_id
        self._accounts[account_id] = _Account(purse, 0, date.min, False)
        return purse

    def charge(self, event: Event) -> None:
        """Take what must be available. Raises: InsufficientFunds, AccountClosed; then nothing is booked."""
        for move in event.moves:
            purse = self._accounts[move.account_id].purse
            needed = Money(-move.amount, purse.balance.currency)
            if move.amount < 0 and purse.available < needed:
                raise InsufficientFunds(available=purse.available, needed=needed)
        self.record(event)

    def record(self, event: Event) -> None:
        """Book a fact. Raises: AccountClosed; then nothing is booked."""
        closed = [move.account_id for move in event.moves if self._accounts[move.account_id].is_closed]
        if closed:
            raise AccountClosed(account_id=closed[0])
        self._events.append(event)
        self._postings += [self._link(event, move) for move in event.moves]

    def write(self) -> None:
        """Claim the names and append the postings, in their order. Raises: Conflict (a name is known)."""
        events, postings = self._events, self._postings
        if not events:
            return
        self._events, self._postings = [], []
        claimed = {tuple(row) for row in insert_all(self._db, sql.CLAIM_NAMES, [self._name(each) for each in events])}
        for event in events:
            if (event.owner_id, event.name.origin, event.name.key) not in claimed:
                raise Conflict(origin=event.name.origin, key=event.name.key)
        insert_all(self._db, sql.ADD_LINKS, [_row(posting) for posting in postings])
        mains = {account_id for (_, purpose), account_id in self._ids.items() if purpose == "main"}
        outbox.note_crossings(self._db, [each for each in postings if each.account_id in mains], self._now)

    def _note(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self._ids.setdefault((row.owner_id, row.purpose), row.id)
            self._accounts[row.id] = _Account(
                ledger.purse_of(row), row.last_seq, row.last_day, row.closed_at is not None
            )

    def _link(self, event: Event, move: Move) -> Posting:
        """Return the next link of an account's chain and move the account on. A day never goes back."""
        account = self._accounts[move.account_id]
        old = account.purse
        amount = Money(move.amount, old.balance.currency)
        account.last_seq += 1
        account.last_day = max(self._today, account.last_day)
        account.purse = Purse(old.owner_id, old.account_id, old.balance + amount, old.held, old.floor)
        return Posting(
            event.owner_id,
            move.account_id,
            account.last_day,
            account.last_seq,
            amount,
            account.purse.balance,
            move.counter,
            event.name,
        )

    def _name(self, event: Event) -> dict[str, Any]:
        return {
            "owner_id": event.owner_id,
            "origin": event.name.origin,
            "key": event.name.key,
            "fingerprint": event.fingerprint,
            "actor": event.actor,
            "occurred_at": event.occurred_at,
            "recorded_at": self._now,
        }


def _row(posting: Posting) -> dict[str, Any]:
    return {
        "owner_id": posting.owner_id,
        "account_id": posting.account_id,
        "day": posting.day,
        "seq": posting.seq,
        "unit": posting.amount.currency,
        "amount_minor": posting.amount.minor,
        "balance_minor": posting.balance.minor,
        "counter": posting.counter,
        "origin": posting.name.origin,
        "key": posting.name.key,
    }
