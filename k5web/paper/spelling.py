"""Sums and days in words, as Russian papers want them: the one module that knows the library of numerals."""

from datetime import date
from typing import Final

from num2words import num2words

from k5web.domain.money import Money
from k5web.errors import CurrencyMismatch, WrongMoney

MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
MONTHS_ALONE: Final = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
CENTS: Final = 100
# For one, two to four, five and more; both wholes are masculine, as the library's numerals are
UNITS: Final = {
    "RUB": (("рубль", "рубля", "рублей"), ("копейка", "копейки", "копеек")),
    "KGS": (("сом", "сома", "сомов"), ("тыйын", "тыйына", "тыйынов")),
}


def in_words(amount: Money) -> str:
    """Return «Пятьсот рублей 00 копеек». Raises: CurrencyMismatch, WrongMoney for less than nothing.

    Only the whole is asked of the library: it knows no som, and of a sum takes a whole number for kopecks.
    """
    if amount.currency not in UNITS:
        raise CurrencyMismatch(left="RUB", right=amount.currency)
    if amount.minor < 0:
        raise WrongMoney(text=str(amount))
    whole, cents = divmod(amount.minor, CENTS)
    ones, hundredths = UNITS[amount.currency]
    words = f"{num2words(whole, lang='ru')} {_counted(whole, ones)} {cents:02} {_counted(cents, hundredths)}"
    return words[:1].upper() + words[1:]


def _counted(number: int, forms: tuple[str, str, str]) -> str:
    """Return the form of a word that stands behind a number."""
    last, two = number % 10, number % 100
    if last == 1 and two != 11:
        return forms[0]
    return forms[1] if 2 <= last <= 4 and not 12 <= two <= 14 else forms[2]


def in_figures(amount: Money) -> str:
    """Return «1 234,50», its groups apart."""
    whole, _, cents = str(amount).partition(".")
    return f"{int(whole):,}".replace(",", " ") + f",{cents}"


def day_in_words(day: date) -> str:
    """Return «1 декабря 2026 г.»."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year} г."


def month_in_words(month: date) -> str:
    """Return «ноябрь 2026 г.»."""
    return f"{MONTHS_ALONE[month.month - 1]} {month.year} г."
