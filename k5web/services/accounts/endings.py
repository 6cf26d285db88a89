"""A contract is ended by its subscriber, or by the operator for a debt or a breach; the worker does it (B12)."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from k5web.domain.accounts import ending as rules
from k5web.domain.accounts.ending import Ending
from k5web.domain.accounts.standing import Overdue
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.reason import checked_reason
from k5web.errors import ContractEnded, NotOverdue
from k5web.services.accounts import advances, blocking
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.services.prices import contract_end, standing_objections
from k5web.services.prices.contract_end import end_contract, nothing
from k5web.storage.accounts import ending_rows, subscribers
from k5web.storage.books import debt_rows, ledger
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

GOES_ON = "the contract goes on"  # why the advance is not refunded


@transactional
def standing(ports: Ports, owner_id: int) -> Ending | None:
    """Return how a subscriber's contract ends or ended, None where it goes on."""
    with ports.sessions.read() as db:
        return ending_rows.standing(db, owner_id)


@transactional
def listed(ports: Ports) -> list[Ending]:
    """Return every contract that is to end, by its last day."""
    with ports.sessions.read() as db:
        return ending_rows.open_until(db)


@transactional
def apply(ports: Ports, owner_id: int, actor: str = "") -> Ending:
    """Take a subscriber's application to end the contract; a second one changes nothing.

    `actor`: who of the staff has it on paper; without one the subscriber applies.

    Where the operator ends it sooner that stands, and the application is kept for the case that it is put right.
    Raises: NotFound, SubscriberBlocked, ContractEnded.
    """
    now, today = ports.clock(), ports.today()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if subscribers.admit(db, owner_id).ended_at is not None:
            raise ContractEnded
        known = ending_rows.standing(db, owner_id)
        wished = Ending(owner_id, 0, "subscriber", now, rules.last_day(today), actor or f"subscriber:{owner_id}", "")
        if known is None:
            return _begin(db, wished, now)
        if known.why != "subscriber" and _replaced(db, known) is None:
            ending_rows.add(db, replace(wished, withdrawn_at=now))
        return known


@transactional
def withdraw(ports: Ports, owner_id: int) -> bool:
    """Take the subscriber's own application back, until its last day; False where there is none to take back."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        known = ending_rows.standing(db, owner_id)
        if known is None or not known.may_be_withdrawn(ports.today()):
            return False
        return ending_rows.withdraw(db, known, ports.clock())


@transactional
def terminate(ports: Ports, owner_id: int, actor: str, reason: str) -> Ending:
    """End a contract for a debt of two months or a breach of six, ten days from now, with notice (B9).

    Where it ends sooner already, that stands. Raises: NotFound, NotOverdue, ContractEnded, WrongReason.
    """
    text = checked_reason(reason)
    last_day, now = ports.today() + rules.OPERATORS_NOTICE, ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        owner = subscribers.get(db, owner_id)
        if owner.ended_at is not None:
            raise ContractEnded
        borne = _over(owner, blocking.borne_by(ports, db, owner), ports.today())
        known = ending_rows.standing(db, owner_id)
        if known is not None and known.last_day <= last_day:
            return known
        if known is not None:
            ending_rows.withdraw(db, known, now)
        return _begin(db, Ending(owner_id, 0, borne.why, now, last_day, actor, text), now)


@transactional
def keep(ports: Ports, owner_id: int, actor: str) -> bool:
    """Let a contract go on, also one that ended; False where it goes on anyway. Raises: NotFound.

    What was objected to is agreed then, and the advance that was to be refunded stays.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        known = ending_rows.standing(db, owner_id)
        was_ending = known is not None and ending_rows.withdraw(db, known, now)
        if was_ending:
            subscribers.set_ended(db, owner_id, None)
            pbx_rows.touch(db, owner_id, now)
            advances.decline_open(db, owner_id, GOES_ON, actor, now)
        if not standing_objections.settle(ports, db, owner_id, actor) and not was_ending:
            return False
    logger.warning("a contract goes on", extra={"owner_id": owner_id, "actor": actor})
    return True


def carry_out(ports: Ports, note_failed: Callable[[int], None] = nothing) -> int:
    """End every contract whose last day is over; return how many. Repeatable."""
    return contract_end.carry_out(_due(ports, ports.today()), lambda ending: _end(ports, ending), note_failed)


def _end(ports: Ports, ending: Ending) -> bool:
    is_over = end_contract(ports, ending, lambda db: _stands(ports, db, ending))
    _drop_if_cured(ports, ending)
    return is_over


@transactional
def _due(ports: Ports, today: date) -> list[Ending]:
    with ports.sessions.read() as db:
        return ending_rows.open_until(db, today)


def _begin(db: Session, ending: Ending, now: datetime) -> Ending:
    begun = ending_rows.add(db, ending)
    facts = {"why": begun.why, "last_day": begun.last_day.isoformat()}
    name = f"contract_ending {begun.n}"
    sending.queue_notice(db, begun.owner_id, "contract_ending", facts, name, now)
    logger.warning("a contract is to end", extra={"owner_id": begun.owner_id, "why": begun.why, "actor": begun.actor})
    return begun


def _over(owner: Subscriber, borne: list[Overdue], today: date) -> Overdue:
    """Return the debt or breach for which the contract may be ended now. Raises: NotOverdue."""
    over = next((each for each in borne if each.is_over(today)), None)
    if over is not None:
        return over
    if not borne:
        raise NotOverdue(owner_id=owner.id, until="no debt and no breach is borne")
    raise NotOverdue(owner_id=owner.id, until=f"the {borne[0].why} is borne until {borne[0].borne_until}")


def _stands(ports: Ports, db: Session, ending: Ending) -> bool:
    """Return whether an ending was not withdrawn, and its ground was not put right meanwhile."""
    known = ending_rows.standing(db, ending.owner_id)
    return known is not None and known.n == ending.n and known.is_open and _is_ground_left(ports, db, ending)


def _is_ground_left(ports: Ports, db: Session, ending: Ending) -> bool:
    """Return whether the debt or breach is the one for which it was to end; a later one has a term of its own."""
    if ending.why == "debt":
        since = debt_rows.below_since(db, ending.owner_id)
        return since is not None and since < ports.day_of(ending.applied_at)
    if ending.why == "breach":
        suspended_at = subscribers.get(db, ending.owner_id).suspended_at
        return suspended_at is not None and suspended_at < ending.applied_at
    return True


@transactional
def _drop_if_cured(ports: Ports, ending: Ending) -> None:
    """Take an ending of the operator's back whose ground was put right by its day; what the subscriber wished stands
    again."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, ending.owner_id)
        if _is_ground_left(ports, db, ending) or not ending_rows.withdraw(db, ending, now):
            return
        if (own := _replaced(db, ending)) is not None:
            _begin(db, replace(own, withdrawn_at=None), now)


def _replaced(db: Session, ending: Ending) -> Ending | None:
    """Return the subscriber's own application that an ending of the operator's has taken the place of.

    It was withdrawn as that one began, or was written beside it.
    """
    return next(
        (
            each
            for each in ending_rows.of_owner(db, ending.owner_id)
            if each.why == "subscriber"
            and (each.n > ending.n or (each.n == ending.n - 1 and each.withdrawn_at == ending.applied_at))
        ),
        None,
    )
