"""Numbers and plans: which of a subscriber's plans gives numbers, and the numbers that end with their plan (D1, D5)."""

import logging
from collections.abc import Sequence

from sqlalchemy.orm import Session

from k5web.domain.accounts.stock_number import RESTS_FOR, HeldPlan, NumberState, StockNumber, without_plan
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.prices.subscription import SubscriptionState
from k5web.services.ports import Ports
from k5web.storage.accounts import number_rows, subscribers
from k5web.storage.accounts.number_rows import Move
from k5web.storage.pbx import pbx_rows
from k5web.storage.prices import subscription_rows

logger = logging.getLogger(__name__)

ACTOR = "job:plans"


def held(ports: Ports, db: Session, subscriber: Subscriber) -> list[HeldPlan]:
    """Return the plans that a subscriber has, the own one first."""
    live = {each.code: each for each in subscription_rows.live(db, subscriber.id) if each.sort == "plan"}
    unpaid = {code for code, each in live.items() if each.state is SubscriptionState.SUSPENDED}
    codes = [subscriber.plan_code, *(code for code in live if code != subscriber.plan_code)]
    return [HeldPlan(ports.plans.current(code), code not in unpaid) for code in codes]


def lost_with(ports: Ports, db: Session, owner_id: int, codes: Sequence[str]) -> list[StockNumber]:
    """Return the rented numbers that these plans, the own one first, do not give."""
    return _lost(ports, db, owner_id, [HeldPlan(ports.plans.current(code)) for code in codes])


def end_numbers(ports: Ports, db: Session, owner_id: int) -> None:
    """Return the numbers that no plan of theirs gives any more. The caller holds the lock of the main account."""
    now = ports.clock()
    for number in _lost(ports, db, owner_id, held(ports, db, subscribers.get(db, owner_id))):
        number_rows.move(db, number, Move(NumberState.QUARANTINE, owner_id, now, ACTOR, until=now + RESTS_FOR))
        pbx_rows.touch(db, owner_id, now)
        logger.info("number ends with its plan", extra={"owner_id": owner_id, "number": number.msisdn.masked})


def _lost(ports: Ports, db: Session, owner_id: int, plans: Sequence[HeldPlan]) -> list[StockNumber]:
    rented = [each for each in number_rows.of_owner(db, owner_id) if each.state is NumberState.RENTED]
    return without_plan(plans, rented, ports.today())
