"""An address book is given back with links to the operator's own address, and not without end (A1)."""

from datetime import timedelta

import pytest

from k5web.errors import TooOften
from k5web.services.contacts import address_books
from tests.services.house import House

ROOT = "https://t.k5.example"
BOOK = b"BEGIN:VCARD\r\nTEL:8 495 123-45-67\r\nEND:VCARD\r\n"


def test_links_lead_to_this_house(k5: House) -> None:
    rewritten = address_books.rewrite(k5.ports, k5.caller, BOOK, ROOT)
    assert f"URL:{ROOT}/+74951234567\r\n".encode() in rewritten.content


def test_one_subscriber_sends_so_many_and_then_one_a_minute(k5: House) -> None:
    for _ in range(address_books.READING.at_once):
        address_books.rewrite(k5.ports, k5.caller, BOOK, ROOT)
    with pytest.raises(TooOften) as refused:
        address_books.rewrite(k5.ports, k5.caller, BOOK, ROOT)
    assert refused.value.facts["wait_s"] == 60
    k5.clock.forward(minutes=1)
    address_books.rewrite(k5.ports, k5.caller, BOOK, ROOT)
    assert address_books.READING.every == timedelta(minutes=1)
