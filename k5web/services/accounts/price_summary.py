"""The price list of the contract on a day: plans and price lists that were in force then, each with its own pages."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from k5web.domain.prices.deck import DeckVersion
from k5web.domain.prices.plan import Plan
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices import plan_publishing
from k5web.storage.prices import rates


@dataclass(frozen=True, slots=True)
class PriceSummary:
    """What was in force on a day. `days`: those on which anything took force, the newest first, coming ones too."""

    day: date
    plans: tuple[Plan, ...]
    decks: tuple[DeckVersion, ...]
    days: tuple[date, ...]


def on(ports: Ports, day: date | None = None) -> PriceSummary:
    """Return the prices at the end of a day, today's by itself, as they are known now."""
    day = day or ports.today()
    at = start_of_day(day + timedelta(days=1)) - timedelta(microseconds=1)
    plans = tuple(ports.plans.version(code, at)[1] for code in ports.plans.codes(at))
    sold_by = {deck for plan in plans for deck in plan.sale_decks}
    with ports.sessions.read() as db:
        versions = [version for version in rates.versions(db) if version.name in sold_by]
    decks = (_in_force(name, versions, at) for name in sorted(sold_by))
    return PriceSummary(day, plans, tuple(deck for deck in decks if deck), _days(ports, versions))


def _in_force(name: str, versions: list[DeckVersion], at: datetime) -> DeckVersion | None:
    begun = [each for each in versions if each.name == name and each.effective_from <= at]
    return max(begun, key=lambda version: version.effective_from, default=None)


def _days(ports: Ports, decks: list[DeckVersion]) -> tuple[date, ...]:
    plans = [line.version.effective_from for line in plan_publishing.listed(ports) if line.version]
    moments = [*plans, *(deck.effective_from for deck in decks)]
    return tuple(sorted({moment.astimezone(OPERATOR_ZONE).date() for moment in moments}, reverse=True))
