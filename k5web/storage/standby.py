"""The standby that reports may read: looked at now and then, left alone while it is away or too far behind."""

import logging
import threading
import time
from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
AWAY_S = 10.0  # one that did not answer is not asked again before: asking a dead machine takes seconds

_PRIMARY = text("SELECT CAST(pg_current_wal_flush_lsn() AS text) AS position, pg_postmaster_start_time() AS started")
# What is called a standby and is none has what we write only where it is our primary itself
_STANDBY = text(
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn)"
    " ELSE pg_postmaster_start_time() = :started END AS is_level,"
    " CASE WHEN pg_is_in_recovery() THEN CAST(EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())"
    " AS float) END AS quiet_s"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a standby stood when it was last looked at."""

    is_read: bool
    behind_s: float | None  # seconds; None where that cannot be told: it is away, or the primary is


class Standby:
    """Whether a standby may be read now, asked at most once a second in a process.

    `engine` leads to it, `primary` to what it follows; `most_behind_s` are the seconds it may be behind.
    """

    def __init__(self, engine: Engine, primary: Engine, most_behind_s: float) -> None:
        self.engine = engine
        self._primary = primary
        self._most_behind_s = most_behind_s
        self._looking = threading.Lock()
        self._look_at = 0.0
        self._level_at: float | None = None  # when it was last seen to have all of the primary
        self._standing: Standing | None = None

    def standing(self) -> Standing:
        """Return how it stands, looking where the last look is old; whoever comes meanwhile does not wait."""
        if time.monotonic() >= self._look_at and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self._standing or Standing(False, None)

    def leave(self) -> None:
        """Leave it alone for a while: it did not answer just now."""
        self._note(Standing(False, None), "away")

    def _look(self) -> None:
        began = time.monotonic()
        if self.engine.dialect.name == "sqlite":  # a copy of the file, followed by nobody
            self._note(Standing(True, 0.0), "")
            return
        try:
            with self._primary.connect() as db:
                position = db.execute(_PRIMARY).one()
            with self.engine.connect() as db:
                found = db.execute(_STANDBY, position._asdict()).one()
        except (DBAPIError, NoFreeConnection):
            self.leave()
            return
        if found.is_level:
            self._level_at = began
            behind_s: float | None = 0.0
        else:
            # A house that rests writes nothing: its last change is old, yet nothing from before _level_at is missing
            since_level_s = None if self._level_at is None else began - self._level_at
            told = [seconds for seconds in (since_level_s, found.quiet_s) if seconds is not None]
            behind_s = min(told, default=None)
        self._note(Standing(behind_s is not None and behind_s <= self._most_behind_s, behind_s), "behind")

    def _note(self, standing: Standing, reason: str) -> None:
        """Keep how it stands; say once that it is left, and once that it is read again."""
        was_read = self._standing is None or self._standing.is_read
        if was_read and not standing.is_read:
            logger.warning("the standby is not read, the primary is instead", extra={"reason": reason})
        elif not was_read and standing.is_read:
            logger.info("the standby is read again")
        self._standing = standing
        self._look_at = time.monotonic() + (AWAY_S if reason == "away" else LOOK_EVERY_S)
