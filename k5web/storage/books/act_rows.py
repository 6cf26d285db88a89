"""Acts in the database: charges of a month, acts as they were made out, originals that are wanted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.books.act import Act, ActLine, Charge, Operator, address_of
from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import next_month
from k5web.domain.books.service import AGAIN, CORRECTED, REVERSAL, SALE, ServiceKind
from k5web.domain.money import Money
from k5web.storage.sql import OneOf, be_patient, count_changed, insert_or_nothing, one_at_a_time
from k5web.storage.tables import (
    AccountRow,
    ActBookRow,
    ActLineRow,
    ActOriginalRow,
    ActRow,
    CdrRow,
    PostingRow,
)

_BOOK = 1  # the id of the only row
_IS_SALE = func.substr(PostingRow.counter, 1, len(SALE)) == SALE
_IS_CORRECTED = or_(  # as `service.is_corrected` says
    PostingRow.origin == CORRECTED, and_(PostingRow.origin == "call", PostingRow.key.endswith(AGAIN))
)
_IS_MAIN = and_(
    AccountRow.owner_id == PostingRow.owner_id, AccountRow.id == PostingRow.account_id, AccountRow.purpose == "main"
)


@dataclass(frozen=True, slots=True)
class Book:
    """How far acts are issued: the first month that gets them, the first that not everybody has yet; and up to when
    the ledger was searched for what is to be corrected, None where it never was.
    """

    first_month: date
    next_month: date
    searched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an owner's main account stands: its id, currency, and its last posting that counts."""

    owner_id: int
    account_id: int
    currency: str
    upto_seq: int


@dataclass(frozen=True, slots=True)
class Original:
    """A signed original that is wanted, and when it was sent."""

    owner_id: int
    month: date
    version: int
    wanted_at: datetime
    sent_on: date | None
    document: str | None

    @property
    def address(self) -> str:
        """What its act is called in addresses and commands."""
        return address_of(self.month, self.version)


def take_turn(db: Session) -> None:
    """Keep everybody else from issuing acts until the end of the transaction."""
    one_at_a_time(db, "acts")


def open_book(db: Session, first_month: date) -> Book:
    """Return how far acts are issued; where none ever were, they begin with this month."""
    row = {"id": _BOOK, "first_month": first_month, "next_month": first_month}
    db.execute(insert_or_nothing(ActBookRow, "id").values(**row))
    found = book(db)
    assert found is not None  # it was written, by us or by another
    return found


def book(db: Session) -> Book | None:
    """Return how far acts are issued, None where none ever were."""
    row = db.execute(select(ActBookRow.first_month, ActBookRow.next_month, ActBookRow.searched_at)).one_or_none()
    return None if row is None else Book(*row)


def turn_page(db: Session, month: date) -> None:
    """Note that everybody has the act of this month; whoever comes late changes nothing."""
    turned = update(ActBookRow).where(ActBookRow.next_month == month)
    db.execute(turned.values(next_month=next_month(month)))


def note_search(db: Session, searched_at: datetime) -> None:
    """Note that all that was left behind by then is corrected."""
    db.execute(update(ActBookRow).values(searched_at=searched_at))


def charged(db: Session, month: date, after: int, limit: int) -> list[int]:
    """Return owners with charges posted in a month, in the order of their ids."""
    be_patient(db)
    found = (
        select(PostingRow.owner_id)
        .where(PostingRow.owner_id > after, *_in(month), _IS_SALE)
        .group_by(PostingRow.owner_id)
        .order_by(PostingRow.owner_id)
        .limit(limit)
    )
    return list(db.scalars(found))


def without_act(db: Session, owner_ids: Collection[int], month: date) -> list[int]:
    """Return those of these owners who have no act of a month."""
    having = select(ActRow.owner_id).where(OneOf(ActRow.owner_id, "owners"), ActRow.month == month)
    return sorted(set(owner_ids) - set(db.scalars(having, {"owners": list(owner_ids)})))


