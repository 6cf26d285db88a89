"""A contract is ended by its subscriber, or by the operator for a debt or a breach; the worker does it (B12)."""

import logging
from datetime import date

from sqlalchemy.orm import Session

from k5web.domain.accounts import ending as rules
from k5web.domain.accounts.ending import Ending
from k5web.domain.accounts.standing import Overdue
from k5web.errors import ContractEnded, NotOverdue
from k5web.services.accounts import blocking
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.services.prices.contract_end import end_contract
from k5web.storage.accounts import ending_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


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
def apply(ports: Ports, owner_id: int) -> Ending:
    """Take a subscriber's application to end the contract; a second one changes nothing.

    Raises: NotFound, SubscriberBlocked, ContractEnded.
    """
    now, today = ports.clock(), ports.today()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if subscribers.admit(db, owner_id).ended_at is not None:
            raise ContractEnded
        if (known := ending_rows.standing(db, owner_id)) is not None:
            return known
        wished = Ending(owner_id, 0, "subscriber", now, rules.last_day(today), f"subscriber:{owner_id}", "")
        return _begin(db, wished)


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
    text = blocking.checked_reason(reason)
    borne = _over(ports, owner_id)
    last_day = ports.today() + rules.OPERATORS_NOTICE
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if subscribers.get(db, owner_id).ended_at is not None:
            raise ContractEnded
        known = ending_rows.standing(db, owner_id)
        if known is not None and known.last_day <= last_day:
            return known
        if known is not None:
            ending_rows.withdraw(db, known, ports.clock())
        return _begin(db, Ending(owner_id, 0, borne.why, ports.clock(), last_day, actor, text))


@transactional
def keep(ports: Ports, owner_id: int, actor: str) -> bool:
    """Let a contract go on, also one that ended; False where it goes on anyway. Raises: NotFound."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        known = ending_rows.standing(db, owner_id)
        if known is None or not ending_rows.withdraw(db, known, ports.clock()):
            return False
        subscribers.set_ended(db, owner_id, None)
    logger.warning("a contract goes on", extra={"owner_id": owner_id, "actor": actor})
    return True


def carry_out(ports: Ports) -> int:
    """End every contract whose last day is over; return how many. Repeatable; one's fault holds up nobody else."""
    done = 0
    for ending in _due(ports, ports.today()):
        try:
            done += end_contract(ports, ending, lambda db, due=ending: _stands(db, due))  # type: ignore[misc]
            _drop_if_cured(ports, ending)
        except Exception:  # whatever it is, it is told; the next run tries again
            logger.exception("a contract could not be ended", extra={"owner_id": ending.owner_id})
    return done


@transactional
def _due(ports: Ports, today: date) -> list[Ending]:
    with ports.sessions.read() as db:
        return ending_rows.open_until(db, today)


def _begin(db: Session, ending: Ending) -> Ending:
    begun = ending_rows.add(db, ending)
    facts = {"why": begun.why, "last_day": begun.last_day.isoformat()}
    name = f"contract_ending {begun.n}"
    sending.queue_notice(db, begun.owner_id, "contract_ending", facts, name, begun.applied_at)
    logger.warning("a contract is to end", extra={"owner_id": begun.owner_id, "why": begun.why, "actor": begun.actor})
    return begun


def _over(ports: Ports, owner_id: int) -> Overdue:
    """Return the debt or breach for which the contract may be ended now. Raises: NotOverdue."""
    theirs = [each for each in blocking.overdue(ports) if each.owner_id == owner_id]
    over = next((each for each in theirs if each.is_over(ports.today())), None)
    if over is not None:
        return over
    if not theirs:
        raise NotOverdue(owner_id=owner_id, until="no debt and no breach is borne")
    raise NotOverdue(owner_id=owner_id, until=f"the {theirs[0].why} is borne until {theirs[0].borne_until}")


def _stands(db: Session, ending: Ending) -> bool:
    """Return whether an ending was not withdrawn, and its ground was not put right meanwhile."""
    known = ending_rows.standing(db, ending.owner_id)
    return known is not None and known.n == ending.n and known.is_open and _is_ground_left(db, ending)


def _is_ground_left(db: Session, ending: Ending) -> bool:
    if ending.why == "debt":
        return ledger.purse(db, ending.owner_id).balance.minor < 0
    if ending.why == "breach":
        return subscribers.get(db, ending.owner_id).suspended_at is not None
    return True


@transactional
def _drop_if_cured(ports: Ports, ending: Ending) -> None:
    """Take an ending of the operator's back whose ground was put right by its day."""
    with ports.sessions.begin() as db:
        if not _is_ground_left(db, ending):
            ending_rows.withdraw(db, ending, ports.clock())
