"""Statements as files, for the commands of `k5 bank`."""

from pathlib import Path

from k5web.domain.money import Money, rub
from tests.bank_files import Came, exchange

OWN = "+79161234567"
DAY = "30.11.2020"
FIVE_HUNDRED = rub("500.00")


def came(number: str, amount: Money = FIVE_HUNDRED, purpose: str = "", day: str = DAY, **told: str) -> Came:
    """Return a payment of a day that is past, whenever the test runs."""
    return Came(number, amount, purpose, day, **told)


def statement(folder: Path, *payments: Came) -> str:
    path = folder / "statement.txt"
    path.write_bytes(exchange(payments))
    return str(path)
