"""An address book as a phone exports it, given back with the call link of each number and not a byte else changed.

The kept libraries read a card into objects and write it anew: they fold, order and escape as they like, and what they
do not know is lost. So K5 only looks for numbers and links, and puts lines between those that are there.
"""

import codecs
import re
from collections.abc import Callable
from typing import Final

from k5web.domain.contacts import google_csv, vcard
from k5web.domain.contacts.links import Links, Rewritten
from k5web.domain.contacts.raw_text import Raw
from k5web.errors import WrongAddressBook

_CARD: Final = re.compile(r"\s{0,64}BEGIN[ \t]{0,8}:[ \t]{0,8}VCARD", re.IGNORECASE)
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def rewrite(book: bytes, links: Links) -> Rewritten:
    """Return a book of cards (vCard 2.1, 3.0, 4.0) or a table of Google's with the links that it has not yet.

    Raises: WrongAddressBook. Doing it twice is doing it once.
    """
    raw = _read(book)
    body = raw.text.lstrip(raw.mark)
    work: Callable[[Raw, Links], Rewritten] = vcard.rewrite if _CARD.match(body) else google_csv.rewrite
    return work(raw, links)


def _read(book: bytes) -> Raw:
    encoding = _UTF16.get(book[:2])
    if encoding is None:
        return Raw(book.decode("latin-1"), "latin-1", codecs.BOM_UTF8.decode("latin-1"))
    try:
        return Raw(book.decode(encoding), encoding, "\N{ZERO WIDTH NO-BREAK SPACE}")
    except UnicodeDecodeError as error:
        raise WrongAddressBook.at(0, "damaged") from error
