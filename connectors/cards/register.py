"""The gateway's daily list of orders, saved as CSV: one line an order, the last line its count and sum."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.cards.wire import CURRENCIES
from k5web.domain.money import Money
from k5web.domain.payments.top_up import RegisterLine
from k5web.errors import WrongRegister

COLUMNS = ("date", "operation", "mdOrder", "orderNumber", "amount", "currency")
TOTAL = "total"

# What an operation does to our money: 1 came in, -1 went back
SIGNS: Mapping[str, int] = {"deposited": 1, "refunded": -1, "reversed": -1}

_AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)


def read(lines: Iterable[str], currency: str) -> Iterator[RegisterLine]:
    """Yield the orders of the list as they are read. Raises: WrongRegister naming the line."""
    rows = csv.reader(lines, delimiter=";", strict=True)
    line_no, count, sum_minor, total = 0, 0, 0, None
    try:
        for line_no, row in enumerate(rows, start=1):
            if total is not None:
                raise WrongRegister(line=line_no, reason="stands below the total")
            if line_no == 1:
                if tuple(row) != COLUMNS:
                    raise WrongRegister(line=1, reason=f"the columns are not {';'.join(COLUMNS)}")
            elif row and row[0] == TOTAL:
                total = row[1:]
            else:
                line = _line(line_no, row, currency)
                count, sum_minor = count + 1, sum_minor + line.amount.minor
                yield line
    except csv.Error as error:
        raise WrongRegister(line=line_no + 1, reason=str(error)) from error
    if total != [str(count), str(sum_minor)]:
        found = "is missing" if total is None else f"says {';'.join(total)[:60]}"
        raise WrongRegister(line=line_no, reason=f"the total {found}, the lines make {count};{sum_minor}")


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
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except ValueError as error:
        raise WrongRegister(line=line_no, reason=f"'{text[:30]}' is no time") from error
