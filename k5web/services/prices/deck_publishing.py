"""A read price list is compared with what is published and becomes a version, with the notices that it needs."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from k5web.domain.prices.deck import DeckVersion, ParsedDeck
from k5web.domain.prices.deck_difference import DeckDifference, difference, doubts, looks_like_other_money
from k5web.domain.prices.plan import PUBLIC_DECK
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import DeckStopped, NoDeck
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import deck_notice
from k5web.storage.prices import rates

Answer = Literal["replace", "currency", "without_notice"]
Progress = Callable[[str, int, int], None]  # what is being done, how far, of how much

logger = logging.getLogger(__name__)

NOTHING = 0  # the version number of a table before the first version


def no_progress(what: str, done: int, total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be taken, where a person says more than the file does."""

    mapping: Path | None = None  # what a carrier's columns mean
    currency: str | None = None
    replace: bool = False  # although much of the list in force goes or becomes dearer
    changes: bool = False  # the file is a notice: what it does not name stays
    allow_free: bool = False
    without_notice: str = ""  # why dearer prices need no notice


AS_IT_IS = ImportOptions()


@dataclass(frozen=True, slots=True)
class ReadDeck:
    """A file that was read whole, before it is published."""

    name: str
    effective_from: datetime
    source: str
    digest: bytes
    parsed: ParsedDeck
    options: ImportOptions


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a list changes, and what stands against it. `state` is that of the versions that it was held against."""

    state: rates.State
    before: RateTable
    after: RateTable  # on the list's own day
    difference: DeckDifference
    later: int  # prices that take force after the list itself
    kept: int  # prefixes that keep their old price until then
    is_known: bool  # the last import for this day was the very same file
    overruled_by: DeckVersion | None  # the version in force now, where it took force after this one
    asks: tuple[tuple[Answer, str], ...]  # why a person is asked first, and by which option the answer is given
    whole: list[rates.PublishedRate]
    dearer: list[tuple[str, date]]
    coming: DeckVersion | None  # the version that follows this one
    back: list[tuple[str, date]]  # what becomes dearer when it does

    @property
    def questions(self) -> tuple[str, ...]:
        """Return in words why a person is asked first."""
        return tuple(words for _, words in self.asks)


def compare_deck(ports: Ports, db: Session, deck: ReadDeck) -> Comparison:
    """Return what a list changes of what is published. Raises: NoDeck, for a notice of changes to no list."""
    before = table_due(db, deck.name, deck.effective_from)
    last = rates.newest_for(db, deck.name, deck.effective_from)
    overruled_by = _later_in_force(db, deck, ports.clock())
    stays = _untouched(db, deck) if deck.options.changes else []
    coming = rates.next_after(db, deck.name, deck.effective_from)
    moment_of = cache(start_of_day)
    listed = [(dated.rate, moment_of(dated.starts)) for dated in deck.parsed.rates]
    at_once = [rate for rate, valid_from in listed if valid_from == deck.effective_from]
    kept = _kept(before, listed, at_once)
    now_staying = [rate for rate, valid_from in stays if valid_from <= deck.effective_from]
    after = RateTable(deck.name, NOTHING, [*now_staying, *at_once, *kept])
    changes = difference(before, after)
    is_known = last is not None and last.digest == deck.digest
    later = [(rate, valid_from) for rate, valid_from in listed if valid_from > deck.effective_from]
    is_unused = is_known or overruled_by is not None
    dearer = [] if is_unused else deck_notice.dearer_rows(before, changes, deck.effective_from, later)
    whole = [*listed, *((rate, deck.effective_from) for rate in kept), *stays]
    back = [] if is_unused else deck_notice.dearer_then(db, whole, coming)
    asks = () if is_known else tuple(_questions(ports, db, deck, before, changes, [*dearer, *back]))
    return Comparison(
        rates.state(db, deck.name),
        before,
        after,
        changes,
        len(later),
        len(kept),
        is_known,
        overruled_by,
        asks,
        whole,
        dearer,
        coming,
        back,
    )


def write_deck(
    ports: Ports, db: Session, deck: ReadDeck, found: Comparison, progress: Progress = no_progress
) -> DeckVersion:
    """Write a version and its notices, in the caller's transaction, under the lock and what it was compared with.

    Raises: DeckStopped where a person is to be asked first.
    """
    if found.questions:
        raise DeckStopped(file=deck.source, reasons="; ".join(found.questions), difference=found.difference)
    version = rates.add_version(
        db,
        deck.name,
        deck.effective_from,
        ports.clock(),
        deck.source,
        deck.digest,
        found.whole,
        lambda done, total: progress("writing", done, total),
    )
    if found.dearer:
        told = deck_notice.tell(ports, db, version, found.dearer)
        facts = {"deck": deck.name, "version": version.id, "told": told}
        logger.info("price list dearer", extra=facts | {"reason": deck.options.without_notice})
    if found.coming and found.back:
        deck_notice.tell(ports, db, found.coming, found.back, f"{found.coming.id} after {version.id}")
    return version


def table_due(db: Session, name: str, moment: datetime) -> RateTable:
    """Return the prices of a list that hold at a moment, none where it has no version then."""
    due = rates.due(db, name, moment)
    return (
        RateTable(name, NOTHING, ()) if due.version_id is None else rates.load_table(db, name, due.version_id, moment)
    )


def _questions(
    ports: Ports,
    db: Session,
    deck: ReadDeck,
    before: RateTable,
    changes: DeckDifference,
    dearer: list[tuple[str, date]],
) -> Iterator[tuple[Answer, str]]:
    parsed, options = deck.parsed, deck.options
    if not options.replace:
        yield from (("replace", f"{told} (--replace, if it is meant)") for told in doubts(before, changes))
    is_said = parsed.names_currency or options.currency is not None
    if not is_said and _looks_foreign(db, deck, before):
        told = "no currency is named, and the prices are far from the usual ones (--currency RUB, if they are roubles)"
        yield "currency", told
    told = "" if options.without_notice else deck_notice.too_soon(ports, db, deck.name, dearer)
    if told:
        yield "without_notice", told


def _looks_foreign(db: Session, deck: ReadDeck, before: RateTable) -> bool:
    usual = before if len(before) else table_due(db, PUBLIC_DECK, deck.effective_from)
    return looks_like_other_money(usual, (dated.rate for dated in deck.parsed.rates))


def _untouched(db: Session, deck: ReadDeck) -> list[rates.PublishedRate]:
    """Return what a notice of changes leaves as it is: the prices of other prefixes, now and later."""
    due = rates.due(db, deck.name, deck.effective_from)
    if due.version_id is None:
        raise NoDeck(deck=deck.name)
    named = {dated.rate.prefix for dated in deck.parsed.rates}
    now = table_due(db, deck.name, deck.effective_from)
    later = [
        (rate, valid_from)
        for rate, valid_from in rates.published(db, due.version_id)
        if rate.prefix not in named and valid_from > deck.effective_from
    ]
    return [(rate, deck.effective_from) for rate in now.rates() if rate.prefix not in named] + later


def _later_in_force(db: Session, deck: ReadDeck, now: datetime) -> DeckVersion | None:
    due = rates.due(db, deck.name, now)
    if due.version_id is None or due.effective_from is None or due.effective_from <= deck.effective_from:
        return None
    return rates.version(db, due.version_id)


def _kept(before: RateTable, listed: list[rates.PublishedRate], at_once: list[Rate]) -> list[Rate]:
    """Return the rates in force of prefixes that the new list prices only from a later day."""
    later = {rate.prefix for rate, _ in listed} - {rate.prefix for rate in at_once}
    currency = listed[0][0].per_minute.currency
    found = (before.get(prefix) for prefix in sorted(later))
    return [rate for rate in found if rate is not None and rate.per_minute.currency == currency]
