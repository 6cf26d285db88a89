"""Sums and days in words, as Russian papers want them: the one module that knows the library of numerals."""

from datetime import date
from decimal import Decimal
from typing import Final

from num2words import num2words

from k5web.domain.money import Money
from k5web.errors import CurrencyMismatch, WrongMoney

MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip


def in_words(amount: Money) -> str:
    """Return «Пятьсот рублей 00 копеек». Raises: CurrencyMismatch, WrongMoney for less than nothing.

    The library takes a whole number for kopecks, a missing currency for euro and puts a comma between the two parts;
    of a minus it forgets half.
    """
    if amount.currency != "RUB":
        raise CurrencyMismatch(left="RUB", right=amount.currency)
    if amount.minor < 0:
        raise WrongMoney(text=str(amount))
    exact = Decimal(amount.minor).scaleb(-2)
    words = str(num2words(exact, lang="ru", to="currency", currency="RUB", cents=False, separator=""))
    return words[:1].upper() + words[1:]


def in_figures(amount: Money) -> str:
    """Return «1 234,50», its groups apart."""
    whole, _, cents = str(amount).partition(".")
    return f"{int(whole):,}".replace(",", " ") + f",{cents}"


def day_in_words(day: date) -> str:
    """Return «1 декабря 2026 г.»."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year} г."
