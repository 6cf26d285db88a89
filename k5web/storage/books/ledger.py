"""The ledger: a name is claimed and its postings appended in one transaction; a hold lowers what may be spent.

Nothing is edited. Locks are taken in one order everywhere: the name, then accounts by id, then holds.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Insert, Row, select
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import (
    HOUSE,
    SEQ_PER_ACCOUNT,
    Event,
    EventName,
    Hold,
    HoldState,
    Move,
    Posted,
    Posting,
    Purpose,
    Purse,
    Unit,
)
from k5web.domain.money import Money
from k5web.errors import AccountClosed, Conflict, CurrencyMismatch, InsufficientFunds, NotFound
from k5web.storage import outbox
from k5web.storage.allocator import allocate
from k5web.storage.books import ledger_sql as sql
from k5web.storage.tables import AccountRow, NameClaimRow

ACCOUNT_IDS_BELOW = 2**33
BARRED = b"barred"  # the fingerprint of a name without an event


def open_account(db: Session, owner_id: int, purpose: Purpose, unit: Unit, floor_minor: int = 0) -> int:
    """Open an empty account and return its id. Units: the floor in minor units, negative is a credit limit."""
    account_id = allocate(db, "account")
    row = {"owner": owner_id, "account": account_id, "purpose": purpose, "unit": unit, "floor": floor_minor}
    db.execute(sql.ADD_ACCOUNT, row)
    return account_id


def open_house(db: Session, purpose: Purpose, unit: Unit) -> None:
    """Open the house's own account of this purpose where it has none yet."""
    account_id = allocate(db, "account")  # takes a lock, so a second process that opens the same account waits
    row = db.execute(sql.FIND_PURSE, {"owner": HOUSE, "purpose": purpose}).first()
    if row is None:
        row_values = {"owner": HOUSE, "account": account_id, "purpose": purpose, "unit": unit, "floor": 0}
        db.execute(sql.ADD_ACCOUNT, row_values)


def purse(db: Session, owner_id: int, purpose: Purpose = "main") -> Purse:
    """Return the owner's account of this purpose. Raises: NotFound."""
    return purse_of(db.execute(sql.FIND_PURSE, {"owner": owner_id, "purpose": purpose}).one_or_none())


def purses(db: Session, owner_id: int) -> dict[Purpose, Purse]:
    """Return the accounts of an owner by their purpose, oldest first; of two of one purpose the older, as `purse`."""
    found: dict[Purpose, Purse] = {}
    for row in db.execute(sql.FIND_PURSES, {"owner": owner_id}):
        found.setdefault(row.purpose, purse_of(row))
    return found


def is_open(db: Session, owner_id: int, account_id: int) -> bool:
    """Return whether an account is there and not closed."""
    row = db.execute(sql.FIND_ACCOUNT, {"owner": owner_id, "account": account_id}).one_or_none()
    return row is not None and row.closed_at is None


def lock_purse(db: Session, owner_id: int, purpose: Purpose = "main") -> Purse:
    """Return the same and keep everybody else from moving it until the end of the transaction. Raises: NotFound."""
    return purse_of(db.execute(sql.LOCK_PURSE, {"owner": owner_id, "purpose": purpose}).one_or_none())


def lock_free(db: Session, owner_id: int, account_id: int) -> bool:
    """Lock an account until the end of the transaction; False where it is busy just now: a sweep comes again."""
    return db.execute(sql.LOCK_FREE_ACCOUNT, {"owner": owner_id, "account": account_id}).first() is not None


def charge(db: Session, event: Event, today: date, now: datetime) -> Posted:
    """Take what must be available: claim the event's name and append its postings; a known name with the same meaning
    gives the first answer.

    Raises: InsufficientFunds (it would fall below the floor), and as `record`.
    """
    return _post(db, event, sql.ADD_LINK_WITH_FUNDS, today, now)


def record(db: Session, event: Event, today: date, now: datetime) -> Posted:
    """Book a fact, also below the floor; a known name with the same meaning gives the first answer.

    Raises: Conflict (known with another meaning), AccountClosed, NotFound; then nothing was moved, and the transaction
    must be rolled back so that the name stays free.
    """
    return _post(db, event, sql.ADD_LINK, today, now)


def credit(db: Session, event: Event, today: date, now: datetime) -> Posted:
    """Book one payment that came in and have its owner told of it; a known name as in `record`. Raises: as `record`."""
    return credit_new(db, event, today, now) or _first_answer(db, event)


