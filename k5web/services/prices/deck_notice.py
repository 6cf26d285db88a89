"""The notice that a dearer price list needs: ten days for whoever pays by it (B2)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.prices.deck import DeckVersion
from k5web.domain.prices.deck_difference import DeckDifference, difference, is_worse
from k5web.domain.prices.objection import Change
from k5web.domain.prices.rating import RateTable
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices.effective_days import NOTICE
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.prices import rates
from k5web.storage.prices.rates import PublishedRate


def sale_decks(ports: Ports) -> frozenset[str]:
    """Return the names of the lists that K5 sells by: those of the plans in force. Raises: Unavailable."""
    return frozenset(deck for code in ports.plans.codes() for deck in ports.plans.current(code).sale_decks)


def payers_by(ports: Ports, deck: str) -> set[tuple[str, str]]:
    """Return which accounts are priced by a list, as the code of their plan and their currency."""
    plans = [ports.plans.current(code) for code in ports.plans.codes()]
    return {
        (plan.code, currency)
        for plan in plans
        for currency in {plan.currency, *plan.decks}
        if deck == plan.decks.get(currency) or (currency == plan.currency and deck in {r.deck for r in plan.rates})
    }


def dearer_rows(
    before: RateTable, changes: DeckDifference, since: datetime, later: Iterable[PublishedRate]
) -> list[tuple[str, date]]:
    """Return the prefixes by which some call may cost more, or is no longer possible, each with its day.

    `later` are prices of the list that take force after `since`, the list's own moment.
    """
    kinds = (changes.dearer, changes.changed, changes.cheaper, changes.gone, changes.new)
    found = [change for kind in kinds for change in kind if is_worse(change.before, change.after)]
    rows = [(change.prefix, _day(since)) for change in found]
    return rows + [(rate.prefix, _day(at)) for rate, at in later if is_worse(before.longest(rate.prefix), rate)]


def too_soon(ports: Ports, db: Session, deck: str, rows: Iterable[tuple[str, date]]) -> str:
    """Return why a list needs more notice, "" where it does not: nothing becomes dearer, or nobody pays by it yet."""
    earliest = ports.today() + NOTICE
    found = [prefix for prefix, day in rows if day < earliest]
    if not found or not subscribers.number_of(db, payers_by(ports, deck)):
        return ""
    return (
        f"{len(found)} prices become dearer sooner than notice of it can be given, {found[0]} among them: "
        f"choose {earliest} or later (--without-notice REASON, if none is owed)"
    )


def dearer_then(db: Session, whole: Iterable[PublishedRate], coming: DeckVersion | None) -> list[tuple[str, date]]:
    """Return what becomes dearer when `coming`, which is published already, takes the place of a new list."""
    if coming is None:
        return []
    moment = coming.effective_from
    in_force = {rate.prefix: rate for rate, since in sorted(whole, key=lambda row: row[1]) if since <= moment}
    then = RateTable(coming.name, 0, in_force.values())
    changes = difference(then, rates.load_table(db, coming.name, coming.id, moment))
    return dearer_rows(then, changes, moment, ())


def still_dearer(db: Session, change: Change) -> bool:
    """Return whether a list becomes dearer on the announced day: a later import may have corrected it."""
    begins = start_of_day(change.effective)
    if rates.due(db, change.code, begins).version_id == change.version_id:
        return True
    before = _table(db, change.code, begins - timedelta(microseconds=1))
    changes = difference(before, _table(db, change.code, begins))
    return bool(dearer_rows(before, changes, begins, ()))


def _table(db: Session, name: str, moment: datetime) -> RateTable:
    version_id = rates.due(db, name, moment).version_id
    return RateTable(name, 0, ()) if version_id is None else rates.load_table(db, name, version_id, moment)


def tell(
    ports: Ports, db: Session, version: DeckVersion, rows: Iterable[tuple[str, date]], about: str | None = None
) -> int:
    """Write a notice for everybody who pays by a list that becomes dearer by these rows, with the first of their days;
    return how many. `about` names the notice where another version makes it so, as in "3 after 4"."""
    first = min(day for _, day in rows)
    facts = {"deck": version.name, "version": version.id, "effective": first.isoformat()}
    return outbox.note_change(
        db, "deck_change", about or str(version.id), payers_by(ports, version.name), facts, ports.clock()
    )


def _day(at: datetime) -> date:
    return at.astimezone(OPERATOR_ZONE).date()
