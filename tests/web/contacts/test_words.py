"""Every reason for which an address book is refused has its own words, but for what is no book at all."""

import pytest
from flask import Flask

from k5web.errors import WrongAddressBook
from k5web.errors.contacts import REASONS
from k5web.web.contacts.words import WORDS

FACTS = {"too_large": {"most_mb": 20}}


@pytest.mark.parametrize("why", REASONS)
def test_a_reason_is_said_in_words(app: Flask, why: str) -> None:
    with app.test_request_context():
        said = WORDS["wrong_address_book"](WrongAddressBook.at(7, why, **FACTS.get(why, {})).facts)
        other = WORDS["wrong_address_book"](WrongAddressBook.at(7, "no_book").facts)
    assert (said == other) == (why == "no_book")
    assert ("20" in said) == (why == "too_large")
    assert ("7" in said) == (why in {"no_end", "not_closed", "not_a_row"})
