"""Price lists: import whole or not at all, compare, list, export."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from k5web.domain.prices.deck import COLUMNS, DeckTerms, DeckVersion, RejectedRow, SheetRow, parse_deck
from k5web.domain.prices.deck_cells import BLOCKED
from k5web.domain.prices.deck_difference import DeckDifference, difference
from k5web.domain.prices.places import place_names
from k5web.domain.prices.price_draft import Withdrawal
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import NoDeck, NotFound, WrongDeck, WrongFile
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices import deck_notice, deckfiles
from k5web.services.prices.countries import countries_named
from k5web.services.prices.deck_publishing import (
    AS_IT_IS,
    Comparison,
    ImportOptions,
    Progress,
    ReadDeck,
    compare_deck,
    no_progress,
    write_deck,
)
from k5web.services.prices.deckfiles import Layout
from k5web.services.prices.deckmapping import below_title, mapped, parse_mapping
from k5web.services.prices.effective_days import check_not_too_far, latest_day
from k5web.storage.prices import rates, withdrawal_rows
from k5web.storage.session import transactional

LONGEST_ID = 18  # digits: the database keeps no longer whole number


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
class DeckFile:
    """A price list as it was written. `mapping` is the file that says what a carrier's columns mean."""

    name: str
    content: bytes
    mapping: bytes | None = None
    mapping_name: str = ""


def import_deck(
    ports: Ports,
    path: Path,
    name: str,
    effective: date,
    dry_run: bool = False,
    progress: Progress = no_progress,
    options: ImportOptions = AS_IT_IS,
) -> DeckImport:
    """Publish a file as a version of a price list, in force from 00:00 Moscow of `effective`; whole or not at all.

    A prefix whose own day is later keeps the price it had until then. With `dry_run` only the difference to what
    is in force on that day is returned.
    Raises: DayTooFar; WrongFile; WrongDeck (facts: rejected, every wrong row); DeckStopped.
    """
    check_not_too_far(ports, effective)
    file = DeckFile(path.name, deckfiles.read_bytes(path))
    if options.mapping:
        file = replace(file, mapping=deckfiles.read_bytes(options.mapping), mapping_name=options.mapping.name)
    return _publish(ports, read_deck(ports, file, name, effective, options, progress), dry_run, progress)


def read_deck(
    ports: Ports,
    file: DeckFile,
    name: str,
    effective: date,
    options: ImportOptions,
    progress: Progress = no_progress,
) -> ReadDeck:
    """Return what a file holds. Raises: DayTooFar; WrongFile; WrongDeck (facts: rejected, every wrong row)."""
    check_not_too_far(ports, effective)
    mapping = None if file.mapping is None else parse_mapping(file.mapping_name, file.mapping)
    if mapping is not None and mapping.cost is not None and name in deck_notice.sale_decks(ports):
        reason = f"cost.rate is for carriers' costs; {name} is what K5 sells by: its prices are in its own currency"
        raise WrongFile(file=file.mapping_name, reason=reason)
    rows = deckfiles.read_rows(file.name, file.content, mapping.layout if mapping else Layout())
    rows = _counted(rows, file.content.count(b"\n"), progress)
    terms = DeckTerms(
        effective,
        latest_day(ports),
        options.currency,
        options.allow_free,
        mapping.block_words if mapping else (),
        countries_named,
        place_names,
    )
    parsed = parse_deck(mapped(file.name, rows, mapping) if mapping else below_title(rows), terms)
    if parsed.rejected:
        raise WrongDeck(file=file.name, rows=len(parsed.rejected), rejected=parsed.rejected)
    if not parsed.rates:
        raise WrongFile(file=file.name, reason="the file holds no prices")
    return ReadDeck(name, start_of_day(effective), file.name, _digest(file, options), parsed, options)


def _digest(file: DeckFile, options: ImportOptions) -> bytes:
    """Return what tells whether the same was imported before: the file, and how it was read."""
    digest = hashlib.sha256(file.content)
    if file.mapping is not None:
        digest.update(file.mapping)
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


def one(ports: Ports, version_id: int) -> DeckVersion:
    """Return a version, also one that was taken back. Raises: NotFound."""
    with ports.sessions.read() as db:
        return rates.version(db, version_id)


def withdrawn(ports: Ports) -> list[DeckVersion]:
    """Return the versions that were taken back before they took force, the newest first."""
    with ports.sessions.read() as db:
        return rates.withdrawn(db)


def withdrawal(ports: Ports, version_id: int) -> Withdrawal | None:
    """Return who took a version back and why, None where it stands."""
    with ports.sessions.read() as db:
        return withdrawal_rows.of(db, "deck").get(version_id)


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
def _publish(ports: Ports, deck: ReadDeck, dry_run: bool, progress: Progress) -> DeckImport:
    """Repeated after an unknown outcome it finds its own version by the digest and writes no second one."""
    with ports.sessions.read() as db:
        found = compare_deck(ports, db, deck)
    if dry_run or found.is_known:
        return _imported(deck, found, None)
    version = _write(ports, deck, found, progress)
    return _imported(deck, found, version) if version else _publish(ports, deck, dry_run, progress)


def _write(ports: Ports, deck: ReadDeck, found: Comparison, progress: Progress) -> DeckVersion | None:
    """Write a version; nothing, None, where another was imported or taken back since this one was compared."""
    with ports.sessions.begin() as db:
        rates.lock(db)
        same = rates.state(db, deck.name) == found.state
        return write_deck(ports, db, deck, found, progress) if same else None


def _imported(deck: ReadDeck, found: Comparison, version: DeckVersion | None) -> DeckImport:
    return DeckImport(
        found.difference,
        found.later,
        found.kept,
        version,
        found.is_known,
        found.overruled_by,
        deck.parsed.doubts,
        found.questions,
    )


def _counted(rows: Iterator[SheetRow], expected: int, progress: Progress) -> Iterator[SheetRow]:
    count = 0
    for count, row in enumerate(rows, start=1):
        if count % 1000 == 0:
            progress("reading", count, max(expected, count))
        yield row
    progress("reading", count, count)


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
