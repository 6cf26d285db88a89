"""The wallet's daily register: TAB separated payments and cancels of a Bishkek day, and a line of totals."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from connectors.elsom.wire import BISHKEK, CURRENCY
from k5web.domain.money import Money
from k5web.domain.payments.top_up import RegisterLine
from k5web.errors import WrongMoney, WrongRegister

_COUNT = re.compile(r"[0-9]{1,12}", re.ASCII)


def read_register(lines: Iterable[str]) -> Iterator[RegisterLine]:
    """Yield the lines; the totals are held against them at the end. Raises: WrongRegister."""
    count, total, is_closed, line_no = 0, Money(0, CURRENCY), False, 0
    for line_no, text in enumerate(lines, 1):
        cells = text.rstrip("\r\n").split("\t")
        if cells == [""]:
            continue
        if is_closed:
            raise WrongRegister(line=line_no, reason="a line after the totals")
        if cells[0] == "Total:":
            _compare_totals(line_no, cells, count, total)
            is_closed = True
            continue
        found = _line(line_no, cells)
        count, total = count + 1, total + found.amount
        yield found
    if not is_closed:
        raise WrongRegister(line=line_no, reason="the line of totals is missing")


def _line(line_no: int, cells: list[str]) -> RegisterLine:
    if len(cells) != 6:
        raise WrongRegister(line=line_no, reason="six columns are expected")
    key, date, time, account, amount, kind = cells
    if not 0 < len(key) <= 64 or kind not in {"P", "C"}:
        raise WrongRegister(line=line_no, reason="an empty number, or a type other than P and C")
    found = _sum(line_no, amount)
    if (found.minor < 0) != (kind == "C") or found.minor == 0:
        raise WrongRegister(line=line_no, reason="the sign of the sum does not fit its type")
    try:
        at = datetime.strptime(f"{date} {time}", "%d.%m.%Y %H:%M:%S").replace(tzinfo=BISHKEK).astimezone(UTC)
    except ValueError:
        raise WrongRegister(line=line_no, reason="the date must be DD.MM.YYYY and hh:mm:ss") from None
    return RegisterLine(line_no, key, at, account, found, is_cancel=kind == "C")


def _compare_totals(line_no: int, cells: list[str], count: int, total: Money) -> None:
    if len(cells) != 3 or not _COUNT.fullmatch(cells[1]):
        raise WrongRegister(line=line_no, reason="the totals must be a count and a sum")
    if (int(cells[1]), _sum(line_no, cells[2])) != (count, total):
        raise WrongRegister(line=line_no, reason=f"the totals differ from the lines: {count} of {total}")


def _sum(line_no: int, text: str) -> Money:
    try:
        return -Money.parse(text[1:], CURRENCY) if text.startswith("-") else Money.parse(text, CURRENCY)
    except WrongMoney:
        raise WrongRegister(line=line_no, reason="a sum must look like 250.00") from None
