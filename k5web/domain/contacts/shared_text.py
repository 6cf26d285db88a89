"""The numbers in a text that another program hands over: a link, a line of a contact, a whole message."""

from itertools import islice
from typing import Final
from unicodedata import category

import phonenumbers

from k5web.domain.prices.number import Msisdn
from k5web.errors import WrongNumber

LONGEST_TEXT: Final = 2_000  # characters that are looked at
MOST_NUMBERS: Final = 10
MOST_TRIED: Final = 40  # groups of digits that turn out to be none: a text of nothing else costs no more


def numbers_among_words(text: str, home: str) -> list[Msisdn]:
    """Return the numbers of a line that has words or pictures beside them: «Мама 8 916 …». Where there is nothing but
    signs of numbers, two lines or a slip are not guessed at: none."""
    has_words = any(sign.isalpha() or category(sign) == "So" for sign in text[:LONGEST_TEXT])
    return numbers_in(text, home) if has_words else []


def numbers_in(text: str, home: str) -> list[Msisdn]:
    """Return the numbers of a text, each once, in its order. `home`: whose ways of writing numbers it uses (ISO 3166).

    A text that is a number as a whole is read as one that is typed. What is found within other words must be a number
    that the numbering data know: a sum or a date is none.
    """
    text = text[:LONGEST_TEXT].strip()
    try:
        return [Msisdn.parse(text, home)]
    except WrongNumber:
        found = phonenumbers.PhoneNumberMatcher(text, home, max_tries=MOST_TRIED)
    numbers: dict[Msisdn, None] = {}
    for match in islice(found, MOST_TRIED):
        try:
            numbers[Msisdn.parse(match.raw_string, home)] = None
        except WrongNumber:
            continue
        if len(numbers) == MOST_NUMBERS:
            break
    return list(numbers)
