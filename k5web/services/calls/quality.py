"""How trunks and directions did on chosen days, as staff look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from k5web.domain.calls.quality import Quality
from k5web.errors import WrongPeriod
from k5web.services.ports import Ports, start_of_day
from k5web.storage.calls import quality_rows
from k5web.storage.session import transactional

LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of some days: by trunk, and by direction as the price list calls it."""

    first: date
    last: date
    trunks: Sequence[Quality]
    directions: Sequence[Quality]


@transactional
def report(ports: Ports, first: date, last: date) -> Report:
    """Return the figures of these days, both included. Raises: WrongPeriod, Unavailable (too much for one page)."""
    if not timedelta(0) <= last - first < LONGEST:
        raise WrongPeriod(first=first, last=last)
    span = start_of_day(first), start_of_day(last + timedelta(days=1))
    with ports.reading(last) as db:
        trunks = quality_rows.quality(db, "trunk", span)
        directions = quality_rows.quality(db, "direction", span)
    return Report(first, last, trunks, directions)
