"""Statements and call details as files: asked for by a subscriber, made by the worker, fetched for a week.

Whoever makes a file holds a lease and tells of the file's progress, which renews it. Nothing of the file is kept before
it is whole, so whoever is killed leaves only a lease that runs out; then another begins anew, and one file comes of it.
"""

import logging
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.books.export import (
    KEPT_FOR,
    LEASE,
    MOST_BYTES,
    MOST_KEPT,
    MOST_LINES,
    MOST_OPEN,
    Export,
    ExportState,
    ExportWish,
)
from k5web.domain.money import Money
from k5web.domain.throttle import Throttle
from k5web.errors import ExportTooLong, NotFound, TooMany
from k5web.services.books import report_lines
from k5web.services.books.report_lines import Extent, ReportLine
from k5web.services.messaging.sending import queue_to
from k5web.services.ports import Ports, Report, WriteReport
from k5web.storage import throttles
from k5web.storage.accounts import email_rows, subscribers
from k5web.storage.books import export_rows, ledger, statement_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ASKING: Final = Throttle(every=timedelta(minutes=1), at_once=10)  # of one subscriber: making takes long
PART_BYTES: Final = 256 * 1024
NOTED_EVERY: Final = report_lines.PAGE  # lines
SWEPT_AT_ONCE: Final = 100


class _Lost(Exception):
    """The file is another's to make now, or nobody wants it any more."""


@transactional
def ask(ports: Ports, owner_id: int, wish: ExportWish, form_key: str, letter_link: str = "") -> Export:
    """Put a file into the queue; the same form asks for it once. `letter_link`: where a letter leads that tells of it
    when it is made, without the file's token.

    Raises: TooMany, ExportTooLong, TooOften.
    """
    now = ports.clock()
    lines = count(ports, owner_id, wish)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if known := export_rows.find_by_form_key(db, owner_id, form_key):
            return known
        kept = export_rows.of_owner(db, owner_id, now)
        if sum(each.state.is_open for each in kept) >= MOST_OPEN:
            raise TooMany(limit=MOST_OPEN)
        if len(kept) >= MOST_KEPT:
            raise TooMany(limit=MOST_KEPT)
        if lines > MOST_LINES:
            raise ExportTooLong(lines=lines, most_lines=MOST_LINES)
        throttles.book(db, "export file", str(owner_id), ASKING, now)
        token = secrets.token_urlsafe(24)
        asked = Export(owner_id, token, wish, ExportState.WAITING, now, lines, 0, 0, None, letter_link)
        export_rows.add(db, asked, form_key)
    return asked


def mine(ports: Ports, owner_id: int) -> list[Export]:
    """Return the subscriber's files, those to be made among them, newest first."""
    with ports.sessions.read() as db:
        return export_rows.of_owner(db, owner_id, ports.clock())


def has_address(ports: Ports, owner_id: int) -> bool:
    """Return whether the subscriber has a confirmed e-mail address."""
    with ports.sessions.read() as db:
        return _address(db, owner_id) is not None


def ready(ports: Ports, owner_id: int, token: str) -> Export:
    """Return a file that can be fetched. Raises: NotFound, also for other people's and for what is past its time."""
    with ports.sessions.read() as db:
        found = NotFound.unless(export_rows.find(db, owner_id, token), "such file")
    is_there = found.state is ExportState.READY and found.expires_at is not None and ports.clock() < found.expires_at
    return NotFound.unless(found if is_there else None, "such file")


