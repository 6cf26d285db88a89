"""Days are closed and sealed: the worker does it at 00:30 by the operator's clock, `k5 ledger close` at once.

Each step may be done again: whoever was killed, or runs beside another, makes the same rows and the same seal.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from k5web.domain.books.sealing import (
    NOTHING,
    DayClose,
    HouseDay,
    Seal,
    SealedPosting,
    days_due,
    digest_of,
    seal_digest,
)
from k5web.errors import DayNotOver, Unavailable
from k5web.services.messaging import sending
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.storage.books import seal_rows
from k5web.storage.books.seal_rows import SealLetter
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

OWNERS_AT_ONCE: Final = 100  # in one transaction: other writers wait for no more
PATIENCE_S: Final = 60  # for whoever was writing when the day was closed
PAGE: Final = 25  # seals
MOST_KEEPERS: Final = 10  # whose letters are looked for
MAIL_LIVES: Final = timedelta(days=30)

Turnover = Counter[tuple[str, str, bool]]  # house account, unit, whether money left it
Progress = Callable[[str, int, int], None]  # the day, how many accounts of it are done, of how many


def no_progress(what: str, done: int, total: int) -> None:
    """Show nothing."""


def close_due(ports: Ports, progress: Progress = no_progress) -> list[Seal]:
    """Close and seal every day that is over and is not sealed yet; return the seals that were made.

    Raises: DayNotOver (the database's clock says so: whose is wrong?), Unavailable (somebody has been writing for a
    minute: the next time).
    """
    due = _days_due(ports)  # first: a day that another worker closes after this is in it, one closed before is unsealed
    unsealed = _unsealed(ports)
    made = []
    for day in sorted({*unsealed, *due}):
        if day not in unsealed:
            _close(ports, day)
        made.append(_finish(ports, day, progress))
    return made


def due(ports: Ports) -> list[date]:
    """Return the days that are over and have no seal yet, the oldest first."""
    return sorted({*_days_due(ports), *_unsealed(ports)})


@transactional
def newest(ports: Ports, before: date | None = None) -> list[Seal]:
    """Return seals, the newest first, below a day; one more than a page where there are more."""
    with ports.sessions.read() as db:
        return seal_rows.newest(db, before, PAGE + 1)


@transactional
def letters(ports: Ports, days: Sequence[date]) -> dict[date, list[SealLetter]]:
    """Return to whom each of these days' seals was sent, and when."""
    with ports.sessions.read() as db:
        sent = seal_rows.letters(db, [_letter(day, n) for day in days for n in range(MOST_KEEPERS)])
    return {day: [each for each in sent if each.day == day] for day in days}


@transactional
def seals(ports: Ports) -> list[Seal]:
    """Return all seals, the oldest first."""
    with ports.sessions.read() as db:
        return seal_rows.seals(db)


def _finish(ports: Ports, day: date, progress: Progress) -> Seal:
    """Seal a day into which nothing is booked any more."""
    _await_writers(ports)
    return _seal(ports, day, _close_accounts(ports, day, progress))


@transactional
def _days_due(ports: Ports) -> list[date]:
    """Return the days to close now; none where nothing has moved since K5 was set up."""
    with ports.sessions.begin() as db:
        last = seal_rows.last_closed(db)
        if last is None and not seal_rows.count_moved(db, None):
            return []
    return days_due(ports.clock().astimezone(OPERATOR_ZONE), last)


@transactional
def _unsealed(ports: Ports) -> list[date]:
    with ports.sessions.begin() as db:
        return seal_rows.unsealed(db)


@transactional
def _close(ports: Ports, day: date) -> None:
    """Let nothing more be booked into a day. A clock that is ahead would give all money a wrong day, for ever: the
    database's own must agree."""
    with ports.sessions.begin() as db:
        clock = seal_rows.clock_of(db)
        if clock is not None and ports.day_of(clock) <= day:
            raise DayNotOver(day=day, clock=clock.astimezone(OPERATOR_ZONE))
        seal_rows.note_closed(db, day, ports.clock())


