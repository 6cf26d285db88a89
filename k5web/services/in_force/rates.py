"""The rate decks in force, in this process's memory. A new version is built aside and swapped in whole."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.orm import Session

from k5web.domain.prices.coming import ComingRates
from k5web.domain.prices.rating import RateTable
from k5web.domain.prices.tariff import TariffList
from k5web.errors import NoDeck, Unavailable
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


class Snapshot:
    """A table in force: the edition it was built from and, once somebody looked, its list for people and what changes
    when it follows another edition."""

    __slots__ = ("changes", "edition", "table", "tariffs")

    def __init__(self, edition: Edition, table: RateTable) -> None:
        self.edition = edition
        self.table = table
        self.tariffs: TariffList | None = None
        self.changes: tuple[Edition, ComingRates] | None = None


class _CachedDeck:
    """One deck: what is in force, what was built for the next change, when to look again."""

    __slots__ = ("coming", "current", "deck", "lock", "look_at")

    def __init__(self, deck: str, current: Snapshot, look_at: datetime) -> None:
        self.deck = deck
        self.current = current
        self.coming: Snapshot | None = None
        self.look_at = look_at
        self.lock = Lock()


class RateBook:
    """Holds one table per deck name; any thread may ask.

    Once a second one of the asking threads looks for a new import. It builds the new table while the others use the old
    one. A change that is known ahead takes force exactly at its moment; it is built before. While the database does
    not answer, the old table stays.
    """

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._calendar = Calendar()
        self._decks: dict[str, _CachedDeck] = {}
        self._opening = Lock()

    def table(self, deck: str) -> RateTable:
        """Return the table in force. Raises: NoDeck; Unavailable where it was never read and cannot be."""
        return self.snapshot(deck).table

    def snapshot(self, deck: str) -> Snapshot:
        """Return the table in force with what is cached beside it. Raises: as `table`."""
        now = self._clock()
        cached = self._decks.get(deck) or self._open(deck, now)
        until = cached.current.edition.until
        if until is not None and now >= until:
            with cached.lock:
                self._turn(cached, now)
        elif now >= cached.look_at and cached.lock.acquire(blocking=False):
            try:
                self._look(cached, now)
            finally:
                cached.lock.release()
        return cached.current

    def following(self, deck: str) -> Snapshot | None:
        """Return the prices that take force next, None where none are published. Raises: as `table`."""
        until = self.snapshot(deck).edition.until
        if until is None:
            return None
        cached = self._decks[deck]
        with self._sessions.read() as db:
            edition = self._calendar.edition_at(db, deck, until)
            if cached.coming is None or cached.coming.edition != edition:
                cached.coming = _build(db, deck, edition)
            return cached.coming

    def _open(self, deck: str, now: datetime) -> _CachedDeck:
        with self._opening:
            if deck not in self._decks:
                with self._sessions.read() as db:
                    snapshot = _build(db, deck, self._calendar.edition_at(db, deck, now))
                self._decks[deck] = _CachedDeck(deck, snapshot, look_at=now)
            return self._decks[deck]

    def _turn(self, cached: _CachedDeck, now: datetime) -> None:
        """Put the next table in force: its moment has come."""
        if cached.current.edition.covers(now):
            return  # another thread was faster
        self._look(cached, now)  # what was to come may have been taken back
        if cached.current.edition.covers(now) or cached.coming is None or not cached.coming.edition.covers(now):
            return
        cached.current, cached.coming = cached.coming, None

    def _look(self, cached: _CachedDeck, now: datetime) -> None:
        if now < cached.look_at:
            return  # another thread has just looked, or the database did not answer a moment ago
        cached.look_at = now + LOOK_EVERY
        try:
            with self._sessions.read() as db:
                edition = self._calendar.edition_at(db, cached.deck, now)
                if edition != cached.current.edition:
                    cached.current = _renew(db, cached.current, edition)
                    logger.info("price list in force", extra={"deck": cached.deck, "version": edition.version_id})
                if edition.until is not None and edition.until - now <= PREPARE_AHEAD:
                    following = self._calendar.edition_at(db, cached.deck, edition.until)
                    if cached.coming is None or cached.coming.edition != following:
                        cached.coming = _build(db, cached.deck, following)
        except (Unavailable, NoDeck) as trouble:
            logger.warning("price list kept", extra={"deck": cached.deck, "reason": trouble.code})


def _renew(db: Session, snapshot: Snapshot, edition: Edition) -> Snapshot:
    """Return the edition's snapshot; where only its end moved, because a later list was published, the same table."""
    if (edition.version_id, edition.since) == (snapshot.edition.version_id, snapshot.edition.since):
        return Snapshot(edition, snapshot.table)
    return _build(db, snapshot.table.name, edition)


def _build(db: Session, deck: str, edition: Edition) -> Snapshot:
    return Snapshot(edition, rates.load_table(db, deck, edition.version_id, edition.since))
