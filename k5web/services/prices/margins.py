"""Margins by direction: of a month's calls, from the sums of its days, and of a minute by today's prices."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from k5web.domain.prices.margin import MarginLine, MinuteMargin, by_direction, minute_margins, totals
from k5web.domain.prices.rating import RateTable
from k5web.errors import NoDeck
from k5web.services.ports import Ports, start_of_day
from k5web.storage.prices import margin_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
DAYS_A_ROUND = 31  # that one round of the worker sums at most


@dataclass(frozen=True, slots=True)
class MonthMargins:
    """A month by direction, the worst first; `price_lists` are what it was sold by."""

    lines: list[MarginLine]
    totals: list[MarginLine]
    price_lists: list[str]


def sum_days(ports: Ports) -> int:
    """Sum the days that are over, each once and in order; return how many. Repeatable, by any number of workers.

    A day waits until its calls are over.
    """
    done = 0
    while done < DAYS_A_ROUND and _sum_next(ports):
        done += 1
    if done:
        logger.info("days summed by direction", extra={"days": done})
    return done


@transactional
def _sum_next(ports: Ports) -> bool:
    with ports.sessions.read() as db:
        day = _next_day(ports, margin_rows.last_day(db), margin_rows.first_call(db))
        if day is None or margin_rows.has_open_calls(db, start_of_day(day + DAY)):
            return False
    with ports.sessions.begin() as db:
        margin_rows.sum_up(db, day, _span(day, day), ports.clock())
    return True


def _next_day(ports: Ports, last: date | None, first_call: datetime | None) -> date | None:
    """Return the first day that is over and not summed."""
    if first_call is None:
        return None
    day = last + DAY if last else ports.day_of(first_call)
    return day if day < ports.today() else None


def month(ports: Ports, first: date, price_list: str = "") -> MonthMargins:
    """Return a month's margins, of one price list ("deck k5") or plan ("plan go") where it is named.

    Days that are not summed yet, today among them, are counted now.
    """
    last = min((first + 31 * DAY).replace(day=1) - DAY, ports.today())
    with ports.reading(last) as db:
        summed = margin_rows.last_day(db) or date.min
        lines = list(margin_rows.kept(db, first, last))
        fresh = max(first, summed + DAY)
        if fresh <= last:
            lines += margin_rows.counted(db, _span(fresh, last))
    found = by_direction(lines, price_list)
    return MonthMargins(found, totals(found), sorted({line.price_list for line in lines if line.price_list}))


def minutes(ports: Ports, deck: str) -> Sequence[MinuteMargin]:
    """Return what is left of a minute by a price list and the carriers' lists in force. Raises: NoDeck, Unavailable.

    It is worked out once for the same tables: each page of margins asks for it.
    """
    names = {trunk.deck for switch in ports.switches for trunk in switch.trunks if trunk.deck}
    carriers = {}
    for name in names:
        try:
            carriers[name] = ports.rates.table(name)
        except NoDeck:
            continue
    return _minutes(ports.rates.table(deck), tuple(sorted(carriers.items())))


@lru_cache(maxsize=2)  # a table in force is the same object until another takes its place
def _minutes(sold: RateTable, carriers: tuple[tuple[str, RateTable], ...]) -> Sequence[MinuteMargin]:
    return minute_margins(sold, dict(carriers))


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    return start_of_day(first), start_of_day(last + DAY)
