"""A contract ends: what is due before is taken, then everything that subscribes, and no service begins any more.

The one way to end a contract, whatever the reason. The cabinet stays open, for the money that is left.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from k5web.domain.accounts.ending import Ending
from k5web.domain.accounts.stock_number import RESTS_FOR, NumberState
from k5web.domain.prices.plan import FIRST_PLAN
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.services.prices import billing
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage.accounts import ending_rows, number_rows, subscribers
from k5web.storage.accounts.number_rows import Move
from k5web.storage.payments import auto_top_up_rows
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ACTOR = "job:contracts"


class Owned(Protocol):
    """Why a contract is to end: an ending or an objection of one owner."""

    @property
    def owner_id(self) -> int: ...


W = TypeVar("W", bound=Owned)


def carry_out(due: Iterable[W], end_one: Callable[[W], bool], note_failed: Callable[[int], None]) -> int:
    """End one contract after the other; return how many. The fault of one is told and holds up nobody else."""
    done = 0
    for each in due:
        try:
            done += end_one(each)
        except Exception:  # whatever it is, the next run tries again
            logger.exception("a contract could not be ended", extra={"owner_id": each.owner_id})
            note_failed(each.owner_id)
    return done


def nothing(owner_id: int) -> None:
    """Do nothing about a contract that could not be ended: it is in the log."""


@transactional
def end_contract(ports: Ports, ending: Ending, stands: Callable[[Session], bool]) -> bool:
    """End a contract after its last day; False where the reason does not stand any more.

    `stands` is asked before anything is taken, and again under the account's lock.
    """
    owner_id, first_day = ending.owner_id, ending.last_day + timedelta(days=1)
    with ports.sessions.read() as db:
        if not stands(db):
            return False
    billing.bill_owners(ports, [owner_id], ending.last_day)
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, owner_id)
        if not stands(db):
            return False
        for subscription in batch.live(owner_id):
            billing.end(batch, subscription, first_day)
        batch.write()
        _close(ports, db, owner_id)
        noted = _note(ports, db, ending)
        facts = {"why": noted.why, "until": noted.settled_by.isoformat()}
        sending.queue_notice(db, owner_id, "contract_ended", facts, f"contract_ended {noted.n}", ports.clock())
    logger.warning("a contract has ended", extra={"owner_id": owner_id, "why": ending.why})
    return True


def _note(ports: Ports, db: Session, ending: Ending) -> Ending:
    """Note that it ended, and return what stands. What was to end it later by another reason stands no more."""
    now = ports.clock()
    known = ending_rows.standing(db, ending.owner_id)
    if known is not None and known.n == ending.n:
        ending_rows.note_done(db, known, now)
        return known
    if known is not None:
        ending_rows.withdraw(db, known, now)
    return ending_rows.add(db, replace(ending, done_at=now))


def _close(ports: Ports, db: Session, owner_id: int) -> None:
    now = ports.clock()
    for number in number_rows.of_owner(db, owner_id):
        if number.state is NumberState.RENTED:
            number_rows.move(db, number, Move(NumberState.QUARANTINE, owner_id, now, ACTOR, until=now + RESTS_FOR))
        elif number.state is NumberState.RESERVED:
            number_rows.move(db, number, Move(NumberState.FREE, owner_id, now, ACTOR))
    auto_top_up_rows.switch_off(db, owner_id, "owner")
    subscribers.set_plan(db, owner_id, FIRST_PLAN)  # without a fee, should the contract go on
    subscribers.set_ended(db, owner_id, now)
    pbx_rows.touch(db, owner_id, now)
