"""Acts of a month's services: issued by the worker on the 1st, corrected when a charge is taken back (B10).

25 owners are one transaction; acts are issued by one worker at a time, so numbers have no gaps and nobody gets
two. Whoever repeats a month finds its acts made. After months of standing still each month is issued, in its order.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.profile import Kind, PersonalFacts, Profile
from k5web.domain.bank.invoice import Contract
from k5web.domain.bank.payee import Payee
from k5web.domain.books.act import (
    Act,
    ActLine,
    Charge,
    Operator,
    Service,
    Use,
    address_of,
    lines_of,
    services_of,
)
from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import next_month
from k5web.domain.books.service import first_charge
from k5web.domain.calls.call import split_call_id
from k5web.errors import NotFound, Unavailable, WrongSetting
from k5web.services.books import statements
from k5web.services.messaging import sending
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage import allocator
from k5web.storage.accounts import personal_rows, subscribers
from k5web.storage.books import act_invariants, act_rows, act_search
from k5web.storage.books.act_rows import Original, Standing
from k5web.storage.prices import subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

OWNERS_AT_ONCE: Final = 25
SHOWN: Final = 100
STRAGGLERS: Final = timedelta(minutes=10)  # what began before midnight is posted by then
OVERLAP: Final = timedelta(days=1)  # of two searches: what began before the last one may be posted after it
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Party:
    """Whom an act names beside the operator, as the particulars of its time say; without any, by the account."""

    name: str
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class IssuedAct:
    """An act with whom it names, all versions of its month, and what became of the wish for an original."""

    act: Act
    party: Party
    versions: Sequence[Act]  # the newest first
    original: Original | None


def run(ports: Ports) -> int:
    """Issue every act that is due and correct those that the ledger has left behind; return how many were made.

    Repeatable: nothing is made twice. Raises: WrongSetting (no payee is set), Unavailable.
    """
    return issue_due(ports) + correct_new(ports)


def issue_due(ports: Ports) -> int:
    """Issue the acts of each month that is over and has none yet, in order; return how many.

    Raises: WrongSetting, Unavailable.
    """
    today = ports.day_of(ports.clock() - STRAGGLERS)
    issued = 0
    while (month := _next_month(ports)) < today.replace(day=1):
        issued += issue(ports, month)
        with ports.sessions.begin() as db:
            act_rows.turn_page(db, month)
    return issued


@transactional
def _next_month(ports: Ports) -> date:
    """Return the first month that not everybody has; where acts begin only now, this one is the first."""
    with ports.sessions.read() as db:
        found = act_rows.book(db)
    if found is None:
        with ports.sessions.begin() as db:
            found = act_rows.open_book(db, ports.today().replace(day=1))
    return found.next_month


def issue(ports: Ports, month: date) -> int:
    """Issue the acts of a month that is over to all who used services in it and have none; return how many.

    Raises: WrongSetting, NotFound (the month is not over), Unavailable.
    """
    if next_month(month) > ports.today():
        raise NotFound(what=f"act of {month:%Y-%m}: the month is not over")
    issued = 0
    for owner_ids in _charged(ports, month):
        issued += _issue_apart(ports, month, owner_ids)
    if issued:
        logger.info("acts issued", extra={"month": f"{month:%Y-%m}", "count": issued})
    return issued


def _charged(ports: Ports, month: date) -> Iterator[list[int]]:
    after = 0
    while found := _some_charged(ports, month, after):
        yield found
        after = found[-1]


@transactional
def _some_charged(ports: Ports, month: date, after: int) -> list[int]:
    with ports.sessions.read() as db:
        return act_rows.charged(db, month, after, OWNERS_AT_ONCE)


def _issue_apart(ports: Ports, month: date, owner_ids: list[int]) -> int:
    """Issue to a batch; where it fails to each of them alone: the fault of one keeps nobody else waiting."""
    try:
        return _issue_some(ports, month, owner_ids)
    except (Unavailable, WrongSetting):
        raise
    except Exception:  # whatever it is, it is told; the next run tries again
        if len(owner_ids) == 1:
            logger.exception("a fault in one owner's act", extra={"owner_id": owner_ids[0]})
            return 0
    return sum(_issue_apart(ports, month, [owner_id]) for owner_id in owner_ids)


@transactional
def _issue_some(ports: Ports, month: date, owner_ids: list[int]) -> int:
    with ports.sessions.begin() as db:
        act_rows.take_turn(db)
        waiting = act_rows.without_act(db, owner_ids, month)
        standings = act_rows.standings(db, waiting, next_month(month))
        charges = act_rows.charges(db, waiting, month)
        drafts = [_Draft(standings[owner], month, charges[owner]) for owner in waiting]
        return len(_write(ports, db, [draft for draft in drafts if draft.services], _last_day(month)))


def correct_all(ports: Ports) -> int:
    """Make the next version of each act that the whole ledger has left behind; return how many. Raises: as `run`."""
    return _correct_each(ports, _left_behind(ports))[0]


@transactional
def _left_behind(ports: Ports) -> list[tuple[int, date]]:
    with ports.sessions.read() as db:
        return act_invariants.uncounted(db)


def correct_new(ports: Ports) -> int:
    """Do so with what was posted since this last went without a fault: too late for its act, or of who was left out.

    Raises: WrongSetting, Unavailable.
    """
    now = ports.clock()
    made, failed = _correct_each(ports, left_behind_lately(ports))
    if not failed:
        _note_search(ports, now)
    return made


@transactional
def left_behind_lately(ports: Ports) -> list[tuple[int, date]]:
    """Return whose months the ledger has left behind since the last search; all months where there was none."""
    with ports.sessions.read() as db:
        book = act_rows.book(db)
        if book is None:
            return []
        since = book.searched_at - OVERLAP if book.searched_at else BEGINNING
        found = set(act_search.taken_back(db, since))
        month = max(book.first_month, ports.day_of(since).replace(day=1))
        while month < book.next_month:
            found |= {(owner_id, month) for owner_id in act_search.charged(db, month)}
            month = next_month(month)
    return sorted(found)


@transactional
def _note_search(ports: Ports, now: datetime) -> None:
    with ports.sessions.begin() as db:
        act_rows.note_search(db, now)


def _correct_each(ports: Ports, behind: Sequence[tuple[int, date]]) -> tuple[int, int]:
    """Return how many acts were made, and how many failed: the fault of one keeps nobody else waiting."""
    made = failed = 0
    for owner_id, month in behind:
        try:
            made += correct(ports, owner_id, month) is not None
        except (Unavailable, WrongSetting):
            raise
        except Exception:  # whatever it is, it is told; the next run tries again
            failed += 1
            logger.exception("a fault in one owner's act", extra={"owner_id": owner_id})
    return made, failed


@transactional
def correct(ports: Ports, owner_id: int, month: date) -> Act | None:
    """Make the next version of an act where the ledger says something else, None where it agrees or none is due yet.

    Raises: WrongSetting, Unavailable.
    """
    with ports.sessions.begin() as db:
        act_rows.take_turn(db)
        book, last = act_rows.book(db), act_rows.latest(db, owner_id, month)
        standing = act_rows.standings(db, [owner_id])[owner_id]
        draft = _Draft(standing, month, act_rows.charges(db, [owner_id], month)[owner_id])
        is_issued = last is not None or (book is not None and book.first_month <= month < book.next_month)
        if not is_issued or not draft.differs_from(last) or (last and _lines(ports, db, draft) == last.lines):
            return None
        (made,) = _write(ports, db, [draft], ports.today() if last else _last_day(month), last)
    logger.info("act corrected", extra={"owner_id": owner_id, "month": f"{month:%Y-%m}", "version": made.version})
    return made


def _last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)


class _Draft:
    """What an act is made from: the services of a month up to the last posting that counts."""

    def __init__(self, standing: Standing, month: date, charges: Sequence[Charge]) -> None:
        self.standing, self.month = standing, month
        self.charges = [each for each in charges if each.seq <= standing.upto_seq]
        self.services = services_of(month, self.charges)

    def differs_from(self, last: Act | None) -> bool:
        """Return whether other services are left than those that the last version counted, also of the same sum."""
        upto_seq = last.upto_seq if last else 0
        return self.services != services_of(self.month, (each for each in self.charges if each.seq <= upto_seq))


def _write(ports: Ports, db: Session, drafts: list[_Draft], day: date, last: Act | None = None) -> list[Act]:
    """Write acts under the next numbers, and have their owners told. Raises: WrongSetting."""
    if not drafts:
        return []
    if ports.payee is None:
        raise WrongSetting(name="K5_PAYEE", reason="must be set: an act names the operator by it")
    operator, now = _operator(ports.payee), ports.clock()
    made = [_made(ports, db, draft, operator, day, last.version + 1 if last else 1) for draft in drafts]
    numbers = allocator.allocate_many(db, allocator.of_acts(day.year), len(made))  # last: locked until commit
    numbered = [replace(act, number=number) for act, number in zip(made, numbers, strict=True)]
    for act, draft in zip(numbered, drafts, strict=True):
        act_rows.add(db, act, draft.standing.account_id, now)
        facts = {"month": act.month.isoformat(), "version": act.version, "minor": act.total.minor}
        message = f"act {act.address}"
        sending.queue_notice(db, act.owner_id, "act", facts | {"currency": act.currency}, message, now)
    return numbered


def _made(ports: Ports, db: Session, draft: _Draft, operator: Operator, day: date, version: int) -> Act:
    owner_id = draft.standing.owner_id
    since = subscribers.registered_at(db, owner_id).astimezone(OPERATOR_ZONE).date()
    contract = Contract.of(owner_id, since)
    return Act(
        owner_id=owner_id,
        month=draft.month,
        version=version,
        year=day.year,
        number=0,
        day=day,
        contract=contract.number,
        contract_day=contract.day,
        operator=operator,
        lines=_lines(ports, db, draft),
        currency=draft.standing.currency,
        upto_seq=draft.standing.upto_seq,
    )


def _lines(ports: Ports, db: Session, draft: _Draft) -> tuple[ActLine, ...]:
    return lines_of(draft.services, _uses(ports, db, draft.standing.owner_id, draft.services))


def _operator(payee: Payee) -> Operator:
    return Operator(payee.name, payee.inn, payee.kpp, payee.ogrn, payee.address, payee.director, payee.vat)


def _uses(ports: Ports, db: Session, owner_id: int, services: Sequence[Service]) -> dict[EventName, Use]:
    """Return what services were called and how long calls were."""
    calls = {each.name: _call_number(each.name) for each in services if each.name.origin == "call"}
    seconds = act_rows.talk_seconds(db, owner_id, set(calls.values()))
    uses = {name: Use(seconds=seconds.get(n, 0)) for name, n in calls.items()}
    for each in services:
        charge = first_charge(each.name)  # a right charge in place of a wrong one is titled as that
        if charge.origin in {"fee", "order"}:
            uses[each.name] = Use(_title(ports, db, owner_id, charge))
    return uses


def _call_number(name: EventName) -> int:
    return split_call_id(name.key.partition("#")[0])[1]  # a corrected charge has "#2" behind the call


def _title(ports: Ports, db: Session, owner_id: int, name: EventName) -> str:
    """Return what a plan calls the plan, option or service that was paid for; nothing where no plan knows it."""
    fee = statements.fee_of(ports, db, owner_id, name)
    if fee is not None:
        return fee.title
    ordered = subscription_rows.find_by_form_key(db, owner_id, name.key)
    if ordered is None or not ports.plans.knows(ordered.plan_code):
        return ""
    return ports.plans.current(ordered.plan_code).title_of(ordered.sort, ordered.code)


@transactional
def of_owner(ports: Ports, owner_id: int) -> list[Act]:
    """Return a subscriber's acts, the newest month and version first."""
    with ports.sessions.read() as db:
        return act_rows.of_owner(db, owner_id, SHOWN)


