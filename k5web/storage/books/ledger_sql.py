"""The statements of the money path: Core, portable to both databases, each one for one owner.

`owner_id` is in all of them, so one owner's money may lie on one node of many; none locks rows of several owners.
"""

from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Executable,
    Insert,
    Select,
    Table,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from k5web.storage.sql import OneOf, insert_or_nothing, same_event
from k5web.storage.tables import (
    AccountRow,
    ClosedDayRow,
    HoldRow,
    NameClaimRow,
    PostingRow,
    TransactionRow,
)

ACCOUNT = cast(Table, AccountRow.__table__)
CLAIM = cast(Table, NameClaimRow.__table__)
TRANSACTION = cast(Table, TransactionRow.__table__)
POSTING = cast(Table, PostingRow.__table__)
HOLD = cast(Table, HoldRow.__table__)

OPEN: ColumnElement[str] = literal_column("'open'")  # written out: the partial indexes are found by it

# Not named like columns: an UPDATE would take them for new values
_OWNER = bindparam("owner", type_=ACCOUNT.c.owner_id.type)
_ACCOUNT = bindparam("account", type_=ACCOUNT.c.id.type)
_PURPOSE = bindparam("purpose", type_=ACCOUNT.c.purpose.type)
_UNIT = bindparam("unit", type_=ACCOUNT.c.unit.type)
_AMOUNT = bindparam("amount", type_=POSTING.c.amount_minor.type)
_TODAY = bindparam("today", type_=POSTING.c.day.type)
_ORIGIN = bindparam("origin", type_=POSTING.c.origin.type)
_KEY = bindparam("key", type_=POSTING.c.key.type)
_FINGERPRINT = bindparam("fingerprint", type_=CLAIM.c.fingerprint.type)
_REFERENCE = bindparam("reference", type_=HOLD.c.call_id.type)
_NOW = bindparam("now", type_=HOLD.c.opened_at.type)
_STATE = bindparam("to_state", type_=HOLD.c.state.type)

_THE_ACCOUNT = (ACCOUNT.c.owner_id == _OWNER, ACCOUNT.c.id == _ACCOUNT)
_THE_HOLD = (HOLD.c.owner_id == _OWNER, HOLD.c.account_id == _ACCOUNT, HOLD.c.call_id == _REFERENCE)
_AVAILABLE = ACCOUNT.c.balance_minor - ACCOUNT.c.held_minor - ACCOUNT.c.floor_minor


class _InsertPosting(Insert):
    """An insert whose target has an alias on PostgreSQL: Citus needs one to return columns, SQLite cannot have one."""

    inherit_cache = True


@compiles(_InsertPosting, "postgresql")
def _with_alias(statement: _InsertPosting, compiler: SQLCompiler, **kw: Any) -> str:
    sql: str = compiler.visit_insert(statement, **kw)  # type: ignore[no-untyped-call]
    return sql.replace("INSERT INTO posting (", "INSERT INTO posting AS posting (", 1)


# --- accounts

ADD_ACCOUNT = insert(ACCOUNT).values(
    owner_id=_OWNER, id=_ACCOUNT, purpose=_PURPOSE, unit=_UNIT, floor_minor=bindparam("floor")
)

_SEEN = [
    ACCOUNT.c[name] for name in ("owner_id", "id", "unit", "balance_minor", "held_minor", "floor_minor", "closed_at")
]
FIND_ACCOUNT = select(*_SEEN).where(*_THE_ACCOUNT)

FIND_PURSE = (
    select(*_SEEN).where(ACCOUNT.c.owner_id == _OWNER, ACCOUNT.c.purpose == _PURPOSE).order_by(ACCOUNT.c.id).limit(1)
)
FIND_PURSES: Select[Any] = select(*_SEEN, ACCOUNT.c.purpose).where(ACCOUNT.c.owner_id == _OWNER).order_by(ACCOUNT.c.id)
LOCK_PURSE = FIND_PURSE.with_for_update(key_share=True)

