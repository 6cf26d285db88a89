"""The decks in force, in this process's memory: built per version, swapped whole, without a restart."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.orm import Session

from k5web.domain.prices.rating import RateTable
from k5web.domain.prices.tariff import TariffList
from k5web.errors import Later, NoDeck
from k5web.services.prices.countries import countries_named
from k5web.storage.prices import rates
from k5web.storage.session import Sessions

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)
PREPARE_AHEAD = timedelta(seconds=60)  # a known change is built this long before it takes force


@dataclass(frozen=True, slots=True)
class Edition:
    """A version and the span in which its prices stay the same: since ≤ moment < until."""

    version_id: int
    since: datetime
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Return whether these prices hold at the moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


class Calendar:
    """Says which edition of a deck holds at a moment. A version never changes, so its moments are read once."""

    def __init__(self) -> None:
        self._moments: dict[int, tuple[datetime, ...]] = {}

    def edition_at(self, db: Session, deck: str, moment: datetime) -> Edition:
        """Return which prices of a deck hold at a moment. Raises: NoDeck (facts: deck, until)."""
        due = rates.due(db, deck, moment)
        if due.version_id is None or due.effective_from is None:
            raise NoDeck(deck=deck, until=due.next_effective)
        moments = self._moments.get(due.version_id)
        if moments is None:
            moments = self._moments[due.version_id] = rates.price_moments(db, due.version_id)
        since = max([due.effective_from, *(at for at in moments if at <= moment)])
        following = [at for at in (*moments, due.next_effective) if at is not None and at > moment]
        return Edition(due.version_id, since, min(following, default=None))


class _Stand:
    """A table on show: the edition it was built from and, once somebody searched, its list for people."""

    __slots__ = ("edition", "table", "tariffs")

    def __init__(self, edition: Edition, table: RateTable) -> None:
        self.edition = edition
        self.table = table
        self.tariffs: TariffList | None = None


class _Shelf:
    """One deck: what is in force, what was built for the next change, when to look again."""

    __slots__ = ("coming", "current", "deck", "lock", "look_at")

    def __init__(self, deck: str, current: _Stand, look_at: datetime) -> None:
        self.deck = deck
        self.current = current
        self.coming: _Stand | None = None
        self.look_at = look_at
        self.lock = Lock()


class RateBook:
    """Holds one table per deck name; any thread may ask.

    Once a second one of the asking threads looks whether something was imported and, where so, builds it while the
    others go on with the old table. A change that is known ahead takes force exactly at its moment: it is built
    before, else whoever asks then waits for it. Where the base does not answer, the old table stays.
    """

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._calendar = Calendar()
        self._shelves: dict[str, _Shelf] = {}
        self._opening = Lock()

    def table(self, deck: str) -> RateTable:
        """Return the table in force. Raises: NoDeck; Later where it was never read and the base does not answer."""
        return self._stand(deck).table

    def tariffs(self, deck: str) -> TariffList:
        """Return the list for people of the table in force. Raises: as `table`."""
        stand = self._stand(deck)
        if stand.tariffs is None:
            stand.tariffs = TariffList(stand.table, countries_named)  # two threads may both build it: the same list
        return stand.tariffs

    def _stand(self, deck: str) -> _Stand:
        now = self._clock()
        shelf = self._shelves.get(deck) or self._open(deck, now)
        until = shelf.current.edition.until
        if until is not None and now >= until:
            with shelf.lock:
                self._turn(shelf, now)
        elif now >= shelf.look_at and shelf.lock.acquire(blocking=False):
            try:
                self._look(shelf, now)
            finally:
                shelf.lock.release()
        return shelf.current

    def _open(self, deck: str, now: datetime) -> _Shelf:
        with self._opening:
            if deck not in self._shelves:
                with self._sessions.read() as db:
                    stand = _build(db, deck, self._calendar.edition_at(db, deck, now))
                self._shelves[deck] = _Shelf(deck, stand, look_at=now)
            return self._shelves[deck]

    def _turn(self, shelf: _Shelf, now: datetime) -> None:
        """Put the next table on show, its moment has come."""
        if shelf.current.edition.covers(now):
            return  # another thread was faster
        if shelf.coming is not None and shelf.coming.edition.covers(now):
            shelf.current, shelf.coming = shelf.coming, None
        else:
            self._look(shelf, now)

    def _look(self, shelf: _Shelf, now: datetime) -> None:
        if now < shelf.look_at:
            return  # another thread has just looked, or the base did not answer a moment ago
        shelf.look_at = now + LOOK_EVERY
        try:
            with self._sessions.read() as db:
                edition = self._calendar.edition_at(db, shelf.deck, now)
                if edition != shelf.current.edition:
                    shelf.current = _renew(db, shelf.current, edition)
                    logger.info("price list in force", extra={"deck": shelf.deck, "version": edition.version_id})
                if edition.until is not None and edition.until - now <= PREPARE_AHEAD:
                    following = self._calendar.edition_at(db, shelf.deck, edition.until)
                    if shelf.coming is None or shelf.coming.edition != following:
                        shelf.coming = _build(db, shelf.deck, following)
        except (Later, NoDeck) as trouble:
            logger.warning("price list kept", extra={"deck": shelf.deck, "reason": trouble.code})


def _renew(db: Session, stand: _Stand, edition: Edition) -> _Stand:
    """Return the edition's stand; where only its end moved, because a later list was published, the same table."""
    if (edition.version_id, edition.since) == (stand.edition.version_id, stand.edition.since):
        return _Stand(edition, stand.table)
    return _build(db, stand.table.name, edition)


def _build(db: Session, deck: str, edition: Edition) -> _Stand:
    return _Stand(edition, rates.load_table(db, deck, edition.version_id, edition.since))