def credit_new(db: Session, event: Event, today: date, now: datetime) -> Posted | None:
    """Do so where the name is free; None where it is taken. Raises: AccountClosed, NotFound."""
    (move,) = event.moves
    if not _claim(db, event, now):
        return None
    posting = _link(db, sql.ADD_LINK, event, move, today)
    outbox.note_payment(db, posting, now)
    return Posted(True, (posting,))


def charge_both(db: Session, taken: Event, given: Event, today: date, now: datetime) -> tuple[Posted, Posted]:
    """Move money between two owners, all or nothing: what `taken` takes must be available, and is what `given` gives.

    Raises: InsufficientFunds, and as `record_both`.
    """
    return _post_both(db, taken, given, sql.ADD_LINK_WITH_FUNDS, today, now)


def record_both(db: Session, first: Event, second: Event, today: date, now: datetime) -> tuple[Posted, Posted]:
    """Book a fact of two owners, all or nothing; where both names are known, give both first answers.

    Raises: Conflict (one name is known with another meaning, or without the other name), and as `record`.
    """
    return _post_both(db, first, second, sql.ADD_LINK, today, now)


def settle(db: Session, event: Event, reference: str, today: date, now: datetime) -> Posted:
    """Book what a call cost and end the holds under this reference as settled; it is booked also where the hold had
    ended or was too small.

    Raises: as `record`: the talk took place.
    """
    if not _claim(db, event, now):
        return _first_answer(db, event)
    accounts = sorted({move.account_id for move in event.moves})
    held = {"owner": event.owner_id, "reference": reference}
    db.execute(sql.LOCK_HELD_ACCOUNTS, held | {"accounts": accounts})
    posted = _append(db, event, sql.ADD_LINK, today, now)
    db.execute(sql.END_HOLDS, held | {"to_state": HoldState.SETTLED, "now": now})
    return posted


def find_event(db: Session, owner_id: int, name: EventName) -> Posted | None:
    """Return what posting this event gave its owner, or None where it was never posted."""
    postings = _postings(db, owner_id, name)
    return Posted(False, postings) if postings else None


def find_by_number(db: Session, number: int) -> Posting | None:
    """Return the posting that people and providers know by this number, whoever owns it."""
    account_id, seq = divmod(number, SEQ_PER_ACCOUNT)
    if not 0 < account_id < ACCOUNT_IDS_BELOW:
        return None
    owner_id = db.scalar(select(AccountRow.owner_id).where(AccountRow.id == account_id))
    link = {"owner": owner_id, "account": account_id, "seq": seq}
    row = None if owner_id is None else db.execute(sql.FIND_LINK, link).one_or_none()
    return None if row is None else posting_of(row)


def recorded_at(db: Session, owner_id: int, name: EventName) -> datetime:
    """Return when an event that was posted came into the ledger."""
    moment: datetime = db.execute(sql.FIND_RECORDED_AT, _named(owner_id, name)).scalar_one()
    return moment


def is_known(db: Session, owner_id: int, name: EventName) -> bool:
    """Return whether the name is taken: by anybody where others give it, by this owner where we do."""
    query = sql.FIND_CLAIM if name.is_outside else sql.FIND_FINGERPRINT
    return db.execute(query, _named(owner_id, name)).first() is not None


def claimant(db: Session, name: EventName) -> int | None:
    """Return whom a name that others give credited: an owner, HOUSE where it is barred for ever, None where free."""
    row = db.execute(sql.FIND_CLAIM, _named(HOUSE, name)).one_or_none()
    return None if row is None else int(row.owner_id)


def claims(db: Session, key: str, limit: int) -> list[tuple[EventName, int]]:
    """Return the names that others gave with this key, and whom each credited."""
    found = select(NameClaimRow.origin, NameClaimRow.owner_id).where(NameClaimRow.key == key).limit(limit)
    return [(EventName(row.origin, key), row.owner_id) for row in db.execute(found)]


def bar(db: Session, name: EventName) -> bool:
    """Claim a name for nobody, so that its event can never be posted; False where it is taken."""
    row = _named(HOUSE, name) | {"fingerprint": BARRED}
    return db.execute(sql.CLAIM_OUTSIDE_NAME, row).first() is not None


def taken_back(db: Session, owner_id: int, name: EventName) -> dict[int, int]:
    """Return what reversals, refunds and chargebacks of an event moved, by account. Units: minor."""
    rows = db.execute(sql.TAKEN_BACK, _named(owner_id, name))
    return {row.account_id: int(row.taken) for row in rows}