def content(ports: Ports, export: Export) -> Iterator[bytes]:
    """Yield what a file holds, part by part."""
    for n in range(-(-export.size // PART_BYTES)):
        with ports.sessions.read() as db:
            part = NotFound.unless(export_rows.part(db, export.owner_id, export.token, n), "such file")
        yield zlib.decompress(part)


@transactional
def remove(ports: Ports, owner_id: int, token: str) -> None:
    """Remove a file, or the wish for one; a second time changes nothing."""
    with ports.sessions.begin() as db:
        export_rows.remove(db, owner_id, token)


def make_due(ports: Ports) -> int:
    """Make the files that wait, one after the other; return how many were made."""
    made = 0
    if ports.write_report is None:
        return made
    while (claimed := _claim(ports, maker := secrets.token_hex(8))) is not None:
        made += _make(ports, ports.write_report, claimed, maker)
    return made


@transactional
def sweep(ports: Ports) -> None:
    """Remove what is past its time, and close what was tried too often."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        export_rows.forget(db, now, SWEPT_AT_ONCE)
        if failed := export_rows.fail_left(db, now, now + KEPT_FOR):
            logger.error("files could not be made", extra={"count": failed})


def count(ports: Ports, owner_id: int, wish: ExportWish) -> int:
    """Return how many lines a file would have now."""
    with ports.reading(wish.period.last) as db:
        return report_lines.extent(db, owner_id, wish).lines


def whole(ports: Ports, owner_id: int, wish: ExportWish) -> Report:
    """Return the report for a file that is written at once."""
    with ports.reading(wish.period.last) as db:
        to = report_lines.extent(db, owner_id, wish)
        return _report(ports, db, owner_id, wish, to)


@transactional
def _claim(ports: Ports, maker: str) -> Export | None:
    """Take the oldest that nobody makes; the database's one writer is troubled only where there is one."""
    now = ports.clock()
    with ports.sessions.read() as db:
        if export_rows.oldest_free(db, now) is None:
            return None
    with ports.sessions.begin() as db:
        return export_rows.claim(db, maker, now, now + LEASE)


def _make(ports: Ports, write: WriteReport, export: Export, maker: str) -> bool:
    """Write one file and keep it; False where it came to nothing."""
    with ports.reading(export.wish.period.last) as db:
        to = report_lines.extent(db, export.owner_id, export.wish)
        report = _report(ports, db, export.owner_id, export.wish, to)
    with TemporaryFile() as file:
        try:
            write(replace(report, lines=_noted(ports, export, maker, to)), file)
            size = file.seek(0, 2)
            file.seek(0)
            return _keep(ports, export, maker, file, size)
        except _Lost:
            logger.info("a file is not to be made any more", extra={"owner_id": export.owner_id})
            return False


def _report(ports: Ports, db: Session, owner_id: int, wish: ExportWish, to: Extent) -> Report:
    owner = subscribers.get(db, owner_id)
    found = statement_rows.turnover(
        db, owner_id, to.account_id, wish.period.days, report_lines.movements_of(wish), to.last_seq, to.calls
    )
    opening, came, went = (Money(minor, owner.currency) for minor in (found.opening, found.total_in, found.total_out))
    lines = report_lines.read(ports, owner_id, wish, to)
    return Report(wish, owner_id, owner.name, owner.language, opening, came, went, lines)


def _noted(ports: Ports, export: Export, maker: str, to: Extent) -> Iterator[ReportLine]:
    """Yield the lines of a file and write down how far it is. Raises: _Lost."""
    done = 0
    for done, line in enumerate(report_lines.read(ports, export.owner_id, export.wish, to)):
        if done % NOTED_EVERY == 0:
            _note(ports, export, maker, done, to.lines)
        yield line
    _note(ports, export, maker, done, to.lines)


@transactional
def _note(ports: Ports, export: Export, maker: str, done: int, lines: int) -> None:
    with ports.sessions.begin() as db:
        if not export_rows.note_progress(db, export, maker, done, lines, ports.clock() + LEASE):
            raise _Lost


@transactional
def _keep(ports: Ports, export: Export, maker: str, file: IO[bytes], size: int) -> bool:
    now = ports.clock()
    file.seek(0)
    with ports.sessions.begin() as db:
        if size > MOST_BYTES:
            export_rows.give_up(db, export, maker, ExportState.TOO_LARGE, now + KEPT_FOR)
            return False
        parts = (zlib.compress(part, 1) for part in iter(lambda: file.read(PART_BYTES), b""))
        if not export_rows.finish(db, export, maker, parts, size, now, now + KEPT_FOR):
            raise _Lost
        _queue_letter(ports, db, export)
    logger.info("a file is made", extra={"owner_id": export.owner_id, "lines": export.lines, "bytes": size})
    return True


def _queue_letter(ports: Ports, db: Session, export: Export) -> None:
    address = _address(db, export.owner_id)
    if not export.letter_link or address is None:
        return
    wish, period = export.wish, export.wish.period
    facts: dict[str, str | None] = {"paper": wish.paper, "format": wish.format}
    facts |= {"first": str(period.first), "last": str(period.last)}
    facts |= {"token": export.token, "link": export.letter_link + export.token}
    facts |= {"language": subscribers.get(db, export.owner_id).language}
    queue_to(db, address, "export", facts, f"export {export.token}", ports.clock(), owner_id=export.owner_id)


def _address(db: Session, owner_id: int) -> EmailAddress | None:
    email = email_rows.find(db, owner_id)
    return email.address if email and email.confirmed_at else None
