"""Publishing a plan: a new version with its day, the notice that a dearer one needs, who is told (B2)."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.money import CURRENCIES
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.plan_difference import PlanDifference, compare_plans
from k5web.domain.prices.plan_version import PlanText, PlanVersion
from k5web.domain.prices.price_draft import Withdrawal
from k5web.errors import NoPlan, NoticeTooShort, PlanDayTaken, WrongSetting
from k5web.services.in_force.plan_folder import parse
from k5web.services.in_force.plan_names import meant
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices.effective_days import NOTICE, check_to_come
from k5web.storage import outbox
from k5web.storage.prices import plan_rows, withdrawal_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

MARGINS = "K5_LEAST_MARGIN"
SAME = PlanDifference((), ())


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did, or would do. `version` is None where nothing was written."""

    plan: Plan
    difference: PlanDifference
    is_new: bool  # no plan of this code was there before
    version: PlanVersion | None
    is_known: bool  # the very same texts are published for this day already
    told: int = 0  # subscribers who get a notice


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """A version as the list shows it; `version` is None for what K5 comes with."""

    plan: Plan
    version: PlanVersion | None
    is_in_force: bool


def publish(ports: Ports, text: PlanText, effective: date, actor: str, dry_run: bool = False) -> Publication:
    """Publish a plan as a version in force from 00:00 Moscow of `effective`; every version is kept for ever.

    With `dry_run` only the difference to what is in force on that day is returned.
    Raises: WrongPlan, WrongFile; PastDay, DayTooFar; PlanDayTaken; NoticeTooShort (facts: rows, what becomes dearer).
    """
    plan = check(ports, text, effective)
    return _publish(ports, plan, text, effective, actor, dry_run)


def check(ports: Ports, text: PlanText, effective: date) -> Plan:
    """Return the plan that a text describes. Raises: WrongPlan, WrongFile; PastDay, DayTooFar."""
    check_to_come(ports, effective)
    plan = parse(text, ports.plans.codes(start_of_day(effective)))
    check_margins(ports, {plan.code})
    return plan


@transactional
def _publish(ports: Ports, plan: Plan, text: PlanText, effective: date, actor: str, dry_run: bool) -> Publication:
    """Repeated after an unknown outcome it finds its own version by the digest and writes no second one."""
    with ports.sessions.begin() as db:
        return publish_plan(ports, db, plan, text, effective, actor, dry_run)


def publish_plan(
    ports: Ports, db: Session, plan: Plan, text: PlanText, effective: date, actor: str, dry_run: bool = False
) -> Publication:
    """Publish a checked plan in the caller's transaction. Raises: PlanDayTaken, NoticeTooShort."""
    moment = start_of_day(effective)
    plan_rows.lock(db)  # else two versions for different days are compared without each other
    due = plan_rows.due(db, plan.code, moment)
    if due is not None and due.effective_from == moment:
        if due.digest != text.digest:
            raise PlanDayTaken(plan=plan.code)
        return Publication(plan, SAME, False, None, True)
    before = before_of(ports, db, plan.code, due)
    difference = compare_plans(before, plan) if before else SAME
    check_notice(ports, plan, difference, effective)
    later = plan_rows.next_after(db, plan.code, moment)
    back = compare_plans(plan, parsed(db, later)) if later else SAME
    if later:  # what ends by a dearer version that is published already needs its notice too
        check_notice(ports, plan, back, _day_of(later))
    if dry_run:
        return Publication(plan, difference, before is None, None, False)
    version = plan_rows.add(db, plan.code, moment, text, actor, ports.clock())
    told = tell(ports, db, version, difference, str(version.id))
    if later and back.dearer:
        tell(ports, db, later, back, f"{later.id} after {version.id}")
    logger.info("plan published", extra={"plan": plan.code, "version": version.id, "told": told})
    return Publication(plan, difference, before is None, version, False, told)


def before_of(ports: Ports, db: Session, code: str, due: PlanVersion | None) -> Plan | None:
    """Return what is in force on the day of the new version without it, None where nothing is."""
    if due is not None:
        return parsed(db, due)
    try:
        return ports.plans.shipped(code)
    except NoPlan:
        return None


def parsed(db: Session, version: PlanVersion) -> Plan:
    return parse(plan_rows.texts(db, [version.id])[version.id])


def _day_of(version: PlanVersion) -> date:
    return version.effective_from.astimezone(OPERATOR_ZONE).date()


def check_notice(ports: Ports, plan: Plan, difference: PlanDifference, effective: date) -> None:
    """Raises: NoticeTooShort, where something becomes dearer sooner than notice of it can be given."""
    earliest = ports.today() + NOTICE
    if difference.dearer and effective < earliest:
        raise NoticeTooShort(what=f"plan {plan.code}", day=effective, earliest=earliest, rows=difference.dearer)


def tell(ports: Ports, db: Session, version: PlanVersion, difference: PlanDifference, about: str) -> int:
    """Write the notices of a change. They hold numbers and days only: the words are made when they are sent."""
    if difference == SAME:
        return 0
    facts = {
        "plan": version.code,
        "version": version.id,
        "effective": _day_of(version).isoformat(),
        "is_dearer": bool(difference.dearer),
    }
    concerned = [(version.code, currency) for currency in CURRENCIES]
    return outbox.note_change(db, "plan_change", about, concerned, facts, ports.clock())


def check_margins(ports: Ports, also: Collection[str] = ()) -> None:
    """Look whether every plan with a least margin is there, or is one of these: a margin of none guards nothing.

    Raises: WrongSetting.
    """
    for code in ports.least_margins:
        if code not in also and not ports.plans.knows(code):
            reason = f"there is no plan '{code}'{meant(code, ports.plans.codes())}"
            raise WrongSetting(name=MARGINS, reason=reason)


def listed(ports: Ports) -> list[ListedVersion]:
    """Return every version of every plan, by code and day, each with whether it is in force now."""
    now = ports.clock()
    with ports.sessions.read() as db:
        published = plan_rows.versions(db)
    codes = sorted({*ports.plans.codes(), *(version.code for version in published)})
    return [line for code in codes for line in _listed(ports, code, [v for v in published if v.code == code], now)]


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version as it was written, with what it changed of the one before it."""

    version: PlanVersion
    withdrawal: Withdrawal | None
    difference: PlanDifference
    text: str


def shown(ports: Ports, version_id: int) -> ShownVersion:
    """Return a version, also one that was taken back. Raises: NotFound."""
    with ports.sessions.read() as db:
        version = plan_rows.version(db, version_id)
        due = plan_rows.due(db, version.code, version.effective_from - timedelta(microseconds=1))
        before = before_of(ports, db, version.code, due)
        text = plan_rows.texts(db, [version_id])[version_id]
        difference = compare_plans(before, parse(text)) if before else SAME
        return ShownVersion(version, withdrawal_rows.of(db, "plan").get(version_id), difference, text.plan)


def withdrawn(ports: Ports) -> list[PlanVersion]:
    """Return the versions that were taken back before they took force."""
    with ports.sessions.read() as db:
        return plan_rows.withdrawn(db)


def _listed(ports: Ports, code: str, published: list[PlanVersion], now: datetime) -> list[ListedVersion]:
    begun = [version.id for version in published if version.effective_from <= now]
    lines = [
        ListedVersion(ports.plans.version(code, version.effective_from)[1], version, begun[-1:] == [version.id])
        for version in published
    ]
    try:
        return [ListedVersion(ports.plans.shipped(code), None, not begun), *lines]
    except NoPlan:
        return lines
