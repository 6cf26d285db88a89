"""The gateway's daily list of orders, saved as CSV: one line an order, the last line its count and sum."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.cards.wire import CURRENCIES
from k5web.domain.money import Money
from k5web.domain.payments.connector import RegisterLine
from k5web.domain.payments.register import lines_within_total
from k5web.errors import WrongRegister

COLUMNS = ("date", "operation", "mdOrder", "orderNumber", "amount", "currency")
TOTAL = "total"

# What an operation does to our money: 1 came in, -1 went back
SIGNS: Mapping[str, int] = {"deposited": 1, "refunded": -1, "reversed": -1}

_AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)
_SUM = re.compile(r"-?[0-9]{1,15}", re.ASCII)


def read(lines: Iterable[str], currency: str) -> Iterator[RegisterLine]:
    """Return the orders of the list as they are read. Raises: WrongRegister naming the line."""
    return lines_within_total(
        _rows(lines), lambda row: row[:1] == [TOTAL], lambda line_no, row: _line(line_no, row, currency), _total
    )


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the heading. Raises: WrongRegister."""
    rows = csv.reader(lines, delimiter=";", strict=True)
    line_no = 0
    try:
        for line_no, row in enumerate(rows, 1):
            if line_no > 1:
                yield line_no, row
            elif tuple(row) != COLUMNS:
                raise WrongRegister(line=1, reason=f"the columns are not {';'.join(COLUMNS)}")
    except csv.Error as error:
        raise WrongRegister(line=line_no + 1, reason=str(error)) from error


def _total(line_no: int, row: Sequence[str]) -> tuple[int, int]:
    if len(row) != 3 or not (_AMOUNT.fullmatch(row[1]) and _SUM.fullmatch(row[2])):
        raise WrongRegister(line=line_no, reason="the total is not a count and a sum in minor units")
    return int(row[1]), int(row[2])


def _line(line_no: int, row: Sequence[str], currency: str) -> RegisterLine:
    if len(row) != len(COLUMNS):
        raise WrongRegister(line=line_no, reason=f"{len(row)} columns instead of {len(COLUMNS)}")
    date, operation, order_id, number, amount, letters = row
    sign = SIGNS.get(operation)
    if sign is None:
        raise WrongRegister(line=line_no, reason=f"unknown operation '{operation[:20]}'")
    if not order_id or not _AMOUNT.fullmatch(amount) or letters != CURRENCIES[currency]:
        raise WrongRegister(line=line_no, reason="an order without a number, a sum or our currency")
    return RegisterLine(
        line_no, order_id, _moment(line_no, date), number, Money(sign * int(amount), currency), sign < 0
    )


def _moment(line_no: int, text: str) -> datetime:
    try:
        if not text.isascii():  # strptime also takes other scripts' digits
            raise ValueError(text)
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except ValueError as error:
        raise WrongRegister(line=line_no, reason=f"'{text[:30]}' is no time") from error