LOCK_ACCOUNTS = (
    select(ACCOUNT.c.id)
    .where(ACCOUNT.c.owner_id == _OWNER, OneOf(ACCOUNT.c.id, "accounts"))
    .order_by(ACCOUNT.c.id)
    .with_for_update(key_share=True)
)
# Of several owners, for batches: one commit for many small events. On Citus a batch is of one owner (docs/ledger.md)
_OWNERS = OneOf(ACCOUNT.c.owner_id, "owners")
_IN_BATCH = (
    select(*_SEEN, ACCOUNT.c.purpose, ACCOUNT.c.last_seq, ACCOUNT.c.last_day).where(_OWNERS).order_by(ACCOUNT.c.id)
)
LOCK_MAINS = _IN_BATCH.where(ACCOUNT.c.purpose == "main").with_for_update(key_share=True)
LOCK_FREE_MAINS = _IN_BATCH.where(ACCOUNT.c.purpose == "main").with_for_update(key_share=True, skip_locked=True)
LOCK_OTHERS = _IN_BATCH.where(ACCOUNT.c.purpose != "main").with_for_update(key_share=True)

LOCK_FREE_ACCOUNT = select(ACCOUNT.c.id).where(*_THE_ACCOUNT).with_for_update(key_share=True, skip_locked=True)

# The accounts a call is charged to and those it is held on
LOCK_HELD_ACCOUNTS = (
    select(ACCOUNT.c.id)
    .where(
        ACCOUNT.c.owner_id == _OWNER,
        or_(
            OneOf(ACCOUNT.c.id, "accounts"),
            ACCOUNT.c.id.in_(
                select(HOLD.c.account_id).where(
                    HOLD.c.owner_id == _OWNER, HOLD.c.call_id == _REFERENCE, HOLD.c.state == OPEN
                )
            ),
        ),
    )
    .order_by(ACCOUNT.c.id)
    .with_for_update(key_share=True)
)

# --- events

CLAIM_OUTSIDE_NAME = (
    insert_or_nothing(CLAIM, "key", "origin")
    .values(key=_KEY, origin=_ORIGIN, owner_id=_OWNER, fingerprint=_FINGERPRINT)
    .returning(CLAIM.c.key)
)
FIND_CLAIM = select(CLAIM.c.owner_id, CLAIM.c.fingerprint).where(CLAIM.c.key == _KEY, CLAIM.c.origin == _ORIGIN)

CLAIM_NAME = (
    insert_or_nothing(TRANSACTION, "owner_id", "origin", "key")
    .values(
        owner_id=_OWNER,
        origin=_ORIGIN,
        key=_KEY,
        fingerprint=_FINGERPRINT,
        actor=bindparam("actor"),
        occurred_at=bindparam("occurred_at"),
        recorded_at=_NOW,
        reverses_origin=bindparam("reverses_origin"),
        reverses_key=bindparam("reverses_key"),
    )
    .returning(TRANSACTION.c.key)
)
CLAIM_NAMES = insert_or_nothing(TRANSACTION, "owner_id", "origin", "key").returning(
    TRANSACTION.c.owner_id, TRANSACTION.c.origin, TRANSACTION.c.key
)
FIND_FINGERPRINT = select(TRANSACTION.c.owner_id, TRANSACTION.c.fingerprint).where(
    TRANSACTION.c.owner_id == _OWNER, TRANSACTION.c.origin == _ORIGIN, TRANSACTION.c.key == _KEY
)
FIND_RECORDED_AT = select(TRANSACTION.c.recorded_at).where(
    TRANSACTION.c.owner_id == _OWNER, TRANSACTION.c.origin == _ORIGIN, TRANSACTION.c.key == _KEY
)
FIND_POSTINGS = (
    select(POSTING)
    .where(POSTING.c.owner_id == _OWNER, POSTING.c.origin == _ORIGIN, POSTING.c.key == _KEY)
    .order_by(POSTING.c.account_id, POSTING.c.seq)
)

FIND_LINK = select(POSTING).where(
    POSTING.c.owner_id == _OWNER,
    POSTING.c.account_id == _ACCOUNT,
    POSTING.c.seq == bindparam("seq", type_=POSTING.c.seq.type),
)

