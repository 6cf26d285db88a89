"""Providers' notices as they were kept: of a day, and all of one payment."""

from datetime import date, timedelta
from typing import Final

from k5web.domain.books.ledger import EventName
from k5web.errors import NotFound
from k5web.services.ports import Ports, start_of_day
from k5web.storage.payments import notice_rows
from k5web.storage.payments.notice_rows import KeptNotice as KeptNotice
from k5web.storage.session import transactional

PAGE: Final = 100
MOST: Final = 100  # of one payment


@transactional
def listed(
    ports: Ports, day: date, origin: str, page: int, *, is_refused: bool = False
) -> tuple[list[KeptNotice], bool]:
    """Return a page of a day's notices, newest first, and whether there are more. `origin` "": of all partners."""
    span = start_of_day(day), start_of_day(day + timedelta(days=1))
    with ports.sessions.read() as db:
        found = notice_rows.of_span(db, span, origin, PAGE * (page - 1), PAGE + 1, is_refused=is_refused)
    return found[:PAGE], len(found) > PAGE


@transactional
def of_payment(ports: Ports, origin: str, key: str) -> list[KeptNotice]:
    """Return what a provider said of one payment, oldest first. Raises: NotFound."""
    with ports.sessions.read() as db:
        found = notice_rows.of_name(db, EventName(origin, key), MOST)
    if not found:
        raise NotFound(what=f"notice of {origin} {key}")
    return found
