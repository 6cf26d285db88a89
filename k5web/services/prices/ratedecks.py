"""Price lists: import whole or not at all, compare, list, export."""

import csv
import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from k5web.domain.prices.deck import COLUMNS, DeckTerms, DeckVersion, ParsedDeck, RejectedRow, SheetRow, parse_deck
from k5web.domain.prices.deck_cells import BLOCKED
from k5web.domain.prices.deck_difference import DeckDifference, difference, doubts, looks_like_other_money
from k5web.domain.prices.places import place_names
from k5web.domain.prices.plan import PUBLIC_DECK
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import DeckStopped, NoDeck, NotFound, WrongDeck, WrongFile
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices import deck_notice, deckfiles
from k5web.services.prices.countries import countries_named
from k5web.services.prices.deckfiles import Layout
from k5web.services.prices.deckmapping import below_title, mapped, read_mapping
from k5web.services.prices.effective_days import check_not_too_far, latest_day
from k5web.storage.prices import rates
from k5web.storage.session import transactional

Progress = Callable[[str, int, int], None]  # what is being done, how far, of how much

LONGEST_ID = 18  # digits: the database keeps no longer whole number
logger = logging.getLogger(__name__)

NOTHING = 0  # the version number of a table before the first version


@dataclass(frozen=True, slots=True)
class DeckImport:
    """What an import did, or would do. `version` is None where nothing was written."""

    difference: DeckDifference
    later: int  # prices that take force after the list itself
    kept: int  # prefixes that keep their old price until then
    version: DeckVersion | None
    is_known: bool  # the last import for this day was the very same file
    overruled_by: DeckVersion | None  # the version in force now, where it took force after this one
    doubts: tuple[RejectedRow, ...] = ()  # rows that do not fit the numbering plan
    questions: tuple[str, ...] = ()  # why the import would stop and ask


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be taken, where a person says more than the file does."""

    mapping: Path | None = None  # what a carrier's columns mean
    currency: str | None = None
    replace: bool = False  # although much of the list in force goes or becomes dearer
    changes: bool = False  # the file is a notice: what it does not name stays
    allow_free: bool = False
    without_notice: str = ""  # why dearer prices need no notice


@dataclass(frozen=True, slots=True)
class _Draft:
    """A version before it is published."""

    name: str
    effective_from: datetime
    source: str
    digest: bytes
    parsed: ParsedDeck
    options: ImportOptions


def no_progress(what: str, done: int, total: int) -> None:
    """Show nothing."""


def import_deck(
    ports: Ports,
    path: Path,
    name: str,
    effective: date,
    dry_run: bool = False,
    progress: Progress = no_progress,
    options: ImportOptions = ImportOptions(),
) -> DeckImport:
    """Publish a file as a version of a price list, in force from 00:00 Moscow of `effective`; whole or not at all.

    A prefix whose own day is later keeps the price it had until then. With `dry_run` only the difference to what
    is in force on that day is returned.
    Raises: DayTooFar; WrongFile; WrongDeck (facts: rejected, every wrong row); DeckStopped.
    """
    check_not_too_far(ports, effective)
    content = deckfiles.read_bytes(path)
    mapping = read_mapping(options.mapping) if options.mapping else None
    if mapping is not None and mapping.cost is not None and name in deck_notice.sale_decks(ports):
        reason = f"cost.rate is for carriers' costs; {name} is what K5 sells by: its prices are in its own currency"
        raise WrongFile(file=str(options.mapping), reason=reason)
    rows = deckfiles.read_rows(path.name, content, mapping.layout if mapping else Layout())
    rows = _counted(rows, content.count(b"\n"), progress)
    terms = DeckTerms(
        effective,
        latest_day(ports),
        options.currency,
        options.allow_free,
        mapping.block_words if mapping else (),
        countries_named,
        place_names,
    )
    parsed = parse_deck(mapped(path.name, rows, mapping) if mapping else below_title(rows), terms)
    if parsed.rejected:
        raise WrongDeck(file=path.name, rows=len(parsed.rejected), rejected=parsed.rejected)
    if not parsed.rates:
        raise WrongFile(file=path.name, reason="the file holds no prices")
    draft = _Draft(name, start_of_day(effective), path.name, _digest(content, options), parsed, options)
    return _publish(ports, draft, dry_run, progress)


def _digest(content: bytes, options: ImportOptions) -> bytes:
    """Return what tells whether the same was imported before: the file, and how it was read."""
    digest = hashlib.sha256(content)
    if options.mapping is not None:
        digest.update(deckfiles.read_bytes(options.mapping))
    if options.changes:
        digest.update(b"changes")
    return digest.digest()


def compare(ports: Ports, left: str, right: str) -> DeckDifference:
    """Return what changes from one list to another; each is a name (as in force now) or the number of a version.

    Raises: NoDeck, NotFound.
    """
    with ports.sessions.read() as db:
        before, after = (_wanted(db, wanted, ports.clock()) for wanted in (left, right))
        return difference(*(_table(db, version, ports.clock()) for version in (before, after)))


def versions(ports: Ports) -> list[tuple[DeckVersion, bool]]:
    """Return all versions of all lists, each with whether it is in force now."""
    with ports.sessions.read() as db:
        found = rates.versions(db)
        in_force = {rates.due(db, name, ports.clock()).version_id for name in {version.name for version in found}}
    return [(version, version.id in in_force) for version in found]


def export_deck(ports: Ports, wanted: str, to: IO[str]) -> int:
    """Write a list (by name, as in force now, or by the number of a version) as CSV; return how many prices.

    Imported again for the same day it makes the same list. Raises: NoDeck, NotFound.
    """
    with ports.sessions.read() as db:
        version = _wanted(db, wanted, ports.clock())
        writer = csv.writer(to, lineterminator="\n")
        writer.writerow(COLUMNS)
        for rate, valid_from in rates.published(db, version.id):
            writer.writerow(_cells(rate, valid_from))
    return version.row_count


@transactional
def _publish(ports: Ports, draft: _Draft, dry_run: bool, progress: Progress) -> DeckImport:
    """Repeated after an unknown outcome it finds its own version by the digest and writes no second one."""
    with ports.sessions.read() as db:
        last_id = rates.last_id(db, draft.name)
        before = _table_due(db, draft.name, draft.effective_from)
        public = before if len(before) else _table_due(db, PUBLIC_DECK, draft.effective_from)
        last = rates.newest_for(db, draft.name, draft.effective_from)
        overruled_by = _later_in_force(db, draft, ports.clock())
        stays = _untouched(db, draft) if draft.options.changes else []
        coming = rates.next_after(db, draft.name, draft.effective_from)
    moment_of = cache(start_of_day)
    listed = [(dated.rate, moment_of(dated.starts)) for dated in draft.parsed.rates]
    at_once = [rate for rate, valid_from in listed if valid_from == draft.effective_from]
    kept = _kept(before, listed, at_once)
    now_staying = [rate for rate, valid_from in stays if valid_from <= draft.effective_from]
    changes = difference(before, RateTable(draft.name, NOTHING, [*now_staying, *at_once, *kept]))
    is_known = last is not None and last.digest == draft.digest
    later = [(rate, valid_from) for rate, valid_from in listed if valid_from > draft.effective_from]
    is_unused = is_known or overruled_by is not None
    dearer = [] if is_unused else deck_notice.dearer_rows(before, changes, draft.effective_from, later)
    whole = [*listed, *((rate, draft.effective_from) for rate in kept), *stays]
    back = [] if is_unused else _dearer_then(ports, whole, coming)
    questions = () if is_known else tuple(_questions(ports, draft, before, public, changes, [*dearer, *back]))
    version = None
    if not (dry_run or is_known):
        if questions:
            raise DeckStopped(file=draft.source, reasons="; ".join(questions), difference=changes)
        version = _write(ports, draft, last_id, whole, dearer, (coming, back) if coming and back else None, progress)
        if version is None:
            return _publish(ports, draft, dry_run, progress)
    doubts = draft.parsed.doubts
    return DeckImport(changes, len(later), len(kept), version, is_known, overruled_by, doubts, questions)


def _dearer_then(ports: Ports, whole: list[rates.PublishedRate], coming: DeckVersion | None) -> list[tuple[str, date]]:
    with ports.sessions.read() as db:
        return deck_notice.dearer_then(db, whole, coming)


def _questions(
    ports: Ports,
    draft: _Draft,
    before: RateTable,
    reference: RateTable,
    changes: DeckDifference,
    dearer: list[tuple[str, date]],
) -> Iterator[str]:
    """Yield why a person is asked first, and by which option the answer is given."""
    parsed, options = draft.parsed, draft.options
    if not options.replace:
        yield from (f"{told} (--replace, if it is meant)" for told in doubts(before, changes))
    is_said = parsed.names_currency or options.currency is not None
    if not is_said and looks_like_other_money(reference, (dated.rate for dated in parsed.rates)):
        yield "no currency is named, and the prices are far from the usual ones (--currency RUB, if they are roubles)"
    with ports.sessions.read() as db:
        told = "" if options.without_notice else deck_notice.too_soon(ports, db, draft.name, dearer)
    if told:
        yield told


def _untouched(db: Session, draft: _Draft) -> list[rates.PublishedRate]:
    """Return what a notice of changes leaves as it is: the prices of other prefixes, now and later."""
    due = rates.due(db, draft.name, draft.effective_from)
    if due.version_id is None:
        raise NoDeck(deck=draft.name)
    named = {dated.rate.prefix for dated in draft.parsed.rates}
    now = _table_due(db, draft.name, draft.effective_from)
    later = [
        (rate, valid_from)
        for rate, valid_from in rates.published(db, due.version_id)
        if rate.prefix not in named and valid_from > draft.effective_from
    ]
    return [(rate, draft.effective_from) for rate in now.rates() if rate.prefix not in named] + later


def _later_in_force(db: Session, draft: _Draft, now: datetime) -> DeckVersion | None:
    due = rates.due(db, draft.name, now)
    if due.version_id is None or due.effective_from is None or due.effective_from <= draft.effective_from:
        return None
    return rates.version(db, due.version_id)


def _kept(before: RateTable, listed: list[rates.PublishedRate], at_once: list[Rate]) -> list[Rate]:
    """Return the rates in force of prefixes that the new list prices only from a later day."""
    later = {rate.prefix for rate, _ in listed} - {rate.prefix for rate in at_once}
    currency = listed[0][0].per_minute.currency
    found = (before.get(prefix) for prefix in sorted(later))
    return [rate for rate in found if rate is not None and rate.per_minute.currency == currency]


def _write(
    ports: Ports,
    draft: _Draft,
    last_id: int,
    whole: list[rates.PublishedRate],
    dearer: list[tuple[str, date]],
    ended_by: tuple[DeckVersion, list[tuple[str, date]]] | None,
    progress: Progress,
) -> DeckVersion | None:
    """Write a version and its notices; nothing, None, where another was imported since this one was compared."""
    with ports.sessions.begin() as db:
        rates.lock(db)
        if rates.last_id(db, draft.name) != last_id:
            return None
        version = rates.add_version(
            db,
            draft.name,
            draft.effective_from,
            ports.clock(),
            draft.source,
            draft.digest,
            whole,
            lambda done, total: progress("writing", done, total),
        )
        if dearer:
            told = deck_notice.tell(ports, db, version, dearer)
            facts = {"deck": draft.name, "version": version.id, "told": told}
            logger.info("price list dearer", extra=facts | {"reason": draft.options.without_notice})
        if ended_by:
            deck_notice.tell(ports, db, *ended_by, after=version)
    return version


def _counted(rows: Iterator[SheetRow], expected: int, progress: Progress) -> Iterator[SheetRow]:
    count = 0
    for count, row in enumerate(rows, start=1):
        if count % 1000 == 0:
            progress("reading", count, max(expected, count))
        yield row
    progress("reading", count, count)


def _table_due(db: Session, name: str, moment: datetime) -> RateTable:
    due = rates.due(db, name, moment)
    return (
        RateTable(name, NOTHING, ()) if due.version_id is None else rates.load_table(db, name, due.version_id, moment)
    )


def _wanted(db: Session, wanted: str, now: datetime) -> DeckVersion:
    if wanted.isascii() and wanted.isdigit():
        if len(wanted) > LONGEST_ID:
            raise NotFound(what=f"version {wanted} of a price list")
        return rates.version(db, int(wanted))
    version_id = rates.due(db, wanted, now).version_id
    if version_id is None:
        raise NoDeck(deck=wanted)
    return rates.version(db, version_id)


def _table(db: Session, version: DeckVersion, now: datetime) -> RateTable:
    return rates.load_table(db, version.name, version.id, max(now, version.effective_from))


def _cells(rate: Rate, valid_from: datetime) -> tuple[object, ...]:
    return (
        rate.prefix,
        rate.destination,
        BLOCKED if rate.is_blocked else rate.per_minute,
        rate.per_minute.currency,
        rate.increment_s,
        rate.minimum_s,
        rate.free_below_s,
        rate.connect_fee or "0.00",
        valid_from.astimezone(OPERATOR_ZONE).date(),
    )
