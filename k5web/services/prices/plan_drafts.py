"""Plans on the desk: a file is checked, kept as a draft with what was found, and published by another person."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from k5web.domain.money import CURRENCIES, Money
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.plan_effect import SubscriberMonth, plan_effects
from k5web.domain.prices.plan_version import PlanText, PlanVersion
from k5web.domain.prices.price_draft import DraftState, NewDraft, PriceDraft
from k5web.errors import CurrencyMismatch, DraftOutdated
from k5web.services.in_force import planfiles
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import drafts, plan_publishing
from k5web.services.prices.dated_plans import DatedPlan
from k5web.services.prices.dated_tables import DatedRates
from k5web.services.prices.deck_publishing import Progress, no_progress
from k5web.services.prices.past_month import Talk, charges_on, fees_on, last_month, talks_of
from k5web.services.prices.plan_publishing import Publication
from k5web.storage.accounts import subscribers
from k5web.storage.prices import draft_rows, plan_rows
from k5web.storage.session import transactional

MOST_SUBSCRIBERS: Final = 1_000  # whose last month is priced anew while somebody waits

# What a publication would do, the state it was tried on, the version before it, how many subscribers it concerns
Tried = tuple[Publication, plan_rows.State, Plan | None, int]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it was uploaded; without a file of direction groups those that K5 comes with are meant."""

    name: str
    content: bytes
    groups: bytes | None = None


def upload(ports: Ports, file: PlanFile, effective: date, actor: str, progress: Progress = no_progress) -> PriceDraft:
    """Check a file and keep it as a draft; the same file again is the same draft.

    Raises: WrongPlan (facts: found, every fault with its line), WrongFile; PastDay, DayTooFar; PlanDayTaken;
    NoticeTooShort (facts: rows); DraftTaken.
    """
    return drafts.keep(ports, _checked(ports, _text(ports, file), effective, actor, progress), actor)


def check_again(ports: Ports, draft_id: int, actor: str, progress: Progress = no_progress) -> PriceDraft:
    """Check a draft anew, since other versions were published. Raises: as `upload`, DraftEnded."""
    with ports.sessions.read() as db:
        draft = draft_rows.find(db, draft_id)
        text = _kept_text(db, draft)
    return drafts.show_again(ports, draft_id, _checked(ports, text, draft.effective, actor, progress))


def publish_draft(ports: Ports, db: Session, draft_id: int, actor: str) -> PlanVersion:
    """Publish a draft as it was shown, in the caller's transaction.

    Raises: DraftEnded; DraftOutdated, where versions were published or taken back since; NoticeTooShort; PastDay.
    """
    draft = drafts.open_draft(db, draft_id)
    text = _kept_text(db, draft)
    plan = plan_publishing.check(ports, text, draft.effective)
    plan_rows.lock(db)
    if list(plan_rows.state(db, plan.code)) != draft.shown["state"]:
        raise DraftOutdated(draft=draft_id)
    done = plan_publishing.publish_plan(ports, db, plan, text, draft.effective, actor)
    if done.version is None:
        raise DraftOutdated(draft=draft_id)
    draft_rows.end(db, draft_id, DraftState.PUBLISHED, actor, ports.clock(), done.version.id)
    return done.version


def _checked(ports: Ports, text: PlanText, effective: date, actor: str, progress: Progress) -> NewDraft:
    plan = plan_publishing.check(ports, text, effective)
    shown = _shown(_tried(ports, plan, text, effective, actor), ports, plan, progress)
    return NewDraft("plan", plan.code, effective, text.file, text.plan.encode(), {"groups": text.groups}, shown)


def _text(ports: Ports, file: PlanFile) -> PlanText:
    text = planfiles.decoded(file.name, file.content)
    if file.groups is None:
        return ports.plans.completed(file.name, text)
    return PlanText(file.name, text, planfiles.decoded("groups.toml", file.groups))


def _kept_text(db: Session, draft: PriceDraft) -> PlanText:
    return PlanText(draft.file, draft_rows.content(db, draft.id).decode(), draft.options["groups"])


@transactional
def _tried(ports: Ports, plan: Plan, text: PlanText, effective: date, actor: str) -> Tried:
    with ports.sessions.begin() as db:
        done = plan_publishing.publish_plan(ports, db, plan, text, effective, actor, dry_run=True)
        due = plan_rows.due(db, plan.code, start_of_day(effective))
        before = plan_publishing.before_of(ports, db, plan.code, due)
        payers = [(plan.code, currency) for currency in CURRENCIES]
        return done, plan_rows.state(db, plan.code), before, subscribers.number_of(db, payers)


def _shown(tried: Tried, ports: Ports, plan: Plan, progress: Progress) -> dict[str, Any]:
    done, state, before, concerned = tried
    months = list(_months(ports, before, plan, progress)) if before else []
    return {
        "state": list(state),
        "title": plan.title,
        "is_new": done.is_new,
        "is_known": done.is_known,
        "dearer": list(done.difference.dearer),
        "other": list(done.difference.other),
        "subscribers": concerned,
        "priced": len(months),
        "month": last_month(ports)[0].date().isoformat(),
        "effect": [asdict(effect) for effect in plan_effects(months)],
    }


def _months(ports: Ports, before: Plan, after: Plan, progress: Progress) -> Iterator[SubscriberMonth]:
    """Yield the last month of each subscriber of a plan by both of its versions: calls with their allowances, and the
    fees of the plan and of the options that begin with it."""
    since, until = last_month(ports)
    find_rate = DatedRates(ports)
    versions: dict[str, tuple[DatedPlan, DatedPlan]] = {}
    with ports.sessions.read() as db:
        found = subscribers.listed_by(db, [(after.code, currency) for currency in sorted(CURRENCIES)], MOST_SUBSCRIBERS)
    for n, one in enumerate(found):
        progress("past_month", n, len(found))
        try:
            if one.currency not in versions:
                now, then = (DatedPlan.alone(plan.sold_in(one.currency), find_rate) for plan in (before, after))
                versions[one.currency] = now, then
        except CurrencyMismatch:
            continue
        with ports.sessions.read() as db:
            talks = talks_of(db, one.id, since, until)
        (was, _), (becomes, priced) = (_cost(plan, talks, since, until) for plan in versions[one.currency])
        yield SubscriberMonth(was, becomes, len(talks), len(talks) - priced)


def _cost(plan: DatedPlan, talks: list[Talk], since: datetime, until: datetime) -> tuple[Money, int]:
    """Return what a month costs on a version, and how many of its calls have a price."""
    charges = list(charges_on(plan, talks))
    nothing = Money(0, plan.plan_on(since.date()).currency)
    return sum([*charges, *fees_on(plan, since.date(), until.date())], nothing), len(charges)