def _await_writers(ports: Ports) -> None:
    """Wait until everybody has ended who may have looked before the day was closed. Raises: Unavailable."""
    mark = _mark(ports)
    if mark is None:
        return
    try:
        Retrying(
            retry=retry_if_result(lambda gone: not gone), stop=stop_after_delay(PATIENCE_S), wait=wait_fixed(0.05)
        )(_are_gone, ports, mark)
    except RetryError as error:
        logger.warning("a day cannot be sealed yet: somebody has been writing for a minute")
        raise Unavailable from error


@transactional
def _mark(ports: Ports) -> int | None:
    with ports.sessions.begin() as db:
        return seal_rows.writers_until_now(db)


@transactional
def _are_gone(ports: Ports, mark: int) -> bool:
    with ports.sessions.begin() as db:
        return seal_rows.are_gone(db, mark)


def _close_accounts(ports: Ports, day: date, progress: Progress) -> Turnover:
    """Write down what every account that moved stood at; return what went through the house accounts."""
    turnover: Turnover = Counter()
    total, done, above = _count(ports, day), 0, -1
    while True:
        last, accounts = _close_page(ports, day, above, turnover)
        if last is None:
            return turnover
        above, done = last, done + accounts
        progress(f"{day}", min(done, total), total)


@transactional
def _count(ports: Ports, day: date) -> int:
    with ports.sessions.begin() as db:
        return seal_rows.count_moved(db, seal_rows.day_before(db, day))


@transactional
def _close_page(ports: Ports, day: date, above: int, turnover: Turnover) -> tuple[int | None, int]:
    """Close the accounts of the next owners; return the last of them, and how many accounts."""
    seen: Turnover = Counter()
    with ports.sessions.begin() as db:
        since = seal_rows.day_before(db, day)
        owners = seal_rows.owners_moved(db, since, above, OWNERS_AT_ONCE)
        if not owners:
            return None, 0
        before = seal_rows.last_closes(db, owners, day)
        moved = groupby(seal_rows.postings(db, owners, since, day), lambda each: each.posting.account_id)
        closes = [_closed(day, before.get(account_id), list(theirs), seen) for account_id, theirs in moved]
        seal_rows.add_closes(db, closes)
    turnover.update(seen)
    return owners[-1], len(closes)


def _closed(day: date, before: DayClose | None, moved: list[SealedPosting], turnover: Turnover) -> DayClose:
    """Return what an account stood at, and count what it took from and gave to house accounts."""
    for each in moved:
        posting = each.posting
        turnover[posting.counter, posting.amount.currency, posting.amount.minor > 0] += abs(posting.amount.minor)
    last = moved[-1].posting
    digest = digest_of(before.digest if before else NOTHING, (each.canonical for each in moved))
    return DayClose(last.owner_id, last.account_id, day, last.seq, last.balance.minor, digest)


@transactional
def _seal(ports: Ports, day: date, turnover: Turnover) -> Seal:
    """Seal the day and have its seal mailed; whoever comes second finds it sealed.

    A worker whose clock went back would date the seal before what was booked; it is never older than the day's end.
    """
    with ports.sessions.begin() as db:
        before = seal_rows.seal_before(db, day)
        previous = before.digest if before else NOTHING
        digest = seal_digest(previous, day, seal_rows.closes_on(db, day))
        seal = Seal(day, previous, digest, max(ports.clock(), start_of_day(day + timedelta(days=1))))
        if seal_rows.add_seal(db, seal, _house_days(turnover)):
            facts = {"day": day.isoformat(), "digest": seal.digest.hex(), "previous": previous.hex()}
            for n, address in enumerate(ports.seal_to):
                name, until = _letter(day, n), ports.clock() + MAIL_LIVES
                sending.queue_to(db, address, "seal", facts, name, ports.clock(), expires_at=until)
            logger.info("day sealed", extra={"day": day.isoformat(), "seal": seal.digest.hex()})
    return seal


def _letter(day: date, n: int) -> str:
    """Return the name of a letter with a day's seal."""
    return f"seal {day} {n}"


def _house_days(turnover: Turnover) -> list[HouseDay]:
    names = sorted({(counter, unit) for counter, unit, _ in turnover})
    return [HouseDay(*name, turnover[(*name, True)], turnover[(*name, False)]) for name in names]
