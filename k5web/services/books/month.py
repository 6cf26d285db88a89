"""The operator's month in one table, for the accountant."""

from dataclasses import dataclass
from datetime import date

from k5web.domain.books.month import MonthTable, tables
from k5web.domain.books.period import Period
from k5web.services.ports import Ports
from k5web.storage.books import month_rows
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the house: its days, whether it is over, and a table for each currency."""

    first: date
    last: date
    is_over: bool
    tables: list[MonthTable]

    @property
    def agrees(self) -> bool:
        """Return whether every table comes to its closing."""
        return all(table.agrees for table in self.tables)


@transactional
def show(ports: Ports, day: date) -> Month:
    """Return the month that a day lies in. Raises: Unavailable."""
    month = Period.month(day)
    with ports.reading(month.last) as db:
        found = tables(*month_rows.sums(db, (month.first, month.last)))
    return Month(month.first, month.last, month.last < ports.today(), found)
