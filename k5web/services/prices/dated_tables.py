"""The tables of a price list by the days of the uses that they price: what was in force when each began."""

from datetime import datetime

from k5web.domain.prices.rating import Rate, RateTable
from k5web.domain.prices.usage import UsageEvent
from k5web.errors import NoDeck, NoPricesThen
from k5web.services.in_force.rates import Calendar, Edition
from k5web.services.ports import Ports
from k5web.storage.prices import rates

TABLES_KEPT = 8  # editions in memory; files are mostly in order of time


class DatedTables:
    """The tables of one price list; the last used ones stay in memory."""

    def __init__(self, ports: Ports, deck: str) -> None:
        self._ports = ports
        self._deck = deck
        self._calendar = Calendar()
        self._tables: list[tuple[Edition, RateTable]] = []  # the last used first
        self._nothing_before: datetime | None = None

    def at(self, moment: datetime) -> RateTable:
        """Return the table that was in force. Raises: NoPricesThen; NoDeck where the list never had a version."""
        if self._tables and self._tables[0][0].covers(moment):
            return self._tables[0][1]
        if self._nothing_before is not None and moment < self._nothing_before:
            raise NoPricesThen(deck=self._deck)
        for at, (edition, _) in enumerate(self._tables):
            if edition.covers(moment):
                self._tables.insert(0, self._tables.pop(at))
                return self._tables[0][1]
        return self._load(moment)

    def _load(self, moment: datetime) -> RateTable:
        with self._ports.sessions.read() as db:
            try:
                edition = self._calendar.edition_at(db, self._deck, moment)
            except NoDeck as error:
                first = error.facts["until"]
                if not isinstance(first, datetime):
                    raise
                self._nothing_before = first
                return self.at(moment)
            table = rates.load_table(db, self._deck, edition.version_id, edition.since)
        self._tables = [(edition, table), *self._tables[: TABLES_KEPT - 1]]
        return table


class DatedRates:
    """The price lists of a plan, each by the days of the uses."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._decks: dict[str, DatedTables] = {}

    def __call__(self, deck: str, event: UsageEvent, number: str) -> Rate:
        """Return the rate of a number when the event began. Raises: NoRate, NoPricesThen, NoDeck."""
        if deck not in self._decks:
            self._decks[deck] = DatedTables(self._ports, deck)
        return self._decks[deck].at(event.at).find(number)
