"""A published version is taken back before it takes force: what is in force stays, and subscribers are told back."""

import logging
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.prices.plan_difference import compare_plans
from k5web.domain.prices.price_draft import Priced, Withdrawal
from k5web.errors import InForceAlready, NoticeTooShort, StillDearer, WithdrawnAlready
from k5web.services.ports import Ports
from k5web.services.prices import deck_notice, plan_publishing
from k5web.services.prices.deck_publishing import table_due
from k5web.storage import outbox
from k5web.storage.outbox import Kind
from k5web.storage.prices import plan_rows, rates, withdrawal_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LATEST: Final = timedelta(minutes=1)  # before its moment: every process must have heard of it until then
NOTICES: Final[dict[Priced, Kind]] = {"deck": "deck_change", "plan": "plan_change"}


def withdraw_deck(ports: Ports, db: Session, version_id: int, actor: str, reason: str) -> Withdrawal:
    """Take a version of a price list back, in the caller's transaction.

    Raises: NotFound, InForceAlready, WithdrawnAlready; StillDearer, where the version after it would come too soon.
    """
    rates.lock(db)
    version = rates.version(db, version_id)
    done = _take_back(ports, db, "deck", version.id, version.name, version.effective_from, actor, reason)
    coming = rates.next_after(db, version.name, version.effective_from)
    stays = [(rate, version.effective_from) for rate in table_due(db, version.name, version.effective_from).rates()]
    rows = deck_notice.dearer_then(db, stays, coming)
    if coming and rows:
        if deck_notice.too_soon(ports, db, version.name, rows):
            raise StillDearer(what=f"version {coming.id} of {version.name}", day=ports.day_of(coming.effective_from))
        deck_notice.tell(ports, db, coming, rows, f"{coming.id} without {version.id}")
    return done


def withdraw_plan(ports: Ports, db: Session, version_id: int, actor: str, reason: str) -> Withdrawal:
    """Take a version of a plan back, in the caller's transaction. Raises: as `withdraw_deck`."""
    plan_rows.lock(db)
    version = plan_rows.version(db, version_id)
    done = _take_back(ports, db, "plan", version.id, version.code, version.effective_from, actor, reason)
    later = plan_rows.next_after(db, version.code, version.effective_from)
    due = plan_rows.due(db, version.code, version.effective_from)
    before = plan_publishing.before_of(ports, db, version.code, due)
    if later and before:
        changes = compare_plans(before, plan_publishing.parsed(db, later))
        day = ports.day_of(later.effective_from)
        try:
            plan_publishing.check_notice(ports, before, changes, day)
        except NoticeTooShort as short:
            raise StillDearer(what=f"version {later.id} of {version.code}", day=day) from short
        if changes.dearer:
            plan_publishing.tell(ports, db, later, changes, f"{later.id} without {version.id}")
    return done


@transactional
def check_withdrawable(ports: Ports, subject: Priced, version_id: int) -> tuple[date, str]:
    """Return the day of a version and of what it is one. Raises: NotFound, InForceAlready, WithdrawnAlready."""
    with ports.sessions.read() as db:
        if subject == "deck":
            deck = rates.version(db, version_id)
            name, begins = deck.name, deck.effective_from
        else:
            plan = plan_rows.version(db, version_id)
            name, begins = plan.code, plan.effective_from
        _check(ports, db, subject, version_id, name, begins)
    return ports.day_of(begins), name


def _check(ports: Ports, db: Session, subject: Priced, version_id: int, name: str, begins: datetime) -> None:
    what = f"version {version_id} of {name}"
    if withdrawal_rows.is_withdrawn(db, subject, version_id):
        raise WithdrawnAlready(what=what)
    if begins - LATEST <= ports.clock():
        raise InForceAlready(what=what, day=ports.day_of(begins))


def _take_back(
    ports: Ports, db: Session, subject: Priced, version_id: int, name: str, begins: datetime, actor: str, reason: str
) -> Withdrawal:
    """Note that a version is taken back, and tell whoever was told of it."""
    _check(ports, db, subject, version_id, name, begins)
    now = ports.clock()
    done = Withdrawal(subject, version_id, name, now, actor, reason)
    withdrawal_rows.add(db, done)
    facts = {"subject": subject, "name": name, "version": version_id, "effective": ports.day_of(begins).isoformat()}
    dropped, told_back = outbox.take_back(db, NOTICES[subject], str(version_id), facts, now)
    told = {"subject": subject, "of": name, "version": version_id, "dropped": dropped, "told_back": told_back}
    logger.info("version taken back", extra=told)
    return done
