"""Price lists for accounts in other currencies: K5's own list at a fixed, published rate."""

import hashlib
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy.orm import Session

from k5web.domain.money import MICRO_PER_MINOR, Price
from k5web.domain.prices.deck import DeckVersion
from k5web.domain.prices.deck_difference import difference
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import DeckStopped, NoDeck, WrongRate
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import deck_notice
from k5web.services.prices.effective_days import check_not_too_far
from k5web.storage.prices import rates
from k5web.storage.session import transactional

_CONVERTED = re.compile(r"\S+ x ([0-9.]+) [A-Z]{3}", re.ASCII)  # the source of a converted list


@transactional
def convert_deck(
    ports: Ports, source: str, name: str, currency: str, rate: Decimal, effective: date, without_notice: str = ""
) -> DeckVersion:
    """Publish a list in another currency: the prices of `source` as in force on that day, and its later ones, at a
    fixed rate, to hundredths, half up.

    Raises: DayTooFar; NoDeck; WrongRate where a price would become nothing; DeckStopped, for dearer prices need notice.
    """
    check_not_too_far(ports, effective)
    since = start_of_day(effective)
    with ports.sessions.begin() as db:
        rates.lock(db)
        due = rates.due(db, source, since)
        if due.version_id is None:
            raise NoDeck(deck=source)
        now = [(one, since) for one in rates.load_table(db, source, due.version_id, since).rates()]
        later = [(one, at) for one, at in rates.published(db, due.version_id) if at > since]
        whole = [(_converted(one, currency, rate), at) for one, at in now + later]
        digest = hashlib.sha256(f"{source} {due.version_id} {rate} {currency}".encode()).digest()
        last = rates.newest_for(db, name, since)
        if last is not None and last.digest == digest:
            return last
        told_as = f"{source} x {rate:f} {currency}"
        coming = rates.next_after(db, name, since)
        back = deck_notice.dearer_then(db, whole, coming)
        dearer = _check_notice(ports, db, name, since, told_as, whole, back, without_notice)
        version = rates.add_version(db, name, since, ports.clock(), told_as, digest, whole)
        if dearer:
            deck_notice.tell(ports, db, version, dearer)
        if coming and back:
            deck_notice.tell(ports, db, coming, back, f"{coming.id} after {version.id}")
        return version


def _check_notice(
    ports: Ports,
    db: Session,
    name: str,
    since: datetime,
    told_as: str,
    whole: list[rates.PublishedRate],
    back: list[tuple[str, date]],
    why_not: str,
) -> list[tuple[str, date]]:
    """Return what the list makes dearer. Raises: DeckStopped, where that, or its end, needs more notice."""
    due = rates.due(db, name, since)
    before = RateTable(
        name, 0, () if due.version_id is None else rates.load_table(db, name, due.version_id, since).rates()
    )
    changes = difference(before, RateTable(name, 0, [one for one, at in whole if at <= since]))
    rows = deck_notice.dearer_rows(before, changes, since, [(one, at) for one, at in whole if at > since])
    reason = "" if why_not else deck_notice.too_soon(ports, db, name, [*rows, *back])
    if reason:
        raise DeckStopped(file=told_as, reasons=reason, difference=changes)
    return rows


def exchange_rate(ports: Ports, deck: str) -> str | None:
    """Return how much one rouble is in the currency of a converted list in force; None for any other list."""
    with ports.sessions.read() as db:
        due = rates.due(db, deck, ports.clock())
        source = rates.version(db, due.version_id).source if due.version_id is not None else ""
    found = _CONVERTED.fullmatch(source)
    return found[1] if found else None


def _converted(rate: Rate, currency: str, by: Decimal) -> Rate:
    fee = _price_at(rate.connect_fee, currency, by) if rate.connect_fee else None
    return replace(rate, per_minute=_price_at(rate.per_minute, currency, by), connect_fee=fee)


def _price_at(price: Price, currency: str, by: Decimal) -> Price:
    minor = (price.micro * by / MICRO_PER_MINOR).quantize(Decimal(1), ROUND_HALF_UP)
    if price.micro and not minor:
        raise WrongRate(rate=by, price=price)
    return Price(int(minor) * MICRO_PER_MINOR, currency)
