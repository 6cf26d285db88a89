"""The own list of a subscriber: kept, renamed, removed, found; the price of a minute beside each entry."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.label import label
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.contacts import favourite
from k5web.domain.contacts.favourite import Favourite
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote
from k5web.errors import NotFound, TooMany
from k5web.services.ports import Ports
from k5web.services.prices import call_covers
from k5web.storage.books import ledger
from k5web.storage.calls import past_call_rows
from k5web.storage.contacts import favourite_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PAGE: Final = 25  # entries


@dataclass(frozen=True, slots=True)
class Priced:
    """An entry and what a call to it costs now; None where there is no price."""

    favourite: Favourite
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class OwnList:
    """Some of the entries that a text means. `count`: all that it means, `total`: all there are; `page` is from 1."""

    entries: list[Priced]
    total: int
    count: int
    page: int
    is_further: bool


@transactional
def show(ports: Ports, owner: Subscriber, query: str = "", page: int = 1) -> OwnList:
    """Return a page of the entries that a text means, the most used first."""
    with ports.sessions.read() as db:
        all_ = favourite_rows.of_owner(db, owner.id)
        found = favourite.by_use(favourite.found(all_, query), past_call_rows.newest(db, owner.id), ports.clock())
        since = PAGE * (page - 1)
        shown = found[since : since + PAGE]
        quotes = _prices(ports, db, owner, [each.number.digits for each in shown])
    entries = [Priced(each, quotes.get(each.number.digits)) for each in shown]
    return OwnList(entries, len(all_), len(found), page, len(found) > since + PAGE)


@transactional
def all_of(ports: Ports, owner_id: int) -> list[Favourite]:
    """Return the whole list, by name."""
    with ports.sessions.read() as db:
        return favourite.by_name(favourite_rows.of_owner(db, owner_id))


@transactional
def get(ports: Ports, owner_id: int, number: Msisdn) -> Favourite:
    """Return an entry. Raises: NotFound."""
    with ports.sessions.read() as db:
        return NotFound.unless(favourite_rows.find(db, owner_id, number), "favourite")


@transactional
def meant(ports: Ports, owner_id: int, text: str) -> list[Favourite]:
    """Return the entries that a text names, by name: those that are called so, else all that are found by it."""
    with ports.sessions.read() as db:
        listed = favourite.by_name(favourite_rows.of_owner(db, owner_id))
    return [each for each in listed if favourite.is_called(each, text)] or favourite.found(listed, text)


@transactional
def names(ports: Ports, owner_id: int, numbers: Iterable[str]) -> dict[str, str]:
    """Return what the owner calls these numbers, by their digits; a number outside the list is left out."""
    wanted = set(numbers)
    if not wanted:
        return {}
    with ports.sessions.read() as db:
        listed = favourite_rows.of_owner(db, owner_id)
    return {each.number.digits: each.name for each in listed if each.number.digits in wanted}


@transactional
def keep(ports: Ports, owner_id: int, number: Msisdn, name: str) -> None:
    """Put a number into the list; one that stands there gets the name. Raises: WrongName, TooMany."""
    named = label(name)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # two forms at once must not pass the limit together
        if favourite_rows.rename(db, owner_id, number, named):
            return
        if len(favourite_rows.of_owner(db, owner_id)) >= favourite.MOST:
            raise TooMany(limit=favourite.MOST)
        favourite_rows.add(db, owner_id, Favourite(number, named, ports.clock()))
    logger.info("favourite kept", extra={"owner_id": owner_id})


@transactional
def rename(ports: Ports, owner_id: int, number: Msisdn, name: str) -> None:
    """Give an entry another name. Raises: WrongName, NotFound."""
    named = label(name)
    with ports.sessions.begin() as db:
        if not favourite_rows.rename(db, owner_id, number, named):
            raise NotFound(what="favourite")


@transactional
def remove(ports: Ports, owner_id: int, number: Msisdn) -> None:
    """Take a number out of the list; one that is gone stays gone."""
    with ports.sessions.begin() as db:
        favourite_rows.remove(db, owner_id, number)


def _prices(ports: Ports, db: Session, owner: Subscriber, numbers: list[str]) -> dict[str, Quote]:
    if owner.phone is None or not numbers:
        return {}
    return call_covers.price_calls(ports, db, owner, owner.phone.digits, numbers)
