"""Address books of phones, given back with call links (domain/contacts/address_book.py). Nothing of them is kept."""

from datetime import timedelta
from typing import Final

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.contacts import address_book
from k5web.domain.contacts.links import Links, Rewritten
from k5web.domain.throttle import Throttle
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.session import transactional

READING: Final = Throttle(timedelta(minutes=1), 20)  # a large one takes seconds of a processor


def rewrite(ports: Ports, subscriber: Subscriber, book: bytes, root: str) -> Rewritten:
    """Return a book with the links it misses, below `root`. Raises: TooOften, WrongAddressBook, Unavailable."""
    _book_time(ports, subscriber.id)
    return address_book.rewrite(book, Links(root, subscriber.home))


@transactional
def _book_time(ports: Ports, owner_id: int) -> None:
    with ports.sessions.begin() as db:
        throttles.book(db, "contacts", str(owner_id), READING, ports.clock())