def standings(db: Session, owner_ids: Collection[int], before: date | None = None) -> dict[int, Standing]:
    """Return where the main accounts of owners stand, now or at the end of the day before one."""
    seq = func.coalesce(func.max(PostingRow.seq), 0)
    until = PostingRow.day < before if before else PostingRow.owner_id == AccountRow.owner_id
    found = (
        select(AccountRow.owner_id, AccountRow.id, AccountRow.unit, seq)
        .outerjoin(PostingRow, and_(_IS_MAIN, until))
        .where(OneOf(AccountRow.owner_id, "owners"), AccountRow.purpose == "main")
        .group_by(AccountRow.owner_id, AccountRow.id, AccountRow.unit)
    )
    rows = db.execute(found, {"owners": list(owner_ids)})
    return {row[0]: Standing(*row) for row in rows}


def charges(db: Session, owner_ids: Collection[int], month: date) -> dict[int, list[Charge]]:
    """Return by owner what was posted for services on main accounts in a month, and all since that takes back or
    corrects a charge.
    """
    since = and_(or_(PostingRow.origin == REVERSAL, _IS_CORRECTED), PostingRow.day >= month)
    found = (
        select(PostingRow)
        .join(AccountRow, _IS_MAIN)
        .where(OneOf(PostingRow.owner_id, "owners"), _IS_SALE, or_(and_(*_in(month)), since))
        .order_by(PostingRow.owner_id, PostingRow.seq)
    )
    by_owner: dict[int, list[Charge]] = {owner_id: [] for owner_id in owner_ids}
    for row in db.scalars(found, {"owners": list(owner_ids)}):
        amount, name = Money(-row.amount_minor, row.unit), EventName(row.origin, row.key)
        by_owner[row.owner_id].append(Charge(row.owner_id, row.seq, row.day, amount, row.counter, name))
    return by_owner


def talk_seconds(db: Session, owner_id: int, calls: Collection[int]) -> dict[int, int]:
    """Return the whole seconds of talk of an owner's calls, by their numbers."""
    if not calls:
        return {}
    talked = select(CdrRow.n, CdrRow.answered_at, CdrRow.ended_at).where(
        CdrRow.owner_id == owner_id, CdrRow.n.between(min(calls), max(calls)), CdrRow.leg == "b"
    )
    found: dict[int, int] = {}
    for n, answered_at, ended_at in db.execute(talked.where(CdrRow.answered_at.is_not(None))):
        if n in calls and answered_at is not None:
            found[n] = max(found.get(n, 0), int((ended_at - answered_at).total_seconds()))
    return found


def add(db: Session, act: Act, account_id: int, now: datetime) -> None:
    """Write an act with its lines."""
    db.execute(
        insert(ActRow).values(
            owner_id=act.owner_id,
            month=act.month,
            version=act.version,
            year=act.year,
            number=act.number,
            day=act.day,
            contract=act.contract,
            contract_day=act.contract_day,
            operator=asdict(act.operator),
            currency=act.currency,
            total_minor=act.total.minor,
            account_id=account_id,
            upto_seq=act.upto_seq,
            issued_at=now,
        )
    )
    rows = [_line_row(act, n, line) for n, line in enumerate(act.lines, 1)]
    if rows:
        db.execute(insert(ActLineRow), rows)


def find(db: Session, owner_id: int, month: date, version: int) -> Act | None:
    """Return an act of this owner's."""
    found = _acts(db, ActRow.owner_id == owner_id, ActRow.month == month, ActRow.version == version)
    return found[0] if found else None


def latest(db: Session, owner_id: int, month: date) -> Act | None:
    """Return the act of a month that counts."""
    return next(iter(versions(db, owner_id, month)), None)


def versions(db: Session, owner_id: int, month: date) -> list[Act]:
    """Return all versions of a month's act, the newest first."""
    return _acts(db, ActRow.owner_id == owner_id, ActRow.month == month)


def of_owner(db: Session, owner_id: int, limit: int) -> list[Act]:
    """Return an owner's acts, the newest month and version first."""
    return _acts(db, ActRow.owner_id == owner_id, limit=limit)


def of_month(db: Session, month: date) -> list[Act]:
    """Return all acts of a month, by owner."""
    return sorted(_acts(db, ActRow.month == month), key=lambda act: (act.owner_id, act.version))