# What corrections took back from an event, by account
TAKEN_BACK = (
    select(POSTING.c.account_id, func.sum(POSTING.c.amount_minor).label("taken"))
    .join_from(TRANSACTION, POSTING, same_event(POSTING.c, TRANSACTION.c))
    .where(
        TRANSACTION.c.owner_id == _OWNER,
        TRANSACTION.c.reverses_origin == _ORIGIN,
        TRANSACTION.c.reverses_key == _KEY,
    )
    .group_by(POSTING.c.account_id)
)


# The first day that is not closed; nothing where none ever was. The table is small and the same on every node
FIRST_OPEN_DAY = select(func.max(ClosedDayRow.next_day))
_FIRST_OPEN = FIRST_OPEN_DAY.scalar_subquery()
_OPEN_TODAY = case((_FIRST_OPEN > _TODAY, _FIRST_OPEN), else_=_TODAY)


def _link(*funds: Any) -> Insert:
    """The next link of the account's chain. The row lock makes the next reader wait for this commit, so that no two
    links are computed from one state of the account."""
    source: Select[Any] = (
        select(
            ACCOUNT.c.owner_id,
            ACCOUNT.c.id,
            case((ACCOUNT.c.last_day > _OPEN_TODAY, ACCOUNT.c.last_day), else_=_OPEN_TODAY),  # a day never goes back
            ACCOUNT.c.last_seq + 1,
            ACCOUNT.c.unit,
            _AMOUNT,
            ACCOUNT.c.balance_minor + _AMOUNT,
            bindparam("counter", type_=POSTING.c.counter.type),
            _ORIGIN,
            _KEY,
        )
        .where(*_THE_ACCOUNT, ACCOUNT.c.closed_at.is_(None), *funds)
        .with_for_update(key_share=True)
    )
    columns = [column.name for column in POSTING.c]
    found = (POSTING.c.day, POSTING.c.seq, POSTING.c.unit, POSTING.c.balance_minor)
    return _InsertPosting(POSTING).from_select(columns, source).returning(*found)


ADD_LINK = _link()  # reports a fact: booked even below the floor
ADD_LINK_WITH_FUNDS = _link(_AVAILABLE + _AMOUNT >= 0)  # asks permission

# Links whose accounts are locked and were read: the triggers hold them to the chain all the same
ADD_LINKS = _InsertPosting(POSTING).returning(POSTING.c.seq)

# --- holds

# Without the row lock simultaneous reserves all see the same money
ADD_HOLD: Executable = (
    insert_or_nothing(HOLD, "owner_id", "account_id", "call_id")
    .from_select(
        ["owner_id", "account_id", "call_id", "amount_minor", "opened_at", "expires_at"],
        select(
            ACCOUNT.c.owner_id,
            ACCOUNT.c.id,
            _REFERENCE,
            _AMOUNT,
            _NOW,
            bindparam("expires_at", type_=HOLD.c.expires_at.type),
        )
        .where(
            *_THE_ACCOUNT,
            ACCOUNT.c.closed_at.is_(None),
            ACCOUNT.c.unit == _UNIT,
            _AVAILABLE >= _AMOUNT,
        )
        .with_for_update(key_share=True),
        include_defaults=False,
    )
    .returning(literal_column("1"))  # not a column: Citus would ask for an alias
)
FIND_HOLD = select(HOLD, ACCOUNT.c.unit).join_from(HOLD, ACCOUNT).where(*_THE_HOLD, ACCOUNT.c.owner_id == _OWNER)

_END = update(HOLD).values(state=_STATE, closed_at=_NOW).returning(HOLD.c.call_id)
END_HOLD = _END.where(*_THE_HOLD, HOLD.c.state == OPEN)
END_OVERDUE_HOLD = END_HOLD.where(HOLD.c.expires_at <= _NOW)
END_HOLDS = _END.where(HOLD.c.owner_id == _OWNER, HOLD.c.call_id == _REFERENCE, HOLD.c.state == OPEN)

# The sweep's list: of all owners, hence never locked; each one is looked at again under its owner's lock
OVERDUE_HOLDS = (
    select(HOLD.c.owner_id, HOLD.c.account_id, HOLD.c.call_id)
    .where(HOLD.c.state == OPEN, HOLD.c.expires_at <= _NOW)
    .order_by(HOLD.c.expires_at)
    .limit(bindparam("limit"))
)