@transactional
def of_month(ports: Ports, month: date) -> list[Act]:
    """Return everybody's acts of a month."""
    with ports.sessions.read() as db:
        return act_rows.of_month(db, month)


@transactional
def find(ports: Ports, owner_id: int, month: date, version: int) -> IssuedAct:
    """Return an act of this owner's with all that its page says. Raises: NotFound."""
    with ports.sessions.read() as db:
        act = _act(db, owner_id, month, version)
        told = _told(personal_rows.history(db, owner_id), act_rows.issued_at(db, act))
        versions = act_rows.versions(db, owner_id, month)
        originals = [each for each in act_rows.originals(db, owner_id) if each.address == act.address]
    return IssuedAct(act, _party(owner_id, told), versions, originals[0] if originals else None)


def _act(db: Session, owner_id: int, month: date, version: int) -> Act:
    return NotFound.unless(act_rows.find(db, owner_id, month, version), f"act {address_of(month, version)}")


def _told(history: Sequence[PersonalFacts], issued_at: datetime) -> PersonalFacts | None:
    """Return the particulars as they stood when an act was made out; of nobody known then, the first told later."""
    told = [each for each in history if each.what in {"person", "organisation"}]
    before = [each for each in told if each.at <= issued_at]
    return before[-1] if before else next(iter(told), None)