def numbered(db: Session, number: int, years: Iterable[int]) -> list[Act]:
    """Return the acts of this number of these years, the newest first."""
    return _acts(db, ActRow.year.in_(list(years)), ActRow.number == number)


def issued_at(db: Session, act: Act) -> datetime:
    """Return when an act was made out."""
    found = select(ActRow.issued_at).where(*_same(ActRow, act.owner_id, act.month, act.version))
    moment: datetime = db.execute(found).scalar_one()
    return moment


def want_original(db: Session, act: Act, now: datetime) -> bool:
    """Note that a signed original is wanted; False where that is known."""
    row = {"owner_id": act.owner_id, "month": act.month, "version": act.version, "wanted_at": now}
    adding = insert_or_nothing(ActOriginalRow, "owner_id", "month", "version").values(**row)
    return db.execute(adding.returning(ActOriginalRow.owner_id)).first() is not None


def note_sent(db: Session, act: Act, sent_on: date, document: str, actor: str) -> bool:
    """Note that the original was sent; False where it is not wanted or was sent before."""
    wanted = (*_same(ActOriginalRow, act.owner_id, act.month, act.version), ActOriginalRow.sent_on.is_(None))
    sent = update(ActOriginalRow).where(*wanted)
    return count_changed(db, sent.values(sent_on=sent_on, document=document, actor=actor)) == 1


def originals(db: Session, owner_id: int | None = None) -> list[Original]:
    """Return the originals that an owner wants, sent or not; of nobody: all that are to be sent, oldest first."""
    of = ActOriginalRow.sent_on.is_(None) if owner_id is None else ActOriginalRow.owner_id == owner_id
    rows = db.scalars(select(ActOriginalRow).where(of).order_by(ActOriginalRow.wanted_at, ActOriginalRow.owner_id))
    return [Original(row.owner_id, row.month, row.version, row.wanted_at, row.sent_on, row.document) for row in rows]


def _in(month: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return PostingRow.day >= month, PostingRow.day < next_month(month)


def _same(table: Any, owner_id: int, month: date, version: int) -> tuple[ColumnElement[bool], ...]:
    return table.owner_id == owner_id, table.month == month, table.version == version


def _acts(db: Session, *which: ColumnElement[bool], limit: int | None = None) -> list[Act]:
    """Return acts with their lines; a corrected one names the version before it."""
    newest = (ActRow.owner_id, ActRow.month.desc(), ActRow.version.desc())
    rows = db.scalars(select(ActRow).where(*which).order_by(*newest).limit(limit)).all()
    return [_act(db, row) for row in rows]


def _act(db: Session, row: ActRow) -> Act:
    lines = select(ActLineRow).where(*_same(ActLineRow, row.owner_id, row.month, row.version)).order_by(ActLineRow.n)
    return Act(
        owner_id=row.owner_id,
        month=row.month,
        version=row.version,
        year=row.year,
        number=row.number,
        day=row.day,
        contract=row.contract,
        contract_day=row.contract_day,
        operator=Operator(**row.operator),
        lines=tuple(_line(line, row.currency) for line in db.scalars(lines)),
        currency=row.currency,
        upto_seq=row.upto_seq,
        corrects=_before(db, row) if row.version > 1 else "",
    )


def _before(db: Session, row: ActRow) -> str:
    """Return number and day of the version before, as papers name it."""
    found = select(ActRow.number, ActRow.year, ActRow.day).where(
        *_same(ActRow, row.owner_id, row.month, row.version - 1)
    )
    before = db.execute(found).one()
    return f"№ {before.number}/{before.year} от {before.day:%d.%m.%Y}"


def _line(row: ActLineRow, currency: str) -> ActLine:
    price = Money(row.price_minor, currency)
    return ActLine(ServiceKind(row.kind), row.title, row.quantity, price, row.pieces, row.seconds)


def _line_row(act: Act, n: int, line: ActLine) -> Mapping[str, Any]:
    return {
        "owner_id": act.owner_id,
        "month": act.month,
        "version": act.version,
        "n": n,
        "kind": line.kind,
        "title": line.title,
        "quantity": line.quantity,
        "price_minor": line.price.minor,
        "amount_minor": line.amount.minor,
        "pieces": line.pieces,
        "seconds": line.seconds,
    }
