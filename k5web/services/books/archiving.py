"""Months older than the legal term leave as files that prove themselves; nothing is deleted here (docs/ledger.md)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final, TextIO

from k5web.domain.books import archive as form
from k5web.domain.books.archive import Extent, Proof, ProvedArchive
from k5web.domain.books.sealing import DayClose, Seal, SealedPosting
from k5web.errors import ArchiveDiffers, NotArchivable
from k5web.services.ports import Ports
from k5web.storage.books import archive_rows, seal_rows
from k5web.storage.books.archive_rows import ArchiveFile
from k5web.storage.session import transactional

OWNERS_AT_ONCE: Final = 100
Progress = Callable[[str, int, int], None]  # the month, how many postings are written, of how many
Closed = tuple[DayClose, list[SealedPosting]]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A month that may leave: its days, how many postings, and the file that was made of it before."""

    extent: Extent
    postings: int
    made: ArchiveFile | None

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"k5-ledger-{self.extent.month:%Y-%m}.jsonl"


@transactional
def leaving(ports: Ports, until: date) -> list[Leaving]:
    """Return the months up to the one that begins with this day, the oldest first.

    Raises: NotArchivable (its term is not over, or it is not sealed).
    """
    if not form.may_leave(until, ports.ledger_years, ports.today()):
        leaves_on = form.leaves_on(until, ports.ledger_years)
        raise NotArchivable(month=until, reason=f"its term of {ports.ledger_years} years is over on {leaves_on}")
    with ports.sessions.read() as db:
        made = {each.month: each for each in archive_rows.every(db)}
        found = [
            Leaving(each, archive_rows.count_postings(db, each.since, each.until), made.get(each.month))
            for each in form.extents(seal_rows.seals(db), until)
        ]
    if not found or found[-1].extent.month != until:
        raise NotArchivable(month=until, reason="not all its days are sealed")
    return found


@transactional
def listed(ports: Ports) -> list[ArchiveFile]:
    """Return the files that were made, the oldest month first."""
    with ports.sessions.read() as db:
        return archive_rows.every(db)


def write(ports: Ports, month: Leaving, actor: str, to: TextIO, progress: Progress) -> ArchiveFile:
    """Write a month's file, each line of it checked; return what is to be listed once the file has its name.

    Raises: WrongArchive (the books do not come out: see `k5 ledger verify`), ArchiveDiffers (the file that was made
    before was another one), Unavailable.
    """
    proof, made, size = Proof(), hashlib.sha256(), 0
    for line in _lines(ports, month.extent):
        proof.add(line)
        content = f"{line}\n"
        to.write(content)
        made.update(content.encode())
        size += len(content.encode())
        progress(f"{month.extent.month:%Y-%m}", proof.postings, month.postings)
    found = proof.proved()
    if month.made is not None and month.made.digest != made.digest():
        raise ArchiveDiffers(month=month.extent.month, was=month.made.digest.hex(), now=made.hexdigest())
    return ArchiveFile(
        month.extent.month, month.name, made.digest(), size, found.postings, found.seal, ports.clock(), actor
    )


@transactional
def note(ports: Ports, made: ArchiveFile) -> None:
    """List a file that has its name now; a repeat changes nothing."""
    with ports.sessions.begin() as db:
        archive_rows.add(db, made)


def prove(lines: Iterable[str]) -> ProvedArchive:
    """Recompute everything that a file says, without a database. Raises: WrongArchive."""
    return form.prove(line.rstrip("\n") for line in lines)


def _lines(ports: Ports, extent: Extent) -> Iterator[str]:
    yield form.head_line(extent)
    if extent.since is not None:
        yield from map(form.open_line, _openings(ports, extent, extent.since))
    since, postings, closings, days = extent.since, 0, 0, 0
    for seal in _seals(ports, extent):
        yield form.day_line(seal.day, seal.previous)
        for close, posted in _closed(ports, since, seal.day):
            yield from map(form.posting_line, posted)
            yield form.close_line(close)
            postings, closings = postings + len(posted), closings + 1
        yield form.seal_line(seal)
        since, days = seal.day, days + 1
    yield form.end_line(postings, closings, days)


@transactional
def _seals(ports: Ports, extent: Extent) -> list[Seal]:
    with ports.sessions.read() as db:
        return [each for each in seal_rows.seals(db) if extent.month <= each.day <= extent.until]


def _openings(ports: Ports, extent: Extent, since: date) -> Iterator[DayClose]:
    above = -1
    while found := _openings_page(ports, extent, since, above):
        owners, closes = found
        above = owners[-1]
        yield from closes


@transactional
def _openings_page(ports: Ports, extent: Extent, since: date, above: int) -> tuple[list[int], list[DayClose]] | None:
    """Return the next owners whose accounts moved in the month, and what each of these stood at before it."""
    with ports.sessions.read() as db:
        owners = archive_rows.owners_closed(db, since, extent.until, above, OWNERS_AT_ONCE)
        if not owners:
            return None
        moved = {each.account_id for each in seal_rows.closes_of(db, owners, extent.until, since)}
        before = seal_rows.last_closes(db, owners, since + timedelta(days=1))
    found = [each for account_id, each in before.items() if account_id in moved]
    return owners, sorted(found, key=lambda each: (each.owner_id, each.account_id))


def _closed(ports: Ports, since: date | None, day: date) -> Iterator[Closed]:
    above = -1
    while found := _closed_page(ports, since, day, above):
        above = found[-1][0].owner_id
        yield from found


@transactional
def _closed_page(ports: Ports, since: date | None, day: date, above: int) -> list[Closed]:
    """Return the next owners' accounts that a day closed, each with its postings since the day closed before."""
    with ports.sessions.read() as db:
        owners = archive_rows.owners_closed(db, since, day, above, OWNERS_AT_ONCE)
        closes = list(seal_rows.closes_of(db, owners, day, since))
        posted = groupby(seal_rows.postings(db, owners, since, day), lambda each: each.posting.account_id)
        of_account = {account_id: list(found) for account_id, found in posted}
    return [(close, of_account.get(close.account_id, [])) for close in closes]