def _party(owner_id: int, told: PersonalFacts | None) -> Party:
    if told is None:
        return Party(f"Абонент, лицевой счёт {owner_id}")
    kind: Kind = "organisation" if told.what == "organisation" else "person"
    profile = Profile(kind, told.facts)
    address = profile["legal_address"] or profile["address"]
    return Party(profile.title, profile["inn"], profile["kpp"], profile["ogrn"], address)


@transactional
def want_original(ports: Ports, owner_id: int, month: date, version: int) -> bool:
    """Note that the subscriber wants this act signed, on paper; False where that is known. Raises: NotFound."""
    with ports.sessions.begin() as db:
        is_new = act_rows.want_original(db, _act(db, owner_id, month, version), ports.clock())
    if is_new:
        logger.info("signed act wanted", extra={"owner_id": owner_id, "act": address_of(month, version)})
    return is_new


@transactional
def originals(ports: Ports) -> list[Original]:
    """Return the signed originals that are to be sent, the oldest wish first."""
    with ports.sessions.read() as db:
        return act_rows.originals(db)


@transactional
def note_sent(ports: Ports, owner_id: int, month: date, version: int, sent_on: date, document: str, actor: str) -> bool:
    """Note that a signed original was sent; False where that was noted before. Raises: NotFound (none is wanted)."""
    with ports.sessions.begin() as db:
        act = _act(db, owner_id, month, version)
        wanted = [each for each in act_rows.originals(db, owner_id) if each.address == act.address]
        NotFound.unless(next(iter(wanted), None), f"wish for a signed act {act.address}")
        is_new = act_rows.note_sent(db, act, sent_on, document, actor)
    if is_new:
        logger.info("signed act sent", extra={"owner_id": owner_id, "act": act.address, "actor": actor})
    return is_new
