"""Whoever uses nothing that is paid for long moves to the plan's fall-back (E8)."""

import logging
from datetime import date, timedelta

from sqlalchemy.orm import Session

from k5web.domain.prices.plan import Plan
from k5web.errors import NoPlan, Unavailable
from k5web.services.ports import Ports
from k5web.services.prices import subscriptions
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage.accounts import subscribers
from k5web.storage.books import statement_rows
from k5web.storage.prices import subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

# Origins of paid use: «голосовой связи, передачи данных и SMS, стоимостью выше 0 Р.»; a fee or an order is no use
USES = ("call", "sms", "data")
OWNERS_AT_ONCE = 100


def move_idle(ports: Ports) -> int:
    """Move everybody whose plan says so and who used nothing paid for its days; return how many. Repeatable."""
    moved = 0
    for plan in (ports.plans.current(code) for code in ports.plans.codes()):
        after = 0
        while plan.idle is not None:
            with ports.sessions.read() as db:
                owners = subscription_rows.owners_on(db, [plan.code], after, OWNERS_AT_ONCE)
            moved += sum(_moved(ports, owner_id, plan) for owner_id in owners)
            if len(owners) < OWNERS_AT_ONCE:
                break
            after = owners[-1]
    return moved


def _moved(ports: Ports, owner_id: int, plan: Plan) -> bool:
    """Move one owner where it is time. Their trouble is logged and keeps nobody else where they are."""
    try:
        return _move(ports, owner_id, plan)
    except Unavailable:
        raise
    except Exception:
        logger.exception("a fault in one owner's plan", extra={"owner_id": owner_id})
        return False


@transactional
def _move(ports: Ports, owner_id: int, plan: Plan) -> bool:
    assert plan.idle is not None
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, owner_id)
        subscriber = subscribers.get(db, owner_id)
        if subscriber.plan_code != plan.code or ports.today() - _last_use(db, owner_id) <= timedelta(plan.idle.days):
            return False
        try:
            subscriptions.fall_back(batch, db, subscriber, plan.idle.becomes, f"idle:{ports.today().isoformat()}")
        except NoPlan:
            logger.error("there is no plan to fall back to", extra={"plan": plan.code, "becomes": plan.idle.becomes})
            return False
    logger.info("an idle subscriber falls back", extra={"owner_id": owner_id, "plan": plan.idle.becomes})
    return True


def _last_use(db: Session, owner_id: int) -> date:
    """Return the day of the last paid use, or that on which the plan began."""
    last = subscription_rows.last_plan(db, owner_id)
    used = statement_rows.last_day_of(db, owner_id, USES)
    began = last.began_on if last else date.min
    return max(began, used or date.min)