def hold(
    db: Session, owner_id: int, account_id: int, reference: str, amount: Money, now: datetime, expires_at: datetime
) -> Hold:
    """Reserve money under a reference; the same one gets the hold it has.

    Raises: InsufficientFunds, AccountClosed, NotFound, CurrencyMismatch; nothing was held.
    """
    key = {"owner": owner_id, "account": account_id, "reference": reference}
    asked = {"amount": amount.minor, "unit": amount.currency, "now": now, "expires_at": expires_at}
    if db.execute(sql.ADD_HOLD, key | asked).first() is not None:
        return Hold(owner_id, account_id, reference, amount, HoldState.OPEN, now, expires_at)
    found = find_hold(db, owner_id, account_id, reference)
    if found is None:
        raise _refusal(db, owner_id, account_id, amount)
    return found


def find_hold(db: Session, owner_id: int, account_id: int, reference: str) -> Hold | None:
    """Return the hold under this reference in whatever state."""
    key = {"owner": owner_id, "account": account_id, "reference": reference}
    row = db.execute(sql.FIND_HOLD, key).one_or_none()
    if row is None:
        return None
    amount = Money(row.amount_minor, row.unit)
    return Hold(owner_id, account_id, reference, amount, HoldState(row.state), row.opened_at, row.expires_at)


def release(db: Session, owner_id: int, account_id: int, reference: str, now: datetime) -> bool:
    """Give a hold back; False where it had ended already, or never was."""
    _lock(db, owner_id, [account_id])
    key = {"owner": owner_id, "account": account_id, "reference": reference}
    ended = db.execute(sql.END_HOLD, key | {"to_state": HoldState.RELEASED, "now": now})
    return ended.first() is not None


def release_all(db: Session, owner_id: int, reference: str, now: datetime) -> None:
    """Give back every hold under this reference, of whatever account."""
    held = {"owner": owner_id, "reference": reference}
    db.execute(sql.LOCK_HELD_ACCOUNTS, held | {"accounts": []})
    db.execute(sql.END_HOLDS, held | {"to_state": HoldState.RELEASED, "now": now})


def overdue_holds(db: Session, now: datetime, limit: int = 100) -> list[tuple[int, int, str]]:
    """Return (owner, account, reference) of holds past their time, unlocked: `expire` looks again."""
    rows = db.execute(sql.OVERDUE_HOLDS, {"now": now, "limit": limit})
    return [(row.owner_id, row.account_id, row.call_id) for row in rows]


def expire(db: Session, owner_id: int, account_id: int, reference: str, now: datetime) -> bool:
    """End a hold whose time is over; False where it had ended, has time left, or its account is busy just now."""
    if not lock_free(db, owner_id, account_id):
        return False
    key = {"owner": owner_id, "account": account_id, "reference": reference}
    ended = db.execute(sql.END_OVERDUE_HOLD, key | {"to_state": HoldState.EXPIRED, "now": now})
    return ended.first() is not None


def _claim(db: Session, event: Event, now: datetime) -> bool:
    """Take the event's name for ever; False where it is taken, after waiting for whoever is taking it now."""
    if not event.moves:
        raise ValueError(f"{event.name} moves nothing")
    row = _named(event.owner_id, event.name) | {"fingerprint": event.fingerprint}
    if event.name.is_outside and db.execute(sql.CLAIM_OUTSIDE_NAME, row).first() is None:
        return False
    origin, key = (event.reverses.origin, event.reverses.key) if event.reverses else (None, None)
    row |= {"actor": event.actor, "occurred_at": event.occurred_at, "now": now}
    row |= {"reverses_origin": origin, "reverses_key": key}
    return db.execute(sql.CLAIM_NAME, row).first() is not None


def _first_answer(db: Session, event: Event) -> Posted:
    """Return what the event gave when it came first; a new statement, for the claiming one could not see the row."""
    query = sql.FIND_CLAIM if event.name.is_outside else sql.FIND_FINGERPRINT
    first = db.execute(query, _named(event.owner_id, event.name)).one()
    if (first.owner_id, first.fingerprint) != (event.owner_id, event.fingerprint):
        raise Conflict(origin=event.name.origin, key=event.name.key)
    return Posted(False, _postings(db, event.owner_id, event.name))


