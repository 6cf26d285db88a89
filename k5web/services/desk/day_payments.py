"""Everybody's payments of a day of the books, a page at a time."""

import re
from datetime import date
from typing import Final

from k5web.domain.books.ledger import Posting
from k5web.services.ports import Ports
from k5web.storage.desk import search_rows
from k5web.storage.session import transactional

PAGE: Final = 100
PLACE: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,18})-([0-9]{1,18})", re.ASCII)


@transactional
def listed(ports: Ports, day: date, after: str = "") -> tuple[list[Posting], str | None]:
    """Return a page, those in suspense too, and where the list goes on; None at its end."""
    match = PLACE.fullmatch(after)
    place = (int(match[1]), int(match[2]), int(match[3])) if match else None
    with ports.sessions.read() as db:
        found = search_rows.payments_on(db, day, place, PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{last.owner_id}-{last.account_id}-{last.seq}" if last else None
