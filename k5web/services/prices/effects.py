"""What a list would have done to the traffic of the last whole month."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from k5web.domain.prices.effect import Effect, LegGroup, carrier_effect, sale_effect
from k5web.domain.prices.rating import RateTable
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices.deck_publishing import Progress, no_progress
from k5web.services.prices.past_month import last_month
from k5web.storage.prices import traffic_rows
from k5web.storage.prices.traffic_rows import Span

Of = Callable[[Session, Span], Iterator[LegGroup]]


def deck_effect(ports: Ports, before: RateTable, after: RateTable, progress: Progress = no_progress) -> Effect:
    """Return what a list would have changed: what its calls bring, or, where carriers bill by it, what they take.

    The month is read by the day: each tells of the progress.
    """
    head = max((len(rate.prefix) for table in (before, after) for rate in table.rates()), default=1)
    trunks = {trunk.code for switch in ports.switches for trunk in switch.trunks if trunk.deck == after.name}
    if trunks:
        carried = _by_day(ports, lambda db, day: traffic_rows.carried_by(db, sorted(trunks), day, head), progress)
        return carrier_effect(carried, before, after)
    sold = _by_day(ports, lambda db, day: traffic_rows.sold_by(db, after.name, day, head), progress)
    return sale_effect(sold, before, after)


def _by_day(ports: Ports, of: Of, progress: Progress) -> Iterator[LegGroup]:
    since, until = (moment.astimezone(OPERATOR_ZONE).date() for moment in last_month(ports))
    days = (until - since).days
    for n in range(days):
        progress("past_month", n, days)
        day = since + timedelta(days=n)
        with ports.sessions.read() as db:
            yield from of(db, (start_of_day(day), start_of_day(day + timedelta(days=1))))
    progress("past_month", days, days)