def _post(db: Session, event: Event, taking: Insert, today: date, now: datetime) -> Posted:
    """Claim the name and append the postings; `taking` is the statement for what goes out."""
    if not _claim(db, event, now):
        return _first_answer(db, event)
    accounts = {move.account_id for move in event.moves}
    if len(accounts) > 1:
        _lock(db, event.owner_id, accounts)
    return _append(db, event, taking, today, now)


def _post_both(
    db: Session, first: Event, second: Event, taking: Insert, today: date, now: datetime
) -> tuple[Posted, Posted]:
    """Claim both names, then lock the accounts of both owners in the order of their ids: no two such wait for each
    other. Each statement is for one owner still."""
    is_new = _claim(db, first, now)
    if _claim(db, second, now) != is_new:
        raise Conflict(origin=second.name.origin, key=second.name.key)
    if not is_new:
        return _first_answer(db, first), _first_answer(db, second)
    accounts = {(move.account_id, event.owner_id) for event in (first, second) for move in event.moves}
    for account_id, owner_id in sorted(accounts):
        _lock(db, owner_id, [account_id])
    return _append(db, first, taking, today, now), _append(db, second, taking, today, now)


def _append(db: Session, event: Event, taking: Insert, today: date, now: datetime) -> Posted:
    """Add a link per move, and the messages they cause; the accounts are locked already where they are several."""
    postings = []
    for move in sorted(event.moves, key=lambda move: move.account_id):
        statement = taking if move.amount < 0 else sql.ADD_LINK
        postings.append(_link(db, statement, event, move, today))
    outbox.note_crossings(db, postings, now)
    return Posted(True, tuple(postings))


def _link(db: Session, statement: Insert, event: Event, move: Move, today: date) -> Posting:
    row = _named(event.owner_id, event.name) | {"account": move.account_id, "amount": move.amount}
    row |= {"counter": move.counter, "today": today}
    added = db.execute(statement, row).one_or_none()
    if added is None:
        raise _refusal(db, event.owner_id, move.account_id, -move.amount)
    return Posting(
        owner_id=event.owner_id,
        account_id=move.account_id,
        day=added.day,
        seq=added.seq,
        amount=Money(move.amount, added.unit),
        balance=Money(added.balance_minor, added.unit),
        counter=move.counter,
        name=event.name,
    )


def _refusal(db: Session, owner_id: int, account_id: int, needed: Money | int) -> Exception:
    """Return why an account would not take part, for the caller to raise."""
    row = db.execute(sql.FIND_ACCOUNT, {"owner": owner_id, "account": account_id}).one_or_none()
    if row is None:
        return NotFound(what=f"account {account_id}")
    if row.closed_at is not None:
        return AccountClosed(account_id=account_id)
    if isinstance(needed, int):
        needed = Money(needed, row.unit)
    if needed.currency != row.unit:
        return CurrencyMismatch(left=needed.currency, right=row.unit)
    return InsufficientFunds(available=purse_of(row).available, needed=needed)


def _lock(db: Session, owner_id: int, account_ids: Collection[int]) -> None:
    """Lock the owner's accounts in the order of their ids, so that no two transactions wait for each other."""
    db.execute(sql.LOCK_ACCOUNTS, {"owner": owner_id, "accounts": sorted(account_ids)})


def _postings(db: Session, owner_id: int, name: EventName) -> tuple[Posting, ...]:
    return tuple(posting_of(row) for row in db.execute(sql.FIND_POSTINGS, _named(owner_id, name)))


def _named(owner_id: int, name: EventName) -> dict[str, Any]:
    return {"owner": owner_id, "origin": name.origin, "key": name.key}


def purse_of(row: Row[Any] | None) -> Purse:
    """Return the account of a row. Raises: NotFound where there is none."""
    if row is None:
        raise NotFound(what="account")
    unit = row.unit
    return Purse(
        owner_id=row.owner_id,
        account_id=row.id,
        balance=Money(row.balance_minor, unit),
        held=Money(row.held_minor, unit),
        floor=Money(row.floor_minor, unit),
    )


def posting_of(row: Row[Any]) -> Posting:
    """Return the posting of a row of its table."""
    return Posting(
        owner_id=row.owner_id,
        account_id=row.account_id,
        day=row.day,
        seq=row.seq,
        amount=Money(row.amount_minor, row.unit),
        balance=Money(row.balance_minor, row.unit),
        counter=row.counter,
        name=EventName(row.origin, row.key),
    )
